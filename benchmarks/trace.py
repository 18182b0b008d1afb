"""The trace: rows written with their hashes, sealed into batches, verified; beside bare inserts and bare SM3."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from benchmarks.bare import commits, copy_rows
from benchmarks.measure import Stopwatch, peak_mb
from benchmarks.report import Row
from safegrid.foundation import merkle, sealing, trace
from safegrid.foundation.ids import uuid7

COUNTY, BATCH = 330521, 1000


def acts(rows: int) -> list[Row]:
    """Write ``rows`` acts in bulk and a twentieth of that one by one; seal and verify all of them."""
    where = connection.vendor
    with Stopwatch() as singly:
        for number in range(rows // 20):
            with transaction.atomic():
                trace.save([_row(number)])
    with Stopwatch() as written:
        for start in range(0, rows, BATCH):
            with transaction.atomic():
                trace.save([_row(number) for number in range(start, min(rows, start + BATCH))])
    alone, total = commits(rows // 20), rows + rows // 20
    with Stopwatch() as sealed:
        sealing.seal(COUNTY)
    before = peak_mb()
    with Stopwatch() as verified:
        verdict = sealing.verify(COUNTY)
    after = peak_mb()
    if verdict.problems:
        raise RuntimeError(str(verdict))
    bare = copy_rows(["foundation_tracerow"])
    hashed = rows / _hashing(rows)
    return [
        Row(f"one act a transaction, {where}", rows / 20 / singly.seconds, "rows/s", "one bare row a transaction", alone.rate),
        Row(f"written in bulk, {where}", rows / written.seconds, "rows/s", "bare insert of the rows", bare.rate),
        Row(f"sealed, {where}", total / sealed.seconds, "rows/s", "bare SM3 of the rows", hashed),
        Row(f"verified, {where}", total / verified.seconds, "rows/s", "bare SM3 of the rows", hashed,
            detail=f"memory {before:.0f} → {after:.0f} MB"),
    ]  # fmt: skip


def _row(number: int) -> Any:
    changes = {"state": ["registered", "dispatched"], "words": "配电箱未上锁，私拉电线", "number": number}
    return trace.row(
        acting_user=None,
        action="cases.dispatch",
        county=COUNTY,
        object_type="cases.case",
        object_id=uuid7(),
        changes=changes,
    )


def _hashing(rows: int) -> float:
    """Return the seconds of hashing as many canonical rows that are ready in memory: one SM3 each."""
    ready = merkle.canonical(trace.hashed_fields(_row(0)))
    with Stopwatch() as watch:
        for _ in range(rows):
            merkle.sm3(ready)
    return watch.seconds
