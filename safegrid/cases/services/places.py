"""Where a new case is: a site, a point on the map, or words; each leads to a town, and where possible to a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from safegrid.cases.models import Place
from safegrid.foundation.errors import InvalidInput
from safegrid.grids import selectors as grids
from safegrid.regions import selectors as regions
from safegrid.regions.datum import CoordinateError, check, looks_swapped


@dataclass(frozen=True)
class Where:
    place_kind: str
    town: str
    village: str
    site_id: UUID | None = None
    grid_id: UUID | None = None
    longitude: float | None = None
    latitude: float | None = None
    place_words: str = ""


def where(county: int, *, site: Any = None, longitude: float | None = None, latitude: float | None = None,
          place_words: str = "", town: str = "", village: str = "") -> Where | None:  # fmt: skip
    """Return the place given by a site, else a position, else words; None when none of the three is given.

    Raises ``InvalidInput`` when half a position or an impossible one is given, or a town or village is missing or not of
    the county.
    """
    if (longitude is None) != (latitude is None):
        raise InvalidInput({"longitude": "经度和纬度必须同时填写"})
    if longitude is not None and latitude is not None:
        _check_position(longitude, latitude)
    if site is not None:
        return _at_site(county, site, longitude, latitude, place_words)
    if longitude is not None and latitude is not None:
        return _at_point(county, longitude, latitude, place_words, town, village)
    if not place_words.strip():
        return None
    town, village = _region(county, town, village)
    return Where(Place.WORDS, town, village, place_words=place_words)


def _check_position(longitude: float, latitude: float) -> None:
    try:
        check(longitude, latitude)
    except CoordinateError as error:
        raise InvalidInput({"longitude": str(error)}) from error
    if looks_swapped(longitude, latitude):
        raise InvalidInput({"longitude": f"经纬度可能填反：经度 {longitude:g}，纬度 {latitude:g}"})


def _at_site(county: int, site: Any, longitude: float | None, latitude: float | None, words: str) -> Where:
    if site.county != county:
        raise InvalidInput({"site": "该监管对象不属于本县"})
    if longitude is None:
        longitude, latitude = site.longitude, site.latitude
    return Where(Place.SITE, site.town, site.village, site.id, site.grid_id, longitude, latitude, words)


def _at_point(county: int, longitude: float, latitude: float, words: str, town: str, village: str) -> Where:
    found = "" if village else regions.village_at(county, longitude, latitude)
    if found:
        town, village = found[:9], found
    town, village = _region(county, town, village)
    grid_id = grids.grid_at(county, longitude, latitude)
    return Where(Place.POINT, town, village, None, grid_id, longitude, latitude, words)


def _region(county: int, town: str, village: str) -> tuple[str, str]:
    """Return town and village, checked; a village alone gives its town."""
    town = town or village[:9]
    known = regions.codes_of_county(county)
    if not town:
        raise InvalidInput({"town": "请选择所在乡镇（街道）"})
    if town not in known:
        raise InvalidInput({"town": "该乡镇（街道）不属于本县"})
    if village and (village not in known or not village.startswith(town)):
        raise InvalidInput({"village": "该村（社区）不属于所选乡镇（街道）"})
    return town, village
