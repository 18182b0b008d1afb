"""Web Mercator as tiles use it: a unit square, x from 180° west to 180° east, y from north to south; from WGS 84 degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

EXTENT = 4096  # coordinates across one tile
LEAST_ZOOM, MOST_ZOOM = 5, 17
Floats = npt.NDArray[np.float64]


def forward(longitudes: npt.ArrayLike, latitudes: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return x and y in the unit square; latitudes beyond 85° are drawn at the edge."""
    lat = np.radians(np.clip(np.asarray(latitudes, dtype=np.float64), -85.05, 85.05))
    x = (np.asarray(longitudes, dtype=np.float64) + 180) / 360
    return x, (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2


def backward(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the longitudes and latitudes in degrees of points of the unit square."""
    latitudes = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * np.asarray(y, dtype=np.float64)))))
    return np.asarray(x, dtype=np.float64) * 360 - 180, latitudes


def project(coordinates: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return an array of (longitude, latitude) rows as rows of (x, y): for ``shapely.transform``."""
    return np.column_stack(forward(coordinates[:, 0], coordinates[:, 1]))


@dataclass(frozen=True)
class Tile:
    """One square of the map: ``x`` and ``y`` count from the north-west corner, ``2 ** z`` each way."""

    z: int
    x: int
    y: int

    @property
    def is_drawn(self) -> bool:
        """Is it a tile at all, of a zoom that is served?"""
        return LEAST_ZOOM <= self.z <= MOST_ZOOM and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z

    @property
    def side(self) -> float:
        """Its side in the unit square."""
        return float(0.5**self.z)

    def box(self, margin: float = 0.0) -> tuple[float, float, float, float]:
        """Return (west, north, east, south) in the unit square, ``margin`` (a share of the side) wider on each side."""
        side, more = self.side, self.side * margin
        return self.x * side - more, self.y * side - more, (self.x + 1) * side + more, (self.y + 1) * side + more

    def quantized(self, coordinates: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return rows of (x, y) of the unit square in whole coordinates of the tile: for ``shapely.transform``."""
        origin = np.array([self.x, self.y]) * self.side
        return np.rint((coordinates - origin) * (EXTENT / self.side))


def tile_at(longitude: float, latitude: float, z: int) -> Tile:
    """Return the tile of a zoom that holds a point."""
    x, y = forward([longitude], [latitude])
    return Tile(z, int(x[0] * 2**z), int(y[0] * 2**z))
