"""Whose visits a user sees, and who may record one."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from safegrid.foundation.scope import NOTHING, Actor, Holding, held, place_q
from safegrid.patrols.models import Visit

VERBS = {"record_visit": frozenset({"grid_member"})}
WHOLE_PLACE = frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "upper_level", "auditor"})


def visible(user: Actor, *, as_site: bool = True) -> QuerySet[Any]:
    """Return the visits a user sees: a member's own, a department's on its sites, a contact's on its own site, else the place's.

    A contact knows that visits took place, not what was found: with ``as_site=False`` only those the user sees as an official.
    Users above a county ask inside ``cross_county``.
    """
    allowed = NOTHING
    for holding in user.holdings():
        if as_site or holding.kind != "site_contact":
            allowed |= _seen_by(user, holding)
    return Visit.objects.filter(allowed)


def _seen_by(user: Actor, holding: Holding) -> Q:
    if holding.kind in WHOLE_PLACE:
        return place_q(holding)
    if holding.kind == "grid_member" and holding.county:
        return Q(county=holding.county, member_user_id=user.id)
    if holding.kind == "department_officer" and holding.department_id:
        return place_q(holding) & Q(site__department_id=holding.department_id)
    if holding.kind == "site_contact" and holding.county and holding.site_id:
        return Q(county=holding.county, site_id=holding.site_id)
    return NOTHING


def can(user: Actor | None, verb: str, county: int) -> bool:
    """Say whether the user may use ``verb`` in ``county``. The system records no visits."""
    return user is not None and any(holding.county == county for holding in held(user, *VERBS[verb]))
