"""One scenario: its steps, its map, its figures beside the proven bounds, its grids; and its units as a list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from safegrid.accounts.selectors import names_of as people
from safegrid.foundation.scope import Actor
from safegrid.planning import access, selectors
from safegrid.planning.parameters import NESTINGS, SHAPES, TRAVELS, read
from safegrid.planning.web.common import (
    TONES,
    UNDER_WAY,
    WITH_PLAN,
    percent,
    scenario_of,
    shown_place,
    so_far,
    state_label,
)
from safegrid.regions import selectors as regions

UNITS_A_PAGE = 100
LEFT_OUT_SHOWN = 20
# verbs at the head of the page, in the order of their use: (step, verb, label, is it the thing to do next)
HEAD = [
    ("publish", "publish", "发布", True), ("approve", "approve", "批准", True), ("send-back", "send_back", "退回修改", False),
    ("copy", "copy", "复制", False), ("discard", "discard", "作废", False),
]  # fmt: skip


def plan_context(user: Actor, scenario: Any) -> dict[str, Any]:
    """Return what ``_plan.html`` shows: figures, grids, edits."""
    usable = {row.verb for row in access.verbs_for(user, scenario)}
    return {
        "scenario": scenario,
        "figures": selectors.figures_of(scenario),
        "grids": [
            (one, percent(one.deviation)) for one in sorted(selectors.grids_of(scenario), key=lambda one: one.code)
        ],
        "edits": selectors.edits_of(scenario),
        "may_edit": "move_unit" in usable,
        "tolerance": read(scenario.parameters).tolerance,
    }


@login_required
def scenario(request: HttpRequest, county: int, scenario_id: UUID) -> HttpResponse:
    user, row = scenario_of(request, county, scenario_id)
    usable = {one.verb for one in access.verbs_for(user, row)}
    parameters = read(row.parameters)
    price, left_out = selectors.ground_of(row)
    context: dict[str, Any] = {
        "scenario": row,
        "usable": usable,
        "state_label": state_label(row.state),
        "tone": TONES[row.state],
        "head": [(step, label, is_next) for step, verb, label, is_next in HEAD if verb in usable or verb == "copy"],
        "facts": _facts(row),
        "settings": _settings(parameters, price),
        "parameters": parameters,
        "messages_of_check": selectors.messages_of(row),
        "clusters": (clusters := selectors.clusters_of(row)),
        "undecided": sum(one.is_undecided for one in clusters),
        "left_out": left_out[:LEFT_OUT_SHOWN],
        "left_out_count": len(left_out),
        "is_under_way": row.state in UNDER_WAY,
        "has_plan": row.state in WITH_PLAN,
        "so_far": so_far(row),
    }
    if context["has_plan"]:
        context |= plan_context(user, row)
    if "copy" not in usable and not access.can(user, "copy", row):
        context["head"] = [one for one in context["head"] if one[0] != "copy"]
    return render(request, "planning/scenario.html", context)


def _facts(row: Any) -> list[tuple[str, Any]]:
    ids = {one for one in (row.created_by_id, row.approved_by_id, row.published_by_id) if one}
    who = people(ids)
    names = regions.names_of({row.territory})
    return [
        ("划分范围", shown_place(row, names)),
        ("方式", row.get_purpose_display()),
        ("编制", f"{who.get(row.created_by_id, '每周检查自动提出')}"),
        ("编制时间", row.created_at),
        ("复制自", row.copied_from.name if row.copied_from_id else ""),
        ("批准", who.get(row.approved_by_id, "")),
        ("批准意见", row.approval_words),
        ("启用日期", row.published_from or ""),
    ]


def _settings(now: Any, price: Any) -> list[tuple[str, Any]]:
    return [
        ("网格不得跨越", NESTINGS[now.nesting]),
        *([("村界的代价", price.words)] if price else []),
        ("划分侧重", SHAPES[now.shape]),
        ("允许偏差", f"{now.tolerance * 100:g}%"),
        ("出行", f"{TRAVELS[now.travel]}，{now.speed_kmh:g} 千米/小时"),
        ("专职 / 兼职全年巡查工时", f"{now.hours_full_time:g} / {now.hours_part_time:g} 小时"),
        ("巡查频次标准", f"{len(now.norms)} 项"),
        ("编码规则", now.code_rule.shown),
        ("放宽村界", f"{len(now.relaxations)} 处" if now.relaxations else "无"),
        ("保留现有网格", f"{len(now.locked_grids)} 个" if now.locked_grids else "无"),
        ("最长计算时间", f"{now.seconds:g} 秒"),
    ]


@login_required
def units(request: HttpRequest, county: int, scenario_id: UUID) -> HttpResponse:
    """The base units as a list, of one grid or of all: what the map shows, for whoever has no mouse or no map."""
    user, row = scenario_of(request, county, scenario_id)
    rows, wanted = selectors.units_of(row) if selectors.has_units(row) else [], request.GET.get("grid", "")
    if wanted.isascii() and wanted.isdigit():
        rows = [one for one in rows if one.grid == int(wanted)]
    page = Paginator(rows, UNITS_A_PAGE).get_page(request.GET.get("page"))
    grids = {one.number: one for one in selectors.grids_of(row)}
    context = {
        "scenario": row,
        "page": page,
        "lines": [(one, grids.get(one.grid) if one.grid is not None else None) for one in page.object_list],
        "grids": list(grids.values()),
        "wanted": wanted,
        "may_edit": any(one.verb == "move_unit" for one in access.verbs_for(user, row)),
    }
    return render(request, "planning/units.html", context)
