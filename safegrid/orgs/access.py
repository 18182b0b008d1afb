"""The bodies of a county are known to everyone with a role there; the lead office keeps them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.scope import NOTHING, Actor, Holding, counties_q, held
from safegrid.orgs.models import Department

KEEPERS = frozenset({"lead_officer", "lead_chief"})
VERBS = dict.fromkeys(
    (
        "open_department",
        "change_department",
        "close_department",
        "open_station",
        "open_committee",
        "name_officer",
        "end_officer",
    ),
    KEEPERS,
)


def visible(user: Actor, model: Any = Department) -> QuerySet[Any]:
    """Return the rows of ``model`` of every county the user holds any role in or above."""
    places = NOTHING
    for holding in user.holdings():
        places |= counties_q(Holding(holding.kind, holding.place[:6]))
    rows: QuerySet[Any] = model.objects.filter(places)
    return rows


def can(user: Actor | None, verb: str, county: int) -> bool:
    """Say whether the user may use ``verb`` in ``county``; the system may."""
    return user is None or any(h.county == county for h in held(user, *VERBS[verb]))


def require(user: Actor | None, verb: str, county: int) -> None:
    """Raise ``NotPermitted`` unless ``can``."""
    if not can(user, verb, county):
        raise NotPermitted("只有牵头部门可以维护机构名录")
