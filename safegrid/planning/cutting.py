"""Villages too heavy for one grid, cut into cells around groups of their sites."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridplan.problem import Floats, Ints

MOST_CELLS = 600  # of one piece: finer ones gain nothing a grid could use


def cell_count(load: float, mean: float, share: float, places: int) -> int:
    """Return into how many cells a piece is cut: each about ``share`` of a grid's mean load, no more than it has places."""
    return int(min(np.ceil(load / (mean * share)), places, MOST_CELLS))


def cut_piece(area: Any, places: Floats, load: Floats, count: int) -> tuple[list[Any], Ints]:
    """Return at most ``count`` cells of an area (metres) around groups of sites, and the cell of each site.

    Groups are halved by load across their longer side until there are enough, then stand around their middle site.
    """
    from gridplan.points import cells  # seconds to import, and few need it

    group = _groups(places, load, count)
    heads = np.unique([_middle(places, load, np.flatnonzero(group == one)) for one in range(int(group.max()) + 1)])
    shapes = cells(places[heads], area)
    tree = shapely.STRtree(shapes)
    return shapes, np.asarray(tree.nearest(shapely.points(places)), dtype=np.int32)


def _groups(places: Floats, load: Floats, count: int) -> Ints:
    """Return the group of each site: ``count`` groups of about equal load (fewer where places coincide)."""
    group = np.zeros(len(places), np.int32)
    waiting, made = [(np.arange(len(places)), count)], 0
    while waiting:
        rows, wanted = waiting.pop()
        side = np.ptp(places[rows], axis=0) if len(rows) else np.zeros(2)
        if wanted <= 1 or len(rows) < 2 or side.max() < 1.0:
            group[rows] = made
            made += 1
            continue
        axis = int(np.argmax(side))
        rows = rows[np.argsort(places[rows, axis], kind="stable")]
        left = wanted // 2
        goal = np.cumsum(load[rows]) / max(load[rows].sum(), 1e-9)
        at = int(np.clip(np.searchsorted(goal, left / wanted) + 1, 1, len(rows) - 1))
        waiting += [(rows[at:], wanted - left), (rows[:at], left)]
    return group


def _middle(places: Floats, load: Floats, rows: Any) -> int:
    """Return the site of a group nearest to its middle by load: always inside the area, unlike the middle itself."""
    middle = np.average(places[rows], axis=0, weights=np.maximum(load[rows], 1e-9))
    return int(rows[np.argmin(((places[rows] - middle) ** 2).sum(axis=1))])
