"""Visits and plans of visits over the API, as members record and everybody reads them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from safegrid.files.selectors import attachments_of, attachments_of_many
from safegrid.foundation import clock
from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.errors import InvalidInput
from safegrid.grids.selectors import member_for
from safegrid.handbook.selectors import checklist_by_id
from safegrid.patrols import access, selectors, services
from safegrid.patrols.answers import Answer
from safegrid.sites import selectors as sites

router = Router()


class VisitOut(Schema):
    """A visit; positions in WGS 84 degrees, distances in metres."""

    id: UUID
    county: int
    device_id: UUID
    site_id: UUID
    member_id: UUID
    grid_id: UUID | None
    town: str
    village: str
    checklist_id: UUID | None
    outcome: str
    visited_at: datetime
    recorded_at: datetime
    checked_in_by: str
    longitude: float | None
    latitude: float | None
    accuracy_m: float | None
    distance_m: float | None
    far_reason: str
    person_met: str
    words: str
    findings: int


class AnswerOut(Schema):
    item_id: UUID
    item_code: str
    text: str
    value: str
    is_finding: bool
    words: str
    put_right_on_spot: bool
    case_id: UUID | None
    attachment_ids: list[UUID]


class VisitDetail(VisitOut):
    attachment_ids: list[UUID]
    signature_id: UUID | None
    answers: list[AnswerOut]


class AnswerIn(Schema):
    """``value``: yes (in order), no (a finding) or na for yes/no items, else what was given; see ``patrols.answers.Answer``."""

    item_id: UUID
    value: str = Field("", max_length=300)
    words: str = Field("", max_length=300)
    attachment_ids: list[UUID] = Field(default_factory=list, max_length=9)
    put_right_on_spot: bool = False
    after_ids: list[UUID] = Field(default_factory=list, max_length=9)
    keep_on_visit: bool = False
    together_with: UUID | None = None


class VisitIn(Schema):
    """``device_id``: the phone's own id of the visit; sent again it is answered with the visit as first recorded.

    ``qr``: what the code at the site says; ``signature_id``: a picture of the signature; ``task_id``: the planned visit it is.
    """

    device_id: UUID
    site_id: UUID
    checklist_id: UUID | None = None
    outcome: str
    visited_at: AwareDatetime
    longitude: float | None = None
    latitude: float | None = None
    accuracy_m: float | None = None
    far_reason: str = ""
    person_met: str = ""
    words: str = ""
    attachment_ids: list[UUID] = Field(default_factory=list, max_length=9)
    qr: str = Field("", max_length=300)
    signature_id: UUID | None = None
    task_id: UUID | None = None
    answers: list[AnswerIn] = Field(default_factory=list, max_length=500)


def _detail(visit: Any) -> dict[str, Any]:
    answers = selectors.answers_of(visit)
    photos, files = attachments_of_many(visit.county, [one.id for one in answers]), attachments_of(visit)
    return {
        **{name: getattr(visit, name) for name in VisitOut.model_fields},
        "attachment_ids": [one.id for one in files if one.purpose != "signature"],
        "signature_id": next((one.id for one in files if one.purpose == "signature"), None),
        "answers": [
            {
                **{name: getattr(one, name) for name in AnswerOut.model_fields if name != "attachment_ids"},
                "attachment_ids": [photo.id for photo in photos.get(one.id, [])],
            }
            for one in answers
        ],
    }


@router.get("/visits/{county}", response=Page[VisitOut], summary="巡查记录")
def list_visits(
    request: HttpRequest, county: int, site_id: UUID | None = None, member_id: UUID | None = None, town: str = "",
    cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    rows = selectors.visits_for(current_user(request), as_site=False).filter(county=county)
    rows = rows.filter(site_id=site_id) if site_id else rows
    rows = rows.filter(member_id=member_id) if member_id else rows
    rows = rows.filter(town=town) if town else rows
    return paginate(rows, cursor=cursor, limit=limit, order=("-visited_at", "-id"))


@router.get("/visits/{county}/{visit_id}", response=VisitDetail, summary="一次巡查及其回答")
def get_visit(request: HttpRequest, county: int, visit_id: UUID) -> Any:
    return _detail(selectors.visit_for(current_user(request), county, visit_id))


@router.post("/visits/{county}", response={201: VisitDetail}, summary="记录巡查")
@idempotent
def record_visit(request: HttpRequest, county: int, payload: VisitIn) -> Any:
    actor = current_user(request)
    values = payload.dict()
    checklist_id, answers = values.pop("checklist_id"), values.pop("answers")
    # A member may repeat a visit whose site has meanwhile gone to another grid: the verb itself says who visits what.
    is_visitor = access.can(actor, "record_visit", county)
    site_id = values.pop("site_id")
    site = sites.site(county, site_id) if is_visitor else sites.site_for(actor, county, site_id)
    checklist = checklist_by_id(county, checklist_id) if checklist_id else None
    if checklist_id and checklist is None:
        raise InvalidInput({"checklist_id": "没有这份检查表，请更新后重填"})
    visit = services.record_visit(
        acting_user=actor, site=site, checklist=checklist, answers=[Answer(**one) for one in answers], **values
    )
    return Status(201, _detail(selectors.visit_for(actor, county, visit.id)))


class PlannedOut(Schema):
    """A planned visit. ``on`` None: it found no place, ``left_out`` says why; ``arrives`` … ``leaves``: minutes after midnight."""

    id: UUID
    county: int
    member_id: UUID
    site_id: UUID
    grid_id: UUID | None
    town: str
    village: str
    state: str
    reason: str
    minutes: int
    due_by: date
    on: date | None
    position: int | None
    arrives: int | None
    begins: int | None
    leaves: int | None
    left_out: str
    skips: int
    skip_reason: str
    visit_id: UUID | None
    done_on: date | None


class SkipIn(Schema):
    reason: str


class AddIn(Schema):
    """``on``: a day from today on, today by default."""

    site_id: UUID
    on: date | None = None


class TravelIn(Schema):
    """``begins``, ``ends``: minutes after midnight, None: the county's; ``longitude``, ``latitude``: the start (WGS 84)."""

    mode: str
    begins: int | None = None
    ends: int | None = None
    longitude: float | None = Field(None, ge=-180, le=180)
    latitude: float | None = Field(None, ge=-90, le=90)
    version: int | None = None


class PlanOut(Schema):
    """How a member goes, and how far the plan reaches."""

    id: UUID
    county: int
    member_id: UUID
    town: str
    mode: str
    begins: int | None
    ends: int | None
    start_longitude: float | None
    start_latitude: float | None
    planned_at: datetime | None
    planned_to: date | None
    version: int


class ReplanIn(Schema):
    """Whose plans: one member's, a town's, without either the whole county's."""

    town: str = ""
    member_id: UUID | None = None


class RunOut(Schema):
    """A planning by the queue: ``done`` of ``total`` members."""

    id: UUID
    county: int
    town: str
    state: str
    total: int
    done: int
    failed: int
    started_at: datetime
    ended_at: datetime | None


def _run(run: Any) -> dict[str, Any]:
    values = {name: getattr(run, name) for name in RunOut.model_fields if name != "done"}
    return {**values, "done": selectors.progress_of(run)}


@router.get("/planned-visits/{county}", response=Page[PlannedOut], summary="计划的巡查")
def list_planned(
    request: HttpRequest, county: int, state: str = "", member_id: UUID | None = None, site_id: UUID | None = None,
    town: str = "", on: date | None = None, cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    rows = selectors.planned(current_user(request)).filter(county=county)
    for name, value in {"state": state, "member_id": member_id, "site_id": site_id, "town": town, "on": on}.items():
        rows = rows.filter(**{name: value}) if value else rows
    return paginate(rows, cursor=cursor, limit=limit, order=("due_by", "id"))


@router.post("/planned-visits/{county}", response={201: PlannedOut}, summary="临时增加巡查")
@idempotent
def add_visit(request: HttpRequest, county: int, payload: AddIn) -> Any:
    actor = current_user(request)
    site = sites.site_for(actor, county, payload.site_id)
    return Status(201, services.add_visit(acting_user=actor, site=site, on=payload.on or clock.today()))


@router.post("/planned-visits/{county}/{planned_id}/skip", response=PlannedOut, summary="跳过巡查")
@idempotent
def skip_visit(request: HttpRequest, county: int, planned_id: UUID, payload: SkipIn) -> Any:
    actor = current_user(request)
    planned = selectors.planned_for(actor, county, planned_id)
    return services.skip_visit(acting_user=actor, planned=planned, reason=payload.reason)


@router.get("/patrol-plans/{county}", response=Page[PlanOut], summary="网格员的巡查计划")
def list_plans(request: HttpRequest, county: int, town: str = "", cursor: str = "", limit: int = 50) -> Any:
    rows = selectors.plans(current_user(request)).filter(county=county)
    return paginate(rows.filter(town=town) if town else rows, cursor=cursor, limit=limit, order=("town", "id"))


@router.post("/patrol-plans/{county}/{plan_id}/travel", response=PlanOut, summary="修改出行设置")
@idempotent
def change_travel(request: HttpRequest, county: int, plan_id: UUID, payload: TravelIn) -> Any:
    actor, values = current_user(request), payload.dict()
    longitude, latitude = values.pop("longitude"), values.pop("latitude")
    if (longitude is None) != (latitude is None):
        raise InvalidInput({"longitude": "经度、纬度须同时填写"})
    start = (longitude, latitude) if longitude is not None else None
    plan = selectors.plan_for(actor, county, plan_id)
    return services.change_travel(acting_user=actor, plan=plan, start=start, **values)


@router.post("/patrol-runs/{county}", response={201: RunOut}, summary="重新编排巡查计划")
@idempotent
def replan(request: HttpRequest, county: int, payload: ReplanIn) -> Any:
    actor = current_user(request)
    member = member_for(actor, county, payload.member_id) if payload.member_id else None
    return Status(201, _run(services.replan(acting_user=actor, county=county, town=payload.town, member=member)))


@router.get("/patrol-runs/{county}/{run_id}", response=RunOut, summary="编排的进度")
def get_run(request: HttpRequest, county: int, run_id: UUID) -> Any:
    return _run(selectors.run_for(current_user(request), county, run_id))


@router.post("/patrol-runs/{county}/{run_id}/stop", response=RunOut, summary="停止编排")
@idempotent
def stop_run(request: HttpRequest, county: int, run_id: UUID) -> Any:
    actor = current_user(request)
    run = selectors.run_for(actor, county, run_id)
    return _run(services.stop_run(acting_user=actor, run=run))
