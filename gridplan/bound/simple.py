"""Bounds by counting: how few grids, and how even they can be."""

import numpy as np

from gridplan.bound.parts import Part
from gridplan.problem import Floats, Problem


def grids_part(problem: Problem, capacity: float | None) -> Part:
    """The least number of grids whose units fit: bins of capacity × (1 + tolerance), container by container.

    Without `capacity` a grid may hold the mean of its container × (1 + tolerance). Bound L2 of Martello and Toth (1990).
    """
    value = 0
    for index in range(len(problem.grids)):
        load = problem.load[problem.container == index]
        if len(load):
            limit = (problem.mean[index] if capacity is None else capacity) * (1 + problem.tolerance)
            value += bins_needed(load, float(limit))
    planned = int(problem.grids.sum())
    text = "所有不跨越范围、每个网格工作量不超过上限的方案（单个超重单元自成一个网格）"
    return Part(float(value), "装箱下界（L2）", text, is_proven_optimal=value == planned)


def bins_needed(load: Floats, limit: float) -> int:
    """A lower bound of the number of bins of `limit` that the loads need, at least 1; heavier ones take a bin each."""
    if not limit > 0:
        return 1
    size = np.sort(load / limit * (1 - 1e-9))
    heavy = int((size > 1).sum())
    size = size[size <= 1]
    best = int(np.ceil(size.sum() - 1e-9))
    for small in np.append(0.0, np.unique(size[size <= 0.5])):
        alone = int((size > 1 - small).sum())
        half = size[(size > 0.5) & (size <= 1 - small)]
        rest = size[(size >= small) & (size <= 0.5)]
        beyond = rest.sum() - (len(half) - half.sum())  # what does not fit beside the halves
        best = max(best, alone + len(half) + max(0, int(np.ceil(beyond - 1e-9))))
    return max(1, heavy + best)


def balance_part(problem: Problem) -> Part:
    """The least worst deviation that the sizes of the units allow: some grid holds the heaviest, and of any k·j + 1 units some
    grid holds j + 1 at least."""
    worst = 0.0
    for index, grids in enumerate(problem.grids.tolist()):
        load = np.sort(problem.load[problem.container == index])[::-1]
        if grids > 1 and len(load) and problem.mean[index] > 0:
            worst = max(worst, least_deviation(load / problem.mean[index], grids))
    text = "所有不跨越范围、网格数如所给的方案，与划法无关"
    alone = bool((problem.grids <= 1).all())
    return Part(worst, "最重单元与鸽巢原理", text, is_proven_optimal=alone)


def least_deviation(load: Floats, grids: int) -> float:
    """A lower bound of the worst deviation for loads (descending, in means of a grid) divided into `grids` grids."""
    best = 0.0
    for together in range(1, len(load)):
        needed = (together - 1) * grids + 1
        if needed > len(load):
            break
        # Some grid holds `together` of the `needed` heaviest units: at least the lightest so many of them.
        over = float(load[needed - together : needed].sum()) - 1
        # What it holds above the mean, the others lack.
        best = max(best, over, over / (grids - 1))
    return best
