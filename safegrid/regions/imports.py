"""Boundaries or points of a county's towns and villages from a file, matched by code or by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import shapely
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.geometry import read_area
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
    SourceRow,
    Table,
    parsers,
    refused,
    run_import,
)
from safegrid.foundation.tabular.cell import Cell
from safegrid.regions import selectors, services
from safegrid.regions.access import require
from safegrid.regions.datum import Datum
from safegrid.regions.geofiles import Feature, read_geo_file
from safegrid.regions.models import Level, RegionShape
from safegrid.regions.sources import shortened

SHAPE = "图形"  # the title under which a feature's shape stands in a row: a token, never the shape itself
CODE_TITLES = ("区划代码", "行政区划代码", "村级代码", "代码", "编码", "xzqdm", "qhdm", "cundm", "zldwdm", "adcode")
NAME_TITLES = ("名称", "村名", "村名称", "行政区名称", "乡镇名称", "xzqmc", "zldwmc", "mc")
TOWN_TITLES = ("所属乡镇", "乡镇", "街道", "乡镇名", "xzmc", "town_name")


class ShapeCells:
    """Keeps the shapes of a file beside its rows, which carry only tokens."""

    def __init__(self, features: list[Feature]) -> None:
        self.features = features
        self._shapes = {f"{SHAPE} {feature.number}": feature.shape for feature in features}

    def rows(self) -> Iterator[SourceRow]:
        for feature in self.features:
            values: dict[str, Cell] = {**feature.values, SHAPE: f"{SHAPE} {feature.number}"}
            yield SourceRow(feature.number, values)

    def parse(self, cell: Cell) -> BaseGeometry:
        """Return the shape a token stands for; raise ``CellError`` for an empty or damaged one."""
        shape = self._shapes.get(str(cell))
        if shape is None or shape.is_empty:
            raise CellError("没有图形，或图形已损坏")
        return shape


def region_code(cell: Cell) -> str:
    """Read a region's code, 12-digit ones of towns cut to 9; raise ``CellError``."""
    code = shortened("".join(parsers.as_text(cell).split()))
    if not code.isdigit() or len(code) not in selectors.DIGITS:
        raise CellError("区划代码应为 6、9 或 12 位数字")
    return code


def import_shapes(
    *, acting_user: Actor | None, county: int, path: Path, datum: Datum | str, level: Level | None = None,
    code_field: str = "", name_field: str = "", mode: Mode = "all_or_nothing", dry_run: bool = False, source: str = "",
    is_approximate: bool = False, progress: Callable[[int], None] | None = None,
) -> ImportReport:  # fmt: skip
    """Load polygons (or points, for villages) of a county's regions in a declared datum; again = update.

    A feature is matched by its code, else by its name: among all regions of the county, or of one ``level``; a name that
    several have is told apart by the town's name in the file, else refused. ``code_field``/``name_field`` name the columns
    where they are not called as usual. Returns the report of every feature (``applied`` says whether anything was written).
    Raises ``NotPermitted``, ``TabularError`` (the file as a whole), ``InvalidInput`` (unknown datum).
    """
    require(acting_user, "set_shape", county)
    if datum not in set(Datum):
        raise InvalidInput({"datum": "请选择坐标系"})
    file = read_geo_file(path)
    cells = ShapeCells(file.features)
    table = Table(
        [
            Column("code", _titles(code_field, CODE_TITLES), region_code),
            Column("name", _titles(name_field, NAME_TITLES), parsers.text(max_length=100)),
            Column("town_name", TOWN_TITLES, parsers.text(max_length=100)),
            Column("shape", (SHAPE,), cells.parse, required=True),
        ]
    )
    job = _Job(acting_user, county, datum, level, source or path.name, is_approximate)
    try:
        with transaction.atomic():
            return run_import(table, cells.rows(), apply=job.apply, mode=mode, dry_run=dry_run, batch_size=500,
                              progress=progress)  # fmt: skip
    except ImportStopped as stop:
        return stop.report


def _titles(chosen: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    return (chosen,) if chosen else usual


class _Job:
    def __init__(self, acting_user: Actor | None, county: int, datum: Datum | str, level: Level | None, source: str,
                 is_approximate: bool) -> None:  # fmt: skip
        self.acting_user, self.county, self.datum = acting_user, county, datum
        self.source, self.is_approximate = source[:200], is_approximate
        wanted = [Level.TOWN, Level.VILLAGE] if level is None else [level]
        known = [one for each in wanted for one in selectors.descendants(str(county), each)]
        if level in (None, Level.COUNTY):
            known.append(selectors.region(str(county)))
        self.names = {one.code: one.name for one in known}
        self.by_name: dict[str, list[str]] = defaultdict(list)
        for one in known:
            self.by_name[one.name].append(one.code)
        self.town_names = {one.code: one.name for one in selectors.descendants(str(county), Level.TOWN)}
        self.seen: dict[str, int] = {}

    def apply(self, rows: list[ParsedRow]) -> list[Outcome]:
        outcomes, made = [], []
        present = {row.code: row for row in RegionShape.objects.filter(county=self.county)}
        for row in rows:
            outcome, shape = self._one(row, present)
            outcomes.append(outcome)
            if shape is not None:
                made.append(shape)
        if made:
            services.save_shapes(acting_user=self.acting_user, county=self.county, rows=made)
        return outcomes

    def _one(self, row: ParsedRow, present: dict[str, RegionShape]) -> tuple[Outcome, RegionShape | None]:
        code = row.values["code"] or self._code_of(row.values["name"], row.values["town_name"])
        if isinstance(code, Outcome):
            return code, None
        if code not in self.names:
            return refused(f"{code} 不是本县现有的区划", "code"), None
        if code in self.seen:
            return refused(f"与第 {self.seen[code]} 个图形是同一区划（{self.names[code]}）"), None
        try:
            made = self._shape(code, row.values["shape"], present.get(code))
        except InvalidInput as error:
            return refused(error.message, "shape"), None
        self.seen[code] = row.number
        before = present.get(code)
        if before is None:
            return CREATED, made
        if _same(before, made):
            return UNCHANGED, None
        return UPDATED, made

    def _code_of(self, name: Any, town_name: Any) -> str | Outcome:
        if not name:
            return refused("既没有区划代码也没有名称，无法对应到区划")
        codes = self.by_name.get(name, [])
        if town_name and len(codes) > 1:
            codes = [code for code in codes if self.town_names.get(code[:9]) == town_name]
        if not codes:
            return refused(f"本县没有名为“{name}”的区划", "name")
        if len(codes) > 1:
            return refused(f"“{name}”在本县有 {len(codes)} 个，请补充区划代码或所属乡镇", "name")
        return codes[0]

    def _shape(self, code: str, shape: BaseGeometry, before: RegionShape | None) -> RegionShape:
        given: dict[str, Any] = {"boundary": shape}
        if isinstance(shape, shapely.Point):
            if len(code) != 12:
                raise InvalidInput({"boundary": "只有村（社区）可以只给坐标点，其他层级应为面"})
            given = {"longitude": shape.x, "latitude": shape.y}
        made = services.shape_row(county=self.county, code=code, datum=self.datum, source=self.source,
                                  is_approximate=self.is_approximate, **given)  # fmt: skip
        if shape.geom_type == "Point" and before is not None and before.boundary is not None:
            for name in (
                "boundary",
                "min_longitude",
                "min_latitude",
                "max_longitude",
                "max_latitude",
                "is_approximate",
            ):
                setattr(made, name, getattr(before, name))  # a point alone does not take the area away
        return made


def _same(before: RegionShape, after: RegionShape) -> bool:
    if (before.longitude, before.latitude, before.is_approximate) != (
        after.longitude,
        after.latitude,
        after.is_approximate,
    ):
        return False
    if before.boundary is None or after.boundary is None:
        return before.boundary is None and after.boundary is None
    old, new = (shapely.normalize(read_area(row.boundary)) for row in (before, after))
    return bool(shapely.equals_exact(old, new, 1e-8))
