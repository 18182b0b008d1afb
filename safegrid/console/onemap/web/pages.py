"""The page of a county's map, the choice of a county before it, and what scripts need to begin."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.console.onemap import heat, layers, stock
from safegrid.console.onemap.mercator import backward
from safegrid.console.onemap.web.common import READERS, asked, reader
from safegrid.console.onemap.web.select import may_assign, may_mark
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.web import web_user
from safegrid.foundation.web.pages import county_read
from safegrid.grids.map import collection
from safegrid.grids.selectors import grids
from safegrid.regions import selectors as regions
from safegrid.sites import selectors as sites

MOST_STILL = 500
BLIND = frozenset({"hotline_officer"})  # reads cases alone: no boxes for sites and grids that would show nothing
GRADE_CLASSES = {"red": "bg-red", "orange": "bg-orange", "yellow": "bg-yellow", "blue": "bg-blue"}


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Go to the user's one county; whoever has several, or works above them, chooses."""
    user = web_user(request)
    holdings = held(user, *READERS)
    if not holdings:
        raise Http404
    counties = sorted({one.county for one in holdings if one.county})
    above = [one.place for one in holdings if one.county is None]
    if len(counties) == 1 and not above:
        return HttpResponseRedirect(reverse("map:county", args=counties))
    codes = [str(one) for one in counties] or [one.code for place in above for one in _below(request, place)]
    names = regions.names_of(codes)
    links = [
        (names.get(code, code), reverse("map:county", args=[int(code)]) if len(code) == 6 else f"?place={code}")
        for code in codes
    ]
    return render(request, "console/map/counties.html", {"links": links})


def _below(request: HttpRequest, place: str) -> list[Any]:
    code = request.GET.get("place", "")
    inside = code.isascii() and code.isdigit() and len(code) < 6 and code.startswith(place)
    return regions.children(code if inside else place)


@login_required
@require_GET
def county_map(request: HttpRequest, county: int) -> HttpResponse:
    user = reader(request, county)
    heat_places = heat.places_read(user, county)
    context = {
        "county": county,
        "title": f"一张图：{regions.name_of(str(county))}",
        "types": sites.SITE_TYPES,
        "grades": [(value, label, GRADE_CLASSES[value]) for value, label in reversed(sites.RISK_GRADES)],
        "shows_sites": bool(held(user, *(READERS - BLIND))),
        "shows_members": bool(held(user, *layers.SUPERVISING, "grid_member")),
        "heat_steps": heat.step_words() if heat_places else [],
        "heat_place": next(iter(heat_places), ""),
        "heat_periods": heat.PERIODS,
        "heat_usual": heat.USUAL,
        "may_select": may_assign(user, county) or may_mark(user, county),
        "today": clock.today(),
        "frame_url": f"{reverse('map:frame')}?county={county}",
    }
    return render(request, "console/map/map.html", context)


@login_required
@require_GET
def frame(request: HttpRequest) -> JsonResponse:
    """Answer what a map of the user's county (``?county=``) begins with: where it is, its tiles, the base map."""
    county = county_read(request, list)
    user = reader(request, county)
    tiles = reverse("map:tile", args=[county, "LAYER", 0, 0, 0]).replace("LAYER/0/0/0", "{layer}/{z}/{x}/{y}")
    return JsonResponse(
        {"county": county, "map": reverse("map:county", args=[county]), "tiles": tiles, "base": settings.BASE_MAP,
         "bounds": bounds(user, county)}
    )  # fmt: skip


def bounds(user: Actor, county: int) -> stock.Box | None:
    """Return the box of the user's place in the county, as far as shapes are known; None where nothing is drawn."""
    ground = stock.PLACES.get(county)
    places = {one.place for one in held(user, *READERS) if one.place.startswith(str(county))}
    if len(places) == 1 and (place := places.pop()) in ground.boxes:
        return ground.boxes[place]
    drawn = stock.grids_on(county, clock.today()).bounds
    return ground.bounds or drawn or _around_sites(county)


def _around_sites(county: int) -> stock.Box | None:
    dots = stock.sites_of(county).points
    if not len(dots):
        return None
    longitudes, latitudes = backward(dots.x, dots.y)
    return float(longitudes.min()), float(latitudes.min()), float(longitudes.max()), float(latitudes.max())


@login_required
@require_GET
def still(request: HttpRequest, county: int) -> JsonResponse:
    """Answer grids and open cases as GeoJSON, for browsers without WebGL; with ``?heat=1`` each grid's cases and step, too."""
    what = asked(request, county)
    drawn = collection(grids(what.user).filter(county=county), what.day)
    hot = heat.counts(what.user, county, what.day, what.days) if request.GET.get("heat") else {}
    uncovered = {str(one) for one in layers.visible_grids(what).uncovered}
    for feature in drawn["features"]:
        values = feature["properties"]
        key = values["url"].rstrip("/").rsplit("/", 1)[-1]
        values |= {"role": "uncovered" if key in uncovered else "grid", "url": reverse("map:grid", args=[county, key])}
        if reported := hot.get(UUID(key)):
            values |= {"reported": reported, "step": heat.step_of(reported)}
    drawn["features"] += [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [row[1], row[2]]},
         "properties": {"role": "case", "number": row[6], "url": reverse("map:case", args=[county, row[0]])}}
        for row in layers.case_rows(what)[:MOST_STILL]
    ]  # fmt: skip
    return JsonResponse(drawn)
