"""What the registers list of grids and members: officers, postings, leaves and papers, in the scope of grid or member."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from safegrid.foundation.scope import NOTHING, Actor, counties_q
from safegrid.grids.access import visible, visible_members
from safegrid.grids.models import GateEvidence, GridOfficer, MemberLeave, Posting

SOON = timedelta(days=30)  # before a paper runs out


def officers(user: Actor) -> QuerySet[Any]:
    """Return every naming of an officer to a grid that the user sees. Above a county ask inside ``cross_county``."""
    seen = visible(user).filter(county=OuterRef("county"), pk=OuterRef("grid_id"))
    return GridOfficer.objects.filter(_counties(user)).filter(Exists(seen)).select_related("grid")


def postings(user: Actor) -> QuerySet[Any]:
    """Return the postings, past and to come ones included, of the members whom the user sees."""
    return _of_seen_members(user, Posting, "grid", "substitute_for__member")


def leaves(user: Actor) -> QuerySet[Any]:
    """Return the leaves of the members whom the user sees."""
    return _of_seen_members(user, MemberLeave, "substitute")


def papers(user: Actor) -> QuerySet[Any]:
    """Return the papers of the members whom the user sees, revoked ones included."""
    return _of_seen_members(user, GateEvidence)


def valid(on: date) -> Q:
    """Return the condition "valid on a day" on papers."""
    return Q(revoked_on__isnull=True, issued_on__lte=on) & (Q(expires_on__isnull=True) | Q(expires_on__gte=on))


def running_out(on: date) -> Q:
    """Return the condition "valid on a day, and run out within ``SOON``" on papers."""
    return Q(revoked_on__isnull=True, expires_on__gte=on, expires_on__lte=on + SOON)


def _counties(user: Actor) -> Q:
    found = NOTHING
    for holding in user.holdings():
        found |= counties_q(holding)
    return found


def _of_seen_members(user: Actor, model: Any, *related: str) -> QuerySet[Any]:
    seen = visible_members(user).filter(county=OuterRef("county"), pk=OuterRef("member_id"))
    found: QuerySet[Any] = model.objects.filter(_counties(user)).filter(Exists(seen))
    return found.select_related("member", *related)
