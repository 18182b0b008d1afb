"""Cells around points where there are no polygons: the land nearest to each. Approximate, and to be labelled so."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridplan.problem import Floats

_ALIKE = 0.01  # metres: closer points are one place


def cells(points: npt.ArrayLike, boundary: Any) -> list[Any]:
    """The part of `boundary` (polygon, local metres) nearest to each of points[n, 2], in the order of the points.

    Cells do not overlap and together are the boundary. Points at one place share its cell in strips of equal area. A
    piece that a bay cuts off from its point goes to the neighbour it has most border with, so a cell is one polygon unless the
    boundary itself is several. Raises `ValueError` for no points, points outside the boundary, or a boundary that is
    empty or invalid.
    """
    places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if not len(places) or not np.isfinite(places).all():
        raise ValueError("cells need points with coordinates")
    if boundary.is_empty or not boundary.is_valid or not boundary.area > 0:
        raise ValueError("the boundary must be a valid polygon")
    outside = np.flatnonzero(shapely.distance(boundary, shapely.points(places)) > _ALIKE)
    if len(outside):
        raise ValueError(f"points outside the boundary: {', '.join(map(str, outside[:10].tolist()))}")
    first, place = _places(places)
    found = _nearest(places[first], boundary)
    result: list[Any] = [None] * len(places)
    for i, cell in enumerate(found):
        here = np.flatnonzero(place == i)
        for point, strip in zip(here.tolist(), _strips(cell, len(here)), strict=True):
            result[point] = strip
    return result


def _places(points: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The first point at each place, and the place of each point."""
    dots: Any = shapely.points(points)
    pairs = shapely.STRtree(dots).query(dots, predicate="dwithin", distance=_ALIKE)
    head = np.arange(len(points))
    for one, other in pairs[:, pairs[1] < pairs[0]].T[np.lexsort(pairs[::-1, pairs[1] < pairs[0]])].tolist():
        if head[one] == one and head[other] == other:
            head[one] = other
    first, place = np.unique(head, return_inverse=True)
    return first, place


def _nearest(places: Floats, boundary: Any) -> list[Any]:
    if len(places) == 1:
        return [boundary]
    # Far from the origin the diagram would lose digits.
    middle = places.mean(axis=0)
    frame = shapely.transform(shapely.box(*boundary.bounds), lambda xy: xy - middle)
    diagram = shapely.voronoi_polygons(shapely.multipoints(places - middle), extend_to=frame, ordered=True)
    found = shapely.transform(shapely.get_parts(diagram), lambda xy: xy + middle)
    shapely.prepare(boundary)
    clip = ~shapely.contains_properly(boundary, found)
    found[clip] = shapely.intersection(found[clip], boundary)
    return _whole(found, places, boundary)


def _whole(found: npt.NDArray[np.object_], places: Floats, boundary: Any) -> list[Any]:
    """The cells, pieces away from their points given to the neighbour with the longest border."""
    several = np.flatnonzero(shapely.get_num_geometries(found) != 1)
    dots: Any = shapely.points(places)
    loose: list[tuple[int, Any]] = []
    for i in np.append(several, np.flatnonzero(shapely.get_type_id(found) == 7)).tolist():
        pieces = [p for p in shapely.get_parts(found[i]) if p.geom_type == "Polygon" and p.area > 0]
        own = int(np.argmin(shapely.distance(pieces, dots[i])))
        found[i] = pieces.pop(own)
        loose += [(i, piece) for piece in pieces]
    for i, piece in sorted(loose, key=lambda item: -item[1].area):
        near = shapely.STRtree(found).query(piece, predicate="dwithin", distance=1e-6)
        near = near[near != i]
        border = shapely.length(shapely.intersection(shapely.boundary(found[near]), piece.boundary.buffer(1e-6)))
        best = near[int(np.argmax(border))] if len(near) and border.max() > 1e-3 else i
        found[best] = _joined(found[best], piece)
    return list(found)


def _joined(cell: Any, piece: Any) -> Any:
    joined = shapely.union(cell, piece)
    if joined.geom_type == "MultiPolygon" and cell.geom_type == "Polygon":
        snapped = shapely.union(cell, shapely.snap(piece, cell, 1e-6))
        return snapped if snapped.is_valid else joined
    return joined


def _strips(cell: Any, count: int) -> list[Any]:
    """The cell cut by lines from south to north into `count` strips of equal area, from west to east."""
    if count == 1:
        return [cell]
    west, south, east, north = cell.bounds
    lines = [west - 1.0]
    for i in range(1, count):
        low, high = west, east
        for _ in range(60):
            middle = (low + high) / 2
            if (
                shapely.intersection(cell, shapely.box(west - 1, south - 1, middle, north + 1)).area
                < cell.area * i / count
            ):
                low = middle
            else:
                high = middle
        lines.append((low + high) / 2)
    lines.append(east + 1.0)
    strips = [shapely.box(lines[i], south - 1, lines[i + 1], north + 1) for i in range(count)]
    return [shapely.intersection(cell, strip) for strip in strips]
