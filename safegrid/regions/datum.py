"""Conversion between the datums that coordinates come in. The datum is always declared, never guessed.

GCJ-02 and BD-09 have no published definition; the formulas are those in common use, as in gcoord 1.0.7 (npm, MIT),
whose vectors the tests compare with. CGCS2000 and WGS 84 differ by centimetres and count as one here.
"""

from enum import StrEnum
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]

_AXIS = 6_378_245.0  # Krasovsky 1940, on which GCJ-02 rests
_ECCENTRICITY2 = 0.006693421622965823
_BD_TURN = np.pi * 3000.0 / 180.0
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271  # GCJ-02 is the identity outside
_EXACT = 1e-10  # degrees; 0.01 mm
_ROUNDS = 30
_EARTH_RADIUS = 6_371_008.8  # metres, mean radius of the IUGG


class Datum(StrEnum):
    """A coordinate system a file or a device may declare."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Datum.WGS84: "WGS 84（GPS）",
    Datum.CGCS2000: "CGCS2000（国家大地坐标系、天地图）",
    Datum.GCJ02: "GCJ-02（高德、腾讯地图）",
    Datum.BD09: "BD-09（百度地图）",
}
DATUM_CHOICES: list[tuple[str, str]] = [(datum.value, datum.label) for datum in Datum]


class CoordinateError(ValueError):
    """Coordinates that cannot be; the message is Chinese. `index` is the place of the first bad one in an array."""

    def __init__(self, message: str, index: int = 0) -> None:
        super().__init__(message)
        self.index = index


def check(longitude: npt.ArrayLike, latitude: npt.ArrayLike) -> None:
    """Raise CoordinateError for what is no number or lies outside ±180 / ±90; says so when the two look swapped."""
    lon, lat = _pair(longitude, latitude)
    bad = ~((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0))
    if not bad.any():
        return
    index = int(np.argmax(bad.ravel()))
    x, y = float(lon.ravel()[index]), float(lat.ravel()[index])
    hint = "，经纬度可能填反" if looks_swapped(x, y) else ""
    raise CoordinateError(f"坐标超出范围：经度 {x:g}，纬度 {y:g}{hint}", index)


def looks_swapped(longitude: float, latitude: float) -> bool:
    """Whether a pair lies outside China as written and inside it when exchanged."""
    return not _in_china(longitude, latitude) and _in_china(latitude, longitude)


def _in_china(longitude: float, latitude: float) -> bool:
    return _WEST <= longitude <= _EAST and _SOUTH <= latitude <= _NORTH


@overload
def to_wgs84(longitude: float, latitude: float, datum: Datum | str) -> tuple[float, float]: ...
@overload
def to_wgs84(longitude: Floats, latitude: Floats, datum: Datum | str) -> tuple[Floats, Floats]: ...
def to_wgs84(longitude: Any, latitude: Any, datum: Datum | str) -> tuple[Any, Any]:
    """Degrees in `datum` as WGS 84 degrees (longitude, latitude); scalars give floats, arrays arrays of one shape.

    Inverse of `from_wgs84` to 1e-9 degrees. Raises CoordinateError (see `check`), ValueError for an unknown datum.
    """
    check(longitude, latitude)
    lon, lat = _pair(longitude, latitude)
    datum = Datum(datum)
    if datum is Datum.BD09:
        lon, lat = _invert(_gcj_to_bd, lon, lat)
    if datum in (Datum.BD09, Datum.GCJ02):
        outside = ~_mask(lon, lat)
        x, y = _invert(_wgs_to_gcj, lon, lat)
        lon, lat = np.where(outside, lon, x), np.where(outside, lat, y)
    return _same_kind(lon, lat)


@overload
def from_wgs84(longitude: float, latitude: float, datum: Datum | str) -> tuple[float, float]: ...
@overload
def from_wgs84(longitude: Floats, latitude: Floats, datum: Datum | str) -> tuple[Floats, Floats]: ...
def from_wgs84(longitude: Any, latitude: Any, datum: Datum | str) -> tuple[Any, Any]:
    """WGS 84 degrees as degrees in `datum`. Raises CoordinateError (see `check`), ValueError for an unknown datum."""
    check(longitude, latitude)
    lon, lat = _pair(longitude, latitude)
    datum = Datum(datum)
    if datum in (Datum.BD09, Datum.GCJ02):
        lon, lat = _wgs_to_gcj(lon, lat)
    if datum is Datum.BD09:
        lon, lat = _gcj_to_bd(lon, lat)
    return _same_kind(lon, lat)


@overload
def distance_m(longitude1: float, latitude1: float, longitude2: float, latitude2: float) -> float: ...
@overload
def distance_m(longitude1: Any, latitude1: Any, longitude2: Any, latitude2: Any) -> Any: ...
def distance_m(longitude1: Any, latitude1: Any, longitude2: Any, latitude2: Any) -> Any:
    """Great-circle distance in metres between WGS 84 points (haversine, within 0.6 % of the ellipsoid); broadcasts."""
    x1, y1, x2, y2 = (
        np.radians(np.asarray(v, dtype=np.float64)) for v in (longitude1, latitude1, longitude2, latitude2)
    )
    chord = np.sin((y2 - y1) / 2) ** 2 + np.cos(y1) * np.cos(y2) * np.sin((x2 - x1) / 2) ** 2
    metres = 2 * _EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return float(metres) if metres.ndim == 0 else metres


def _pair(longitude: Any, latitude: Any) -> tuple[Floats, Floats]:
    lon, lat = np.broadcast_arrays(np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64))
    return lon, lat


def _same_kind(lon: Floats, lat: Floats) -> tuple[Any, Any]:
    return (float(lon), float(lat)) if lon.ndim == 0 else (np.array(lon), np.array(lat))


def _mask(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    return inside


def _wgs_to_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    ripple = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    # The shift is metres on the ground, turned into degrees along the meridian and along the parallel.
    north = np.degrees(north * magic**1.5 / (_AXIS * (1.0 - _ECCENTRICITY2)))
    east = np.degrees(east * np.sqrt(magic) / (_AXIS * np.maximum(np.cos(phi), 1e-9)))
    inside = _mask(lon, lat)
    return np.where(inside, lon + east, lon), np.where(inside, lat + north, lat)


def _gcj_to_bd(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _invert(forward: Any, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Solve forward(p) = (lon, lat) by fixed point: the shifts change so slowly that each round gains two digits."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_ROUNDS):
        fx, fy = forward(x, y)
        dx, dy = fx - lon, fy - lat
        x, y = x - dx, y - dy
        if max(np.max(np.abs(dx), initial=0.0), np.max(np.abs(dy), initial=0.0)) < _EXACT:
            break
    return x, y


def area_to_wgs84(area: BaseGeometry, datum: Datum | str) -> BaseGeometry:
    """Return an area with every vertex converted from ``datum``. Raises ``CoordinateError``."""

    def converted(longitudes: Floats, latitudes: Floats) -> tuple[Floats, Floats]:
        return to_wgs84(longitudes, latitudes, datum)

    moved: BaseGeometry = shapely.transform(area, converted, interleaved=False)  # type: ignore[arg-type]
    return moved
