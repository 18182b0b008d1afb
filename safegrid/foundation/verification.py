"""Verifying a county's trace: every row against its leaf, every batch against its head, every head against the last.

One batch is in memory at a time. What a sealed chain cannot show by itself is that it was made anew from some batch on
by someone who owns the database; heads noted elsewhere show that (see ``export`` and the standalone script).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db.models import Count, Min

from safegrid.foundation import merkle
from safegrid.foundation.models import TraceBatch, TraceHead, TraceRow
from safegrid.foundation.trace import hashed_fields

ALTERED, REMOVED, INSERTED, REORDERED, BATCH, CHAIN = "altered", "removed", "inserted", "reordered", "batch", "chain"
MOST_PROBLEMS = 1000
LEAF = 48
CHUNK = 500


@dataclass(frozen=True)
class Problem:
    """One finding: its kind, the batch and row it is about (None where it is about more), and Chinese words."""

    kind: str
    seq: int | None
    row_id: UUID | None
    words: str


@dataclass
class Report:
    """What ``verify`` found; ``head`` is that of batch ``last_seq``, to be noted elsewhere."""

    county: int
    from_seq: int = 1
    last_seq: int = 0
    head: bytes = merkle.GENESIS
    batches: int = 0
    sealed: int = 0
    unsealed: int = 0
    oldest_unsealed_at: datetime | None = None
    problems: list[Problem] = field(default_factory=list)
    more_problems: int = 0

    @property
    def is_whole(self) -> bool:
        """Nothing was found."""
        return not self.problems

    def add(self, kind: str, seq: int | None, row_id: UUID | None, words: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(kind, seq, row_id, words))
        else:
            self.more_problems += 1


def verify(county: int, *, from_seq: int = 1, late_after: timedelta = timedelta(minutes=60)) -> Report:
    """Check the county's trace from batch ``from_seq`` on (a batch before it is trusted for its head only).

    An unsealed row whose id was made more than ``late_after`` before the last sealing counts as inserted: the longest
    honest transaction is shorter.
    """
    report = Report(county, from_seq=from_seq, last_seq=from_seq - 1)
    chain = TraceHead.objects.filter(county=county).first()
    end, end_head = (chain.seq, bytes(chain.head)) if chain else (0, merkle.GENESIS)
    if from_seq > 1:
        before = TraceBatch.objects.filter(county=county, seq=from_seq - 1).first()
        if before is None:
            report.add(CHAIN, from_seq - 1, None, "缺少起始批次的前一批次")
        else:
            report.head = bytes(before.head)
    moved: set[UUID] = set()  # rows that left the batch they were sealed in
    strangers: list[tuple[int, UUID]] = []  # rows that claim a batch which does not list them
    batches = TraceBatch.objects.filter(county=county, seq__gte=from_seq, seq__lte=end).order_by("seq")
    for batch in batches.iterator(chunk_size=20):
        _check_chain(report, batch)
        _check_batch(report, batch, moved, strangers)
    if report.last_seq < end:
        report.add(CHAIN, report.last_seq + 1, None, f"缺少批次{report.last_seq + 1}至{end}")
    elif report.head != end_head:
        report.add(CHAIN, report.last_seq, None, "最后批次的链头与登记的链头不符")
    for seq, row_id in strangers:
        if row_id not in moved:
            report.add(INSERTED, seq, row_id, "自称在此批次，但不在封存清单中")
    _check_beyond(report, end)
    _check_unsealed(report, late_after, moved)
    return report


def leaves_of(batch: TraceBatch) -> list[tuple[UUID, bytes]]:
    """Return the (row id, row hash) pairs of a batch in tree order."""
    data = bytes(batch.leaves)
    return [(UUID(bytes=data[i : i + 16]), data[i + 16 : i + LEAF]) for i in range(0, len(data) // LEAF * LEAF, LEAF)]


def _check_chain(report: Report, batch: TraceBatch) -> None:
    if batch.seq != report.last_seq + 1:
        report.add(CHAIN, batch.seq, None, f"缺少批次{report.last_seq + 1}至{batch.seq - 1}")
    elif bytes(batch.previous_head) != report.head:
        report.add(CHAIN, batch.seq, None, "不接在前一批次之后")
    head = merkle.head(
        bytes(batch.previous_head), report.county, batch.seq, batch.size, bytes(batch.root), batch.sealed_at
    )
    if head != bytes(batch.head):
        report.add(BATCH, batch.seq, None, "链头与批次内容不符")
    report.last_seq, report.head = batch.seq, bytes(batch.head)
    report.batches += 1


def _check_batch(report: Report, batch: TraceBatch, moved: set[UUID], strangers: list[tuple[int, UUID]]) -> None:
    leaves = leaves_of(batch)
    ids = [row_id for row_id, _ in leaves]
    if len(leaves) != batch.size or merkle.root([row_hash for _, row_hash in leaves]) != bytes(batch.root):
        report.add(BATCH, batch.seq, None, "封存清单与树根不符，有行连同清单一起被改")
    for before, after in pairwise(ids):
        if after <= before:
            report.add(REORDERED, batch.seq, after, "在封存清单中的位置被改")
    expected = dict(leaves)
    rows = TraceRow.objects.filter(county=report.county, sealed_in=batch.seq)
    for row in rows.iterator(chunk_size=CHUNK):
        report.sealed += 1
        sealed_hash = expected.pop(row.id, None)
        if sealed_hash is None:
            strangers.append((batch.seq, row.id))
        elif _computed(row) != sealed_hash or bytes(row.row_hash) != sealed_hash:
            report.add(ALTERED, batch.seq, row.id, "内容与封存时不同")
    _report_missing(report, batch.seq, list(expected), moved)


def _report_missing(report: Report, seq: int, row_ids: list[UUID], moved: set[UUID]) -> None:
    """Leaves whose rows no longer claim the batch: they claim another one, or none, or are gone."""
    claims = dict(TraceRow.objects.filter(county=report.county, id__in=row_ids).values_list("id", "sealed_in"))
    for row_id in row_ids:
        if row_id not in claims:
            report.add(REMOVED, seq, row_id, "封存过的行不见了")
        else:
            moved.add(row_id)
            now = "未封存" if claims[row_id] is None else f"在批次{claims[row_id]}"
            report.add(REORDERED, seq, row_id, f"封存于批次{seq}，现称{now}")


def _check_beyond(report: Report, end: int) -> None:
    """Nothing may claim a batch after the last. What another sequencer has sealed meanwhile is not after the last."""
    beyond = {"county": report.county}
    seqs = list(TraceBatch.objects.filter(**beyond, seq__gt=end).order_by("seq").values_list("seq", flat=True)[:CHUNK])
    rows = list(TraceRow.objects.filter(**beyond, sealed_in__gt=end).values_list("sealed_in", "id")[:MOST_PROBLEMS])
    if not seqs and not rows:
        return
    end = TraceHead.objects.filter(**beyond).values_list("seq", flat=True).first() or 0
    for seq in seqs:
        if seq > end:
            report.add(CHAIN, seq, None, "在登记的最后批次之后")
    for seq, row_id in rows:
        if seq > end:
            report.add(INSERTED, seq, row_id, "自称在不存在的批次")


def _check_unsealed(report: Report, late_after: timedelta, moved: set[UUID]) -> None:
    unsealed = TraceRow.objects.filter(county=report.county, sealed_in__isnull=True)
    found = unsealed.aggregate(rows=Count("id"), oldest=Min("at"))
    report.unsealed, report.oldest_unsealed_at = found["rows"], found["oldest"]
    last = TraceBatch.objects.filter(county=report.county).order_by("-seq").values_list("id", flat=True).first()
    limit = made_at(last) - late_after if last else None
    for row in unsealed.order_by("id").iterator(chunk_size=CHUNK):
        if _computed(row) != bytes(row.row_hash):
            report.add(ALTERED, None, row.id, "尚未封存，内容与自身的哈希不符")
        if limit and made_at(row.id) < limit and row.id not in moved:
            report.add(INSERTED, None, row.id, "生成时间早于已封存的批次，却一直未封存")


def made_at(row_id: UUID) -> datetime:
    """Return when a UUIDv7 was made, to the millisecond: the server's clock, also in a simulation."""
    return datetime.fromtimestamp((row_id.int >> 80) / 1000, UTC)


def _computed(row: TraceRow) -> bytes:
    """Hash a row anew; what has no canonical form any more was altered."""
    try:
        return merkle.leaf_hash(hashed_fields(row))
    except (TypeError, ValueError):
        return b""
