"""Visits over the API, as the field app records and everybody reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from safegrid.files.selectors import attachments_of, attachments_of_many
from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.errors import InvalidInput
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
    """``device_id``: the phone's own id of the visit; sent again it is answered with the visit as first recorded."""

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
    answers: list[AnswerIn] = Field(default_factory=list, max_length=500)


def _detail(visit: Any) -> dict[str, Any]:
    answers = selectors.answers_of(visit)
    photos = attachments_of_many(visit.county, [one.id for one in answers])
    return {
        **{name: getattr(visit, name) for name in VisitOut.model_fields},
        "attachment_ids": [one.id for one in attachments_of(visit)],
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
