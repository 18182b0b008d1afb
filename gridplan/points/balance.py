"""Balancing a power diagram exactly: points move along cheapest chains of sectors, so the labels stay those of a power diagram.

An assignment of points to sectors of given sizes with the least sum of squared distances is a power diagram, its powers
the dual prices (Aurenhammer et al.). Moving the marginal point of each step of a cheapest chain of sectors keeps the sum least for
the new sizes (successive shortest paths), and the graph of sectors is so small that a chain costs microseconds.
"""

from typing import Any

import numba
import numpy as np

from gridplan.problem import Floats, Ints

_FAR = np.inf


def balance(places: Floats, load: Floats, centre: Floats, power: Floats, loose: float) -> tuple[Ints, Floats]:
    """Labels and powers of the balanced diagram of fixed centres, from the diagram of `power`.

    Ends when no chain of sectors brings the loads closer together, or all are within `loose` of their mean.
    """
    result: tuple[Ints, Floats] = _balance(places, load, centre, power, loose)
    return result


@numba.njit(cache=True)
def _balance(places: Any, load: Any, centre: Any, power: Any, loose: float) -> Any:
    n, k = len(places), len(centre)
    away = _squares(places, centre)
    label = np.empty(n, np.int32)
    sums = np.zeros(k)
    count = np.zeros(k, np.int64)
    for i in range(n):
        label[i] = 0
        for j in range(1, k):
            if away[i, j] - power[j] < away[i, label[i]] - power[label[i]]:
                label[i] = j
        sums[label[i]] += load[i]
        count[label[i]] += 1
    mean = sums.sum() / k
    step, who = _steps(away, label)
    for _ in range(4 * n * k):
        if np.abs(sums - mean).max() <= loose and count.min() > 0:
            break
        far, via = _chains(step)
        source, target = _best_chain(far, via, who, load, sums, count, mean)
        if source < 0:
            break
        touched = np.zeros(k, np.bool_)
        moved_point = np.empty(k, np.int64)
        hops = 0
        at = source
        touched[at] = True
        path = np.empty(k + 1, np.int64)
        path[0] = at
        while at != target:
            after = via[at, target]
            moved_point[hops] = who[at, after]
            hops += 1
            path[hops] = after
            at = after
            touched[at] = True
        for h in range(hops):
            i = moved_point[h]
            label[i] = path[h + 1]
            sums[path[h]] -= load[i]
            sums[path[h + 1]] += load[i]
            count[path[h]] -= 1
            count[path[h + 1]] += 1
        _steps_again(away, label, step, who, touched)
    return label, _powers(step)


@numba.njit(cache=True)
def _squares(places: Any, centre: Any) -> Any:
    """Squared distances of all points to all centres."""
    away = np.empty((len(places), len(centre)))
    for i in range(len(places)):
        for j in range(len(centre)):
            away[i, j] = (places[i, 0] - centre[j, 0]) ** 2 + (places[i, 1] - centre[j, 1]) ** 2
    return away


@numba.njit(cache=True)
def _steps(away: Any, label: Any) -> Any:
    """What the cheapest point costs to move from sector a to b, and which it is."""
    k = away.shape[1]
    step = np.full((k, k), _FAR)
    who = np.full((k, k), -1, np.int64)
    _steps_again(away, label, step, who, np.ones(k, np.bool_))
    return step, who


@numba.njit(cache=True)
def _steps_again(away: Any, label: Any, step: Any, who: Any, touched: Any) -> None:
    k = away.shape[1]
    for a in range(k):
        if touched[a]:
            step[a, :] = _FAR
            who[a, :] = -1
    for i in range(len(label)):
        a = label[i]
        if touched[a]:
            for b in range(k):
                if b != a:
                    d = away[i, b] - away[i, a]
                    if d < step[a, b]:
                        step[a, b] = d
                        who[a, b] = i


@numba.njit(cache=True)
def _chains(step: Any) -> Any:
    """Cheapest chains between all sectors (Floyd, Warshall) and the first step of each."""
    k = len(step)
    far = step.copy()
    via = np.empty((k, k), np.int64)
    for a in range(k):
        for b in range(k):
            via[a, b] = b
    for c in range(k):
        for a in range(k):
            if a != c:
                for b in range(k):
                    # The slack keeps rounding from making endless chains of ties.
                    if b not in (a, c) and far[a, c] + far[c, b] < far[a, b] - 1e-9 * (1.0 + abs(far[a, b])):
                        far[a, b] = far[a, c] + far[c, b]
                        via[a, b] = via[a, c]
    return far, via


@numba.njit(cache=True)
def _best_chain(far: Any, via: Any, who: Any, load: Any, sums: Any, count: Any, mean: float) -> Any:
    """The chain that brings the loads closest together (least squares); empty sectors are filled first."""
    k = len(sums)
    best, source, target = 1e-9 * mean * mean, -1, -1
    for a in range(k):
        for b in range(k):
            if a == b or far[a, b] == _FAR or count[a] < 2:
                continue
            gain, at, hops = 0.0, a, 0
            arriving = 0.0
            sound = True
            while at != b:
                after = via[at, b]
                leaving = load[who[at, after]] if who[at, after] >= 0 else -1.0
                hops += 1
                if leaving < 0 or hops > k:
                    sound = False
                    break
                old, new = sums[at] - mean, sums[at] - mean + arriving - leaving
                gain += old * old - new * new
                arriving, at = leaving, after
            if not sound:
                continue
            old, new = sums[b] - mean, sums[b] - mean + arriving
            gain += old * old - new * new
            if count[b] == 0 and sums[a] > mean:
                gain += 4 * mean * mean
            if gain > best:
                best, source, target = gain, a, b
    return source, target


@numba.njit(cache=True)
def _powers(step: Any) -> Any:
    """Powers under which every point is at least as near to its own sector; in the middle of what is possible.

    A point of a stays if power[b] − power[a] ≤ step[a, b]: lengths of cheapest chains from any sector satisfy that, and so
    does their mean over all sectors.
    """
    far, _ = _chains(step)
    k = len(step)
    power = np.zeros(k)
    for b in range(k):
        for a in range(k):
            if a != b and far[a, b] < _FAR:
                power[b] += far[a, b]
            if a != b and far[b, a] < _FAR:
                power[b] -= far[b, a]
    return power / (2 * k)
