"""Hazard kinds: the tree with search, one kind with its limits, its verbs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import BooleanFilter, ChoiceFilter, Column, FieldSpec, TextFilter, list_page, web_user
from safegrid.foundation.web.pages import county_with, form_page, read, spanning
from safegrid.foundation.worktime import TimeLimit
from safegrid.handbook import access, selectors, services

SEVERITY_TONES = {"minor": "blue", "general": "yellow", "major": "red"}
LIMIT_HELP = "如“24小时（紧急）”“4个工作小时”“5个工作日”“10日”；留空为沿用上级类别或该等级的时限"
FACTS = [
    FieldSpec("name", "名称", required=True, max_length=120),
    FieldSpec("nature", "性质", "choice", required=True, choices=selectors.NATURES, initial="hazard"),
    FieldSpec("severity", "等级", "choice", required=True, choices=selectors.SEVERITIES, initial="general"),
    FieldSpec("is_occupational_health", "属职业健康", "flag"),
    FieldSpec("may_settle_on_spot", "轻微时可当场整改了结", "flag"),
]
REASON = FieldSpec("reason", "原因", required=True, max_length=200)


def _url(row: Any) -> str:
    return reverse("handbook:kind", args=[row.county, row.code])


def _may(user: Actor, verb: str) -> bool:
    return any(holding.kind in access.VERBS[verb] for holding in user.holdings())


@login_required
def kind_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    columns = [
        Column("类别", lambda row: "　" * selectors.depth(row.county, row.code) + row.name, link=_url),
        Column("编码", "code", sort="code"),
        Column("性质", "get_nature_display"),
        Column("等级", "get_severity_display", "badge", tone=lambda row: SEVERITY_TONES[row.severity]),
        Column("职业健康", "is_occupational_health", "flag"),
        Column("可当场整改", "may_settle_on_spot", "flag"),
        Column("状态", lambda row: "在用" if row.is_active else "已停用", "badge",
               tone=lambda row: "green" if row.is_active else "gray"),
    ]  # fmt: skip
    filters = [
        TextFilter("words", "名称或编码", columns=("name", "code__istartswith")),
        ChoiceFilter("nature", "性质", choices=selectors.NATURES),
        ChoiceFilter("severity", "等级", choices=selectors.SEVERITIES),
        BooleanFilter("health", "职业健康", column="is_occupational_health"),
        BooleanFilter("active", "在用", column="is_active"),
    ]
    with spanning(user):
        return list_page(
            request, selectors.kinds(user), title="隐患类别", columns=columns, order=("county", "position", "id"),
            filters=filters, export_name="handbook.kinds", page_size=200, template="handbook/kinds.html",
            extra={"may_add": _may(user, "add_kind")},
        )  # fmt: skip


@login_required
def kind(request: HttpRequest, county: int, code: str) -> HttpResponse:
    user = web_user(request)
    row = read(user, selectors.kind_for, county, code)
    names = selectors.kind_names(county)
    above = [(one, names[one]) for one in reversed(selectors.ancestors(county, code)[1:])]
    facts = [
        ("编码", row.code),
        ("性质", row.get_nature_display()),
        ("等级", row.get_severity_display()),
        ("职业健康", "是" if row.is_occupational_health else "否"),
        ("可当场整改了结", "是" if row.may_settle_on_spot else "否"),
        ("重大隐患判定标准", row.major_standard),
        ("法定报告时限", str(TimeLimit.from_dict(row.statutory_report)) if row.statutory_report else ""),
        ("视为重复", f"{row.duplicate_distance_m} 米、{row.duplicate_days} 天内同类"),
        ("状态", "在用" if row.is_active else "已停用"),
    ]
    context = {
        "kind": row,
        "above": above,
        "below": [one for one in selectors.hazard_kinds(county, active=False) if one.parent_code == row.code],
        "facts": facts,
        "limits": selectors.limits_of(row),
        "may_change": access.can(user, "change_limits", county),
        "may_retire": row.is_active and access.can(user, "retire_kind", county),
    }
    return render(request, "handbook/kind.html", context)


@login_required
def add(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    county = county_with(user, access.VERBS["add_kind"])
    groups = [(one.code, "　" * selectors.depth(county, one.code) + one.name) for one in selectors.hazard_kinds(county)]
    specs = [
        FieldSpec("parent_code", "上级类别", "choice", choices=groups, help="留空为新的大类"),
        FieldSpec("code", "编码", required=True, max_length=40, help="字母、数字、下划线或短横线，如 FIRE-EBIKE"),
        *FACTS,
    ]

    def act(**values: Any) -> Any:
        return services.add_kind(acting_user=user, county=county, **values)

    initial = {"parent_code": request.GET.get("parent", "")}
    return form_page(
        request, specs, act, title="新增隐患类别", to=_url, back=reverse("handbook:kinds"), initial=initial
    )


@login_required
def change(request: HttpRequest, county: int, code: str) -> HttpResponse:
    user = web_user(request)
    row = read(user, selectors.kind_for, county, code)

    def act(**values: Any) -> Any:
        return services.change_kind(acting_user=user, county=county, code=code, **values)

    initial = {spec.name: getattr(row, spec.name) for spec in FACTS}
    words = "已有案件随之显示新的名称；已在走的时限不变。"
    return form_page(request, FACTS, act, title=f"修改类别：{row.name}", to=_url(row), back=_url(row), initial=initial,
                     words=words)  # fmt: skip


@login_required
def change_limits(request: HttpRequest, county: int, code: str) -> HttpResponse:
    user = web_user(request)
    row = read(user, selectors.kind_for, county, code)
    lines = selectors.limits_of(row)
    specs = [
        FieldSpec(one.stage, one.label, max_length=20, initial=str(one.limit) if one.is_own else "",
                  help=f"现行 {one.limit}。{LIMIT_HELP}" if number == 0 else f"现行 {one.limit}")
        for number, one in enumerate(lines)
    ]  # fmt: skip

    def act(**values: str) -> Any:
        stated, problems = {}, {}
        for stage, written in values.items():
            try:
                if written.strip():
                    stated[stage] = TimeLimit.from_text(written).to_dict()
            except ValueError as error:
                problems[stage] = str(error)
        if problems:
            raise InvalidInput(problems)
        longest = stated.pop("handle_max", {})
        return services.change_limits(acting_user=user, county=county, code=code, limits=stated, handle_max=longest)

    words = "新的时限从保存之后的环节起计算，已在走的时限不变。"
    return form_page(request, specs, act, title=f"修改时限：{row.name}", to=_url(row), back=_url(row), words=words)


@login_required
def retire(request: HttpRequest, county: int, code: str) -> HttpResponse:
    user = web_user(request)
    row = read(user, selectors.kind_for, county, code)

    def act(reason: str) -> Any:
        return services.retire_kind(acting_user=user, county=county, code=code, reason=reason)

    return form_page(
        request, [REASON], act, title=f"停用：{row.name}", to=_url(row), back=_url(row), submit="停用", is_danger=True,
        words="停用后不能再选用，已有案件仍保留该类别。",
    )  # fmt: skip
