"""The search: ruin a few strings of neighbouring visits, put them back where they cost least, keep by simulated annealing.

After J. Christiaens and G. Vanden Berghe, Slack Induction by String Removals for Vehicle Routing Problems, Transportation
Science 54 (2020), with visits that may stay out at the price of their worth. Whole seconds everywhere; a route never breaks a
window, so that insertions are judged by the earliest begin before and the latest begin after them, each in constant time.
"""

from typing import Any

import numba as nb
import numpy as np

MOST_REMOVED = 16  # visits at once
LONGEST_STRING = 10
BLINK = 0.01  # share of places overlooked when putting back


@nb.njit(cache=True)
def _random(state: Any) -> float:
    """Return the next number of 0 ≤ x < 1 (splitmix64); ``state[1]`` is the caller's."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return float(z >> np.uint64(11)) / 9007199254740992.0


@nb.njit(cache=True)
def first_begin(windows: Any, visit: int, shift: int, arrival: int) -> int:
    """Return when a visit can begin at the earliest; −1: no more that day."""
    for w in range(windows.shape[2]):
        if arrival <= windows[visit, shift, w, 1]:
            return int(max(arrival, windows[visit, shift, w, 0]))
    return -1


@nb.njit(cache=True)
def last_begin(windows: Any, visit: int, shift: int, bound: int) -> int:
    """Return when a visit can begin at the latest, not after ``bound``; −1: never."""
    for w in range(windows.shape[2] - 1, -1, -1):
        low, high = windows[visit, shift, w, 0], windows[visit, shift, w, 1]
        if low <= high and bound >= low:
            return int(min(bound, high))
    return -1


@nb.njit(cache=True)
def _refresh(
    r: int, route: Any, count: int, travel: Any, service: Any, windows: Any, hours: Any, leave: Any, latest: Any
) -> None:
    """Set when each visit of route ``r`` is left at the earliest and may begin at the latest."""
    n = len(service)
    at, now = n + 2 * r, hours[r, 0]
    for p in range(count):
        c = route[p]
        now = first_begin(windows, c, r, now + travel[at, c]) + service[c]
        leave[r, p] = now
        at = c
    at, bound = n + 2 * r + 1, hours[r, 1]
    for p in range(count - 1, -1, -1):
        c = route[p]
        bound = last_begin(windows, c, r, bound - travel[c, at] - service[c])
        latest[r, p] = bound
        at = c


@nb.njit(cache=True)
def _put_back(
    c: int, routes: Any, counts: Any, travel: Any, service: Any, windows: Any, hours: Any, extra: Any, worth: int,
    leave: Any, latest: Any, state: Any,
) -> bool:  # fmt: skip
    """Insert a visit where it costs least, if that is less than its worth."""
    n, best, best_r, best_p = len(service), worth, -1, -1
    for r in range(len(counts)):
        if windows[c, r, 0, 0] > windows[c, r, 0, 1]:
            continue  # closed that day
        before, left = n + 2 * r, hours[r, 0]
        for p in range(counts[r] + 1):
            end = p == counts[r]
            after = n + 2 * r + 1 if end else routes[r, p]
            bound = hours[r, 1] if end else latest[r, p]
            cost = travel[before, c] + travel[c, after] - travel[before, after] + extra[c, r]
            if cost < best and _random(state) >= BLINK:
                begin = first_begin(windows, c, r, left + travel[before, c])
                if begin >= 0 and begin + service[c] + travel[c, after] <= bound:
                    best, best_r, best_p = cost, r, p
            if not end:
                before, left = after, leave[r, p]
    if best_r < 0:
        return False
    row = routes[best_r]
    for p in range(counts[best_r], best_p, -1):
        row[p] = row[p - 1]
    row[best_p] = c
    counts[best_r] += 1
    _refresh(best_r, row, counts[best_r], travel, service, windows, hours, leave, latest)
    return True


@nb.njit(cache=True)
def _ruin(routes: Any, counts: Any, near: Any, removed: Any, state: Any) -> int:
    """Take strings of visits around a random one out of the routes; return how many, listed in ``removed``."""
    wanted, taken, n = 1 + int(_random(state) * MOST_REMOVED), 0, len(near)
    seed = int(_random(state) * n)
    for k in range(n):
        c = near[seed, k]
        for r in range(len(counts)):
            p = -1
            for q in range(counts[r]):
                if routes[r, q] == c:
                    p = q
            if p < 0:
                continue
            most = min(counts[r], LONGEST_STRING, wanted - taken)
            length = 1 + int(_random(state) * most)
            begin = max(0, p - int(_random(state) * length))
            begin = min(begin, counts[r] - length)
            kept = begin
            spared = begin + int(_random(state) * length) if length > 2 and _random(state) < 0.5 else -1
            for q in range(begin, counts[r]):
                if q < begin + length and q != spared:
                    removed[taken] = routes[r, q]
                    taken += 1
                else:
                    routes[r, kept] = routes[r, q]
                    kept += 1
            counts[r] = kept
            break
        if taken >= wanted:
            break
    return taken


@nb.njit(cache=True)
def _sort(visits: Any, rank: Any, count: int, orders: Any, state: Any) -> None:
    """Sort the visits by one of the orders or by none, drawn anew."""
    which = int(_random(state) * (len(orders) + 1))
    for k in range(count):
        visit, value = visits[k], orders[which, visits[k]] if which < len(orders) else _random(state)
        q = k
        while q and rank[q - 1] > value:
            rank[q], visits[q] = rank[q - 1], visits[q - 1]
            q -= 1
        rank[q], visits[q] = value, visit


@nb.njit(cache=True)
def cost_of(routes: Any, counts: Any, travel: Any, worth: Any, extra: Any, out: Any) -> int:
    """Return seconds of travel and preferences plus the worth of what is left out, which is marked in ``out``."""
    n = len(worth)
    total = 0
    out[:] = True
    for r in range(len(counts)):
        at = n + 2 * r
        for p in range(counts[r]):
            c = routes[r, p]
            total += travel[at, c] + extra[c, r]
            out[c] = False
            at = c
        if counts[r]:
            total += travel[at, n + 2 * r + 1]
    for c in range(n):
        if out[c]:
            total += worth[c]
    return total


@nb.njit(cache=True)
def anneal(
    routes: Any, counts: Any, best_routes: Any, best_counts: Any, best_cost: int, travel: Any, service: Any, windows: Any,
    hours: Any, worth: Any, extra: Any, near: Any, orders: Any, temperature: float, cooling: float, rounds: int, state: Any,
) -> int:  # fmt: skip
    """Do ``rounds`` rounds on the current routes, cooling from ``temperature``; return the best cost, the best kept in place."""
    n, shifts = len(service), len(counts)
    leave, latest = np.zeros((shifts, n), np.int64), np.zeros((shifts, n), np.int64)
    trial, size, removed, rank = routes.copy(), counts.copy(), np.zeros(n, np.int32), np.zeros(n)
    out, still_out = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    cost = cost_of(routes, counts, travel, worth, extra, out)
    for _ in range(rounds):
        trial[:], size[:] = routes, counts
        taken = _ruin(trial, size, near, removed, state)
        for c in range(n):
            if out[c]:
                removed[taken] = c
                taken += 1
        for r in range(shifts):
            _refresh(r, trial[r], size[r], travel, service, windows, hours, leave, latest)
        _sort(removed, rank, taken, orders, state)
        for c in removed[:taken]:
            _put_back(c, trial, size, travel, service, windows, hours, extra, worth[c], leave, latest, state)
        new = cost_of(trial, size, travel, worth, extra, still_out)
        if new < cost - temperature * np.log(1e-12 + _random(state)):
            routes[:], counts[:], out[:], cost = trial, size, still_out, new
            if cost < best_cost:
                best_routes[:], best_counts[:], best_cost = trial, size, cost
        temperature *= cooling
    return best_cost
