"""Which grids are cheap at given prices of units: the exact oracle behind the bounds."""

from typing import Any

import numpy as np

from gridplan.bound import tables
from gridplan.bound.container import CELLS, Container, Members
from gridplan.problem import Floats

_SINGLE = 1.2e-7  # relative precision of the tables
_TRUE = 1e-12  # relative precision of sums of loads


class Pricer:
    """The cheapest subsets of a small container, for any prices. Memory: two tables of about `cells` numbers."""

    def __init__(self, place: Container, cells: int = CELLS) -> None:
        self.place = place
        self._way = place.sweep.way
        self._order = place.sweep.order
        self._rank = np.argsort(self._order)
        loads, self._low, self._high = place.whole(cells)
        self._load = loads[self._order]

    def _tables(self, price: Floats) -> tuple[Any, Any, Floats]:
        own = np.ascontiguousarray(price[self._order])
        back, base = tables.backward(self._way, self._load, own, self._low, self._high)
        return back, base, own

    def _error(self, price: Floats) -> float:
        """More than the tables can be wrong by."""
        largest = float(np.abs(price).sum() + self.place.border.sum())
        return _SINGLE * largest * (len(price) + 2)

    def best(self, price: Floats) -> tuple[float, Members]:
        """A lower bound of the cost of any grid, and for each unit the cheapest grid that holds it."""
        back, base, own = self._tables(price)
        front = tables.forward(self._way, self._load, own, self._high, base)
        cost, members = tables.best_with_each(self._way, self._load, own, front, back, base)
        found = np.isfinite(cost)
        least = float(cost.min()) - self._error(price) if found.any() else np.inf
        return least, np.unique(members[found][:, self._rank], axis=0)

    def below(self, price: Floats, most: float, rows: int, looks: int) -> Members | None:
        """All connected grids within tolerance that cost at most `most`.

        None if more than `rows` grids are within tolerance, or more than `looks` have to be looked at.
        """
        back, base, own = self._tables(price)
        place = self.place
        low, high = place.low * (1 - _TRUE), place.high * (1 + _TRUE)
        minutes = place.load[self._order]
        found, are_all = tables.cheap(
            self._way, self._load, own, back, base, most + self._error(price), minutes, low, high, rows, looks
        )
        return self._connected(found[:, self._rank]) if are_all else None

    def real(self, members: Members) -> Members:
        """Those of members[c, n] that are connected and within tolerance by their true loads."""
        place = self.place
        load = members @ place.load
        within = members[(load >= place.low * (1 - _TRUE)) & (load <= place.high * (1 + _TRUE))]
        return self._connected(within)

    def _connected(self, members: Members) -> Members:
        graph = self.place.graph
        result: Members = members[tables.in_one_piece(members, graph.start, graph.neighbour)]
        return result
