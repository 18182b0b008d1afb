"""The shortest ways to seats that prices of units can prove: the Lagrangian relaxation of Hess's model of districts (1965).

Every unit's load is paid for with a price for each minute, and may then be served by any number of seats. What is left falls apart:
each seat takes the load whose way is shorter than its price, as much as a grid may hold and itself first, a knapsack that is filled
by parts; and the `grids` seats that gain most are taken. Whatever the prices, no plan costs less; subgradients raise them.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators
# (numba infers the types of the loops from the arrays)

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.spatial import cKDTree

from gridplan.problem import Floats, Ints

WIDE, LEAST = 8, 24  # seats looked at for each unit: so many times a grid's usual number of units, and not fewer
PAIRS = 16_000_000  # of units and seats: 200 MB
# Of the distance to the goal; times SHRINK after IDLE rounds without gain, until it is the smallest.
STEP, SHRINK, SMALLEST = 1.0, 0.7, 2e-3
IDLE = 10
MOMENTUM = 0.5
HOPE = 0.03  # what bound is aimed at: so much above the best so far, …
SURE = 0.8  # … but not less than this share of what ways usually cost, and not more than a known plan costs
ASK = 10  # rounds between two looks at the clock
MOST = 1000  # rounds
ROUNDING = 1e-9  # of the bound: more than sums of floating-point numbers are off by


@dataclass(frozen=True, eq=False)
class Pairs:
    """For each seat j the units unit[first[j] : first[j + 1]] that may gain by it, at `metres`; any other unit i is at least
    `reach[i]` metres from it."""

    first: Ints
    unit: Ints
    metres: Floats
    reach: Floats


@njit(cache=True)
def _by_seat(near, far, weight, first, unit, metres):
    """Sort the pairs of unit i and seat near[i, q] by seat; units without load are left out."""
    n, m = near.shape
    for i in range(n):
        if weight[i] > 0.0:
            for q in range(m):
                first[near[i, q] + 1] += 1
    for j in range(n):
        first[j + 1] += first[j]
    at = first[:-1].copy()
    for i in range(n):
        if weight[i] > 0.0:
            for q in range(m):
                j = near[i, q]
                unit[at[j]] = i
                metres[at[j]] = far[i, q]
                at[j] += 1


@njit(cache=True)
def _select(ratio, weight, entry, lo, hi, room):
    """Put those of lo … hi − 1 with the least ratios in front that fit into `room`: up to where, and how much of the next."""
    while hi - lo > 1:
        pivot = ratio[(lo + hi - 1) // 2]
        i, j = lo - 1, hi
        while True:
            i += 1
            while ratio[i] < pivot:
                i += 1
            j -= 1
            while ratio[j] > pivot:
                j -= 1
            if i >= j:
                break
            ratio[i], ratio[j] = ratio[j], ratio[i]
            weight[i], weight[j] = weight[j], weight[i]
            entry[i], entry[j] = entry[j], entry[i]
        less = weight[lo : j + 1].sum()
        if less <= room:
            room -= less
            lo = j + 1
        else:
            hi = j + 1
    if lo < hi and weight[lo] <= room:
        return lo + 1, 0.0
    return lo, (room / weight[lo] if lo < hi else 0.0)


@njit(cache=True)
def _gather(begin, end, at, gains, unit, metres, load, price, skip, below, into):
    """Collect the pairs begin … end − 1 whose way is shorter than the price (`gains`), or is not, but by less than `below`."""
    ratio, weight, entry = into
    for e in range(begin, end):
        i = unit[e]
        more = metres[e] - price[i]
        if (more < 0.0) == gains and more < below and i != skip:
            ratio[at] = more
            weight[at] = load[i]
            entry[at] = i
            at += 1
    return at


@njit(cache=True)
def _fill(j, pairs, load, price, limits, floor, into):
    """The least Σ loadᵢ xᵢ (metres − priceᵢ) over low ≤ Σ loadᵢ xᵢ ≤ high, 0 ≤ x ≤ 1 and x = 1 for the seat j itself.

    Returns it, and of how many units in front of `into` x is 1, and the x of the next. Load of units that are not listed
    costs `floor` or more a minute."""
    first, unit, metres = pairs
    low, high = limits
    ratio, weight, entry = into
    begin, end = first[j], first[j + 1]
    value = -load[j] * price[j]
    found = _gather(begin, end, 0, True, unit, metres, load, price, j, 0.0, into)
    whole, part = _select(ratio, weight, entry, 0, found, max(high - load[j], 0.0))
    held = load[j] + weight[:whole].sum()
    if held < low and whole == found:
        found = _gather(begin, end, whole, False, unit, metres, load, price, j, floor, into)
        whole, part = _select(ratio, weight, entry, whole, found, low - held)
        held = load[j] + weight[:whole].sum()
        if whole == found and held < low:
            value += (low - held) * floor
    value += (weight[:whole] * ratio[:whole]).sum()
    if part > 0.0:
        value += part * weight[whole] * ratio[whole]
    return value, whole, part


@njit(cache=True)
def _room(first):
    widest = 1
    for j in range(first.size - 1):
        widest = max(widest, first[j + 1] - first[j])
    return np.empty(widest), np.empty(widest), np.empty(widest, np.int32)


@njit(cache=True)
def _values(pairs, load, price, limits, floor, value):
    """What each seat would save (negative) or cost."""
    into = _room(pairs[0])
    for j in range(value.size):
        value[j] = _fill(j, pairs, load, price, limits, floor, into)[0]


@njit(cache=True)
def _served(chosen, pairs, load, price, limits, floor, served):
    """How much of each unit the chosen seats take."""
    into = _room(pairs[0])
    served[:] = 0.0
    for j in chosen:
        _, whole, part = _fill(j, pairs, load, price, limits, floor, into)
        served[j] += 1.0
        for i in into[2][:whole]:
            served[i] += 1.0
        if part > 0.0:
            served[into[2][whole]] += part


def pairs(load: Floats, position: Floats, grids: int) -> tuple[Pairs, Floats]:
    """The pairs of units and seats near each other, and first prices: how far from each unit a grid's load reaches."""
    n = len(load)
    m = min(n, max(LEAST, WIDE * -(-n // grids), 1), max(1, PAIRS // n))
    far, near = cKDTree(position).query(position, k=m)
    far, near = far.reshape(n, m), near.reshape(n, m).astype(np.int32)
    first = np.zeros(n + 1, np.int64)
    size = int((load > 0).sum()) * m
    unit, metres = np.empty(size, np.int32), np.empty(size)
    _by_seat(near, far, load, first, unit, metres)
    gathered = np.cumsum(load[near], axis=1) >= load.sum() / grids
    edge = np.where(gathered.any(axis=1), gathered.argmax(axis=1), m - 1)
    reach = np.full(n, np.inf) if m == n else far[:, -1]
    return Pairs(first, unit, metres, reach), far[np.arange(n), edge]


def hess_bound(
    load: Floats, position: Floats, grids: int, low: float, high: float,
    stopped: Callable[[], bool] = lambda: False, known: float = np.inf,
) -> float:  # fmt: skip
    """A lower bound of Σ load × metres to the seats of `grids` grids with loads low … high each, connected or not.

    `known` is the cost of a valid plan, if there is one: it only shortens the way. `stopped` is asked between rounds; the bound
    is valid whenever it ends.
    """
    if len(load) <= grids or not load.sum() > 0:
        return 0.0
    near, price = pairs(load, position, grids)
    return max(0.0, _climb(near, price, load, grids, (max(low, 0.0), high), stopped, known))


def _climb(
    near: Pairs, price: Floats, load: Floats, grids: int, limits: tuple[float, float],
    stopped: Callable[[], bool], known: float,
) -> float:  # fmt: skip
    """The best bound of a walk along deflected subgradients with Polyak's steps."""
    best, best_price, step, idle = -np.inf, price, STEP, 0
    usual = min(known, float((load * price).sum()) * 2 / 3)  # a disc's mean distance to its middle is ⅔ of its radius
    direction, value, served = np.zeros(len(load)), np.empty(len(load)), np.empty(len(load))
    counted = load > 0
    lists = near.first, near.unit, near.metres
    for number in range(MOST):
        # Prices within reach: a pair that is not listed then gains nothing.
        price = np.minimum(price, near.reach)
        floor = float((near.reach - price)[counted].min())
        _values(lists, load, price, limits, floor, value)
        chosen = np.argpartition(value, grids - 1)[:grids]
        found = float((load * price).sum() + value[chosen].sum())
        found -= ROUNDING * float((load * np.abs(price)).sum() + np.abs(value[chosen]).sum())
        if found > best:
            idle = idle if found < best + 1e-5 * abs(best) else 0
            best, best_price = found, price
        else:
            idle += 1
        if best >= known * (1 - 1e-7) or (number % ASK == ASK - 1 and stopped()):
            break
        if idle >= IDLE:
            step, idle = step * SHRINK, 0
            price, direction = best_price, np.zeros(len(load))
            if step < SMALLEST:
                break
        _served(chosen, lists, load, price, limits, floor, served)
        direction = np.where(counted, 1 - served, 0.0) + MOMENTUM * direction
        norm = float((load * direction * direction).sum())
        if norm <= 0:
            break  # the seats serve everything once: nothing is better
        goal = min(known, max(best + HOPE * abs(best), SURE * usual))
        price = price + step * max(goal - found, 0.0) / norm * direction
    return best
