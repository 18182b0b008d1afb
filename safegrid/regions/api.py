"""The administrative tree, which is public, and a county's shapes, which its people see and its lead office keeps."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from safegrid.foundation.api import current_user, idempotent
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.regions import access, selectors, services
from safegrid.regions.imports import import_shapes
from safegrid.regions.map import collection
from safegrid.regions.uploads import area_from_json, on_disk

router = Router()


class RegionOut(Schema):
    """``code``: 2, 4, 6, 9 or 12 digits by level; ``valid_to`` is set where the code was abolished."""

    code: str
    name: str
    level: int
    parent_code: str
    is_statistical_unit: bool
    valid_to: date | None


class ChangeOut(Schema):
    changed_on: date
    old_code: str
    new_code: str
    kind: str
    words: str
    source: str


class RegionDetail(RegionOut):
    full_name: str
    changes: list[ChangeOut]


class ShapeIn(Schema):
    """``boundary``: a GeoJSON geometry; or a point. ``datum``: wgs84, cgcs2000, gcj02 or bd09."""

    boundary: dict[str, Any] | None = None
    longitude: float | None = None
    latitude: float | None = None
    datum: str
    is_approximate: bool = False
    source: str = ""


class ShapeOut(Schema):
    code: str
    longitude: float | None
    latitude: float | None
    is_approximate: bool
    source: str


class CellsOut(Schema):
    drawn: int


@router.get("/regions", response=list[RegionOut], auth=None, summary="下一级区划")
def children(request: HttpRequest, parent: str = "") -> Any:
    return selectors.children(parent)


@router.get("/regions/{code}", response=RegionDetail, auth=None, summary="一个区划及其沿革")
def get_region(request: HttpRequest, code: str) -> Any:
    row = selectors.region(code)
    return {
        **RegionOut.from_orm(row).dict(),
        "full_name": selectors.full_name(code),
        "changes": selectors.changes_of(code),
    }


@router.get("/regions/{county}/shapes", response=dict[str, Any], summary="区划边界（GeoJSON）")
def shapes(request: HttpRequest, county: int, level: int = 5, below: str = "") -> Any:
    if not access.may_see(current_user(request), county):
        raise NotVisible
    if level not in (3, 4, 5):
        raise InvalidInput({"level": "层级应为 3（县）、4（乡镇）或 5（村）"})
    return collection(county, selectors.Level(level), below)


@router.post("/regions/{county}/shapes/{code}", response=ShapeOut, summary="维护一个区划的边界或坐标")
@idempotent
def set_shape(request: HttpRequest, county: int, code: str, payload: ShapeIn) -> Any:
    _seen(request, county)
    values = {**payload.dict(), "boundary": area_from_json(payload.boundary) if payload.boundary else None}
    return services.set_shape(acting_user=current_user(request), county=county, code=code, **values)


@router.post("/regions/{county}/draw-cells", response=CellsOut, summary="按村点生成近似边界")
@idempotent
def draw_cells(request: HttpRequest, county: int) -> Any:
    _seen(request, county)
    return {"drawn": services.draw_cells(acting_user=current_user(request), county=county)}


@router.post(
    "/regions/{county}/import-shapes", response=dict[str, Any], summary="导入边界（GeoJSON、Shapefile、GeoPackage）"
)
@idempotent
def load_shapes(
    request: HttpRequest, county: int, file: File[UploadedFile], datum: Form[str], mode: Form[str] = "all_or_nothing",
    dry_run: Form[bool] = False, code_field: Form[str] = "", name_field: Form[str] = "", source: Form[str] = "",
) -> Any:  # fmt: skip
    _seen(request, county)
    with on_disk(file) as path:
        done = import_shapes(acting_user=current_user(request), county=county, path=path, datum=datum, dry_run=dry_run,
                             mode="skip_bad" if mode == "skip_bad" else "all_or_nothing", code_field=code_field,
                             name_field=name_field, source=source or file.name or "")  # fmt: skip
    with done as report:
        return report.as_dict()


def _seen(request: HttpRequest, county: int) -> None:
    """To people without a role there, a county's shapes do not exist."""
    if not access.may_see(current_user(request), county):
        raise NotVisible
