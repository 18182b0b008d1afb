"""One timer's arithmetic: when it is near, over and badly over its limit. No database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from safegrid.cases.models import CaseTimer, TimerState
from safegrid.foundation.worktime import TimeLimit, TimeUnit, WorkCalendar, allowance

NEAR_SHARE = 0.75  # cases.md, rule 4
BADLY_TIMES = 3


def fixed(until: datetime) -> dict[str, Any]:
    """Return the limit of a timer that ends at a given moment: an order's deadline, a granted extension."""
    return {"until": until.isoformat()}


def deadline(timer: CaseTimer) -> datetime | None:
    """Return the fixed end of a timer; None when it is counted as a duration."""
    return datetime.fromisoformat(timer.limit["until"]) if "until" in timer.limit else None


def reckon(timer: CaseTimer, calendar: WorkCalendar) -> None:
    """Set when a running timer will be near, due and badly overdue, and whether that may still move."""
    until = deadline(timer)
    if until is not None:
        span = max(until - timer.started_at, timedelta(0))
        timer.due_at, timer.near_at = until, timer.started_at + span * NEAR_SHARE
        timer.badly_overdue_at = timer.started_at + span * BADLY_TIMES
        timer.is_provisional = False
        return
    limit = TimeLimit.from_dict(timer.limit)
    since, before = timer.resumed_at, timer.consumed / allowance(limit)
    due = calendar.due_after(since, limit, timer.consumed)
    timer.due_at, timer.near_at = due, since
    if before < NEAR_SHARE:
        timer.near_at = calendar.moment_at(since, due, (NEAR_SHARE - before) / (1 - before), limit.unit)
    # Three times the days of a short limit may end with the same long holiday as the limit itself: at least three spans.
    thrice = calendar.due_after(since, TimeLimit(limit.value * BADLY_TIMES, limit.unit), timer.consumed)
    timer.badly_overdue_at = max(thrice, calendar.moment_at(since, due, BADLY_TIMES, limit.unit))
    timer.is_provisional = limit.unit is not TimeUnit.URGENT_HOURS and calendar.is_provisional_between(
        timer.started_at, timer.badly_overdue_at
    )


def state_at(timer: CaseTimer, at: datetime) -> str:
    """Return the state of a running timer at a moment."""
    if timer.badly_overdue_at is not None and at >= timer.badly_overdue_at:
        return TimerState.BADLY_OVERDUE
    if timer.due_at is not None and at >= timer.due_at:
        return TimerState.OVERDUE
    if timer.near_at is not None and at >= timer.near_at:
        return TimerState.NEAR
    return TimerState.ON_TIME


def is_over(state: str) -> bool:
    return state in (TimerState.OVERDUE, TimerState.BADLY_OVERDUE)


def next_change(timer: CaseTimer, at: datetime, rung_at: datetime | None = None) -> datetime | None:
    """Return the first moment after ``at`` when the state changes or a rung of the ladder is reached."""
    moments = (timer.near_at, timer.due_at, timer.badly_overdue_at, rung_at)
    return min((moment for moment in moments if moment is not None and moment > at), default=None)


def pause(timer: CaseTimer, calendar: WorkCalendar, at: datetime) -> None:
    """Stop counting, keeping what was used."""
    if timer.paused_at is not None:
        return
    timer.state = state_at(timer, at)
    if deadline(timer) is None:
        limit = TimeLimit.from_dict(timer.limit)
        timer.consumed += calendar.consumed(timer.resumed_at, at, limit.unit)
    timer.paused_at, timer.next_at = at, None


def resume(timer: CaseTimer, calendar: WorkCalendar, at: datetime) -> None:
    """Count on: a fixed end moves by as long as the pause lasted."""
    if timer.paused_at is None:
        return
    until = deadline(timer)
    if until is not None:
        timer.limit = fixed(until + (at - timer.paused_at))
    timer.resumed_at, timer.paused_at = at, None
    restart_from(timer, calendar, at)


def restart_from(timer: CaseTimer, calendar: WorkCalendar, at: datetime) -> None:
    """Reckon a running timer again and set its state as of ``at``. One already over fires at once, for its ladder."""
    reckon(timer, calendar)
    timer.state = state_at(timer, at)
    timer.next_at = at if is_over(timer.state) else next_change(timer, at)


def stop(timer: CaseTimer, at: datetime) -> None:
    """End a timer; its last state says whether it ended in time. A paused one ends as it was paused."""
    if timer.paused_at is None:
        timer.state = state_at(timer, at)
    timer.stopped_at, timer.next_at = at, None
