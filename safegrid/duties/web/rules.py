"""Duty rules: the list, adding one (also from a gap, filled in), ending one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from safegrid.duties import access, selectors, services
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import ChoiceFilter, Column, FieldSpec, RegionFilter, TextFilter, list_page, web_user
from safegrid.foundation.web.pages import county_with, form_page, read, root_of, spanning
from safegrid.handbook.selectors import hazard_kinds, kind_names
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions
from safegrid.sites.selectors import SITE_TYPES, site_for

VALIDITIES = [("now", "现行"), ("future", "未生效"), ("past", "已到期")]
VALIDITY_TONES = {"现行": "green", "未生效": "blue", "已到期": "gray"}


@dataclass(frozen=True)
class ValidityFilter(ChoiceFilter):
    """Rules in force today, of the future, or run out."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        today = clock.today()
        conditions = {
            "now": Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gte=today)),
            "future": Q(valid_from__gt=today),
            "past": Q(valid_to__lt=today),
        }
        condition = conditions.get(given.get(self.name, ""))
        return super().narrow(queryset, given) if condition is None else queryset.filter(condition)


def children(code: str) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in regions.children(code)]


def validity_of(row: Any) -> str:
    today = clock.today()
    if row.valid_to is not None and row.valid_to < today:
        return "已到期"
    return "未生效" if row.valid_from > today else "现行"


def prepare_rules(user: Actor) -> Any:
    """Return what fetches the names of kinds, places and sites for a batch of rules."""
    types = dict(SITE_TYPES)

    def prepare(rows: list[Any]) -> None:
        places = regions.names_of({row.village or row.town for row in rows if row.town})
        sites = selectors.sites_of(user, [row for row in rows if row.site_id])
        kinds = {county: kind_names(county) for county in {row.county for row in rows}}
        for row in rows:
            row.place_name = places.get(row.village or row.town, "") if row.town else "全县"
            row.kind_name = kinds[row.county].get(row.hazard_kind, row.hazard_kind)
            row.type_name = types.get(row.site_type, row.site_type)
            site = sites.get(row.site_id)
            row.site_name = site.shown_name if site else "指定对象" if row.site_id else ""

    return prepare


def rule_columns() -> list[Column]:
    return [
        Column("部门", lambda row: row.department.name),
        Column("职责", "get_part_display", "badge", tone=lambda row: "blue" if row.part == "main" else "gray"),
        Column("指定对象", lambda row: row.site_name,
               link=lambda row: reverse("duties:why", args=[row.county, row.site_id]) if row.site_id else ""),
        Column("行业前缀", "industry_prefix"),
        Column("隐患类别", lambda row: row.kind_name),
        Column("对象类型", lambda row: row.type_name),
        Column("地区", lambda row: row.place_name),
        Column("说明", "words"),
        Column("开始", "valid_from", "date"),
        Column("到期", "valid_to", "date"),
        Column("状态", validity_of, "badge", tone=lambda row: VALIDITY_TONES[validity_of(row)]),
    ]  # fmt: skip


def may_write(user: Actor) -> bool:
    return any(holding.kind in access.VERBS["add_rule"] for holding in user.holdings())


def _departments(user: Actor) -> list[tuple[str, str]]:
    counties = sorted({holding.county for holding in user.holdings() if holding.county})
    return [(str(one.pk), one.name) for county in counties for one in orgs.departments(county, active=False)]


@login_required
def rule_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    filters = [
        ChoiceFilter("department", "部门", choices=_departments(user), column="department_id"),
        TextFilter("industry", "行业前缀", columns=("industry_prefix__startswith",)),
        TextFilter("kind", "隐患类别编码", columns=("hazard_kind__istartswith",)),
        ChoiceFilter("site_type", "对象类型", choices=SITE_TYPES),
        RegionFilter("place", "地区", children=children, root=root_of(user)),
        ValidityFilter("validity", "状态", choices=VALIDITIES),
    ]
    columns = rule_columns()
    if may_write(user):
        columns.append(
            Column("", lambda row: "" if validity_of(row) == "已到期" else "终止", in_export=False,
                   link=lambda row: reverse("duties:end_rule", args=[row.county, row.pk]))
        )  # fmt: skip
    with spanning(user):
        return list_page(
            request, selectors.rules(user), title="责任规则", columns=columns, order=("county", "-created_at", "-id"),
            filters=filters, export_name="duties.rules", prepare=prepare_rules(user), template="duties/rules.html",
            extra={"may_add": may_write(user), "tab": "rules"},
        )  # fmt: skip


def _specs(county: int) -> list[FieldSpec]:
    kinds = [(one.code, one.name) for one in hazard_kinds(county)]
    towns = dict(children(str(county)))
    below = regions.descendants(str(county), regions.Level.VILLAGE)
    villages = [(one.code, f"{towns[one.code[:9]]} · {one.name}") for one in below if one.code[:9] in towns]
    places = sorted([*towns.items(), *villages])  # each town before its villages
    return [
        FieldSpec("department", "部门", "department", required=True, choices=orgs.choices(county)),
        FieldSpec("part", "职责", "choice", required=True, choices=selectors.PARTS, initial="main"),
        FieldSpec("site_id", "指定对象", "hidden"),
        FieldSpec("industry_prefix", "行业前缀", max_length=4, help="GB/T 4754 数字代码，如 26 或 2641；留空为不限"),
        FieldSpec("hazard_kind", "隐患类别（含下级）", "choice", choices=kinds),
        FieldSpec("site_type", "对象类型", "choice", choices=SITE_TYPES),
        FieldSpec("place", "地区", "choice", choices=places, help="留空为全县"),
        FieldSpec("law", "法律依据", max_length=60, help="如 安全生产法"),
        FieldSpec("article", "条款", max_length=40, help="如 第十条"),
        FieldSpec("words", "说明", max_length=200, help="写进“为什么是这个部门”"),
        FieldSpec("valid_from", "开始日期", "date", required=True, initial=clock.today),
        FieldSpec("valid_to", "到期日期", "date", help="留空为长期"),
    ]


@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Add a rule; from a gap or a conflict what is known comes filled in (``?site_id=…&site_type=…&place=…``)."""
    user = web_user(request)
    county = county_with(user, access.VERBS["add_rule"])

    def act(department: UUID, site_id: str, place: str, law: str, article: str, **values: Any) -> Any:
        return services.add_rule(
            acting_user=user,
            county=county,
            department=orgs.department(county, department),
            site_id=_uuid(site_id),
            town=place[:9],
            village=place if len(place) == 12 else "",
            legal_basis={"law": law, "article": article} if law else None,
            **values,
        )

    given = request.POST if request.method == "POST" else request.GET
    words = ""
    if given.get("site_id"):
        site = read(user, site_for, county, _uuid(given["site_id"]))
        words = f"只用于“{site.shown_name}”。保存后立即重新匹配。"
    names = ("site_id", "industry_prefix", "hazard_kind", "site_type", "place", "department")
    initial = {name: request.GET[name] for name in names if request.GET.get(name)}
    back = reverse("duties:rules")
    return form_page(
        request, _specs(county), act, title="新增责任规则", to=back, back=back, initial=initial, words=words,
        done="已新增规则，所涉对象已重新匹配",
    )  # fmt: skip


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written) if written else None
    except ValueError:
        raise InvalidInput({"site_id": "没有这个监管对象"}) from None


@login_required
def end(request: HttpRequest, county: int, rule_id: UUID) -> HttpResponse:
    user = web_user(request)
    rule = read(user, selectors.rule_for, county, rule_id)
    specs = [
        FieldSpec("valid_to", "最后一天", "date", help="留空为到昨天为止，立即生效"),
        FieldSpec("reason", "原因", required=True, max_length=200),
    ]

    def act(**values: Any) -> Any:
        return services.end_rule(acting_user=user, rule=rule, **values)

    back = reverse("duties:rules")
    words = f"{rule.department.name}：{selectors.words_of(rule)}。终止后所涉对象由次一级规则决定。"
    return form_page(
        request, specs, act, title="终止责任规则", to=back, back=back, submit="终止", is_danger=True, words=words,
        done="已终止，所涉对象已重新匹配",
    )  # fmt: skip
