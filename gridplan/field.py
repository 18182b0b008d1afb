"""One container laid out for the compiled loops: its own arrays, units in the order of a first division (neighbours lie close)."""

import numpy as np

from gridplan import chains, kernels
from gridplan.problem import Floats, Ints, Problem
from gridplan.seats import seated
from gridplan.start import bisect

REACH = 100_000  # steps of a connection search where it must be exact
STEPS = 100_000  # moves looked at in the search of one chain
DEPTH = 4  # moves of the longest chain
ROOM = 4096  # candidate moves of one depth of a chain
LONG = 38.0  # usual borders that the ways of a grid of USUAL units cost where only ways count: the same heat then melts both
USUAL = 20.0


class Field:
    """A container under division; loads are shares of the mean load of its grids."""

    def __init__(
        self,
        problem: Problem,
        container: int,
        draws: np.random.Generator,
        village_weight: float = 0.0,
        label: Ints | None = None,
        ways: float = 0.0,
    ) -> None:
        """Lay out `container`; its first division is in the given `label` of all units, or made by bisection.

        `ways` is the share that short ways have in the cost beside short borders, 0 … 1."""
        self.grids = int(problem.grids[container])
        self.first = int(problem.first[container])
        self.units: Ints = np.flatnonzero(problem.container == container).astype(np.int32)
        self.mean = float(problem.mean[container]) or 1.0
        self.seed = draws.integers(1, 2**63, dtype=np.uint64)
        self.start, self.neighbour, self.border = _part_of_graph(problem, self.units, village_weight)
        self.load: Floats = problem.load[self.units] / self.mean
        self.position: Floats = problem.position[self.units]
        inner = self.border[self.border > 0]
        self.metre = float(inner.mean()) if inner.size else 1.0  # length of a usual border
        if label is None:
            self.label, order = self.divide(np.zeros(1))
        else:
            self.label = label[self.units] - np.int32(self.first)
            order = np.argsort(self.label, kind="stable").astype(np.int32)
        self._reorder(order)
        self.stake = self.metre  # what imbalance is weighed with
        self.way = self._weigh(ways) if ways > 0 else 0.0
        self.best = self.label.copy()
        self.record = np.full(2, np.inf)
        self.chain = self._chain()

    def _weigh(self, ways: float) -> float:
        """Let ways have the share `ways` of the cost, borders the rest; how much border a metre's way of a grid's load is worth.

        With more units a grid, its border grows as their root, as its ways shall; what one unit's way costs then shrinks.
        """
        way = float(seated(self.label, self.load, self.position, self.grids)[1].sum()) / max(
            float(self.load.sum()), 1e-9
        )
        if way <= 0:
            return 0.0
        self.border = self.border * (1 - ways)
        longer = float(np.sqrt(len(self.units) / self.grids / USUAL))
        worth = ways * LONG * longer * self.metre / way
        self.stake = self.metre * (1 - ways + ways * longer)
        self.metre = self.metre * (1 - ways + ways / longer)
        return worth

    def divide(self, turns: Floats) -> tuple[Ints, Ints]:
        """A first division by bisection, the cuts tilted by `turns`, and the units in its order."""
        label, order = np.zeros(len(self.units), np.int32), np.arange(len(self.units), dtype=np.int32)
        weight = self.load + 1e-9  # units without work have a place, too
        bisect(self.start, self.neighbour, weight, self.position, self.grids, turns, label, order)
        return label, order

    def _reorder(self, order: Ints) -> None:
        place = np.empty_like(order)
        place[order] = np.arange(order.size, dtype=np.int32)
        degree = np.diff(self.start)[order]
        start = np.concatenate(([0], np.cumsum(degree))).astype(np.int32)
        entry = np.repeat(self.start[order], degree) + np.arange(start[-1]) - np.repeat(start[:-1], degree)
        self.start, self.neighbour, self.border = start, place[self.neighbour[entry]], self.border[entry]
        self.units, self.load, self.position = self.units[order], self.load[order], self.position[order]
        self.label = self.label[order]

    def state(self, label: Ints, limit: Floats, home: Ints | None = None) -> kernels.State:
        """The compiled loops' view of the division `label` (copied)."""
        n, k = len(self.units), self.grids
        state = kernels.State(
            start=self.start,
            neighbour=self.neighbour,
            border=self.border,
            load=self.load,
            label=label.copy(),
            home=np.full(n, -1, np.int32) if home is None else home,
            total=np.zeros(k),
            size=np.zeros(k, np.int32),
            foreign=np.zeros(n, np.int32),
            head=np.zeros(k, np.int32),
            after=np.zeros(n, np.int32),
            before=np.zeros(n, np.int32),
            active=np.zeros(2 * n, np.int32),
            listed=np.zeros(n, np.bool_),
            listing=np.zeros(1, np.int32),
            stamp=np.zeros(n, np.int64),
            queue=np.zeros(n, np.int32),
            clock=np.zeros(1, np.int64),
            random=np.array([self.seed], np.uint64),
            now=np.zeros(3),
            limit=limit,
            place=np.concatenate((self.position * self.way, np.zeros((k, 2)))) if self.way > 0 else np.empty((0, 2)),
            pull=np.zeros(k),
        )
        kernels.prepare(state)
        return state

    def rule(self, band: float, slope: float, curve: float = 0.0, **other: float) -> kernels.Rule:
        """The compiled loops' rule; weights given in usual borders, and what is not named as searching exactly wants it."""
        values = {"price": 0.0, "reach": REACH, "chance": 256, "hope": 0.0, "scan": STEPS} | other
        kinds = kernels.Rule.__annotations__
        return kernels.Rule(
            band=band,
            slope=slope * self.stake,
            curve=curve * self.stake,
            **{name: kinds[name](value) for name, value in values.items()},
        )

    def _chain(self) -> chains.Chain:
        shape = (DEPTH, ROOM)
        return chains.Chain(
            unit=np.zeros(shape, np.int32),
            to=np.zeros(shape, np.int32),
            trying=np.zeros((DEPTH + 1, 3), np.int32),
            chosen=np.zeros((DEPTH + 1, 3), np.int32),
            length=np.zeros(1, np.int32),
            score=np.zeros(1),
            weight=np.ones(self.grids),
        )


def _part_of_graph(problem: Problem, units: Ints, village_weight: float) -> tuple[Ints, Ints, Floats]:
    """The borders among `units` (CSR); those inside one village are longer by `village_weight` of their length."""
    graph = problem.graph
    local = np.full(problem.units, -1, np.int32)
    local[units] = np.arange(units.size, dtype=np.int32)
    degree = graph.start[units + 1] - graph.start[units]
    tails = np.repeat(np.arange(units.size, dtype=np.int32), degree)
    first = np.repeat(graph.start[units] - (np.cumsum(degree) - degree), degree)
    entry = first + np.arange(degree.sum())
    heads = local[graph.neighbour[entry]]
    inside = heads >= 0
    tails, heads, border = tails[inside], heads[inside], graph.border[entry][inside]
    if problem.village is not None and village_weight:
        same = problem.village[units[tails]] == problem.village[units[heads]]
        border = border * np.where(same, 1 + village_weight, 1.0)
    start = np.concatenate(([0], np.cumsum(np.bincount(tails, minlength=units.size)))).astype(np.int32)
    return start, heads, border
