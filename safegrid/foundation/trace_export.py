"""The trace as a file that a third party checks with ``tools/verify_trace_export.py`` alone; the format is told there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q

from safegrid.foundation import clock, merkle
from safegrid.foundation.models import TraceBatch, TraceHead, TraceRow
from safegrid.foundation.trace import hashed_fields
from safegrid.foundation.verification import CHUNK, leaves_of

FORMAT = "safegrid-trace/1"


class Writable(Protocol):
    """A binary file, compressed or not."""

    def write(self, data: bytes, /) -> int: ...


@dataclass
class Exported:
    """What an export holds, and the head to note elsewhere."""

    batches: int = 0
    rows: int = 0
    unsealed: int = 0
    last_seq: int = 0
    head: bytes = merkle.GENESIS


def export(county: int, out: Writable, *, from_seq: int = 1) -> Exported:
    """Write the county's trace from batch ``from_seq`` on to ``out``, as JSON Lines, with one batch in memory at a time.

    It ends with the batch that is the last when it starts; rows sealed meanwhile are written as unsealed. Nothing is
    checked: what was tampered with goes into the file as it stands.
    """
    done = Exported()
    for line in _lines(county, from_seq, done):
        out.write(merkle.canonical(line) + b"\n")
    return done


def _lines(county: int, from_seq: int, done: Exported) -> Iterator[dict[str, Any]]:
    header: dict[str, Any] = {"format": FORMAT, "county": county, "exported_at": clock.now()}
    end = TraceHead.objects.filter(county=county).values_list("seq", flat=True).first() or 0
    if from_seq > 1:
        before = TraceBatch.objects.get(county=county, seq=from_seq - 1)
        done.last_seq, done.head = before.seq, bytes(before.head)
        header["after"] = {"seq": before.seq, "head": done.head.hex()}
    yield header
    batches = TraceBatch.objects.filter(county=county, seq__gte=from_seq, seq__lte=end).order_by("seq")
    for batch in batches.iterator(chunk_size=20):
        yield {"batch": _batch(batch)}
        done.batches, done.last_seq, done.head = done.batches + 1, batch.seq, bytes(batch.head)
        for row in TraceRow.objects.filter(county=county, sealed_in=batch.seq).order_by("id").iterator(CHUNK):
            done.rows += 1
            yield {"row": hashed_fields(row)}
    waiting = TraceRow.objects.filter(Q(sealed_in__isnull=True) | Q(sealed_in__gt=end), county=county)
    for row in waiting.order_by("id").iterator(CHUNK):
        done.unsealed += 1
        yield {"unsealed": {**hashed_fields(row), "hash": bytes(row.row_hash).hex()}}
    yield {"end": {"batches": done.batches, "rows": done.rows, "unsealed": done.unsealed, "head": done.head.hex()}}


def _batch(batch: TraceBatch) -> dict[str, Any]:
    return {
        "seq": batch.seq,
        "size": batch.size,
        "root": bytes(batch.root).hex(),
        "prev_head": bytes(batch.previous_head).hex(),
        "head": bytes(batch.head).hex(),
        "sealed_at": batch.sealed_at,
        "leaves": [[str(row_id), row_hash.hex()] for row_id, row_hash in leaves_of(batch)],
    }
