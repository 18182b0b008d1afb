"""Changing a plan by hand: by dragging on the map, or by the forms that do the same without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec
from safegrid.foundation.web.pages import form_page
from safegrid.planning import access, selectors, services
from safegrid.planning.web.common import page_of, scenario_of
from safegrid.planning.web.pages import plan_context

MOST_CHOICES = 5000


@login_required
@require_POST
def drag(request: HttpRequest, county: int, scenario_id: UUID) -> JsonResponse:
    """Move one unit to another grid; answer with the figures anew, or with why it cannot be."""
    user, scenario = scenario_of(request, county, scenario_id)
    try:
        unit, to_grid = int(request.POST.get("unit", "")), int(request.POST.get("grid", ""))
    except ValueError:
        return JsonResponse({"detail": "请把单元拖到另一个网格内"}, status=422)
    try:
        scenario = services.move_unit(acting_user=user, scenario=scenario, unit=unit, to_grid=to_grid)
    except InvalidInput as error:
        return JsonResponse({"detail": "；".join(error.fields.values())}, status=422)
    except SafeGridError as error:
        return JsonResponse({"detail": error.message}, status=error.status)
    figures = render_to_string("planning/_plan.html", plan_context(user, scenario), request=request)
    return JsonResponse({"unit": unit, "grid": to_grid, "panel": figures})


def _grids(scenario: Any) -> list[tuple[str, str]]:
    return [(str(one.number), f"{one.code} {one.name}（{one.hours:.0f} 小时）") for one in selectors.grids_of(scenario)]


def _units(scenario: Any) -> list[tuple[str, str]]:
    rows = selectors.units_of(scenario)[:MOST_CHOICES]
    return [
        (str(one.number), f"{one.number + 1} {one.village_name} {one.kind_label}（{one.sites} 个对象）") for one in rows
    ]


def _move(user: Actor, scenario: Any, unit: str, grid: str, **_: Any) -> Any:
    return services.move_unit(acting_user=user, scenario=scenario, unit=int(unit), to_grid=int(grid))


def _merge(user: Actor, scenario: Any, grids: list[str], **_: Any) -> Any:
    return services.merge_grids(acting_user=user, scenario=scenario, grids=[int(one) for one in grids])


def _split(user: Actor, scenario: Any, units: str, **_: Any) -> Any:
    numbers = units.replace("，", ",").replace("、", ",").replace(" ", ",").split(",")
    try:
        chosen = [int(one) - 1 for one in numbers if one]
    except ValueError as error:
        raise InvalidInput({"units": "请填写单元序号，用逗号隔开，如 3,5,8"}) from error
    return services.split_grid(acting_user=user, scenario=scenario, units=chosen)


def _undo(user: Actor, scenario: Any, **_: Any) -> Any:
    return services.undo_edit(acting_user=user, scenario=scenario)


# verb of the address → (verb, its words, its fields, what it does, what stands above the form)
EDITS: dict[str, tuple[str, str, Callable[[Any], list[FieldSpec]], Callable[..., Any], str]] = {
    "move": ("move_unit", "调整单元", lambda scenario: [
        FieldSpec("unit", "单元", "choice", required=True, choices=_units(scenario)),
        FieldSpec("grid", "调整到网格", "choice", required=True, choices=_grids(scenario))],
        _move, "网格须连片、不得越界；不允许的调整会说明原因。"),
    "merge": ("merge_grids", "合并网格", lambda scenario: [
        FieldSpec("grids", "要合并的网格", "choices", required=True, choices=_grids(scenario))],
        _merge, "选择两个或更多相邻的网格。"),
    "split": ("split_grid", "新增网格", lambda _: [
        FieldSpec("units", "单元序号", required=True, max_length=2000, help="在单元清单里查看序号，用逗号隔开，如 3,5,8")],
        _split, "所填单元从原网格划出，成为一个新网格；划出后各网格仍须连片。"),
    "undo": ("undo_edit", "撤销调整", lambda _: [], _undo, "恢复到最近一次手工调整之前。"),
}  # fmt: skip


@login_required
def edit(request: HttpRequest, county: int, scenario_id: UUID, verb: str) -> HttpResponse:
    """Show and carry out one change by hand: ``EDITS``."""
    user, scenario = scenario_of(request, county, scenario_id)
    if verb not in EDITS or not access.can(user, EDITS[verb][0], scenario):
        raise Http404
    _, label, specs, action, words = EDITS[verb]
    offered = specs(scenario)
    initial = {spec.name: request.GET.get(spec.name) for spec in offered if spec.name in request.GET}
    return form_page(
        request, offered, lambda **values: action(user, scenario, **values), title=f"{label}：{scenario.name}",
        to=page_of(scenario), back=page_of(scenario), submit=label, done=f"{label}：已完成", words=words, initial=initial,
    )  # fmt: skip
