"""Opening and closing grids and moving their boundaries; what takes effect today, and what waits for its day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from shapely.geometry.base import BaseGeometry

from safegrid.foundation import clock, events, trace
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.geometry import area_m2, box, checked_area, read_area, write_area
from safegrid.foundation.scope import Actor
from safegrid.grids import access, atlas
from safegrid.grids.atlas import ATLAS, Piece
from safegrid.grids.boundaries import Fit, Territory, overlaps
from safegrid.grids.models import Grid, GridKind, GridVersion
from safegrid.grids.services.assignment import assign_around, assign_by_location
from safegrid.grids.services.postings import end_postings_of_grid
from safegrid.grids.skills import problem_of
from safegrid.regions import selectors as regions
from safegrid.regions.datum import CoordinateError, Datum, area_to_wgs84

CODE = re.compile(r"[0-9A-Za-z-]{1,20}")
MOST_BOXES = 30  # beyond, reading the whole county once is cheaper than box by box
RACE = timedelta(minutes=30)


class Plan:
    """The county as it is being drawn: its villages, and every boundary in force now or later."""

    def __init__(self, county: int) -> None:
        self.county = county
        self.territory = Territory(county)
        self.pieces = atlas.load(county).pieces
        self.looks_for_gaps = True  # an import looks once, at its end

    def fit(self, area: BaseGeometry, *, village: str, from_day: date, grid_id: UUID | None = None) -> Fit:
        """Say how an area fits among the others from a day on; ``grid_id`` names the grid that it would belong to."""
        others = [piece for piece in self.pieces if piece.grid_id != grid_id]
        villages = self.territory.covered_by(area)
        found = Fit(villages, overlaps(area, others, from_day), self.territory.outside(area, village))
        if not self.looks_for_gaps:
            return found
        before = {v for p in self.pieces if p.grid_id == grid_id and p.in_force(from_day) for v in p.villages}
        areas = [area, *(piece.area for piece in others if piece.in_force(from_day))]
        found.warnings += self.territory.gaps({*villages, *before}, areas).values()
        return found

    def take(self, grid: Grid, version: GridVersion, area: BaseGeometry) -> None:
        """Count a new version in; what it replaces must have been cut before."""
        self.pieces.append(Piece(version.id, grid.id, grid.code, grid.village, tuple(version.villages),
                                 version.valid_from, version.valid_to, area, version.area_m2))  # fmt: skip


def converted(boundary: BaseGeometry, datum: Datum | str) -> BaseGeometry:
    """Return a boundary checked and in WGS 84, rounded as it will be stored; raise ``InvalidInput``."""
    try:
        area = area_to_wgs84(checked_area(boundary), datum)
    except (CoordinateError, ValueError) as error:
        raise InvalidInput({"boundary": str(error)}) from None
    return read_area(write_area(area))


def check_boundary(
    *, county: int, boundary: BaseGeometry, valid_from: date, grid: Grid | None = None, village: str = "",
    datum: Datum | str = Datum.WGS84,
) -> Fit:  # fmt: skip
    """Say how a boundary would fit, without changing anything: for previews."""
    area = converted(boundary, datum)
    village = grid.village if grid else village
    return Plan(county).fit(area, village=village, from_day=valid_from, grid_id=grid.id if grid else None)


@transaction.atomic
def open_grid(
    *, acting_user: Actor | None, county: int, code: str, name: str, kind: str = GridKind.VILLAGE, town: str,
    village: str = "", boundary: BaseGeometry, valid_from: date | None = None, datum: Datum | str = Datum.WGS84,
    is_approximate: bool = False, source: str = "",
) -> Grid:  # fmt: skip
    """Open a grid with its first boundary, in force from a day (today); a code is never used twice.

    A boundary that overlaps a neighbour beyond tolerance is refused; gaps and what lies outside the village are kept as
    ``warnings`` of the version. Raises ``InvalidInput``, ``NotPermitted``, ``Refused``.
    """
    access.require_at(acting_user, "open_grid", county)
    made, _ = draw_grid(Plan(county), acting_user=acting_user, code=code, name=name, kind=kind, town=town,
                        village=village, boundary=boundary, valid_from=valid_from, datum=datum,
                        is_approximate=is_approximate, source=source)  # fmt: skip
    ATLAS.changed(county)
    take_effect(county, acting_user=acting_user)
    return made


def draw_grid(
    plan: Plan, *, acting_user: Actor | None, code: str, name: str, kind: str, town: str, village: str,
    boundary: BaseGeometry, valid_from: date | None, datum: Datum | str, is_approximate: bool, source: str,
) -> tuple[Grid, GridVersion]:  # fmt: skip
    """Do what ``open_grid`` does but take effect: for imports, which open many and then take effect once."""
    county, day = plan.county, valid_from or clock.today()
    check_names(county, code=code, name=name, kind=kind, town=town, village=village)
    if Grid.objects.filter(county=county, code=code).exists():
        raise InvalidInput({"code": f"网格编码 {code} 已被使用，撤销的网格也不能重用编码"})
    area = converted(boundary, datum)
    made = Grid(county=county, code=code, name=name.strip(), kind=kind, town=town, village=village, opened_on=day)
    fit = plan.fit(area, village=village, from_day=day)
    if fit.refusal:
        raise Refused(fit.refusal)
    made.save(force_insert=True)
    version = _add_version(made, 1, area, fit, day, is_approximate, source)
    plan.take(made, version, area)
    trace.record(acting_user=acting_user, action="grids.open_grid", target=made, changes={
        "code": code, "name": name, "kind": kind, "town": town, "village": village, "valid_from": day,
        "area_m2": round(version.area_m2), "warnings": fit.warnings, "source": source})  # fmt: skip
    return made, version


def check_names(county: int, *, code: str, name: str, kind: str, town: str, village: str) -> None:
    """Raise ``InvalidInput`` for a malformed code, a missing name, or a place that is not of the county."""
    problems, known = {}, regions.codes_of_county(county)
    if not CODE.fullmatch(code):
        problems["code"] = "网格编码为 1–20 位数字、字母或短横线"
    if not name.strip() or len(name) > 100:
        problems["name"] = "请填写名称，不超过 100 字"
    if kind not in GridKind.values:
        problems["kind"] = "请选择网格类型"
    if len(town) != 9 or not town.startswith(str(county)) or (known and town not in known):
        problems["town"] = "请选择本县的乡镇（街道）"
    elif village and (len(village) != 12 or not village.startswith(town) or (known and village not in known)):
        problems["village"] = "村（社区）不属于所选乡镇"
    if problems:
        raise InvalidInput(problems)


@transaction.atomic
def change_grid(
    *, acting_user: Actor | None, grid: Grid, name: str, kind: str, wishes: Sequence[str] | None = None
) -> Grid:
    """Rename a grid, correct its kind, or say which languages and skills its member should have."""
    access.require(acting_user, "change_grid", grid)
    check_names(grid.county, code=grid.code, name=name, kind=kind, town=grid.town, village=grid.village)
    wished = grid.wishes if wishes is None else sorted(set(wishes))
    if wrong := problem_of(wished):
        raise InvalidInput({"wishes": wrong})
    given = {"name": name.strip(), "kind": kind, "wishes": wished}
    new = {key: value for key, value in given.items() if getattr(grid, key) != value}
    if new:
        changes = {key: [getattr(grid, key), value] for key, value in new.items()}
        Grid.objects.filter(county=grid.county, id=grid.id).update(**new)
        trace.record(acting_user=acting_user, action="grids.change_grid", target=grid, changes=changes)
    return Grid.objects.get(county=grid.county, id=grid.id)


@transaction.atomic
def change_boundary(
    *, acting_user: Actor | None, grid: Grid, boundary: BaseGeometry, valid_from: date | None = None,
    datum: Datum | str = Datum.WGS84, is_approximate: bool = False, source: str = "",
) -> GridVersion:  # fmt: skip
    """Give a grid a new boundary from today or a coming day; the earlier version ends the day before.

    On its day sites by location are assigned again and ``grids.boundary_changed`` is published. Refused: overlaps beyond
    tolerance, a closed grid, a day in the past, a second change while one is waiting.
    """
    access.require(acting_user, "change_boundary", grid)
    version = redraw(Plan(grid.county), acting_user=acting_user, grid=grid, boundary=boundary, valid_from=valid_from,
                     datum=datum, is_approximate=is_approximate, source=source)  # fmt: skip
    ATLAS.changed(grid.county)
    take_effect(grid.county, acting_user=acting_user)
    return GridVersion.objects.get(county=grid.county, id=version.id)


def redraw(
    plan: Plan, *, acting_user: Actor | None, grid: Grid, boundary: BaseGeometry, valid_from: date | None,
    datum: Datum | str, is_approximate: bool, source: str,
) -> GridVersion:  # fmt: skip
    """Do what ``change_boundary`` does but take effect: for imports."""
    grid, day = _locked(grid), valid_from or clock.today()
    if grid.closed_on is not None:
        raise Refused("该网格已撤销，不能再调整边界")
    if day < clock.today():
        raise InvalidInput({"valid_from": "生效日期不能早于今天"})
    last = grid.versions.filter(_not_withdrawn()).defer("boundary").order_by("-valid_from", "-number").first()
    if last is not None and last.valid_from > clock.today():
        raise Refused(f"该网格已有将于 {last.valid_from} 生效的边界，请先撤回")
    area = converted(boundary, datum)
    fit = plan.fit(area, village=grid.village, from_day=day, grid_id=grid.id)
    if fit.refusal:
        raise Refused(fit.refusal)
    _cut(grid, day)
    plan.pieces = [piece for piece in plan.pieces if piece.grid_id != grid.id]
    number = grid.versions.count() + 1
    version = _add_version(grid, number, area, fit, day, is_approximate, source)
    plan.take(grid, version, area)
    trace.record(acting_user=acting_user, action="grids.change_boundary", target=grid, changes={
        "version": number, "valid_from": day, "warnings": fit.warnings, "source": source,
        "area_m2": [round(last.area_m2) if last else None, round(version.area_m2)]})  # fmt: skip
    return version


@transaction.atomic
def withdraw_boundary(*, acting_user: Actor | None, version: GridVersion, reason: str) -> None:
    """Take back a boundary that has not taken effect; the one before it goes on."""
    grid = _locked(version.grid)
    access.require(acting_user, "withdraw_boundary", grid)
    if not reason.strip():
        raise InvalidInput({"reason": "请填写撤回原因"})
    if version.valid_from <= clock.today() or version.number == 1:
        raise Refused("只能撤回尚未生效的边界调整")
    before = version.valid_from - timedelta(days=1)
    withdrawn = GridVersion.objects.filter(_not_withdrawn(), county=grid.county, id=version.id, began_at__isnull=True)
    if not withdrawn.update(valid_to=before):
        raise Refused("这次边界调整已经撤回")
    earlier = grid.versions.filter(_not_withdrawn(), valid_to=before).exclude(id=version.id)
    earlier.filter(number__lt=version.number).update(valid_to=None)
    trace.record(acting_user=acting_user, action="grids.withdraw_boundary", target=grid,
                 changes={"version": version.number, "valid_from": version.valid_from, "reason": reason})  # fmt: skip
    ATLAS.changed(grid.county)


@transaction.atomic
def close_grid(*, acting_user: Actor | None, grid: Grid, on: date | None = None, reason: str) -> Grid:
    """Close a grid: ``on`` (today by default) is the first day without it. Its postings and officers end with it; its
    sites go where they stand, or to the list of sites without grid."""
    access.require(acting_user, "close_grid", grid)
    shut(acting_user=acting_user, grid=grid, day=on or clock.today(), reason=reason)
    ATLAS.changed(grid.county)
    take_effect(grid.county, acting_user=acting_user)
    return Grid.objects.get(county=grid.county, id=grid.id)


def shut(*, acting_user: Actor | None, grid: Grid, day: date, reason: str) -> None:
    """Do what ``close_grid`` does but take effect: for divisions, which close many and then take effect once."""
    grid = _locked(grid)
    if not reason.strip():
        raise InvalidInput({"reason": "请填写撤销原因"})
    if grid.closed_on is not None:
        raise Refused("该网格已撤销")
    if day < max(clock.today(), grid.opened_on):
        raise InvalidInput({"on": "撤销日期不能早于今天，也不能早于启用日期"})
    if grid.versions.filter(_not_withdrawn(), valid_from__gte=day, began_at__isnull=True, number__gt=1).exists():
        raise Refused("该网格还有待生效的边界调整，请先撤回")
    _cut(grid, day)
    Grid.objects.filter(county=grid.county, id=grid.id).update(closed_on=day)
    grid.officers.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day)).update(valid_to=day - timedelta(days=1))
    trace.record(acting_user=acting_user, action="grids.close_grid", target=grid,
                 changes={"closed_on": [None, day], "reason": reason})  # fmt: skip
    end_postings_of_grid(acting_user=acting_user, grid=grid, on=day)


@transaction.atomic
def take_effect(county: int, *, acting_user: Actor | None = None) -> int:
    """Assign sites again where boundaries have begun or ended by today; return how many versions did.

    Called by the verbs, and each few minutes for those that waited for their day. Safe to repeat.
    """
    today, rows = clock.today(), GridVersion.objects.filter(county=county).defer("boundary")
    began = list(rows.filter(_not_withdrawn(), valid_from__lte=today, began_at__isnull=True))
    ended = list(rows.filter(valid_to__lt=today, began_at__isnull=False, ended_at__isnull=True))
    if not began and not ended:
        return 0
    now = clock.now()
    for name, some in (("began_at", began), ("ended_at", ended)):
        for version in some:
            setattr(version, name, now)
        GridVersion.objects.bulk_update(some, [name], batch_size=200)
    moved = {version.id: version for version in [*began, *ended]}
    assign_moved(county, moved.values(), acting_user)
    events.publish("grids.boundary_changed", county=county, grid_ids=sorted({v.grid_id for v in moved.values()}))
    return len(moved)


def assign_moved(county: int, versions: Iterable[GridVersion], acting_user: Actor | None = None) -> None:
    """Assign again the sites that these versions hold or held, by boundaries read afresh."""
    moved = list(versions)
    present = atlas.load(county)
    if len(moved) > MOST_BOXES:
        assign_by_location(county, acting_user=acting_user, atlas=present)
        return
    boxes = [(v.min_longitude, v.min_latitude, v.max_longitude, v.max_latitude) for v in moved]
    assign_around(county, boxes, {v.grid_id for v in moved}, acting_user=acting_user, atlas=present)


def recently_moved(county: int) -> list[GridVersion]:
    """Return the versions that took effect lately: another process may have assigned a site by the earlier ones."""
    since = clock.now() - RACE
    rows = GridVersion.objects.filter(Q(began_at__gte=since) | Q(ended_at__gte=since), county=county)
    return list(rows.defer("boundary"))


def _not_withdrawn() -> Q:
    return Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))


def _locked(grid: Grid) -> Grid:
    locked: Grid = Grid.objects.select_for_update().get(county=grid.county, id=grid.id)
    return locked


def _cut(grid: Grid, day: date) -> None:
    """End the versions in force the day before ``day``; one that began that day or later never was."""
    rows = grid.versions.filter(_not_withdrawn()).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
    rows.update(valid_to=day - timedelta(days=1))


def _add_version(
    grid: Grid, number: int, area: BaseGeometry, fit: Fit, day: date, is_approximate: bool, source: str
) -> GridVersion:
    values: dict[str, Any] = {
        "number": number, "boundary": write_area(area), "area_m2": area_m2(area), "villages": fit.villages,
        "warnings": fit.warnings, "is_approximate": is_approximate, "source": source[:200], "valid_from": day,
    }  # fmt: skip
    version = GridVersion(county=grid.county, grid=grid, **values, **box(area))
    version.save(force_insert=True)
    return version
