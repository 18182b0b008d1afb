"""Small lands for tests: boards, paths, stars and random planar maps."""

import numpy as np
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from gridplan.problem import Problem


def land(edges, load, grids, tolerance=0.1, container=None, **other):
    """A problem of `len(load)` units on a line of positions, one container unless given."""
    units = len(load)
    container = np.zeros(units, np.int32) if container is None else container
    values = {
        "border": np.full(len(edges), 100.0),
        "position": np.stack((np.arange(units), np.zeros(units)), axis=1),
    } | other
    return Problem(
        load=load, edges=np.array(edges), container=container, grids=np.atleast_1d(grids), tolerance=tolerance, **values
    )


def board(width, height, grids, tolerance=0.05, load=None, **other):
    """Squares of 100 m, with areas and outer borders."""
    at = np.arange(width * height).reshape(height, width)
    edges = np.concatenate(
        (np.stack((at[:, :-1].ravel(), at[:, 1:].ravel()), axis=1), np.stack((at[:-1].ravel(), at[1:].ravel()), axis=1))
    )
    row, column = np.divmod(np.arange(width * height), width)
    outer = 100.0 * ((row == 0) + 0 + (row == height - 1) + (column == 0) + (column == width - 1))
    values = {
        "position": np.stack((column, row), axis=1) * 100.0,
        "area": np.full(width * height, 1e4),
        "outer": outer,
    } | other
    return land(edges, np.ones(width * height) if load is None else load, grids, tolerance, **values)


def path(units, grids, tolerance=0.1, load=None):
    return land([(i, i + 1) for i in range(units - 1)], np.ones(units) if load is None else load, grids, tolerance)


def star(units, grids, tolerance=0.1):
    return land([(0, i) for i in range(1, units)], np.ones(units), grids, tolerance)


def voronoi(units, grids, seed, tolerance=0.1, spread=0.5, containers=1):
    """Random points, neighbours by Delaunay, log-normal loads; containers are vertical strips made connected."""
    draws = np.random.default_rng(seed)
    points = draws.random((units, 2)) * 1000
    corners = Delaunay(points).simplices
    pairs = np.concatenate((corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]))
    edges = np.unique(np.sort(pairs, axis=1), axis=0)
    container = np.minimum((np.argsort(np.argsort(points[:, 0])) * containers) // units, containers - 1)
    ranks = np.argsort(points[:, 0])
    chain = np.sort(np.stack((ranks[:-1], ranks[1:]), axis=1), axis=1)  # a road from west to east joins every strip
    edges = np.unique(np.concatenate((edges, chain)), axis=0)
    return Problem(
        load=600 * np.exp(draws.normal(0, spread, units)),
        edges=edges,
        border=draws.uniform(1, 100, len(edges)),
        position=points,
        container=container,
        grids=np.atleast_1d(grids),
        tolerance=tolerance,
        village=draws.integers(0, max(1, units // 4), units),
    )


@st.composite
def lands(draw):
    """Connected random lands of 2 … 60 units in 1 … 3 containers, some with very uneven loads."""
    containers = draw(st.integers(1, 3))
    units = draw(st.integers(4 * containers, 60))
    grids = [draw(st.integers(1, units // containers - 1)) for _ in range(containers)]
    spread = draw(st.sampled_from((0.0, 0.5, 2.0)))
    return voronoi(
        units, grids, draw(st.integers(0, 10_000)), draw(st.sampled_from((0.02, 0.1, 0.5))), spread, containers
    )
