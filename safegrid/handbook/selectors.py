"""Reading the handbook."""

from __future__ import annotations

from uuid import UUID

from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.foundation.worktime import TimeLimit
from safegrid.handbook.access import visible
from safegrid.handbook.catalogue import CATALOGUE
from safegrid.handbook.models import Checklist, ChecklistItem, HazardKind, VisitNorm


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
