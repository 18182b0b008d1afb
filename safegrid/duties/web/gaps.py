"""What the rules leave open: sites of nobody, sites of several, rules that have run out; each line leads to the remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from safegrid.duties import selectors
from safegrid.duties.standing import of_sites
from safegrid.duties.web.overview import sections
from safegrid.duties.web.rules import children, may_write, prepare_rules, rule_columns
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import ChoiceFilter, Column, RegionFilter, list_page, web_user
from safegrid.foundation.web.filters import listed
from safegrid.foundation.web.pages import root_of, spanning
from safegrid.regions import selectors as regions
from safegrid.sites.industries import name_of as industry_name
from safegrid.sites.selectors import SITE_TYPES


def _remedy(**given: Any) -> str:
    filled = {name: value for name, value in given.items() if value}
    return f"{reverse('duties:add_rule')}?{urlencode(filled)}"


def _prepare(user: Actor, *, conflicts: bool) -> Callable[[list[Any]], None]:
    def prepare(rows: list[Any]) -> None:
        sites = selectors.sites_of(user, rows)
        places = regions.names_of({code for row in rows for code in (row.town, row.village) if code})
        for row in rows:
            row.site = sites.get(row.site_id)
            row.place_name = " ".join(places.get(code, code) for code in (row.town, row.village) if code)
        if conflicts:
            for county in {row.county for row in rows}:
                own = [row for row in rows if row.county == county]
                known = selectors.rules_by_id(county, {UUID(one) for row in own for one in row.conflicting})
                for row in own:
                    clashing = [known[UUID(one)] for one in row.conflicting if UUID(one) in known]
                    row.clash = "；".join(f"{one.department.name}（{selectors.words_of(one)}）" for one in clashing)

    return prepare


@dataclass(frozen=True)
class TypeFilter(ChoiceFilter):
    """The matches of sites of one type."""

    user: Any = None

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        value = given.get(self.name, "")
        if value in dict(listed(self.choices)):
            return of_sites(self.user, queryset, site_type=value)
        return super().narrow(queryset, given)


@dataclass(frozen=True)
class SectionFilter(ChoiceFilter):
    """The matches of sites of one section of industries."""

    user: Any = None

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        divisions = {code: found for code, _, found in sections()}.get(given.get(self.name, ""))
        if divisions:
            return of_sites(self.user, queryset, industry_prefixes=divisions)
        return super().narrow(queryset, given)


def _site_columns() -> list[Column]:
    def shown(name: str) -> Callable[[Any], Any]:
        return lambda row: getattr(row.site, name) if row.site else ""

    return [
        Column("监管对象", shown("shown_name"), link=lambda row: reverse("duties:why", args=[row.county, row.site_id])),
        Column("类型", lambda row: row.site.get_site_type_display() if row.site else ""),
        Column(
            "行业", lambda row: f"{row.site.industry} {industry_name(row.site.industry)}".strip() if row.site else ""
        ),
        Column("地区", lambda row: row.place_name),
        Column("状态", lambda row: row.site.get_status_display() if row.site else ""),
    ]


def _list(request: HttpRequest, rows: Any, title: str, tab: str, columns: list[Column], empty: str) -> HttpResponse:
    user = web_user(request)
    filters = [
        RegionFilter("place", "地区", children=children, root=root_of(user)),
        TypeFilter("site_type", "类型", choices=SITE_TYPES, user=user),
        SectionFilter(
            "section", "行业门类", choices=[(code, f"{code} {name}") for code, name, _ in sections()], user=user
        ),
    ]
    return list_page(
        request, rows, title=title, columns=[*_site_columns(), *columns], order=("county", "town", "id"), filters=filters,
        export_name=f"duties.{tab}", prepare=_prepare(user, conflicts=tab == "conflicts"), template="duties/rules.html",
        empty=empty, extra={"may_add": may_write(user), "tab": tab},
    )  # fmt: skip


@login_required
def gap_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    one = Column("", lambda _: "指定部门", in_export=False, link=lambda row: _remedy(site_id=row.site_id))
    alike = Column(
        "", lambda row: "同类对象一并指定" if row.site else "", in_export=False,
        link=lambda row: _remedy(site_type=row.site.site_type, industry_prefix=row.site.industry) if row.site else "",
    )  # fmt: skip
    with spanning(user):
        return _list(request, selectors.sites_without_department(user), "没有责任部门的对象", "gaps",
                     [one, alike] if may_write(user) else [], "每个对象都有责任部门")  # fmt: skip


@login_required
def conflict_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    columns = [Column("冲突的部门", lambda row: row.clash)]
    if may_write(user):
        columns.append(Column("", lambda _: "指定部门", in_export=False, link=lambda row: _remedy(site_id=row.site_id)))
    with spanning(user):
        return _list(request, selectors.sites_in_conflict(user), "责任冲突的对象", "conflicts", columns, "没有责任冲突")


@login_required
def expired_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    columns = rule_columns()
    if may_write(user):
        renew = Column("", lambda _: "续期", in_export=False, link=lambda row: _remedy(
            department=row.department_id, site_id=row.site_id, industry_prefix=row.industry_prefix,
            hazard_kind=row.hazard_kind, site_type=row.site_type, place=row.village or row.town))  # fmt: skip
        columns.append(renew)
    with spanning(user):
        return list_page(
            request, selectors.expired_rules(user), title="已到期的规则", columns=columns,
            order=("county", "-valid_to", "-id"), export_name="duties.expired", prepare=prepare_rules(user),
            template="duties/rules.html", empty="没有到期的规则", extra={"may_add": may_write(user), "tab": "expired"},
        )  # fmt: skip
