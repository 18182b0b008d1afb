"""Compiled inner loops of the solver: arrays in, arrays changed in place. One container at a time, its units 0 … n−1."""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators
# (numba infers the types of the loops from the arrays)

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from gridplan.seats import farther, reseat

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


class State(NamedTuple):
    """A division under change: the graph (CSR), each unit's load and home, each grid's load, size and chain of members."""

    start: Ints
    neighbour: Ints
    border: Floats
    load: Floats  # share of the mean load of a grid
    label: Ints
    home: Ints
    total: Floats
    size: Ints
    foreign: Ints  # neighbours in other grids
    head: Ints  # a member of each grid, -1 for none
    after: Ints  # the members of a grid in a ring
    before: Ints
    active: Ints  # [2n] units at borders (some may have left them)
    listed: npt.NDArray[np.bool_]
    listing: Ints  # their number, in [0]
    stamp: Ints
    queue: Ints
    clock: Ints  # last stamp, in [0]
    random: npt.NDArray[np.uint64]
    now: Floats  # cut border with the ways, excess over tolerance, load away from home
    limit: Floats  # of each grid's deviation
    # Of units, then of the grids' seats, in metres of cut border that a whole grid's way is worth; or none.
    place: Floats
    pull: Floats  # what a grid's whole load would cost besides: high where there is load to be passed on to others afar


class Rule(NamedTuple):
    """What a move costs beside cut border: deviation beyond `band` and, in re-planning, load away from home."""

    band: float
    slope: float
    curve: float
    price: float
    reach: int
    chance: int  # of 256, that a move that only upsets the balance looks for an answer
    hope: float  # border that an answering unit may be expected to save
    scan: int  # members of a grid looked at for an answer


@njit(cache=True)
def _draw(random, below):
    x = random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    random[0] = x
    return np.int64((x >> np.uint64(33)) * np.uint64(below) >> np.uint64(31))


@njit(cache=True)
def _penalty(state, g, total, rule):
    off = abs(total - 1.0)
    return rule.curve * off * off + rule.slope * max(0.0, off - rule.band) + state.pull[g] * total


@njit(cache=True)
def excess(state, g):
    return max(0.0, abs(state.total[g] - 1.0) - state.limit[g])


@njit(cache=True)
def prepare(state):
    """Fill the derived arrays from `label`."""
    state.total[:] = 0.0
    state.size[:] = 0
    state.head[:] = -1
    state.listed[:] = False
    state.listing[0] = 0
    state.now[:] = 0.0
    for u in range(state.label.size):
        g = state.label[u]
        state.total[g] += state.load[u]
        state.size[g] += 1
        _chain(state, u, g)
        other = 0
        for e in range(state.start[u], state.start[u + 1]):
            if state.label[state.neighbour[e]] != g:
                other += 1
                state.now[0] += state.border[e] / 2
        state.foreign[u] = other
        if g != state.home[u]:
            state.now[2] += state.load[u]
        if other:
            _list(state, u)
    for g in range(state.total.size):
        state.now[1] += excess(state, g)
    if state.place.size > 0:
        reseat(state, True)


@njit(cache=True)
def _list(state, u):
    if not state.listed[u]:
        state.listed[u] = True
        state.active[state.listing[0]] = u
        state.listing[0] += 1


@njit(cache=True)
def _chain(state, u, g):
    h = state.head[g]
    if h < 0:
        state.head[g] = u
        state.after[u] = u
        state.before[u] = u
    else:
        last = state.before[h]
        state.after[last] = u
        state.before[u] = last
        state.after[u] = h
        state.before[h] = u


@njit(cache=True)
def move(state, u, to):
    g = state.label[u]
    x = state.load[u]
    state.now[1] -= excess(state, g) + excess(state, to)
    state.total[g] -= x
    state.total[to] += x
    state.now[1] += excess(state, g) + excess(state, to)
    if g == state.home[u]:
        state.now[2] += x
    elif to == state.home[u]:
        state.now[2] -= x
    state.size[g] -= 1
    state.size[to] += 1
    a = state.after[u]
    b = state.before[u]
    state.after[b] = a
    state.before[a] = b
    if state.head[g] == u:
        state.head[g] = a if a != u else -1
    _chain(state, u, to)
    state.label[u] = to
    other = 0
    for e in range(state.start[u], state.start[u + 1]):
        v = state.neighbour[e]
        lv = state.label[v]
        if lv == g:
            state.foreign[v] += 1
            _list(state, v)
            other += 1
            state.now[0] += state.border[e]
        elif lv == to:
            state.foreign[v] -= 1
            state.now[0] -= state.border[e]
        else:
            other += 1
    state.foreign[u] = other
    if state.place.size > 0:
        state.now[0] += farther(state, u, g, to)
    if other:
        _list(state, u)


@njit(cache=True)
def may_leave(state, u, reach):
    """Whether u's grid stays connected without u: its neighbours there meet within `reach` steps of a search."""
    g = state.label[u]
    if state.size[g] == 1:
        return False
    state.clock[0] += 2
    wanted = state.clock[0]
    seen = wanted + 1
    left = 0
    first = -1
    for e in range(state.start[u], state.start[u + 1]):
        v = state.neighbour[e]
        if state.label[v] == g:
            state.stamp[v] = wanted
            left += 1
            first = v
    if left <= 1:
        return left == 1
    # first over common borders of the neighbours themselves
    state.queue[0] = first
    state.stamp[first] = seen
    left -= 1
    tail = 1
    i = 0
    while i < tail:
        v = state.queue[i]
        for e in range(state.start[v], state.start[v + 1]):
            w = state.neighbour[e]
            if state.stamp[w] == wanted:
                state.stamp[w] = seen
                left -= 1
                if left == 0:
                    return True
                state.queue[tail] = w
                tail += 1
        i += 1
    # then through the grid
    state.stamp[u] = seen
    i = 0
    while i < tail and i < reach:
        v = state.queue[i]
        for e in range(state.start[v], state.start[v + 1]):
            w = state.neighbour[e]
            if state.label[w] == g and state.stamp[w] != seen:
                if state.stamp[w] == wanted:
                    left -= 1
                    if left == 0:
                        return True
                state.stamp[w] = seen
                state.queue[tail] = w
                tail += 1
        i += 1
    return False


@njit(cache=True)
def gain(state, u, to, price):
    """Change of cut border and ways (and of the price of load away from home) by moving u."""
    g = state.label[u]
    delta = 0.0
    for e in range(state.start[u], state.start[u + 1]):
        lv = state.label[state.neighbour[e]]
        if lv == g:
            delta += state.border[e]
        elif lv == to:
            delta -= state.border[e]
    if state.place.size > 0:
        delta += farther(state, u, g, to)
    if price > 0.0:
        if g == state.home[u]:
            delta += price * state.load[u]
        elif to == state.home[u]:
            delta -= price * state.load[u]
    return delta


@njit(cache=True)
def _neighbour_grid(state, u):
    """A random neighbouring grid of u; its own where it has none."""
    g = state.label[u]
    degree = state.start[u + 1] - state.start[u]
    r = _draw(state.random, degree)
    for i in range(degree):
        t = state.label[state.neighbour[state.start[u] + (r + i) % degree]]
        if t != g:
            return t
    return g


@njit(cache=True)
def touches(state, u, g):
    for e in range(state.start[u], state.start[u + 1]):  # noqa: SIM110 - compiled
        if state.label[state.neighbour[e]] == g:
            return True
    return False


@njit(cache=True)
def _answer(state, u, b, cost, allowed, rule):
    """Move u into b, at `cost` of border, together with a unit of b that goes back or on, so that both cost `allowed` at most."""
    a = state.label[u]
    x = state.load[u]
    total_a = state.total[a]
    total_b = state.total[b] + x
    cost -= _penalty(state, a, total_a, rule) + _penalty(state, b, state.total[b], rule)
    onward = cost + _penalty(state, a, total_a - x, rule)
    limit = allowed + rule.hope
    moved = False
    v = state.head[b]
    for _ in range(min(rule.scan, state.size[b])):
        v = state.after[v]
        if state.foreign[v] == 0 or v == u:
            continue
        y = state.load[v]
        rest = _penalty(state, b, total_b - y, rule)
        change = cost + rest + _penalty(state, a, total_a - x + y, rule)
        if change <= limit and touches(state, v, a):
            c = a
        else:
            if onward + rest > limit:
                continue
            c = _neighbour_grid(state, v)
            if c in (a, b):
                continue
            change = (
                onward + rest + _penalty(state, c, state.total[c] + y, rule) - _penalty(state, c, state.total[c], rule)
            )
            if change > limit:
                continue
        if not moved:
            if not may_leave(state, u, rule.reach):
                return
            move(state, u, b)
            moved = True
        if (
            change + gain(state, v, c, rule.price) <= allowed
            and touches(state, v, c)
            and may_leave(state, v, rule.reach)
        ):
            state.head[b] = v
            move(state, v, c)
            return
    state.head[b] = v
    if moved:
        move(state, u, a)


@njit(cache=True)
def _try(state, u, heat, rule):
    """Move u into a neighbouring grid, or it and an answering unit, if the heat allows."""
    a = state.label[u]
    b = _neighbour_grid(state, u)
    x = state.load[u]
    allowed = -heat * np.log((_draw(state.random, 1 << 30) + 0.5) / (1 << 30))
    cost = gain(state, u, b, rule.price)
    if cost > allowed + rule.hope:
        return
    change = _penalty(state, a, state.total[a] - x, rule) - _penalty(state, a, state.total[a], rule)
    change += _penalty(state, b, state.total[b] + x, rule) - _penalty(state, b, state.total[b], rule)
    if cost + change <= allowed:
        if may_leave(state, u, rule.reach):
            move(state, u, b)
    elif _draw(state.random, 256) < rule.chance:
        _answer(state, u, b, cost, allowed, rule)


@njit(cache=True)
def keep(state, rule, best, record):
    """Copy the labels to `best` where they have less excess or, with the same, cost less than `record` says of it."""
    cost = state.now[0] + rule.price * state.now[2]
    if state.now[1] < record[0] - 1e-9 or (state.now[1] <= record[0] + 1e-9 and cost < record[1] - 1e-9):
        record[0] = state.now[1]
        record[1] = cost
        best[:] = state.label


@njit(cache=True)
def anneal(state, rule, sweeps, hot, cold, best, record):
    """Pass `sweeps` times over the units at borders, cooling from `hot` to `cold` metres.

    `best` keeps the best labels of a whole pass; `record` their excess over tolerance and cost."""
    for sweep in range(sweeps):
        heat = hot * (cold / hot) ** (sweep / max(1, sweeps - 1))
        kept = 0
        listed = state.listing[0]  # units that come to borders are added behind
        for i in range(listed):
            u = state.active[i]
            if state.foreign[u] == 0:
                state.listed[u] = False
                continue
            state.active[kept] = u
            kept += 1
            _try(state, u, heat, rule)
        for i in range(listed, state.listing[0]):
            state.active[kept] = state.active[i]
            kept += 1
        state.listing[0] = kept
        if state.place.size > 0:
            reseat(state, False)
        keep(state, rule, best, record)
