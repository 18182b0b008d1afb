"""Which sites are due when: the visits a year of each site spread evenly, sooner after a hazard, even by working day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

YEAR = 365.0
GOLDEN = 0.6180339887498949  # spreads first visits evenly however many sites there are
LOOSE = 1 / 6  # of the interval between two visits: how far a visit may lie from its even place
MOST_LOOSE = 15  # days


@dataclass(frozen=True)
class Site:
    """What is to be visited: how often and for how many minutes (``VisitNorm``), when last, and since when a hazard is known that
    was put right (or ought to be) and wants a look."""

    key: Hashable
    visits_a_year: int
    minutes: float
    last_visit: date | None = None
    hazard_on: date | None = None


@dataclass(frozen=True)
class Due:
    """A visit to be made ``on`` a working day, at the earliest and latest on others; ``reason``: regular, overdue or hazard."""

    key: Hashable
    on: date
    earliest: date
    latest: date
    minutes: float
    reason: str
    number: int


def schedule(sites: Sequence[Site], workdays: Iterable[date], hazard_days: int = 7) -> list[Due]:
    """Return the visits due on ``workdays``, by day.

    A site's visits lie a year ÷ ``visits_a_year`` apart, counted from its last visit; one never visited gets its first within the
    first interval, sites spread evenly over it in their order. A visit may lie a sixth of the interval (15 days at most) off its
    even place, and of the working days there it takes the one with the fewest minutes so far. What is overdue comes at once,
    after a hazard within ``hazard_days``. Raises ``ValueError`` without working days, for negative numbers or a site listed twice.
    """
    days = sorted(set(workdays))
    if not days:
        raise ValueError("no working days")
    if any(site.visits_a_year < 0 or site.minutes < 0 for site in sites) or hazard_days < 0:
        raise ValueError("visits, minutes and days must not be negative")
    if len({site.key for site in sites}) < len(sites):
        raise ValueError("a site is listed twice")
    wanted = [one for at, site in enumerate(sites) for one in _wanted(site, at, days, hazard_days)]
    return _levelled(wanted, days)


def _wanted(site: Site, at: int, days: Sequence[date], hazard_days: int) -> list[Due]:
    """Return a site's visits at their even places, within how far they may lie off."""
    first, last = days[0], days[-1]
    found: list[Due] = []
    since = site.last_visit
    if site.hazard_on is not None and (since is None or since <= site.hazard_on):
        limit = max(first, site.hazard_on + timedelta(hazard_days))
        if first <= limit and site.hazard_on <= last:
            earliest = max(first, site.hazard_on)
            found.append(Due(site.key, limit, earliest, limit, site.minutes, "hazard", 0))
            since = limit  # the look counts as a visit
    if not site.visits_a_year:
        return found
    interval = YEAR / site.visits_a_year
    slack = timedelta(min(MOST_LOOSE, int(interval * LOOSE)))
    place = first.toordinal() + (at * GOLDEN % 1) * interval if since is None else since.toordinal() + interval
    reason = "regular"
    if place < first.toordinal():
        place, reason = float(first.toordinal()), "overdue"
    while (on := date.fromordinal(int(place))) <= last:
        begin = max(first, on - slack)
        end = begin + slack if reason == "overdue" else on + slack
        found.append(Due(site.key, on, begin, end, site.minutes, reason, len(found)))
        place, reason = place + interval, "regular"
    return found


def _levelled(wanted: Sequence[Due], days: Sequence[date]) -> list[Due]:
    """Return the visits on the least busy working day of those they may lie on, the least movable placed first."""
    minutes: dict[date, float] = defaultdict(float)
    found = []
    order = [at * GOLDEN % 1 for at in range(len(wanted))]  # by date, each would take the still empty end of its days
    for at in sorted(range(len(wanted)), key=lambda at: ((wanted[at].latest - wanted[at].earliest).days, order[at])):
        one = wanted[at]
        some = [day for day in days if one.earliest <= day <= one.latest]
        if not some:  # no working day there: the last one before, else the first after
            some = [max((day for day in days if day <= one.latest), default=days[0])]
        on = min(some, key=lambda day: (minutes[day], abs((day - one.on).days), day))
        minutes[on] += one.minutes
        found.append(Due(one.key, on, min(some[0], on), max(some[-1], on), one.minutes, one.reason, one.number))
    return sorted(found, key=lambda due: (due.on, str(due.key), due.number))
