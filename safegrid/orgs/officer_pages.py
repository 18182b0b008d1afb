"""The list of everyone whom a county's departments name for grid work, and the file that departments come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import ChoiceFilter, Column, TextFilter, list_page, web_user
from safegrid.foundation.web.pages import county_with, spanning
from safegrid.orgs import access, selectors
from safegrid.orgs.imports import DEPARTMENT_TABLE, import_departments
from safegrid.regions.import_page import table_page, template_file

STANDINGS = [("now", "在任"), ("future", "未到任"), ("past", "已终止")]
STANDING_TONES = {"在任": "green", "未到任": "blue", "已终止": "gray"}


@dataclass(frozen=True)
class StandingFilter(ChoiceFilter):
    """Namings that run today, begin later, or have ended."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        today = clock.today()
        conditions = {
            "now": Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gte=today)),
            "future": Q(valid_from__gt=today),
            "past": Q(valid_to__lt=today),
        }
        condition = conditions.get(given.get(self.name, ""))
        return super().narrow(queryset, given) if condition is None else queryset.filter(condition)


def _standing(row: Any) -> str:
    today = clock.today()
    if row.valid_to is not None and row.valid_to < today:
        return "已终止"
    return "未到任" if row.valid_from > today else "在任"


def _departments(user: Actor) -> list[tuple[str, str]]:
    counties = sorted({holding.county for holding in user.holdings() if holding.county})
    return [(str(one.pk), one.name) for county in counties for one in selectors.departments(county, active=False)]


@login_required
def officers(request: HttpRequest) -> HttpResponse:
    """Who answers for grid work in which department, since when; phones masked, in the export too."""
    user = web_user(request)
    columns = [
        Column("姓名", "name", sort="name"),
        Column("部门", lambda row: row.department.name, sort="department_id",
               link=lambda row: reverse("orgs:department", args=[row.county, row.department_id])),
        Column("层级", lambda row: row.department.get_level_display()),
        Column("职务", "title"),
        Column("电话", lambda row: mask_phone(row.phone)),
        Column("开始日期", "valid_from", "date", sort="valid_from"),
        Column("结束日期", lambda row: row.valid_to or "长期"),
        Column("状态", _standing, "badge", tone=lambda row: STANDING_TONES[_standing(row)]),
    ]  # fmt: skip
    filters = [
        TextFilter("words", "姓名或职务", columns=("name", "title")),
        ChoiceFilter("department", "部门", choices=_departments(user), column="department_id"),
        ChoiceFilter("level", "层级", choices=selectors.levels, column="department__level"),
        StandingFilter("standing", "状态", choices=STANDINGS),
    ]
    with spanning(user):
        return list_page(
            request, access.visible_officers(user).select_related("department"), title="部门责任人", columns=columns,
            order=("county", "department_id", "valid_from", "id"), filters=filters, export_name="orgs.officers",
            template="orgs/officers.html", extra={"may_import": may_import(user)},
        )  # fmt: skip


def may_import(user: Actor) -> bool:
    return any(holding.kind in access.VERBS["open_department"] and holding.county for holding in user.holdings())


@login_required
def department_import(request: HttpRequest) -> HttpResponse:
    """Upload departments and their officers: checked first, then imported."""
    county = county_with(web_user(request), access.VERBS["open_department"])
    return table_page(request, county, import_departments, title="导入部门和责任人", back=reverse("orgs:departments"),
                      template=reverse("orgs:import_template"))  # fmt: skip


@login_required
def template(request: HttpRequest) -> FileResponse:
    county_with(web_user(request), access.VERBS["open_department"])
    return template_file(DEPARTMENT_TABLE, "部门和责任人导入模板.xlsx")
