"""What each case counts for, told case by case: the raw material of sums kept elsewhere.

The conditions are those of ``indices``, the same objects, asked in Python of one row at a time; so that sums of facts and the
indices cannot come apart in their definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from safegrid.cases import access
from safegrid.cases.indices import CONDITIONS, cases_of_days, marked
from safegrid.cases.models import CaseTimer
from safegrid.cases.timers import MAIN_STAGES
from safegrid.cases.workflow import OPEN
from safegrid.foundation import clock
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor

# Which conditions change when overruns with an accepted appeal are left out.
EXCUSABLE = ("should_handle", "handled_in_time", "should_close", "closed_in_time", "should_recheck",
             "rechecked_in_time", "overdue_now")  # fmt: skip
WITHIN_DAYS = (1, 3, 7, 15, 30)
_OPEN = Q(state__in=OPEN)
PRESENT: dict[str, Q] = {
    "open_now": _OPEN,
    "near_now": _OPEN & Q(timing="near"),
    "over_now": _OPEN & Q(timing="overdue"),
    "badly_over_now": _OPEN & Q(timing="badly_overdue"),
    "rung_1": _OPEN & Q(rung=1),
    "rung_2": _OPEN & Q(rung=2),
    "rung_3": _OPEN & Q(rung__gt=2),
    "accidents": Q(is_accident=True),
    "major": Q(severity="major"),
}
CLOSED_AFTER = (*(f"within_{days}" for days in WITHIN_DAYS), "later")
# The two moments between which a stage is taken to have run.
STRETCHES = {
    "register": ("reported_at", "registered_at"),
    "dispatch": ("registered_at", "dispatched_at"),
    "handle": ("dispatched_at", "rectified_at"),
    "close": ("reported_at", "closed_at"),
}
FLAGS = (*CONDITIONS, *(f"excused_{name}" for name in EXCUSABLE), *PRESENT, *CLOSED_AFTER,
         *(f"{name}_timed" for name in STRETCHES))  # fmt: skip
_COLUMNS = (
    "id", "kind", "severity", "channel", "town", "village", "grid_id", "department_id", "reporter_id", "reporter_role",
    "state", "timing", "reported_at", "registered_at", "dispatched_at", "rectified_at", "closed_at", "is_settled_on_spot",
    "is_supervised", "is_accident", "returns", "reworks", "late_handling", "late_rechecking", "late_somewhere",
    "handling_late_now", "rechecking_late_now", "late_now", "was_rechecked", "was_disputed",
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One case: when and where reported, what it is grouped by, the names of ``FLAGS`` that hold, minutes by stretch."""

    case_id: UUID
    day: date
    town: str
    village: str
    groups: Mapping[str, str]
    flags: list[str]
    minutes: Mapping[str, int]


def facts(user: Actor, county: int, since: date, until: date, at: datetime) -> Iterator[Fact]:
    """Yield what each case counts for that ``user`` sees and that was reported from ``since`` to ``until``, both included.

    Merged and cancelled ones are left out. ``at``: the moment at which limits are looked at. Four SQL statements.
    """
    rows = cases_of_days(user, county, since, until)
    excused = {
        row["id"]: row
        for row in marked(rows.filter(timers__is_excused=True), county, at, True).values(*_COLUMNS)
    }  # fmt: skip
    timers = CaseTimer.objects.filter(county=county, stopped_at__isnull=True, stage__in=MAIN_STAGES, ladder_step__gt=0)
    rungs = dict(timers.order_by().values_list("case_id").annotate(step=Max("ladder_step")))
    for row in marked(rows, county, at, False).order_by().values(*_COLUMNS).iterator(chunk_size=2000):
        row["rung"] = rungs.get(row["id"], 0)
        yield _fact(row, excused.get(row["id"]))


def _fact(row: dict[str, Any], excused: dict[str, Any] | None) -> Fact:
    flags = [name for name, holds in _compiled() if holds(row)]
    flags += [f"excused_{name}" for name, holds in _excusable() if holds(excused or row)]
    minutes = _minutes(row)
    flags += [f"{name}_timed" for name in minutes]
    if "close" in minutes:
        took = row["closed_at"] - row["reported_at"]
        flags.append(next((f"within_{days}" for days in WITHIN_DAYS if took <= timedelta(days=days)), "later"))
    groups = {
        "kind": row["kind"],
        "severity": row["severity"],
        "channel": row["channel"],
        "department": str(row["department_id"] or ""),
        "grid": str(row["grid_id"] or ""),
        "member": str(row["reporter_id"]) if row["reporter_role"] == "grid_member" else "",
    }
    day = row["reported_at"].astimezone(clock.SHANGHAI).date()
    return Fact(row["id"], day, row["town"], row["village"], groups, flags, minutes)


def _minutes(row: dict[str, Any]) -> dict[str, int]:
    """Return how long the stages took, where both ends stand; what was sent back and began anew may have none."""
    found = {}
    for name, (first, last) in STRETCHES.items():
        began, ended = row[first], row[last]
        if name == "close" and row["state"] != "closed":  # reopened: it has been closed once, and is not now
            continue
        if began is not None and ended is not None and ended >= began:
            found[name] = int((ended - began).total_seconds() // 60)
    return found


def unfired_days(county: int, at: datetime) -> set[date]:
    """Return the days on which cases were reported whose timers have changed state by ``at`` without having been moved yet."""
    due = CaseTimer.objects.filter(county=county, next_at__lte=at).order_by()
    return {
        moment.astimezone(clock.SHANGHAI).date()
        for moment in due.values_list("case__reported_at", flat=True).distinct()
    }


def counties_with_unfired(at: datetime) -> list[int]:
    """Return the counties that have timers which have changed state by ``at`` without having been moved yet."""
    with cross_county("timers of all counties fall due alike"):
        return list(CaseTimer.objects.filter(next_at__lte=at).order_by().values_list("county", flat=True).distinct())


def days_with_cases(user: Actor, county: int) -> list[datetime]:
    """Return the days (their midnights in Asia/Shanghai) on which cases that ``user`` sees were reported, in order."""
    rows = access.visible(user).filter(county=county)
    return list(rows.datetimes("reported_at", "day", tzinfo=clock.SHANGHAI))


@lru_cache(maxsize=1)
def _compiled() -> list[tuple[str, Callable[[Mapping[str, Any]], bool]]]:
    return [(name, compiled(condition)) for name, condition in {**CONDITIONS, **PRESENT}.items()]


@lru_cache(maxsize=1)
def _excusable() -> list[tuple[str, Callable[[Mapping[str, Any]], bool]]]:
    return [(name, compiled(CONDITIONS[name])) for name in EXCUSABLE]


def compiled(condition: Q) -> Callable[[Mapping[str, Any]], bool]:
    """Return ``condition`` as a function of a row (a mapping). Lookups: exact, in, gt, isnull; raise ``ValueError`` for others."""
    parts = [_lookup(*one) if isinstance(one, tuple) else compiled(one) for one in condition.children]  # type: ignore[arg-type]
    negated = condition.negated
    if condition.connector == Q.OR and parts:
        return lambda row: any(part(row) for part in parts) != negated
    return lambda row: all(part(row) for part in parts) != negated


def _lookup(path: str, value: Any) -> Callable[[Mapping[str, Any]], bool]:
    name, _, lookup = path.partition("__")
    if lookup == "":
        return lambda row: bool(row[name] == value)
    if lookup == "in":
        return lambda row: row[name] in value
    if lookup == "gt":
        return lambda row: bool(row[name] > value)
    if lookup == "isnull":
        return lambda row: (row[name] is None) == value
    raise ValueError(f"no lookup {lookup}")
