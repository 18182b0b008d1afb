"""The state of a phone: which rows it has, as short hashes, named by a cursor that is made of the state itself.

The same state has the same cursor, so that a lost answer asked for again is the same answer, or a later one, never a third thing.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, field

from safegrid.field.models import FieldDevice, FieldSnapshot
from safegrid.foundation import clock
from safegrid.foundation.bulk import insert_objects

HASH_LENGTH, CURSOR_LENGTH = 12, 32


@dataclass
class State:
    """``feeds``: feed -> id -> short hash of the row; ``at``: the feed where the next page goes on, "" where all is read."""

    at: str = ""
    feeds: dict[str, dict[str, str]] = field(default_factory=dict)

    def packed(self) -> tuple[str, bytes]:
        """Return (cursor, compressed state)."""
        plain = json.dumps([self.at, self.feeds], sort_keys=True, separators=(",", ":")).encode()
        return hashlib.sha256(plain).hexdigest()[:CURSOR_LENGTH], zlib.compress(plain)

    @classmethod
    def unpacked(cls, packed: bytes) -> State:
        at, feeds = json.loads(zlib.decompress(packed))
        return cls(at, feeds)


def short_hash(row: str) -> str:
    """Return the short hash of a row as JSON."""
    return hashlib.sha256(row.encode()).hexdigest()[:HASH_LENGTH]


def state_at(device: FieldDevice, cursor: str) -> State | None:
    """Return the state that ``cursor`` names; None where the phone must forget all and begin again."""
    kept = FieldSnapshot.objects.filter(county=device.county, device=device).first() if cursor else None
    if kept is None:
        return None
    if cursor == kept.offered_cursor:
        return State.unpacked(bytes(kept.offered))
    return State.unpacked(bytes(kept.acknowledged)) if cursor == kept.acknowledged_cursor else None


def offer(device: FieldDevice, cursor: str, base: State, new: State) -> str:
    """Keep the state that the phone has (``base``, under ``cursor``) and the one it is being given; return the new cursor."""
    offered_cursor, offered = new.packed()
    if offered_cursor != cursor:
        row = FieldSnapshot(
            county=device.county,
            device=device,
            acknowledged_cursor=cursor,
            acknowledged=base.packed()[1],
            offered_cursor=offered_cursor,
            offered=offered,
            updated_at=clock.now(),
        )
        then = ("acknowledged_cursor", "acknowledged", "offered_cursor", "offered", "updated_at")
        insert_objects([row], unless=("county", "device"), then=then)
    return offered_cursor
