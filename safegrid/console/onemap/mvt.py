"""Writes Mapbox Vector Tiles 2.1 (the message is that of mapbox-vector-tile); whole tile coordinates in, bytes out.

The package's own ``encode`` turns every vertex in Python; here arrays do, for all shapes of a layer at once (benchmark ``map``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from shapely.geometry.base import BaseGeometry

from safegrid.console.onemap.mercator import EXTENT

POINT, AREA = 1, 3
MOVE_ONE, LINE, CLOSE = 9, 2, 15
Value = str | int | float | bool


@dataclass(frozen=True)
class Feature:
    """One thing on a tile. ``shape``: (x, y) of a point, or a polygon in whole tile coordinates, y downward."""

    shape: tuple[int, int] | BaseGeometry
    values: Mapping[str, Value] = field(default_factory=dict)


def encode(layers: Mapping[str, Iterable[Feature]]) -> bytes:
    """Return the tile; layers without a feature are left out, and without layers it is empty."""
    tile = vector_tile_pb2.tile()
    for name, features in layers.items():
        written, rows = _Layer(tile.layers.add(), name), list(features)
        areas = [row for row in rows if not isinstance(row.shape, tuple)]
        for row in rows:
            if isinstance(row.shape, tuple):
                written.add(POINT, [MOVE_ONE, _zigzag(row.shape[0]), _zigzag(row.shape[1])], row.values)
        for row, commands in zip(areas, area_commands([row.shape for row in areas]), strict=True):
            if commands:
                written.add(AREA, commands, row.values)
        if not written.layer.features:
            del tile.layers[-1]
    return bytes(tile.SerializeToString())


class _Layer:
    def __init__(self, layer: Any, name: str) -> None:
        self.layer, self._keys, self._values = layer, dict[str, int](), dict[tuple[type, Value], int]()
        layer.name, layer.version, layer.extent = name, 2, EXTENT

    def add(self, kind: int, commands: list[int], values: Mapping[str, Value]) -> None:
        row = self.layer.features.add()
        row.type = kind
        row.geometry.extend(commands)
        row.tags.extend([at for pair in values.items() for at in (self._key(pair[0]), self._value(pair[1]))])

    def _key(self, key: str) -> int:
        if key not in self._keys:
            self._keys[key] = len(self._keys)
            self.layer.keys.append(key)
        return self._keys[key]

    def _value(self, value: Value) -> int:
        known = (type(value), value)
        if known not in self._values:
            self._values[known] = len(self._values)
            written = self.layer.values.add()
            if isinstance(value, bool):
                written.bool_value = value
            elif isinstance(value, int):
                written.int_value = value
            elif isinstance(value, float):
                written.double_value = value
            else:
                written.string_value = value
        return self._values[known]


def area_commands(shapes: Sequence[Any]) -> list[list[int]]:
    """Return the drawing commands of each polygon; an empty list for what shrank to nothing.

    Outer rings turn so that the surveyor's formula is positive, holes the other way: readers tell them apart by that.
    """
    found: list[list[int]] = [[] for _ in shapes]
    parts, of_shape = shapely.get_parts(np.array(list(shapes), dtype=object), return_index=True)
    is_area = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON  # clipping may leave lines and points, too
    parts, of_shape = shapely.orient_polygons(parts[is_area], exterior_cw=False), of_shape[is_area]
    rings, of_part = shapely.get_rings(parts, return_index=True)
    corners, of_ring = shapely.get_coordinates(rings, return_index=True)
    if not len(rings):
        return found
    corners = corners.astype(np.int64)
    again = np.zeros(len(corners), dtype=bool)  # the corner before once more: closing a ring, or rounded onto it
    again[1:] = (of_ring[1:] == of_ring[:-1]) & np.all(corners[1:] == corners[:-1], axis=1)
    last = np.append(of_ring[1:] != of_ring[:-1], True)
    kept = ~again & ~last
    sizes = np.bincount(of_ring[kept], minlength=len(rings))
    kept &= _drawn(sizes, of_part)[of_ring]
    corners, of_ring = corners[kept], of_ring[kept]
    if not len(of_ring):
        return found
    owner = of_shape[of_part[of_ring]]
    before = np.zeros_like(corners)
    before[1:] = np.where((owner[1:] == owner[:-1])[:, None], corners[:-1], 0)
    steps = corners - before
    moves = ((steps << 1) ^ (steps >> 63)).ravel().tolist()
    starts = np.flatnonzero(np.append(True, of_ring[1:] != of_ring[:-1])).tolist()
    for start, end in zip(starts, [*starts[1:], len(of_ring)], strict=True):
        found[owner[start]] += [MOVE_ONE, *moves[2 * start : 2 * start + 2], (end - start - 1) << 3 | LINE,
                                *moves[2 * start + 2 : 2 * end], CLOSE]  # fmt: skip
    return found


def _drawn(sizes: npt.NDArray[np.int64], of_part: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which rings are drawn: of three corners or more, and holes only in what is drawn itself."""
    outer = np.append(True, of_part[1:] != of_part[:-1])
    whole = sizes >= 3
    drawn: npt.NDArray[np.bool_] = whole & whole[outer][np.cumsum(outer) - 1]
    return drawn


def _zigzag(value: int) -> int:
    return (value << 1) ^ (value >> 63)
