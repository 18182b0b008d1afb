"""An order of the units of a planar graph in which few decided units ever have undecided neighbours."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gridplan.problem import Floats, Ints

_BITS = 62  # of a frontier that fits a number; wider ones have far too large tables anyway


@dataclass(frozen=True, eq=False)
class Sweep:
    """An order of the units and, step by step, the frontier. Units are named by their place in `order`.

    `width[t]` is the size of the frontier before step t; step t puts unit t on top of it and then keeps the bits of `keep[t]`.
    The earlier neighbours of t are bits `bit` of the frontier, rows first[t] … first[t + 1] of `bit` and `half` (half the
    common border, metres).
    """

    order: Ints
    width: Ints
    keep: Any
    first: Ints
    bit: Ints
    half: Floats

    @property
    def way(self) -> Any:
        """What the kernels of `tables` take."""
        return self.width, self.keep, self.first, self.bit, self.half

    @property
    def cells(self) -> int:
        """Number of (step, frontier) pairs: table rows needed."""
        return sum(1 << width for width in self.width.tolist())


def sweep(units: int, edges: Ints, border: Floats, position: Floats) -> Sweep:
    """The sweep with the smallest tables among some along lines and some grown greedily."""
    near: list[dict[int, float]] = [{} for _ in range(units)]
    for (i, j), length in zip(edges.tolist(), border.tolist(), strict=True):
        near[i][j] = near[j][i] = length
    orders = []
    for angle in np.arange(0, 2 * np.pi, np.pi / 8):
        along = position @ np.array([np.cos(angle), np.sin(angle)])
        line = np.argsort(along, kind="stable").tolist()
        orders += [line, _greedy(near, line[0])]
    return min((_sweep(near, order) for order in orders), key=lambda each: each.cells)


def _greedy(near: list[dict[int, float]], start: int) -> list[int]:
    """From `start`, always the unit that leaves the smallest frontier, the longest waiting first."""
    left = [len(each) for each in near]  # undecided neighbours
    done: dict[int, int] = {}
    order: list[int] = []
    fresh = start
    while True:
        done[fresh] = len(order)
        order.append(fresh)
        for u in near[fresh]:
            left[u] -= 1
        if len(order) == len(near):
            return order
        around = {u for v in done if left[v] for u in near[v] if u not in done} or {
            u for u in range(len(near)) if u not in done
        }

        def burden(u: int) -> tuple[int, int, int]:
            closes = sum(1 for v in near[u] if v in done and left[v] == 1)
            oldest = min((done[v] for v in near[u] if v in done), default=0)
            return (left[u] > 0) - closes, oldest, u

        fresh = min(around, key=burden)


def _sweep(near: list[dict[int, float]], order: list[int]) -> Sweep:
    place = {u: t for t, u in enumerate(order)}
    last = [max([t, *(place[v] for v in near[u])]) for t, u in enumerate(order)]
    frontier: list[int] = []
    width, keep, first, bit, half = [], [], [0], [], []
    for t, u in enumerate(order):
        width.append(len(frontier))
        for position, s in enumerate(frontier):
            if order[s] in near[u]:
                bit.append(position)
                half.append(near[u][order[s]] / 2)
        first.append(len(bit))
        frontier.append(t)
        keep.append(sum(1 << i for i, s in enumerate(frontier) if last[s] > t))
        frontier = [s for s in frontier if last[s] > t]
    width.append(0)
    return Sweep(
        np.array(order, np.int32),
        np.array(width, np.int32),
        np.array(keep, np.int64 if max(width) < _BITS else object),
        np.array(first, np.int32),
        np.array(bit, np.int32),
        np.array(half, np.float64),
    )
