"""Days and weeks of members, written by generators of fixed seeds: sites crowd in hamlets of a grid of 3 km."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from routeplan.problem import BICYCLE, Day, Shift, Visit, Wanted, Week, Window
from routeplan.schedule import Site, schedule

SEED = 20230630
SIDE = 3_000.0
KINDS = ("all open", "half with opening hours", "two thirds optional")
MONDAY = date(2026, 3, 2)


def day(kind: str, number: int, visits: int = 60) -> Day:
    """Return a day of so many visits of 3 to 7 minutes by bicycle, 9 hours (6 where optional visits do not all fit)."""
    rng = np.random.default_rng((SEED, KINDS.index(kind), number))
    points = _places(rng, visits)
    found = []
    for at in range(visits):
        begin = 60.0 * int(rng.integers(0, 6))
        shut = kind == KINDS[1] and rng.random() < 0.5
        hours: tuple[Window, ...] = ((480 + begin, 480 + begin + 180 + 8),) if shut else ()
        optional = kind == KINDS[2] and rng.random() < 2 / 3
        minutes, prize = float(rng.integers(3, 8)), float(rng.integers(1, 15)) if optional else 0.0
        found.append(Visit(at, points[at], minutes, not optional, prize, hours))
    ends = 480 + (360 if kind == KINDS[2] else 540)
    return Day(tuple(found), Shift((SIDE / 2, SIDE / 2), 480, ends), BICYCLE)


def week(number: int) -> Week:
    """Return one member's week: 250 sites with 2 to 26 visits a year by risk, of which the schedule wants some 50 that week."""
    rng = np.random.default_rng((SEED, number))
    points = _places(rng, 250)
    norms = rng.choice([26, 12, 6, 2], 250, p=[0.06, 0.44, 0.3, 0.2])
    sites = [
        Site(at, int(norm), float(rng.integers(15, 40)), MONDAY - timedelta(int(rng.integers(0, 365 // norm))))
        for at, norm in enumerate(norms)
    ]
    year = [MONDAY + timedelta(at) for at in range(365) if at % 7 < 5]
    dates = year[:5]
    due = [one for one in schedule(sites, year) if one.on <= dates[-1]]
    wanted = []
    for one in due:
        hours = ((540.0, 1_080.0),) if rng.random() < 0.3 else ()
        visit = Visit(one.key, points[int(str(one.key))], one.minutes, one.latest <= dates[-1], 30.0, hours)
        wanted.append(Wanted(visit, max(one.earliest, dates[0]), one.latest, one.on))
    shift = Shift((SIDE / 2, SIDE / 2), 480, 1_050, breaks=((720, 810),))
    return Week(dict.fromkeys(dates, shift), tuple(wanted), BICYCLE)


def _places(rng: np.random.Generator, count: int) -> list[tuple[float, float]]:
    hamlets = rng.uniform(0, SIDE, (6, 2))
    near = hamlets[rng.integers(0, 6, count)] + rng.normal(0, 200, (count, 2))
    points = np.where(rng.random((count, 1)) < 0.6, near, rng.uniform(0, SIDE, (count, 2)))
    return [(float(x), float(y)) for x, y in points]
