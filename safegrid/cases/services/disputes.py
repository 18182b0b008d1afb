"""Who is responsible is contested: the lead office decides, or the level above it when the dispute was referred up."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from safegrid.cases.models import Case, Dispute
from safegrid.cases.services._engine import Act, begin
from safegrid.cases.services.dispatching import receiving_department, routing, sent_to
from safegrid.cases.services.waiting import lapse
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.scope import Actor

UPPER_CODES = (2, 4)  # digits of a province's and a city's code


@transaction.atomic
def dispute(
    *, acting_user: Actor | None, case: Case, version: int | None = None, reason: str, referred_up_to: str = ""
) -> Case:
    """Contest who is responsible; a running handling timer pauses until that is settled.

    ``referred_up_to``: the code of the county's city or province, where the lead office lets it decide at once. A department
    disputes before its own lead office. Raises ``InvalidInput``, ``NotPermitted``.
    """
    act = begin("dispute", acting_user=acting_user, case=case, version=version, reason=reason,
                referred_up_to=referred_up_to)  # fmt: skip
    if referred_up_to and act.role != "lead_officer":
        raise NotPermitted("由牵头部门决定是否提请上级协调")
    _check_upper(act.case, referred_up_to)
    done = act.done(changes={"state_before_dispute": act.case.state, "referred_up_to": referred_up_to})
    Dispute.objects.create(
        county=done.county,
        case_id=done.id,
        department_id=done.department_id if act.role == "department_officer" else None,
        reason=reason,
        opened_by_id=act.person_id,
        opened_at=act.at,
        referred_up_to=referred_up_to,
    )
    return done


@transaction.atomic
def refer_up(
    *, acting_user: Actor | None, case: Case, version: int | None = None, referred_up_to: str, reason: str
) -> Case:
    """Let the city or province (``referred_up_to``, its code) decide an open dispute. Raises ``InvalidInput``."""
    act = begin("refer_up", acting_user=acting_user, case=case, version=version, referred_up_to=referred_up_to,
                reason=reason)  # fmt: skip
    _check_upper(act.case, referred_up_to)
    done = act.done(changes={"referred_up_to": referred_up_to})
    _open_dispute(done).update(referred_up_to=referred_up_to)
    return done


@transaction.atomic
def arbitrate(
    *, acting_user: Actor | None, case: Case, version: int | None = None, department_id: UUID | None, reason: str
) -> Case:
    """Decide which department is the main one, with the reason; it receives the case next and cannot be passed over.

    Its handling goes on where it was paused, or begins anew for another department. Raises ``InvalidInput``.
    """
    act = begin("arbitrate", acting_user=acting_user, case=case, version=version, department_id=department_id,
                reason=reason)  # fmt: skip
    department = receiving_department(act.case, department_id)
    if department.id != act.case.department_id:
        lapse(act, "案件裁定由其他部门主办，申请自动终止")
    chosen = {"chosen": str(department.id), "chosen_rule": None, "reason": reason, "arbitrated_by": act.role}
    changes = sent_to(act, department.id, {**routing(act.case).as_dict(), **chosen})
    done = act.done(changes={**changes, "state_before_dispute": ""}, traced=_decided(act, department.name))
    _open_dispute(done).update(
        settled_for_id=department.id, settled_reason=reason, settled_by_id=act.user_id, settled_at=act.at
    )
    return done


def drop(act: Act, reason: str) -> None:
    """End an open dispute that became pointless."""
    _open_dispute(act.case).update(settled_reason=reason, settled_by_id=act.user_id, settled_at=act.at)


def _decided(act: Act, department: str) -> dict[str, str]:
    traced = {"department": department}
    return traced | {"referred_up_to": act.case.referred_up_to} if act.case.referred_up_to else traced


def _open_dispute(case: Case) -> QuerySet[Dispute]:
    return Dispute.objects.filter(county=case.county, case_id=case.id, settled_at__isnull=True)


def _check_upper(case: Case, code: str) -> None:
    if code and not (len(code) in UPPER_CODES and f"{case.county:06d}".startswith(code)):
        raise InvalidInput({"referred_up_to": "只能提请本县所属的市或省协调"})
