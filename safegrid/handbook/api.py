"""The handbook over the API: hazard kinds with their limits, checklists in versions, visit norms."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.worktime import TimeLimit
from safegrid.handbook import selectors, services

router = Router()


class Limit(Schema):
    """A duration; ``unit``: urgent_hours, working_hours, working_days or calendar_days."""

    value: int
    unit: str


class KindOut(Schema):
    """A node of the catalogue; ``parent_code`` is empty at the top."""

    county: int
    code: str
    parent_code: str
    name: str
    nature: str
    severity: str
    is_occupational_health: bool
    is_leaf: bool
    may_settle_on_spot: bool
    legal_bases: list[dict[str, str]]
    major_standard: str
    is_active: bool


class StageLimit(Schema):
    """The limit of a stage at the kind's own severity; ``stated_by``: the kind stating it, empty: the general one."""

    stage: str
    limit: Limit
    stated_by: str


class KindDetail(KindOut):
    limits: list[StageLimit]


class KindIn(Schema):
    code: str
    parent_code: str = ""
    name: str
    nature: str
    severity: str
    is_occupational_health: bool = False
    may_settle_on_spot: bool = False


class LimitsIn(Schema):
    """What the kind itself states; a stage left out is inherited. ``handle_max``: null leaves it as it is."""

    limits: dict[str, Limit]
    handle_max: Limit | None = None


class ReasonIn(Schema):
    reason: str = ""


class ChecklistOut(Schema):
    id: UUID
    county: int
    code: str
    number: int
    name: str
    site_type: str
    industry_prefix: str
    state: str
    published_at: datetime | None


class ItemOut(Schema):
    """What to look at; for yes_no "yes" means in order."""

    id: UUID
    code: str
    position: int
    text: str
    how_to_judge: str
    what_to_do: str
    hazard_kind: str
    answer_kind: str
    legal_basis: dict[str, str] | None
    is_mandatory: bool


class ChecklistDetail(ChecklistOut):
    items: list[ItemOut]

    @staticmethod
    def resolve_items(row: Any) -> list[Any]:
        return selectors.items_of(row)


class ItemIn(Schema):
    code: str
    text: str
    how_to_judge: str = ""
    what_to_do: str = ""
    hazard_kind: str = ""
    answer: str = "yes_no"
    legal_basis: dict[str, str] | None = None
    mandatory: bool = True


class ChecklistIn(Schema):
    code: str
    name: str
    site_type: str
    industry_prefix: str = ""
    items: list[ItemIn] = Field(max_length=500)


class NormOut(Schema):
    site_type: str
    risk_grade: str
    visits_a_year: int
    minutes: int


def _detail(kind: Any) -> dict[str, Any]:
    return {
        **{name: getattr(kind, name) for name in KindOut.model_fields},
        "limits": [
            {"stage": one.stage, "limit": _limit(one.limit), "stated_by": one.stated_by.code if one.stated_by else ""}
            for one in selectors.limits_of(kind)
        ],
    }


def _limit(limit: TimeLimit) -> dict[str, Any]:
    return {"value": limit.value, "unit": limit.unit.value}


@router.get("/hazard-kinds/{county}", response=Page[KindOut], summary="隐患类别")
def list_kinds(
    request: HttpRequest, county: int, active: bool | None = None, parent: str | None = None, cursor: str = "",
    limit: int = 50,
) -> Any:  # fmt: skip
    rows = selectors.kinds(current_user(request)).filter(county=county)
    rows = rows if active is None else rows.filter(is_active=active)
    rows = rows if parent is None else rows.filter(parent_code=parent)
    return paginate(rows, cursor=cursor, limit=limit, order=("position", "id"))


@router.get("/hazard-kinds/{county}/{code}", response=KindDetail, summary="一个隐患类别及其时限")
def get_kind(request: HttpRequest, county: int, code: str) -> Any:
    return _detail(selectors.kind_for(current_user(request), county, code))


@router.post("/hazard-kinds/{county}", response={201: KindOut}, summary="新增隐患类别")
@idempotent
def add_kind(request: HttpRequest, county: int, payload: KindIn) -> Any:
    return Status(201, services.add_kind(acting_user=current_user(request), county=county, **payload.dict()))


@router.post("/hazard-kinds/{county}/{code}/change_limits", response=KindDetail, summary="修改隐患类别的时限")
@idempotent
def change_limits(request: HttpRequest, county: int, code: str, payload: LimitsIn) -> Any:
    actor = current_user(request)
    kind = selectors.kind_for(actor, county, code)
    longest = payload.handle_max.dict() if payload.handle_max else None
    limits = {stage: limit.dict() for stage, limit in payload.limits.items()}
    return _detail(
        services.change_limits(acting_user=actor, county=county, code=kind.code, limits=limits, handle_max=longest)
    )


@router.post("/hazard-kinds/{county}/{code}/retire", response=KindOut, summary="停用隐患类别")
@idempotent
def retire_kind(request: HttpRequest, county: int, code: str, payload: ReasonIn) -> Any:
    actor = current_user(request)
    kind = selectors.kind_for(actor, county, code)
    return services.retire_kind(acting_user=actor, county=county, code=kind.code, reason=payload.reason)


@router.get("/checklists/{county}", response=Page[ChecklistOut], summary="检查表")
def list_checklists(
    request: HttpRequest, county: int, site_type: str = "", state: str = "", cursor: str = "", limit: int = 50
) -> Any:
    rows = selectors.checklists(current_user(request)).filter(county=county)
    rows = rows.filter(site_type=site_type) if site_type else rows
    rows = rows.filter(state=state) if state else rows
    return paginate(rows, cursor=cursor, limit=limit, order=("code", "-number"))


@router.get("/checklists/{county}/{checklist_id}", response=ChecklistDetail, summary="一份检查表及其检查项")
def get_checklist(request: HttpRequest, county: int, checklist_id: UUID) -> Any:
    return selectors.checklist_for_user(current_user(request), county, checklist_id)


@router.post("/checklists/{county}", response={201: ChecklistDetail}, summary="起草检查表的下一版")
@idempotent
def draft_checklist(request: HttpRequest, county: int, payload: ChecklistIn) -> Any:
    made = services.draft_checklist(acting_user=current_user(request), county=county, **payload.dict())
    return Status(201, made)


@router.post("/checklists/{county}/{checklist_id}/publish", response=ChecklistDetail, summary="发布检查表")
@idempotent
def publish_checklist(request: HttpRequest, county: int, checklist_id: UUID) -> Any:
    actor = current_user(request)
    row = selectors.checklist_for_user(actor, county, checklist_id)
    return services.publish_checklist(acting_user=actor, checklist=row)


@router.get("/visit-norms/{county}", response=list[NormOut], summary="巡查频次标准")
def list_norms(request: HttpRequest, county: int) -> Any:
    return selectors.visit_norms(current_user(request), county)


@router.post("/visit-norms/{county}/set", response=NormOut, summary="修改巡查频次标准")
@idempotent
def set_visit_norm(request: HttpRequest, county: int, payload: NormOut) -> Any:
    return services.set_visit_norm(acting_user=current_user(request), county=county, **payload.dict())
