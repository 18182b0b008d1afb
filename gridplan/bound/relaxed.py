"""The best bound that prices of units can prove: column generation (Dantzig, Wolfe 1960; for districts Garfinkel, Nemhauser 1970).

Every plan pays for each unit once, so for any prices its cut border is at least Σ prices + grids × the cost of the cheapest grid at
those prices: valid at every step, whatever the linear programme does. At its end it is the value of the programme itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gridplan.bound.container import Container, Members
from gridplan.bound.master import Master
from gridplan.bound.pricing import Pricer
from gridplan.problem import Floats

_ENOUGH = 1e-6  # relative distance of bound and programme at which it ends
_CAUTION = 0.6  # share of the best prices so far in the next ones (in-out separation): prices of the programme alone leap about


@dataclass(frozen=True, eq=False)
class Relaxed:
    """A lower bound of the container's cut border (metres) proven by `price`, the cost of its cheapest grid `least`, and the
    grids met on the way. `is_infeasible`: no plan within tolerance exists. `is_done`: no prices prove more."""

    bound: float
    price: Floats
    least: float
    members: Members
    is_infeasible: bool
    is_done: bool


def relax(
    place: Container,
    pricer: Pricer,
    stopped: Callable[[], bool],
    known: Members | None = None,
    price: Floats | None = None,
) -> Relaxed:
    """Raise the bound until no prices prove more or `stopped()` (asked before each pricing but the first).

    `known` grids and a first `price` shorten the way.
    """
    total = float(place.border.sum())
    usual = _usual(place)
    if price is None:
        # Two grids share their border: no prices are needed to see the shortest.
        price = place.load / place.load.sum() * (usual if place.grids > 2 else 0.0)
    master = Master(place, price, usual / len(price))
    if known is not None:
        master.add(known)
    best, best_price, best_least = -np.inf, price, -np.inf
    done = False
    while not done:
        least, members = pricer.best(price)
        bound = float(price.sum()) + place.grids * least
        if bound > best:
            best, best_price, best_least = bound, price, least
        if best > total * (1 + 1e-6) + 1e-6:
            return Relaxed(total, best_price, best_least, master.members, is_infeasible=True, is_done=True)
        fresh = master.add(members)
        value, dual = master.solve()
        done = value - best <= _ENOUGH * max(value, 1e-9)
        if (done or not fresh) and master.patched and master.centre(best_price, 3.0):
            done, (value, dual) = False, master.solve()
        elif not fresh and np.array_equal(price, dual):
            done = True  # rounding alone keeps the two apart
        if not done and stopped():
            break
        price = _CAUTION * best_price + (1 - _CAUTION) * dual if fresh else dual
    return Relaxed(max(0.0, best), best_price, best_least, master.members, is_infeasible=False, is_done=done)


def _usual(place: Container) -> float:
    """About the cut border (metres) of grids that are squares: where prices start, no more."""
    units, grids = len(place.load), place.grids
    return float(place.border.sum()) * float(np.sqrt(grids / units)) * (1.1 - 1 / float(np.sqrt(grids))) + 1e-9
