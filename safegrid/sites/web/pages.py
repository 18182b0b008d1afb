"""The page of one site."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.foundation.scope import Actor, grants_read_once
from safegrid.foundation.web import web_user
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions
from safegrid.sites import access, industries, selectors
from safegrid.sites.around import around
from safegrid.sites.web.common import GRADE_TONES, STATUS_TONES, link, read, scope
from safegrid.sites.web.verbs import offered

HISTORY = 100


@login_required
@require_GET
def detail(request: HttpRequest, county: int, site_id: UUID) -> HttpResponse:
    """Facts, contacts, position, direct supervision, change requests, history, and what this user may do."""
    user = web_user(request)
    with grants_read_once():
        return _detail(request, user, county, site_id)


def _detail(request: HttpRequest, user: Actor, county: int, site_id: UUID) -> HttpResponse:
    site = read(selectors.site_for, user, county, site_id)
    with scope(user):
        verbs = access.verbs_for(user, site)
        beside = around(user, site, limit=HISTORY)
        context = {
            "site": site,
            "facts": facts(site, leads_to_grid=access.sees_its_grid(user, site)),
            "grade_tone": GRADE_TONES.get(site.risk_grade, "gray"),
            "status_tone": STATUS_TONES.get(site.status, "gray"),
            "warnings": selectors.position_warnings(site),
            "contacts": beside.contacts,
            "direct": beside.direct,
            "changes": beside.changes,
            "events": beside.history,
            "verbs": verbs,
            "actions": offered(verbs, site),
            "map_url": reverse("sites:map", args=[county, site.pk]),
            "dossier_url": link("dossier:site", county, site.pk),
            "duty_url": link("duties:why", county, site.pk),
            "may_unmask_name": "unmask_household" in verbs and site.site_type == "household",
        }
    return render(request, "sites/detail.html", context)


def facts(site: Any, *, leads_to_grid: bool) -> list[tuple[Any, ...]]:
    industry = f"{industries.name_of(site.industry)}（{site.industry}）" if site.industry else ""
    departments = orgs.names_of(site.county, {site.department_id} if site.department_id else set())
    return [
        ("编码", site.code),
        ("类型", site.get_site_type_display()),
        ("行业", industry),
        ("规模", site.get_scale_display()),
        ("从业人数", site.employees),
        ("统一社会信用代码", site.credit_code),
        ("所在", regions.full_name(site.village or site.town)),
        ("地址", site.address),
        ("营业时间", site.opening_hours),
        ("主管部门", departments.get(site.department_id, "")),
        ("网格", "", "")
        if site.grid_id is None
        else ("网格", "已划入网格", link("grids:grid", site.county, site.grid_id) if leads_to_grid else ""),
        ("来源", "演示数据" if site.is_demonstration else site.source),
        ("登记于", site.created_at),
    ]


@login_required
@require_GET
def map_of(request: HttpRequest, county: int, site_id: UUID) -> JsonResponse:
    """Where the site is, as GeoJSON for the map island; without a position, nothing on it."""
    user: Actor = web_user(request)
    site = read(selectors.site_for, user, county, site_id)
    features = []
    if site.longitude is not None:
        point = {"type": "Point", "coordinates": [site.longitude, site.latitude]}
        features.append(
            {"type": "Feature", "properties": {"role": "site", "label": site.shown_name}, "geometry": point}
        )
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")
