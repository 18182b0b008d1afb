"""A problem as whole seconds in arrays, as the search and the timetable want it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from routeplan.problem import Day, Minutes, Shift, Visit, Week, Window, matrix_of

Seconds = npt.NDArray[np.int64]
MUST = 10**9  # seconds: more than any travel
CLOSED = (1, -1)


@dataclass(frozen=True, eq=False)
class Tables:
    """n visits, R shifts, N = n + 2R points (visits, then start and end of each shift).

    ``windows[n, R, W, 2]``: when a visit may begin, in time order, filled up with (1, −1); ``worth[n]`` what leaving it out costs,
    ``extra[n, R]`` what a shift costs beside travel, ``hours[R, 2]`` begin and end.
    """

    visits: tuple[Visit, ...]
    shifts: tuple[Shift, ...]
    travel: Seconds
    service: Seconds
    windows: Seconds
    hours: Seconds
    worth: Seconds
    extra: Seconds

    @cached_property
    def near(self) -> npt.NDArray[np.int32]:
        """The visits by how near they are to each visit, itself first."""
        n = len(self.visits)
        apart = self.travel[:n, :n] + self.travel[:n, :n].T
        np.fill_diagonal(apart, -1)
        return np.argsort(apart, axis=1, kind="stable").astype(np.int32)


def of_day(day: Day) -> Tables:
    """Return the tables of one day."""
    always = np.zeros((len(day.visits), 1), np.int64)
    return _tables(day.visits, (day.shift,), matrix_of(day.visits, (day.shift,), day.travel, day.matrix), always)


def of_week(week: Week) -> Tables:
    """Return the tables of a week: a visit is closed on days before its earliest and after its latest."""
    visits, shifts = tuple(one.visit for one in week.wanted), tuple(week.shifts.values())
    extra = np.full((len(visits), len(shifts)), -1, np.int64)
    for i, one in enumerate(week.wanted):
        for r, day in enumerate(week.shifts):
            if one.earliest <= day <= one.latest:
                extra[i, r] = round(abs((day - one.on).days) * week.off_day * 60)
    return _tables(visits, shifts, matrix_of(visits, shifts, week.travel, week.matrix), extra)


def _tables(visits: Sequence[Visit], shifts: Sequence[Shift], minutes: Minutes, extra: Seconds) -> Tables:
    """``extra``: −1 where a visit is not allowed in a shift."""
    begins = [
        [begin_windows(visit, shift) if extra[i, r] >= 0 else [] for r, shift in enumerate(shifts)]
        for i, visit in enumerate(visits)
    ]
    widest = max((len(one) for row in begins for one in row), default=1)
    windows = np.empty((len(visits), len(shifts), max(1, widest), 2), np.int64)
    windows[:] = CLOSED
    for i, row in enumerate(begins):
        for r, found in enumerate(row):
            windows[i, r, : len(found)] = np.array(found, np.int64).reshape(-1, 2)
    return Tables(
        tuple(visits),
        tuple(shifts),
        np.ceil(np.where(np.isfinite(minutes), np.minimum(minutes * 60, MUST), MUST) - 1e-6).astype(np.int64),
        np.array([seconds(visit.minutes) for visit in visits], np.int64),
        windows,
        np.array([(seconds(shift.begins), seconds(shift.ends)) for shift in shifts], np.int64).reshape(-1, 2),
        np.array([MUST if visit.is_mandatory else seconds(visit.prize) for visit in visits], np.int64),
        np.maximum(extra, 0),
    )


def begin_windows(visit: Visit, shift: Shift) -> list[tuple[int, int]]:
    """Return when the visit may begin that day (seconds): opening hours within working hours, without the breaks."""
    wide = (shift.begins, shift.ends)
    open_hours: list[Window] = [(max(a, wide[0]), min(b, wide[1])) for a, b in visit.windows or (wide,)]
    for pause_from, pause_to in shift.breaks:
        parts = [((a, min(b, pause_from)), (max(a, pause_to), b)) for a, b in open_hours]
        open_hours = [part for pair in parts for part in pair if part[0] <= part[1]]
    service = seconds(visit.minutes)
    found = sorted((seconds(a), int(np.floor(b * 60 + 1e-6)) - service) for a, b in open_hours)
    return [one for one in found if one[0] <= one[1]]


def seconds(minutes: float) -> int:
    """Return whole seconds, rounded up: what is promised in them holds in minutes."""
    return int(np.ceil(minutes * 60 - 1e-6))
