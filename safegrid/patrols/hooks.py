"""What patrols answer to other contexts; registered in ``wiring.py``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.patrols.access import visible
from safegrid.patrols.models import Visit, VisitAnswer, VisitOutcome
from safegrid.patrols.services.plans import want_plans, want_plans_of_sites
from safegrid.sites.freshness import confirm


def may_open_visit_files(user: Actor, county: int, visit_id: UUID, purpose: str = "") -> bool:
    """Say whether the user may open the files on a visit: whoever may read its findings."""
    with cross_county("whoever opens a file may hold a place above counties"):
        return visible(user, as_site=False).filter(county=county, id=visit_id).exists()


def may_open_answer_files(user: Actor, county: int, answer_id: UUID, purpose: str = "") -> bool:
    """Say whether the user may open the files on an answer: whoever sees its visit."""
    visit_id = VisitAnswer.objects.filter(county=county, id=answer_id).values_list("visit_id", flat=True).first()
    return visit_id is not None and may_open_visit_files(user, county, visit_id)


def confirms_site(visit: Visit, **_more: Any) -> None:
    """A visit that was carried out confirms what the register says of its site; a closed door confirms nothing."""
    if visit.outcome == VisitOutcome.DONE:
        confirm(visit.county, visit.site_id, visit.visited_at)


def sites_assigned(county: int, assigned: Mapping[UUID, UUID | None], **_more: Any) -> None:
    """Sites have come into other grids, or out of all: the plans they leave and those they come into are made anew."""
    want_plans_of_sites(county, assigned, {grid for grid in assigned.values() if grid is not None})


def sites_changed(county: int, site_ids: Collection[UUID], **_more: Any) -> None:
    """Sites are of another kind or elsewhere: the plans they are in are made anew."""
    want_plans_of_sites(county, site_ids, ())


def answering_changed(county: int, grid_ids: Collection[UUID], member_ids: Collection[UUID], **_more: Any) -> None:
    """Others answer for grids than before: a posting, a leave."""
    want_plans_of_sites(county, (), grid_ids)
    want_plans(county, member_ids)
