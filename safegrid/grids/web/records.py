"""The registers of what belongs to grids and members: officers, postings, leaves, papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.foundation import clock
from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import ChoiceFilter, Column, DateRangeFilter, RegionFilter, TextFilter, list_page, web_user
from safegrid.grids import access, selectors
from safegrid.grids.selectors import records
from safegrid.grids.web.common import children, root, wide
from safegrid.regions import selectors as regions

TONES = {"现行": "green", "在岗": "green", "有效": "green", "待生效": "blue", "待上岗": "blue", "临期": "yellow", "暂停上岗": "red",
         "已过期": "red"}  # fmt: skip


@dataclass(frozen=True)
class StandingFilter(ChoiceFilter):
    """One of several conditions by name: (value, label, condition)."""

    conditions: tuple[tuple[str, str, Q], ...] = ()

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        found = [condition for value, _, condition in self.conditions if value == given.get(self.name, "")]
        return queryset.filter(found[0]) if found else super().narrow(queryset, given)


def _standing(*conditions: tuple[str, str, Q]) -> StandingFilter:
    return StandingFilter("standing", "状态", choices=[(value, label) for value, label, _ in conditions],
                          conditions=conditions)  # fmt: skip


def _period(today: date) -> StandingFilter:
    """Of rows with ``valid_from`` and ``valid_to``, both included."""
    return _standing(
        ("now", "现行", Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gte=today))),
        ("coming", "待生效", Q(valid_from__gt=today) & (Q(valid_to__isnull=True) | Q(valid_to__gte=today))),
        ("over", "已结束", Q(valid_to__lt=today)),
    )


def _state(row: Any, today: date) -> str:
    if row.valid_to is not None and row.valid_to < today:
        return "已结束"
    return "待生效" if row.valid_from > today else "现行"


def _member_url(row: Any) -> str:
    return reverse("grids:member", args=[row.county, row.member_id])


def _name_towns(of: str) -> Any:
    def prepare(rows: list[Any]) -> None:
        names = regions.names_of({getattr(row, of).town for row in rows})
        for row in rows:
            town = getattr(row, of).town
            row.town_name = names.get(town, town)

    return prepare


def _ended(label: str, ends: Any, url: Any) -> Column:
    """Return the column that leads to the verb by which a row is ended, for rows that may still be."""
    return Column(
        "", lambda row: label if ends(row) else "", in_export=False, link=lambda row: url(row) if ends(row) else ""
    )


def _may_staff(user: Actor) -> bool:
    return any(holding.kind in access.STAFFING for holding in user.holdings())


def _people_page(
    request: HttpRequest, tab: str, title: str, rows: Any, columns: list[Column], filters: list[Any], order: Any,
    ended: Column, empty: str,
) -> HttpResponse:  # fmt: skip
    user = web_user(request)
    shared = [
        TextFilter("words", "姓名或编号", columns=("member__name", "member__code__istartswith")),
        RegionFilter("place", "安监站", children=lambda code: children(code) if len(code) < 9 else [], root=root(user)[:9],
                     town="member__town", village="member__town"),
    ]  # fmt: skip
    first = [
        Column("网格员", lambda row: row.member.name, link=_member_url),
        Column("编号", lambda row: row.member.code),
        Column("安监站", lambda row: row.town_name),
    ]
    with wide(user):
        return list_page(
            request, rows, title=title, columns=[*first, *columns, *([ended] if _may_staff(user) else [])], order=order,
            filters=[*shared, *filters], export_name=f"grids.{tab}", prepare=_name_towns("member"),
            template="grids/records.html", empty=empty, extra={"tab": tab},
        )  # fmt: skip


@login_required
@require_GET
def posting_list(request: HttpRequest) -> HttpResponse:
    """Who is, was or will be posted where."""
    user, today = web_user(request), clock.today()

    def state(row: Any) -> str:
        told = _state(row, today)
        if told != "现行":
            return {"待生效": "待上岗"}.get(told, told)
        return "暂停上岗" if row.paused_since else "在岗"

    columns = [
        Column(
            "网格", lambda row: row.grid.name, link=lambda row: reverse("grids:grid", args=[row.county, row.grid_id])
        ),
        Column("网格编码", lambda row: row.grid.code),
        Column("角色", "get_role_display"),
        Column("代谁的班", lambda row: row.substitute_for.member.name if row.substitute_for else ""),
        Column("开始", "valid_from", "date"),
        Column("最后一天", "valid_to", "date"),
        Column("状态", state, "badge", tone=lambda row: TONES.get(state(row), "gray")),
    ]
    filters = [
        ChoiceFilter("role", "角色", choices=selectors.POSTING_ROLES),
        _standing(*_period(today).conditions, ("paused", "暂停上岗", Q(paused_since__isnull=False))),
        DateRangeFilter("valid_from", "开始日期"),
    ]
    ended = _ended("结束", lambda row: _state(row, today) != "已结束",
                   lambda row: reverse("grids:row_verb", args=["posting", row.county, row.pk]))  # fmt: skip
    rows = records.postings(user).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")))
    return _people_page(
        request, "postings", "派驻记录", rows, columns, filters, ("-valid_from", "-id"), ended, "还没有派驻"
    )


@login_required
@require_GET
def leave_list(request: HttpRequest) -> HttpResponse:
    """Who is away when, and who stands in."""
    user, today = web_user(request), clock.today()

    def state(row: Any) -> str:
        if row.last_day < today:
            return "已结束"
        return "请假中" if row.first_day <= today else "待开始"

    columns = [
        Column("第一天", "first_day", "date"),
        Column("最后一天", "last_day", "date"),
        Column("事由", "reason"),
        Column("代班人", lambda row: row.substitute.name if row.substitute else "无人代班"),
        Column("状态", state, "badge", tone=lambda row: {"请假中": "yellow", "待开始": "blue"}.get(state(row), "gray")),
    ]
    filters = [
        _standing(("now", "请假中", Q(first_day__lte=today, last_day__gte=today)),
                  ("coming", "待开始", Q(first_day__gt=today)), ("over", "已结束", Q(last_day__lt=today))),
        DateRangeFilter("first_day", "第一天"),
    ]  # fmt: skip
    ended = _ended("销假", lambda row: row.last_day >= today,
                   lambda row: reverse("grids:row_verb", args=["leave", row.county, row.pk]))  # fmt: skip
    rows = records.leaves(user).filter(last_day__gte=F("first_day"))
    return _people_page(
        request, "leaves", "请假与代班", rows, columns, filters, ("-first_day", "-id"), ended, "没有请假记录"
    )


@login_required
@require_GET
def paper_list(request: HttpRequest) -> HttpResponse:
    """The papers by which members may be posted, and which of them run out."""
    user, today = web_user(request), clock.today()

    def state(row: Any) -> str:
        if row.revoked_on:
            return "已撤销"
        if row.expires_on and row.expires_on < today:
            return "已过期"
        return "临期" if row.expires_on and row.expires_on <= today + records.SOON else "有效"

    columns = [
        Column("种类", "get_kind_display"),
        Column("凭证编号", "number"),
        Column("签发", "issued_on", "date"),
        Column("有效期至", "expires_on", "date"),
        Column("状态", state, "badge", tone=lambda row: TONES.get(state(row), "gray")),
    ]
    filters = [
        ChoiceFilter("kind", "种类", choices=selectors.EVIDENCE_KINDS),
        _standing(("valid", "有效", records.valid(today)), ("soon", "临期", records.running_out(today)),
                  ("expired", "已过期", Q(revoked_on__isnull=True, expires_on__lt=today)),
                  ("revoked", "已撤销", Q(revoked_on__isnull=False))),
        DateRangeFilter("expires_on", "有效期至"),
    ]  # fmt: skip
    ended = _ended("撤销", lambda row: not row.revoked_on,
                   lambda row: reverse("grids:row_verb", args=["evidence", row.county, row.pk]))  # fmt: skip
    rows = records.papers(user)
    return _people_page(request, "papers", "上岗凭证", rows, columns, filters, ("-issued_on", "-id"), ended,
                        "还没有登记上岗凭证")  # fmt: skip


@login_required
@require_GET
def officer_list(request: HttpRequest) -> HttpResponse:
    """The two officials named for each grid."""
    user, today = web_user(request), clock.today()
    columns = [
        Column(
            "网格", lambda row: row.grid.name, link=lambda row: reverse("grids:grid", args=[row.county, row.grid_id])
        ),
        Column("网格编码", lambda row: row.grid.code),
        Column("乡镇（街道）", lambda row: row.town_name),
        Column("职责", "get_kind_display"),
        Column("姓名", "name"),
        Column("职务", "title"),
        Column("电话", lambda row: mask_phone(row.phone)),
        Column("开始", "valid_from", "date"),
        Column("最后一天", "valid_to", "date"),
        Column("状态", lambda row: _state(row, today), "badge", tone=lambda row: TONES.get(_state(row, today), "gray")),
    ]
    if _may_staff(user):
        columns.append(_ended("终止", lambda row: _state(row, today) != "已结束",
                              lambda row: reverse("grids:officer_verb", args=[row.county, row.pk, "end"])))  # fmt: skip
    filters = [
        TextFilter("words", "姓名、网格名称或编码", columns=("name", "grid__name", "grid__code__istartswith")),
        RegionFilter("place", "地区", children=children, root=root(user), town="grid__town", village="grid__village"),
        ChoiceFilter("kind", "职责", choices=selectors.OFFICER_KINDS),
        _period(today),
    ]
    rows = records.officers(user).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")))
    with wide(user):
        return list_page(
            request, rows, title="网格责任人", columns=columns, order=("-valid_from", "-id"), filters=filters,
            export_name="grids.officers", prepare=_name_towns("grid"), template="grids/records.html",
            empty="还没有指定责任人", extra={"tab": "officers"},
        )  # fmt: skip
