"""Voronoi cells of points in a rectangle as base units: who borders whom, along how many metres, and how large each is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import Voronoi, cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Cells:
    """``edges[m, 2]`` (i < j), their ``border`` in metres, ``area[n]`` in m², ``outer[n]`` metres along the rectangle."""

    edges: Ints
    border: Floats
    area: Floats
    outer: Floats


def cells(points: Floats, width: float, height: float) -> Cells:
    """Return the cells of ``points[n, 2]`` clipped to the rectangle (0, 0)–(width, height).

    No polygon is built: an area is the sum of the triangles over a cell's sides, so that 200,000 points take seconds.
    """
    found = Voronoi(points)
    pairs = np.sort(found.ridge_points, axis=1).astype(np.int32)
    begin, end = _segments(found, width, height)
    tree = cKDTree(points)
    begin, end = _clipped(begin, end, width, height)
    length = np.hypot(*(end - begin).T)
    kept = length > 1e-6
    pairs, begin, end, length = pairs[kept], begin[kept], end[kept], length[kept]
    half = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T) / 2 * length / 2
    area = np.bincount(pairs.ravel(), weights=np.repeat(half, 2), minlength=len(points))
    outer = np.zeros(len(points))
    for axis, at, span in ((0, 0.0, height), (0, width, height), (1, 0.0, width), (1, height, width)):
        owner, run = _along(tree, np.concatenate((begin, end)), axis, at, span)
        np.add.at(outer, owner, run)
        np.add.at(area, owner, run * np.abs(points[owner, axis] - at) / 2)
    if abs(area.sum() / (width * height) - 1) > 1e-6:
        raise RuntimeError("the cells do not fill the rectangle")
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return Cells(pairs[order], length[order], area, outer)


def _segments(found: Voronoi, width: float, height: float) -> tuple[Floats, Floats]:
    """Return both ends of every ridge, the infinite ones reaching far beyond the rectangle."""
    vertex = np.asarray(found.ridge_vertices)
    end = found.vertices[vertex[:, 1]]
    begin = np.where(vertex[:, :1] >= 0, found.vertices[vertex[:, 0]], 0.0)
    endless = np.flatnonzero(vertex.min(axis=1) < 0)
    known = found.vertices[vertex[endless].max(axis=1)]
    one, other = (found.points[found.ridge_points[endless, side]] for side in (0, 1))
    across = other - one
    normal = np.stack((-across[:, 1], across[:, 0]), axis=1) / np.hypot(*across.T)[:, None]
    side = np.sign((((one + other) / 2 - found.points.mean(axis=0)) * normal).sum(axis=1))
    begin[endless], end[endless] = known, known + normal * side[:, None] * 4 * (width + height)
    return begin, end


def _clipped(begin: Floats, end: Floats, width: float, height: float) -> tuple[Floats, Floats]:
    """Return the parts of segments inside the rectangle (Liang–Barsky); both ends alike where nothing is inside."""
    way = end - begin
    first, last = np.zeros(len(begin)), np.ones(len(begin))
    for axis, far in ((0, width), (1, height)):
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = -begin[:, axis] / way[:, axis], (far - begin[:, axis]) / way[:, axis]
        level = way[:, axis] == 0
        inside = (begin[:, axis] >= 0) & (begin[:, axis] <= far)
        low, high = (np.where(level, np.where(inside, bound, 2.0), value)
                     for bound, value in ((-1.0, np.minimum(low, high)), (2.0, np.maximum(low, high))))  # fmt: skip
        first, last = np.maximum(first, low), np.minimum(last, high)
    last = np.maximum(first, last)
    return begin + way * first[:, None], begin + way * last[:, None]


def _along(tree: cKDTree, ends: Floats, axis: int, at: float, span: float) -> tuple[Ints, Floats]:
    """Return the cells along one side of the rectangle and how many metres of it each has."""
    on = np.abs(ends[:, axis] - at) < 1e-6
    marks = np.unique(np.concatenate(([0.0, span], ends[on, 1 - axis])))
    middle = np.empty((len(marks) - 1, 2))
    middle[:, axis], middle[:, 1 - axis] = at, (marks[1:] + marks[:-1]) / 2
    return tree.query(middle)[1].astype(np.int32), np.diff(marks)
