"""Lists: grids, members, sites without grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import BooleanFilter, ChoiceFilter, Column, RegionFilter, TextFilter, list_page, web_user
from safegrid.grids import access, selectors
from safegrid.grids.map import collection
from safegrid.grids.web.common import children, root, wide
from safegrid.regions import selectors as regions


@dataclass(frozen=True)
class ClosedFilter(BooleanFilter):
    """Open rows unless asked for the others too."""

    open: Any = None

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        return queryset.filter(self.open) if given.get(self.name) != "yes" else queryset


def _may(user: Actor, verb: str) -> bool:
    return any(holding.kind in access.VERBS[verb] for holding in user.holdings())


def _grid_columns() -> list[Column]:
    return [
        Column("编码", "code", link=lambda row: reverse("grids:grid", args=[row.county, row.pk]), sort="code"),
        Column("名称", "name", sort="name"),
        Column("类型", "get_kind_display", sort="kind"),
        Column("乡镇（街道）", lambda row: row.town_name, sort="town"),
        Column("村（社区）", lambda row: row.village_name),
        Column("安全监管责任人", lambda row: row.officer_names.get("responsible", "")),
        Column("联系负责人", lambda row: row.officer_names.get("contact", "")),
        Column("现任网格员", lambda row: row.answering_name),
        Column("监管对象", lambda row: row.site_count, "number"),
        Column("启用", "opened_on", "date", sort="opened_on"),
        Column("撤销", "closed_on", "date", sort="closed_on"),
    ]


def _prepare_grids(rows: list[Any]) -> None:
    names = regions.names_of({code for row in rows for code in (row.town, row.village) if code})
    for county in {row.county for row in rows}:
        own = [row for row in rows if row.county == county]
        ids = [row.id for row in own]
        counts, answering = selectors.site_counts(county, ids), selectors.members_answering(county, ids)
        officers: dict[Any, dict[str, str]] = {}
        for officer in selectors.officers_of(county, ids):
            officers.setdefault(officer.grid_id, {})[officer.kind] = officer.name
        for row in own:
            row.town_name, row.village_name = names.get(row.town, row.town), names.get(row.village, row.village)
            row.officer_names, row.site_count = officers.get(row.id, {}), counts.get(row.id, 0)
            row.answering_name = answering[row.id].name if row.id in answering else ""


@login_required
def grid_list(request: HttpRequest) -> HttpResponse:
    user, today = web_user(request), clock.today()
    filters = [
        TextFilter("words", "编码或名称", columns=("name", "code__startswith")),
        RegionFilter("place", "地区", children=children, root=root(user)),
        ChoiceFilter("kind", "类型", choices=selectors.KINDS),
        BooleanFilter("without_member", "无人负责", yes=selectors.without_member(today)),
        BooleanFilter("lacking_officers", "责任人不全", yes=selectors.lacking_officers(today)),
        ClosedFilter("closed", "含已撤销", open=selectors.still_open(today)),
    ]
    with wide(user):
        return list_page(
            request, selectors.grids(user, closed=True), title="网格", columns=_grid_columns(), order=("county", "code"),
            filters=filters, export_name="grids.grids", prepare=_prepare_grids, template="grids/list.html",
            extra={"may_open": _may(user, "open_grid"), "map_url": reverse("grids:map_of_all"),
                   "shows_unassigned": _may(user, "assign_site_by_hand")},
        )  # fmt: skip


@login_required
def map_of_all(request: HttpRequest) -> JsonResponse:
    """Answer the boundaries of every open grid the user sees, for the map above the list."""
    user = web_user(request)
    with wide(user):
        rows = selectors.grids(user)
        counties = sorted(set(rows.values_list("county", flat=True))) if any(
            holding.county is None for holding in user.holdings()) else None  # fmt: skip
        return JsonResponse(collection(rows if counties is None else rows.filter(county__in=counties[:1])))


@login_required
def sites_without_grid(request: HttpRequest) -> HttpResponse:
    """List what grid work should cover and no grid holds: outside all boundaries, or without coordinates."""
    user = web_user(request)
    columns = [
        Column("编码", "code"),
        Column("名称", "name"),
        Column("类型", "get_site_type_display"),
        Column("乡镇（街道）", lambda row: row.town_name),
        Column("地址", "address"),
        Column("为何没有", lambda row: "没有坐标" if row.longitude is None else "位置不在任何网格内"),
        Column("", lambda _: "指定网格", link=lambda row: reverse("grids:site_verb", args=[row.county, row.pk, "assign"]),
               in_export=False),
    ]  # fmt: skip
    filters = [
        TextFilter("words", "名称或编码", columns=("name", "code__startswith")),
        RegionFilter("place", "地区", children=children, root=root(user)),
        BooleanFilter("unplaced", "没有坐标", yes=Q(longitude__isnull=True)),
    ]
    with wide(user):
        return list_page(
            request, selectors.sites_without_grid(user), title="没有网格的监管对象", columns=columns, order=("county", "id"),
            filters=filters, export_name="grids.sites_without_grid", prepare=_prepare_towns,
        )  # fmt: skip


def _prepare_towns(rows: list[Any]) -> None:
    names = regions.names_of({row.town for row in rows})
    for row in rows:
        row.town_name = names.get(row.town, row.town)


@login_required
def member_list(request: HttpRequest) -> HttpResponse:
    user, today = web_user(request), clock.today()
    columns = [
        Column("编号", "code", link=lambda row: reverse("grids:member", args=[row.county, row.pk]), sort="code"),
        Column("姓名", "name", sort="name"),
        Column("手机尾号", "phone_tail"),
        Column("安监站", lambda row: row.town_name, sort="town"),
        Column("用人单位", "employer", sort="employer"),
        Column("专兼职", lambda row: "专职" if row.is_full_time else "兼职"),
        Column("派驻网格", lambda row: row.grid_names),
        Column("状态", lambda row: row.standing[0], "badge", tone=lambda row: row.standing[1]),
        Column("入职", "hired_on", "date", sort="hired_on"),
        Column("离岗", "left_on", "date", sort="left_on"),
    ]
    filters = [
        TextFilter("words", "姓名、编号或手机尾号", columns=("name", "code__startswith", "phone_tail")),
        RegionFilter("place", "安监站", children=lambda code: children(code) if len(code) < 9 else [], root=root(user)[:9],
                     village="town"),
        BooleanFilter("is_full_time", "专职"),
        BooleanFilter("posted", "已派驻", yes=selectors.posted(today)),
        ClosedFilter("left", "含已离岗", open=selectors.still_here(today)),
    ]  # fmt: skip
    with wide(user):
        return list_page(
            request, selectors.members(user, left=True), title="网格员", columns=columns, order=("county", "code"),
            filters=filters, export_name="grids.members", prepare=_prepare_members, template="grids/members.html",
            extra={"may_enrol": _may(user, "enrol_member")},
        )  # fmt: skip


def _prepare_members(rows: list[Any]) -> None:
    names = regions.names_of({row.town for row in rows})
    for county in {row.county for row in rows}:
        own = [row for row in rows if row.county == county]
        postings = selectors.present_postings(county, [row.id for row in own])
        for row in own:
            mine = postings.get(row.id, [])
            row.town_name = names.get(row.town, row.town)
            row.grid_names = "、".join(posting.grid.name for posting in mine)
            paused = any(posting.paused_since for posting in mine)
            row.standing = (
                ("已离岗", "gray") if row.left_on and row.left_on <= clock.today()
                else ("暂停上岗", "red") if paused
                else ("在岗", "green") if mine else ("未派驻", "yellow")
            )  # fmt: skip
