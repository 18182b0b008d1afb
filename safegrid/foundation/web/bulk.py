"""One verb for many rows of a list: what can be done with the rows of a register, and which rows a user means.

The contexts' verbs stay as they are: an action names one, with its form. The console keeps the run, shows what would happen, and
carries it out row by row (``console.registers.runs``); it also says here which actions there are, since some verbs belong to
contexts above the one whose list it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from safegrid.foundation.scope import Actor
from safegrid.foundation.web.forms import FieldSpec
from safegrid.foundation.web.handling import web_user

MOST = 5_000


@dataclass(frozen=True)
class BulkAction:
    """What can be done with many rows of ``register`` (a list's ``export_name``) by one verb.

    ``rows``: what the user sees of it; ``is_allowed(user, county)``: whether to offer it; ``specs(user, county)``: the fields
    of the verb; ``refusals(user, rows)``: row id → why the verb would refuse, as far as can be told beforehand;
    ``act(user, row, **cleaned)``: the verb, which alone decides.
    """

    name: str
    label: str
    register: str
    rows: Callable[[Actor], QuerySet[Any]]
    is_allowed: Callable[[Actor, int], bool]
    specs: Callable[[Actor, int], list[FieldSpec]]
    refusals: Callable[[Actor, Sequence[Any]], Mapping[UUID, str]]
    act: Callable[..., Any]
    name_of: Callable[[Any], str]
    is_danger: bool = False


Starter = Callable[[Actor, BulkAction, int, list[UUID], str], str]
_actions: dict[str, BulkAction] = {}
_starters: list[Starter] = []


def offer(*actions: BulkAction) -> None:
    """Register actions; a name stands for one action."""
    _actions.update({action.name: action for action in actions})


def run_by(starter: Starter) -> None:
    """Register what begins a run (user, action, county, row ids, address of the list) and returns the preview's address."""
    _starters[:] = [starter]


def action(name: str) -> BulkAction | None:
    """Return the action of a name."""
    return _actions.get(name)


def offered(user: Actor, register: str) -> list[BulkAction]:
    """Return what the user may do with many rows of a register, in some county."""
    here = [one for one in _actions.values() if one.register == register]
    counties = {holding.county for holding in user.holdings() if holding.county} if here else set()
    return [one for one in here if any(one.is_allowed(user, county) for county in counties)]


def start(
    request: HttpRequest, rows: QuerySet[Any, Any], register: str, back: str, problems: Sequence[str] = ()
) -> HttpResponse:
    """Answer the form under a list: to the preview with the rows ticked (``row``: county-id) or all that match (``all=yes``).

    ``rows``: what the list shows, filtered; whatever else is asked for is as good as not there. ``problems``: filters that were
    left out; then "all" would mean more than was asked for, and is refused.
    """
    user = web_user(request)
    wanted = next((one for one in offered(user, register) if one.name == request.POST.get("bulk")), None)
    if wanted is None or not _starters:
        messages.error(request, "没有这项批量操作，或您的岗位不能进行")
        return HttpResponseRedirect(back)
    found = _all(rows) if request.POST.get("all") == "yes" else _ticked(rows, request.POST.getlist("row"))
    counties = {county for county, _ in found}
    problem = ""
    if problems and request.POST.get("all") == "yes":
        problem = "；".join(problems)
    elif not found:
        problem = "请先勾选要办理的记录"
    elif len(found) > MOST:
        problem = f"一次最多办理 {MOST:,} 条，请先缩小筛选范围"
    elif len(counties) > 1:
        problem = "所选记录属于几个县，请先筛选到一个县再办理"
    elif not wanted.is_allowed(user, next(iter(counties))):
        problem = "您的岗位不能在这个县进行这项操作"
    if problem:
        messages.error(request, problem)
        return HttpResponseRedirect(back)
    return HttpResponseRedirect(_starters[0](user, wanted, counties.pop(), [row_id for _, row_id in found], back))


def _all(rows: QuerySet[Any, Any]) -> list[tuple[int, UUID]]:
    return list(dict.fromkeys(rows.order_by("id").values_list("county", "id")[: MOST + 1]))


def _ticked(rows: QuerySet[Any, Any], written: Sequence[str]) -> list[tuple[int, UUID]]:
    asked: dict[int, list[UUID]] = {}
    for text in written[: MOST + 1]:
        place, _, row_id = text.partition("-")
        try:
            asked.setdefault(int(place), []).append(UUID(row_id))
        except ValueError:
            continue
    found: list[tuple[int, UUID]] = []
    for county, ids in list(asked.items())[:2]:  # more than one is refused anyway
        found += rows.filter(county=county, id__in=ids).order_by("id").values_list("county", "id")
    return list(dict.fromkeys(found))
