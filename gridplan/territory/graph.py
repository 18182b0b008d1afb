"""From polygons to the graph that grids are planned on: who borders whom, along how many metres."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridplan.problem import Floats, Ints

#: metres within which two borders count as one; digitised village borders rarely match better
SNAP = 0.5

#: borders closer than this to each other's end are contacts at a corner, not common borders (in units of the tolerance)
_CORNER = 4.0


@dataclass(frozen=True, eq=False)
class Territory:
    """n units as a graph: `edges` (m, 2) i < j with their common `border` (metres); `area` (m²), `outer` (metres of border
    with nobody: the edge of the territory and of its holes) and `position` (a point inside the unit, metres) by unit."""

    edges: Ints
    border: Floats
    area: Floats
    outer: Floats
    position: Floats

    @property
    def parts(self) -> Ints:
        """The connected part each unit belongs to, 0 the one with most units."""
        n = len(self.area)
        graph = coo_array((np.ones(len(self.edges)), (self.edges[:, 0], self.edges[:, 1])), (n, n))
        part = connected_components(graph, directed=False)[1]
        rank = np.empty(part.max(initial=-1) + 1, np.int32)
        rank[np.argsort(-np.bincount(part), kind="stable")] = np.arange(len(rank))
        return np.asarray(rank[part], dtype=np.int32)


@dataclass(frozen=True)
class Link:
    """A proposal to count two units of different parts as neighbours (a bridge or a ferry): they lie `distance` metres apart."""

    unit: int
    to: int
    distance: float


def build(polygons: Sequence[Any], snap: float = SNAP) -> Territory:
    """The graph of valid polygons in local metres; borders at most `snap` metres apart are common.

    Borders that match vertex by vertex are found by sorting their segments; only what is left over is compared with its
    neighbourhood. Polygons that `findings` complains of give a graph, but not one to rely on.
    Raises `ValueError` for an empty list or geometries that are no polygons.
    """
    shapes = shapes_of(polygons)
    owner, ends = _segments(shapes)
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    edges, border, matched = _matched(owner, ends, length, snap)
    loose = _loose(shapes, owner[~matched], ends[~matched], snap)
    edges, border = _together(np.vstack((edges, loose[0])), np.concatenate((border, loose[1])), len(shapes))
    perimeter = np.bincount(owner, weights=length, minlength=len(shapes))
    common = np.bincount(edges.ravel(), weights=np.repeat(border, 2), minlength=len(shapes))
    inner = shapely.point_on_surface(shapes)
    centre = shapely.centroid(shapes)
    place = np.where(shapely.contains(shapes, centre), centre, inner)
    outer = np.maximum(perimeter - common, 0.0)
    outer[outer < _CORNER * snap] = 0.0
    return Territory(edges, border, shapely.area(shapes), outer, shapely.get_coordinates(place))


def join_islands(polygons: Sequence[Any], territory: Territory) -> list[Link]:
    """The shortest links that make the territory connected: between the nearest units of its parts, shortest first.

    Nothing is joined by itself: whether there is a bridge is for the user to say. See `linked`.
    """
    shapes, part = shapes_of(polygons), territory.parts
    links = []
    while part.max(initial=0) > 0:
        # The part with fewest units joins whatever is nearest to it: at most one round per part.
        smallest = int(np.argmin(np.bincount(part)))
        inside = np.flatnonzero(part == smallest)
        outside = np.flatnonzero(part != smallest)
        pairs, distance = shapely.STRtree(shapes[outside]).query_nearest(
            shapes[inside], return_distance=True, all_matches=False
        )
        best = int(np.argmin(distance))
        unit, to = int(inside[pairs[0, best]]), int(outside[pairs[1, best]])
        links.append(Link(min(unit, to), max(unit, to), float(distance[best])))
        part = np.where(part == smallest, part[to], part)
        part = np.unique(part, return_inverse=True)[1].astype(np.int32)
    return sorted(links, key=lambda link: (link.distance, link.unit, link.to))


def linked(territory: Territory, links: Sequence[Link], border: float = 0.0) -> Territory:
    """The territory with the links counted as common borders of `border` metres (0: cutting one costs nothing)."""
    new = np.array([(link.unit, link.to) for link in links], dtype=np.int32).reshape(-1, 2)
    edges, lengths = _together(
        np.vstack((territory.edges, new)),
        np.concatenate((territory.border, np.full(len(new), border))),
        len(territory.area),
    )
    return replace(territory, edges=edges, border=lengths)


def shapes_of(polygons: Sequence[Any]) -> npt.NDArray[np.object_]:
    """The polygons as an array. Raises `ValueError` for none at all or other geometries."""
    shapes = np.empty(len(polygons), dtype=object)
    shapes[:] = polygons
    if not len(shapes) or not np.isin(shapely.get_type_id(shapes), (3, 6)).all():
        raise ValueError("territory needs polygons, at least one")
    return shapes


def _segments(shapes: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.int64], Floats]:
    """All border segments: the unit of each and its two ends (s, 2, 2)."""
    pieces, piece_owner = shapely.get_parts(shapes, return_index=True)
    rings, ring_piece = shapely.get_rings(pieces, return_index=True)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    ends = np.stack((places[:-1][same], places[1:][same]), axis=1)
    return piece_owner[ring_piece[ring[:-1][same]]], ends


def _matched(
    owner: npt.NDArray[np.int64], ends: Floats, length: Floats, snap: float
) -> tuple[Ints, Floats, npt.NDArray[np.bool_]]:
    """Borders of pairs of units whose segments are the same, and which segments those are."""
    step = max(snap, 1e-9) / 16  # far below the tolerance: coinciding vertices, nothing more
    cell = np.round(ends / step).astype(np.int64)
    flip = (cell[:, 0, 0] > cell[:, 1, 0]) | ((cell[:, 0, 0] == cell[:, 1, 0]) & (cell[:, 0, 1] > cell[:, 1, 1]))
    cell[flip] = cell[flip][:, ::-1]
    key = cell.reshape(-1, 4)
    order = np.lexsort(key.T)
    key = key[order]
    first = np.flatnonzero(np.concatenate(([True], (key[1:] != key[:-1]).any(axis=1))))
    count = np.diff(np.append(first, len(key)))
    twice = first[count == 2]
    one, other = order[twice], order[twice + 1]
    apart = owner[one] != owner[other]
    one, other = one[apart], other[apart]
    matched = np.zeros(len(owner), bool)
    matched[one] = matched[other] = True
    edges = np.sort(np.stack((owner[one], owner[other]), axis=1), axis=1)
    return edges.astype(np.int32), length[one], matched


def _loose(
    shapes: npt.NDArray[np.object_], owner: npt.NDArray[np.int64], ends: Floats, snap: float
) -> tuple[Ints, Floats]:
    """Common borders, within the tolerance, among the segments that have no exact partner."""
    units = np.unique(owner)
    if not len(units):
        return np.empty((0, 2), np.int32), np.empty(0)
    lines: Any = shapely.linestrings(ends)
    rest: Any = np.array([shapely.multilinestrings(lines[owner == unit]) for unit in units], dtype=object)
    tree = shapely.STRtree(shapes[units])
    pairs = tree.query(rest, predicate="dwithin", distance=snap)
    pairs = pairs[:, pairs[0] < pairs[1]]
    if not pairs.shape[1]:
        return np.empty((0, 2), np.int32), np.empty(0)
    wide = shapely.buffer(rest, snap, quad_segs=2, cap_style="flat")
    common = shapely.length(shapely.intersection(rest[pairs[0]], wide[pairs[1]]))
    real = common > _CORNER * snap
    return np.stack((units[pairs[0]], units[pairs[1]]), axis=1)[real].astype(np.int32), common[real]


def _together(edges: npt.NDArray[Any], border: Floats, units: int) -> tuple[Ints, Floats]:
    """Each pair once, i < j, with the sum of its borders."""
    key = edges[:, 0].astype(np.int64) * units + edges[:, 1]
    unique, place = np.unique(key, return_inverse=True)
    total: Floats = np.bincount(place, weights=border, minlength=len(unique)).astype(np.float64)
    return np.stack((unique // max(units, 1), unique % max(units, 1)), axis=1).astype(np.int32), total
