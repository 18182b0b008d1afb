"""Routes of the days of some weeks for one member's visits. Imports the solver, which takes a second: only the queue does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import cos, radians
from uuid import UUID

from routeplan.problem import MODES, Call, InvalidProblem, Result, Route, Shift, Visit, Wanted, Week
from routeplan.solve import week
from routeplan.stop import MaxRounds

ROUNDS = 12_000  # of the search for a week: a tenth of a second
PRIZE = 30.0  # minutes of travel that a visit is worth which may as well be made in a later week
MUCH = 2_000.0  # more than any way: what a visit is worth that must be made, where not all of them can be
Point = tuple[float, float]


@dataclass(frozen=True)
class Ask:
    """A visit to place: ``key`` is the caller's; ``at`` in degrees (longitude, latitude); ``open``: when somebody is to be met
    there, in minutes after midnight (none: whenever)."""

    key: int
    at: Point
    minutes: int
    on: date
    earliest: date
    latest: date
    urgency: float = 0.0
    open: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Hours:
    """The hours of one day: begin and end (minutes after midnight), pauses, where from (degrees)."""

    begins: int
    ends: int
    breaks: tuple[tuple[int, int], ...]
    start: Point


@dataclass
class Placed:
    """The days' routes, and where each visit that found a place stands in them."""

    days: dict[date, Route] = field(default_factory=dict)
    calls: dict[int, tuple[date, int, Call]] = field(default_factory=dict)


def place(asks: Sequence[Ask], hours: dict[date, Hours], home: Point, mode: str, seed: int) -> Placed:
    """Place the visits on the days of ``hours``, week by week: what a week has no room for goes on to the next.

    Of a week only those come into question that are best made in it or before it; what may still wait is left out where it
    is far out of the way.
    """
    weeks: dict[tuple[int, int], list[date]] = defaultdict(list)
    for day in sorted(hours):
        weeks[day.isocalendar()[:2]].append(day)
    placed, waiting = Placed(), list(asks)
    for days in weeks.values():
        sunday = days[-1] + timedelta(days=7 - days[-1].isoweekday())
        pool = [ask for ask in waiting if ask.on <= sunday and ask.earliest <= days[-1]]
        if not pool:
            continue
        result = _solved(pool, days, hours, home, mode, seed)
        for day, route in zip(result.days, result.routes, strict=True):
            placed.days[day] = route
            for position, call in enumerate(route.calls):
                placed.calls[int(str(call.key))] = (day, position, call)
        waiting = [ask for ask in waiting if ask.key not in placed.calls]
    return placed


def _solved(
    pool: Sequence[Ask], days: list[date], hours: dict[date, Hours], home: Point, mode: str, seed: int
) -> Result:
    def metres(point: Point) -> Point:
        return ((point[0] - home[0]) * 111_320 * cos(radians(home[1])), (point[1] - home[1]) * 110_574)

    shifts = {
        day: Shift(metres(hours[day].start), hours[day].begins, hours[day].ends, metres(home),
                   tuple((float(a), float(b)) for a, b in hours[day].breaks))
        for day in days
    }  # fmt: skip
    wanted = tuple(_wanted(ask, days, metres(ask.at), hours) for ask in pool)
    problem = Week(shifts, wanted, MODES[mode])
    try:
        return week(problem, MaxRounds(ROUNDS), seed)
    except InvalidProblem:  # more than fits, or one that fits no day: as many as go in, the most urgent first
        urgency = {ask.key: ask.urgency for ask in pool}
        eased = tuple(replace(one, visit=_eased(one.visit, urgency[int(str(one.visit.key))])) for one in wanted)
        return week(replace(problem, wanted=eased), MaxRounds(ROUNDS), seed)


def _eased(visit: Visit, urgency: float) -> Visit:
    return replace(visit, is_mandatory=False, prize=MUCH + urgency) if visit.is_mandatory else visit


def _windows(ask: Ask, days: Sequence[Hours]) -> tuple[tuple[float, float], ...]:
    """Return when the visit may be made; a site that is open in none of the hours of its days is called on all the same."""
    for day in days:
        if any(min(ends, day.ends) - max(begins, day.begins) >= ask.minutes for begins, ends in ask.open):
            return tuple((float(begins), float(ends)) for begins, ends in ask.open)
    return ()


def _wanted(ask: Ask, days: Sequence[date], at: Point, hours: dict[date, Hours]) -> Wanted:
    is_mandatory = ask.latest <= days[-1]
    fitting = [day for day in days if ask.earliest <= day <= ask.latest]
    if not fitting:  # overdue, or only days off in its time: as soon as possible
        fitting = [day for day in days if day >= ask.earliest]
    on = min(fitting, key=lambda day: (abs((day - ask.on).days), day))
    windows = _windows(ask, [hours[day] for day in fitting])
    visit = Visit(ask.key, at, float(ask.minutes), is_mandatory, 0.0 if is_mandatory else PRIZE, windows)
    return Wanted(visit, fitting[0], fitting[-1], on)


def seed_of(member_id: UUID) -> int:
    """Return the seed of a member's searches: the same visits get the same route."""
    return int(member_id.int & 0x7FFFFFFF)
