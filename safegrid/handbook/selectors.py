"""Reading the handbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.foundation.worktime import TimeLimit
from safegrid.handbook.access import visible
from safegrid.handbook.catalogue import CATALOGUE, HANDLE_MAX
from safegrid.handbook.models import (
    AnswerKind,
    Checklist,
    ChecklistItem,
    ChecklistState,
    HazardKind,
    Nature,
    Severity,
    VisitNorm,
)

USABLE = timedelta(days=45)  # after retiring: the thirty days that a phone works without a network, and a margin
NATURES = Nature.choices
SEVERITIES = Severity.choices
ANSWER_KINDS = AnswerKind.choices
CHECKLIST_STATES = ChecklistState.choices
STAGES = [
    ("accept", "受理"), ("verify", "核实"), ("dispatch", "派遣"), ("receive", "接收"), ("handle", "处置"),
    ("recheck", "复查"), ("close", "结案"), (HANDLE_MAX, "整改指令最长"),
]  # fmt: skip


@dataclass(frozen=True)
class LimitLine:
    """The limit of one stage for a kind at its own severity. ``stated_by``: who states it; None: the severity's general one."""

    stage: str
    label: str
    limit: TimeLimit
    stated_by: HazardKind | None
    is_own: bool


def limits_of(kind: HazardKind) -> list[LimitLine]:
    """Return the limits of a kind by stage, with where each is inherited from."""
    catalogue = CATALOGUE.get(kind.county)
    lines = []
    for stage, label in STAGES:
        if stage == HANDLE_MAX:
            found = catalogue.handle_max(kind.code, kind.severity)
        else:
            found = catalogue.limit(kind.code, kind.severity, stage)
        origin = catalogue.stated_by(kind.code, stage)
        lines.append(LimitLine(stage, label, found, origin, origin is not None and origin.code == kind.code))
    return lines


def kinds(user: Actor) -> QuerySet[HazardKind]:
    """Return the hazard kinds of the counties the user reads, each group before what is below it by (position, id)."""
    return visible(user)


def kind_for(user: Actor, county: int, code: str) -> HazardKind:
    """Return a kind the user may read; raise ``NotVisible`` otherwise."""
    found: HazardKind | None = visible(user).filter(county=county, code=code).first()
    if found is None:
        raise NotVisible
    return found


def depth(county: int, code: str) -> int:
    """Return how many groups stand above a kind."""
    return len(CATALOGUE.get(county).ancestors(code)) - 1


def checklists(user: Actor) -> QuerySet[Checklist]:
    """Return the checklist versions the user reads."""
    return visible(user, Checklist)


def versions_of(user: Actor, checklist: Checklist) -> list[Checklist]:
    """Return the versions of a checklist that the user reads, the newest first."""
    return list(visible(user, Checklist).filter(county=checklist.county, code=checklist.code).order_by("-number"))


def reads(user: Actor, county: int) -> bool:
    """Say whether the user reads the handbook of a county."""
    return visible(user).filter(county=county).exists()


def usable_checklists(user: Actor, county: int) -> list[tuple[Checklist, list[ChecklistItem]]]:
    """Return the versions that a visit recorded now may have been made with, each with its items in order.

    Those published, and those that retired less than 45 days ago: a phone may have begun with one and been without a network
    since. A version retires when the next one of its code is published.
    """
    rows = visible(user, Checklist).filter(county=county, state__in=(ChecklistState.PUBLISHED, ChecklistState.RETIRED))
    since, found = clock.now() - USABLE, []
    later: dict[str, datetime | None] = {}
    for one in rows.order_by("code", "-published_at", "-number"):
        retired_at = later.get(one.code)
        if one.state == ChecklistState.PUBLISHED or (retired_at is not None and retired_at >= since):
            found.append(one)
        later[one.code] = one.published_at
    items: dict[UUID, list[ChecklistItem]] = {one.id: [] for one in found}
    for item in ChecklistItem.objects.filter(county=county, checklist_id__in=list(items)).order_by("position"):
        items[item.checklist_id].append(item)
    return [(one, items[one.id]) for one in found]


def visit_norms(user: Actor, county: int) -> list[VisitNorm]:
    """Return the county's norms by site type and grade; none for a county the user does not read."""
    return list(visible(user, VisitNorm).filter(county=county).order_by("id"))


def hazard_kind(county: int, code: str) -> HazardKind:
    """Return a kind of the county's catalogue; raise ``InvalidInput`` when there is none of that code."""
    return CATALOGUE.get(county).kind(code)


def hazard_kinds(county: int, *, active: bool = True) -> list[HazardKind]:
    """Return the county's kinds in the order of the handbook."""
    return [kind for kind in CATALOGUE.get(county).kinds.values() if kind.is_active or not active]


def kind_names(county: int) -> dict[str, str]:
    return {code: kind.name for code, kind in CATALOGUE.get(county).kinds.items()}


def kind_choices(county: int) -> list[tuple[str, str]]:
    """Return (code, "group › kind") of every active leaf, for a form."""
    kinds = CATALOGUE.get(county).kinds
    leaves = [kind for kind in kinds.values() if kind.is_leaf and kind.is_active]
    return [(k.code, f"{kinds[k.parent_code].name} › {k.name}" if k.parent_code in kinds else k.name) for k in leaves]


def ancestors(county: int, code: str) -> list[str]:
    """Return the code itself, then its parents' codes up to the root."""
    return CATALOGUE.get(county).ancestors(code)


def limit(county: int, code: str, severity: str, stage: str) -> TimeLimit:
    """Return the time limit of a stage for a kind and a severity."""
    return CATALOGUE.get(county).limit(code, severity, stage)


def general_limit(county: int, severity: str, stage: str) -> TimeLimit | None:
    """Return the limit of a stage for a severity, where a kind states none of its own; None where the county has none."""
    return CATALOGUE.get(county).severity_limits.get(severity, {}).get(stage)


def handle_max(county: int, code: str, severity: str) -> TimeLimit:
    """Return the longest time that a rectification order may give."""
    return CATALOGUE.get(county).handle_max(code, severity)


def checklist_for(county: int, site_type: str, industry: str) -> Checklist | None:
    """Return the published checklist for a site; None where the county has none for its type."""
    return CATALOGUE.get(county).checklist(site_type, industry)


def items_of(checklist: Checklist) -> list[ChecklistItem]:
    """Return a checklist's items in order, of any version."""
    kept = CATALOGUE.get(checklist.county).items.get(checklist.id)
    return kept if kept is not None else list(checklist.items.order_by("position"))


def checklist_by_id(county: int, checklist_id: UUID) -> Checklist | None:
    for checklist in CATALOGUE.get(county).checklists:
        if checklist.id == checklist_id:
            return checklist
    return Checklist.objects.filter(county=county, id=checklist_id).first()


def checklist_for_user(user: Actor, county: int, checklist_id: UUID) -> Checklist:
    """Return a checklist version the user may see; raise ``NotVisible`` otherwise."""
    found: Checklist | None = visible(user, Checklist).filter(county=county, id=checklist_id).first()
    if found is None:
        raise NotVisible
    return found


def visit_norm(county: int, site_type: str, risk_grade: str) -> VisitNorm | None:
    """Return visits a year and minutes a visit for a site type and risk grade."""
    return CATALOGUE.get(county).norms.get((site_type, risk_grade))
