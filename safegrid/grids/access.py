"""Which grids and members a user sees, and who may do what with them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from safegrid.foundation import clock
from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.scope import NOTHING, Actor, Holding, granted, held, place_q
from safegrid.grids.atlas import grids_of_village
from safegrid.grids.models import Grid, GridMember

PLANNERS = frozenset({"lead_officer"})
STAFFING = frozenset({"lead_officer", "town_officer"})
CHIEFS = frozenset({"lead_chief"})
WHOLE_PLACE = frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "upper_level", "auditor"})

VERBS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("open_grid", "change_grid", "change_boundary", "withdraw_boundary", "close_grid", "import_grids"), PLANNERS),
    "publish_division": CHIEFS,
    **dict.fromkeys(("name_officer", "end_officer", "unmask_officer", "assign_site_by_hand", "return_to_location"), STAFFING),
    **dict.fromkeys(("enrol_member", "change_member", "member_leaves", "import_members"), STAFFING),
    **dict.fromkeys(("enter_evidence", "revoke_evidence", "post_member", "end_posting", "grant_leave", "end_leave"), STAFFING),
}  # fmt: skip
WORDS = {
    PLANNERS: "只有牵头部门经办可以划定和调整网格",
    CHIEFS: "只有牵头部门负责人可以发布划分方案",
    STAFFING: "只有牵头部门经办和本乡镇安监站可以办理",
}


def visible(user: Actor) -> QuerySet[Any]:
    """Return the grids the user sees: by place, or by the grants of postings. Above a county ask inside ``cross_county``."""
    allowed = NOTHING
    for holding in user.holdings():
        allowed |= _seen_by(user, holding)
    return Grid.objects.filter(allowed)


def _seen_by(user: Actor, holding: Holding) -> Q:
    if holding.kind in WHOLE_PLACE:
        return place_q(holding)
    if holding.kind == "committee" and holding.county:
        shared = grids_of_village(holding.county, holding.place, clock.today())
        return place_q(holding) | Q(county=holding.county, id__in=shared)
    if holding.kind == "grid_member" and holding.county:
        return Q(county=holding.county, id__in=granted(user, "grid", clock.today()))
    return NOTHING


def visible_members(user: Actor) -> QuerySet[Any]:
    """Return the members whose station lies in the user's places; a member sees itself."""
    allowed = NOTHING
    for holding in user.holdings():
        if holding.kind in WHOLE_PLACE:
            allowed |= place_q(holding, village="town")
        elif holding.kind == "grid_member" and holding.county:
            allowed |= Q(county=holding.county, user_id=user.id)
    return GridMember.objects.filter(allowed)


def can_at(user: Actor | None, verb: str, county: int, town: str = "") -> bool:
    """Say whether the user may use ``verb`` in a town (or in the whole county); the system may."""
    if user is None:
        return True
    asked = town or str(county)
    return any(holding.place and asked.startswith(holding.place) for holding in held(user, *VERBS[verb]))


def can(user: Actor | None, verb: str, row: Any) -> bool:
    """Say whether the user may use ``verb`` on a grid or a member, which stand in the town of ``row.town``."""
    return can_at(user, verb, row.county, row.town)


def require_at(user: Actor | None, verb: str, county: int, town: str = "") -> None:
    """Raise ``NotPermitted`` unless ``can_at``."""
    if not can_at(user, verb, county, town):
        raise NotPermitted(WORDS[VERBS[verb]])


def require(user: Actor | None, verb: str, row: Any) -> None:
    """Raise ``NotPermitted`` unless ``can``."""
    require_at(user, verb, row.county, row.town)


def towns_of(user: Actor | None, verb: str, county: int) -> list[str] | None:
    """Return the towns of the county in which the user may use ``verb``; None for all of them."""
    if can_at(user, verb, county):
        return None
    assert user is not None
    return sorted({h.place for h in held(user, *VERBS[verb]) if len(h.place) == 9 and h.place.startswith(str(county))})
