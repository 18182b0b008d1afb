"""What time itself does to cases: timers become near, overdue and badly overdue, and overruns climb the ladder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from safegrid.cases import clocks, ladder, notify
from safegrid.cases.models import Case, CaseTimer, Stage, TimerState
from safegrid.cases.timers import MAIN_STAGES
from safegrid.cases.workflow import Audience
from safegrid.foundation import clock, events, trace
from safegrid.foundation.calendar import work_calendar
from safegrid.foundation.keys import cross_county
from safegrid.foundation.worktime import WorkCalendar

BATCH = 200
FIRED = ("state", "next_at", "ladder_step")
RECKONED = ("due_at", "near_at", "badly_overdue_at", "state", "next_at", "is_provisional")
SAID = {
    TimerState.NEAR: "即将到期",
    TimerState.OVERDUE: "已超期",
    TimerState.BADLY_OVERDUE: "已严重超期",
}


def fire_timers() -> int:
    """Move every timer whose moment has come, in batches of one county each; return how many were moved.

    A batch is one transaction: killed in the middle, it leaves nothing, and the next run does it. Two runs at once do each
    timer once, for the second finds it moved on.
    """
    now = clock.now()
    with cross_county("timers of all counties fall due alike"):
        due = CaseTimer.objects.filter(next_at__lte=now)
        counties = sorted(set(due.values_list("county", flat=True).distinct()))
    moved = 0
    for county in counties:
        while done := _fire_batch(county, now):
            moved += done
    return moved


@transaction.atomic
def _fire_batch(county: int, now: datetime) -> int:
    timers = _locked(county, CaseTimer.objects.filter(county=county, next_at__lte=now).order_by("next_at")[:BATCH])
    timers = [timer for timer in timers if timer.next_at is not None and timer.next_at <= now]
    calendar, rows = work_calendar(county), []
    for timer in timers:
        rows += _fire(timer, calendar, now)
    CaseTimer.objects.filter(county=county).bulk_update(timers, FIRED)
    _copy_to_cases(timers)
    trace.save(rows)
    events.publish("cases.timed", cases=[timer.case for timer in timers])
    return len(timers)


def _locked(county: int, timers: Any) -> list[CaseTimer]:
    """Lock the timers' cases, as a verb does by its own update, and read the timers again as they are behind the lock."""
    found = list(timers.values_list("id", "case_id"))
    ids = sorted({case_id for _, case_id in found})
    cases = Case.objects.select_for_update().filter(county=county, id__in=ids).order_by("id")
    by_id = {case.id: case for case in cases}
    again = list(CaseTimer.objects.filter(county=county, id__in=[timer_id for timer_id, _ in found]))
    for timer in again:
        timer.case = by_id[timer.case_id]
    return again


def _fire(timer: CaseTimer, calendar: WorkCalendar, now: datetime) -> list[Any]:
    """Bring one timer up to ``now``; queue the messages and return the trace rows."""
    rows = []
    state = clocks.state_at(timer, now)
    if state != timer.state:
        rows.append(_said(timer, "cases.timer", {"timing": [timer.state, state], "stage": timer.stage}))
        _tell(timer, str(SAID[TimerState(state)]), f"timing:{timer.id}:{state}", audiences=_concerned(timer))
        timer.state = state
    rung_at = None
    if clocks.is_over(state):
        assert timer.due_at is not None
        for rung in ladder.rungs(timer.county, timer.case.severity):
            if rung.step <= timer.ladder_step:
                continue
            rung_at = calendar.add(timer.due_at, rung.after)
            if rung_at > now:
                break
            rows.append(_said(timer, "cases.escalate", {"step": rung.step, "stage": timer.stage, "told": rung.roles}))
            _tell(timer, f"超期升级（第{rung.step}级）", f"rung:{timer.id}:{rung.step}", roles=rung.roles)
            timer.ladder_step, rung_at = rung.step, None
    timer.next_at = clocks.next_change(timer, now, rung_at)
    return rows


def _concerned(timer: CaseTimer) -> tuple[Audience, ...]:
    if timer.stage in (Stage.FIRST_REPORT, Stage.REPORT_UP):
        return (Audience.DESK, Audience.LEAD, Audience.CHIEF)
    return (Audience.TURN,)


def _tell(
    timer: CaseTimer, said: str, key: str, *, audiences: Sequence[Audience] = (), roles: Sequence[str] = ()
) -> None:
    title = f"{Stage(timer.stage).label}{said}"
    notify.later(timer.case, "cases.timer", title, audiences=audiences, roles=roles, key=key)


def _said(timer: CaseTimer, action: str, changes: dict[str, Any]) -> Any:
    return trace.row(acting_user=None, action=action, target=timer.case, changes=changes, role="system")


def _copy_to_cases(timers: Sequence[CaseTimer]) -> None:
    """Keep each case's own copy of its current timer. Not a verb: neither state nor version changes."""
    for timer in timers:
        if timer.stage in MAIN_STAGES and timer.case.stage == timer.stage:
            over = timer.case.was_overdue or clocks.is_over(timer.state)
            same = Case.objects.filter(county=timer.county, id=timer.case_id, stage=timer.stage)
            same.update(timing=timer.state, due_at=timer.due_at, was_overdue=over)


def recompute_timers(county: int) -> int:
    """Reckon every running timer of a county again on its changed calendar; return how many moved."""
    now, last, moved = clock.now(), None, 0
    while True:
        running = CaseTimer.objects.filter(county=county, stopped_at__isnull=True, paused_at__isnull=True)
        page = (running.filter(id__gt=last) if last else running).order_by("id")[:BATCH]
        seen, changed = _recompute_batch(county, page, now)
        moved += changed
        if seen is None:
            return moved
        last = seen


@transaction.atomic
def _recompute_batch(county: int, page: Any, now: datetime) -> tuple[Any, int]:
    """Return the last timer's id (None at the end) and how many of the page moved."""
    timers = sorted(_locked(county, page), key=lambda timer: timer.id)
    calendar, moved, rows = work_calendar(county), [], []
    for timer in timers:
        if timer.stopped_at is not None or timer.paused_at is not None:
            continue
        before = (timer.due_at, timer.is_provisional)
        clocks.restart_from(timer, calendar, now)
        if timer.due_at != before[0]:
            rows.append(
                _said(timer, "cases.recompute_timer", {"stage": timer.stage, "due_at": [before[0], timer.due_at]})
            )
        if (timer.due_at, timer.is_provisional) != before:
            moved.append(timer)
    CaseTimer.objects.filter(county=county).bulk_update(moved, RECKONED)
    _copy_to_cases(moved)
    trace.save(rows)
    events.publish("cases.timed", cases=[timer.case for timer in moved])
    return (timers[-1].id if timers else None), len(moved)
