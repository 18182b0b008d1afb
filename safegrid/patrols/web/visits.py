"""The pages of visits: the list and one visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from safegrid.accounts.selectors import names_of as people
from safegrid.cases.selectors import cases as visible_cases
from safegrid.files.selectors import attachments_of, attachments_of_many
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, grants_read_once
from safegrid.foundation.web import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    Filter,
    FilterField,
    NavItem,
    RegionFilter,
    TextFilter,
    list_page,
    web_user,
)
from safegrid.foundation.web.filters import UnreadableError
from safegrid.foundation.web.pages import read, root_of, spanning
from safegrid.grids.selectors import members
from safegrid.patrols import selectors
from safegrid.regions import selectors as regions
from safegrid.sites.access import sees_read
from safegrid.sites.selectors import SITE_TYPES, seen_of

OUTCOME_TONES = {"done": "green", "closed": "gray", "refused": "red", "moved": "gray"}
READERS = frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "department_officer", "grid_member", "upper_level",
                     "auditor"})  # fmt: skip
NAV = [NavItem("巡查记录", "patrols:list", icon="route", roles=READERS)]


@dataclass(frozen=True)
class MemberFilter(Filter):
    """The visits of members whose name or number holds the words."""

    user: Any = None

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        words = given.get(self.name, "").strip()
        if not words:
            return queryset
        if len(words) > 60 or "\0" in words:
            raise UnreadableError(f"“{self.label}”太长，已忽略")
        found = members(self.user, left=True).filter(Q(name__icontains=words) | Q(code__istartswith=words))
        return queryset.filter(member_id__in=list(found.values_list("id", flat=True)[:1000]))

    def fields(self, given: QueryDict) -> list[FilterField]:
        return [FilterField(self.name, self.label, "text", given.get(self.name, ""))]


@dataclass(frozen=True)
class SiteFilter(Filter):
    """The visits to one site, as the site's own page links to; no input is shown."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        written = given.get(self.name, "")
        if not written:
            return queryset
        try:
            return queryset.filter(site_id=UUID(written))
        except ValueError:
            raise UnreadableError("没有这个监管对象，已忽略") from None

    def fields(self, given: QueryDict) -> list[FilterField]:
        return []


def link_to(name: str, *arguments: Any) -> str:
    """Return the address of a page of another context; "" where the installation has none."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def lead_to_sites(user: Actor, rows: Sequence[Any]) -> None:
    """Set ``site_url`` of rows read with their site: its record, "" where the user does not see the site (any more)."""
    # Of what is supervised directly a department is asked site by site: the database is asked of all at once.
    direct = [row for row in rows if row.site.is_directly_supervised]
    seen: set[UUID] = set()
    for county in {row.county for row in direct}:
        seen |= seen_of(user, county, [row.site_id for row in direct if row.county == county])
    with grants_read_once():
        seen |= {row.site_id for row in rows if not row.site.is_directly_supervised and sees_read(user, row.site)}
    for row in rows:
        row.site_url = link_to("dossier:site", row.county, row.site_id) if row.site_id in seen else ""


def _url(row: Any) -> str:
    return reverse("patrols:detail", args=[row.county, row.pk])


def _prepare(user: Actor, rows: list[Any]) -> None:
    names = people({row.member_user_id for row in rows})
    places = regions.names_of({row.town for row in rows})
    for row in rows:
        row.member_name, row.town_name = names.get(row.member_user_id, ""), places.get(row.town, row.town)
    lead_to_sites(user, rows)


@login_required
def visit_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    columns = [
        Column("巡查时间", "visited_at", "time", link=_url, sort="visited_at"),
        Column(
            "监管对象",
            lambda row: row.site.shown_name,
            link=lambda row: row.site_url,
        ),
        Column("类型", lambda row: row.site.get_site_type_display()),
        Column("网格员", lambda row: row.member_name),
        Column("乡镇（街道）", lambda row: row.town_name),
        Column("结果", "get_outcome_display", "badge", tone=lambda row: OUTCOME_TONES[row.outcome]),
        Column("发现问题", "findings", "number"),
        Column("距对象（米）", lambda row: round(row.distance_m) if row.distance_m is not None else None, "number"),
        Column("远离原因", "far_reason", on_page=False),
        Column("签到方式", "get_checked_in_by_display"),
        Column("现场人员", "person_met", on_page=False),
    ]
    filters = [
        MemberFilter("member", "网格员", user=user),
        TextFilter("words", "对象名称", columns=("site__name__icontains",)),
        RegionFilter("place", "地区", children=lambda code: [(o.code, o.name) for o in regions.children(code)],
                     root=root_of(user)),
        ChoiceFilter("site_type", "对象类型", choices=SITE_TYPES, column="site__site_type"),
        ChoiceFilter("outcome", "结果", choices=selectors.OUTCOMES),
        ChoiceFilter("checked_in_by", "签到方式", choices=[one for one in selectors.CHECK_INS if one[0]]),
        BooleanFilter("found", "发现问题", yes=Q(findings__gt=0)),
        DateRangeFilter("visited", "巡查日期", column="visited_at"),
        SiteFilter("site", "监管对象"),
    ]  # fmt: skip
    with spanning(user):
        return list_page(
            request, selectors.visits_for(user, as_site=False), title="巡查记录", columns=columns,
            order=("-visited_at", "-id"), filters=filters, export_name="patrols.visits",
            prepare=lambda rows: _prepare(user, rows),
        )  # fmt: skip


@dataclass(frozen=True)
class AnswerLine:
    """One answer as the page shows it: the answer's row, its words, its photographs, the case it reported, its page."""

    row: Any
    value: str
    photos: list[Any]
    case: Any

    @property
    def case_url(self) -> str:
        return link_to("cases:detail", self.case.county, self.case.id)


VALUES = {"yes": "是", "no": "否", "na": "不适用"}


@login_required
def visit(request: HttpRequest, county: int, visit_id: UUID) -> HttpResponse:
    user = web_user(request)
    row: Any = read(user, selectors.visit_for, county, visit_id)
    answers = selectors.answers_of(row)
    photos = attachments_of_many(county, [one.id for one in answers])
    with spanning(user):
        reported = visible_cases(user, county).filter(id__in={one.case_id for one in answers if one.case_id})
        cases = {case.id: case for case in reported}
    with spanning(user):
        _prepare(user, [row])
    files = attachments_of(row)
    facts = [
        ("监管对象", row.site.shown_name, row.site_url),
        ("结果", row.get_outcome_display()),
        ("巡查时间", f"{row.visited_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"),
        ("收到时间", f"{row.recorded_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"),
        ("网格员", row.member_name),
        ("乡镇（街道）", row.town_name),
        ("检查表", f"{row.checklist.name} 第 {row.checklist.number} 版" if row.checklist else "",
         link_to("handbook:checklist", county, row.checklist_id) if row.checklist else ""),
        ("现场人员", row.person_met),
        ("签到方式", row.get_checked_in_by_display()),
        ("签到位置", f"{row.longitude:.6f}，{row.latitude:.6f}（精度 {row.accuracy_m or 0:.0f} 米）"
         if row.longitude is not None else "没有定位"),
        ("距对象", f"{row.distance_m:.0f} 米" if row.distance_m is not None else ""),
        ("远离原因", row.far_reason),
        ("说明", row.words),
    ]  # fmt: skip
    context = {
        "visit": row,
        "facts": facts,
        "answers": [
            AnswerLine(
                one,
                VALUES.get(one.value, one.value),
                photos.get(one.id, []),
                cases.get(one.case_id) if one.case_id else None,
            )
            for one in answers
        ],
        "attachments": [one for one in files if one.purpose != "signature"],
        "signatures": [one for one in files if one.purpose == "signature"],
    }
    return render(request, "patrols/visit.html", context)
