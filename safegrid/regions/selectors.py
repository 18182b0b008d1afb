"""Reading the administrative tree and a county's shapes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from safegrid.foundation.cache import CountyCache
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.geometry import Locator, read_area
from safegrid.regions.models import Level as Level  # part of this door
from safegrid.regions.models import Region, RegionChange, RegionShape

MOST_NAMES = 50_000
_names: dict[str, str] = {}
DIGITS = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.VILLAGE}


def level_of(code: str) -> Level:
    """Return the level that a code's length says; raise ``ValueError`` for any other length."""
    try:
        return DIGITS[len(code)]
    except KeyError:
        raise ValueError(f"区划代码“{code}”应为 2、4、6、9 或 12 位") from None


def parents(code: str) -> list[str]:
    """Return the codes above ``code``, from the province down."""
    return [code[:digits] for digits in DIGITS if digits < len(code)]


def region(code: str) -> Region:
    """Return a node of the tree; raise ``NotVisible`` when there is none of that code."""
    found = Region.objects.filter(code=code).first()
    if found is None:
        raise NotVisible(f"没有区划代码 {code}")
    return found


def children(code: str) -> list[Region]:
    """Return the nodes right below ``code`` ("" for the provinces), by code."""
    return list(Region.objects.filter(parent_code=code, valid_to__isnull=True).order_by("code"))


def descendants(code: str, level: Level) -> list[Region]:
    """Return the nodes of ``level`` below ``code``, by code."""
    end = code + "9" * (12 - len(code))
    found = Region.objects.filter(level=level, code__gt=code, code__lte=end, valid_to__isnull=True)
    return list(found.order_by("code"))


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of regions by code; unknown codes are left out. What was read once is remembered, as by ``name_of``."""
    wanted = set(codes)
    known = {code: name for code in wanted if (name := _names.get(code)) is not None}
    missing = wanted - known.keys()
    if missing:
        read = dict(Region.objects.filter(code__in=missing).values_list("code", "name"))
        if len(_names) > MOST_NAMES:
            _names.clear()
        _names.update(read)
        known |= read
    return known


def name_of(code: str) -> str:
    """Return a region's name, or its code where the tree does not know it."""
    return names_of([code]).get(code, code)


def forget_names() -> None:
    """Read the names afresh: the tree has changed."""
    _names.clear()


def full_name(code: str) -> str:
    """Return the names from the province down, joined: 浙江省湖州市德清县武康街道. Placeholders (市辖区) are left out."""
    codes = [*parents(code), code]
    known = names_of(codes)
    names = [known.get(one, one) for one in codes]
    return "".join(
        name for name in names if name not in {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
    )


def changes_of(code: str) -> list[RegionChange]:
    """Return what happened to a code over the years, the oldest first."""
    return list(RegionChange.objects.filter(Q(old_code=code) | Q(new_code=code)).order_by("changed_on"))


def codes_of_county(county: int) -> frozenset[str]:
    """Return the codes of every present town and village of a county."""
    return COUNTY_CODES.get(county)


def _load_codes(county: int) -> frozenset[str]:
    low = str(county)
    found = Region.objects.filter(code__gt=low, code__lte=low + "9" * 6, valid_to__isnull=True)
    return frozenset(found.values_list("code", flat=True))


@dataclass(frozen=True)
class Shape:
    """A region's point and area in WGS 84 degrees; ``area`` is None where only the point is known."""

    code: str
    longitude: float | None
    latitude: float | None
    area: BaseGeometry | None
    is_approximate: bool


def shapes(county: int, level: Level) -> list[Shape]:
    """Return the shapes of a county's towns or villages (or its own), by code."""
    digits = next(digits for digits, its_level in DIGITS.items() if its_level == level)
    rows = RegionShape.objects.filter(county=county).order_by("code")
    return [_shape(row) for row in rows if len(row.code) == digits]


def shape(county: int, code: str) -> Shape | None:
    """Return one region's shape, None where the county has none."""
    row = RegionShape.objects.filter(county=county, code=code).first()
    return _shape(row) if row else None


def points_of(county: int, codes: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Return (longitude, latitude) of regions: their own point, else the middle of their box; unknown ones are left out."""
    rows = RegionShape.objects.filter(county=county, code__in=sorted({code for code in codes if code}))
    columns = ("code", "longitude", "latitude", "min_longitude", "max_longitude", "min_latitude", "max_latitude")
    found = {}
    for code, longitude, latitude, west, east, south, north in rows.values_list(*columns):
        if longitude is not None and latitude is not None:
            found[code] = (longitude, latitude)
        elif west is not None:
            found[code] = ((west + east) / 2, (south + north) / 2)
    return found


def shape_standing(county: int, codes: Iterable[str]) -> dict[str, str]:
    """Return what is known of the shapes of regions in words: 边界, 近似边界 or 坐标点; unknown ones are left out."""
    rows = RegionShape.objects.filter(county=county, code__in=list(codes))
    words = {}
    for code, west, is_approximate in rows.values_list("code", "min_longitude", "is_approximate"):
        words[code] = "坐标点" if west is None else "近似边界" if is_approximate else "边界"
    return words


def _shape(row: RegionShape) -> Shape:
    area = read_area(row.boundary) if row.boundary else None
    return Shape(row.code, row.longitude, row.latitude, area, row.is_approximate)


def _load_locator(county: int) -> Locator[str]:
    known = [one for one in shapes(county, Level.VILLAGE) if one.area is not None]
    return Locator([one.code for one in known], [one.area for one in known if one.area is not None])


VILLAGES: CountyCache[Locator[str]] = CountyCache("region_shapes", _load_locator)
COUNTY_CODES: CountyCache[frozenset[str]] = CountyCache("region_codes", _load_codes)


def has_village_shapes(county: int) -> bool:
    return bool(VILLAGES.get(county).keys)


def village_at(county: int, longitude: float, latitude: float) -> str:
    """Return the code of the village that holds a point, "" outside all of the county's."""
    return VILLAGES.get(county).at(longitude, latitude) or ""


def locate_villages(county: int, longitudes: Sequence[float], latitudes: Sequence[float]) -> list[str]:
    """Return for each point the code of its village, "" outside all."""
    return [code or "" for code in VILLAGES.get(county).locate(longitudes, latitudes)]
