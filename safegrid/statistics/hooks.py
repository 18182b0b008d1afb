"""What statistics do when other contexts act: mark the sums that no longer hold; connected in ``wiring``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from safegrid.cases.workflow import CASE
from safegrid.foundation import clock, events
from safegrid.statistics.models import Source
from safegrid.statistics.services import mark

PLACES_CHANGE = (
    "sites.registered",
    "sites.moved",
    "sites.reclassified",
    "grids.sites_assigned",
    "grids.boundary_changed",
)


def connect() -> None:
    """Subscribe to everything that changes a figure and says so."""
    for verb in sorted({row.verb for row in CASE.rows}):
        events.subscribe(f"cases.{verb}", case_changed)
    events.subscribe("cases.timed", cases_changed)
    events.subscribe("cases.moved", cases_changed)
    events.subscribe("patrols.visited", visited)
    for change in PLACES_CHANGE:
        events.subscribe(change, places_changed)


def case_changed(case: Any, **_more: Any) -> None:
    """A verb was carried out on a case."""
    mark(case.county, Source.CASES, [_day(case.reported_at)])


def cases_changed(cases: Sequence[Any], **_more: Any) -> None:
    """Time, or the grids, have changed several cases."""
    days: dict[int, set[date]] = defaultdict(set)
    for case in cases:
        days[case.county].add(_day(case.reported_at))
    for county, its_days in days.items():
        mark(county, Source.CASES, its_days)


def visited(visit: Any, **_more: Any) -> None:
    """A member has been at a site."""
    mark(visit.county, Source.VISITS, [_day(visit.visited_at)])


def places_changed(county: int, **_more: Any) -> None:
    """Sites or grids are not what or where they were."""
    mark(county, Source.PLACES, [None])


def _day(moment: Any) -> date:
    day: date = moment.astimezone(clock.SHANGHAI).date()
    return day
