"""What patrols answer to other contexts; registered in ``wiring.py``."""

from __future__ import annotations

from uuid import UUID

from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.patrols.access import visible
from safegrid.patrols.models import VisitAnswer


def may_open_visit_files(user: Actor, county: int, visit_id: UUID, purpose: str = "") -> bool:
    """Say whether the user may open the files on a visit: whoever may read its findings."""
    with cross_county("whoever opens a file may hold a place above counties"):
        return visible(user, as_site=False).filter(county=county, id=visit_id).exists()


def may_open_answer_files(user: Actor, county: int, answer_id: UUID, purpose: str = "") -> bool:
    """Say whether the user may open the files on an answer: whoever sees its visit."""
    visit_id = VisitAnswer.objects.filter(county=county, id=answer_id).values_list("visit_id", flat=True).first()
    return visit_id is not None and may_open_visit_files(user, county, visit_id)
