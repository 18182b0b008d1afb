"""Many areas on tiles: simplified once for each zoom with their common borders kept, clipped, in whole coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from safegrid.console.onemap.mercator import EXTENT, Tile, project

MARGIN = 1 / 64  # of a tile: what is drawn beyond its edge, so that edges do not show
FINEST = 14  # tiles beyond are this one's, magnified
PIXELS = 512  # of a tile on the screen


class Areas:
    """Areas given in WGS 84 degrees, kept in the unit square of Web Mercator."""

    def __init__(self, areas: Sequence[BaseGeometry]) -> None:
        self._areas = shapely.transform(np.array(list(areas), dtype=object), project)
        self._tree = shapely.STRtree(self._areas)
        self._coarser: dict[int, npt.NDArray[Any]] = {}
        inner = shapely.point_on_surface(self._areas) if len(self._areas) else np.array([], dtype=object)
        self._inner = shapely.get_coordinates(inner).reshape(-1, 2)

    def __len__(self) -> int:
        return len(self._areas)

    def cut(self, tile: Tile) -> list[tuple[int, BaseGeometry]]:
        """Return (index, polygon in tile coordinates) of the areas on a tile."""
        west, north, east, south = tile.box(MARGIN)
        near = np.sort(self._tree.query(shapely.box(west, north, east, south)))
        if not len(near):
            return []
        clipped = shapely.clip_by_rect(self._at(tile.z)[near], west, north, east, south)
        clipped = shapely.transform(clipped, tile.quantized)
        return [(int(at), one) for at, one in zip(near, clipped, strict=True) if one is not None and not one.is_empty]

    def label_points(self, tile: Tile) -> list[tuple[int, tuple[int, int]]]:
        """Return (index, a point inside the area) of the areas whose point stands on a tile."""
        west, north, east, south = tile.box()
        x, y = self._inner[:, 0], self._inner[:, 1]
        at = np.flatnonzero((x >= west) & (x < east) & (y >= north) & (y < south))
        whole = tile.quantized(self._inner[at]).astype(int).clip(0, EXTENT)
        return [(int(index), (int(px), int(py))) for index, (px, py) in zip(at, whole, strict=True)]

    def _at(self, zoom: int) -> npt.NDArray[Any]:
        """Return the areas with no more detail than a screen of this zoom shows."""
        zoom = min(zoom, FINEST + 2)
        found = self._coarser.get(zoom)
        if found is None:
            pixel = 1 / (2**zoom * PIXELS)
            found = self._coarser[zoom] = _simplified(self._areas, pixel * 0.75)
        return found


def _simplified(areas: npt.NDArray[Any], tolerance: float) -> npt.NDArray[Any]:
    """Simplify neighbours alike, so that no slit opens between them; areas that it would lose stay as they are."""
    try:
        thinner = shapely.coverage_simplify(areas, tolerance)
    except shapely.errors.GEOSException:
        thinner = shapely.simplify(areas, tolerance)
    return np.where(shapely.is_empty(thinner) | shapely.is_missing(thinner), areas, thinner)
