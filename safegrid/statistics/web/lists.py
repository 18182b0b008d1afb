"""The rows behind a figure: exactly those that it counts, masked as everywhere."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.cases import words
from safegrid.cases.selectors import shown
from safegrid.cases.workflow import CASE
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.web import Column, list_page, web_user
from safegrid.handbook import selectors as handbook
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions
from safegrid.sites.selectors import RISK_GRADES
from safegrid.statistics import selectors
from safegrid.statistics.sheets.cases import HEADLINES
from safegrid.statistics.sheets.places import GAPS
from safegrid.statistics.web.question import Question, question

WHY = "whoever works above counties reads the rows of one"
TITLES = {
    **{name: label for name, label, _ in HEADLINES}, "open_now": "未结案件", "overdue_now": "当前超期案件",
    "near_now": "临期案件", **{name: label for name, _, _, label in GAPS}, "sites": "监管对象", "sites_direct": "直接监管对象",
    "sites_for_grids": "应由网格覆盖的监管对象", "sites_with_norm": "有走访频次的监管对象",
    "red": "重大风险对象", "orange": "较大风险对象", "yellow": "一般风险对象", "blue": "低风险对象",
}  # fmt: skip


@login_required
@require_GET
def case_list(request: HttpRequest, measure: str) -> HttpResponse:
    """The cases that a figure counts."""
    user, asked = web_user(request), question(request, web_user(request))
    by, key = request.GET.get("by", ""), request.GET.get("key", "")
    try:
        rows = selectors.case_rows(asked.asked, measure, by, key).select_related("site")
    except NotVisible as error:
        raise Http404(error.message) from error
    columns = [
        Column("编号", "number", link=lambda row: reverse("cases:detail", args=[row.county, row.pk])),
        Column("隐患类别", lambda row: handbook.kind_names(row.county).get(row.kind, row.kind)),
        Column("程度", lambda row: words.SEVERITIES.get(row.severity, row.severity), "badge",
               tone=lambda row: words.SEVERITY_TONES.get(row.severity, "gray")),
        Column("地点", lambda row: row.site.shown_name if row.site else row.place_words or "地图上的位置"),
        Column("乡镇（街道）", lambda row: row.town_name),
        Column("主办部门", lambda row: orgs.names_of(row.county, [row.department_id]).get(row.department_id, "")),
        Column("状态", lambda row: CASE.state[row.state].label, "badge",
               tone=lambda row: words.STATE_TONES.get(row.state, "gray")),
        Column("时限", lambda row: words.time_left(row.due_at), "badge",
               tone=lambda row: words.TIMING_TONES.get(row.timing, "gray")),
        Column("上报时间", "reported_at", "time"),
        Column("结案时间", "closed_at", "time", on_page=False),
    ]  # fmt: skip

    def prepare(found: list[Any]) -> None:
        names = regions.names_of({row.town for row in found})
        for row in found:
            shown(user, row)
            row.town_name = names.get(row.town, row.town)

    with cross_county(WHY):
        return list_page(
            request, rows, title=_title(asked, measure, by, key), columns=columns, order=("-reported_at", "-id"),
            export_name="statistics.cases", prepare=prepare, empty="现在没有这样的案件",
            template="statistics/rows.html", extra=_extra(asked),
        )  # fmt: skip


@login_required
@require_GET
def site_list(request: HttpRequest, measure: str) -> HttpResponse:
    """The sites that a figure of coverage or risk counts."""
    asked = question(request, web_user(request))
    try:
        rows = selectors.site_rows(asked.asked, measure)
    except NotVisible as error:
        raise Http404(error.message) from error
    grades = dict(RISK_GRADES)
    columns = [
        Column("名称", lambda row: row.shown_name, link=lambda row: reverse("dossier:site", args=[row.county, row.pk])),
        Column("类型", "get_site_type_display"),
        Column("风险等级", lambda row: grades.get(row.risk_grade, ""), "badge", tone=lambda row: row.risk_grade),
        Column("乡镇（街道）", lambda row: row.town_name),
        Column("村（社区）", lambda row: row.village_name),
        Column("主管部门", lambda row: orgs.names_of(row.county, [row.department_id]).get(row.department_id, "")),
        Column("直接监管", "is_directly_supervised", "flag"),
        Column("状态", "get_status_display"),
    ]

    def prepare(found: list[Any]) -> None:
        names = regions.names_of({code for row in found for code in (row.town, row.village) if code})
        for row in found:
            row.town_name, row.village_name = names.get(row.town, row.town), names.get(row.village, row.village)

    with cross_county(WHY):
        return list_page(
            request, rows, title=_title(asked, measure), columns=columns, order=("town", "village", "id"),
            export_name="statistics.sites", prepare=prepare, empty="没有这样的监管对象",
            template="statistics/rows.html", extra=_extra(asked),
        )  # fmt: skip


def _title(asked: Question, measure: str, by: str = "", key: str = "") -> str:
    parts = [asked.asked.place_name, TITLES.get(measure, "案件")]
    if by:
        parts.insert(1, asked.asked.names(by, [key]).get(key, key) or "未定")
    return " · ".join(parts)


def _extra(asked: Question) -> dict[str, Any]:
    return {"question": asked, "period": asked.asked.period, "back": asked.url(reverse("statistics:overview"))}
