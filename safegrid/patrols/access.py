"""Whose visits and plans of visits a user sees, and who may do what with them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from safegrid.foundation.scope import NOTHING, Actor, Holding, held, place_q
from safegrid.patrols.models import MemberPlan, PlannedVisit, PlanRun, Visit

MEMBER = frozenset({"grid_member"})
PLANNERS = frozenset({"lead_officer", "town_officer"})
VERBS = {
    "record_visit": MEMBER,
    "skip_visit": MEMBER,
    "add_visit": MEMBER,
    "change_travel": MEMBER | PLANNERS,
    "replan": PLANNERS,
    "stop_run": PLANNERS,
    "print_codes": MEMBER | PLANNERS,
}
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


def can(user: Actor | None, verb: str, county: int, town: str = "") -> bool:
    """Say whether the user may use ``verb`` in ``county`` (for planners: in its ``town``). The system records no visits."""
    if user is None:
        return False
    asked = town or str(county)
    return any(
        holding.county == county and (holding.kind in MEMBER or asked.startswith(holding.place))
        for holding in held(user, *VERBS[verb])
    )


def can_plan(user: Actor | None, verb: str, plan: MemberPlan) -> bool:
    """Say whether the user may use ``verb`` on a member's plan: the member, and who plans in its town; the system may."""
    if user is None:
        return True
    kinds = VERBS[verb]
    own = plan.member_user_id == user.id and any(h.county == plan.county for h in held(user, *(MEMBER & kinds)))
    town = any(plan.town.startswith(h.place) and h.place for h in held(user, *(PLANNERS & kinds)))
    return own or town


def visible_planned(user: Actor) -> QuerySet[Any]:
    """Return the planned visits a user sees: a member's own, else the place's. Above a county ask inside ``cross_county``."""
    return PlannedVisit.objects.filter(_planned_by(user))


def visible_plans(user: Actor) -> QuerySet[Any]:
    """Return the members' plans a user sees: a member's own, else those of the place's stations."""
    return MemberPlan.objects.filter(_planned_by(user, village="town"))


def _planned_by(user: Actor, **columns: str) -> Q:
    allowed = NOTHING
    for holding in user.holdings():
        if holding.kind in WHOLE_PLACE:
            allowed |= place_q(holding, **columns)
        elif holding.kind == "grid_member" and holding.county:
            allowed |= Q(county=holding.county, member_user_id=user.id)
    return allowed


def visible_runs(user: Actor) -> QuerySet[Any]:
    """Return the plannings by the queue that a user may follow: those of the user's place, and those of the whole county."""
    allowed = NOTHING
    for holding in user.holdings():
        if holding.kind in WHOLE_PLACE:
            allowed |= place_q(holding, village="town")
            if holding.county:
                allowed |= Q(county=holding.county, town="")
    return PlanRun.objects.filter(allowed)
