"""Compiled search for chains of moves: the cheapest few that together bring a grid into tolerance or shorten borders."""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators
# (numba infers the types of the loops from the arrays)

from typing import NamedTuple

import numpy as np
from numba import njit

from gridplan.kernels import Floats, Ints, excess, gain, keep, may_leave, move, touches


class Chain(NamedTuple):
    """Room for the search of chains: candidate moves of each depth, the chain being tried and the best one found."""

    unit: Ints  # [depth, candidate]
    to: Ints
    trying: Ints  # [depth, (unit, grid)]
    chosen: Ints
    length: Ints  # of chosen, in [0]
    score: Floats  # of chosen, in [0]
    weight: Floats  # of each grid's excess, raised while a grid stays out of tolerance


@njit(cache=True)
def _candidates(state, o, chain, depth):
    """Collect the moves out of and into grid o; they are as many as fit, from a member on that changes."""
    room = chain.unit.shape[1]
    found = 0
    u = state.head[o]
    for _ in range(state.size[o]):
        u = state.after[u]
        if state.foreign[u] == 0:
            continue
        begin = found
        for e in range(state.start[u], state.start[u + 1]):
            v = state.neighbour[e]
            t = state.label[v]
            if t == o:
                continue
            if found + 2 > room:
                return found
            new = True
            for i in range(begin, found):
                if chain.unit[depth, i] == u and chain.to[depth, i] == t:
                    new = False
                    break
            if new:
                chain.unit[depth, found] = u
                chain.to[depth, found] = t
                found += 1
            chain.unit[depth, found] = v
            chain.to[depth, found] = o
            found += 1
    return found


@njit(cache=True)
def _change(state, g, x):
    """Change of grid g's excess by x more load."""
    return max(0.0, abs(state.total[g] + x - 1.0) - state.limit[g]) - max(
        0.0, abs(state.total[g] - 1.0) - state.limit[g]
    )


@njit(cache=True)
def _dive(state, rule, chain, g, last, most, ease):
    """Find the cheapest chain of at most `last` + 1 moves, each out of or into the grid disturbed before, that costs less
    than `most` and changes the excess by `ease` at most."""
    chain.score[0] = most
    chain.length[0] = 0
    found = np.zeros(last + 2, np.int64)
    at = np.zeros(last + 2, np.int64)
    came = np.zeros(last + 2, np.int64)
    cost = np.zeros(last + 2)
    eased = np.zeros(last + 2)
    found[0] = _candidates(state, g, chain, 0)
    depth = 0
    steps = rule.scan
    while depth >= 0:
        if at[depth] >= found[depth] or steps <= 0:
            depth -= 1
            if depth >= 0:
                move(state, chain.trying[depth, 0], came[depth])
            continue
        u = chain.unit[depth, at[depth]]
        to = chain.to[depth, at[depth]]
        at[depth] += 1
        steps -= 1
        again = False
        for d in range(depth):
            again = again or chain.trying[d, 0] == u
        if again:
            continue
        a = state.label[u]
        x = state.load[u]
        relief = eased[depth]
        relief += chain.weight[a] * _change(state, a, -x) + chain.weight[to] * _change(state, to, x)
        if abs(relief) < 1e-10:
            relief = 0.0  # rounding, which a steep slope would take for gain
        if depth == last and relief > ease:
            continue
        dearer = cost[depth] + gain(state, u, to, rule.price)
        score = dearer + rule.slope * relief
        better = relief <= ease and score < chain.score[0]
        if not (better or depth < last) or not may_leave(state, u, rule.reach):
            continue
        chain.trying[depth, 0] = u
        chain.trying[depth, 1] = to
        if better:
            chain.score[0] = score
            chain.length[0] = depth + 1
            chain.chosen[: depth + 1] = chain.trying[: depth + 1]
        if depth < last:
            disturbed = to if a == (g if depth == 0 else chain.trying[depth, 2]) else a
            came[depth] = a
            move(state, u, to)
            depth += 1
            chain.trying[depth, 2] = disturbed
            cost[depth] = dearer
            eased[depth] = relief
            found[depth] = _candidates(state, disturbed, chain, depth)
            at[depth] = 0


@njit(cache=True)
def mend(state, rule, chain, last, trials, best, record):
    """Bring grids within their limits by the cheapest chains of at most `last` + 1 moves, in at most `trials` searches.

    A grid for which no chain is found weighs more from then on, so that others must give way. Returns the searches made."""
    made = 0
    idle = False
    while made < trials and state.now[1] > 1e-9 and not idle:
        idle = True
        for g in range(state.total.size):
            if made >= trials or excess(state, g) <= 1e-10:
                continue
            made += 1
            idle = False
            for depth in range(1, last + 1):
                _dive(state, rule, chain, g, depth, np.inf, -1e-9)
                if chain.length[0]:
                    break
            if chain.length[0] == 0:
                chain.weight[g] = min(1.3 * chain.weight[g], 1e6)
                continue
            for i in range(chain.length[0]):
                move(state, chain.chosen[i, 0], chain.chosen[i, 1])
            keep(state, rule, best, record)
    return made


@njit(cache=True)
def refine(state, rule, chain, last, first, count, best, record):
    """Take, for `count` grids from `first` on, the chains that lower the cost most without more excess; returns their number."""
    taken = 0
    chain.weight[:] = 1.0
    for g in range(first, min(first + count, state.total.size)):
        while True:
            _dive(state, rule, chain, g, last, -1e-9, 1e-12)
            if chain.length[0] == 0:
                break
            taken += 1
            for i in range(chain.length[0]):
                move(state, chain.chosen[i, 0], chain.chosen[i, 1])
    keep(state, rule, best, record)
    return taken


@njit(cache=True)
def send_home(state, rule, best, record):
    """Move units back to their home grids where nobody's excess grows by it and cost does not rise."""
    for u in range(state.label.size):
        to = state.home[u]
        a = state.label[u]
        if to < 0 or to == a or state.foreign[u] == 0:
            continue
        relief = _change(state, a, -state.load[u]) + _change(state, to, state.load[u])
        if (
            relief <= 1e-12
            and touches(state, u, to)
            and gain(state, u, to, rule.price) <= 0
            and may_leave(state, u, rule.reach)
        ):
            move(state, u, to)
    keep(state, rule, best, record)
