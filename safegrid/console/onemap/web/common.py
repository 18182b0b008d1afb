"""What the addresses of the map share: who reads a county's map, of which day, narrowed how."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import Http404, HttpRequest

from safegrid.console.onemap import heat
from safegrid.console.onemap.layers import Asked
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.web import web_user
from safegrid.sites.map import GRADES, TYPES

READERS = frozenset({
    "lead_officer", "lead_chief", "leader", "town_officer", "department_officer", "hotline_officer", "committee",
    "grid_member", "agency_expert", "site_contact", "upper_level", "auditor",
})  # fmt: skip
LONGEST_AGO = timedelta(days=5 * 366)


def reader(request: HttpRequest, county: int) -> Actor:
    """Return who asks, where a role of theirs is in the county or above it; 404 otherwise."""
    user = web_user(request)
    if not any(f"{county:06d}".startswith(holding.place[:6]) for holding in held(user, *READERS)):
        raise Http404
    return user


def asked(request: HttpRequest, county: int) -> Asked:
    """Return what is asked for by ``on`` (a day), ``types`` and ``grades`` of sites, ``days`` of heat; else the usual."""
    user, given = reader(request, county), request.GET
    grades = {GRADES.index(one) for one in given.get("grades", "").split(",") if one in GRADES}
    types = frozenset(given.get("types", "").split(",")) & frozenset(TYPES)
    days = next((one for one in heat.PERIODS if given.get("days") == str(one)), heat.USUAL)
    return Asked(user, county, day_of(given.get("on", "")), types, frozenset(grades), days)


def day_of(text: str) -> date:
    """Return the day asked for; today for none, and for what is no day of the last five years."""
    today = clock.today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if today - LONGEST_AGO <= day < today else today
