"""Sealing: rows that writers hashed on their own are put, seconds later, into chained Merkle batches.

Each county has one chain. Sequencers take turns on its ``TraceHead`` row, so any number of them may run; writers never
wait for it. A batch takes unsealed rows in the order of their ids, which is also the order of its tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min

from safegrid.foundation import clock, merkle
from safegrid.foundation.errors import NotVisible, Refused
from safegrid.foundation.keys import cross_county
from safegrid.foundation.models import TraceBatch, TraceHead, TraceRow
from safegrid.foundation.trace import hashed_fields
from safegrid.foundation.trace_export import export
from safegrid.foundation.verification import Problem, Report, leaves_of, verify

__all__ = ["Backlog", "Problem", "Proof", "Report", "backlog", "export", "proof", "seal", "seal_all", "verify"]

BATCH = 4096


def seal(county: int) -> int:
    """Seal the county's unsealed rows, in batches of at most 4,096; return how many there were."""
    total = 0
    while True:
        sealed = _seal_batch(county)
        total += sealed
        if sealed < BATCH:
            return total


def seal_all() -> int:
    """Seal the unsealed rows of every county; return how many there were."""
    with cross_county("the sequencer serves every county"):
        waiting = list(TraceRow.objects.filter(sealed_in__isnull=True).values_list("county", flat=True).distinct())
    return sum(seal(county) for county in waiting)


@transaction.atomic
def _seal_batch(county: int) -> int:
    unsealed = TraceRow.objects.filter(county=county, sealed_in__isnull=True)
    if not unsealed.exists():  # no turn is taken for nothing
        return 0
    chain = _take_turn(county)
    rows = list(unsealed.order_by("id").values_list("id", "row_hash")[:BATCH])
    if not rows:
        return 0
    seq, sealed_at = chain.seq + 1, clock.now()
    root = merkle.root([bytes(row_hash) for _, row_hash in rows])
    head = merkle.head(bytes(chain.head), county, seq, len(rows), root, sealed_at)
    TraceBatch.objects.create(
        county=county,
        seq=seq,
        size=len(rows),
        leaves=b"".join(row_id.bytes + bytes(row_hash) for row_id, row_hash in rows),
        root=root,
        previous_head=bytes(chain.head),
        head=head,
        sealed_at=sealed_at,
    )
    marked = unsealed.filter(id__in=[row_id for row_id, _ in rows]).update(sealed_in=seq)
    if marked != len(rows):
        raise RuntimeError(f"county {county}: {len(rows)} rows in batch {seq}, but {marked} were unsealed")
    TraceHead.objects.filter(county=county, id=chain.id).update(seq=seq, head=head)
    return len(rows)


def _take_turn(county: int) -> TraceHead:
    """Return the county's head, locked until the transaction ends (on SQLite the transaction itself is the lock)."""
    heads = TraceHead.objects.select_for_update().filter(county=county)
    chain: TraceHead | None = heads.first()
    if chain is None:
        TraceHead.objects.bulk_create([TraceHead(county=county, head=merkle.GENESIS)], ignore_conflicts=True)
        return _take_turn(county)
    return chain


@dataclass(frozen=True)
class Backlog:
    """How many rows wait to be sealed, and since when."""

    rows: int
    oldest_at: datetime | None


def backlog(county: int) -> Backlog:
    """Return what waits for the sequencer, to be shown."""
    unsealed = TraceRow.objects.filter(county=county, sealed_in__isnull=True)
    return Backlog(**unsealed.aggregate(rows=Count("id"), oldest_at=Min("at")))


@dataclass(frozen=True)
class Proof:
    """That a row stands in a sealed batch: hash ``row``, climb ``path`` to ``root``, and the head vouches for the root."""

    row: dict[str, Any]
    index: int
    path: tuple[bytes, ...]
    seq: int
    size: int
    root: bytes
    previous_head: bytes
    head: bytes
    sealed_at: datetime

    def holds(self) -> bool:
        """Check the proof from its own contents alone."""
        leaf = merkle.leaf_hash(self.row)
        head = merkle.head(self.previous_head, self.row["county"], self.seq, self.size, self.root, self.sealed_at)
        return head == self.head and merkle.verify_inclusion(leaf, self.index, self.size, self.path, self.root)


def proof(county: int, row_id: UUID) -> Proof:
    """Return the inclusion proof of a row.

    Raises NotVisible where there is no such row, Refused where it is not sealed yet or not in its batch.
    """
    row = TraceRow.objects.filter(county=county, id=row_id).first()
    if row is None:
        raise NotVisible
    if row.sealed_in is None:
        raise Refused("这条留痕尚未封存，请稍后再试")
    batch = TraceBatch.objects.filter(county=county, seq=row.sealed_in).first()
    leaves = leaves_of(batch) if batch else []
    index = next((i for i, (leaf_id, _) in enumerate(leaves) if leaf_id == row_id), None)
    if batch is None or index is None:
        raise Refused("这条留痕不在它所声称的封存批次中，请校验留痕")
    return Proof(
        row=hashed_fields(row),
        index=index,
        path=tuple(merkle.inclusion_proof([row_hash for _, row_hash in leaves], index)),
        seq=batch.seq,
        size=batch.size,
        root=bytes(batch.root),
        previous_head=bytes(batch.previous_head),
        head=bytes(batch.head),
        sealed_at=batch.sealed_at,
    )
