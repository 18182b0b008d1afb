"""The table of visit norms, read by all and written in place by the lead office."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import export_rows, go, web_user
from safegrid.foundation.web.pages import county_read, spanning
from safegrid.handbook import access, selectors, services
from safegrid.sites.selectors import RISK_GRADES, SITE_TYPES


@login_required
def norm_table(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    with spanning(user):
        county = county_read(request, lambda: list(selectors.kinds(user).values_list("county", flat=True)[:1]))
        norms = {(one.site_type, one.risk_grade): one for one in selectors.visit_norms(user, county)}
    if norms and request.method == "GET" and request.GET.get("export") == "xlsx":
        return _workbook(user, county, norms)
    problems: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            changed = _save(user, county, norms, request)
        except InvalidInput as error:
            problems, status = error.fields, error.status
        except SafeGridError as error:
            problems, status = {"": error.message}, error.status
        else:
            messages.success(request, f"已修改 {changed} 项频次标准" if changed else "没有改动")
            return go(request, f"{reverse('handbook:norms')}?county={county}")
    rows = [
        (label, [(_name(kind, grade), words, norms.get((kind, grade))) for grade, words in RISK_GRADES])
        for kind, label in SITE_TYPES
        if any(one[0] == kind for one in norms)
    ]
    typed = request.POST if request.method == "POST" else {}
    table = [
        (label, [(name, words, norm, _shown(typed, name, norm), problems.get(name, "")) for name, words, norm in cells])
        for label, cells in rows
    ]
    context = {
        "table": table,
        "grades": [label for _, label in RISK_GRADES],
        "problem": problems.get("", ""),
        "export_url": f"?county={county}&export=xlsx" if norms else "",
        "may_set": access.can(user, "set_visit_norm", county),
    }
    return render(request, "handbook/norms.html", context, status=status)


def _workbook(user: Actor, county: int, norms: dict[tuple[str, str], Any]) -> HttpResponse:
    """Return the table as a marked and traced workbook, a line to every type and grade."""
    rows = [
        [type_label, grade_label, norm.visits_a_year, norm.minutes]
        for kind, type_label in SITE_TYPES
        for grade, grade_label in RISK_GRADES
        if (norm := norms.get((kind, grade))) is not None
    ]
    labels = ["对象类型", "风险等级", "每年次数", "每次分钟"]
    return export_rows(
        user, name="handbook.visit_norms", title="巡查频次标准", labels=labels, rows=rows, filters={}, county=county
    )


def _name(site_type: str, grade: str) -> str:
    return f"{site_type}.{grade}"


def _shown(typed: Any, name: str, norm: Any) -> tuple[str, str]:
    """Return the visits and minutes to stand in the inputs: as typed, else as they are."""
    if norm is None:
        return "", ""
    return typed.get(f"{name}.visits", norm.visits_a_year), typed.get(f"{name}.minutes", norm.minutes)


@transaction.atomic
def _save(user: Actor, county: int, norms: dict[tuple[str, str], Any], request: HttpRequest) -> int:
    """Set what was changed, all or nothing; return how many. Raises ``InvalidInput`` naming the cells."""
    problems, changed = {}, 0
    for (site_type, grade), norm in norms.items():
        name = _name(site_type, grade)
        visits, minutes = (request.POST.get(f"{name}.{part}", "").strip() for part in ("visits", "minutes"))
        if not visits and not minutes:
            continue
        if not (visits.isascii() and visits.isdigit() and minutes.isascii() and minutes.isdigit()):
            problems[name] = "请填整数"
        elif (int(visits), int(minutes)) != (norm.visits_a_year, norm.minutes):
            try:
                services.set_visit_norm(acting_user=user, county=county, site_type=site_type, risk_grade=grade,
                                        visits_a_year=int(visits), minutes=int(minutes))  # fmt: skip
            except InvalidInput as error:
                problems[name] = error.message
            changed += 1
    if problems:
        raise InvalidInput(problems)
    return changed
