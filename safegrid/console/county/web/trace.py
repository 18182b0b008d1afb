"""The trace of all acts of a county, for auditors: read, filtered, exported, verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.accounts.selectors import kind_choices
from safegrid.console.county import auditing
from safegrid.console.county.history import in_words
from safegrid.console.county.labels import act, thing
from safegrid.foundation import clock
from safegrid.foundation.web import ChoiceFilter, Column, DateRangeFilter, TextFilter, list_page, web_user
from safegrid.foundation.web.filters import Filter, FilterField, UnreadableError
from safegrid.foundation.web.pages import form_page, spanning

READERS = auditing.READERS
CONTEXTS = [("cases", "案件"), ("sites", "监管对象"), ("grids", "网格和网格员"), ("patrols", "巡查"), ("planning", "网格划分"),
            ("duties", "条块责任"), ("handbook", "网格手册"), ("orgs", "部门机构"), ("accounts", "账号"), ("files", "文件"),
            ("regions", "行政区划"), ("statistics", "统计"), ("foundation", "系统")]  # fmt: skip
SLACK = timedelta(hours=1)  # between making a row's id and writing down its time


@dataclass(frozen=True)
class AreaFilter(ChoiceFilter):
    """The acts of one part of the product: their names begin with it."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        value = given.get(self.name, "")
        if value in dict(CONTEXTS):
            return queryset.filter(action__startswith=f"{value}.")
        return super().narrow(queryset, given)


@dataclass(frozen=True)
class DayFilter(DateRangeFilter):
    """Days of ``at``; ids are made in the order of time, so that they find the days by the primary key."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        queryset = super().narrow(queryset, given)
        first, last = (self._day(given.get(name, "")) for name in self.names)
        if first:
            queryset = queryset.filter(id__gte=_id_at(first, -SLACK))
        if last:
            queryset = queryset.filter(id__lt=_id_at(last + timedelta(days=1), SLACK))
        return queryset


def _id_at(day: date, shift: timedelta) -> UUID:
    """Return the least id that a UUID of version 7 made at a midnight, shifted, could have."""
    moment = datetime.combine(day, time(), clock.SHANGHAI) + shift
    return UUID(int=int(moment.timestamp() * 1000) << 80)


@dataclass(frozen=True)
class ThingFilter(Filter):
    """The acts upon one thing, by its id; no input is shown."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        written = given.get(self.name, "")
        try:
            return queryset.filter(object_id=UUID(written)) if written else queryset
        except ValueError:
            raise UnreadableError("没有这个对象，已忽略") from None

    def fields(self, given: QueryDict) -> list[FilterField]:
        return []


@login_required
@require_GET
def acts(request: HttpRequest) -> HttpResponse:
    """Every act of the auditor's counties, the latest first."""
    user = web_user(request)
    if not auditing.places(user):
        raise Http404
    labels = dict(kind_choices())
    columns = [
        Column("时间", "at", "time"),
        Column("操作人", "actor"),
        Column("岗位", lambda row: labels.get(row.role, "")),
        Column("操作", lambda row: act(row.action)),
        Column("对象", lambda row: thing(row.object_type),
               link=lambda row: f"?object={row.object_id}" if row.object_id else ""),
        Column("内容", lambda row: in_words(row.changes)),
        Column("操作代码", "action", on_page=False),
        Column("对象标识", lambda row: str(row.object_id or ""), on_page=False),
        Column("设备", "device", on_page=False),
        Column("请求号", "request_id", on_page=False),
        Column("封存批次", "sealed_in", "number"),
    ]  # fmt: skip
    filters = [
        AreaFilter("area", "范围", choices=CONTEXTS),
        TextFilter("actor", "操作人", columns=("actor__icontains",)),
        ChoiceFilter("role", "岗位", choices=kind_choices()),
        DayFilter("at", "日期"),
        ThingFilter("object", "对象"),
    ]
    with spanning(user):
        return list_page(
            request, auditing.rows(user), title="操作留痕", columns=columns, order=("-id",), filters=filters,
            export_name="foundation.trace", template="console/county/trace.html", empty="没有符合条件的操作",
            extra={"standings": auditing.standings(user)},
        )  # fmt: skip


@login_required
def check(request: HttpRequest, county: int) -> HttpResponse:
    """Have the whole chain of a county verified; the result comes as a notice."""
    user = web_user(request)
    if not auditing.may_verify(user, county):
        raise Http404
    back = reverse("county:trace")
    return form_page(
        request, [], lambda: auditing.begin_verification(acting_user=user, county=county), title="核验留痕", to=back, back=back,
        submit="开始核验", done="核验已开始，完成后在“通知”中告知结果",
        words="逐条核对每一条留痕与其封存批次、每一批次与链头是否一致；数据多时需要几分钟。",
    )  # fmt: skip
