"""Runs of one verb over many rows: chosen, looked at, confirmed, carried out row by row, each for itself.

The run itself is not in the trace: every row's verb writes its own line there, in the transaction of that row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.urls import reverse

from safegrid.accounts import selectors as accounts
from safegrid.console.models import BulkLine, BulkRun, Outcome, RunState
from safegrid.foundation import clock, queue
from safegrid.foundation.errors import InvalidInput, NotVisible, SafeGridError, WrongState
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import VerbForm
from safegrid.foundation.web.bulk import BulkAction, action

AT_ONCE = 200  # rows done while the user waits; more go to the queue
EACH_TASK = 500
BATCH = 1_000
SHOWN = 100
KEPT_DAYS = 90
GONE = "已不存在，或您已看不到"
TASK = "console.carry_out"


@dataclass(frozen=True)
class Preview:
    """What would happen: to how many, and (name, why) of those that would be refused, the first ``SHOWN``."""

    able: int
    unable: int
    names: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Tally:
    """How far a run is."""

    total: int
    done: int
    refused: int

    @property
    def percent(self) -> int:
        return 100 * (self.done + self.refused) // self.total if self.total else 100


def start_run(acting_user: Actor, chosen: BulkAction, county: int, ids: Sequence[UUID], back: str) -> str:
    """Keep which rows are meant and return the address of the preview. Nothing is done to them yet."""
    with transaction.atomic():
        run = BulkRun.objects.create(
            county=county, user_id=acting_user.id, action=chosen.name, back=back[:2200], total=len(ids)
        )
        lines = [BulkLine(county=county, run=run, row_id=row_id) for row_id in ids]
        BulkLine.objects.bulk_create(lines, batch_size=BATCH)
    return reverse("console:bulk", args=[county, run.id])


def run_for(user: Actor, county: int, run_id: UUID) -> tuple[BulkRun, BulkAction]:
    """Return a run of the user's own with its action; raise ``NotVisible`` for any other."""
    run = BulkRun.objects.filter(county=county, id=run_id, user_id=user.id).first()
    chosen = action(run.action) if run is not None else None
    if run is None or chosen is None:
        raise NotVisible("没有这次批量办理")
    return run, chosen


def preview(user: Actor, run: BulkRun, chosen: BulkAction) -> Preview:
    """Say what would happen, as far as can be told without doing it."""
    able, unable = 0, 0
    names: list[str] = []
    refused: list[tuple[str, str]] = []
    for lines, rows in _batches(user, run, chosen):
        why = chosen.refusals(user, list(rows.values()))
        for line in lines:
            row = rows.get(line.row_id)
            reason = GONE if row is None else why.get(line.row_id, "")
            name = chosen.name_of(row) if row is not None else str(line.row_id)
            able, unable = able + (not reason), unable + bool(reason)
            if reason and len(refused) < SHOWN:
                refused.append((name, reason))
            elif not reason and len(names) < SHOWN:
                names.append(name)
    return Preview(able, unable, names, refused)


def form_of(user: Actor, run: BulkRun, chosen: BulkAction, data: Any = None) -> VerbForm:
    """Return the verb's form for the whole run."""
    return VerbForm(chosen.specs(user, run.county), data, submit="确认办理", is_danger=chosen.is_danger)


@transaction.atomic
def confirm_run(*, acting_user: Actor, run: BulkRun, values: Mapping[str, list[str]]) -> BulkRun:
    """Let a run begin with the form's values; ``WrongState`` when it has begun before (a second click)."""
    own = BulkRun.objects.filter(county=run.county, id=run.id, user_id=acting_user.id, state=RunState.DRAFT)
    if own.update(state=RunState.RUNNING, values=dict(values)) != 1:
        raise WrongState("这次批量办理已经确认过")
    run.state, run.values = RunState.RUNNING, dict(values)
    if run.total > AT_ONCE:
        queue.enqueue(TASK, county=run.county, run_id=str(run.id))
    return run


def carry_out(county: int, run_id: UUID, most: int = EACH_TASK) -> bool:
    """Do the next ``most`` rows of a confirmed run; return whether any are left.

    Each row is a transaction of its own: the verb, its trace and the line's outcome together. So a run broken off goes on where it
    was, and no row is done twice. Rights are checked by the verb as they are now, not as they were at the preview.
    """
    run = BulkRun.objects.filter(county=county, id=run_id, state=RunState.RUNNING).first()
    chosen = action(run.action) if run is not None else None
    if run is None or chosen is None:
        return False
    user = accounts.user(run.user_id)
    form = form_of(user, run, chosen, _posted(run.values))
    waiting = BulkLine.objects.filter(county=county, run=run, outcome=Outcome.WAITING).order_by("id")
    lines = list(waiting[: most + 1])
    values = form.cleaned_data if form.is_valid() else None
    rows = _rows(user, run, chosen, [line.row_id for line in lines[:most]])
    for line in lines[:most]:
        _do(user, chosen, line, rows.get(line.row_id), values)
    if len(lines) > most:
        return True
    BulkRun.objects.filter(county=county, id=run.id).update(state=RunState.DONE, finished_at=clock.now())
    return False


def _do(user: Actor, chosen: BulkAction, line: BulkLine, row: Any, values: Mapping[str, Any] | None) -> None:
    with transaction.atomic():
        mine = BulkLine.objects.filter(county=line.county, id=line.id, outcome=Outcome.WAITING)
        if mine.update(outcome=Outcome.DONE, name=chosen.name_of(row)[:200] if row is not None else "") != 1:
            return  # another worker has it
        reason = GONE if row is None else "填写的内容已失效，请重新办理" if values is None else ""
        if row is not None and values is not None:
            try:
                with transaction.atomic():
                    chosen.act(user, row, **values)
            except InvalidInput as error:
                reason = "；".join(error.fields.values()) or error.message
            except SafeGridError as error:
                reason = error.message
        if reason:
            BulkLine.objects.filter(county=line.county, id=line.id).update(outcome=Outcome.REFUSED, reason=reason[:500])


def tally(run: BulkRun) -> Tally:
    """Return how many rows of a run are done and refused."""
    counted = dict(
        BulkLine.objects.filter(county=run.county, run=run)
        .order_by().values_list("outcome").annotate(number=Count("id"))
    )  # fmt: skip
    return Tally(run.total, counted.get(Outcome.DONE, 0), counted.get(Outcome.REFUSED, 0))


def lines_of(run: BulkRun, outcome: str | None = None) -> Iterator[BulkLine]:
    """Yield the lines of a run, or only those of an outcome."""
    rows = BulkLine.objects.filter(county=run.county, run=run).order_by("id")
    yield from (rows if outcome is None else rows.filter(outcome=outcome)).iterator(BATCH)


def forget_old() -> int:
    """Delete runs that are over, or were never confirmed, ``KEPT_DAYS`` ago; what they did stays in the trace."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    with cross_county("old runs of all counties are swept together"):
        old = list(BulkRun.objects.filter(created_at__lt=before).exclude(state=RunState.RUNNING).order_by("id")[:BATCH])
    for run in old:
        with transaction.atomic():
            # No business data but a note of what was asked: an owned table's own manager deletes nothing.
            QuerySet(BulkLine).filter(county=run.county, run_id=run.id).delete()
            QuerySet(BulkRun).filter(county=run.county, id=run.id).delete()
    return len(old)


def _batches(user: Actor, run: BulkRun, chosen: BulkAction) -> Iterator[tuple[Sequence[BulkLine], Mapping[UUID, Any]]]:
    lines = list(BulkLine.objects.filter(county=run.county, run=run).order_by("id"))
    for first in range(0, len(lines), BATCH):
        part = lines[first : first + BATCH]
        yield part, _rows(user, run, chosen, [line.row_id for line in part])


def _rows(user: Actor, run: BulkRun, chosen: BulkAction, ids: Sequence[UUID]) -> dict[UUID, Any]:
    above = any(holding.county is None for holding in user.holdings())
    with cross_county("whoever works above counties") if above else nullcontext():
        found = chosen.rows(user).filter(county=run.county, id__in=list(ids)).order_by("id")
        return {row.id: row for row in found}


def _posted(values: Mapping[str, list[str]]) -> Any:
    data = QueryDict(mutable=True)
    for name, given in values.items():
        data.setlist(name, given)
    return data
