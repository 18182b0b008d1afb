"""Every way to make a container of listed grids, as long as they are few: a search from unit to unit within a budget.

With k grids the search is k − 1 deep: the last grid is the rest, and is looked up. On lists of ten thousands of grids for 3 or 4
grids a container it needs seconds where integer programming needs minutes.
"""

from typing import Any

import numba
import numpy as np

from gridplan.bound.container import Members
from gridplan.problem import Floats

_WORD = 64


def pack(members: Members, extra: Floats, grids: int, budget: float, steps: int) -> tuple[Members | None, bool]:
    """The `grids` of members[c, n] that cover every unit once with the least sum of `extra` (not negative) up to `budget`.

    Returns them, None if there are none, and whether the search was complete within `steps` comparisons.
    """
    if not len(members):
        return None, True
    n = members.shape[1]
    lowest = members.argmax(axis=1)
    order = np.lexsort((extra, lowest))
    members, extra, lowest = members[order], extra[order], lowest[order]
    first = np.searchsorted(lowest, np.arange(n + 1))
    words = np.zeros((len(members), -(-n // _WORD)), np.uint64)
    for unit in range(n):
        words[:, unit // _WORD] |= members[:, unit].astype(np.uint64) << np.uint64(unit % _WORD)
    # A random key a unit: grids are told apart by the sum of their units' keys, and compared in full where keys agree.
    keys = np.random.default_rng(n).integers(1, 2**63, n).astype(np.uint64)
    key = (members * keys).sum(axis=1, dtype=np.uint64)
    by_key = np.argsort(key, kind="stable")
    chosen, complete = _search(words, extra, key, first, by_key, keys.sum(dtype=np.uint64), n, grids, budget, steps)
    return (members[chosen] if chosen[0] >= 0 else None), bool(complete)


@numba.njit(cache=True)
def _search(
    words: Any,
    extra: Any,
    key: Any,
    first: Any,
    by_key: Any,
    all_keys: Any,
    n: int,
    grids: int,
    budget: float,
    steps: int,
) -> Any:
    best = np.full(grids, -1, np.int64)
    width = words.shape[1]
    covered = np.zeros((grids + 1, width), np.uint64)
    at, stop = np.zeros(grids + 1, np.int64), np.zeros(grids + 1, np.int64)
    spent, keyed = np.zeros(grids + 1), np.zeros(grids + 1, np.uint64)
    sorted_keys = key[by_key]
    depth, taken = 0, 0
    at[0], stop[0] = first[0], first[1]
    while depth >= 0:
        if depth == grids - 1:  # one grid left: it is the rest
            last = _find(sorted_keys, by_key, words, extra, all_keys - keyed[depth], covered[depth], n)
            if last >= 0 and spent[depth] + extra[last] < budget:
                budget = spent[depth] + extra[last]
                for d in range(depth):
                    best[d] = at[d] - 1
                best[depth] = last
            depth -= 1
            continue
        moved = False
        while at[depth] < stop[depth]:
            c = at[depth]
            at[depth] += 1
            taken += 1
            if spent[depth] + extra[c] >= budget:
                at[depth] = stop[depth]
                break
            apart = True
            for w in range(width):
                if words[c, w] & covered[depth, w]:
                    apart = False
                    break
            if apart:
                for w in range(width):
                    covered[depth + 1, w] = covered[depth, w] | words[c, w]
                spent[depth + 1] = spent[depth] + extra[c]
                keyed[depth + 1] = keyed[depth] + key[c]
                unit = _first_free(covered[depth + 1], n)
                if unit < n:
                    depth += 1
                    at[depth], stop[depth] = first[unit], first[unit + 1]
                    moved = True
                    break
        if taken > steps:
            return best, False
        if not moved:
            depth -= 1
    return best, True


@numba.njit(cache=True)
def _first_free(covered: Any, n: int) -> int:
    for unit in range(n):
        if not (covered[unit // 64] >> np.uint64(unit % 64)) & np.uint64(1):
            return unit
    return n


@numba.njit(cache=True)
def _find(sorted_keys: Any, by_key: Any, words: Any, extra: Any, wanted: Any, covered: Any, n: int) -> int:
    """The cheapest listed grid that is exactly what is not covered, −1 if none."""
    best = -1
    place = np.searchsorted(sorted_keys, wanted)
    while place < len(sorted_keys) and sorted_keys[place] == wanted:
        c = by_key[place]
        same = True
        for unit in range(n):
            word, bit = unit // 64, np.uint64(unit % 64)
            if ((words[c, word] >> bit) & np.uint64(1)) == ((covered[word] >> bit) & np.uint64(1)):
                same = False
                break
        if same and (best < 0 or extra[c] < extra[best]):
            best = c
        place += 1
    return best
