"""Members to grids at the least price, proven: travel from home, who serves today, missing skills and languages."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import coo_array, vstack

from gridplan.problem import Floats


@dataclass(frozen=True)
class Member:
    """A person: minutes of work a year, home (metres, None if not known), skills and languages, keys of the grids served today.

    `most_grids`: a full-time member serves one grid; a part-time one may serve several small ones.
    """

    capacity: float
    home: tuple[float, float] | None = None
    skills: frozenset[str] = frozenset()
    serves: frozenset[str] = frozenset()
    most_grids: int = 1


@dataclass(frozen=True)
class Post:
    """A grid to be served: its key, minutes of work a year, position (metres), wished skills and languages."""

    key: str
    load: float
    position: tuple[float, float]
    wishes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Prices:
    """What counts how much, in metres of way: a metre from home, a change of member, a missing wish.

    `change` is for a member on a grid not served by him or her today, though one of the members serves it or the member
    serves another.
    `unknown_home` is the distance taken for a member without home. A grid may exceed a member's capacity by `tolerance` (share).
    """

    metre: float = 1.0
    change: float = 5_000.0
    missing_wish: float = 10_000.0
    unknown_home: float = 5_000.0
    tolerance: float = 0.05


@dataclass(frozen=True, eq=False)
class Assignment:
    """`member_of_grid[j]` is the index of the member of grid j, −1 for none; `unserved` names those grids.

    First as few grids as possible go unserved, then the `cost` of the rest is least; it consists of `travel_m` (metres),
    `changes` and `missing_wishes` (counts). `gap` is the share by which the cost may at most exceed the best; 0 if proven.
    """

    member_of_grid: list[int]
    cost: float
    travel_m: float
    changes: int
    missing_wishes: int
    unserved: tuple[str, ...]
    idle: tuple[int, ...]
    is_proven_optimal: bool
    gap: float


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Every member with every grid: whether possible, what it costs and why."""

    possible: npt.NDArray[np.bool_]
    cost: Floats
    travel: Floats
    changes: npt.NDArray[np.bool_]
    missing: npt.NDArray[np.int64]
    load: Floats = field(repr=False)
    room: Floats = field(repr=False)


def assign(
    members: Sequence[Member], grids: Sequence[Post], prices: Prices | None = None, seconds: float = 20.0
) -> Assignment:
    """Give each grid at most one member, each member no more grids than capacity and `most_grids` allow.

    One grid a member is solved as an assignment problem (exact, milliseconds); several by HiGHS within `seconds`, after which
    the best so far is returned with its gap. Raises `ValueError` for negative loads, capacities or prices, or repeated grid keys.
    """
    prices = prices or Prices()
    _check(members, grids, prices)
    if not members or not grids:
        return _assignment(np.full(len(grids), -1), _pairs(members, grids, prices), grids, None)
    pairs = _pairs(members, grids, prices)
    if _one_each(members, pairs):
        return _assignment(_matched(pairs), pairs, grids, None)
    chosen, bound = _packed(members, pairs, seconds)
    return _assignment(chosen, pairs, grids, bound)


def _check(members: Sequence[Member], grids: Sequence[Post], prices: Prices) -> None:
    if len({grid.key for grid in grids}) != len(grids):
        raise ValueError("grid keys must differ")
    numbers = [m.capacity for m in members] + [g.load for g in grids]
    numbers += [prices.metre, prices.change, prices.missing_wish, prices.unknown_home, prices.tolerance]
    if any(not 0 <= number < np.inf for number in numbers) or any(m.most_grids < 1 for m in members):
        raise ValueError("loads, capacities and prices must not be negative, and every member may serve a grid")


def _pairs(members: Sequence[Member], grids: Sequence[Post], prices: Prices) -> _Pairs:
    shape = (len(members), len(grids))
    home = np.array([m.home or (np.nan, np.nan) for m in members]).reshape(-1, 1, 2)
    place = np.array([g.position for g in grids]).reshape(1, -1, 2)
    travel = np.hypot(*np.moveaxis(home - place, -1, 0)).reshape(shape)
    travel = np.where(np.isnan(travel), prices.unknown_home, travel)
    serves = np.array([[g.key in m.serves for g in grids] for m in members], dtype=bool).reshape(shape)
    changes = ~serves & (serves.any(axis=1, keepdims=True) | serves.any(axis=0, keepdims=True))
    missing = np.array([[len(g.wishes - m.skills) for g in grids] for m in members], dtype=np.int64).reshape(shape)
    load = np.array([g.load for g in grids], dtype=np.float64)
    room = np.array([m.capacity for m in members], dtype=np.float64) * (1 + prices.tolerance) * (1 + 1e-12)
    cost = travel * prices.metre + changes * prices.change + missing * prices.missing_wish
    return _Pairs(load[None, :] <= room[:, None], cost, travel, changes, missing, load, room)


def _one_each(members: Sequence[Member], pairs: _Pairs) -> bool:
    """Whether no member can serve two grids."""
    for i, member in enumerate(members):
        loads = np.sort(pairs.load[pairs.possible[i]])[:2]
        if member.most_grids > 1 and len(loads) == 2 and loads.sum() <= pairs.room[i]:
            return False
    return True


def _unserved_price(pairs: _Pairs) -> float:
    """More than serving all grids can cost: nobody goes unserved to spare a way."""
    most = np.where(pairs.possible, pairs.cost, 0).max(axis=0)
    return float(most.sum()) + 1.0


def _matched(pairs: _Pairs) -> npt.NDArray[np.int64]:
    members, grids = pairs.cost.shape
    unserved = _unserved_price(pairs)
    # Grid j may also go to nobody: a column of its own for each keeps the problem feasible.
    table = np.full((grids, members + grids), np.inf)
    table[:, :members] = np.where(pairs.possible, pairs.cost, np.inf).T
    table[np.arange(grids), members + np.arange(grids)] = unserved
    column = linear_sum_assignment(table)[1]
    return np.where(column < members, column, -1)


def _packed(members: Sequence[Member], pairs: _Pairs, seconds: float) -> tuple[npt.NDArray[np.int64], float]:
    """The best packing found and a proven lower bound of its cost."""
    one, grid = np.nonzero(pairs.possible)
    n, grids = len(one), pairs.cost.shape[1]
    unserved = _unserved_price(pairs)
    price = np.concatenate((pairs.cost[one, grid], np.full(grids, unserved)))
    place = np.arange(n)
    size = (grids, n + grids)
    served = coo_array((np.ones(n + grids), (np.append(grid, np.arange(grids)), np.arange(n + grids))), size)
    load = coo_array((pairs.load[grid], (one, place)), (len(members), n + grids))
    count = coo_array((np.ones(n), (one, place)), (len(members), n + grids))
    most = np.concatenate((pairs.room, [m.most_grids for m in members]))
    rules = [LinearConstraint(served.tocsr(), 1, 1), LinearConstraint(vstack((load, count)).tocsr(), -np.inf, most)]
    options = {"time_limit": seconds, "mip_rel_gap": 0.0}
    found = milp(price, integrality=np.ones(n + grids), bounds=Bounds(0, 1), constraints=rules, options=options)
    chosen = np.full(grids, -1)
    if found.x is None:  # not even a first packing in time: leaving all unserved is one
        return chosen, 0.0
    taken = np.flatnonzero(found.x[:n] > 0.5)
    chosen[grid[taken]] = one[taken]
    return chosen, float(found.mip_dual_bound) - unserved * int((chosen < 0).sum())


def _assignment(chosen: npt.NDArray[np.int64], pairs: _Pairs, grids: Sequence[Post], bound: float | None) -> Assignment:
    served = np.flatnonzero(chosen >= 0)
    who = chosen[served]
    cost = float(pairs.cost[who, served].sum()) if len(served) else 0.0
    slack = 1e-6 * max(1.0, cost)
    missing = 0.0 if bound is None else max(0.0, cost - bound)
    return Assignment(
        member_of_grid=chosen.tolist(),
        cost=cost,
        travel_m=float(pairs.travel[who, served].sum()),
        changes=int(pairs.changes[who, served].sum()),
        missing_wishes=int(pairs.missing[who, served].sum()),
        unserved=tuple(grids[int(j)].key for j in np.flatnonzero(chosen < 0)),
        idle=tuple(int(i) for i in np.setdiff1d(np.arange(pairs.cost.shape[0]), who)),
        is_proven_optimal=missing <= slack,
        gap=0.0 if missing <= slack else missing / max(cost, 1.0),
    )
