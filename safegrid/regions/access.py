"""The administrative tree is public; a county's shapes are kept by its lead office."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.scope import NOTHING, Actor, Holding, counties_q, held
from safegrid.regions.models import RegionShape

VERBS = {
    "set_shape": frozenset({"lead_officer", "lead_chief"}),
    "draw_cells": frozenset({"lead_officer", "lead_chief"}),
}


def visible(user: Actor) -> QuerySet[Any]:
    """Return the shapes of every county the user holds any role in or above."""
    places = NOTHING
    for holding in user.holdings():
        places |= counties_q(Holding(holding.kind, holding.place[:6]))
    return RegionShape.objects.filter(places)


def may_see(user: Actor, county: int) -> bool:
    """Say whether the user holds a role in the county, or above it."""
    return any(str(county).startswith(holding.place[:6]) for holding in user.holdings())


def can(user: Actor | None, verb: str, county: int) -> bool:
    """Say whether the user may use ``verb`` in ``county``; the system may."""
    return user is None or any(h.county == county for h in held(user, *VERBS[verb]))


def require(user: Actor | None, verb: str, county: int) -> None:
    """Raise ``NotPermitted`` unless ``can``."""
    if not can(user, verb, county):
        raise NotPermitted("只有牵头部门可以维护区划边界")
