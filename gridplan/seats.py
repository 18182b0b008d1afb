"""The seat of a grid, and the ways to it: the unit from which the whole load of the grid is nearest, metres weighted by load."""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators
# (numba infers the types of the loops from the arrays)

import numpy as np
from numba import njit

from gridplan.problem import Floats, Ints, Problem


@njit(cache=True)
def apart(position, u, v):
    """Metres between two units."""
    dx = position[u, 0] - position[v, 0]
    dy = position[u, 1] - position[v, 1]
    return np.sqrt(dx * dx + dy * dy)


@njit(cache=True)
def middle(members, weight, position):
    """The whole weight of `members` and the middle of their places by it; where nothing weighs anything, the first's."""
    total = 0.0
    east = 0.0
    north = 0.0
    for v in members:
        total += weight[v]
        east += weight[v] * position[v, 0]
        north += weight[v] * position[v, 1]
    if total == 0.0:
        return total, position[members[0], 0], position[members[0], 1]
    return total, east / total, north / total


@njit(cache=True)
def seat_among(members, load, position):
    """The seat among `members` and Σ load × metres to it; of several equal ones the first."""
    total, east, north = middle(members, load, position)
    best = np.inf
    seat = members[0]
    if total == 0.0:
        return seat, 0.0
    for u in members:
        # no sum of distances is less than the distance of the middle (the triangle inequality)
        if total * np.sqrt((position[u, 0] - east) ** 2 + (position[u, 1] - north) ** 2) >= best:
            continue
        cost = 0.0
        for v in members:
            cost += load[v] * apart(position, u, v)
            if cost >= best:
                break
        if cost < best:
            best = cost
            seat = u
    return seat, best


@njit(cache=True)
def away(state, u, g):
    """What the way from unit u to the seat of grid g costs; the seat's place stands behind those of the units."""
    return state.load[u] * apart(state.place, u, state.label.size + g)


@njit(cache=True)
def farther(state, u, g, to):
    """What the way of unit u costs more to the seat of grid `to` than to that of g."""
    return away(state, u, to) - away(state, u, g)


@njit(cache=True)
def reseat(state, fresh):
    """Seat every grid where its members now are, and correct the cost by what that saves, or charge it all if `fresh`."""
    n = state.label.size
    members = np.empty(n, np.int32)
    for g in range(state.head.size):
        u = state.head[g]
        if u < 0:
            continue
        for i in range(state.size[g]):
            members[i] = u
            if not fresh:
                state.now[0] -= away(state, u, g)
            u = state.after[u]
        seat, cost = seat_among(members[: state.size[g]], state.load, state.place)
        state.place[n + g] = state.place[seat]
        state.now[0] += cost


@njit(cache=True)
def _seat_all(order, first, load, position, seat, cost):
    for g in range(seat.size):
        if first[g] < first[g + 1]:
            seat[g], cost[g] = seat_among(order[first[g] : first[g + 1]], load, position)


def seated(label: Ints, load: Floats, position: Floats, grids: int) -> tuple[Ints, Floats]:
    """The seat (a unit; −1 of an empty grid) of each of the grids 0 … `grids` − 1, and Σ load × metres of its units to it."""
    order = np.argsort(label, kind="stable").astype(np.int32)
    first = np.searchsorted(label[order], np.arange(grids + 1))
    seat, cost = np.full(grids, -1, np.int32), np.zeros(grids)
    _seat_all(order, first, load, position, seat, cost)
    return seat, cost


def seats(problem: Problem, label: Ints) -> tuple[Ints, Floats]:
    """The seat (a unit; −1 of an empty grid) of each grid of the division `label[n]`, and Σ minutes × metres of its units to it.

    The seat is the unit of the grid for which that sum is least; units without load count in no sum, but may be seats."""
    return seated(label, problem.load, problem.position, int(problem.first[-1]))


def distance(problem: Problem, label: Ints) -> float:
    """The mean distance (metres, as the crow flies, weighted by load) from where work is to the seat of its grid."""
    total = float(problem.load.sum())
    return float(seats(problem, label)[1].sum()) / total if total > 0 else 0.0
