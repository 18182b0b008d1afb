"""How short the ways to the seats of grids can be: the whole problem, container by container."""

from collections.abc import Callable

import numpy as np

from gridplan.bound.hess import hess_bound
from gridplan.bound.parts import Part
from gridplan.problem import Ints, Problem
from gridplan.seats import seated, seats
from gridplan.validators import SLACK

HESS = "Hess 模型的拉格朗日松弛"
COUNTED = "逐个比较网格中心"
HOLDS_FOR = "所有不跨越范围、偏差不超过允许值、网格数如所给的方案，网格是否连通均在内"
CLOSED = 1e-7  # relative distance of plan and bound at which the plan is the best


def distance_part(problem: Problem, stopped: Callable[[], bool], known: Ints | None = None) -> Part:
    """The least mean distance (metres, weighted by load) to the seats of grids that any plan can have; see `gridplan.seats`.

    `known`, the labels of a valid plan, shortens the work. Containers of one grid are worked out exactly, the others by
    `hess_bound`, smallest first until `stopped()`; those that are then left count as nothing.
    """
    cost = np.full(len(problem.grids), np.inf)
    if known is not None:
        cost = np.bincount(problem.container_of_grid, seats(problem, known)[1], minlength=len(problem.grids))
    alone = problem.grids[problem.container] == 1
    home, count = problem.container[alone], len(problem.grids)
    value = seated(home, problem.load[alone], problem.position[alone], count)[1]
    sizes = np.bincount(problem.container, minlength=len(problem.grids))
    several = np.flatnonzero((problem.grids > 1) & (sizes > problem.grids))
    for index in several[np.argsort(sizes[several], kind="stable")].tolist():
        if stopped():
            break
        units, mean, tolerance = problem.container == index, problem.mean[index], problem.tolerance + SLACK
        limits = float(mean * (1 - tolerance)), float(mean * (1 + tolerance))
        load, position, grids = problem.load[units], problem.position[units], int(problem.grids[index])
        value[index] = min(hess_bound(load, position, grids, *limits, stopped, float(cost[index])), cost[index])
    total, least = float(problem.load.sum()), float(value.sum())
    best = not several.size or float(cost.sum()) <= least * (1 + CLOSED)
    return Part(
        least / total if total > 0 else 0.0, HESS if several.size else COUNTED, HOLDS_FOR, is_proven_optimal=best
    )
