"""The linear programme that mixes grids to cover every unit once, and grows by the grids its own prices ask for."""

from typing import Any

import highspy
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from gridplan.bound.container import Container, Members
from gridplan.problem import Floats

_NOTHING = np.empty(0, np.int32), np.empty(0)


class Master:
    """Rows: each unit once, and the number of grids. Columns: grids at half their border, costly patches for gaps."""

    def __init__(self, place: Container, price: Floats, width: float) -> None:
        self.place = place
        self._solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._solver.setOptionValue("simplex_strategy", 4)  # primal: new columns leave the last mixture feasible
        n = len(place.load)
        self._known: dict[bytes, int] = {}
        for right in [1] * n + [place.grids]:
            self._solver.addRow(right, right, 0, *_NOTHING)
        for row in range(n + 1):
            for sign in (1.0, -1.0):
                self._add(0.0, np.array([row], np.int32), np.array([sign]))
        self._patches = 2 * (n + 1)
        self._width = width
        self.centre(price, 1.0)

    def centre(self, price: Floats, wider: float) -> bool:
        """Let prices leave `price` by `wider` times as much as before; False once that is more than makes sense.

        A patch of unit i costs the highest price of i allowed: a box about good prices keeps the next ones from leaping
        about (stabilised column generation, du Merle and others 1999).
        """
        self._width *= wider
        far = 1e6 * (float(self.place.border.sum()) + 1.0)
        for row, middle in enumerate([*price.tolist(), 0.0]):
            width = self._width if row < len(price) else far
            self._solver.changeColCost(2 * row, middle + width)
            self._solver.changeColCost(2 * row + 1, width - middle)
        return self._width < far

    def _add(self, cost: float, rows: Any, values: Floats) -> None:
        self._solver.addCol(cost, 0.0, highspy.kHighsInf, len(rows), rows, values)

    def add(self, members: Members) -> int:
        """Add the grids that are not there yet; how many those are."""
        fresh = [row for row in members if row.tobytes() not in self._known]
        for row, cost in zip(fresh, self.place.cut(np.array(fresh).reshape(-1, members.shape[1])), strict=True):
            self._known[row.tobytes()] = len(self._known)
            rows = np.append(np.flatnonzero(row), len(row)).astype(np.int32)
            self._add(float(cost), rows, np.ones(len(rows)))
        return len(fresh)

    def solve(self) -> tuple[float, Floats]:
        """The least cost of a mixture, and the price of each unit."""
        self._solver.run()
        price = np.array(self._solver.getSolution().row_dual)[: len(self.place.load)]
        return float(self._solver.getInfo().objective_function_value), price

    @property
    def patched(self) -> bool:
        """Whether the last mixture needed patches: no mixture of the grids known covers all units."""
        return bool(np.array(self._solver.getSolution().col_value)[: self._patches].sum() > 1e-7)

    @property
    def members(self) -> Members:
        """All grids added."""
        n = len(self.place.load)
        return np.array([np.frombuffer(key, bool) for key in self._known]).reshape(-1, n)


def cover(place: Container, members: Members, seconds: float) -> tuple[Members | None, float]:
    """The cheapest `grids` of members[c, n] that cover every unit once, by HiGHS, and a proven lower bound of their cost.

    None and infinity where there is no cover; None and a finite bound where time ran out before the first.
    """
    if not len(members):
        return None, np.inf
    cost = place.cut(members)
    matrix = csc_array(np.vstack((members.T, np.ones(len(members)))).astype(np.float64))
    right = np.append(np.ones(len(place.load)), place.grids)
    options = {"mip_rel_gap": 0.0, "time_limit": max(0.1, seconds)}
    found = milp(
        cost,
        integrality=np.ones(len(members)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, right, right),
        options=options,
    )
    if found.status == 2:  # proven infeasible
        return None, np.inf
    bound = float(found.mip_dual_bound) if found.mip_dual_bound is not None else 0.0
    if found.x is None:
        return None, bound
    chosen = members[found.x > 0.5]
    whole = chosen.sum(axis=0).min() == chosen.sum(axis=0).max() == 1 and len(chosen) == place.grids
    return (chosen, bound) if whole else (None, bound)
