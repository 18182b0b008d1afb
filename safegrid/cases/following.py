"""Cases merged into others: who follows a case, and which case a merged one follows."""

from __future__ import annotations

from uuid import UUID

from safegrid.cases.models import Case


def followers(case: Case) -> set[UUID]:
    """Return the reporters of all cases merged into ``case``, directly or through others that were."""
    found: set[UUID] = set()
    into = [case.id]
    while into:
        merged = Case.objects.filter(county=case.county, merged_into_id__in=into, state="merged")
        rows = list(merged.values_list("id", "reporter_id"))
        found |= {reporter_id for _, reporter_id in rows if reporter_id is not None}
        into = [case_id for case_id, _ in rows]
    return found


def followed(case: Case) -> Case:
    """Return the case at the end of the merges that ``case`` went through; the case itself when it is not merged.

    What of it may be shown to the reporter of ``case``: its number and state.
    """
    while case.state == "merged" and case.merged_into_id is not None:
        case = Case.objects.get(county=case.county, id=case.merged_into_id)
    return case
