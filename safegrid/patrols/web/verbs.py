"""What is done with plans on pages: skip, add, plan anew, stop, and how a member goes."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, render_part, web_user
from safegrid.foundation.web.pages import form_page, read
from safegrid.grids.selectors import member_for
from safegrid.patrols import access, selectors, services
from safegrid.patrols.web.plans import clock_words, run_context
from safegrid.regions import selectors as regions
from safegrid.sites import selectors as sites

REASON = FieldSpec(
    "reason", "原因", "textarea", required=True, max_length=200, help="如：汛期值守、对象停电停产；会写入记录"
)


def _own_page(user: Actor, county: int) -> str:
    plan = selectors.plan_of(user, county)
    return reverse("patrols:member", args=[county, plan.id]) if plan is not None else reverse("patrols:planned")


@login_required
def skip(request: HttpRequest, county: int, planned_id: UUID) -> HttpResponse:
    """Put a planned visit off."""
    user = web_user(request)
    planned: Any = read(user, selectors.planned_for, county, planned_id)
    back = _own_page(user, county)

    def act(reason: str) -> Any:
        return services.skip_visit(acting_user=user, planned=planned, reason=reason)

    words = f"“{planned.site.shown_name}”最迟 {planned.due_by:%Y-%m-%d}。跳过后改排到以后的日子，期限不变。"
    return form_page(request, [REASON], act, title="跳过这次巡查", to=back, back=back, submit="跳过",
                     done="已跳过，计划正在重新编排", words=words)  # fmt: skip


@login_required
def add(request: HttpRequest, county: int, site_id: UUID) -> HttpResponse:
    """Put one of the member's sites on a day."""
    user = web_user(request)
    site = read(user, sites.site_for, county, site_id)
    back = _own_page(user, county)
    specs = [FieldSpec("on", "哪一天去", "date", required=True, initial=clock.today, help="今天起两周之内")]

    def act(on: Any) -> Any:
        return services.add_visit(acting_user=user, site=site, on=on)

    return form_page(request, specs, act, title=f"增加巡查：{site.shown_name}", to=back, back=back, submit="加入计划",
                     done="已加入计划，路线正在重新编排")  # fmt: skip


@login_required
def travel(request: HttpRequest, county: int, plan_id: UUID) -> HttpResponse:
    """How a member goes, in which hours and from where."""
    user = web_user(request)
    plan: Any = read(user, selectors.plan_for, county, plan_id)
    back = reverse("patrols:member", args=[county, plan_id])
    has_start = plan.start_longitude is not None
    specs = [
        FieldSpec("mode", "出行方式", "choice", required=True, choices=selectors.TRAVEL_MODES, initial=plan.mode),
        FieldSpec("begins", "每天几点出发", max_length=5, initial=clock_words(plan.begins), help="如 8:00；留空按本县作息时间"),
        FieldSpec("ends", "每天几点收工", max_length=5, initial=clock_words(plan.ends), help="如 17:00；留空按本县作息时间"),
        FieldSpec("start", "出发地", "point", help="经度,纬度；留空按居住村、管理站所在乡镇推定",
                  initial=f"{plan.start_longitude:.6f},{plan.start_latitude:.6f}" if has_start else ""),
    ]  # fmt: skip

    def act(mode: str, begins: str, ends: str, start: Any) -> Any:
        return services.change_travel(acting_user=user, plan=plan, mode=mode, begins=_minutes("begins", begins),
                                      ends=_minutes("ends", ends), start=start)  # fmt: skip

    return form_page(request, specs, act, title="出行设置", to=back, back=back, done="已保存，计划正在重新编排")


def _minutes(name: str, written: str) -> int | None:
    text = written.strip().replace("：", ":")
    if not text:
        return None
    try:
        moment = time.fromisoformat(text if len(text.split(":")[0]) == 2 else f"0{text}")
    except ValueError:
        raise InvalidInput({name: "请写作 8:00 这样的时间"}) from None
    return moment.hour * 60 + moment.minute


def _scopes(user: Actor) -> list[tuple[str, str]]:
    """Return (code, name) of the places whose plans the user may have made anew: county, towns."""
    found: dict[str, str] = {}
    for holding in user.holdings():
        if holding.kind not in access.VERBS["replan"] or not holding.county:
            continue
        found[holding.place] = regions.name_of(holding.place)
        if len(holding.place) == 6:
            found |= {one.code: one.name for one in regions.children(holding.place)}
    return list(found.items())


@login_required
def replan(request: HttpRequest) -> HttpResponse:
    """Plan a town's or the county's members anew."""
    user, back = web_user(request), reverse("patrols:planned")
    scopes = _scopes(user)
    if not scopes:
        raise Http404
    specs = [FieldSpec("place", "范围", "choice", required=True, choices=scopes, initial=scopes[0][0])]

    def act(place: str) -> Any:
        town = place if len(place) == 9 else ""
        return services.replan(acting_user=user, county=int(place[:6]), town=town)

    words = "由后台为每名网格员编排本周余下几天和下周的巡查与路线。没有变化的计划保持原样；编排中可以停止。"
    return form_page(request, specs, act, title="重新编排巡查计划", to=back, back=back, submit="开始编排", done="已开始编排",
                     words=words)  # fmt: skip


@login_required
@require_POST
def replan_member(request: HttpRequest, county: int, plan_id: UUID) -> HttpResponse:
    """Plan one member anew."""
    user = web_user(request)
    plan: Any = read(user, selectors.plan_for, county, plan_id)
    member = read(user, member_for, county, plan.member_id)
    return _done(request, lambda: services.replan(acting_user=user, county=county, member=member), _("已开始编排"),
                 reverse("patrols:member", args=[county, plan_id]))  # fmt: skip


@login_required
def run(request: HttpRequest, county: int, plan_run_id: UUID) -> HttpResponse:
    """How far a planning is; when it is over, htmx loads the whole page anew."""
    user = web_user(request)
    found: Any = read(user, selectors.run_for, county, plan_run_id)
    response = render_part(request, "patrols/_run.html", {"run": run_context(user, found)}, title="编排进度")
    if found.state != "running":
        response.headers["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def stop(request: HttpRequest, county: int, plan_run_id: UUID) -> HttpResponse:
    """Stop a planning."""
    user = web_user(request)
    found: Any = read(user, selectors.run_for, county, plan_run_id)
    return _done(
        request, lambda: services.stop_run(acting_user=user, run=found), _("已停止编排"), reverse("patrols:planned")
    )


def _done(request: HttpRequest, act: Any, words: str, to: str) -> HttpResponse:
    try:
        act()
    except SafeGridError as error:
        context = {"title": _("没有办成"), "status": error.status, "words": error.message}
        return render(request, "patrols/refused.html", {**context, "back": to}, status=error.status)
    messages.success(request, words)
    return HttpResponseRedirect(to)
