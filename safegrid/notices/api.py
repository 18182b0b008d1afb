"""The inbox over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.keys import cross_county
from safegrid.notices import selectors, services

router = Router()


class NoticeOut(Schema):
    id: UUID
    county: int
    kind: str
    title: str
    body: str
    object_type: str
    object_id: UUID | None
    created_at: datetime
    read_at: datetime | None


class CountOut(Schema):
    """``unread`` is counted up to 100."""

    unread: int


class PreferenceOut(Schema):
    kind: str
    label: str
    channel: str
    wanted: bool


class PreferenceIn(Schema):
    kind: str
    channel: str
    wanted: bool


@router.get("/notices", response=Page[NoticeOut], summary="本人的通知")
def list_notices(request: HttpRequest, unread: bool = False, cursor: str = "", limit: int = 50) -> Any:
    with cross_county(selectors.WHY):
        found = selectors.inbox(current_user(request), unread=unread)
        return paginate(found, cursor=cursor, limit=limit, order=("-created_at", "-id"))


@router.get("/notices/unread-count", response=CountOut, summary="未读数")
def unread_count(request: HttpRequest) -> Any:
    return {"unread": selectors.unread_count(current_user(request))}


@router.get("/notices/preferences", response=list[PreferenceOut], summary="通知偏好")
def preferences(request: HttpRequest) -> Any:
    return [choice for _, row in selectors.preferences(current_user(request)) for choice in row]


@router.post("/notices/preferences", response=list[PreferenceOut], summary="修改通知偏好")
@idempotent
def set_preferences(request: HttpRequest, payload: list[PreferenceIn]) -> Any:
    actor = current_user(request)
    services.set_preferences(acting_user=actor, wanted={(row.kind, row.channel): row.wanted for row in payload})
    return [choice for _, row in selectors.preferences(actor) for choice in row]


@router.post("/notices/read-all", response=CountOut, summary="全部标为已读")
@idempotent
def read_all(request: HttpRequest) -> Any:
    actor = current_user(request)
    services.mark_all_read(acting_user=actor)
    return {"unread": selectors.unread_count(actor)}


@router.post("/notices/{county}/{notice_id}/read", response=NoticeOut, summary="标为已读")
@idempotent
def read(request: HttpRequest, county: int, notice_id: UUID) -> Any:
    actor = current_user(request)
    return services.mark_read(acting_user=actor, notice=selectors.notice_for(actor, county, notice_id))
