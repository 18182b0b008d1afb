"""How many cases each grid reported over a period, in coloured steps: the sums of the statistics, for who reads figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from safegrid.console.onemap.kept import Moments
from safegrid.foundation.scope import Actor
from safegrid.statistics import access as figures
from safegrid.statistics import selectors as statistics

# The fewest cases of each step. Fixed numbers, so that two days and two counties are coloured alike.
STEPS = (1, 3, 6, 11, 21)
PERIODS = (7, 30, 90, 365)  # days to choose from
USUAL = 30
SUMMED = 20.0  # seconds for which sums are trusted: the queue adds cases to them within moments

_counts: Moments[Mapping[UUID, int]] = Moments(SUMMED)


def places_read(user: Actor, county: int) -> list[str]:
    """Return the places inside the county whose figures the user reads: the county itself, towns of it, or none."""
    own, code = figures.places(user), f"{county:06d}"
    if any(code.startswith(place) for place in own):
        return [code]
    towns = [place for place in own if place.startswith(code)]
    return [one for one in towns if not any(one != other and one.startswith(other) for other in towns)]


def first_day(until: date, days: int) -> date:
    return until - timedelta(days=days - 1)


def counts(user: Actor, county: int, until: date, days: int) -> Mapping[UUID, int]:
    """Return the cases reported by grid in the ``days`` that end with ``until``; grids without any are left out."""

    def load() -> Mapping[UUID, int]:
        found: dict[UUID, int] = {}
        for place in places_read(user, county):
            question = statistics.asked(user, place, first_day(until, days), until)
            for line in statistics.sheets(question, "heat")["heat"].lines:
                reported = line.values["reported"]
                if line.key and isinstance(reported, int):
                    found[UUID(line.key)] = reported
        return found

    return _counts.get(county, (user.id, user.holdings(), until, days), load)


def step_of(reported: int) -> int:
    """Return the step from 1 (fewest) to ``len(STEPS)``; 0 for none."""
    return sum(reported >= least for least in STEPS)


def step_words() -> list[tuple[int, str]]:
    """Return (step, "from–to") for the legend."""
    ends = [f"–{after - 1}" for after in STEPS[1:]]
    return [(at, f"{least}{end}") for at, (least, end) in enumerate(zip(STEPS, [*ends, "+"], strict=True), 1)]
