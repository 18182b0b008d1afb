"""The page of a site's record."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from safegrid.dossier import selectors
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor, grants_read_once
from safegrid.foundation.web import web_user
from safegrid.patrols import access as patrols

app_name = "dossier"
PAGE = 50


@login_required
@require_GET
def site(request: HttpRequest, county: int, site_id: UUID) -> HttpResponse:
    """One site's record: what it is, who looks after it, what happened, the latest first."""
    user = web_user(request)
    with grants_read_once():
        return _site(request, user, county, site_id)


def _site(request: HttpRequest, user: Actor, county: int, site_id: UUID) -> HttpResponse:
    try:
        record = selectors.record(user, county, site_id)
    except NotVisible as error:
        raise Http404 from error
    known = [kind for kind, _ in selectors.KINDS]
    kinds = frozenset(kind for kind in request.GET.getlist("kind") if kind in known)
    found = selectors.events(user, record.site, kinds, record.beside)
    shown, older = _page(found, request.GET.get("before", ""))
    query = [("kind", kind) for kind in known if kind in kinds]
    context = {
        "record": record,
        "site": record.site,
        "kinds": [(kind, label, kind in kinds) for kind, label in selectors.KINDS],
        "is_filtered": bool(kinds),
        "events": shown,
        "older_url": "?" + urlencode([*query, ("before", older)]) if older else "",
        "is_older": "before" in request.GET,
        "latest_url": "?" + urlencode(query),
        **_patrol(user, record.site),
    }
    return render(request, "dossier/site.html", context)


def _patrol(user: Actor, site: Any) -> dict[str, bool]:
    """Return what the page offers of patrols, where members visit the site."""
    is_visited = site.grid_id is not None and not site.is_directly_supervised
    return {
        "may_add_visit": is_visited and patrols.can(user, "add_visit", site.county),
        "may_print_code": is_visited and patrols.can(user, "print_codes", site.county, site.town),
    }


def _page(found: list[selectors.Event], before: str) -> tuple[list[selectors.Event], str]:
    """Return the events older than the cursor, as many as a page shows, and the cursor of the next page."""
    moment, _, passed = before.partition("_")
    try:
        at = datetime.fromisoformat(moment) if moment else None
        skip = int(passed or 0)
    except ValueError:
        at, skip = None, 0
    if at is not None and at.tzinfo is not None:
        # Several events may share one moment: the cursor says how many of them were shown.
        found = [one for one in found if one.at < at] if not skip else _after(found, at, skip)
    shown = found[:PAGE]
    if len(found) <= PAGE:
        return shown, ""
    last = shown[-1].at
    already = skip if at == last else 0
    return shown, f"{last.isoformat()}_{already + sum(one.at == last for one in shown)}"


def _after(found: list[selectors.Event], at: datetime, skip: int) -> list[selectors.Event]:
    return [one for one in found if one.at == at][skip:] + [one for one in found if one.at < at]


@login_required
@require_GET
def site_map(request: HttpRequest, county: int, site_id: UUID) -> JsonResponse:
    """Where the site is, as GeoJSON for the map island."""
    try:
        features = selectors.features(web_user(request), county, site_id)
    except NotVisible as error:
        raise Http404 from error
    return JsonResponse(
        {"type": "FeatureCollection", "features": features}, content_type="application/geo+json", safe=False
    )


urlpatterns = [
    path("dossier/sites/<int:county>/<uuid:site_id>/", site, name="site"),
    path("dossier/sites/<int:county>/<uuid:site_id>/map.json", site_map, name="site_map"),
]
