"""Suspended cases go on by themselves on their day."""

from __future__ import annotations

from safegrid.cases.models import Case, Decision, Suspension
from safegrid.cases.services.waiting import resume
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, WrongState
from safegrid.foundation.keys import cross_county


def resume_suspended() -> int:
    """Resume, each in its own transaction, every case whose suspension has reached its day; return how many went on."""
    with cross_county("suspensions of all counties end alike"):
        due = Suspension.objects.filter(decision=Decision.GRANTED, resumed_at__isnull=True, until__lte=clock.today())
        waiting = list(due.values_list("county", "case_id"))
    resumed = 0
    for county, case_id in waiting:
        case = Case.objects.get(county=county, id=case_id)
        try:
            resume(acting_user=None, case=case)
        except (Conflict, WrongState):  # the department was first
            continue
        resumed += 1
    return resumed
