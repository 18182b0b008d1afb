"""What members do on patrol with their phones, perhaps days before it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotVisible
from safegrid.foundation.fieldwork import Received
from safegrid.foundation.scope import Actor
from safegrid.handbook.selectors import checklist_by_id
from safegrid.patrols import selectors, services
from safegrid.patrols.answers import Answer
from safegrid.sites import selectors as sites

NOT_YOURS = "这个监管对象不归您的网格（可能已调整到其他网格、改为直接监管或已注销），巡查没有收下。请联系乡镇安监站"
MOST_PHOTOS = 9


class AnswerIn(Schema):
    """See ``patrols.answers.Answer``; photographs by upload id."""

    item_id: UUID
    value: str = Field("", max_length=300)
    words: str = Field("", max_length=300)
    photos: list[UUID] = Field(default_factory=list, max_length=MOST_PHOTOS)
    put_right_on_spot: bool = False
    after_photos: list[UUID] = Field(default_factory=list, max_length=MOST_PHOTOS)
    keep_on_visit: bool = False
    together_with: UUID | None = None


class VisitIn(Schema):
    """One visit. ``qr``: what was scanned at the site, with ``checked_in_by`` "qr"; ``task_id``: the planned visit it is."""

    site_id: UUID
    checklist_id: UUID | None = None
    outcome: str
    checked_in_by: str = ""
    qr: str = Field("", max_length=300)
    longitude: float | None = None
    latitude: float | None = None
    accuracy_m: float | None = None
    far_reason: str = ""
    person_met: str = ""
    signature: UUID | None = None
    words: str = ""
    photos: list[UUID] = Field(default_factory=list, max_length=MOST_PHOTOS)
    answers: list[AnswerIn] = Field(default_factory=list, max_length=500)
    task_id: UUID | None = None

    def uploads(self) -> Iterator[UUID]:
        """Yield every upload that the visit names."""
        yield from self.photos
        if self.signature is not None:
            yield self.signature
        for answer in self.answers:
            yield from answer.photos
            yield from answer.after_photos


class SkipIn(Schema):
    """Not today. ``site_id`` where the phone does not know the planned visit any more."""

    task_id: UUID | None = None
    site_id: UUID | None = None
    reason: str = ""


class AddIn(Schema):
    site_id: UUID
    on: date | None = None


def visit(user: Actor, county: int, payload: VisitIn, received: Received) -> dict[str, Any]:
    """Record the visit under the operation's own id; a site that was the member's when visited may be another's by now."""
    with _or_conflict():
        site = sites.site(county, payload.site_id)
    checklist = checklist_by_id(county, payload.checklist_id) if payload.checklist_id else None
    if payload.checklist_id and checklist is None:
        raise InvalidInput({"checklist_id": "没有这份检查表，请更新后重填"})
    answers = [
        Answer(one.item_id, one.value, one.words, received.attachments(one.photos), one.put_right_on_spot,
               received.attachments(one.after_photos), one.keep_on_visit, one.together_with)
        for one in payload.answers
    ]  # fmt: skip
    if payload.checked_in_by == "qr" and not payload.qr:
        raise InvalidInput({"qr": "请重新扫描监管对象的二维码，或改用定位签到"})
    with _or_conflict():
        made = services.record_visit(
            acting_user=user, device_id=received.id, site=site, outcome=payload.outcome, checklist=checklist, answers=answers,
            visited_at=min(received.happened_at, clock.now()), longitude=payload.longitude, latitude=payload.latitude,
            accuracy_m=payload.accuracy_m, far_reason=payload.far_reason, person_met=payload.person_met, words=payload.words,
            attachment_ids=received.attachments(payload.photos), qr=payload.qr if payload.checked_in_by == "qr" else "",
            signature_id=received.attachments([payload.signature])[0] if payload.signature else None, task_id=payload.task_id,
        )  # fmt: skip
    cases = [answer.case_id for answer in selectors.answers_of(made) if answer.case_id]
    return {
        "id": made.id,
        "cases": list(dict.fromkeys(cases)),
        "findings": made.findings,
        "distance_m": made.distance_m,
    }


@contextmanager
def _or_conflict() -> Iterator[None]:
    try:
        yield
    except NotVisible:
        raise Conflict(NOT_YOURS) from None


def skip(user: Actor, county: int, payload: SkipIn, received: Received) -> dict[str, Any]:
    """Put off the planned visit, or the next one at the site; whatever was done or taken back meanwhile is a conflict."""
    planned = None
    if payload.task_id is not None:
        try:
            planned = selectors.planned_for(user, county, payload.task_id)
        except NotVisible:
            raise Conflict("这次巡查已不在您的计划中，无需跳过") from None
    elif payload.site_id is not None:
        planned = (
            selectors.planned(user)
            .filter(county=county, site_id=payload.site_id, state="planned")
            .order_by("due_by")
            .first()
        )
    if planned is None:
        raise InvalidInput({"task_id": "请选择要跳过的巡查"})
    done = services.skip_visit(acting_user=user, planned=planned, reason=payload.reason)
    return {"id": done.id, "on": done.on}


def add(user: Actor, county: int, payload: AddIn, received: Received) -> dict[str, Any]:
    """Put one more visit on a day; a day that is past by the time it arrives means today."""
    with _or_conflict():
        site = sites.site(county, payload.site_id)
    on = max(payload.on or clock.today(), clock.today())
    try:
        row = services.add_visit(acting_user=user, site=site, on=on)
    except NotVisible:
        raise Conflict("这个监管对象已不归您的网格，没有加入计划") from None
    return {"id": row.id, "on": row.on}
