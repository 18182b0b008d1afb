"""The list of sites and its export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from safegrid.foundation.scope import Actor
from safegrid.foundation.web import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    Filter,
    FilterField,
    RegionFilter,
    TextFilter,
    list_page,
    web_user,
)
from safegrid.foundation.web.filters import UnreadableError
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions
from safegrid.sites import access, industries, selectors
from safegrid.sites.freshness import stale_q
from safegrid.sites.web.common import GRADE_TONES, STATUS_TONES, scope


def children(code: str) -> Sequence[tuple[str, str]]:
    return [(region.code, region.name) for region in regions.children(code)]


def root_of(user: Actor) -> str:
    """Return the county or higher place from which the user chooses towns and villages."""
    places = {holding.place[:6] for holding in user.holdings()}
    return places.pop() if len(places) == 1 else ""


@dataclass(frozen=True)
class GridFilter(Filter):
    """The sites of one grid, as the grid's own page links to; no input is shown."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        written = given.get(self.name, "")
        try:
            return queryset.filter(grid_id=UUID(written)) if written else queryset
        except ValueError:
            raise UnreadableError("没有这个网格，已忽略") from None

    def fields(self, given: QueryDict) -> list[FilterField]:
        return []


@dataclass(frozen=True)
class StaleFilter(BooleanFilter):
    """The sites whose record is stale now; the limit moves with the clock, so that it is asked anew for each request."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        return BooleanFilter(self.name, self.label, yes=stale_q()).narrow(queryset, given)


def filters(user: Actor) -> list[Filter]:
    return [
        GridFilter("grid", "网格"),
        TextFilter("words", "名称、地址、编码、信用代码",
                   columns=("name", "address", "code__startswith", "credit_code__startswith")),
        RegionFilter("place", "乡镇、村", children=children, root=root_of(user)),
        ChoiceFilter("type", "类型", choices=selectors.SITE_TYPES, column="site_type"),
        TextFilter("industry", "行业代码（前几位）", columns=("industry__startswith",)),
        ChoiceFilter("grade", "风险等级", choices=selectors.RISK_GRADES, column="risk_grade"),
        ChoiceFilter("status", "状态", choices=selectors.STATUSES),
        BooleanFilter("direct", "直接监管", column="is_directly_supervised"),
        BooleanFilter("no_grid", "未划入网格", yes=Q(grid_id__isnull=True)),
        BooleanFilter("no_department", "无主管部门", yes=Q(department_id__isnull=True)),
        StaleFilter("stale", "资料过期"),
    ]  # fmt: skip


def prepare(rows: list[Any]) -> None:
    """Fetch the names of places, industries and departments for a batch of sites."""
    places = regions.names_of({code for row in rows for code in (row.town, row.village) if code})
    departments: dict[Any, str] = {}
    for county in {row.county for row in rows}:
        departments |= orgs.names_of(county, {row.department_id for row in rows if row.department_id})
    for row in rows:
        row.town_name = places.get(row.town, row.town)
        row.village_name = places.get(row.village, row.village)
        row.industry_name = industries.name_of(row.industry) if row.industry else ""
        row.department_name = departments.get(row.department_id, "")


def columns() -> list[Column]:
    return [
        Column("名称", "shown_name", link=lambda row: reverse("sites:detail", args=[row.county, row.pk]), sort="name"),
        Column("编码", "code", sort="code"),
        Column("类型", "get_site_type_display"),
        Column("行业", lambda row: row.industry_name),
        Column("行业代码", "industry", on_page=False),
        Column("乡镇（街道）", lambda row: row.town_name, sort="town"),
        Column("村（社区）", lambda row: row.village_name),
        Column("地址", "address", on_page=False),
        Column("营业时间", "opening_hours", on_page=False),
        Column("统一社会信用代码", "credit_code", on_page=False, sort="credit_code"),
        Column("规模", "get_scale_display", on_page=False),
        Column("从业人数", "employees", "number", on_page=False),
        Column("风险等级", "get_risk_grade_display", "badge", tone=lambda row: GRADE_TONES.get(row.risk_grade, "gray")),
        Column("主管部门", lambda row: row.department_name),
        Column("经度", "longitude", on_page=False),
        Column("纬度", "latitude", on_page=False),
        Column("直接监管", "is_directly_supervised", "flag"),
        Column("状态", "get_status_display", "badge", tone=lambda row: STATUS_TONES.get(row.status, "gray")),
    ]


@login_required
@require_http_methods(["GET", "POST"])  # POST: bulk actions
def site_list(request: HttpRequest) -> HttpResponse:
    """The sites the user sees, with filters; as a workbook with ``?export=xlsx``."""
    user = web_user(request)
    kinds = {holding.kind for holding in user.holdings()}
    with scope(user):
        return list_page(
            request, access.visible(user), title="监管对象", columns=columns(), order=("county", "town", "village", "id"),
            filters=filters(user), export_name="sites.sites", prepare=prepare, template="sites/list.html",
            extra={
                "may_register": bool(kinds & access.VERBS["register_site"]),
                "may_propose": bool(kinds & access.VERBS["propose_change"]),
            },
        )  # fmt: skip
