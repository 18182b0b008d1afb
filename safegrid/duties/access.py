"""Duty rules are the county's public order: everyone with a role there reads them; the lead office writes them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from safegrid.duties.models import DutyMatch, DutyRule
from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.scope import NOTHING, Actor, Holding, counties_q, held, place_q

VERBS = {
    "add_rule": frozenset({"lead_officer", "lead_chief"}),
    "change_rule": frozenset({"lead_officer", "lead_chief"}),
    "end_rule": frozenset({"lead_officer", "lead_chief"}),
    "load_content": frozenset({"lead_officer", "lead_chief"}),
    "rematch": frozenset({"lead_officer", "lead_chief"}),
}
READERS_OF_GAPS = ("lead_officer", "lead_chief", "leader", "town_officer", "upper_level", "auditor")


def visible(user: Actor) -> QuerySet[Any]:
    """Return the duty rules of every county the user holds any role in or above."""
    places = NOTHING
    for holding in user.holdings():
        places |= counties_q(Holding(holding.kind, holding.place[:6]))
    return DutyRule.objects.filter(places)


def visible_matches(user: Actor) -> QuerySet[Any]:
    """Return the matches of sites inside the places of those who look after gaps, and of a department's own sites."""
    allowed = NOTHING
    for holding in held(user, *READERS_OF_GAPS):
        allowed |= place_q(holding)
    for holding in held(user, "department_officer"):
        allowed |= place_q(holding) & Q(department_id=holding.department_id)
    return DutyMatch.objects.filter(allowed)


def can(user: Actor | None, verb: str, county: int) -> bool:
    """Say whether the user may use ``verb`` in ``county``; the system may."""
    return user is None or any(h.county == county for h in held(user, *VERBS[verb]))


def require(user: Actor | None, verb: str, county: int) -> None:
    """Raise ``NotPermitted`` unless ``can``."""
    if not can(user, verb, county):
        raise NotPermitted("只有牵头部门可以修改责任规则")
