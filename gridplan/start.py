"""A first division: recursive bisection that grows each half as a connected region along the longer axis."""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators
# (numba infers the types of the loops from the arrays)

import numpy as np
from numba import njit

from gridplan.seats import middle


@njit(cache=True)
def _push(heap, key, size, u):
    i = size
    while i > 0:
        p = (i - 1) >> 1
        if key[heap[p]] <= key[u]:
            break
        heap[i] = heap[p]
        i = p
    heap[i] = u


@njit(cache=True)
def _pop(heap, key, size):
    """Take the least of `size` entries; `size` − 1 remain."""
    top = heap[0]
    u = heap[size - 1]
    i = 0
    while True:
        c = 2 * i + 1
        if c >= size - 1:
            break
        if c + 1 < size - 1 and key[heap[c + 1]] < key[heap[c]]:
            c += 1
        if key[heap[c]] >= key[u]:
            break
        heap[i] = heap[c]
        i = c
    heap[i] = u
    return top


@njit(cache=True)
def _project(units, weight, position, key, turn):
    """Write each unit's place along the longer axis of `units`, turned by `turn` radians."""
    w, mx, my = middle(units, weight, position)
    xx = 0.0
    yy = 0.0
    xy = 0.0
    for u in units:
        dx = position[u, 0] - mx
        dy = position[u, 1] - my
        xx += weight[u] * dx * dx
        yy += weight[u] * dy * dy
        xy += weight[u] * dx * dy
    angle = 0.5 * np.arctan2(2.0 * xy, xx - yy) + turn
    for u in units:
        key[u] = (position[u, 0] - mx) * np.cos(angle) + (position[u, 1] - my) * np.sin(angle)
    return w


@njit(cache=True)
def _grow(units, goal, least, most, start, neighbour, weight, key, side, mark, heap):
    """Set side 1 for a connected region of `units` of about `goal` weight and least … most units; the rest keep 0."""
    seed = units[0]
    for u in units:
        side[u] = 0
        mark[u] = 1
        if key[u] < key[seed]:
            seed = u
    heap[0] = seed
    mark[seed] = 2
    waiting = 1
    taken = 0
    load = 0.0
    while waiting > 0 and taken < most:
        u = _pop(heap, key, waiting)
        waiting -= 1
        if taken >= least and load + 0.5 * weight[u] > goal:
            break
        side[u] = 1
        taken += 1
        load += weight[u]
        for e in range(start[u], start[u + 1]):
            v = neighbour[e]
            if mark[v] == 1:
                mark[v] = 2
                _push(heap, key, waiting, v)
                waiting += 1


@njit(cache=True)
def _absorb(units, start, neighbour, weight, side, mark, queue):
    """Leave only the heaviest connected part at side 0; parts cut off from it join side 1."""
    part = 2
    heaviest = -1.0
    keep = 0
    for s in units:
        if side[s] != 0:
            continue
        part += 1
        side[s] = part
        queue[0] = s
        tail = 1
        i = 0
        load = 0.0
        while i < tail:
            u = queue[i]
            i += 1
            load += weight[u]
            for e in range(start[u], start[u + 1]):
                v = neighbour[e]
                if mark[v] != 0 and side[v] == 0:
                    side[v] = part
                    queue[tail] = v
                    tail += 1
        if load > heaviest:
            heaviest = load
            keep = part
    for u in units:
        mark[u] = 0
        side[u] = 0 if side[u] == keep else 1


@njit(cache=True)
def bisect(start, neighbour, weight, position, grids, turns, label, order):
    """Divide a connected graph into `grids` connected, non-empty labels of about equal weight (all weights positive).

    `order` becomes the units sorted by label; `turns` (radians, used in a ring) tilt the cuts, for other starts."""
    n = label.size
    key = np.empty(n)
    side = np.zeros(n, np.int32)
    mark = np.zeros(n, np.int8)
    heap = np.empty(n, np.int32)
    stack = np.empty((2 * grids + 64, 4), np.int64)
    stack[0] = (0, n, grids, 0)
    top = 1
    order[:] = np.arange(n)
    cuts = 0
    while top > 0:
        top -= 1
        lo, hi, k, first = stack[top]
        units = order[lo:hi]
        if k == 1:
            for u in units:
                label[u] = first
            continue
        total = _project(units, weight, position, key, turns[cuts % turns.size])
        cuts += 1
        half = k // 2
        _grow(units, total * half / k, half, hi - lo - (k - half), start, neighbour, weight, key, side, mark, heap)
        _absorb(units, start, neighbour, weight, side, mark, heap)
        load = 0.0
        taken = 0
        for u in units:
            if side[u] == 1:
                load += weight[u]
                taken += 1
        half = min(max(round(k * load / total), 1, k - (hi - lo - taken)), k - 1, taken)
        at = lo
        kept = 0
        for u in units:
            if side[u] == 1:
                order[at] = u
                at += 1
            else:
                heap[kept] = u
                kept += 1
        order[at:hi] = heap[:kept]
        stack[top] = (lo, at, half, first)
        stack[top + 1] = (at, hi, k - half, first + half)
        top += 2
