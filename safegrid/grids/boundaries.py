"""Does a boundary fit: which villages it covers, whom it overlaps, what it leaves uncovered, what lies outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from safegrid.foundation.geometry import area_m2
from safegrid.grids.atlas import Piece
from safegrid.regions import selectors as regions

# Neighbours digitised apart share no exact line: what is smaller than both bounds is drawing, not dispute.
OVERLAP_SHARE, OVERLAP_M2 = 0.005, 100.0
SLIVER_SHARE, SLIVER_M2 = 0.01, 1000.0
_SHOWN = 5


@dataclass(frozen=True)
class Overlap:
    """A neighbour that already holds part of the area, in square metres, and from which day."""

    code: str
    area_m2: float
    valid_from: date


@dataclass
class Fit:
    """What was found. ``overlaps`` refuse the boundary; ``warnings`` (Chinese) go with it."""

    villages: list[str] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def refusal(self) -> str:
        """Return why the boundary cannot stand, "" where it can."""
        if not self.overlaps:
            return ""
        told = "；".join(f"{one.code}（{shown_area(one.area_m2)}）" for one in self.overlaps[:_SHOWN])
        more = f"等 {len(self.overlaps)} 个" if len(self.overlaps) > _SHOWN else ""
        return f"与已有网格重叠：{told}{more}。请修正边界，或先调整这些网格"


class Territory:
    """The villages of a county with known areas; loaded once for each verb or import."""

    def __init__(self, county: int) -> None:
        known = [one for one in regions.shapes(county, regions.Level.VILLAGE) if one.area is not None]
        self.codes = [one.code for one in known]
        self.areas = np.array([one.area for one in known], dtype=object)
        self.area_of = dict(zip(self.codes, self.areas, strict=True))

    def covered_by(self, area: BaseGeometry) -> list[str]:
        """Return the villages of which the area takes more than a sliver, by code."""
        found = []
        for at in np.flatnonzero(shapely.intersects(area, self.areas)) if self.codes else []:
            village = self.areas[at]
            shared, least = surface(area.intersection(village)), min(area_m2(area), area_m2(village))
            if shared > SLIVER_SHARE * least:
                found.append(self.codes[at])
        return sorted(found)

    def outside(self, area: BaseGeometry, village: str) -> list[str]:
        """Return warnings about what lies beyond the declared village, or beyond all villages of the county."""
        if not self.codes:
            return ["本县还没有村（社区）边界，未核对越界和空隙"]
        whole = area_m2(area)
        if village and village in self.area_of:
            beyond, words = area.difference(self.area_of[village]), f"超出所属村（社区）{regions.name_of(village)}"
        else:
            near = self.areas[shapely.intersects(area, self.areas)]
            beyond, words = area.difference(unary_union(list(near))) if len(near) else area, "超出本县各村（社区）边界"
        size = surface(beyond)
        return [f"{words} {shown_area(size)}"] if size > max(SLIVER_M2, SLIVER_SHARE * whole) else []

    def gaps(self, villages: Collection[str], areas: Sequence[BaseGeometry]) -> dict[str, str]:
        """Return, for each of ``villages`` that ``areas`` leave partly uncovered, a warning."""
        found, all_areas = {}, np.array(areas, dtype=object)
        for code in sorted(set(villages) & set(self.area_of)):
            village = self.area_of[code]
            near: Any = all_areas[shapely.intersects(village, all_areas)] if len(all_areas) else []
            left = surface(village.difference(unary_union(list(near)))) if len(near) else area_m2(village)
            if left > max(SLIVER_M2, SLIVER_SHARE * area_m2(village)):
                found[code] = f"{regions.name_of(code)}还有 {shown_area(left)} 未划入任何网格"
        return found


def overlaps(area: BaseGeometry, others: Iterable[Piece], from_day: date) -> list[Overlap]:
    """Return the versions, in force on ``from_day`` or any later day, that the area overlaps beyond tolerance."""
    pieces = [piece for piece in others if piece.in_force_from(from_day)]
    if not pieces:
        return []
    own, found = area_m2(area), []
    shapely.prepare(area)
    for at in np.flatnonzero(shapely.intersects(area, np.array([piece.area for piece in pieces], dtype=object))):
        piece = pieces[at]
        shared = surface(area.intersection(piece.area))
        if shared > max(OVERLAP_M2, OVERLAP_SHARE * min(own, piece.area_m2)):
            found.append(Overlap(piece.code, shared, piece.valid_from))
    return found


def surface(area: BaseGeometry) -> float:
    """Return the square metres of what is polygon in a geometry; shared lines and points count nothing."""
    parts = [part for part in getattr(area, "geoms", [area]) if isinstance(part, (Polygon, MultiPolygon))]
    return sum(area_m2(part) for part in parts if not part.is_empty)


def shown_area(square_metres: float) -> str:
    if square_metres >= 1_000_000:
        return f"{square_metres / 1_000_000:.2f} 平方千米"
    return f"{square_metres / 10_000:.2f} 公顷" if square_metres >= 10_000 else f"{square_metres:.0f} 平方米"
