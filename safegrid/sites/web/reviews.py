"""Work lists: change requests under review, and what differs from the market register."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from safegrid.accounts.selectors import names_of
from safegrid.foundation.web import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    FieldSpec,
    RegionFilter,
    TextFilter,
    list_page,
    web_user,
)
from safegrid.regions import selectors as regions
from safegrid.sites import access, selectors, services
from safegrid.sites.web.common import REASON, county_of, form_page, place_values, places, read
from safegrid.sites.web.lists import children, root_of

STATE_TONES = {"waiting": "blue", "accepted": "green", "refused": "gray"}
KIND_TONES = {"new": "blue", "closed": "red", "moved": "orange"}


def _prepare_changes(rows: list[Any]) -> None:
    people = names_of({row.proposed_by_id for row in rows})
    names = regions.names_of({row.village or row.town for row in rows})
    for row in rows:
        row.proposer = people.get(row.proposed_by_id, "")
        row.place_name = names.get(row.village or row.town, "")


def _subject(row: Any) -> str:
    return row.site.shown_name if row.site is not None else "新增对象"


@login_required
@require_http_methods(["GET", "POST"])  # POST: bulk actions
def change_list(request: HttpRequest) -> HttpResponse:
    """Change requests: the station's queue, and whoever proposed them sees what became of them."""
    user = web_user(request)
    columns = [
        Column("对象", _subject, link=lambda row: reverse("sites:change", args=[row.county, row.pk])),
        Column("乡镇、村", lambda row: row.place_name),
        Column("说明", "words"),
        Column("提出人", lambda row: row.proposer),
        Column("提出时间", "proposed_at", "time", sort="proposed_at"),
        Column("状态", "get_state_display", "badge", tone=lambda row: STATE_TONES.get(row.state, "gray")),
        Column("审核意见", "review_reason"),
    ]
    filters = [
        ChoiceFilter("state", "状态", choices=selectors.REVIEW_STATES),
        RegionFilter("place", "乡镇、村", children=children, root=root_of(user)),
    ]
    return list_page(
        request, selectors.changes(user), title="台账变更申请", columns=columns, order=("-proposed_at", "-id"), filters=filters,
        export_name="sites.changes", prepare=_prepare_changes, empty="没有变更申请",
    )  # fmt: skip


@login_required
@require_GET
def change(request: HttpRequest, county: int, change_id: UUID) -> HttpResponse:
    """One change request: what is now, what is proposed, and the review."""
    user = web_user(request)
    row = read(selectors.change_for, user, county, change_id)
    _prepare_changes([row])
    may = row.state == "waiting" and access.can_at(user, "accept_change", county, row.town, row.village)
    context = {
        "change": row,
        "subject": _subject(row),
        "rows": selectors.proposed_in_words(row),
        "tone": STATE_TONES.get(row.state, "gray"),
        "may_review": may and row.proposed_by_id != user.id,
        "is_stale": row.state == "waiting" and row.site is not None and row.site.version != row.based_on_version,
        "reviewer": names_of({row.reviewed_by_id}).get(row.reviewed_by_id, ""),
    }
    return render(request, "sites/change.html", context)


@login_required
def accept(request: HttpRequest, county: int, change_id: UUID) -> HttpResponse:
    user = web_user(request)
    row = read(selectors.change_for, user, county, change_id)
    back = reverse("sites:change", args=[county, row.pk])

    def act() -> Any:
        return services.accept_change(acting_user=user, request=row)

    return form_page(
        request, [], act, title=f"采纳变更：{_subject(row)}", to=back, back=back, submit="采纳", done="已采纳"
    )


@login_required
def refuse(request: HttpRequest, county: int, change_id: UUID) -> HttpResponse:
    user = web_user(request)
    row = read(selectors.change_for, user, county, change_id)
    back = reverse("sites:change", args=[county, row.pk])

    def act(reason: str) -> Any:
        return services.refuse_change(acting_user=user, request=row, reason=reason)

    return form_page(request, [REASON], act, title=f"不予采纳：{_subject(row)}", to=back, back=back, submit="不予采纳",
                     done="已退回申请人", is_danger=True)  # fmt: skip


def _prepare_differences(rows: list[Any]) -> None:
    names = regions.names_of({row.village or row.town for row in rows if row.town})
    for row in rows:
        row.place_name = names.get(row.village or row.town, "")


@login_required
@require_GET
def difference_list(request: HttpRequest) -> HttpResponse:
    """What differs between the register and extracts of the market register."""
    user = web_user(request)
    columns = [
        Column("名称", "name", link=lambda row: reverse("sites:settle", args=[row.county, row.pk])),
        Column("差异", "get_kind_display", "badge", sort="kind", tone=lambda row: KIND_TONES.get(row.kind, "gray")),
        Column("统一社会信用代码", "credit_code", sort="credit_code"),
        Column("登记地址", lambda row: row.found.get("address", "")),
        Column("台账地址", lambda row: row.site.address if row.site is not None else ""),
        Column("乡镇、村", lambda row: row.place_name),
        Column("数据", "extract.name"),
        Column("数据日期", "extract.taken_on", "date"),
        Column("处理", "get_settled_as_display"),
        Column("处理说明", "settled_how"),
    ]
    filters = [
        TextFilter("words", "名称或信用代码", columns=("name", "credit_code__startswith")),
        ChoiceFilter("kind", "差异", choices=selectors.DIFFERENCE_KINDS),
        BooleanFilter("settled", "已处理", yes=Q(settled_at__isnull=False)),
        RegionFilter("place", "乡镇、村", children=children, root=root_of(user)),
    ]
    kinds = {holding.kind for holding in user.holdings()}
    return list_page(
        request, selectors.differences(user), title="市场主体登记比对", columns=columns, order=("county", "town", "id"),
        filters=filters, export_name="sites.differences", prepare=_prepare_differences, template="sites/differences.html",
        empty="没有差异", extra={"may_compare": bool(kinds & access.VERBS["compare_register"])},
    )  # fmt: skip


@login_required
def settle(request: HttpRequest, county: int, difference_id: UUID) -> HttpResponse:
    """One difference and the ways to settle it."""
    user = web_user(request)
    row = read(selectors.difference_for, user, county, difference_id)
    _prepare_differences([row])
    back = reverse("sites:difference_list")
    site_url = reverse("sites:detail", args=[county, row.site.pk]) if row.site else ""
    facts = [
        ("差异", row.get_kind_display()),
        ("统一社会信用代码", row.credit_code),
        ("登记地址", row.found.get("address", "")),
        ("台账对象", row.site.shown_name if row.site else "", site_url),
        ("台账地址", row.site.address if row.site else ""),
        ("乡镇、村", row.place_name),
        ("处理", row.get_settled_as_display()),
        ("处理说明", row.settled_how),
    ]
    if row.settled_at is not None or not access.can_at(user, "settle_difference", county, row.town, row.village):
        return render(request, "sites/difference.html", {"title": row.name, "facts": facts, "back": back})
    specs = [FieldSpec("settle_as", "处理方式", "choice", required=True, choices=selectors.settlements_of(row))]
    if row.kind == "new" and row.site is None:
        offered = places(user, county_of(user, "settle_difference"), "settle_difference")
        specs += [
            FieldSpec("site_type", "类型", "choice", choices=selectors.SITE_TYPES, initial="enterprise"),
            FieldSpec("industry", "行业代码", max_length=5),
            FieldSpec("place", "乡镇、村", "choice", choices=offered, initial=row.village or row.town),
        ]
    specs.append(FieldSpec("reason", "处理说明", "textarea", max_length=200, help="不处理或注销时必填"))

    def act(settle_as: str, reason: str, **values: Any) -> Any:
        given = place_values(values) if settle_as == "register" else {}
        return services.settle_difference(
            acting_user=user, difference=row, settle_as=settle_as, reason=reason, values=given
        )

    return form_page(request, specs, act, title=row.name, to=back, back=back, template="sites/difference.html",
                     extra={"facts": facts}, done="已处理")  # fmt: skip
