"""The handbook is published: everyone with a role in the county reads it; the lead office writes it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.scope import NOTHING, Actor, Holding, counties_q, held
from safegrid.handbook.models import Checklist, HazardKind, VisitNorm

WRITERS = frozenset({"lead_officer", "lead_chief"})
VERBS = {
    "load_content": frozenset({"lead_chief", "lead_officer"}),
    "add_kind": WRITERS,
    "change_kind": WRITERS,
    "retire_kind": WRITERS,
    "change_limits": WRITERS,
    "set_visit_norm": WRITERS,
    "draft_checklist": WRITERS | {"department_officer"},
    "publish_checklist": WRITERS,
}


def visible(user: Actor, model: type[HazardKind] | type[Checklist] | type[VisitNorm] = HazardKind) -> QuerySet[Any]:
    """Return the rows of ``model`` of every county the user holds any role in or above."""
    places = NOTHING
    for holding in user.holdings():
        places |= counties_q(Holding(holding.kind, holding.place[:6]))
    rows = model.objects.filter(places)
    if model is Checklist and not held(user, *VERBS["draft_checklist"]):
        rows = rows.filter(~Q(state="draft"))
    return rows


def can(user: Actor | None, verb: str, county: int) -> bool:
    """Say whether the user may use ``verb`` in ``county``; the system may."""
    return user is None or any(h.county == county for h in held(user, *VERBS[verb]))


def require(user: Actor | None, verb: str, county: int) -> None:
    """Raise ``NotPermitted`` unless ``can``."""
    if not can(user, verb, county):
        raise NotPermitted("只有牵头部门可以修改网格手册")
