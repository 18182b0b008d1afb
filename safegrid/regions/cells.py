"""Approximate village areas where no polygons exist: the land nearest to each village point.

The cells are faces of one planar graph (the outline and the Voronoi edges, noded together), so neighbours share their
border exactly and nothing of the outline is lost or counted twice.
"""

from collections.abc import Sequence
from math import cos, radians
from typing import Any, TypeAlias

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from .datum import Floats, check

Area: TypeAlias = Polygon | MultiPolygon

SAME_POINT = 1e-7  # degrees, about a centimetre: closer points are one
_METRES_PER_DEGREE = 111_195.0
_MARGIN_METRES = 500.0  # least width of the rim around the points when no outline is given
_MARGIN_SHARE = 0.1  # of the extent of the points


class Cells(dict[str, Area]):
    """Key → area in WGS 84 degrees, and what a dict cannot say.

    `merged`: keys left without a cell since their point is that of an earlier key (key → that key).
    `empty`: keys whose point lies so far outside the outline that no part of it is nearest to them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.merged: dict[str, str] = {}
        self.empty: list[str] = []


def cells_around_points(points: Sequence[tuple[str, float, float]], outline: Area | None = None) -> Cells:
    """Divide `outline` (or a rim around the points) into the areas nearest to each (key, longitude, latitude).

    Every cell contains its point if the outline does; cells do not overlap and together are the outline. A cell is a
    MultiPolygon where a bay or an island splits it. Nearness is measured in metres at the mean latitude.

    Raises ValueError for no points, a repeated key, or an outline that is empty or invalid; CoordinateError.
    """
    if not points:
        raise ValueError("没有点，无法划分区域")
    keys = [key for key, _, _ in points]
    if len(set(keys)) != len(keys):
        raise ValueError("有重复的编码，无法划分区域")
    places = np.array([(longitude, latitude) for _, longitude, latitude in points], dtype=np.float64)
    check(places[:, 0], places[:, 1])
    cells = Cells()
    kept = _distinct(keys, places, cells.merged)
    keys, places = [keys[i] for i in kept], places[kept]
    # Degrees of longitude are shorter than degrees of latitude; nearness must be judged on the ground.
    scale = np.array([cos(radians(float(places[:, 1].mean()))), 1.0])
    sites = places * scale
    area = _rim(sites, scale) if outline is None else outline
    if area.is_empty or not area.is_valid:
        raise ValueError("外边界为空或自相交，请先修正")
    for index, faces in sorted(_faces_by_site(area, sites, scale).items(), key=lambda item: item[0]):
        cells[keys[index]] = _joined(faces)
    cells.empty = [key for key in keys if key not in cells]
    return cells


def _distinct(keys: list[str], places: Floats, merged: dict[str, str]) -> list[int]:
    """Indexes of the points that are kept: the first of each group of coinciding ones."""
    dots: Any = shapely.points(places)
    tree = shapely.STRtree(dots)
    near: dict[int, list[int]] = {}
    for one, other in tree.query(dots, predicate="dwithin", distance=SAME_POINT).T.tolist():
        if other < one:
            near.setdefault(one, []).append(other)
    kept: list[int] = []
    chosen: set[int] = set()
    for index in range(len(keys)):
        first = min((other for other in near.get(index, ()) if other in chosen), default=None)
        if first is None:
            kept.append(index)
            chosen.add(index)
        else:
            merged[keys[index]] = keys[first]
    return kept


def _rim(sites: Floats, scale: Floats) -> Area:
    """The hull of the points and a rim around it, in degrees."""
    hull: Any = shapely.convex_hull(shapely.multipoints(sites))
    extent = float(np.hypot(*(sites.max(axis=0) - sites.min(axis=0))))
    rim = hull.buffer(max(_MARGIN_METRES / _METRES_PER_DEGREE, extent * _MARGIN_SHARE), quad_segs=8)
    area: Polygon = _scaled(rim, 1.0 / scale)
    return area


def _scaled(geometry: Any, scale: Floats) -> Any:
    return shapely.transform(geometry, lambda xy: xy * scale)


def _faces_by_site(area: Area, sites: Floats, scale: Floats) -> dict[int, list[Polygon]]:
    """The faces of the outline cut by the Voronoi edges, by the index of the nearest point."""
    lines = [area.boundary]
    if len(sites) > 1:
        frame = _scaled(shapely.box(*area.bounds), scale)
        edges = shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=frame, only_edges=True)
        lines.append(_scaled(edges, 1.0 / scale))
    noded = shapely.node(shapely.geometrycollections(lines))
    faces = np.array(shapely.polygonize(shapely.get_parts(noded).tolist()).geoms)
    inner = shapely.point_on_surface(faces)
    shapely.prepare(area)
    within = shapely.intersects(area, inner)  # the holes of the outline are faces too
    faces, inner = faces[within], inner[within]
    dots: Any = shapely.points(sites)
    nearest = shapely.STRtree(dots).nearest(_scaled(inner, scale))
    grouped: dict[int, list[Polygon]] = {}
    for face, index in zip(faces, nearest.tolist(), strict=True):
        grouped.setdefault(index, []).append(face)
    return grouped


def _joined(faces: list[Polygon]) -> Area:
    if len(faces) == 1:
        return faces[0]
    joined = shapely.union_all(faces)
    assert isinstance(joined, Polygon | MultiPolygon)
    return joined
