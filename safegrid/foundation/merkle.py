"""Hashes, Merkle trees and chained heads of the trace. Pure: no Django, no storage, no clock.

- The hash is SM3 (GB/T 32905-2016), 32 bytes; everything is passed as bytes and written in files as lower-case hex.
- A row is hashed over its canonical JSON, and that hash is its leaf: H(0x00 || canonical(row)).
- The tree has the shape of RFC 6962 (section 2.1): H(0x01 || left || right), split at the largest power of two below
  the size. The prefixes keep a node from passing as a leaf.
- A batch's head continues the chain: H(0x02 || canonical(head fields)), with the previous head among the fields.

`tools/verify_trace_export.py` repeats these few rules on its own, so that a third party needs nothing of ours. A change
here is a change of the export format.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SM3, Hash

GENESIS = bytes(32)  # the head before a county's first batch


def canonical(value: object) -> bytes:
    """The one JSON text of `value`: keys sorted by code point, no white space, UTF-8 without escapes for letters.

    Takes None, bool, int, float, str, list, tuple, mappings with text keys, UUID (its text) and aware datetime
    ("2024-05-06T02:30:00.000000Z", always UTC with microseconds). A whole float is written as an integer, because
    PostgreSQL's jsonb gives 1e16 or -0.0 back as integers; other floats as their shortest repr.
    Raises TypeError on any other type, ValueError on nan, infinities, naive datetimes and lone surrogates.
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def _plain(value: object) -> object:
    if type(value) in _AS_THEY_ARE or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"{value} has no canonical form")
        return int(value) if value.is_integer() else value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone has no canonical form")
        return value.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys must be text to have a canonical form")
        return {key: item if type(item) in _AS_THEY_ARE else _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _AS_THEY_ARE else _plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def sm3(data: bytes) -> bytes:
    """The SM3 digest of `data`, 32 bytes."""
    hasher = Hash(SM3())
    hasher.update(data)
    return hasher.finalize()


def leaf_hash(fields: Mapping[str, object]) -> bytes:
    """The hash of a trace row, which is its leaf in the tree. `fields`: everything the hash covers, not the hash."""
    return sm3(b"\x00" + canonical(fields))


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node of the tree."""
    return sm3(b"\x01" + left + right)


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order; of no leaves, the hash of nothing (RFC 6962, 2.1)."""
    if not leaves:
        return sm3(b"")
    level = list(leaves)
    while len(level) > 1:
        level = _next_level(level)
    return bytes(level[0])


def _next_level(level: list[bytes]) -> list[bytes]:
    """Pair neighbours and carry a last single one up: the same tree as the RFC's recursive split."""
    above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return above + level[len(above) * 2 :]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The sibling hashes from leaf `index` up to the root (RFC 6962, 2.1.1). Raises IndexError outside 0..n-1."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    level, proof = list(leaves), []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(bytes(level[sibling]))
        level, index = _next_level(level), index // 2
    return proof


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Does `proof` show that the leaf hash stands at `index` in the tree of `size` leaves with that root?
    (RFC 9162, 2.1.3.2.) Wrong sizes and proofs that are too long or short are False, never an error."""
    if not 0 <= index < size:
        return False
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while position and not position & 1:  # a single node was carried up unchanged
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and computed == expected_root


def head(prev_head: bytes, county: int, seq: int, size: int, root: bytes, sealed_at: datetime) -> bytes:
    """The head of batch `seq` (from 1, without gaps) of a county's chain; `prev_head` of the first is GENESIS."""
    fields = {
        "county": county,
        "prev_head": prev_head.hex(),
        "root": root.hex(),
        "sealed_at": sealed_at,
        "seq": seq,
        "size": size,
    }
    return sm3(b"\x02" + canonical(fields))
