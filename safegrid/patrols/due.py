"""Which visits fall due when: the handbook's norms on what is known of each site. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from routeplan.schedule import LOOSE, MOST_LOOSE, YEAR, Due, Site, schedule

HAZARD_DAYS = 7
# Who let nobody in is called on again within the days of a hazard, not on the same day.
RETRY_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Known:
    """What is known of a site: its norm, when it was last seen to, since when a hazard there wants a look.

    ``counted_from``: the day from which the first visit to a site never visited is counted. ``was_refused``: the last visit
    was not let in, and counts as a hazard of its day.
    """

    site_id: UUID
    visits_a_year: int
    minutes: int
    counted_from: date
    last_visit: date | None = None
    hazard_on: date | None = None
    was_refused: bool = False

    @property
    def interval(self) -> float:
        """Days between two visits."""
        return YEAR / self.visits_a_year

    @property
    def since(self) -> date:
        """The last visit; of a site never visited a day so long ago that first visits spread evenly over an interval."""
        if self.last_visit is not None:
            return self.last_visit
        share = (self.site_id.int & 0xFFFFFFFF) / 2**32  # the low digits of an id are random, and stay
        return date.fromordinal(int(self.counted_from.toordinal() + (share - 1) * self.interval))

    @property
    def wants_a_look(self) -> date | None:
        """Since when a hazard, or a refusal, wants a look."""
        if self.was_refused and self.last_visit is not None:
            again = self.last_visit + RETRY_AFTER
            return max(again, self.hazard_on) if self.hazard_on else again
        return self.hazard_on


@dataclass(frozen=True)
class DueVisit:
    """A visit to be made best ``on`` a working day, not before ``earliest``, ``due_by`` at the latest (which may be past)."""

    site_id: UUID
    on: date
    earliest: date
    due_by: date
    minutes: int
    reason: str


def due_visits(sites: Sequence[Known], workdays: Sequence[date]) -> list[DueVisit]:
    """Return the visits due on ``workdays`` (at least one), no site twice on one day. Limits do not move with the day of asking."""
    known = {site.site_id: site for site in sites if site.visits_a_year > 0}
    asked = [Site(one.site_id, one.visits_a_year, one.minutes, one.since, one.wants_a_look) for one in known.values()]
    by_site: dict[UUID, list[Due]] = defaultdict(list)
    for due in schedule(asked, workdays, HAZARD_DAYS):
        by_site[UUID(str(due.key))].append(due)
    found = []
    for site_id, dues in by_site.items():
        days: set[date] = set()
        for due, limit in _limits(known[site_id], sorted(dues, key=lambda due: due.number), min(workdays)):
            if due.on not in days:
                days.add(due.on)
                found.append(_visit(known[site_id], due, limit, min(workdays)))
    return sorted(found, key=lambda one: (one.on, str(one.site_id)))


def _visit(site: Known, due: Due, limit: date, first: date) -> DueVisit:
    is_in_time = due.reason == "overdue" and limit >= first  # past its even place, not its limit
    reason = "regular" if is_in_time else due.reason
    if reason == "hazard" and site.was_refused and (site.hazard_on is None or site.hazard_on < due.earliest):
        reason = "retry"
    return DueVisit(site.site_id, due.on, due.earliest, limit, int(due.minutes), reason)


def _limits(site: Known, dues: Sequence[Due], first: date) -> list[tuple[Due, date]]:
    """Return each visit with its limit: that of its even place, or the days after a hazard, wherever today stands."""
    slack = timedelta(min(MOST_LOOSE, int(site.interval * LOOSE)))
    found: list[tuple[Due, date]] = []
    place = site.since.toordinal() + site.interval
    for due in dues:
        if due.reason == "hazard":
            assert site.wants_a_look is not None
            limit = site.wants_a_look + timedelta(HAZARD_DAYS)
            place = max(first, limit).toordinal() + site.interval
        else:
            limit = date.fromordinal(int(place)) + slack
            place = max(place, first.toordinal()) + site.interval
        found.append((due, limit))
    return found
