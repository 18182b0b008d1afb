"""The page of one case: what it is, where, whose, how far, and what this user may do now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from shapely.geometry import mapping

from safegrid.cases import access, choices, forms, record, selectors, words
from safegrid.cases.web.common import case_or_404
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, grants_read_once
from safegrid.foundation.web import web_user
from safegrid.grids import selectors as grids
from safegrid.handbook import selectors as handbook
from safegrid.regions import selectors as regions
from safegrid.sites.access import sees_read as sees_site


@login_required
@require_GET
def detail(request: HttpRequest, county: int, case_id: UUID) -> HttpResponse:
    user = web_user(request)
    with grants_read_once():
        case = case_or_404(user, county, case_id)
        return render(request, "cases/case.html", context_of(user, case))


def context_of(user: Actor, case: Any) -> dict[str, Any]:
    """Return what the page prints of a case read by ``selectors.case_for``."""
    as_site = access.sees_as_site(user, case)
    verbs = selectors.verbs_of(user, case)
    beside, events = record.beside(user, case)
    label, turn = record.state_words(case)
    rows = [row for row in verbs if row.verb != "unmask_reporter" or case.reporter_phone]
    return {
        "case": case,
        "as_site": as_site,
        "title": handbook.kind_names(case.county).get(case.kind, case.kind),
        "state": {"label": label, "turn": turn, "tone": words.STATE_TONES.get(case.state, "gray")},
        "marks": _marks(case),
        "facts": _facts(case, beside, as_site=as_site),
        "where": _where(user, case),
        "steps": record.steps(case),
        "timers": record.timers(user, case),
        "photos": record.photos(user, case),
        "beside": beside,
        "routing": {} if as_site else _routing(case),
        "events": events,
        "similar": _similar(user, case) if any(row.verb == "merge" for row in verbs) else [],
        "main_verbs": [row for row in rows if row.targets and row.verb not in forms.ASIDE],
        "other_verbs": [row for row in rows if not row.targets or row.verb in forms.ASIDE],
        "levels": words.LEVELS,
    }


def _marks(case: Any) -> list[tuple[str, str]]:
    given = (
        (words.SEVERITIES.get(case.severity, ""), words.SEVERITY_TONES.get(case.severity, "gray"), True),
        ("生产安全事故", "red", case.is_accident), ("挂牌督办", "red", case.is_listed_major),
        ("督办", "orange", case.is_supervised), ("疑似重大", "orange", case.is_suspected_major),
        ("当场整改", "green", case.is_settled_on_spot), (f"返工 {case.reworks} 次", "orange", case.reworks),
        ("曾超期", "yellow", case.was_overdue),
    )  # fmt: skip
    return [(label, tone) for label, tone, is_given in given if is_given and label]


def _facts(case: Any, beside: record.Beside, *, as_site: bool) -> list[tuple[Any, ...]]:
    main = beside.departments.get(case.department_id, "")
    facts: list[tuple[Any, ...]] = [
        ("编号", case.number), ("性质", words.NATURES.get(case.nature, case.nature)), ("主办部门", main),
    ]  # fmt: skip
    if as_site:
        return facts
    roles = dict(words.names_for(case.county, []).roles)
    if case.reporter_role:
        facts.append(
            ("上报人岗位", roles.get(case.reporter_role, {"public": "群众", "system": "系统"}.get(case.reporter_role)))
        )
    facts += [("来源渠道", words.CHANNELS.get(case.channel, "")), ("上报时间", f"{_local(case.reported_at)}")]
    if case.found_at is not None:
        facts.append(("发现时间", f"{_local(case.found_at)}"))
    if case.reporter_name or case.reporter_phone:
        facts.append(("反映人", f"{case.reporter_name} {case.reporter_phone}".strip()))
    for label, user_id in (("核实人", case.verifier_id), ("复查人", case.rechecker_id)):
        if user_id is not None:
            facts.append((label, beside.people.get(user_id, "")))
    if case.merged_into_id is not None:
        facts.append(("并入", "查看所并入的案件", reverse("cases:detail", args=[case.county, case.merged_into_id])))
    return facts


def _local(moment: Any) -> str:
    return f"{moment.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def _where(user: Actor, case: Any) -> list[tuple[Any, ...]]:
    site = case.site
    found: list[tuple[Any, ...]] = []
    if site is not None:
        # A department may handle a case at a site that is another's to look after.
        is_seen = sees_site(user, site)
        url = reverse("dossier:site", args=[case.county, site.pk]) if is_seen else ""
        found.append(("监管对象", site.shown_name, url))
    if case.place_words:
        found.append(("地点描述", case.place_words))
    found.append(("所在", regions.full_name(case.village or case.town)))
    grid = grids.names_of(case.county, [case.grid_id]).get(case.grid_id, "") if case.grid_id else ""
    return [*found, ("网格", grid)]


def _routing(case: Any) -> dict[str, Any]:
    """Return how the main department was found, as kept at the dispatch; before it, what the rules say now."""
    if case.routing:
        return {"is_kept": True, **case.routing}
    if case.state not in ("registered", "returned"):
        return {}
    _, why = choices.suggested_department(case)
    return {"is_kept": False, "why": why}


def _similar(user: Actor, case: Any) -> list[tuple[str, str]]:
    """Return (label, address) of cases that may be the same thing and that the user sees."""
    if case.state not in ("reported", "verifying", "registered"):
        return []
    found = choices.similar_cases(case)
    if not found:
        return []
    rows = access.visible(user).filter(county=case.county, number__in=[number for number, _ in found])
    ids = dict(rows.values_list("number", "id"))
    return [
        (label, reverse("cases:detail", args=[case.county, ids[number]])) for number, label in found if number in ids
    ]


@login_required
@require_GET
def case_map(request: HttpRequest, county: int, case_id: UUID) -> JsonResponse:
    """Where the case is, as GeoJSON for the map island: its grid, its site, itself."""
    case = case_or_404(web_user(request), county, case_id)
    features: list[dict[str, Any]] = []
    if case.grid_id is not None:
        areas = [one.area for one in grids.pieces(county) if one.grid_id == case.grid_id]
        features += [_feature("grid", "", mapping(area)) for area in areas[:1]]
    site = case.site
    at_site = site is not None and (site.longitude, site.latitude) == (case.longitude, case.latitude)
    if site is not None and site.longitude is not None and not at_site:
        features.append(_feature("site", site.shown_name, _point(site)))
    if case.longitude is not None:
        features.append(_feature("case", site.shown_name if at_site else "案件位置", _point(case)))
    body = {"type": "FeatureCollection", "features": features}
    return JsonResponse(body, content_type="application/geo+json")


def _point(row: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [row.longitude, row.latitude]}


def _feature(role: str, label: str, geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"role": role, "label": label}, "geometry": geometry}
