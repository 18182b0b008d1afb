"""Areas in WGS 84 degrees: which one holds a point, reading and writing them, and their size on the ground."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from safegrid.foundation.errors import InvalidInput

K = TypeVar("K")
METRES_PER_DEGREE = 111_195.0
_FEW = 32


class Locator(Generic[K]):
    """Answers which of many areas holds a point; on a shared border the area given first wins."""

    def __init__(self, keys: Sequence[K], areas: Sequence[BaseGeometry]) -> None:
        self.keys = list(keys)
        self._areas = np.array(areas, dtype=object)
        self._tree = shapely.STRtree(self._areas)
        shapely.prepare(self._areas)

    def index(self, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return for each point the index of its area, -1 outside all (also for NaN)."""
        xs = np.atleast_1d(np.asarray(longitudes, dtype=np.float64))
        ys = np.atleast_1d(np.asarray(latitudes, dtype=np.float64))
        points: Any = shapely.points(xs, ys)
        found = np.full(len(points), len(self.keys), dtype=np.int64)
        if len(self.keys) and len(points):
            if len(points) <= _FEW:
                point_at, area_at = self._tree.query(points, predicate="intersects")
            else:  # a tree over the points lets each prepared area take its points in one go
                area_at, point_at = shapely.STRtree(points).query(self._areas, predicate="intersects")
            np.minimum.at(found, point_at, area_at)
        found[found == len(self.keys)] = -1
        return found

    def locate(self, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike) -> list[K | None]:
        """Return for each point the key of its area, None outside all."""
        return [self.keys[i] if i >= 0 else None for i in self.index(longitudes, latitudes)]

    def at(self, longitude: float, latitude: float) -> K | None:
        """Return the key of the area that holds one point."""
        return self.locate([longitude], [latitude])[0]


def read_area(wkb: Any) -> BaseGeometry:
    """Return the area stored as WKB."""
    return shapely.from_wkb(bytes(wkb))


def write_area(area: BaseGeometry) -> bytes:
    """Return the area as WKB, little-endian, two dimensions, with vertices rounded to 1e-8 degrees (a millimetre)."""
    rounded = shapely.set_precision(shapely.force_2d(area), 1e-8)
    return bytes(shapely.to_wkb(rounded, byte_order=1))


def checked_area(area: BaseGeometry, *, field: str = "boundary") -> BaseGeometry:
    """Return a valid polygon or multipolygon; raise ``InvalidInput`` naming what is wrong and where."""
    if not isinstance(area, (Polygon, MultiPolygon)) or area.is_empty:
        raise InvalidInput({field: "边界必须是面（Polygon 或 MultiPolygon），且不能为空"})
    if not area.is_valid:
        why = shapely.is_valid_reason(area)
        raise InvalidInput({field: f"边界自相交或不闭合，请修正后再导入（{why}）"})
    west, south, east, north = area.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise InvalidInput({field: "边界坐标超出经纬度范围，请确认坐标系为经纬度"})
    return area


def area_m2(area: BaseGeometry) -> float:
    """Return the area in square metres, by a local equal-area scale (good to a per mille at county size)."""
    _, south, _, north = area.bounds
    middle = cos(radians((south + north) / 2))
    return float(area.area * METRES_PER_DEGREE**2 * middle)


def box(area: BaseGeometry) -> dict[str, float]:
    """Return the bounding box as the columns that shapes are indexed by."""
    west, south, east, north = area.bounds
    return {"min_longitude": west, "min_latitude": south, "max_longitude": east, "max_latitude": north}
