"""Choosing sites by a polygon, looking at the list, then doing one thing with all of them, by the verbs of their contexts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import shapely
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from safegrid.console.onemap.layers import Asked, visible_sites
from safegrid.console.onemap.web.common import reader
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.geometry import checked_area
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.web import FieldSpec, VerbForm
from safegrid.grids import access as grid_access
from safegrid.grids import selectors as grids
from safegrid.grids.services import assign_site_by_hand
from safegrid.orgs import selectors as orgs
from safegrid.sites import access as site_access
from safegrid.sites.services import mark_directly_supervised

MOST = 500
SHOWN_REFUSALS = 20
ASSIGN, DIRECT = "assign", "direct"
LABELS = {ASSIGN: "指定网格", DIRECT: "列为直接监管"}


def may_assign(user: Actor, county: int) -> bool:
    """Say whether the user may give some site of the county to a grid by hand."""
    return any(holding.county == county for holding in held(user, *grid_access.VERBS["assign_site_by_hand"]))


def may_mark(user: Actor, county: int) -> bool:
    """Say whether the user may put some site of the county under direct supervision."""
    return any(holding.county == county for holding in held(user, *site_access.VERBS["mark_directly_supervised"]))


def _actions(user: Actor, county: int) -> list[tuple[str, str]]:
    allowed = {ASSIGN: may_assign(user, county), DIRECT: may_mark(user, county)}
    return [(name, LABELS[name]) for name, is_allowed in allowed.items() if is_allowed]


@login_required
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, county: int) -> HttpResponse:
    """Draw a polygon and say what is to be done; then show the sites in it."""
    user = reader(request, county)
    actions = _actions(user, county)
    if not actions:
        raise Http404
    specs = [
        FieldSpec("shape", "范围", "area", required=True, data={"county": str(county), "sites": "yes"}),
        FieldSpec("action", "办理事项", "choice", required=True, choices=actions, initial=actions[0][0]),
    ]
    form = VerbForm(specs, request.POST if request.method == "POST" else None, submit="列出范围内的监管对象")
    context = {"title": "框选监管对象", "form": form, "back": reverse("map:county", args=[county]),
               "words": f"在图上围出一个范围，核对名单后一并办理；一次最多 {MOST} 个。"}  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            area = checked_area(form.cleaned_data["shape"], field="shape")
        except InvalidInput as error:
            form.show(error)
        else:
            ids = inside(user, county, area)
            if ids:
                action = ACTIONS[form.cleaned_data["action"]]
                return _preview(request, user, county, action, ids, action.form(user, county, None, area))
            form.add_error("shape", "这个范围内没有您可以看到的监管对象")
    return render(request, "console/form.html", context, status=form.status if form.errors else 200)


def inside(user: Actor, county: int, area: Any) -> list[UUID]:
    """Return the sites that the user sees inside an area given in WGS 84 degrees."""
    whole, mask, _ = visible_sites(Asked(user, county, clock.today()))
    near = whole.within(area.bounds, mask)
    longitudes, latitudes = whole.degrees(near)
    shapely.prepare(area)
    held_in = shapely.intersects_xy(area, longitudes, latitudes)
    return [one for one, is_in in zip(near, held_in, strict=True) if is_in]


@dataclass(frozen=True)
class Action:
    """One thing to be done with many sites: its form, and the verb for one of them."""

    name: str
    is_allowed: Callable[[Actor, int], bool]
    specs: Callable[[Actor, int, Any], list[FieldSpec]]
    act: Callable[..., Any]

    def form(self, user: Actor, county: int, data: Any, area: Any = None) -> VerbForm:
        return VerbForm(self.specs(user, county, area), data, submit=f"{LABELS[self.name]}（所选对象）",
                        action=reverse(f"map:{self.name}", args=[county]))  # fmt: skip


def _grid_specs(user: Actor, county: int, area: Any) -> list[FieldSpec]:
    rows = [
        row
        for row in grids.grids(user).filter(county=county).order_by("code")
        if grid_access.can(user, "assign_site_by_hand", row)
    ]
    middle = area.representative_point() if area is not None else None
    here = grids.grid_at(county, middle.x, middle.y) if middle is not None else None
    return [
        FieldSpec("grid", "网格", "choice", required=True, initial=str(here or ""),
                  choices=[(str(row.id), f"{row.name}（{row.code}）") for row in rows]),
        FieldSpec("reason", "原因", required=True, max_length=200),
    ]  # fmt: skip


def _direct_specs(user: Actor, county: int, area: Any) -> list[FieldSpec]:
    own = {holding.department_id for holding in held(user, "department_officer")}
    is_lead = bool(held(user, "lead_officer"))
    bodies = [
        (str(one.id), one.name) for one in orgs.departments(county) if not one.town and (is_lead or one.id in own)
    ]
    return [
        FieldSpec("reason", "理由", required=True, max_length=200),
        FieldSpec("department_id", "本县直接监管部门", "department", choices=bodies),
        FieldSpec("authority", "直接监管部门名称", max_length=100, help="市级以上部门直接监管的填写名称；选了本县部门的可不填"),
        FieldSpec("valid_from", "开始日期", "date", required=True, initial=clock.today),
    ]  # fmt: skip


def _assign(user: Actor, county: int, site: Any, *, grid: str, reason: str) -> None:
    assign_site_by_hand(acting_user=user, site=site, grid=grids.grid_for(user, county, UUID(grid)), reason=reason)


def _direct(user: Actor, county: int, site: Any, **values: Any) -> None:
    mark_directly_supervised(acting_user=user, site=site, **values)


ACTIONS = {
    ASSIGN: Action(ASSIGN, may_assign, _grid_specs, _assign),
    DIRECT: Action(DIRECT, may_mark, _direct_specs, _direct),
}


@login_required
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, county: int) -> HttpResponse:
    """Give the sites chosen to a grid."""
    return _carry_out(request, county, ACTIONS[ASSIGN])


@login_required
@require_http_methods(["GET", "POST"])
def direct(request: HttpRequest, county: int) -> HttpResponse:
    """Put the sites chosen under direct supervision."""
    return _carry_out(request, county, ACTIONS[DIRECT])


def _carry_out(request: HttpRequest, county: int, action: Action) -> HttpResponse:
    user = reader(request, county)
    if not action.is_allowed(user, county):
        raise Http404
    back = reverse("map:select", args=[county])
    if request.method != "POST":
        return HttpResponseRedirect(back)
    offered, chosen = _ids(request.POST.getlist("offered")), _ids(request.POST.getlist("site"))
    form = action.form(user, county, request.POST)
    if not chosen:
        form.add_error(None, "请至少选择一个监管对象")
    if len(chosen) > MOST:
        form.add_error(None, f"一次最多 {MOST} 个，请缩小范围")
    if form.is_valid():
        rows = list(site_access.visible(user).filter(county=county, id__in=chosen).order_by("id"))
        done, refused = each(rows, lambda row: action.act(user, county, row, **form.cleaned_data))
        if done:
            messages.success(request, f"{LABELS[action.name]}：已办理 {done} 个")
        for name, why in refused[:SHOWN_REFUSALS]:
            messages.warning(request, f"{name}：{why}")
        if len(refused) > SHOWN_REFUSALS:
            messages.warning(request, f"另有 {len(refused) - SHOWN_REFUSALS} 个没有办理")
        return HttpResponseRedirect(reverse("map:county", args=[county]) if done else back)
    return _preview(request, user, county, action, offered or chosen, form, chosen)


def each(rows: Sequence[Any], act: Callable[[Any], Any]) -> tuple[int, list[tuple[str, str]]]:
    """Do it with one site after another, each for itself; return how many were done, and (name, why) of the refused."""
    done, refused = 0, []
    for row in rows:
        try:
            act(row)
            done += 1
        except InvalidInput as error:
            refused.append((row.shown_name, "；".join(error.fields.values())))
        except SafeGridError as error:
            refused.append((row.shown_name, error.message))
    return done, refused


def _preview(request: HttpRequest, user: Actor, county: int, action: Action, ids: Sequence[UUID], form: VerbForm,
             chosen: Sequence[UUID] | None = None) -> HttpResponse:  # fmt: skip
    rows = list(
        site_access.visible(user).filter(county=county, id__in=list(ids)[:MOST]).order_by("town", "village", "name")
    )
    names = grids.names_of(county, [row.grid_id for row in rows])
    marked = set(ids if chosen is None else chosen)
    context = {
        "title": f"框选监管对象：{LABELS[action.name]}",
        "form": form,
        "rows": [(row, names.get(row.grid_id, ""), row.id in marked) for row in rows],
        "found": len(ids),
        "most": MOST,
        "is_too_many": len(ids) > MOST,
        "back": reverse("map:select", args=[county]),
        "county": county,
    }
    return render(
        request, "console/map/selected.html", context, status=form.status if form.is_bound and form.errors else 200
    )


def _ids(texts: Sequence[str]) -> list[UUID]:
    found = []
    for text in texts[: 4 * MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
