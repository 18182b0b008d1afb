"""Who may see which account, and who may give which role where."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from safegrid.accounts.models import Role, RoleKind, User
from safegrid.foundation.scope import NOTHING, Actor, held

ADMIN: frozenset[str] = frozenset({RoleKind.SYSTEM_ADMIN})
STAFFING: frozenset[str] = frozenset({RoleKind.SYSTEM_ADMIN, RoleKind.LEAD_OFFICER, RoleKind.TOWN_OFFICER})

# Who may use each verb on an account whose place lies at or below the role's own place.
VERBS: dict[str, frozenset[str]] = {
    "open_account": STAFFING,
    "change_account": ADMIN,
    "close_account": ADMIN,
    "suspend_account": ADMIN,
    "resume_account": ADMIN,
    "reset_password": ADMIN,
    "reset_second_factor": ADMIN,
    "unmask": ADMIN,
    "end_device": ADMIN,
    "break_glass": ADMIN,
}

# Who may give, suspend and end each kind of role, at or below the giver's own place (access.md).
GRANTERS: dict[str, frozenset[str]] = {
    **dict.fromkeys(RoleKind.values, ADMIN),
    RoleKind.GRID_MEMBER: STAFFING,
    RoleKind.COMMITTEE: STAFFING,
    RoleKind.SITE_CONTACT: STAFFING | {RoleKind.DEPARTMENT_OFFICER},
    RoleKind.AGENCY_EXPERT: ADMIN | {RoleKind.LEAD_OFFICER},
}

# Lengths of the region codes each kind may be held at: 0 nation, 2 province, 4 city, 6 county, 9 town, 12 village.
PLACES: dict[str, Collection[int]] = {
    RoleKind.SYSTEM_ADMIN: (0, 2, 4, 6),
    RoleKind.UPPER_LEVEL: (0, 2, 4),
    RoleKind.LEADER: (6, 9),
    RoleKind.LEAD_OFFICER: (6,),
    RoleKind.LEAD_CHIEF: (6,),
    RoleKind.DEPARTMENT_OFFICER: (2, 4, 6, 9),
    RoleKind.TOWN_OFFICER: (9,),
    RoleKind.HOTLINE_OFFICER: (6,),
    RoleKind.COMMITTEE: (12,),
    RoleKind.GRID_MEMBER: (6, 9, 12),
    RoleKind.AGENCY_EXPERT: (4, 6),
    RoleKind.SITE_CONTACT: (6, 9, 12),
    RoleKind.REWARD_OFFICER: (6,),
    RoleKind.AUDITOR: (0, 2, 4, 6, 9),
}

# Whoever opens sealed identities never handles cases, and the other way round.
CASE_HANDLERS: frozenset[str] = frozenset(
    {
        RoleKind.LEADER, RoleKind.LEAD_OFFICER, RoleKind.LEAD_CHIEF, RoleKind.DEPARTMENT_OFFICER,
        RoleKind.TOWN_OFFICER, RoleKind.HOTLINE_OFFICER, RoleKind.COMMITTEE, RoleKind.GRID_MEMBER,
        RoleKind.SITE_CONTACT, RoleKind.AGENCY_EXPERT,
    }
)  # fmt: skip

# Approvers, whose role a substitute may hold while they are away (AB角).
DELEGABLE: frozenset[str] = frozenset(
    {RoleKind.LEADER, RoleKind.LEAD_CHIEF, RoleKind.LEAD_OFFICER, RoleKind.TOWN_OFFICER, RoleKind.DEPARTMENT_OFFICER}
)

# Roles that see one grid, one village or one site, and may sign in with a password alone.
ONE_GRID: frozenset[str] = frozenset({RoleKind.GRID_MEMBER, RoleKind.COMMITTEE, RoleKind.SITE_CONTACT})


def contains(place: str, inner: str) -> bool:
    """Say whether region code ``inner`` is ``place`` or lies below it."""
    return inner.startswith(place)


def visible(user: Actor) -> QuerySet[User]:
    """Return the accounts ``user`` administers: those kept at its places or below, and those with a role there."""
    condition = NOTHING
    for holding in held(user, RoleKind.SYSTEM_ADMIN):
        roles = Role.objects.filter(user=OuterRef("pk"), place__startswith=holding.place)
        condition |= Q(place__startswith=holding.place) | Q(Exists(roles))
    return User.objects.filter(condition)


def can(user: Actor, verb: str, row: Any) -> bool:
    """Say whether ``user`` may use ``verb`` on an account (or, for ``open_account``, at a place: a region code)."""
    place = row if isinstance(row, str) else row.place
    if not any(contains(holding.place, place) for holding in held(user, *VERBS[verb])):
        return False
    return not (isinstance(row, User) and row.pk == user.id and verb != "open_account")


def may_grant(user: Actor, kind: str, place: str) -> bool:
    """Say whether ``user`` may give, suspend or end a role of ``kind`` at ``place``."""
    return any(contains(holding.place, place) for holding in held(user, *GRANTERS[kind]))


def administers(user: Actor) -> bool:
    """Say whether the account pages exist for ``user`` at all."""
    return bool(held(user, RoleKind.SYSTEM_ADMIN))


# Given by hand on the account pages. A member's role comes from a posting, which asks the gates first.
BY_HAND: tuple[str, ...] = tuple(kind for kind in RoleKind.values if kind != RoleKind.GRID_MEMBER)
