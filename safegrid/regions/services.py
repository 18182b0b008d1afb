"""Loading the administrative tree, and keeping a county's shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from django.db import transaction
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from safegrid.foundation import clock, events, trace
from safegrid.foundation.bulk import batches, insert
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.geometry import box, checked_area, write_area
from safegrid.foundation.ids import uuid7
from safegrid.foundation.scope import Actor
from safegrid.regions import selectors
from safegrid.regions.access import require
from safegrid.regions.cells import Area, cells_around_points
from safegrid.regions.datum import CoordinateError, Datum, area_to_wgs84, to_wgs84
from safegrid.regions.models import Level, Region, RegionChange, RegionShape
from safegrid.regions.selectors import VILLAGES, level_of

BATCH = 5000
STATISTICAL_UNIT = ("虚拟", "开发区", "园区", "高新区", "工业区", "管委会")


@dataclass(frozen=True)
class Node:
    """One division as a source gives it."""

    code: str
    name: str


@dataclass
class Loaded:
    """What a load did: rows read, added, renamed, abolished (no longer in a complete source) and refused with why."""

    read: int = 0
    added: int = 0
    renamed: int = 0
    abolished: int = 0
    refused: list[str] | None = None


def load_regions(nodes: Iterable[Node], *, complete: bool = False, source: str = "", on: date | None = None) -> Loaded:
    """Load divisions; a code that is there already takes the new name, and the old name is kept as a change.

    ``complete``: the source holds the whole tree, so codes it lacks are abolished as of ``on`` (default today), never
    deleted. Codes of a wrong length or without their parent are refused and named; everything else is loaded in one
    transaction.
    """
    day = on or clock.today()
    report = Loaded(refused=[])
    with transaction.atomic():
        known = dict(Region.objects.values_list("code", "name"))
        gone = set(Region.objects.filter(valid_to__isnull=False).values_list("code", flat=True))
        seen: set[str] = set()
        changes: list[RegionChange] = []
        counties: set[str] = set()
        for batch in batches(_accepted(nodes, known, seen, report), BATCH):
            new = [_columns(node) for node in batch if node.code not in known]
            insert(Region, COLUMNS, new)
            report.added += len(new)
            counties |= {row[1][:6] for row in new if len(row[1]) >= 6}
            changes += [c for node in batch if (c := _rename(node, known, day, source))]
        report.renamed = len(changes)
        changes += _restore(gone & seen, known, day, source)
        if complete:
            abolished = _abolish(set(known) - seen - gone, known, day, source)
            report.abolished = len(abolished)
            changes += abolished
        RegionChange.objects.bulk_create(changes, batch_size=BATCH)
        touched = {change.old_code or change.new_code for change in changes}
        counties |= {code[:6] for code in touched if len(code) >= 6}
        for county in sorted(counties):
            selectors.COUNTY_CODES.changed(int(county))
        trace.record(acting_user=None, action="regions.load", object_type="regions.region", changes={
            "source": source, "read": report.read, "added": report.added, "renamed": report.renamed,
            "abolished": report.abolished, "refused": len(report.refused or [])})  # fmt: skip
    selectors.forget_names()
    return report


def _accepted(nodes: Iterable[Node], known: dict[str, str], seen: set[str], report: Loaded) -> Iterator[Node]:
    for node in nodes:
        report.read += 1
        why = _fault(node, known, seen)
        if why:
            assert report.refused is not None
            report.refused.append(f"第 {report.read} 行 {node.code} {node.name}：{why}")
            continue
        seen.add(node.code)
        yield node


def _fault(node: Node, known: dict[str, str], seen: set[str]) -> str:
    if not node.code.isdigit():
        return "代码必须全是数字"
    try:
        level_of(node.code)
    except ValueError as error:
        return str(error)
    if not node.name.strip():
        return "没有名称"
    if node.code in seen:
        return "代码重复"
    above = selectors.parents(node.code)
    if above and above[-1] not in known and above[-1] not in seen:
        return f"上级 {above[-1]} 不存在"
    return ""


COLUMNS = ("id", "code", "name", "level", "parent_code", "is_statistical_unit")


def _columns(node: Node) -> tuple[UUID, str, str, int, str, bool]:
    above = selectors.parents(node.code)
    is_unit = len(node.code) == 12 and any(word in node.name for word in STATISTICAL_UNIT)
    return uuid7(), node.code, node.name.strip(), int(level_of(node.code)), above[-1] if above else "", is_unit


def _rename(node: Node, known: dict[str, str], day: date, source: str) -> RegionChange | None:
    old, new = known.get(node.code), node.name.strip()
    if old is None or old == new:
        return None
    Region.objects.filter(code=node.code).update(name=new, valid_to=None)
    return RegionChange(changed_on=day, old_code=node.code, new_code=node.code, kind="更名", words=f"{old} → {new}"[:300],
                        source=source)  # fmt: skip


def _restore(codes: set[str], known: dict[str, str], day: date, source: str) -> list[RegionChange]:
    """Bring back abolished codes that a source names again."""
    for batch in batches(sorted(codes), 500):
        Region.objects.filter(code__in=batch).update(valid_to=None)
    return [
        RegionChange(changed_on=day, new_code=code, kind="恢复", words=known[code][:300], source=source)
        for code in sorted(codes)
    ]


def _abolish(codes: set[str], known: dict[str, str], day: date, source: str) -> list[RegionChange]:
    for batch in batches(sorted(codes), 500):
        Region.objects.filter(code__in=batch, valid_to__isnull=True).update(valid_to=day)
    return [
        RegionChange(changed_on=day, old_code=code, kind="撤销", words=known[code][:300], source=source)
        for code in sorted(codes)
    ]


@dataclass(frozen=True)
class Change:
    """One historical change of a division."""

    changed_on: date
    old_code: str
    new_code: str
    kind: str
    words: str


@transaction.atomic
def load_changes(changes: Iterable[Change], *, source: str) -> int:
    """Load the history of codes; the same source again replaces what it gave before. Returns how many were loaded."""
    RegionChange.objects.filter(source=source).delete()
    rows = [RegionChange(source=source, **change.__dict__) for change in changes]
    RegionChange.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


@transaction.atomic
def set_shape(*, acting_user: Actor | None, county: int, code: str, boundary: BaseGeometry | None = None,
              longitude: float | None = None, latitude: float | None = None, datum: Datum | str = Datum.WGS84,
              is_approximate: bool = False, source: str = "") -> RegionShape:  # fmt: skip
    """Keep a region's point and area, converted from the declared datum to WGS 84."""
    require(acting_user, "set_shape", county)
    row = shape_row(county=county, code=code, boundary=boundary, longitude=longitude, latitude=latitude, datum=datum,
                    is_approximate=is_approximate, source=source)  # fmt: skip
    save_shapes(acting_user=acting_user, county=county, rows=[row])
    return RegionShape.objects.get(county=county, code=code)


def shape_row(*, county: int, code: str, boundary: BaseGeometry | None = None, longitude: float | None = None,
              latitude: float | None = None, datum: Datum | str = Datum.WGS84, is_approximate: bool = False,
              source: str = "") -> RegionShape:  # fmt: skip
    """Return a checked, unsaved shape; raise ``InvalidInput`` for a foreign code, a broken area or coordinate."""
    if not code.startswith(str(county)) or (code != str(county) and code not in selectors.codes_of_county(county)):
        raise InvalidInput({"code": f"{code} 不是本县现行的区划代码"})
    row = RegionShape(county=county, code=code, is_approximate=is_approximate, source=source, updated_at=clock.now())
    try:
        if boundary is not None:
            area = area_to_wgs84(checked_area(boundary), datum)
            row.boundary = write_area(area)
            for name, value in box(area).items():
                setattr(row, name, value)
            middle = area.representative_point()
            row.longitude, row.latitude = middle.x, middle.y
        if longitude is not None and latitude is not None:
            row.longitude, row.latitude = to_wgs84(longitude, latitude, datum)
    except CoordinateError as error:
        raise InvalidInput({"boundary": str(error)}) from None
    if row.longitude is None:
        raise InvalidInput({"boundary": "请给出边界或坐标点"})
    return row


KEPT = ("longitude", "latitude", "boundary", "min_longitude", "min_latitude", "max_longitude", "max_latitude",
        "is_approximate", "source", "updated_at")  # fmt: skip


@transaction.atomic
def save_shapes(*, acting_user: Actor | None, county: int, rows: list[RegionShape]) -> None:
    """Write many shapes at once, each in the trace, and announce ``regions.shapes_changed``."""
    require(acting_user, "set_shape", county)
    RegionShape.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["county", "code"], update_fields=KEPT, batch_size=500
    )
    trace.save([
        trace.row(acting_user=acting_user, action="regions.set_shape", county=county, object_type="regions.regionshape",
                  object_id=row.id, changes={"code": row.code, "approximate": row.is_approximate, "source": row.source})
        for row in rows
    ])  # fmt: skip
    VILLAGES.changed(county)
    events.publish("regions.shapes_changed", county=county, codes=[row.code for row in rows])


@transaction.atomic
def draw_cells(*, acting_user: Actor | None, county: int) -> int:
    """Draw approximate areas around the village points of a county that has no village boundaries.

    The cells tile the county's own boundary where it is known; towns become the union of their villages' cells. Real
    boundaries are never replaced. Returns how many areas were drawn.
    """
    require(acting_user, "draw_cells", county)
    villages = selectors.shapes(county, Level.VILLAGE)
    if any(one.area is not None and not one.is_approximate for one in villages):
        raise Refused("本县已有村级真实边界，不能再用近似边界覆盖")
    points = [(one.code, one.longitude, one.latitude) for one in villages]
    usable = [(code, lon, lat) for code, lon, lat in points if lon is not None and lat is not None]
    if not usable:
        raise Refused("本县还没有村点，请先导入村（社区）坐标")
    own = selectors.shape(county, str(county))
    outline = own.area if own else None
    cells = cells_around_points(usable, cast(Area | None, outline))
    where = {code: (lon, lat) for code, lon, lat in usable}
    areas = {**cells, **_towns(cells)}
    rows = []
    for code, area in areas.items():
        row = shape_row(county=county, code=code, boundary=area, is_approximate=True, source="村点泰森多边形（近似）")
        if code in where:
            row.longitude, row.latitude = where[code]
        rows.append(row)
    save_shapes(acting_user=acting_user, county=county, rows=rows)
    return len(rows)


def _towns(cells: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    by_town: dict[str, list[BaseGeometry]] = {}
    for code, area in cells.items():
        by_town.setdefault(code[:9], []).append(area)
    return {town: unary_union(areas) for town, areas in by_town.items()}
