"""Who sees the bodies of a county, and who keeps them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from safegrid.foundation.scope import NOTHING, Actor, Holding, counties_q, held
from safegrid.orgs.models import Committee, Department, NamedOfficer, Station

KEEPERS = frozenset({"system_admin", "lead_officer"})
WITH_TOWN = KEEPERS | {"town_officer"}
# Outsiders with one site or a few sites see no directory of the administration.
OUTSIDE = frozenset({"site_contact", "agency_expert"})
VERBS: dict[str, frozenset[str]] = {
    "open_department": KEEPERS,
    "change_department": KEEPERS,
    "close_department": KEEPERS,
    "reopen_department": KEEPERS,
    "open_station": KEEPERS,
    "change_station": WITH_TOWN,
    "open_committee": WITH_TOWN,
    "change_committee": WITH_TOWN,
    "name_officer": KEEPERS | {"department_officer"},
    "end_officer": KEEPERS | {"department_officer"},
    "unmask_officer": KEEPERS | {"leader", "lead_chief", "town_officer", "department_officer"},
}


def _counties(user: Actor) -> Q:
    """Return the condition "of a county where, or above which, the user works"."""
    condition = NOTHING
    for holding in held(user):
        if holding.kind not in OUTSIDE:
            condition |= counties_q(holding)
    return condition


def visible(user: Actor) -> QuerySet[Department]:
    """Return the departments of the user's counties. Users above a county ask inside ``cross_county``."""
    return Department.objects.filter(_counties(user))


def visible_stations(user: Actor) -> QuerySet[Station]:
    return Station.objects.filter(_counties(user))


def visible_committees(user: Actor) -> QuerySet[Committee]:
    return Committee.objects.filter(_counties(user))


def visible_officers(user: Actor) -> QuerySet[NamedOfficer]:
    """Return the named officers of the departments that ``visible`` lets the user see."""
    seen = visible(user).filter(county=OuterRef("county"), pk=OuterRef("department_id"))
    return NamedOfficer.objects.filter(_counties(user)).filter(Exists(seen))


def keeps(user: Actor, verb: str, county: int, place: str = "") -> bool:
    """Say whether ``user`` may use ``verb`` in a county, or on a body of a town or village there (``place``)."""
    inner = place or str(county)
    return any(_reaches(holding, inner) for holding in held(user, *VERBS[verb]) if holding.kind != "department_officer")


def _reaches(holding: Holding, inner: str) -> bool:
    return inner.startswith(holding.place)


def can(user: Actor, verb: str, row: Any) -> bool:
    """Say whether ``user`` may use ``verb`` on a department, station, committee or named officer.

    A department's own officers name and end its officers.
    """
    place = getattr(row, "village", "") or getattr(row, "town", "")
    if keeps(user, verb, row.county, place):
        return True
    department_id = getattr(row, "department_id", None) or row.pk
    return "department_officer" in VERBS[verb] and any(
        holding.department_id == department_id for holding in held(user, "department_officer")
    )
