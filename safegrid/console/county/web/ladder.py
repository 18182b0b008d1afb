"""The ladder that an overrun climbs: who is told, how long after the limit, by severity."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.accounts.selectors import kind_choices
from safegrid.cases import ladder as rules
from safegrid.cases import services
from safegrid.cases.words import SEVERITIES
from safegrid.console.county.web import calendar
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import held
from safegrid.foundation.web import FieldSpec, web_user
from safegrid.foundation.web.pages import county_read, form_page
from safegrid.foundation.worktime import TimeLimit, TimeUnit

RUNGS = 4
UNITS = [(TimeUnit.URGENT_HOURS.value, "小时（紧急）"), (TimeUnit.WORKING_HOURS.value, "个工作小时"),
         (TimeUnit.WORKING_DAYS.value, "个工作日"), (TimeUnit.CALENDAR_DAYS.value, "日")]  # fmt: skip
READERS = calendar.READERS


def _keeps(user: Any, county: int) -> bool:
    return any(holding.county == county for holding in held(user, "lead_chief"))


@login_required
@require_GET
def ladder(request: HttpRequest) -> HttpResponse:
    """The county's ladder."""
    user = web_user(request)
    if not any(holding.kind in READERS for holding in user.holdings()):
        raise Http404
    county = county_read(request, list)
    labels = dict(kind_choices())
    lines = [
        (severity, label, [(rung.step, str(rung.after), "、".join(labels[role] for role in rung.roles))
                           for rung in rules.rungs(county, severity)])
        for severity, label in SEVERITIES.items()
    ]  # fmt: skip
    context = {"county": county, "lines": lines, "may_edit": _keeps(user, county), "tab": "ladder"}
    return render(request, "console/county/ladder.html", context)


@login_required
def change(request: HttpRequest, county: int, severity: str) -> HttpResponse:
    """Set the rungs of one severity anew."""
    user = web_user(request)
    if severity not in SEVERITIES or not _keeps(user, county):
        raise Http404
    back = f"{reverse('county:ladder')}?county={county}"

    def act(**values: Any) -> None:
        services.set_ladder(acting_user=user, county=county, severity=severity, steps=_steps(values))

    return form_page(
        request, _specs(rules.rungs(county, severity)), act, title=f"修改督办阶梯：{SEVERITIES[severity]}", to=back, back=back,
        words="不用的级留空。改动只影响此后的超期提醒。",
    )  # fmt: skip


def _specs(present: Any) -> list[FieldSpec]:
    kinds = kind_choices()
    specs = []
    for number in range(1, RUNGS + 1):
        rung = present[number - 1] if number <= len(present) else None
        specs += [
            FieldSpec(f"value_{number}", f"第 {number} 级：超期后", "integer", least=1, initial=rung.after.value if rung else None),
            FieldSpec(f"unit_{number}", f"第 {number} 级：单位", "choice", choices=UNITS,
                      initial=rung.after.unit.value if rung else None),
            FieldSpec(f"roles_{number}", f"第 {number} 级：通知", "choices", choices=kinds,
                      initial=list(rung.roles) if rung else []),
        ]  # fmt: skip
    return specs


def _steps(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rungs filled in, in order; raise ``InvalidInput`` for half a rung, a gap, or one no later than the one before."""
    found, problems, ended = [], {}, False
    for number in range(1, RUNGS + 1):
        value, unit, roles = (values[f"{name}_{number}"] for name in ("value", "unit", "roles"))
        if not value and not roles:
            ended = True
            continue
        if ended:
            problems[f"value_{number}"] = "请先填写上一级"
        elif not value or not unit or not roles:
            problems[f"value_{number}"] = "时间、单位、通知对象要一起填写"
        else:
            try:
                TimeLimit(int(value), TimeUnit(unit))
            except ValueError as error:
                problems[f"value_{number}"] = str(error)
            found.append({"after": {"value": int(value), "unit": unit}, "roles": roles})
    if problems:
        raise InvalidInput(problems)
    return found
