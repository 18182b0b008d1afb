"""One container by itself: its graph, the load a grid may have, and loads in whole numbers that never exclude a grid."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from gridplan.bound.sweep import Sweep, sweep
from gridplan.problem import Floats, Graph, Ints, Problem
from gridplan.validators import SLACK

Members = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

CELLS = 24_000_000  # of a table, where that is enough: 96 MB, and two of them are needed
_LIMIT = 60_000_000
_UNITS = 400
_COARSE, _FINE = 48, 400  # whole loads a grid; below that rounding spoils the bound, above it gains nothing


@dataclass(frozen=True, eq=False)
class Container:
    """Units `units` of a problem with the borders among them, to be divided into `grids` grids with loads low … high."""

    units: Ints
    load: Floats
    edges: Ints
    border: Floats
    position: Floats
    grids: int
    low: float
    high: float

    @cached_property
    def graph(self) -> Graph:
        """The borders by unit, as `Problem.graph`."""
        return self.problem(0.0).graph

    def problem(self, tolerance: float) -> Problem:
        """The container as a problem of its own, its units numbered from 0."""
        alone = np.zeros(len(self.load), np.int32)
        grids = np.array([self.grids], np.int32)
        return Problem(self.load, self.edges, self.border, self.position, alone, grids, tolerance)

    @cached_property
    def sweep(self) -> Sweep:
        return sweep(len(self.load), self.edges, self.border, self.position)

    @property
    def is_small(self) -> bool:
        """Whether the tables of its subsets fit."""
        return len(self.load) <= _UNITS and self.sweep.cells * _COARSE <= _LIMIT

    def whole(self, cells: int = CELLS) -> tuple[Whole, int, int]:
        """Loads rounded to whole numbers, as fine as tables of `cells` allow, and the sums between which every grid lies.

        Rounding errors of the units of one grid add up to no more than the limits are widened by, so no grid is lost; some out of
        tolerance come in, which can only lower the bound.
        """
        fine = max(_COARSE, min(_FINE, cells // self.sweep.cells))
        found = [self._rounded(self.high / count) for count in range(int(0.8 * fine), fine + 1)]
        loads, low, high, _ = min(found, key=lambda each: each[3])
        return loads, low, high

    def _rounded(self, unit: float) -> tuple[Whole, int, int, float]:
        loads = np.rint(self.load / unit).astype(np.int64)
        error = self.load - loads * unit
        less, more = self._worst(error), self._worst(-error)
        low = max(0, int(np.ceil((self.low - less) / unit - 1e-6)))
        high = int(np.floor((self.high + more) / unit + 1e-6))
        return loads, low, high, less + more

    def _worst(self, error: Floats) -> float:
        """More than the errors of the units of any one grid can sum to (fractional knapsack of load `high`)."""
        bad = np.flatnonzero((error > 0) & (self.load > 0))
        bad = bad[np.argsort(-error[bad] / self.load[bad], kind="stable")]
        room = np.clip((self.high - np.concatenate(([0], np.cumsum(self.load[bad])[:-1]))) / self.load[bad], 0, 1)
        return float((error[bad] * room).sum())

    def cut(self, members: Members) -> Floats:
        """Half the border (metres) that each grid of members[c, n] has with the rest of the container."""
        low, high = self.edges[:, 0], self.edges[:, 1]
        result = np.empty(len(members))
        for start in range(0, len(members), 4096):
            some = members[start : start + 4096]
            result[start : start + 4096] = (some[:, low] != some[:, high]) @ self.border / 2
        return result


def container(problem: Problem, index: int) -> Container:
    """Container `index` of a problem."""
    units = np.flatnonzero(problem.container == index).astype(np.int32)
    place = np.full(problem.units, -1, np.int32)
    place[units] = np.arange(len(units), dtype=np.int32)
    edges = place[problem.edges].reshape(-1, 2)
    inside = (edges >= 0).all(axis=1)
    mean, tolerance = float(problem.mean[index]), problem.tolerance + SLACK
    return Container(
        units=units,
        load=problem.load[units],
        edges=edges[inside],
        border=problem.border[inside],
        position=problem.position[units],
        grids=int(problem.grids[index]),
        low=mean * (1 - tolerance),
        high=mean * (1 + tolerance),
    )
