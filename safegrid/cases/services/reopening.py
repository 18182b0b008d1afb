"""Taking back an end: a closed or rejected case is taken up again; one entered in error is cancelled."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from safegrid.cases.models import Case
from safegrid.cases.services._engine import Act, begin
from safegrid.cases.services.accidents import resume_clocks
from safegrid.cases.services.supervision import refuse_while_listed
from safegrid.cases.services.waiting import lapse
from safegrid.foundation.errors import NotVisible, Refused
from safegrid.foundation.scope import Actor
from safegrid.orgs import selectors as orgs


@transaction.atomic
def reopen(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Take a case up again: closed goes back to its department's handling, rejected to triage.

    A closed case that no department has (settled on the spot, or its department was abolished) is dispatched anew.
    """
    act = begin("reopen", acting_user=acting_user, case=case, version=version, reason=reason)
    resume_clocks(act)
    if act.case.state == "rejected":
        return act.done()
    lapse(act, "案件重新办理，申请自动终止")
    changes: dict[str, Any] = {"closed_at": None, "rectified_at": None, "rechecker_id": None, "rectifiers": []}
    if _department_goes_on(act):
        return act.done(to="handling", changes=changes)
    registered = {"registered_at": act.case.registered_at or act.at, "is_settled_on_spot": False}
    return act.done(to="registered", changes={**changes, **registered})


@transaction.atomic
def cancel(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Void a case entered in error; it stays readable. Raises ``Refused`` while others are merged into it."""
    act = begin("cancel", acting_user=acting_user, case=case, version=version, reason=reason)
    refuse_while_listed(act)
    if Case.objects.filter(county=act.case.county, merged_into_id=act.case.id, state="merged").exists():
        raise Refused("有其他案件并入本案，请先撤销并案")
    return act.done()


def _department_goes_on(act: Act) -> bool:
    if act.case.department_id is None:
        return False
    try:
        return bool(orgs.department(act.case.county, act.case.department_id).is_active)
    except NotVisible:
        return False
