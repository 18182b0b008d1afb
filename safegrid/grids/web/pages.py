"""The page of one grid and of one member."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.web import web_user
from safegrid.grids import access, cards, selectors
from safegrid.grids.boundaries import shown_area
from safegrid.grids.map import collection
from safegrid.grids.web.common import read, wide
from safegrid.grids.web.verbs import GRID_VERBS, MEMBER_VERBS
from safegrid.regions import selectors as regions
from safegrid.sites import selectors as sites

KEPT_BY_HAND = 50


@login_required
def grid(request: HttpRequest, county: int, grid_id: UUID) -> HttpResponse:
    user = web_user(request)
    with wide(user):
        row = read(selectors.grid_for, user, county, grid_id)
    beside, today = selectors.beside_grid(row), clock.today()
    versions, answering, by_hand = beside.versions, beside.answering, beside.by_hand
    names = regions.names_of({row.town, row.village, *(code for one in versions for code in one.villages)})
    present = next(
        (one for one in versions if one.valid_from <= today and not (one.valid_to and one.valid_to < today)), None
    )
    facts = [
        ("编码", row.code),
        ("类型", row.get_kind_display()),
        ("乡镇（街道）", names.get(row.town, row.town)),
        ("村（社区）", names.get(row.village, row.village)),
        ("所含村（社区）", "、".join(names.get(code, code) for code in present.villages) if present else ""),
        ("面积", shown_area(present.area_m2) if present else ""),
        ("监管对象", selectors.site_counts(county, [row.id]).get(row.id, 0), _sites_url(row)),
        ("现由谁负责", answering.name if answering else "无人负责", _member_url(user, answering)),
        ("希望具备的语言与专长", "、".join(row.wishes)),
        ("启用", row.opened_on),
        ("撤销", row.closed_on or ""),
    ]
    context = {
        "grid": row,
        "facts": facts,
        "warnings": present.warnings if present and not row.closed_on else [],
        "map_url": reverse("grids:grid_map", args=[county, row.id]),
        "officers": [(officer, mask_phone(officer.phone)) for officer in beside.officers],
        "may_staff": access.can(user, "name_officer", row),
        "postings": beside.postings,
        "versions": [(one, _standing(one, today), shown_area(one.area_m2)) for one in versions],
        "may_withdraw": access.can(user, "withdraw_boundary", row),
        "by_hand": _named(county, by_hand[:KEPT_BY_HAND]),
        "by_hand_count": len(by_hand),
        "verbs": []
        if row.closed_on
        else [(name, one) for name, one in GRID_VERBS.items() if access.can(user, one.verb, row)],
    }
    return render(request, "grids/grid.html", context)


def _named(county: int, rows: list[Any]) -> list[tuple[UUID, str, Any]]:
    """Return (id, name as lists show it, assignment) of sites given by hand."""
    names = sites.names_of(county, [one.site_id for one in rows])
    return [(one.site_id, names.get(one.site_id, ""), one) for one in rows]


def _sites_url(row: Any) -> str:
    from django.urls import NoReverseMatch

    try:
        return f"{reverse('sites:list')}?grid={row.id}"
    except NoReverseMatch:
        return ""


def _member_url(user: Any, member: Any) -> str:
    if member is None or not selectors.members(user).filter(county=member.county, id=member.id).exists():
        return ""
    return reverse("grids:member", args=[member.county, member.id])


def _standing(version: Any, today: Any) -> str:
    if version.valid_to is not None and version.valid_to < version.valid_from:
        return "未曾生效"
    if version.valid_from > today:
        return "待生效"
    return "现行" if version.valid_to is None or version.valid_to >= today else "已失效"


@login_required
def grid_map(request: HttpRequest, county: int, grid_id: UUID) -> JsonResponse:
    user = web_user(request)
    with wide(user):
        row = read(selectors.grid_for, user, county, grid_id)
    return JsonResponse(collection([row], max(clock.today(), row.opened_on)))


@login_required
def member(request: HttpRequest, county: int, member_id: UUID) -> HttpResponse:
    user = web_user(request)
    with wide(user):
        row = read(selectors.member_for, user, county, member_id)
    names = regions.names_of({row.town, row.home_village})
    facts = [
        ("编号", row.code),
        ("手机尾号", row.phone_tail),
        ("用人单位", row.employer),
        ("管理安监站", names.get(row.town, row.town)),
        ("居住村（社区）", names.get(row.home_village, row.home_village)),
        ("专兼职", "专职" if row.is_full_time else "兼职"),
        ("可派任务的部门", "、".join(selectors.task_giver_names(row))),
        ("语言与专长", "、".join(row.skills)),
        ("入职", row.hired_on),
        ("离岗", row.left_on or ""),
    ]
    today, beside = clock.today(), selectors.beside_member(row)
    context = {
        "member": row,
        "card": cards.verdict(request.GET["card"], row) if "card" in request.GET else None,
        "facts": facts,
        "gates": selectors.gate_results(row),
        "postings": [(one, one.valid_to is None or one.valid_to >= today) for one in beside.postings],
        "evidence": [(one, _paper_standing(one, today)) for one in beside.evidence],
        "leaves": [(one, one.last_day >= today) for one in beside.leaves],
        "may_staff": access.can(user, "post_member", row),
        "verbs": []
        if row.left_on
        else [(name, one) for name, one in MEMBER_VERBS.items() if access.can(user, one.verb, row)],
    }
    return render(request, "grids/member.html", context)


def _paper_standing(paper: Any, today: Any) -> str:
    if paper.revoked_on:
        return "已撤销"
    return "已过期" if paper.expires_on and paper.expires_on < today else "有效"
