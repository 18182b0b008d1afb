"""Degrees to metres of a local plane and back: good to a per mille at county size, as ``foundation.geometry.area_m2``."""

from __future__ import annotations

from math import cos, radians
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from safegrid.foundation.geometry import METRES_PER_DEGREE

GRAIN = 1e-8  # degrees: what boundaries are stored with


class Plane:
    """The plane around a latitude."""

    def __init__(self, latitude: float) -> None:
        self._scale = np.array([METRES_PER_DEGREE * cos(radians(latitude)), METRES_PER_DEGREE])

    def metres(self, degrees: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return (n, 2) longitudes and latitudes as metres to the east and north."""
        scaled: npt.NDArray[np.float64] = np.asarray(degrees, dtype=np.float64).reshape(-1, 2) * self._scale
        return scaled

    def shapes(self, areas: list[Any]) -> list[Any]:
        """Return geometries in metres."""
        return [shapely.transform(area, lambda xy: xy * self._scale) for area in areas]

    def degrees(self, shape: Any) -> Any:
        """Return a geometry in metres as degrees, on the grain that boundaries are stored with."""
        return only_area(shapely.set_precision(shapely.transform(shape, lambda xy: xy / self._scale), GRAIN))


def polygons_of(area: BaseGeometry) -> list[Polygon]:
    """Return what is polygon in a geometry; lines and points that an overlay leaves are dropped."""
    return [one for one in shapely.get_parts(shapely.get_parts(area)).tolist() if isinstance(one, Polygon)]


def only_area(area: BaseGeometry) -> BaseGeometry:
    """Return the polygon or multipolygon in what an overlay left; empty where there is none."""
    parts = [one for one in polygons_of(area) if one.area > 0]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def joined(areas: list[Any]) -> BaseGeometry:
    """Return the union of units as one boundary, without the hairline slits that borders digitised twice leave."""
    if len(areas) == 1:
        return only_area(areas[0])
    whole = shapely.union_all(np.array(areas, dtype=object), grid_size=GRAIN)
    slit = 5e-6  # degrees, half a metre
    if len(polygons_of(whole)) > 1 or any(len(one.interiors) for one in polygons_of(whole)):
        closed = whole.buffer(slit, join_style="mitre").buffer(-slit, join_style="mitre")
        if closed.is_valid and not closed.is_empty:
            whole = closed
    return only_area(shapely.set_precision(whole, GRAIN))
