"""What a plan measures: balance, borders, splits and compactness."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridplan.problem import Floats, Ints, Problem


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of one plan; the arrays have one row a grid. Shares, not percent; metres.

    `broken` counts grids in more than one piece. Borders between containers count as cut: they are borders of grids.
    `polsby_popper` (mean over grids of 4π·area ÷ perimeter²; 1 is a circle) is None where the problem has no areas.
    """

    worst_deviation: float
    mean_deviation: float
    broken: int
    cut_edges: int
    cut_border: float
    split_villages: int
    polsby_popper: float | None
    load: Floats
    units: Ints
    deviation: Floats


def figures(problem: Problem, label: Ints) -> Figures:
    """Measure the division `label[n]` of `problem`; labels are 0 … k−1. Raises `ValueError` for labels outside."""
    grids = int(problem.first[-1])
    if label.shape != problem.load.shape or (len(label) and not 0 <= label.min() <= label.max() < grids):
        raise ValueError("label must give each unit a grid 0 … k−1")
    low, high = label[problem.edges[:, 0]], label[problem.edges[:, 1]]
    cut = low != high
    load = np.bincount(label, weights=problem.load, minlength=grids).astype(np.float64)
    deviation = deviations(problem, load)
    return Figures(
        worst_deviation=float(deviation.max(initial=0)),
        mean_deviation=float(deviation.mean()) if grids else 0.0,
        broken=int((pieces(problem, label) > 1).sum()),
        cut_edges=int(cut.sum()),
        cut_border=float(problem.border[cut].sum()),
        split_villages=_split_villages(problem, label),
        polsby_popper=_polsby_popper(problem, label, low, high),
        load=load,
        units=np.bincount(label, minlength=grids).astype(np.int32),
        deviation=deviation,
    )


def deviations(problem: Problem, load: Floats) -> Floats:
    """|load ÷ mean of its container − 1| of each grid; 0 where the container has no work at all."""
    mean = problem.mean[problem.container_of_grid]
    return np.asarray(np.where(mean > 0, np.abs(load / np.where(mean > 0, mean, 1) - 1), 0), dtype=np.float64)


def pieces(problem: Problem, label: Ints) -> Ints:
    """Number of connected pieces of each grid."""
    low, high = problem.edges[:, 0], problem.edges[:, 1]
    same = label[low] == label[high]
    joined = coo_array((np.ones(same.sum(), np.int8), (low[same], high[same])), (problem.units, problem.units))
    count, part = connected_components(joined, directed=False)
    grid_of_part = np.zeros(count, np.int32)
    grid_of_part[part] = label
    return np.bincount(grid_of_part, minlength=int(problem.first[-1])).astype(np.int32)


def _split_villages(problem: Problem, label: Ints) -> int:
    """Villages whose units lie in more than one grid."""
    if problem.village is None:
        return 0
    pairs = np.unique(np.stack((problem.village, label), axis=1), axis=0)
    _, grids_of_village = np.unique(pairs[:, 0], return_counts=True)
    return int((grids_of_village > 1).sum())


def _polsby_popper(problem: Problem, label: Ints, low: Ints, high: Ints) -> float | None:
    if problem.area is None:
        return None
    grids = int(problem.first[-1])
    cut = low != high
    perimeter = np.zeros(grids)  # bincount of nothing counts whole numbers
    perimeter += np.bincount(low[cut], weights=problem.border[cut], minlength=grids)
    perimeter += np.bincount(high[cut], weights=problem.border[cut], minlength=grids)
    if problem.outer is not None:
        perimeter += np.bincount(label, weights=problem.outer, minlength=grids)
    area = np.bincount(label, weights=problem.area, minlength=grids)
    measured = perimeter > 0
    return float((4 * np.pi * area[measured] / perimeter[measured] ** 2).mean()) if measured.any() else None
