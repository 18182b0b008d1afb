"""Existing grids from Excel, CSV, GeoJSON, Shapefile or GeoPackage: codes are kept, and what does not fit is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.geometry import area_m2, read_area
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import (
    CREATED,
    UNCHANGED,
    UPDATED,
    CellError,
    Column,
    ImportReport,
    ImportStopped,
    Mode,
    Outcome,
    ParsedRow,
    Table,
    parsers,
    read_rows,
    refused,
    run_import,
)
from safegrid.foundation.tabular.cell import Cell
from safegrid.grids import access
from safegrid.grids.atlas import ATLAS, Piece
from safegrid.grids.boundaries import overlaps
from safegrid.grids.models import Grid, GridKind
from safegrid.grids.services.boundaries import Plan, change_grid, converted, draw_grid, redraw, take_effect
from safegrid.regions.datum import Datum
from safegrid.regions.geofiles import read_geo_file
from safegrid.regions.imports import SHAPE, ShapeCells
from safegrid.regions.lookup import Places

MOST_ROWS = 50_000
TABLES = {".xlsx", ".xls", ".csv", ".tsv", ".txt"}


@dataclass
class GridImport:
    """The report of every row, and warnings about what was (or would be) taken: gaps, what lies outside a village."""

    report: ImportReport
    warnings: list[str] = field(default_factory=list)


def _wkt(cell: Cell) -> BaseGeometry:
    try:
        shape = shapely.from_wkt(parsers.as_text(cell))
    except shapely.errors.GEOSException as error:
        raise CellError("边界应为 WKT 文本，如 POLYGON ((120 30, 120.1 30, 120.1 30.1, 120 30))") from error
    if shape is None or shape.is_empty:
        raise CellError("边界是空的")
    return shape


def grid_table(shape: Callable[[Cell], BaseGeometry] = _wkt) -> Table:
    """Return the columns of a file of grids; ``shape`` reads the boundary's cell."""
    return Table(
        [
            Column("code", ("网格编码", "网格编号", "网格代码", "编码", "wgbm", "wgdm"), parsers.pattern(
                r"[0-9A-Za-z-]{1,20}", "网格编码为 1–20 位数字、字母或短横线"), required=True,
                help="沿用原有编码，不重复"),
            Column("name", ("网格名称", "名称", "wgmc"), parsers.text(max_length=100), required=True),
            Column("kind", ("网格类型", "类型", "wglx"), parsers.choice(
                {kind.value: str(kind.label) for kind in GridKind},
                aliases={"村级": "village", "社区网格": "village", "基础网格": "village", "工商业集聚区网格": "cluster",
                         "专属网格": "cluster", "乡镇级": "town"}), default=GridKind.VILLAGE.value),
            Column("town", ("所属乡镇", "乡镇", "街道", "乡镇街道"), parsers.text(max_length=100),
                   help="名称或 9 位代码；留空时按边界判断"),
            Column("village", ("所属村（社区）", "所属村社区", "所属村", "村社区", "村", "社区"), parsers.text(max_length=100),
                   help="名称或 12 位代码；跨村网格留空"),
            Column("boundary", ("边界", "边界WKT", "WKT", SHAPE), shape,
                   help="WKT 经纬度；留空时取所属村（社区）的边界"),
        ],
        unique=("code",),
    )  # fmt: skip


def import_grids(
    *, acting_user: Actor | None, county: int, path: Path, datum: Datum | str, valid_from: date | None = None,
    mode: Mode = "all_or_nothing", dry_run: bool = False, source: str = "", is_approximate: bool = False,
    name: str = "", progress: Callable[[int], None] | None = None,
) -> GridImport:  # fmt: skip
    """Load grids with boundaries in a declared datum, in force from a day (today); a code that is there is updated.

    Refused rows: overlaps with other grids or with earlier rows beyond tolerance, boundaries that are none, places outside
    the county. Places left empty are taken from the boundary, a boundary left empty from the village. ``name``: of the file
    as the user knows it. Raises ``NotPermitted``, ``TabularError`` (the file as a whole), ``InvalidInput`` (datum).
    """
    access.require_at(acting_user, "import_grids", county)
    if datum not in set(Datum):
        raise InvalidInput({"datum": "请选择坐标系"})
    if (valid_from or clock.today()) < clock.today():
        raise InvalidInput({"valid_from": "生效日期不能早于今天"})
    job = _Job(acting_user, county, datum, valid_from or clock.today(), source or name or path.name, is_approximate)
    if Path(name or path.name).suffix.lower() in TABLES:
        rows: Any = read_rows(path)
        table = grid_table()
    else:
        cells = ShapeCells(read_geo_file(path).features)
        rows, table = cells.rows(), grid_table(cells.parse)
    try:
        with transaction.atomic():
            report = run_import(table, rows, apply=job.apply, mode=mode, dry_run=dry_run, batch_size=MOST_ROWS,
                                progress=progress)  # fmt: skip
            return GridImport(report, job.warnings)
    except ImportStopped as stop:
        return GridImport(stop.report, job.warnings)


@dataclass
class _Drawn:
    """A row whose place and boundary were found to be right; ``grid`` is None for a new code."""

    row: ParsedRow
    grid: Grid | None
    town: str
    village: str
    area: BaseGeometry


class _Job:
    def __init__(self, acting_user: Actor | None, county: int, datum: Datum | str, day: date, source: str,
                 is_approximate: bool) -> None:  # fmt: skip
        self.acting_user, self.county, self.datum, self.day = acting_user, county, datum, day
        self.source, self.is_approximate = source[:200], is_approximate
        self.plan, self.places = Plan(county), Places(county)
        self.plan.looks_for_gaps = False
        self.warnings: list[str] = []

    def apply(self, rows: list[ParsedRow]) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        present = {grid.code: grid for grid in Grid.objects.filter(county=self.county)}
        drawn: list[_Drawn] = []
        for row in rows:
            try:
                drawn.append(self._read(row, present.get(row.values["code"])))
            except InvalidInput as error:
                column, words = next(iter(error.fields.items()))
                outcomes[row.number] = refused(words, column)
        outcomes |= self._clashes(drawn)
        kept = [one for one in drawn if one.row.number not in outcomes]
        redrawn = {one.grid.id for one in kept if one.grid is not None}
        self.plan.pieces = [piece for piece in self.plan.pieces if piece.grid_id not in redrawn]
        for one in kept:
            outcomes[one.row.number] = self._write(one)
        self._look_for_gaps()
        ATLAS.changed(self.county)
        take_effect(self.county, acting_user=self.acting_user)
        return [outcomes[row.number] for row in rows]

    def _read(self, row: ParsedRow, grid: Grid | None) -> _Drawn:
        values, shape = row.values, row.values["boundary"]
        town, village = (
            (grid.town, grid.village) if grid else self.places.town_and_village(values["town"], values["village"])
        )
        if shape is None:
            own = self.plan.territory.area_of.get(village)
            if own is None:
                raise InvalidInput({"boundary": "没有边界，所属村（社区）也没有边界可用"})
            area = own
        else:
            area = converted(shape, self.datum)
        if not town:
            town, village = self._place_of(area)
        return _Drawn(row, grid, town, village, area)

    def _place_of(self, area: BaseGeometry) -> tuple[str, str]:
        villages = self.plan.territory.covered_by(area)
        if not villages:
            raise InvalidInput({"town": "边界不在本县任何村（社区）内，请填写所属乡镇"})
        shares: dict[str, float] = defaultdict(float)
        for village in villages:
            shares[village[:9]] += area_m2(area.intersection(self.plan.territory.area_of[village]))
        return max(shares, key=lambda town: shares[town]), villages[0] if len(villages) == 1 else ""

    def _clashes(self, drawn: list[_Drawn]) -> dict[int, Outcome]:
        """Refuse rows until what is left overlaps nobody: neither grids that stay, nor rows before."""
        out: dict[int, Outcome] = {}
        while True:
            kept = [one for one in drawn if one.row.number not in out]
            moving = {one.grid.id for one in kept if one.grid is not None}
            standing = [piece for piece in self.plan.pieces if piece.grid_id not in moving]
            new = self._first_clashes(kept, standing)
            if not new:
                return out
            out |= new

    def _first_clashes(self, kept: list[_Drawn], standing: list[Piece]) -> dict[int, Outcome]:
        out: dict[int, Outcome] = {}
        for one in kept:
            found = overlaps(one.area, standing, self.day)
            if found:
                told = "、".join(f"{clash.code}（{clash.area_m2:,.0f} 平方米）" for clash in found[:5])
                out[one.row.number] = refused(f"与网格 {told} 重叠", "boundary")
                continue
            key = one.grid.id if one.grid else _key(one)
            standing = [*standing, Piece(key, key, one.row.values["code"], one.village, (), self.day, None, one.area,
                                         area_m2(one.area))]  # fmt: skip
        return out

    def _write(self, one: _Drawn) -> Outcome:
        values = one.row.values
        try:
            with transaction.atomic():
                if one.grid is None:
                    _, version = draw_grid(
                        self.plan, acting_user=self.acting_user, code=values["code"], name=values["name"],
                        kind=values["kind"], town=one.town, village=one.village, boundary=one.area,
                        valid_from=self.day, datum=Datum.WGS84, is_approximate=self.is_approximate, source=self.source,
                    )  # fmt: skip
                    outcome, warnings = CREATED, version.warnings
                else:
                    outcome, warnings = self._update(one, one.grid)
        except InvalidInput as error:
            column, words = next(iter(error.fields.items()))
            return refused(words, column)
        except SafeGridError as error:
            return refused(error.message)
        self.warnings += [f"{values['code']}：{words}" for words in warnings]
        return outcome

    def _update(self, one: _Drawn, grid: Grid) -> tuple[Outcome, list[str]]:
        values = one.row.values
        named = {"name": values["name"], "kind": values["kind"] if "kind" in one.row.given else grid.kind}
        renamed = any(getattr(grid, key) != value for key, value in named.items())
        if renamed:
            change_grid(acting_user=self.acting_user, grid=grid, **named)
        last = grid.versions.filter(valid_to__isnull=True).first()
        if values["boundary"] is None or (last and _same(read_area(last.boundary), one.area)):
            if last is not None:
                self.plan.take(grid, last, read_area(last.boundary))
            return (UPDATED if renamed else UNCHANGED), []
        version = redraw(self.plan, acting_user=self.acting_user, grid=grid, boundary=one.area, valid_from=self.day,
                         datum=Datum.WGS84, is_approximate=self.is_approximate, source=self.source)  # fmt: skip
        return UPDATED, version.warnings

    def _look_for_gaps(self) -> None:
        pieces: Iterable[Piece] = [piece for piece in self.plan.pieces if piece.in_force(self.day)]
        villages = {village for piece in pieces for village in piece.villages}
        areas = [piece.area for piece in pieces]
        self.warnings += self.plan.territory.gaps(villages, areas).values()


def _same(before: BaseGeometry, after: BaseGeometry) -> bool:
    return bool(shapely.equals_exact(shapely.normalize(before), shapely.normalize(after), 1e-8))


def _key(one: _Drawn) -> Any:
    """Return something unique that stands for a grid not yet made."""
    return f"row {one.row.number}"
