"""What a click on the map shows of one thing: its card, with the way to its page. A page of its own when opened directly."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.cases import access as case_access
from safegrid.cases import selectors as cases
from safegrid.cases.workflow import CASE, OPEN
from safegrid.console.onemap import stock
from safegrid.console.onemap.layers import Asked, visible_grids
from safegrid.console.onemap.web.common import asked, reader
from safegrid.foundation.web import render_part
from safegrid.foundation.web.pages import read, spanning
from safegrid.grids import access as grid_access
from safegrid.grids import selectors as grids
from safegrid.handbook.selectors import kind_names
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions
from safegrid.sites import selectors as sites

TIMINGS = {"on_time": "正常", "near": "临近期限", "overdue": "超期", "badly_overdue": "严重超期"}


def _card(
    request: HttpRequest, kind: str, name: str, facts: list[tuple[Any, ...]], links: list[tuple[str, str]]
) -> HttpResponse:
    context = {"kind": kind, "name": name, "facts": facts, "links": links}
    return render_part(request, "console/map/_card.html", context, title=name)


@login_required
@require_GET
def site(request: HttpRequest, county: int, site_id: UUID) -> HttpResponse:
    user = reader(request, county)
    row = read(user, sites.site_for, county, site_id)
    grid_name = grids.names_of(county, [row.grid_id])[row.grid_id] if row.grid_id else ""
    department = orgs.names_of(county, [row.department_id]).get(row.department_id, "") if row.department_id else ""
    with spanning(user):
        open_cases = case_access.visible(user).filter(county=county, site_id=row.id, state__in=OPEN).count()
        sees_grid = bool(row.grid_id) and grid_access.visible(user).filter(county=county, id=row.grid_id).exists()
    facts = [
        ("风险等级", row.get_risk_grade_display()), ("地址", row.address),
        ("网格", "直接监管" if row.is_directly_supervised else grid_name or "没有网格",
         reverse("map:grid", args=[county, row.grid_id]) if sees_grid else ""),
        ("主管部门", department), ("未结案件", open_cases),
    ]  # fmt: skip
    return _card(request, row.get_site_type_display(), row.shown_name, facts,
                 [("打开档案", reverse("dossier:site", args=[county, row.id])),
                  ("监管对象页", reverse("sites:detail", args=[county, row.id]))])  # fmt: skip


@login_required
@require_GET
def grid(request: HttpRequest, county: int, grid_id: UUID) -> HttpResponse:
    what = asked(request, county)
    row = read(what.user, grids.grid_for, county, grid_id)
    answering = grids.member_answering(county, row.id, what.day)
    with spanning(what.user):
        open_cases = case_access.visible(what.user).filter(county=county, grid_id=row.id, state__in=OPEN).count()
    names = regions.names_of({row.town, row.village})
    facts = [
        ("编码", row.code), ("乡镇（街道）", names.get(row.town, row.town)), ("村（社区）", names.get(row.village, "")),
        ("网格员", answering.name if answering else "无人负责"),
        ("监管对象", grids.site_counts(county, [row.id]).get(row.id, 0)), ("未结案件", open_cases),
    ]  # fmt: skip
    links = [("打开网格页", reverse("grids:grid", args=[county, row.id]))]
    if not row.closed_on and grid_access.can(what.user, "change_boundary", row):
        links.append(("调整边界", reverse("grids:grid_verb", args=[county, row.id, "change-boundary"])))
    return _card(request, "网格", row.name, facts, links)


@login_required
@require_GET
def case(request: HttpRequest, county: int, case_id: UUID) -> HttpResponse:
    user = reader(request, county)
    row = read(user, cases.case_for, county, case_id)
    facts = [
        ("类别", kind_names(county).get(row.kind, row.kind)), ("状态", CASE.state[row.state].label),
        ("期限", TIMINGS.get(row.timing, "")), ("地点", row.site.shown_name if row.site else row.place_words),
        ("主办部门", row.department.name if row.department else ""), ("上报时间", row.reported_at),
    ]  # fmt: skip
    return _card(request, "案件", row.number, facts, [("打开案件页", reverse("cases:detail", args=[county, row.id]))])


@login_required
@require_GET
def member(request: HttpRequest, county: int, member_id: UUID) -> HttpResponse:
    user = reader(request, county)
    row = read(user, grids.member_for, county, member_id)
    postings = grids.present_postings(county, [row.id]).get(row.id, [])
    facts = [
        ("编号", row.code), ("派驻网格", "、".join(one.grid.name for one in postings)),
        ("管理安监站", regions.name_of(row.town)), ("手机尾号", row.phone_tail),
    ]  # fmt: skip
    return _card(request, "网格员", row.name, facts, [("打开网格员页", reverse("grids:member", args=[county, row.id]))])


@login_required
@require_GET
def place(request: HttpRequest, county: int, place: str) -> HttpResponse:
    """A town or a village: what the user sees of it."""
    what: Asked = asked(request, county)
    ground = stock.PLACES.get(county)
    known = dict(zip([*ground.towns.codes, *ground.villages.codes], [*ground.towns.names, *ground.villages.names],
                     strict=True))  # fmt: skip
    if place not in known:
        raise Http404
    column = "town" if len(place) == 9 else "village"
    with spanning(what.user):
        rows = list(grids.grids(what.user).filter(county=county, **{column: place}).values_list("id", flat=True))
        open_cases = case_access.visible(what.user).filter(county=county, state__in=OPEN, **{column: place}).count()
    uncovered = visible_grids(what).uncovered & set(rows)
    facts = [("代码", place), ("网格", len(rows)), ("其中无人负责", len(uncovered)), ("未结案件", open_cases)]
    links = [
        ("网格列表", f"{reverse('grids:list')}?place={place}"),
        ("监管对象列表", f"{reverse('sites:list')}?place={place}"),
    ]
    return _card(request, "乡镇（街道）" if len(place) == 9 else "村（社区）", known[place], facts, links)
