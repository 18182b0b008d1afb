"""Lists: scenarios, and proposals for who serves the grids that one of them made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from safegrid.accounts.selectors import names_of as people
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import (
    ChoiceFilter,
    Column,
    DateRangeFilter,
    FieldSpec,
    RegionFilter,
    TextFilter,
    list_page,
    web_user,
)
from safegrid.foundation.web.pages import form_page, read, root_of, spanning
from safegrid.grids import selectors as grids
from safegrid.planning import access, selectors, services
from safegrid.planning.web.common import STATES, TONES, children, percent, shown_place, state_label
from safegrid.regions import selectors as regions

PURPOSES = [("divide", "重新划分"), ("improve", "微调现有网格")]
PROPOSAL_STATES = [("waiting", "待乡镇确认"), ("confirmed", "已派驻"), ("declined", "不采纳")]
PROPOSAL_TONES = {"waiting": "orange", "confirmed": "green", "declined": "gray"}


def may_create(user: Actor) -> bool:
    return _may(user, "create")


def _may(user: Actor, verb: str) -> bool:
    return any(holding.kind in access.VERBS[verb] for holding in user.holdings())


def _columns() -> list[Column]:
    return [
        Column("名称", "name", link=lambda row: reverse("planning:scenario", args=[row.county, row.pk])),
        Column("范围", lambda row: row.place_name),
        Column("方式", lambda row: row.get_purpose_display()),
        Column("状态", lambda row: state_label(row.state), "badge", tone=lambda row: TONES.get(row.state, "blue")),
        Column("网格数", lambda row: row.figures.get("grids", ""), "number"),
        Column("最大偏差", lambda row: percent(row.figures.get("worst_deviation")), "number"),
        Column("编制人", lambda row: row.author_name),
        Column("编制时间", "created_at", "time"),
        Column("启用日期", "published_from", "date"),
    ]


def _prepare(rows: list[Any]) -> None:
    places = regions.names_of({row.territory for row in rows})
    authors = people({row.created_by_id for row in rows if row.created_by_id})
    for row in rows:
        row.place_name = shown_place(row, places)
        row.author_name = authors.get(row.created_by_id, "") if row.created_by_id else "每周检查自动提出"


@login_required
def scenario_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    filters = [
        TextFilter("words", "名称", columns=("name",)),
        RegionFilter("place", "地区", children=children, root=root_of(user), village="town"),
        ChoiceFilter("state", "状态", choices=STATES),
        ChoiceFilter("purpose", "方式", choices=PURPOSES),
        DateRangeFilter("created_at", "编制时间"),
    ]
    with spanning(user):
        return list_page(
            request, selectors.scenarios(user), title="网格划分方案", columns=_columns(), order=("-created_at", "-id"),
            filters=filters, export_name="planning.scenarios", prepare=_prepare, template="planning/list.html",
            empty="还没有划分方案", extra={"may_create": may_create(user)},
        )  # fmt: skip


def _posting_columns(user: Actor) -> list[Column]:
    def url(verb: str) -> Any:
        return lambda row: reverse("planning:posting_verb", args=[row.county, row.pk, verb])

    def offered(words: str) -> Any:
        return lambda row: words if row.state == "waiting" and access.can(user, "confirm_posting", row) else ""

    shown = [
        Column("网格", lambda row: row.grid_name, link=lambda row: reverse("grids:grid", args=[row.county, row.grid_id])),
        Column("建议派驻", lambda row: row.member_name,
               link=lambda row: reverse("grids:member", args=[row.county, row.member_id])),
        Column("理由", "why"),
        Column("乡镇（街道）", lambda row: row.town_name),
        Column("状态", "get_state_display", "badge", tone=lambda row: PROPOSAL_TONES.get(row.state, "gray")),
        Column("不采纳的原因", "reason"),
    ]  # fmt: skip
    if not _may(user, "confirm_posting"):
        return shown
    return [
        *shown,
        Column("", offered("派驻"), link=url("confirm"), in_export=False),
        Column("", offered("不采纳"), link=url("decline"), in_export=False),
    ]


def _name_proposals(user: Actor) -> Callable[[list[Any]], None]:
    def prepare(rows: list[Any]) -> None:
        towns = regions.names_of({row.town for row in rows})
        for county in {row.county for row in rows}:
            own = [row for row in rows if row.county == county]
            names = grids.names_of(county, {row.grid_id for row in own})
            members = grids.members(user, left=True).filter(county=county, id__in={row.member_id for row in own})
            people = {one.id: one.name for one in members}
            for row in own:
                row.grid_name, row.member_name = names.get(row.grid_id, ""), people.get(row.member_id, "")
                row.town_name = towns.get(row.town, row.town)

    return prepare


@login_required
def posting_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    filters = [
        RegionFilter("place", "地区", children=children, root=root_of(user), village="town"),
        ChoiceFilter("state", "状态", choices=PROPOSAL_STATES),
    ]
    with spanning(user):
        return list_page(
            request, selectors.proposals(user), title="派驻建议", columns=_posting_columns(user), order=("state", "town", "id"),
            filters=filters, export_name="planning.postings", prepare=_name_proposals(user),
            empty="没有派驻建议；方案发布后，按总代价最小给出建议，由乡镇确认",
        )  # fmt: skip


REASON = FieldSpec("reason", "原因", "textarea", required=True, max_length=200)


@login_required
def posting_verb(request: HttpRequest, county: int, proposal_id: UUID, verb: str) -> HttpResponse:
    """Confirm a proposal (the member is posted, through the gates) or decline it with a reason."""
    user = web_user(request)
    row: Any = read(user, selectors.proposal_for, county, proposal_id)
    if verb not in {"confirm", "decline"} or not access.can(user, f"{verb}_posting", row):
        raise Http404
    _name_proposals(user)([row])
    back, what = reverse("planning:postings"), f"{row.member_name} → {row.grid_name}"
    if verb == "confirm":
        return form_page(
            request, [], lambda **_: services.confirm_posting(acting_user=user, proposal=row), title=f"派驻：{what}", to=back,
            back=back, submit="派驻", done="已派驻", words=f"{row.why} 上岗须通过考试、保密承诺和防护用品三道门禁。",
        )  # fmt: skip
    return form_page(
        request, [REASON], lambda reason, **_: services.decline_posting(acting_user=user, proposal=row, reason=reason),
        title=f"不采纳：{what}", to=back, back=back, submit="不采纳", done="已记录",
    )  # fmt: skip
