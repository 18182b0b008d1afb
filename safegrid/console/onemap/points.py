"""Many points on tiles: one by one where there is room, else gathered in cells that do not move with the tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from safegrid.console.onemap.mercator import EXTENT, Floats, Tile, forward
from safegrid.console.onemap.mvt import Feature, Value

GATHERED_BELOW = 15
CELLS_FAR, CELLS_NEAR = 12, 128  # cells across a tile (512 px): 43 px, and 4 px, below which points hide one another
NAMED_FROM = 15
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Points:
    """``rank`` orders by gravity (a cell shows its gravest); ``kind`` indexes ``kinds``; ``ids`` name rows."""

    x: Floats
    y: Floats
    rank: npt.NDArray[np.int16]
    kind: npt.NDArray[np.int16]
    kinds: Sequence[str]
    ids: Sequence[Any]
    names: Sequence[str]

    @classmethod
    def of(cls, longitudes: Sequence[float], latitudes: Sequence[float], ranks: Sequence[int], kinds: Sequence[str],
           ids: Sequence[Any], names: Sequence[str]) -> Points:  # fmt: skip
        """Return points given in WGS 84 degrees."""
        x, y = forward(longitudes, latitudes)
        known = sorted(set(kinds))
        code = {kind: at for at, kind in enumerate(known)}
        return cls(x, y, np.array(ranks, dtype=np.int16), np.array([code[kind] for kind in kinds], dtype=np.int16), known,
                   ids, names)  # fmt: skip

    def __len__(self) -> int:
        return len(self.ids)

    def of_kinds(self, wanted: frozenset[str]) -> Mask:
        """Return which points are of one of these kinds."""
        return np.isin(self.kind, [at for at, kind in enumerate(self.kinds) if kind in wanted])

    def digest(self) -> str:
        """Return a name of the content, the same for the same points in the same order."""
        told = sha256()
        for part in (self.x, self.y, self.rank, self.kind):
            told.update(np.ascontiguousarray(part).tobytes())
        told.update("\n".join([*map(str, self.ids), *self.names, *self.kinds]).encode())
        return told.hexdigest()[:16]

    def cut(self, tile: Tile, chosen: Mask | None = None) -> list[Feature]:
        """Return what of the points (of ``chosen``, when given) stands on a tile.

        A point has ``id``, ``kind``, ``rank`` and near by ``name``; a cell of several ``n`` and the gravest ``rank``.
        """
        west, north, east, south = tile.box()
        inside = (self.x >= west) & (self.x < east) & (self.y >= north) & (self.y < south)
        at = np.flatnonzero(inside if chosen is None else inside & chosen)
        if not len(at):
            return []
        px, py = (self.x[at] - west) / tile.side, (self.y[at] - north) / tile.side
        cells = CELLS_FAR if tile.z < GATHERED_BELOW else CELLS_NEAR
        cell = np.minimum((px * cells).astype(np.int64), cells - 1) + cells * np.minimum(
            (py * cells).astype(np.int64), cells - 1
        )
        _, first, which, counts = np.unique(cell, return_index=True, return_inverse=True, return_counts=True)
        mean_x = np.rint(np.bincount(which, px) / counts * EXTENT).astype(int).tolist()
        mean_y = np.rint(np.bincount(which, py) / counts * EXTENT).astype(int).tolist()
        gravest = np.full(len(first), -1, dtype=np.int64)
        np.maximum.at(gravest, which, self.rank[at])
        is_named = tile.z >= NAMED_FROM
        found = []
        for index, (x, y, number, rank) in enumerate(
            zip(mean_x, mean_y, counts.tolist(), gravest.tolist(), strict=True)
        ):
            if number > 1:
                found.append(Feature((x, y), {"n": number, "rank": rank}))
                continue
            row = int(at[first[index]])
            values: dict[str, Value] = {"id": str(self.ids[row]), "kind": self.kinds[self.kind[row]], "rank": rank}
            if is_named and self.names[row]:
                values["name"] = self.names[row]
            found.append(Feature((x, y), values))
        return found
