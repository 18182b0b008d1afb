"""All subsets of a small planar graph at once: dynamic programming along a sweep whose frontier stays narrow.

A subset S of the units is decided unit by unit; all that its future cost depends on is which units of the frontier (decided
units with undecided neighbours) it holds and how much load it has. Tables over (units of the frontier held, load) therefore give
the cheapest S for any prices of units, exactly, in time n · 2^width · loads: villages of 66 units have a width of 8 or 9.

Cost of S: half its border with the rest less the prices of its units. Loads are whole numbers here, tables in single precision.
"""

from typing import Any

import numba
import numpy as np


@numba.njit(cache=True)
def compress(bits: int, keep: int) -> int:
    """The bits of `keep`, moved together."""
    result, place = 0, 0
    while keep:
        low = keep & -keep
        if bits & low:
            result |= 1 << place
        place += 1
        keep ^= low
    return result


@numba.njit(cache=True)
def step_cost(t: int, held: int, taken: int, way: Any) -> float:
    """Half the border that deciding unit t as `taken` cuts, with `held` of the frontier in the subset."""
    _, _, first, bit, half = way
    cost = 0.0
    for e in range(first[t], first[t + 1]):
        if ((held >> bit[e]) & 1) != taken:
            cost += half[e]
    return cost


@numba.njit(cache=True)
def backward(way: Any, load: Any, price: Any, low: int, high: int) -> Any:
    """Tables of the least cost of deciding units t … n−1, by step, frontier and load so far; infinite where low … high is missed.

    Row base[t] + held, column load so far; single precision. Returns (tables, base).
    """
    width, keep = way[0], way[1]
    n, loads = len(load), high + 1
    base = np.zeros(n + 2, np.int64)
    for t in range(n + 1):
        base[t + 1] = base[t] + (1 << width[t])
    table = np.empty((base[n + 1], loads), np.float32)
    table[base[n], :] = np.inf
    table[base[n], low:] = 0
    for t in range(n - 1, -1, -1):
        w, own = width[t], load[t]
        for held in range(1 << w):
            out = base[t + 1] + compress(held, keep[t])
            into = base[t + 1] + compress(held | (1 << w), keep[t])
            cost_out = np.float32(step_cost(t, held, 0, way))
            cost_in = np.float32(step_cost(t, held, 1, way) - price[t])
            row, row_out, row_in = table[base[t] + held], table[out], table[into]
            for q in range(loads):
                row[q] = row_out[q] + cost_out
            for q in range(loads - own):
                better = row_in[q + own] + cost_in
                if better < row[q]:
                    row[q] = better
    return table, base


@numba.njit(cache=True)
def forward(way: Any, load: Any, price: Any, high: int, base: Any) -> Any:
    """Tables of the least cost of having decided units 0 … t−1, laid out as those of `backward`."""
    width, keep = way[0], way[1]
    n, loads = len(load), high + 1
    table = np.full((base[n + 1], loads), np.inf, np.float32)
    table[0, 0] = 0
    for t in range(n):
        w, own = width[t], load[t]
        for held in range(1 << w):
            row = table[base[t] + held]
            row_out = table[base[t + 1] + compress(held, keep[t])]
            row_in = table[base[t + 1] + compress(held | (1 << w), keep[t])]
            cost_out = np.float32(step_cost(t, held, 0, way))
            cost_in = np.float32(step_cost(t, held, 1, way) - price[t])
            for q in range(loads):
                row_out[q] = min(row_out[q], row[q] + cost_out)
            for q in range(loads - own):
                row_in[q + own] = min(row_in[q + own], row[q] + cost_in)
    return table


@numba.njit(cache=True)
def best_with_each(way: Any, load: Any, price: Any, front: Any, back: Any, base: Any) -> Any:
    """For each unit the cheapest subset that holds it: cost[n] and members[n, n] (units by place in the order)."""
    width, keep = way[0], way[1]
    n, loads = len(load), back.shape[1]
    cost = np.full(n, np.inf)
    members = np.zeros((n, n), np.bool_)
    for t in range(n):
        w, own = width[t], load[t]
        best, at_held, at_load = np.inf, 0, 0
        for held in range(1 << w):
            into = base[t + 1] + compress(held | (1 << w), keep[t])
            price_in = step_cost(t, held, 1, way) - price[t]
            ahead, behind = front[base[t] + held], back[into]
            for q in range(loads - own):
                total = ahead[q] + behind[q + own] + price_in
                if total < best:
                    best, at_held, at_load = total, held, q
        cost[t] = best
        if best < np.inf:
            members[t, t] = True
            _trace_forward(
                t + 1, compress(at_held | (1 << w), keep[t]), at_load + own, members[t], way, load, price, back, base
            )
            _trace_backward(t - 1, at_held, at_load, members[t], way, load, price, front, base)
    return cost, members


@numba.njit(cache=True)
def _trace_forward(
    t: int, held: int, q: int, members: Any, way: Any, load: Any, price: Any, back: Any, base: Any
) -> None:
    width, keep = way[0], way[1]
    n, loads = len(load), back.shape[1]
    while t < n:
        w = width[t]
        out = compress(held, keep[t])
        into = compress(held | (1 << w), keep[t])
        without = back[base[t + 1] + out, q] + step_cost(t, held, 0, way)
        taken = np.inf
        if q + load[t] < loads:
            taken = back[base[t + 1] + into, q + load[t]] + step_cost(t, held, 1, way) - price[t]
        if taken < without:
            members[t] = True
            held, q = into, q + load[t]
        else:
            held = out
        t += 1


@numba.njit(cache=True)
def _trace_backward(
    t: int, after: int, q: int, members: Any, way: Any, load: Any, price: Any, front: Any, base: Any
) -> None:
    """From the frontier after step t back to the start."""
    width, keep = way[0], way[1]
    while t >= 0:
        w = width[t]
        best, chosen, taken_best = np.inf, 0, False
        full = (1 << (w + 1)) - 1
        lost = full & ~keep[t]
        held_base = spread(after, keep[t])
        sub = lost
        while True:  # however the forgotten bits may have stood before
            bits = held_base | sub
            taken = (bits >> w) & 1
            held = bits & ((1 << w) - 1)
            before = q - load[t] * taken
            if before >= 0:
                cost = front[base[t] + held, before] + step_cost(t, held, taken, way) - price[t] * taken
                if cost < best:
                    best, chosen, taken_best = cost, held, taken == 1
            if sub == 0:
                break
            sub = (sub - 1) & lost
        if taken_best:
            members[t] = True
            q -= load[t]
        after = chosen
        t -= 1


@numba.njit(cache=True)
def spread(bits: int, keep: int) -> int:
    """The inverse of `compress`, with zeros elsewhere."""
    result, place = 0, 0
    while keep:
        low = keep & -keep
        if (bits >> place) & 1:
            result |= low
        place += 1
        keep ^= low
    return result


@numba.njit(cache=True)
def cheap(
    way: Any,
    load: Any,
    price: Any,
    back: Any,
    base: Any,
    most: float,
    minutes: Any,
    low: float,
    high: float,
    rows: int,
    looks: int,
) -> Any:
    """All subsets that cost at most `most` and whose `minutes` (by unit, in the order of `load`) add up to low … high.

    Returns them as members[c, n], and whether these are all: no more than `rows` of them, found among `looks` subsets that are
    cheap by their rounded loads.
    """
    width, keep = way[0], way[1]
    n, loads = len(load), back.shape[1]
    size = 2 * n + 2
    at, held, q, cost = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size)
    chosen = np.zeros((size, n), np.bool_)
    found = np.zeros((1024, n), np.bool_)
    count, top = 0, 1
    while top:
        top -= 1
        t, h, p, c = at[top], held[top], q[top], cost[top]
        if c + back[base[t] + h, p] > most:
            continue
        if t == n:
            looks -= 1
            true = 0.0
            for u in range(n):
                if chosen[top, u]:
                    true += minutes[u]
            within = low <= true <= high
            if looks < 0 or (within and count == rows):
                return found[:count], False
            if within:
                if count == len(found):
                    found = np.concatenate((found, np.zeros((count, n), np.bool_)))
                found[count] = chosen[top]
                count += 1
            continue
        members = chosen[top].copy()
        at[top], held[top], cost[top] = t + 1, compress(h, keep[t]), c + step_cost(t, h, 0, way)
        top += 1
        if p + load[t] < loads:
            members[t] = True
            chosen[top] = members
            at[top], held[top] = t + 1, compress(h | (1 << width[t]), keep[t])
            q[top], cost[top] = p + load[t], c + step_cost(t, h, 1, way) - price[t]
            top += 1
    return found[:count], True


@numba.njit(cache=True)
def in_one_piece(members: Any, start: Any, neighbour: Any) -> Any:
    """Which rows of members[c, n] are connected in the graph; the empty subset is not."""
    rows, n = members.shape
    whole = np.zeros(rows, np.bool_)
    stack = np.empty(n, np.int64)
    for c in range(rows):
        left = members[c].copy()
        size = left.sum()
        if size == 0:
            continue
        stack[0] = np.argmax(left)
        left[stack[0]] = False
        top, reached = 1, 1
        while top:
            top -= 1
            u = stack[top]
            for e in range(start[u], start[u + 1]):
                v = neighbour[e]
                if left[v]:
                    left[v] = False
                    stack[top] = v
                    top += 1
                    reached += 1
        whole[c] = reached == size
    return whole
