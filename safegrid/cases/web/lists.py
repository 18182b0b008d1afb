"""Lists of cases: of one county, or of all below somebody who works above counties."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from safegrid.cases import access, finding, selectors, words
from safegrid.cases.web.common import children, counties_of, is_only_a_site, refuse_strangers, root
from safegrid.cases.workflow import CASE, STATES
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    Filter,
    FilterField,
    RegionFilter,
    list_page,
    web_user,
)
from safegrid.foundation.web.filters import LONGEST_TEXT, UnreadableError
from safegrid.handbook import selectors as handbook
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions

WIDE = "whoever works above counties, or in several of them, lists the cases of all"
TABS: tuple[tuple[str, dict[str, str]], ...] = (
    ("全部", {}), ("轮到我办理", {"queue": "my_turn"}), ("临近时限", {"queue": "near_limit"}),
    ("已超时限", {"queue": "overdue"}), ("已退回", {"state": "returned"}), ("有争议", {"state": "disputed"}),
    ("待复查", {"state": "rectified"}),
)  # fmt: skip


@dataclass(frozen=True)
class _By(Filter):
    """A choice that narrows by a function of ``finding``."""

    choices: list[tuple[str, str]]
    by: Callable[[Any, str], Any]
    placeholder: str = "全部"

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        value = given.get(self.name, "")
        if value and value not in dict(self.choices):
            raise UnreadableError(f"“{self.label}”没有这个选项，已忽略")
        return self.by(queryset, value) if value else queryset

    def fields(self, given: QueryDict) -> list[FilterField]:
        return [FilterField(self.name, self.label, "choice", given.get(self.name, ""), self.choices, self.placeholder)]


@dataclass(frozen=True)
class _Words(Filter):
    """A number, or words of the report, the place or the site's name; without ``in_report`` the report's are left out."""

    in_report: bool = True
    county: int | None = None

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        said = given.get(self.name, "").strip()
        if len(said) > LONGEST_TEXT or "\0" in said:
            raise UnreadableError(f"“{self.label}”最多 {LONGEST_TEXT} 个字，已忽略")
        if not said:
            return queryset
        if not self.in_report:
            return queryset.filter(number=said.upper())
        try:
            return finding.saying(queryset, said, self.county)
        except InvalidInput as error:
            raise UnreadableError(f"“{self.label}”{error.fields['words']}，已忽略") from error

    def fields(self, given: QueryDict) -> list[FilterField]:
        return [FilterField(self.name, self.label, "text", given.get(self.name, ""))]


@login_required
@require_http_methods(["GET", "POST"])  # POST: bulk actions
def everywhere(request: HttpRequest) -> HttpResponse:
    """The cases of all counties of the user."""
    user = web_user(request)
    counties = counties_of(user)
    return _answer(request, user, counties[0] if len(counties) == 1 else None)


@login_required
@require_http_methods(["GET", "POST"])  # POST: bulk actions
def of_county(request: HttpRequest, county: int) -> HttpResponse:
    """The cases of one county."""
    user = web_user(request)
    refuse_strangers(user, county)
    return _answer(request, user, county)


def _answer(request: HttpRequest, user: Actor, county: int | None) -> HttpResponse:
    # Not joined: what is sorted for a page would be joined before, thousands of rows for fifty.
    rows = access.visible(user).prefetch_related("site")
    queue = request.GET.get("queue", "")
    extra = {
        "tabs": _tabs(request),
        "county": county,
        "may_report": any(access.creators(user)) and county is not None,
    }
    with nullcontext() if county is not None else cross_county(WIDE):
        return list_page(
            request,
            rows.filter(county=county) if county is not None else rows,
            title="案件",
            columns=_columns(user, county),
            order=finding.order_of(queue),
            filters=_site_filters() if is_only_a_site(user) else _filters(user, county),
            export_name="cases.cases",
            prepare=_prepare(user),
            empty="没有符合条件的案件",
            template="cases/list.html",
            extra=extra,
        )


def _tabs(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """Return (label, address, whether it is the present one); the other filters stay as they are."""
    kept = {
        name: values
        for name, values in request.GET.lists()
        if name not in ("queue", "state", "cursor", "export", "view")
    }
    now = {name: request.GET[name] for name in ("queue", "state") if request.GET.get(name)}
    return [
        (label, "?" + (urlencode({**kept, **query}, doseq=True) or "view=all"), query == now) for label, query in TABS
    ]


def _columns(user: Actor, county: int | None) -> list[Column]:
    county_column = [Column("县", lambda row: row.county_name)] if county is None else []
    return [
        Column("编号", lambda row: row.number.partition("-")[2] or row.number, on_page=True, in_export=False,
               link=lambda row: reverse("cases:detail", args=[row.county, row.pk])),
        Column("编号", "number", on_page=False),
        *county_column,
        Column("隐患类别", lambda row: row.kind_name),
        Column("程度", lambda row: words.SEVERITIES.get(row.severity, row.severity), "badge",
               tone=lambda row: words.SEVERITY_TONES.get(row.severity, "gray")),
        Column("地点", lambda row: row.where),
        Column("乡镇（街道）", lambda row: row.town_name),
        Column("主办部门", lambda row: row.department_name),
        Column("状态", lambda row: CASE.state[row.state].label, "badge",
               tone=lambda row: words.STATE_TONES.get(row.state, "gray")),
        Column("时限", lambda row: words.time_left(row.due_at), "badge",
               tone=lambda row: words.TIMING_TONES.get(row.timing, "gray")),
        Column("期限", "due_at", "time", on_page=False, sort="due_at"),
        Column("标记", lambda row: _marks(row)),
        Column("上报时间", "reported_at", "time", sort="reported_at"),
        Column("发现时间", "found_at", "time", on_page=False),
        Column("结案时间", "closed_at", "time", on_page=False),
        Column("情况说明", lambda row: row.words, on_page=False),
        Column("来源渠道", lambda row: words.CHANNELS.get(row.channel, ""), on_page=False),
    ]  # fmt: skip


def _marks(row: Any) -> str:
    marks = ((row.is_accident, "事故"), (row.is_listed_major, "挂牌"), (row.is_supervised, "督办"),
             (row.is_suspected_major, "疑似重大"), (row.reworks, "返工"), (row.was_overdue, "曾超期"))  # fmt: skip
    return "、".join(label for given, label in marks if given)


def _prepare(user: Actor) -> Callable[[list[Any]], None]:
    def prepare(rows: list[Any]) -> None:
        codes = {row.town for row in rows} | {str(row.county) for row in rows}
        places = regions.names_of(codes)
        for row in rows:
            selectors.shown(user, row)
            row.kind_name = handbook.kind_names(row.county).get(row.kind, row.kind)
            row.town_name, row.county_name = places.get(row.town, row.town), places.get(str(row.county), row.county)
            row.department_name = orgs.names_of(row.county, [row.department_id]).get(row.department_id, "")
            row.where = row.site.shown_name if row.site is not None else row.place_words or "地图上的位置"

    return prepare


def _site_filters() -> list[Filter]:
    """For a site's contact: nothing by which the channel or the words of a report could be guessed."""
    return [_Words("words", "编号", in_report=False), _state(), DateRangeFilter("order_served_at", "责令整改")]


def _state() -> ChoiceFilter:
    return ChoiceFilter("state", "状态", choices=[(one.name, one.label) for one in STATES])


def _filters(user: Actor, county: int | None) -> list[Filter]:
    timings = [(name, words.TIMINGS[name]) for name in finding.TIMINGS]
    found: list[Filter] = [
        _Words("words", "编号或文字", county=county),
        _By("queue", "待办", list(finding.QUEUES.items()), lambda rows, value: finding.in_queue(rows, user, value)),
        _state(),
        ChoiceFilter("severity", "严重程度", choices=list(words.SEVERITIES.items())),
        _By("nature", "性质", list(words.NATURES.items()), finding.of_nature),
        RegionFilter("place", "地区", children=children, root=root(user, county)),
        ChoiceFilter("channel", "来源渠道", choices=list(words.CHANNELS.items())),
        _By("timing", "时限状态", timings, finding.timed),
        BooleanFilter("supervised", "督办", column="is_supervised"),
        BooleanFilter("listed", "挂牌", column="is_listed_major"),
        DateRangeFilter("reported_at", "上报"),
    ]
    if county is not None:
        here = county
        kinds = [(kind.code, f"{'　' * (len(handbook.ancestors(here, kind.code)) - 1)}{kind.name}")
                 for kind in handbook.hazard_kinds(here, active=False)]  # fmt: skip
        found.insert(3, _By("kind", "隐患类别", kinds, lambda rows, value: finding.of_kind(rows, here, value)))
        found.insert(6, ChoiceFilter("department", "主办部门", choices=orgs.choices(here), column="department_id"))
    return found
