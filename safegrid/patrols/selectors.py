"""Reading visits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.patrols.access import visible
from safegrid.patrols.models import Visit, VisitAnswer, VisitOutcome


def visits_for(user: Actor, *, as_site: bool = True) -> QuerySet[Any]:
    """Return the visits the user sees, the latest first; with ``as_site=False`` those whose findings the user may read."""
    return visible(user, as_site=as_site).select_related("site").order_by("-visited_at", "-id")


def visits_of_site(user: Actor, county: int, site_id: UUID) -> QuerySet[Any]:
    """Return the visible visits to one site, the latest first."""
    return visits_for(user).filter(county=county, site_id=site_id)


def visit_for(user: Actor, county: int, visit_id: UUID) -> Visit:
    """Return a visit whose findings the user may read; raise ``NotVisible`` otherwise."""
    found: Visit | None = (
        visible(user, as_site=False).select_related("site", "checklist").filter(county=county, id=visit_id).first()
    )
    if found is None:
        raise NotVisible
    return found


def answers_of(visit: Visit) -> list[VisitAnswer]:
    """Return a visit's answers in the checklist's order."""
    return list(VisitAnswer.objects.filter(county=visit.county, visit_id=visit.id).order_by("position"))


OUTCOMES = VisitOutcome.choices
