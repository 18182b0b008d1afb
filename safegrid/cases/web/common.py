"""What the pages of cases share: whose counties they are about, and reading one case or 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from safegrid.cases import access, selectors
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor, Holding, held
from safegrid.regions import selectors as regions

READERS = frozenset({
    "lead_officer", "lead_chief", "leader", "town_officer", "department_officer", "hotline_officer", "committee",
    "grid_member", "agency_expert", "site_contact", "upper_level", "auditor",
})  # fmt: skip


def places_of(user: Actor, *kinds: str) -> list[Holding]:
    """Return where the user has to do with cases; 404 for those who have nothing to."""
    found = held(user, *(kinds or READERS))
    if not found:
        raise Http404
    return found


def counties_of(user: Actor, *kinds: str) -> list[int]:
    """Return the counties in which the user has to do with cases; empty for somebody who works above counties."""
    found = places_of(user, *kinds)
    return [] if any(one.county is None for one in found) else sorted({one.county for one in found if one.county})


def refuse_strangers(user: Actor, county: int, *kinds: str) -> None:
    """Answer 404 to whoever has nothing to do with the county's cases."""
    if not any(access.reaches_county(one, county) for one in places_of(user, *kinds)):
        raise Http404


def is_only_a_site(user: Actor) -> bool:
    """Say whether the user sees cases only as a site's contact, who learns neither channel nor words."""
    return {one.kind for one in held(user, *READERS)} <= {"site_contact"}


def root(user: Actor, county: int | None = None) -> str:
    """Return the place that all of the user's places lie in, or the county, from which a filter of places starts."""
    places = {one.place for one in places_of(user) if county is None or one.place.startswith(str(county))}
    if len(places) == 1:
        return next(iter(places))
    return str(county) if county is not None else ""


def children(code: str) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in regions.children(code)]


def to_one_county(request: HttpRequest, user: Actor, url_name: str, title: str, *kinds: str) -> HttpResponse:
    """Go to the page of the user's one county; let whoever has several, or works above them, choose."""
    counties = counties_of(user, *kinds)
    if len(counties) == 1:
        query = request.GET.urlencode()
        return HttpResponseRedirect(reverse(url_name, args=counties) + (f"?{query}" if query else ""))
    above = [one for one in places_of(user, *kinds) if one.county is None]
    chosen = _chosen(request, [one.place for one in above])
    if chosen:
        return HttpResponseRedirect(reverse(url_name, args=[int(chosen)]))
    codes = [str(county) for county in counties] or [code for one in above for code, _ in _below(request, one.place)]
    names = regions.names_of(codes)
    links = [(names.get(code, code), f"{reverse(url_name, args=[int(code)])}" if len(code) == 6 else f"?place={code}")
             for code in codes]  # fmt: skip
    return render(request, "cases/counties.html", {"title": title, "links": links})


def _chosen(request: HttpRequest, places: list[str]) -> str:
    code = request.GET.get("place", "")
    known = code.isdigit() and len(code) == 6 and any(code.startswith(place) for place in places)
    return code if known else ""


def _below(request: HttpRequest, place: str) -> list[tuple[str, str]]:
    code = request.GET.get("place", "")
    inside = code.isdigit() and len(code) < 6 and code.startswith(place)
    return children(code if inside else place)


def case_or_404(user: Actor, county: int, case_id: UUID) -> Any:
    """Return the case as the user may see it."""
    try:
        return selectors.case_for(user, county, case_id)
    except NotVisible as error:
        raise Http404(error.message) from error
