"""The pages of plans: the planned visits, the members, one member's days with the route."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import (
    ChoiceFilter,
    Column,
    DateRangeFilter,
    Filter,
    FilterField,
    NavItem,
    RegionFilter,
    TextFilter,
    list_page,
    web_user,
)
from safegrid.foundation.web.filters import UnreadableError
from safegrid.foundation.web.pages import read, root_of, spanning
from safegrid.grids import selectors as grids
from safegrid.patrols import access, selectors
from safegrid.patrols.web.visits import READERS, MemberFilter, SiteFilter, lead_to_sites, link_to
from safegrid.regions import selectors as regions
from safegrid.sites.selectors import SITE_TYPES

NAV = [NavItem("巡查计划", "patrols:planned", icon="calendar-event", roles=READERS - {"department_officer"})]
TIMINGS = [("due", "今天应巡查"), ("overdue", "已超期"), ("open", "待巡查"), ("done", "已巡查"), ("late", "逾期完成"),
           ("skipped", "跳过过"), ("out", "没有排上")]  # fmt: skip
TONES = {"planned": "blue", "done": "green", "dropped": "gray"}
REASON_TONES = {"regular": "gray", "overdue": "red", "hazard": "orange", "retry": "orange", "added": "blue"}
PAST = timedelta(days=30)


@dataclass(frozen=True)
class TimingFilter(Filter):
    """How a planned visit stands today; the desk's counts open with it."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        value = given.get(self.name, "")
        if not value:
            return queryset
        condition = selectors.timing_q(value, clock.today())
        if condition is None:
            raise UnreadableError(f"“{self.label}”没有这个选项，已忽略")
        return queryset.filter(condition)

    def fields(self, given: QueryDict) -> list[FilterField]:
        return [FilterField(self.name, self.label, "choice", given.get(self.name, ""), TIMINGS)]


def _prepare(rows: list[Any]) -> None:
    names = regions.names_of({row.town for row in rows})
    members: dict[UUID, Any] = {}
    for county in {row.county for row in rows}:
        members |= grids.members_by_id(county, {row.member_id for row in rows if row.county == county})
    for row in rows:
        row.town_name = names.get(row.town, row.town)
        row.member_name = members[row.member_id].name if row.member_id in members else ""


def _columns(user: Actor) -> list[Column]:
    today = clock.today()
    return [
        Column("监管对象", lambda row: row.site.shown_name, link=lambda row: row.site_url),
        Column("类型", lambda row: row.site.get_site_type_display()),
        Column("风险等级", lambda row: row.site.get_risk_grade_display()),
        Column("网格员", lambda row: row.member_name),
        Column("乡镇（街道）", lambda row: row.town_name),
        Column("缘由", "get_reason_display", "badge", tone=lambda row: REASON_TONES[row.reason]),
        Column("计划日期", "on", "date"),
        Column("最迟日期", "due_by", "date", sort="due_by"),
        Column("超期天数", lambda row: max(0, (today - row.due_by).days) if row.state == "planned" else None, "number"),
        Column("状态", "get_state_display", "badge", tone=lambda row: TONES[row.state]),
        Column("完成日期", "done_on", "date", link=lambda row: link_to("patrols:detail", row.county, row.visit_id)
               if row.visit_id else ""),
        Column("没有排上的原因", "get_left_out_display"),
        Column("跳过次数", "skips", "number"),
        Column("跳过原因", "skip_reason", on_page=False),
        Column("预计用时（分钟）", "minutes", "number", on_page=False),
        Column("营业时间", lambda row: row.site.opening_hours, on_page=False),
    ]  # fmt: skip


def _filters(user: Actor) -> list[Filter]:
    return [
        TimingFilter("timing", "情况"),
        MemberFilter("member", "网格员", user=user),
        TextFilter("words", "对象名称", columns=("site__name__icontains",)),
        RegionFilter("place", "地区", children=lambda code: [(o.code, o.name) for o in regions.children(code)],
                     root=root_of(user)),
        ChoiceFilter("site_type", "对象类型", choices=SITE_TYPES, column="site__site_type"),
        ChoiceFilter("reason", "缘由", choices=selectors.REASONS),
        DateRangeFilter("on", "计划日期", column="on"),
        DateRangeFilter("due_by", "最迟日期", column="due_by"),
        SiteFilter("site", "监管对象"),
    ]  # fmt: skip


@login_required
def planned_list(request: HttpRequest) -> HttpResponse:
    """Every planned visit the user sees, with how far the last thirty days' plan was followed."""
    user, today = web_user(request), clock.today()
    rows = selectors.planned(user)
    with spanning(user):
        shown = rows
        for one in _filters(user):
            if one.name in ("member", "place", "site_type"):
                try:
                    shown = one.narrow(shown, request.GET)
                except UnreadableError:
                    continue  # the list itself says so

        def prepare(rows: list[Any]) -> None:
            _prepare(rows)
            lead_to_sites(user, rows)

        extra = {"coverage": selectors.coverage(shown, today - PAST, today - timedelta(days=1)), "run": _running(user),
                 "may_replan": _may_replan(user)}  # fmt: skip
        return list_page(
            request, rows, title="巡查计划", columns=_columns(user), order=("due_by", "id"), filters=_filters(user),
            export_name="patrols.planned", prepare=prepare, template="patrols/planned.html", extra=extra,
        )  # fmt: skip


def _running(user: Actor) -> dict[str, Any] | None:
    for county in sorted({holding.county for holding in user.holdings() if holding.county}):
        run = selectors.running(user, county)
        if run is not None:
            return run_context(user, run)
    return None


def run_context(user: Actor, run: Any) -> dict[str, Any]:
    """Return what ``_run.html`` shows of a planning by the queue."""
    done = selectors.progress_of(run)
    return {"run": run, "done": done, "percent": round(100 * done / run.total) if run.total else 100,
            "place": regions.name_of(run.town or str(run.county)),
            "may_stop": run.state == "running" and access.can(user, "stop_run", run.county, run.town)}  # fmt: skip


def _may_replan(user: Actor) -> bool:
    return any(holding.kind in access.VERBS["replan"] for holding in user.holdings())


def _towns(code: str) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in regions.children(code)] if len(code) < 9 else []


@login_required
def member_list(request: HttpRequest) -> HttpResponse:
    """The members with what they have before them; each opens its own days."""
    user = web_user(request)

    def prepare(rows: list[Any]) -> None:
        _prepare(rows)
        for county in {row.county for row in rows}:
            own = [row for row in rows if row.county == county]
            numbers = selectors.member_numbers(selectors.planned(user), county, [row.member_id for row in own])
            for row in own:
                row.numbers = numbers.get(row.member_id, {})

    columns = [
        Column(
            "网格员", lambda row: row.member_name, link=lambda row: reverse("patrols:member", args=[row.county, row.pk])
        ),
        Column("乡镇（街道）", lambda row: row.town_name, sort="town"),
        Column("今天应巡查", lambda row: row.numbers.get("due", 0), "number"),
        Column("已超期", lambda row: row.numbers.get("overdue", 0), "number"),
        Column("七天内", lambda row: row.numbers.get("week", 0), "number"),
        Column("没有排上", lambda row: row.numbers.get("out", 0), "number"),
        Column("出行方式", "get_mode_display"),
        Column("编排时间", "planned_at", "time"),
        Column("编排到", "planned_to", "date"),
        Column("编排出错", "failure"),
    ]
    filters = [
        MemberFilter("member", "网格员", user=user),
        RegionFilter("place", "地区", children=_towns, root=root_of(user), village="town"),
        ChoiceFilter("mode", "出行方式", choices=selectors.TRAVEL_MODES),
    ]  # fmt: skip
    with spanning(user):
        return list_page(
            request, selectors.plans(user), title="网格员巡查安排", columns=columns, order=("town", "id"), filters=filters,
            export_name="patrols.plans", prepare=prepare, template="patrols/members.html", extra={"may_replan": _may_replan(user)},
        )  # fmt: skip


@dataclass(frozen=True)
class Tab:
    """One day of a member's plan as the page offers it."""

    on: date
    count: int
    is_shown: bool


def _day(request: HttpRequest) -> date:
    asked = request.GET.get("on", "")
    try:
        return date.fromisoformat(asked) if asked else clock.today()
    except ValueError:
        raise Http404 from None


@login_required
def member(request: HttpRequest, county: int, plan_id: UUID) -> HttpResponse:
    """One member's day: the visits in order with their times, the route on the map; below, what found no place."""
    user, on = web_user(request), _day(request)
    plan: Any = read(user, selectors.plan_for, county, plan_id)
    _prepare([plan])
    today, upcoming = clock.today(), selectors.visits_of_plan(plan)
    counts: dict[date, int] = {}
    for row in upcoming:
        if row.on is not None:
            counts[max(row.on, today)] = counts.get(max(row.on, today), 0) + 1
    rows = selectors.visits_of_plan(plan, on=on)
    if on == today:
        rows += [row for row in upcoming if row.on is not None and row.on < today]
    with spanning(user):
        lead_to_sites(user, [*rows, *upcoming])
    is_own = plan.member_user_id == user.id
    context = {
        "plan": plan, "on": on, "day": selectors.days_of_plan(plan, on).get(on), "rows": [_line(row) for row in rows],
        "tabs": [Tab(day, counts.get(day, 0), day == on) for day in sorted({*counts, today, on})],
        "left_out": [_line(row) for row in upcoming if row.left_out], "is_own": is_own, "today": today,
        "may_travel": access.can_plan(user, "change_travel", plan),
        "may_replan": access.can(user, "replan", county, plan.town),
        "grids": selectors.grids_of_plan(plan) if access.can(user, "print_codes", county, plan.town) else [],
        "hours": hours_words(plan),
    }  # fmt: skip
    return render(request, "patrols/member.html", context)


def _line(row: Any) -> Any:
    row.tone = REASON_TONES[row.reason]
    row.late = max(0, (clock.today() - row.due_by).days) if row.state == "planned" else 0
    row.visit_url = link_to("patrols:detail", row.county, row.visit_id) if row.visit_id else ""
    row.clock = clock_words(row.begins)
    row.until = clock_words(row.leaves)
    return row


def clock_words(minutes: int | None) -> str:
    """Return minutes after midnight as a time of day; "" for None."""
    return "" if minutes is None else f"{minutes // 60}:{minutes % 60:02d}"


def hours_words(plan: Any) -> str:
    """Return the member's own working hours; "" where the county's hold."""
    begins, ends = clock_words(plan.begins), clock_words(plan.ends)
    return f"{begins or '—'} – {ends or '—'}" if begins or ends else ""


@login_required
def member_map(request: HttpRequest, county: int, plan_id: UUID) -> JsonResponse:
    """One day's route as GeoJSON: the start, the calls numbered in order, the line through them; else the grids."""
    user, on = web_user(request), _day(request)
    plan: Any = read(user, selectors.plan_for, county, plan_id)
    numbered = enumerate(selectors.visits_of_plan(plan, on=on), 1)  # as the list beside the map numbers them
    placed = [(number, row) for number, row in numbered if row.site.longitude is not None]
    day = selectors.days_of_plan(plan, on).get(on)
    # Beside a route the grid would only make it small: the drawing shows all it is given.
    features = [_feature("grid", "", one) for one in selectors.boundaries_of_plan(plan)] if len(placed) < 2 else []
    way = [(row.site.longitude, row.site.latitude) for _, row in placed if row.position is not None]
    if day is not None and way:
        start = (day.longitude, day.latitude)
        features.append(_feature("site", "", {"type": "LineString", "coordinates": [start, *way, start]}))
        features.append(_feature("position", "起", {"type": "Point", "coordinates": start}))
    for number, row in placed:
        point = {"type": "Point", "coordinates": (row.site.longitude, row.site.latitude)}
        role = "other" if row.state == "done" else "case" if row.due_by < clock.today() else "site"
        features.append(_feature(role, str(number), point))
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")


def _feature(role: str, label: str, geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"role": role, "label": label}, "geometry": geometry}
