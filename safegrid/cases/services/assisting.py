"""Joint handling: one main department, others assist."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from safegrid.cases.models import Case, CaseAssistance
from safegrid.cases.services._engine import Act, begin
from safegrid.cases.services.dispatching import receiving_department
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.statements import Prepared
from safegrid.orgs import selectors as orgs


@transaction.atomic
def add_assistant(
    *, acting_user: Actor | None, case: Case, version: int | None = None, department_id: UUID | None, request: str
) -> Case:
    """Ask another department to assist the main one; it sees the case from now on. Raises ``InvalidInput``."""
    act = begin("add_assistant", acting_user=acting_user, case=case, version=version, department_id=department_id,
                request=request)  # fmt: skip
    department = receiving_department(act.case, department_id)
    if department.id == act.case.department_id:
        raise InvalidInput({"department_id": f"{department.name}是主办部门，不能再作协办"})
    if _of(act.case).filter(department_id=department.id).exists():
        raise InvalidInput({"department_id": f"{department.name}已经是协办部门"})
    done = act.done(traced={"department": department.name})
    CaseAssistance.objects.create(
        county=done.county, case_id=done.id, department_id=department.id, request=request, asked_at=act.at
    )
    return done


@transaction.atomic
def assist_receive(*, acting_user: Actor | None, case: Case, version: int | None = None) -> Case:
    """The assisting department takes its part on."""
    act = begin("assist_receive", acting_user=acting_user, case=case, version=version)
    mine = _mine(act).filter(received_at__isnull=True)
    done = act.done(traced={"departments": _names(act, mine)})
    mine.update(received_at=act.at)
    return done


@transaction.atomic
def assist_feed_back(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    result: str,
    attachment_ids: Sequence[UUID] = (),
) -> Case:
    """The assisting department reports its part done to the main one; whoever does so has had a hand in the work."""
    act = begin("assist_feed_back", acting_user=acting_user, case=case, version=version, result=result,
                attachment_ids=list(attachment_ids))  # fmt: skip
    mine = _mine(act).filter(received_at__isnull=False, fed_back_at__isnull=True)
    done = act.done(changes={"rectifiers": act.rectifiers}, photos={"assist": attachment_ids},
                    traced={"departments": _names(act, mine)})  # fmt: skip
    mine.update(fed_back_at=act.at, result=result)
    return done


def check_assistants_answered(act: Act, reason: str) -> dict[str, object]:
    """Let the main department feed back once every assisting one has, or with a reason; return facts for the trace.

    Raises ``InvalidInput`` naming the departments that have not answered.
    """
    county = act.case.county
    waiting = set(_WAITING(county=county, case_id=act.case.id)) - {act.main_id}
    names = sorted(orgs.names_of(county, waiting).values())
    if names and not reason.strip():
        raise InvalidInput({"reason": f"协办部门{'、'.join(names)}尚未反馈，请等待，或说明不等待的理由"})
    return {"without": names} if names else {}


_WAITING = Prepared(
    lambda county, case_id: CaseAssistance.objects.filter(
        county=county, case_id=case_id, fed_back_at__isnull=True
    ).values_list("department_id", flat=True)
)


def _of(case: Case) -> QuerySet[CaseAssistance]:
    return CaseAssistance.objects.filter(county=case.county, case_id=case.id)


def _mine(act: Act) -> QuerySet[CaseAssistance]:
    """Return the parts of the acting user's departments in the case."""
    assert act.acting_user is not None  # the table gives these verbs to department officers only
    own = held(act.acting_user, "department_officer")
    departments = {holding.department_id for holding in own if holding.department_id}
    return _of(act.case).filter(department_id__in=departments)


def _names(act: Act, parts: QuerySet[CaseAssistance]) -> list[str]:
    ids = list(parts.values_list("department_id", flat=True))
    return sorted(orgs.names_of(act.case.county, ids).values())
