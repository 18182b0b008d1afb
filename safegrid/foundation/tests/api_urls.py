"""A small API for the tests of foundation.api: notes on work calendars, with every kind of door."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import path
from ninja import File, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from safegrid.foundation import trace
from safegrid.foundation.api import Page, SafeGridAPI, current_user, idempotent, paginate
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, Refused, WrongState
from safegrid.foundation.models import CalendarDay

router = Router()


class DayIn(Schema):
    day: date
    words: str = Field(min_length=2, max_length=10)
    is_workday: bool = True


class DayOut(Schema):
    id: UUID
    day: date
    words: str


@router.get("/me", response=dict[str, str])
def me(request: HttpRequest) -> dict[str, str]:
    return {"name": current_user(request).label}


@router.get("/days/{county}", response=Page[DayOut])
def days(request: HttpRequest, county: int, cursor: str = "", limit: int = 50) -> Any:
    return paginate(CalendarDay.objects.filter(county=county), cursor=cursor, limit=limit, order=("-day", "-id"))


@router.post("/days/{county}", response={201: DayOut})
@idempotent
def add_day(request: HttpRequest, county: int, payload: DayIn) -> Any:
    row = CalendarDay.objects.create(county=county, **payload.dict())
    trace.record(acting_user=current_user(request), action="foundation.add_day", target=row)
    if payload.words == "不收":
        raise Refused("这一天不收")
    if payload.words == "出错":
        raise RuntimeError("姓名 王五 13800000000")
    return row


@router.post("/papers/{county}", response=dict[str, int])
@idempotent
def add_paper(request: HttpRequest, county: int, paper: File[UploadedFile]) -> dict[str, int]:
    row = CalendarDay.objects.create(county=county, day=date(2025, 1, 1), is_workday=True, words=paper.name[:60])
    return {"size": len(paper.read()), "rows": CalendarDay.objects.filter(county=county).count() if row else 0}


@router.get("/fail/{how}")
def fail(request: HttpRequest, how: str) -> None:
    raise {
        "invalid": InvalidInput({"name": "请填写名称"}),
        "hidden": NotVisible(),
        "forbidden": NotPermitted("您不能派遣案件"),
        "state": WrongState("当前状态是“待受理”，不能“派遣”"),
        "conflict": Conflict(),
        "missing": Http404("secret table"),
        "fault": RuntimeError("姓名 王五 13800000000"),
    }[how]


api = SafeGridAPI(urls_namespace="api", docs_url=None)
api.add_router("", router)
urlpatterns = [path("api/v1/", api.urls)]
