"""A day's or a week's visits and the hours they must fit in. Minutes everywhere, times of day in minutes after midnight."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Minutes = npt.NDArray[np.float64]
Point = tuple[float, float]  # metres in a local plane
Window = tuple[float, float]  # from, to


@dataclass(frozen=True)
class Travel:
    """Minutes between points: straight distance × ``detour`` at ``kmh``."""

    kmh: float
    detour: float = 1.3

    def minutes(self, points: Sequence[Point]) -> Minutes:
        """Return the matrix between points."""
        at = np.asarray(points, np.float64).reshape(-1, 2)
        with np.errstate(invalid="ignore"):  # places that are no places are told by findings
            metres = np.hypot(*(at[:, None, :] - at[None]).transpose(2, 0, 1)) * self.detour
        return np.asarray(metres * 60 / (self.kmh * 1_000), np.float64)


#: usual ways to go; a county may measure its own speeds. 1.3 is the usual ratio of road to straight distance in built-up land.
WALKING, BICYCLE, MOTOR = Travel(4.5), Travel(12.0), Travel(25.0, 1.4)
MODES = {"walking": WALKING, "bicycle": BICYCLE, "motor": MOTOR}


@dataclass(frozen=True)
class Visit:
    """One site to visit for ``minutes``; it begins and ends inside one of its ``windows`` (none: open all day).

    A mandatory visit is made if at all possible; another one is left out where it costs more travel than its ``prize`` minutes.
    """

    key: Hashable
    at: Point
    minutes: float
    is_mandatory: bool = True
    prize: float = 0.0
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True)
class Shift:
    """The working hours of one day: from where, back to where (``end`` None: the start), with breaks in which no visit lies."""

    start: Point
    begins: float = 8 * 60
    ends: float = 17 * 60
    end: Point | None = None
    breaks: tuple[Window, ...] = ()


@dataclass(frozen=True, eq=False)
class Day:
    """One member's day. ``matrix`` (minutes, instead of ``travel``): rows and columns are the visits, then start, then end."""

    visits: tuple[Visit, ...]
    shift: Shift
    travel: Travel = WALKING
    matrix: Minutes | None = None


@dataclass(frozen=True)
class Wanted:
    """A visit of the week: on one of the days from ``earliest`` to ``latest``, best ``on`` (each day off costs some minutes)."""

    visit: Visit
    earliest: date
    latest: date
    on: date


@dataclass(frozen=True, eq=False)
class Week:
    """One member's days of work with their shifts, and what is to be visited on them. ``matrix`` as for ``Day``, a start and an
    end for each shift. ``off_day`` is what a day off the best one is worth, in minutes of travel."""

    shifts: dict[date, Shift]
    wanted: tuple[Wanted, ...]
    travel: Travel = WALKING
    matrix: Minutes | None = None
    off_day: float = 2.0


@dataclass(frozen=True)
class Finding:
    """Something that stands against planning: which visits, what it is and what to do. Only ``blocking`` ones keep a search from
    starting; the others name optional visits that must stay out."""

    code: str
    keys: tuple[Hashable, ...]
    text: str
    remedy: str
    blocking: bool = True


class InvalidProblem(ValueError):
    """The problem cannot be planned; ``findings`` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("；".join(finding.text for finding in findings))
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Call:
    """One visit of a route: when one gets there, begins (after waiting for the door to open) and leaves."""

    key: Hashable
    index: int
    arrives: float
    begins: float
    leaves: float


@dataclass(frozen=True)
class Route:
    """A day's visits in order. ``departs`` is as late as the end of the day allows without being later; without calls, both
    ``departs`` and ``returns`` are the begin of the shift."""

    calls: tuple[Call, ...]
    departs: float
    returns: float
    travel: float
    waiting: float
    service: float


@dataclass(frozen=True)
class Result:
    """The routes by day (one for a ``Day``), the keys left out, and ``cost``: minutes of travel, of days off the best ones and the
    prizes left. ``missed`` are the mandatory visits among those left out: nothing better was found in the time."""

    routes: tuple[Route, ...]
    left_out: tuple[Hashable, ...]
    missed: tuple[Hashable, ...]
    cost: float
    seed: int
    seconds: float
    rounds: int
    days: tuple[date, ...] = field(default=())

    @property
    def route(self) -> Route:
        """The only route of a ``Day``."""
        return self.routes[0]


def points_of(visits: Sequence[Visit], shifts: Sequence[Shift]) -> list[Point]:
    """Return the visits' points, then start and end of each shift: the order of matrices."""
    ends: list[Point] = [point for shift in shifts for point in (shift.start, shift.end or shift.start)]
    return [*(visit.at for visit in visits), *ends]


def matrix_of(
    visits: Sequence[Visit], shifts: Sequence[Shift], travel: Travel, matrix: npt.NDArray[Any] | None
) -> Minutes:
    """Return minutes between all points. Raises ``ValueError`` for a given matrix of another shape."""
    points = points_of(visits, shifts)
    if matrix is None:
        return travel.minutes(points)
    given = np.asarray(matrix, np.float64)
    if given.shape != (len(points), len(points)):
        raise ValueError(f"matrix has shape {given.shape}, expected {(len(points), len(points))}")
    return given
