"""The bodies of a county over the API."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.crypto import mask_phone
from safegrid.orgs import access, selectors, services

router = Router()


class DepartmentOut(Schema):
    id: UUID
    county: int
    code: str
    name: str
    level: str
    role: str
    town: str
    duty_phone: str
    is_active: bool


class BodyOut(Schema):
    """A station (``place``: 9 digits) or a committee (12 digits)."""

    id: UUID
    county: int
    place: str
    name: str
    duty_phone: str


class OfficerOut(Schema):
    """A named officer; the phone masked."""

    id: UUID
    department_id: UUID
    user_id: UUID | None
    name: str
    title: str
    phone: str
    valid_from: date
    valid_to: date | None

    @staticmethod
    def resolve_phone(row: Any) -> str:
        return mask_phone(row.phone)


class DepartmentIn(Schema):
    code: str
    name: str
    level: str = "county"
    role: str = "cooperating"
    town: str = ""
    duty_phone: str = ""


class DepartmentChange(Schema):
    name: str
    level: str
    role: str
    town: str = ""
    duty_phone: str = ""


class BodyIn(Schema):
    place: str
    name: str
    duty_phone: str = ""


class BodyChange(Schema):
    name: str
    duty_phone: str = ""


class OfficerIn(Schema):
    name: str = Field(max_length=60)
    title: str = ""
    phone: str = ""
    user_id: UUID | None = None
    valid_from: date
    valid_to: date | None = None


class ReasonIn(Schema):
    reason: str = ""


def _body(row: Any) -> dict[str, Any]:
    place = getattr(row, "village", "") or row.town
    return {"id": row.pk, "county": row.county, "place": place, "name": row.name, "duty_phone": row.duty_phone}


@router.get("/departments/{county}", response=Page[DepartmentOut], summary="部门")
def list_departments(
    request: HttpRequest, county: int, active: bool | None = None, cursor: str = "", limit: int = 50
) -> Any:
    rows = access.visible(current_user(request)).filter(county=county)
    rows = rows if active is None else rows.filter(is_active=active)
    return paginate(rows, cursor=cursor, limit=limit, order=("code",))


@router.get("/departments/{county}/{department_id}", response=DepartmentOut, summary="一个部门")
def get_department(request: HttpRequest, county: int, department_id: UUID) -> Any:
    return selectors.department_for(current_user(request), county, department_id)


@router.post("/departments/{county}", response={201: DepartmentOut}, summary="新增部门")
@idempotent
def open_department(request: HttpRequest, county: int, payload: DepartmentIn) -> Any:
    made = services.open_department(acting_user=current_user(request), county=county, **payload.dict())
    return Status(201, made)


@router.post("/departments/{county}/{department_id}/change", response=DepartmentOut, summary="修改部门")
@idempotent
def change_department(request: HttpRequest, county: int, department_id: UUID, payload: DepartmentChange) -> Any:
    actor = current_user(request)
    row = selectors.department_for(actor, county, department_id)
    return services.change_department(acting_user=actor, department=row, **payload.dict())


@router.post("/departments/{county}/{department_id}/close", response=DepartmentOut, summary="关闭部门")
@idempotent
def close_department(request: HttpRequest, county: int, department_id: UUID, payload: ReasonIn) -> Any:
    actor = current_user(request)
    row = selectors.department_for(actor, county, department_id)
    return services.close_department(acting_user=actor, department=row, reason=payload.reason)


@router.post("/departments/{county}/{department_id}/reopen", response=DepartmentOut, summary="重新启用部门")
@idempotent
def reopen_department(request: HttpRequest, county: int, department_id: UUID, payload: ReasonIn) -> Any:
    actor = current_user(request)
    row = selectors.department_for(actor, county, department_id)
    return services.reopen_department(acting_user=actor, department=row, reason=payload.reason)


@router.get("/departments/{county}/{department_id}/officers", response=list[OfficerOut], summary="部门责任人")
def list_officers(request: HttpRequest, county: int, department_id: UUID, on: date | None = None) -> Any:
    row = selectors.department_for(current_user(request), county, department_id)
    return selectors.officers_of(row.county, row.pk, on)


@router.post("/departments/{county}/{department_id}/officers", response={201: OfficerOut}, summary="指定部门责任人")
@idempotent
def name_officer(request: HttpRequest, county: int, department_id: UUID, payload: OfficerIn) -> Any:
    actor = current_user(request)
    row = selectors.department_for(actor, county, department_id)
    return Status(201, services.name_officer(acting_user=actor, department=row, **payload.dict()))


@router.post("/named-officers/{county}/{officer_id}/end", response=OfficerOut, summary="终止部门责任人")
@idempotent
def end_officer(request: HttpRequest, county: int, officer_id: UUID, payload: ReasonIn) -> Any:
    actor = current_user(request)
    row = selectors.officer_for(actor, county, officer_id)
    return services.end_officer(acting_user=actor, officer=row, reason=payload.reason)


@router.get("/stations/{county}", response=Page[BodyOut], summary="乡镇安监站")
def list_stations(request: HttpRequest, county: int, cursor: str = "", limit: int = 50) -> Any:
    rows = access.visible_stations(current_user(request)).filter(county=county)
    return paginate(rows, cursor=cursor, limit=limit, order=("town",)).of(_body)


@router.post("/stations/{county}", response={201: BodyOut}, summary="新增安监站")
@idempotent
def open_station(request: HttpRequest, county: int, payload: BodyIn) -> Any:
    made = services.open_station(
        acting_user=current_user(request), county=county, town=payload.place, name=payload.name,
        duty_phone=payload.duty_phone,
    )  # fmt: skip
    return Status(201, _body(made))


@router.post("/stations/{county}/{station_id}/change", response=BodyOut, summary="修改安监站")
@idempotent
def change_station(request: HttpRequest, county: int, station_id: UUID, payload: BodyChange) -> Any:
    actor = current_user(request)
    row = selectors.station_for(actor, county, station_id)
    return _body(services.change_station(acting_user=actor, station=row, **payload.dict()))


@router.get("/committees/{county}", response=Page[BodyOut], summary="村（居）委会")
def list_committees(request: HttpRequest, county: int, cursor: str = "", limit: int = 50) -> Any:
    rows = access.visible_committees(current_user(request)).filter(county=county)
    return paginate(rows, cursor=cursor, limit=limit, order=("village",)).of(_body)


@router.post("/committees/{county}", response={201: BodyOut}, summary="新增村（居）委会")
@idempotent
def open_committee(request: HttpRequest, county: int, payload: BodyIn) -> Any:
    made = services.open_committee(
        acting_user=current_user(request), county=county, village=payload.place, name=payload.name,
        duty_phone=payload.duty_phone,
    )  # fmt: skip
    return Status(201, _body(made))


@router.post("/committees/{county}/{committee_id}/change", response=BodyOut, summary="修改村（居）委会")
@idempotent
def change_committee(request: HttpRequest, county: int, committee_id: UUID, payload: BodyChange) -> Any:
    actor = current_user(request)
    row = selectors.committee_for(actor, county, committee_id)
    return _body(services.change_committee(acting_user=actor, committee=row, **payload.dict()))
