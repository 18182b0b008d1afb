"""The shortest cut border of one container, proven: only grids cheap at the best prices can be in a better plan.

A plan costs the bound plus what its grids cost above the cheapest, so all grids dearer than the gap to the best plan known can
be left out (as routes are by Baldacci, Christofides, Mingozzi 2008); those left are listed in full and combined.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gridplan.bound.container import Container, Members
from gridplan.bound.master import cover
from gridplan.bound.packing import pack
from gridplan.bound.pricing import Pricer
from gridplan.bound.relaxed import Relaxed, relax

_MANY, _QUICK = 200, 3_000_000  # loads and cells of tables that are quick enough not to be coarsened
_CELLS = 40_000_000  # of the list of grids within tolerance, before the connected ones are picked out: bytes
_LOOKS = 5e5  # grids looked at in a second, on a busy machine
_LISTING = 12.0  # seconds of one listing at most: nobody is asked meanwhile whether to stop
_SPEED = 5e7  # comparisons a second, on a busy machine
_PROGRAMMED = 20_000  # grids that integer programming can combine
_COVERED = 400_000  # grids combined
# gaps tried, as shares of the bound
_STEPS = (0.002, 0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1, 0.12, 0.15, 0.18, 0.21, 0.25, 0.3, 0.4, 0.7, 1.0, 2.0, 4.0,
          8.0)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Solved:
    """A container: the best division found (members[grids, n], None if none) and its cut border, with the proven bound."""

    members: Members | None
    cut: float
    bound: float
    is_proven: bool
    is_infeasible: bool
    by_prices: bool = True


def solve(
    place: Container, stopped: Callable[[], bool], seconds_left: Callable[[], float], known: Members | None = None
) -> Solved:
    """Prove the shortest cut border of a small container, `known` being a valid division of it if there is one."""
    relaxed = None
    if place.sweep.cells * _MANY > _QUICK:  # most of the way on coarse loads, many times faster
        relaxed = relax(place, Pricer(place, _QUICK), stopped, known)
    pricer = Pricer(place)
    if relaxed is None:
        relaxed = relax(place, pricer, stopped, known)
    elif not relaxed.is_infeasible and not stopped():
        finer = relax(place, pricer, stopped, relaxed.members, relaxed.price)
        relaxed = finer if finer.bound >= relaxed.bound else relaxed
    return tighten(place, pricer, relaxed, stopped, seconds_left, known)


def tighten(
    place: Container,
    pricer: Pricer,
    relaxed: Relaxed,
    stopped: Callable[[], bool],
    seconds_left: Callable[[], float],
    known: Members | None = None,
) -> Solved:
    """Close the gap that prices leave open."""
    if relaxed.is_infeasible:
        return Solved(None, np.inf, np.inf, is_proven=True, is_infeasible=True)
    best, cut, bound = known, float(place.cut(known).sum()) if known is not None else np.inf, relaxed.bound
    if not stopped():
        best, cut = _first(place, pricer, relaxed, seconds_left, best, cut)
    total = float(place.border.sum())
    for step in _STEPS:
        if _closed(cut, bound) or stopped():
            break
        reach = min(relaxed.bound + max(step * relaxed.bound, 1e-6 * total), cut, total)
        looks = int(_LOOKS * min(_LISTING, seconds_left()))
        listed = pricer.below(relaxed.price, relaxed.least + reach - relaxed.bound, _CELLS // len(place.load), looks)
        if listed is None or len(listed) > _COVERED:
            break
        found, proven = _combined(place, relaxed, listed, reach, seconds_left)
        if found is not None and place.cut(found).sum() < cut:
            best, cut = found, float(place.cut(found).sum())
        # Plans with a grid that is not listed cost at least `reach`.
        bound = max(bound, min(proven, reach, cut))
        if proven < min(reach, cut):
            break  # out of time
        if found is None and not np.isfinite(cut) and reach >= total:
            return Solved(None, np.inf, np.inf, is_proven=True, is_infeasible=True)
    closed = _closed(cut, bound)
    return Solved(best, cut, cut if closed else bound, closed, is_infeasible=False)


def _combined(
    place: Container, relaxed: Relaxed, listed: Members, reach: float, seconds_left: Callable[[], float]
) -> tuple[Members | None, float]:
    """The best plan made of the listed grids, if one costs less than about `reach`, and a bound of all such plans."""
    extra = place.cut(listed) - listed @ relaxed.price - relaxed.least
    floor = float(relaxed.price.sum()) + place.grids * relaxed.least
    slack = 1e-9 * max(1.0, reach)
    found, complete = pack(
        listed, np.maximum(extra, 0), place.grids, reach - floor + slack, int(_SPEED * min(20.0, seconds_left()))
    )
    if complete:
        return found, np.inf if found is None else float(place.cut(found).sum())
    if len(listed) > _PROGRAMMED:
        return found, -np.inf
    other, proven = cover(place, listed, seconds_left())
    return (found if other is None else other), proven


def _closed(cut: float, bound: float) -> bool:
    return bool(np.isfinite(cut) and cut - bound <= 1e-7 * max(cut, 1.0))


def _first(
    place: Container,
    pricer: Pricer,
    relaxed: Relaxed,
    seconds_left: Callable[[], float],
    best: Members | None,
    cut: float,
) -> tuple[Members | None, float]:
    """The best plan of the grids met so far: it says how far to look."""
    found, _ = cover(place, pricer.real(relaxed.members), min(10.0, seconds_left()))
    if found is not None and place.cut(found).sum() < cut:
        return found, float(place.cut(found).sum())
    return best, cut
