"""What the solvers are given, written by generators of fixed seeds or read from public data: always a ``Problem``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.gridplan.voronoi import Floats, Ints, cells
from gridplan.problem import Problem, grids_needed

SEED = 20230630
CELL_LOAD = 4_000.0  # minutes a year: some 30 small sites
SPREAD = 0.6  # standard deviation of the logarithm of loads
CAPACITY = 100_000.0  # minutes a year of one full-time member
FIELDS = ("load", "edges", "border", "position", "container", "grids", "tolerance", "village", "area", "outer")


def scattered(units: int, grids: int, tolerance: float, seed: int = SEED) -> Problem:
    """Return units at random places of a square of 100 m by 100 m each, loads log-normal, one container."""
    rng = np.random.default_rng(seed)
    side = 100 * np.sqrt(units)
    points = rng.uniform(0, side, (units, 2))
    found = cells(points, side, side)
    load = CELL_LOAD * rng.lognormal(0, SPREAD, units)
    return Problem(load, found.edges, found.border, points, np.zeros(units, np.int32), np.array([grids], np.int32),
                   tolerance, None, found.area, found.outer)  # fmt: skip


def county(towns: int, nesting: str, tolerance: float, seed: int = SEED, largest: int = 5_000) -> Problem:
    """Return a county of ``towns`` towns from 5 villages and 50 cells to 120 villages and ``largest`` cells.

    Villages lie in towns; most cells crowd around the villages' centres, sites are log-normal and more near the centres.
    ``nesting`` "town" or "village" is what no grid leaves; every container gets its grids by capacity.
    """
    rng = np.random.default_rng(seed)
    side = 60_000.0 * np.sqrt(towns / 40)
    seats = _spaced(rng, rng.uniform(0, side, (towns, 2)), side)
    share = np.linspace(0, 1, towns)
    sizes = np.geomspace(50, largest, towns).astype(int), (5 * 24**share).astype(int)
    order = rng.permutation(towns)
    points, town, village = [], [], []
    for at in range(towns):
        count, villages = (int(size[order[at]]) for size in sizes)
        centres = _inside(rng, seats, at, side, villages, np.empty((0, 2)))
        places = _inside(rng, seats, at, side, count, centres)
        near = np.argmin(np.hypot(*(places[:, None, :] - centres[None]).transpose(2, 0, 1)), axis=1)
        points.append(places)
        village.append(near + at * 1_000)
        town.append(np.full(count, at))
    place, home = np.concatenate(points), np.concatenate(town)
    hamlet = np.unique(np.concatenate(village), return_inverse=True)[1]
    found = cells(place, side, side)
    home = connected(home, found.edges, found.border)
    hamlet = np.unique(home.astype(np.int64) * 100_000 + hamlet, return_inverse=True)[
        1
    ]  # a cell may have changed its town
    hamlet = connected(hamlet, found.edges, found.border, home)
    load = CELL_LOAD * rng.lognormal(0, SPREAD, len(place))
    container = home if nesting == "town" else np.unique(hamlet, return_inverse=True)[1]
    return Problem(load, found.edges, found.border, place, container, by_capacity(load, container, tolerance), tolerance,
                   hamlet, found.area, found.outer)  # fmt: skip


def single(problem: Problem, container: int) -> Problem:
    """Return one container as a problem of its own; its border with others becomes outer border."""
    inside = np.flatnonzero(problem.container == container)
    number = np.full(problem.units, -1, np.int32)
    number[inside] = np.arange(len(inside))
    ends = number[problem.edges]
    kept, crossing = (ends >= 0).all(axis=1), (ends >= 0).sum(axis=1) == 1
    outer = np.zeros(problem.units) if problem.outer is None else problem.outer.copy()
    for side in (0, 1):
        np.add.at(outer, problem.edges[crossing, side], problem.border[crossing])
    part = {name: None if (rows := getattr(problem, name)) is None else rows[inside] for name in ("village", "area")}
    return Problem(problem.load[inside], ends[kept], problem.border[kept], problem.position[inside],
                   np.zeros(len(inside), np.int32), problem.grids[[container]], problem.tolerance,
                   outer=outer[inside], **part)  # fmt: skip


def changed(problem: Problem, share: float, factor: float = 2.0, seed: int = SEED) -> Problem:
    """Return the problem after ``share`` of the units got another load: up to ``factor`` times more or less than they had."""
    rng = np.random.default_rng(seed)
    load = problem.load.copy()
    chosen = rng.choice(problem.units, max(1, int(problem.units * share)), replace=False)
    load[chosen] *= np.exp(rng.uniform(-np.log(factor), np.log(factor), len(chosen)))
    return replace(problem, load=load)


def gerrymandria(folder: str) -> Problem:
    """Return the toy of 8 by 8 squares of one kilometre to be divided into 8 grids of equal load."""
    graph = json.loads((Path(folder) / "gerrymandria_8x8.json").read_text(encoding="utf-8"))
    nodes = graph["nodes"]
    number = {node["id"]: at for at, node in enumerate(nodes)}
    edges = {tuple(sorted((number[node["id"]], number[link["id"]])))
             for node, links in zip(nodes, graph["adjacency"], strict=True) for link in links}  # fmt: skip
    place = np.array([(node["x"], node["y"]) for node in nodes]) * 1_000.0
    sides = np.array([node["boundary_perim"] if node["boundary_node"] else 0 for node in nodes]) * 1_000.0
    load = np.array([node["TOTPOP"] for node in nodes]) * CELL_LOAD
    return Problem(load, np.array(sorted(edges)), np.full(len(edges), 1_000.0), place, np.zeros(len(nodes)), np.array([8]),
                   0.0, None, np.full(len(nodes), 1e6), sides)  # fmt: skip


def connected(label: Ints, edges: Ints, border: Floats, within: Ints | None = None) -> Ints:
    """Give every piece of a label but its largest to the neighbour that it shares the longest border with.

    ``within``: neighbours of the same outer label only.
    """
    label = label.astype(np.int64)
    while True:
        piece = pieces(label, edges)
        size = np.bincount(piece)
        best = np.zeros(label.max() + 1, np.int64)
        np.maximum.at(best, label, size[piece])
        apart = size[piece] < best[label]
        # of two pieces of the same size, the first stays
        first = np.full(label.max() + 1, len(size))
        np.minimum.at(first, label[~apart], piece[~apart])
        apart |= piece != first[label]
        open_ = label[edges[:, 0]] != label[edges[:, 1]]
        if within is not None:
            open_ &= within[edges[:, 0]] == within[edges[:, 1]]
        pairs = [(edges[open_, side], label[edges[open_, 1 - side]], border[open_]) for side in (0, 1)]
        unit, other, metres = (np.concatenate(column) for column in zip(*pairs, strict=True))
        loose = apart[unit]
        if not loose.any():
            return label.astype(np.int32)
        table = coo_array((metres[loose], (piece[unit[loose]], other[loose])), (len(size), label.max() + 1)).tocsr()
        for one in np.unique(piece[unit[loose]]):
            row = table[[one]]
            label[piece == one] = row.indices[np.argmax(row.data)]


def pieces(label: npt.NDArray[np.integer], edges: Ints) -> Ints:
    """Return the connected piece each unit is in; pieces end where the label does."""
    same = edges[label[edges[:, 0]] == label[edges[:, 1]]]
    joined = coo_array((np.ones(len(same), np.int8), (same[:, 0], same[:, 1])), (len(label), len(label)))
    return connected_components(joined, directed=False)[1].astype(np.int32)


def by_capacity(load: Floats, container: Ints, tolerance: float, capacity: float = CAPACITY) -> Ints:
    """Return the grids of each container: by capacity, but never so many that one unit is more than a grid."""
    total = np.bincount(container, weights=load)
    heaviest = np.zeros(len(total))
    np.maximum.at(heaviest, container, load)
    return np.maximum(1, np.minimum(grids_needed(total, capacity, 0.0), total * (1 + tolerance) // heaviest)).astype(
        np.int32
    )


def _spaced(rng: np.random.Generator, points: Floats, side: float) -> Floats:
    """Return the points moved apart: four times to the middle of what is nearest to them."""
    sample = rng.uniform(0, side, (20_000, 2))
    for _ in range(4):
        near = np.argmin(((sample[:, None, :] - points[None]) ** 2).sum(axis=2), axis=1)
        count = np.maximum(np.bincount(near, minlength=len(points)), 1)
        points = np.stack(
            [np.bincount(near, weights=sample[:, axis], minlength=len(points)) / count for axis in (0, 1)], 1
        )
    return points


def _inside(rng: np.random.Generator, seats: Floats, town: int, side: float, count: int, centres: Floats) -> Floats:
    """Return ``count`` places nearer to this town's seat than to any other, two thirds of them near ``centres`` if any."""
    reach = side / np.sqrt(len(seats))
    found = np.empty((0, 2))
    while len(found) < count:
        if len(centres):
            chosen = centres[rng.integers(0, len(centres), 2 * count)]
            places = np.concatenate((chosen + rng.normal(0, reach / np.sqrt(len(centres)) / 4, chosen.shape),
                                     seats[town] + rng.uniform(-reach, reach, (count, 2))))  # fmt: skip
            rng.shuffle(places)
        else:
            places = seats[town] + rng.uniform(-reach, reach, (4 * count, 2))
        places = places[((places > 0) & (places < side)).all(axis=1)]
        near = np.argmin(((places[:, None, :] - seats[None]) ** 2).sum(axis=2), axis=1)
        found = np.concatenate((found, places[near == town]))
    return found[:count]
