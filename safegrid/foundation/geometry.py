"""Areas in WGS 84 degrees: which one holds a point, reading and writing them, and their size on the ground."""

from __future__ import annotations

import json
import re
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


def area_from_text(text: str) -> BaseGeometry:
    """Return the area that GeoJSON or a list of corners describes; raise ``ValueError`` (Chinese) for anything else.

    Corners are ``longitude,latitude`` in degrees, one on each line (or between semicolons); an empty line begins another part.
    """
    text = text.strip()
    return _area_of_json(text) if text.startswith("{") else _area_of_corners(text)


def _area_of_json(text: str) -> BaseGeometry:
    try:
        given = json.loads(text)
        features = given["features"] if given.get("type") == "FeatureCollection" else [given]
        if len(features) != 1:
            raise ValueError
        one = features[0]
        area = shapely.geometry.shape(one["geometry"] if one.get("type") == "Feature" else one)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        RecursionError,
        shapely.errors.GEOSException,
    ) as error:
        raise ValueError("不是可以读取的 GeoJSON，应为一个 Polygon 或 MultiPolygon") from error
    if not isinstance(area, (Polygon, MultiPolygon)) or area.is_empty:
        raise ValueError("应为一个面（GeoJSON 的 Polygon 或 MultiPolygon）")
    return area


def _area_of_corners(text: str) -> BaseGeometry:
    parts = []
    for block in re.split(r"\n\s*\n", text.replace("\r", "")):
        corners = [_corner(line) for line in re.split(r"[\n;；]", block) if line.strip()]
        if len(corners) < 3:
            raise ValueError("至少要三个顶点，每行一个“经度,纬度”")
        parts.append(Polygon(corners))
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _corner(line: str) -> tuple[float, float]:
    try:
        longitude, latitude = (float(number) for number in re.split(r"[,，\s]+", line.strip()))
    except ValueError as error:
        raise ValueError(f"顶点应写作“经度,纬度”，不能读取“{line.strip()[:40]}”") from error
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError(f"顶点超出经纬度范围：“{line.strip()[:40]}”")
    return longitude, latitude


def area_m2(area: BaseGeometry) -> float:
    """Return the area in square metres, by a local equal-area scale (good to a per mille at county size)."""
    _, south, _, north = area.bounds
    middle = cos(radians((south + north) / 2))
    return float(area.area * METRES_PER_DEGREE**2 * middle)


def box(area: BaseGeometry) -> dict[str, float]:
    """Return the bounding box as the columns that shapes are indexed by."""
    west, south, east, north = area.bounds
    return {"min_longitude": west, "min_latitude": south, "max_longitude": east, "max_latitude": north}
