"""What the town station or the lead office does with what came in: verify, register, reject, confirm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from safegrid.cases.models import Case, Stage
from safegrid.cases.services._engine import begin
from safegrid.cases.services.people import member_answering_for
from safegrid.cases.services.reporting import SEVERITIES
from safegrid.cases.services.supervision import refuse_while_listed
from safegrid.cases.workflow import FIRST_REPORT_LIMIT
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor
from safegrid.handbook import selectors as handbook


@transaction.atomic
def confirm_on_spot(*, acting_user: Actor | None, case: Case, version: int | None = None, words: str = "") -> Case:
    """Accept that a minor hazard was put right on the spot: the case is closed."""
    act = begin("confirm_on_spot", acting_user=acting_user, case=case, version=version, words=words)
    return act.done(changes={"closed_at": act.at, "rectified_at": act.case.reported_at})


@transaction.atomic
def refuse_on_spot(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Refuse an on-the-spot settlement: the case goes on as an ordinary report."""
    act = begin("refuse_on_spot", acting_user=acting_user, case=case, version=version, reason=reason)
    return act.done(changes={"is_settled_on_spot": False})


@transaction.atomic
def assign_verification(
    *, acting_user: Actor | None, case: Case, version: int | None = None, verifier_id: UUID | None, words: str = ""
) -> Case:
    """Send a grid member to look before filing. ``verifier_id``: the member's user id."""
    act = begin("assign_verification", acting_user=acting_user, case=case, version=version, verifier_id=verifier_id,
                words=words)  # fmt: skip
    assert verifier_id is not None  # required
    member_answering_for(act.case, verifier_id, "verifier_id")
    return act.done(changes={"verifier_id": verifier_id})


@transaction.atomic
def verify(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    finding: str,
    attachment_ids: Sequence[UUID] = (),
    longitude: float | None,
    latitude: float | None,
) -> Case:
    """Say what was found on the spot, with photographs and the position (WGS 84) where they were taken."""
    act = begin("verify", acting_user=acting_user, case=case, version=version, finding=finding,
                attachment_ids=list(attachment_ids), longitude=longitude, latitude=latitude)  # fmt: skip
    return act.done(photos={"verify": attachment_ids})


@transaction.atomic
def register(
    *, acting_user: Actor | None, case: Case, version: int | None = None, kind: str, severity: str, words: str = ""
) -> Case:
    """File the case under a kind and a severity; an accident starts the statutory clock if it had not yet begun."""
    act = begin("register", acting_user=acting_user, case=case, version=version, kind=kind, severity=severity,
                words=words)  # fmt: skip
    if act.case.is_settled_on_spot:
        raise Refused("该案件已当场整改，请先确认或不认可")
    changes = classified(act.case, kind, severity)
    if changes["is_accident"] and not act.case.is_accident:
        act.timers.run(Stage.FIRST_REPORT, FIRST_REPORT_LIMIT, None)
    return act.done(
        changes={**changes, "registered_at": act.at},
        traced={"kind": [act.case.kind, kind], "severity": [act.case.severity, severity]},
    )


@transaction.atomic
def reject(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Do not accept the report; the reporter is told the reason."""
    act = begin("reject", acting_user=acting_user, case=case, version=version, reason=reason)
    refuse_while_listed(act)
    return act.done()


def classified(case: Case, kind: str, severity: str) -> dict[str, Any]:
    """Return the columns of a kind and a severity; raise ``InvalidInput`` for unknown or retired ones."""
    node = handbook.hazard_kind(case.county, kind)
    if not node.is_active and kind != case.kind:
        raise InvalidInput({"kind": "这个隐患类别已停用，请另选"})
    if severity not in SEVERITIES:
        raise InvalidInput({"severity": "严重程度只能是轻微、一般或重大"})
    return {"kind": kind, "severity": severity, "nature": node.nature, "is_accident": node.nature == "accident"}
