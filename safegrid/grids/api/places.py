"""Grids over the API: boundaries, officers, which sites are whose."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from safegrid.foundation import clock
from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.grids import access, selectors, services
from safegrid.grids.api.schemas import (
    AssignmentOut,
    BoundaryIn,
    EndIn,
    FitOut,
    GridChange,
    GridDetail,
    GridIn,
    GridOut,
    HandIn,
    ImportOut,
    OfficerIn,
    ReasonIn,
)
from safegrid.grids.imports import import_grids
from safegrid.grids.map import boundary_json, collection
from safegrid.regions.uploads import area_from_json, on_disk
from safegrid.sites import selectors as sites

router = Router()


def _given(payload: BoundaryIn) -> dict[str, Any]:
    return {**payload.dict(), "boundary": area_from_json(payload.boundary)}


def _detail(row: Any) -> dict[str, Any]:
    county, answering = row.county, selectors.member_answering(row.county, row.id)
    return {
        **GridOut.from_orm(row).dict(),
        "boundary": boundary_json(row),
        "versions": selectors.versions(row),
        "officers": selectors.officers_of(county, [row.id]),
        "postings": selectors.members_of_grid(county, row.id),
        "answering": answering.id if answering else None,
        "sites": selectors.site_counts(county, [row.id]).get(row.id, 0),
    }


@router.get("/grids/{county}", response=Page[GridOut], summary="网格")
def list_grids(
    request: HttpRequest, county: int, town: str = "", village: str = "", kind: str = "", closed: bool = False,
    without_member: bool = False, lacking_officers: bool = False, cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    user, narrowed = current_user(request), {"town": town, "village": village, "kind": kind}
    rows = selectors.grids(user, closed=closed).filter(county=county, **{k: v for k, v in narrowed.items() if v})
    if without_member:
        rows = rows.filter(selectors.without_member(clock.today()))
    if lacking_officers:
        rows = rows.filter(selectors.lacking_officers(clock.today()))
    return paginate(rows, cursor=cursor, limit=limit, order=("code",))


@router.get("/grids/{county}/shapes", response=dict[str, Any], summary="网格边界（GeoJSON）")
def grid_shapes(request: HttpRequest, county: int) -> Any:
    return collection(selectors.grids(current_user(request)).filter(county=county))


@router.get("/grids/{county}/sites-without-grid", response=Page[dict[str, Any]], summary="没有网格的监管对象")
def sites_without_grid(request: HttpRequest, county: int, cursor: str = "", limit: int = 50) -> Any:
    rows = selectors.sites_without_grid(current_user(request)).filter(county=county)
    return paginate(rows, cursor=cursor, limit=limit, order=("id",)).of(
        lambda row: {"id": row.id, "code": row.code, "name": row.name, "town": row.town, "village": row.village}
    )


@router.post(
    "/grids/{county}/import", response=ImportOut, summary="导入网格（Excel、CSV、GeoJSON、Shapefile、GeoPackage）"
)
@idempotent
def load_grids(
    request: HttpRequest, county: int, file: File[UploadedFile], datum: Form[str], mode: Form[str] = "all_or_nothing",
    dry_run: Form[bool] = False, valid_from: Form[date | None] = None, source: Form[str] = "",
) -> Any:  # fmt: skip
    with on_disk(file) as path:
        done = import_grids(acting_user=current_user(request), county=county, path=path, datum=datum, dry_run=dry_run,
                            mode="skip_bad" if mode == "skip_bad" else "all_or_nothing", valid_from=valid_from,
                            source=source, name=file.name or "")  # fmt: skip
    with done.report as report:
        return {"report": report.as_dict(), "warnings": done.warnings}


@router.get("/grids/{county}/{grid_id}", response=GridDetail, summary="一个网格")
def get_grid(request: HttpRequest, county: int, grid_id: UUID) -> Any:
    return _detail(selectors.grid_for(current_user(request), county, grid_id))


@router.post("/grids/{county}", response={201: GridDetail}, summary="新设网格")
@idempotent
def open_grid(request: HttpRequest, county: int, payload: GridIn) -> Any:
    made = services.open_grid(acting_user=current_user(request), county=county, **_given(payload))
    return Status(201, _detail(made))


@router.post("/grids/{county}/{grid_id}/check-boundary", response=FitOut, summary="试算边界")
@idempotent
def check_boundary(request: HttpRequest, county: int, grid_id: UUID, payload: BoundaryIn) -> Any:
    row = selectors.grid_for(current_user(request), county, grid_id)
    access.require(current_user(request), "change_boundary", row)
    area, day = area_from_json(payload.boundary), payload.valid_from or clock.today()
    return services.check_boundary(county=county, grid=row, boundary=area, valid_from=day, datum=payload.datum)


@router.post("/grids/{county}/{grid_id}/change-boundary", response=GridDetail, summary="调整边界")
@idempotent
def change_boundary(request: HttpRequest, county: int, grid_id: UUID, payload: BoundaryIn) -> Any:
    row = selectors.grid_for(current_user(request), county, grid_id)
    services.change_boundary(acting_user=current_user(request), grid=row, **_given(payload))
    return _detail(row)


@router.post("/grids/{county}/versions/{version_id}/withdraw", response=GridDetail, summary="撤回尚未生效的边界")
@idempotent
def withdraw_boundary(request: HttpRequest, county: int, version_id: UUID, payload: ReasonIn) -> Any:
    version = selectors.version_for(current_user(request), county, version_id)
    services.withdraw_boundary(acting_user=current_user(request), version=version, reason=payload.reason)
    return _detail(version.grid)


@router.post("/grids/{county}/{grid_id}/change", response=GridDetail, summary="修改网格")
@idempotent
def change_grid(request: HttpRequest, county: int, grid_id: UUID, payload: GridChange) -> Any:
    row = selectors.grid_for(current_user(request), county, grid_id)
    return _detail(services.change_grid(acting_user=current_user(request), grid=row, **payload.dict()))


@router.post("/grids/{county}/{grid_id}/close", response=GridDetail, summary="撤销网格")
@idempotent
def close_grid(request: HttpRequest, county: int, grid_id: UUID, payload: EndIn) -> Any:
    row = selectors.grid_for(current_user(request), county, grid_id)
    return _detail(services.close_grid(acting_user=current_user(request), grid=row, **payload.dict()))


@router.post("/grids/{county}/{grid_id}/name-officer", response=GridDetail, summary="指定网格责任人")
@idempotent
def name_officer(request: HttpRequest, county: int, grid_id: UUID, payload: OfficerIn) -> Any:
    row = selectors.grid_for(current_user(request), county, grid_id)
    services.name_officer(acting_user=current_user(request), grid=row, **payload.dict())
    return _detail(row)


@router.post("/grids/{county}/officers/{officer_id}/end", response=GridDetail, summary="终止网格责任人")
@idempotent
def end_officer(request: HttpRequest, county: int, officer_id: UUID, payload: EndIn) -> Any:
    row = selectors.officer_for(current_user(request), county, officer_id)
    services.end_officer(acting_user=current_user(request), officer=row, **payload.dict())
    return _detail(row.grid)


@router.post("/grids/{county}/sites/{site_id}/assign", response=AssignmentOut, summary="手工指定监管对象的网格")
@idempotent
def assign_site(request: HttpRequest, county: int, site_id: UUID, payload: HandIn) -> Any:
    user = current_user(request)
    site, row = sites.site_for(user, county, site_id), selectors.grid_for(user, county, payload.grid_id)
    return services.assign_site_by_hand(acting_user=user, site=site, grid=row, reason=payload.reason)


@router.post("/grids/{county}/sites/{site_id}/return", response=dict[str, UUID | None], summary="恢复按位置归属")
@idempotent
def return_site(request: HttpRequest, county: int, site_id: UUID, payload: ReasonIn) -> Any:
    user = current_user(request)
    site = sites.site_for(user, county, site_id)
    return {"grid_id": services.return_to_location(acting_user=user, site=site, reason=payload.reason)}


@router.get("/grids/{county}/sites/{site_id}", response=list[AssignmentOut], summary="监管对象的网格沿革")
def site_history(request: HttpRequest, county: int, site_id: UUID) -> Any:
    sites.site_for(current_user(request), county, site_id)
    return selectors.assignments_of_site(county, site_id)
