"""What a county's map is drawn from, whoever looks: kept in memory by county, and anew when its rows were written."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Any
from uuid import UUID

import numpy as np
import shapely

from safegrid.console.onemap.areas import Areas
from safegrid.console.onemap.mercator import Floats, backward, forward
from safegrid.console.onemap.points import Mask, Points
from safegrid.foundation.cache import CountyCache
from safegrid.foundation.ids import uuid7
from safegrid.grids import selectors as grids
from safegrid.regions import selectors as regions
from safegrid.sites import map as sites

DAYS_KEPT = 16
Box = tuple[float, float, float, float]  # west, south, east, north in degrees


@dataclass(frozen=True)
class SiteStock:
    """Every site on the map, and which of them are supervised directly or in no grid. ``version`` names the content."""

    version: str
    points: Points
    is_direct: Mask
    lacks_grid: Mask

    @cached_property
    def places(self) -> dict[UUID, int]:
        return {key: at for at, key in enumerate(self.points.ids)}

    def mask(self, ids: Sequence[UUID]) -> Mask:
        """Return which sites are among ``ids``."""
        found = np.zeros(len(self.points), dtype=bool)
        places = self.places
        found[[places[one] for one in ids if one in places]] = True
        return found

    def within(self, box: Box, mask: Mask) -> list[UUID]:
        """Return the sites of ``mask`` inside a box in degrees."""
        (west, east), (south, north) = forward([box[0], box[2]], [box[1], box[3]])
        x, y = self.points.x, self.points.y
        found = mask & (x >= west) & (x <= east) & (y >= north) & (y <= south)
        return [self.points.ids[at] for at in np.flatnonzero(found).tolist()]

    def degrees(self, ids: Sequence[UUID]) -> tuple[Floats, Floats]:
        """Return the longitudes and latitudes of sites."""
        at = [self.places[one] for one in ids]
        return backward(self.points.x[at], self.points.y[at])


def _load_sites(county: int) -> SiteStock:
    rows = list(sites.dots(county))
    grade = {name: at for at, name in enumerate(sites.GRADES)}
    points = Points.of(
        [row.longitude for row in rows], [row.latitude for row in rows], [grade[row.risk_grade] for row in rows],
        [row.site_type for row in rows], [row.id for row in rows], [row.name for row in rows],
    )  # fmt: skip
    direct = np.array([row.is_directly_supervised for row in rows], dtype=bool)
    lacks = np.array([row.grid_id is None for row in rows], dtype=bool) & ~direct
    return SiteStock(str(uuid7()), points, direct, lacks)


@dataclass(frozen=True)
class Named:
    """Areas with their codes and names."""

    codes: list[str]
    names: list[str]
    areas: Areas


@dataclass(frozen=True)
class PlaceStock:
    """A county's towns and villages, and the box around all in degrees (None where no shape is known)."""

    version: str
    towns: Named
    villages: Named
    boxes: dict[str, Box]
    bounds: Box | None


def _load_places(county: int) -> PlaceStock:
    villages = {one.code: one.area for one in regions.shapes(county, regions.Level.VILLAGE) if one.area is not None}
    towns = {one.code: one.area for one in regions.shapes(county, regions.Level.TOWN) if one.area is not None}
    for town in sorted({code[:9] for code in villages} - set(towns)):
        towns[town] = shapely.union_all([area for code, area in villages.items() if code.startswith(town)])
    names = regions.names_of([*towns, *villages])
    shapes = {**towns, **villages}
    boxes = {code: _box([area]) for code, area in shapes.items()}
    whole = _box(list(shapes.values())) if shapes else None
    return PlaceStock(str(uuid7()), _named(towns, names), _named(villages, names), boxes, whole)


def _box(shapes: Sequence[Any]) -> Box:
    west, south, east, north = (float(one) for one in shapely.total_bounds(np.array(shapes)))
    return west, south, east, north


def _named(areas: dict[str, Any], names: dict[str, str]) -> Named:
    codes = sorted(areas)
    return Named(codes, [names.get(code, code) for code in codes], Areas([areas[code] for code in codes]))


SITES: CountyCache[SiteStock] = CountyCache("map_sites", _load_sites)
PLACES: CountyCache[PlaceStock] = CountyCache("region_shapes", _load_places)  # counted up where shapes are written


_last: dict[int, SiteStock] = {}
_reading: dict[int, Lock] = {}


def sites_of(county: int) -> SiteStock:
    """Return the county's sites; while one request reads them again, the others go on with what was there.

    A browser asks for six tiles at once: a large county would be read six times.
    """
    lock = _reading.setdefault(county, Lock())
    if not lock.acquire(blocking=county not in _last):
        return _last[county]
    try:
        found = _last[county] = SITES.get(county)
    finally:
        lock.release()
    return found


@dataclass(frozen=True)
class GridStock:
    """The boundaries in force on one day."""

    version: str
    ids: list[UUID]
    areas: Areas
    bounds: Box | None


_drawn: OrderedDict[frozenset[UUID], GridStock] = OrderedDict()


def grids_on(county: int, day: date) -> GridStock:
    """Return the boundaries of a day; days between two changes share one stock."""
    pieces = grids.pieces(county, day)
    key = frozenset(piece.version_id for piece in pieces)
    found = _drawn.get(key)
    if found is None:
        shapes = [piece.area for piece in pieces]
        found = GridStock(
            str(uuid7()), [piece.grid_id for piece in pieces], Areas(shapes), _box(shapes) if shapes else None
        )
        _drawn[key] = found
        while len(_drawn) > DAYS_KEPT:
            _drawn.popitem(last=False)
    return found
