"""The accident duty desk (cases.md, rule 7): who sits there when, and when nobody does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from safegrid.cases.models import DutyShift
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, counties_q, held

DESK_ROLES = ("lead_officer", "lead_chief")  # who may sit there, and so carry out what an accident asks for
READERS = (*DESK_ROLES, "leader", "town_officer", "department_officer", "upper_level", "auditor")
AHEAD = timedelta(days=7)


def visible(user: Actor) -> QuerySet[DutyShift]:
    """Return the shifts that ``user`` sees: those of the counties where the user answers for cases."""
    condition = None
    for holding in held(user, *READERS):
        condition = counties_q(holding) if condition is None else condition | counties_q(holding)
    return DutyShift.objects.none() if condition is None else DutyShift.objects.filter(condition)


def shifts(county: int, since: datetime, until: datetime) -> list[DutyShift]:
    """Return the shifts that lie at least partly between two moments, by their beginning."""
    rows = DutyShift.objects.filter(county=county, begins_at__lt=until, ends_at__gt=since, withdrawn_at__isnull=True)
    return list(rows.order_by("begins_at", "id"))


def on_duty(county: int, at: datetime | None = None) -> list[DutyShift]:
    """Return the shifts running at a moment (now when left out)."""
    moment = at or clock.now()
    rows = DutyShift.objects.filter(county=county, begins_at__lte=moment, ends_at__gt=moment, withdrawn_at__isnull=True)
    return list(rows.order_by("begins_at", "id"))


def gaps(county: int, since: datetime | None = None, until: datetime | None = None) -> list[tuple[datetime, datetime]]:
    """Return the stretches, in order, in which the desk is unmanned: by default in the next seven days."""
    start = since or clock.now()
    end = until or start + AHEAD
    return uncovered([(shift.begins_at, shift.ends_at) for shift in shifts(county, start, end)], start, end)


def uncovered(
    spans: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return what of the time from ``start`` to ``end`` none of ``spans``, given by their beginning, covers."""
    found, covered = [], start
    for begins_at, ends_at in spans:
        if begins_at >= end:
            break
        if begins_at > covered:
            found.append((covered, begins_at))
        covered = max(covered, ends_at)
    if covered < end:
        found.append((covered, end))
    return found
