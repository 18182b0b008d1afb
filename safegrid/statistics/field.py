"""What statistics offer to phones: a member's own months, counted from the rows each time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth

from safegrid.cases.phones.months import months as of_cases
from safegrid.foundation import clock
from safegrid.foundation.fieldwork import Feed
from safegrid.foundation.scope import Actor, held
from safegrid.grids.selectors import member_of
from safegrid.patrols import selectors as patrols

NUMBERS = (
    "visits",
    "visits_due",
    "reports",
    "valid_reports",
    "rejected_reports",
    "merged_reports",
    "rechecks",
    "on_spot",
)
SHOWN = 3


def months(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``months``: this month and the last two, of a member; nothing for anyone else.

    ``visits`` are those made, ``visits_due`` those that the plan wanted made by a day of the month (dropped ones left out).
    """
    member = member_of(user) if held(user, "grid_member") else None
    if member is None or member.county != county:
        return []
    shown = _shown(clock.today())
    since = shown[-1]
    found = of_cases(user, county, since)
    for name, counted in (("visits", _visits(user, member, since)), ("visits_due", _due(user, member, since))):
        for month, number in counted.items():
            found.setdefault(month, {})[name] = number
    return [(f"{month:%Y-%m}", {name: found.get(month, {}).get(name, 0) for name in NUMBERS}) for month in shown]


def _shown(today: date) -> list[date]:
    """Return the first days of the months shown, this one first."""
    counted = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(SHOWN)]
    return [date(year, month + 1, 1) for year, month in counted]


def _visits(user: Actor, member: Any, since: date) -> dict[date, int]:
    start = datetime.combine(since, time(), clock.SHANGHAI)
    rows = patrols.visits_for(user, as_site=False).filter(
        county=member.county, member_id=member.id, visited_at__gte=start
    )
    month = TruncMonth("visited_at", tzinfo=clock.SHANGHAI)
    counted = rows.order_by().annotate(month=month).values_list("month").annotate(n=Count("id"))
    return {moment.date(): number for moment, number in counted}


def _due(user: Actor, member: Any, since: date) -> dict[date, int]:
    rows = patrols.planned(user).filter(county=member.county, member_id=member.id, due_by__gte=since)
    counted = rows.order_by().annotate(month=TruncMonth("due_by")).values_list("month").annotate(n=Count("id"))
    return dict(counted)


OPERATIONS = ()
TASKS = ()
FEEDS = (Feed("months", months),)
