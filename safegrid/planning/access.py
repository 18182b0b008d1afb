"""Who sees scenarios and proposals for postings, and who may do what with them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.scope import NOTHING, Actor, held, place_q
from safegrid.foundation.workflow import Row
from safegrid.planning.models import PostingProposal, Scenario
from safegrid.planning.workflow import ROWS, SCENARIO

WHOLE_PLACE = ("leader", "lead_officer", "lead_chief", "town_officer", "upper_level", "auditor")
STAFFING = frozenset({"lead_officer", "town_officer"})
VERBS: dict[str, frozenset[str]] = {
    **{row.verb: row.roles for row in ROWS},
    "confirm_posting": STAFFING,
    "decline_posting": STAFFING,
}
WORDS = {"approve": "负责人", "send_back": "负责人", "publish": "负责人", "confirm_posting": "经办和本乡镇安监站",
         "decline_posting": "经办和本乡镇安监站"}  # fmt: skip


def visible(user: Actor) -> QuerySet[Any]:
    """Return the scenarios the user sees: of the own town, or of the county. Above a county ask inside ``cross_county``."""
    allowed = NOTHING
    for holding in held(user, *WHOLE_PLACE):
        allowed |= place_q(holding, village="town")
    return Scenario.objects.filter(allowed)


def visible_proposals(user: Actor) -> QuerySet[Any]:
    """Return the proposals for postings in the user's places."""
    allowed = NOTHING
    for holding in held(user, *WHOLE_PLACE):
        allowed |= place_q(holding, village="town")
    return PostingProposal.objects.filter(allowed)


def can_at(user: Actor | None, verb: str, county: int, town: str = "") -> bool:
    """Say whether the user may use ``verb`` in a town (or in the whole county); the system may."""
    if user is None:
        return True
    asked = town or str(county)
    return any(holding.place and asked.startswith(holding.place) for holding in held(user, *VERBS[verb]))


def can(user: Actor | None, verb: str, row: Any) -> bool:
    """Say whether the user may use ``verb`` on a scenario or a proposal."""
    return can_at(user, verb, row.county, row.town)


def require_at(user: Actor | None, verb: str, county: int, town: str = "") -> None:
    """Raise ``NotPermitted`` unless ``can_at``."""
    if not can_at(user, verb, county, town):
        raise NotPermitted(
            f"只有牵头部门{WORDS.get(verb, '经办')}可以办理“{SCENARIO.verb_labels.get(verb, '派驻建议')}”"
        )


def require(user: Actor | None, verb: str, row: Any) -> None:
    """Raise ``NotPermitted`` unless ``can``."""
    require_at(user, verb, row.county, row.town)


def verbs_for(user: Actor, scenario: Scenario) -> list[Row]:
    """Return the rows of the table that the user may use on a scenario in its present state."""
    return [row for row in ROWS if scenario.state in row.sources and can(user, row.verb, scenario)]
