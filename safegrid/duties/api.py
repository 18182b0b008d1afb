"""Responsibility over the API: rules, who is responsible and why, what the rules leave open."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from safegrid.duties import selectors, services
from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.orgs.selectors import department
from safegrid.sites.selectors import site_for

router = Router()


class RuleOut(Schema):
    """A department answers for what all the set conditions fit; empty conditions fit everything."""

    id: UUID
    county: int
    department_id: UUID
    part: str
    site_id: UUID | None
    industry_prefix: str
    hazard_kind: str
    site_type: str
    town: str
    village: str
    legal_basis: dict[str, str] | None
    words: str
    valid_from: date
    valid_to: date | None


class RuleIn(Schema):
    department_id: UUID
    part: str = "main"
    site_id: UUID | None = None
    industry_prefix: str = ""
    hazard_kind: str = ""
    site_type: str = ""
    town: str = ""
    village: str = ""
    legal_basis: dict[str, str] | None = None
    words: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


class EndIn(Schema):
    """``valid_to``: the last day, yesterday by default."""

    reason: str = ""
    valid_to: date | None = None


class StepOut(Schema):
    rule_id: UUID
    department_id: UUID
    department_name: str
    rank_words: str
    wins: bool
    why: str


class ExplanationOut(Schema):
    """``department_id`` is null when no rule fits or the best conflict (``conflicts``: their ids)."""

    department_id: UUID | None
    rule_id: UUID | None
    steps: list[StepOut]
    assisting: list[UUID]
    conflicts: list[UUID]
    alerts: list[str]


class MatchOut(Schema):
    """What the rules say of one site; ``state``: clear, none or conflict."""

    site_id: UUID
    state: str
    department_id: UUID | None
    rule_id: UUID | None
    conflicting: list[UUID]
    town: str
    village: str
    matched_on: date


@router.get("/duty-rules/{county}", response=Page[RuleOut], summary="责任规则")
def list_rules(
    request: HttpRequest, county: int, department_id: UUID | None = None, in_force_on: date | None = None,
    cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    rows = selectors.rules(current_user(request), county=county)
    rows = rows.filter(department_id=department_id) if department_id else rows
    rows = rows.filter(selectors.in_force(in_force_on)) if in_force_on else rows
    return paginate(rows, cursor=cursor, limit=limit, order=("-created_at", "-id"))


@router.get("/duty-rules/{county}/{rule_id}", response=RuleOut, summary="一条责任规则")
def get_rule(request: HttpRequest, county: int, rule_id: UUID) -> Any:
    return selectors.rule_for(current_user(request), county, rule_id)


@router.post("/duty-rules/{county}", response={201: RuleOut}, summary="新增责任规则")
@idempotent
def add_rule(request: HttpRequest, county: int, payload: RuleIn) -> Any:
    values = payload.dict()
    try:
        body = department(county, values.pop("department_id"))
    except NotVisible:
        raise InvalidInput({"department_id": "请选择本县在用的部门"}) from None
    return Status(201, services.add_rule(acting_user=current_user(request), county=county, department=body, **values))


@router.post("/duty-rules/{county}/{rule_id}/end", response=RuleOut, summary="终止责任规则")
@idempotent
def end_rule(request: HttpRequest, county: int, rule_id: UUID, payload: EndIn) -> Any:
    actor = current_user(request)
    return services.end_rule(acting_user=actor, rule=selectors.rule_for(actor, county, rule_id), **payload.dict())


@router.get("/duty-explanations/{county}/{site_id}", response=ExplanationOut, summary="为什么是这个部门")
def explain(request: HttpRequest, county: int, site_id: UUID, hazard_kind: str = "", on: date | None = None) -> Any:
    site = site_for(current_user(request), county, site_id)
    told = selectors.explain(county=county, site=site, hazard_kind=hazard_kind, on=on)
    return {**vars(told), "department_id": told.main.id if told.main else None}


@router.get("/duty-gaps/{county}", response=Page[MatchOut], summary="没有责任部门的对象")
def list_gaps(request: HttpRequest, county: int, cursor: str = "", limit: int = 50) -> Any:
    rows = selectors.sites_without_department(current_user(request)).filter(county=county)
    return paginate(rows, cursor=cursor, limit=limit, order=("town", "id"))


@router.get("/duty-conflicts/{county}", response=Page[MatchOut], summary="责任冲突的对象")
def list_conflicts(request: HttpRequest, county: int, cursor: str = "", limit: int = 50) -> Any:
    rows = selectors.sites_in_conflict(current_user(request)).filter(county=county)
    return paginate(rows, cursor=cursor, limit=limit, order=("town", "id"))
