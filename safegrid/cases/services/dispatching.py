"""To whom a case goes, and whether that department takes it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from safegrid.cases.models import Case, Stage
from safegrid.cases.services._engine import Act, begin
from safegrid.duties.selectors import Explanation, explain
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible, Refused
from safegrid.foundation.scope import Actor
from safegrid.foundation.worktime import due_text
from safegrid.orgs import selectors as orgs


@transaction.atomic
def dispatch(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    department_id: UUID | None,
    rule_id: UUID | None = None,
    reason: str = "",
) -> Case:
    """Send the case to one main department.

    When it is the one the duty rules name, nothing more is asked. Otherwise ``rule_id``, a fitting rule of that department,
    or a ``reason`` is required; also when a department gets back what it has returned. A town officer sends only to bodies of
    the case's town. Raises ``InvalidInput``, ``NotPermitted``.
    """
    act = begin("dispatch", acting_user=acting_user, case=case, version=version, department_id=department_id,
                rule_id=rule_id, reason=reason)  # fmt: skip
    advice = routing(act.case)
    department = receiving_department(act.case, department_id, advice)
    if act.role == "town_officer" and department.town != act.case.town:
        raise NotPermitted("乡镇只能派遣给本乡镇的机构，请由牵头部门派遣")
    rule = _rule(act, advice, department, rule_id, reason)
    explained = {**advice.as_dict(), "chosen": str(department.id), "chosen_rule": rule and str(rule), "reason": reason}
    return act.done(changes=sent_to(act, department.id, explained), traced={"department": department.name})


@transaction.atomic
def receive(*, acting_user: Actor | None, case: Case, version: int | None = None, words: str = "") -> Case:
    """Take the case on: the handling limit begins, goes on, or begins anew for a new department."""
    act = begin("receive", acting_user=acting_user, case=case, version=version, words=words)
    return act.done()


@transaction.atomic
def return_(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Send the case back, inside the refusal window: the time allowed for receiving it. Raises ``Refused`` after that."""
    act = begin("return_", acting_user=acting_user, case=case, version=version, reason=reason)
    window = act.timers.live.get(Stage.RECEIVE)
    if window is not None and window.due_at is not None and act.at >= window.due_at:
        raise Refused(f"退回期限已于{due_text(window.due_at)}届满，请接收，或提出争议")
    return act.done(changes={"returns": act.case.returns + 1})


def routing(case: Case) -> Explanation:
    """Return what the duty rules say of the case, with every rule that fits and why one won."""
    return explain(county=case.county, site=case.site, hazard_kind=case.kind, town=case.town, village=case.village)


def receiving_department(case: Case, department_id: UUID | None, advice: Explanation | None = None) -> Any:
    """Return an active department of the county, without reading it again if ``advice`` names it; raise ``InvalidInput``."""
    found = advice.main if advice else None
    if found is None or found.id != department_id:
        try:
            found = orgs.department(case.county, department_id)  # type: ignore[arg-type]
        except NotVisible:
            raise InvalidInput({"department_id": "本县没有这个部门"}) from None
    if not found.is_active:
        raise InvalidInput({"department_id": f"{found.name}已撤销，请另选"})
    return found


def sent_to(act: Act, department_id: UUID, explained: dict[str, Any]) -> dict[str, Any]:
    """Return the case's columns after it was sent to a department."""
    since = act.case.department_since if act.case.department_id == department_id else act.at
    return {
        "department_id": department_id,
        "department_since": since,
        "dispatched_at": act.at,
        "routing": explained,
        "referred_up_to": "",
    }


def _rule(act: Act, advice: Explanation, department: Any, rule_id: UUID | None, reason: str) -> UUID | None:
    """Return the rule that justifies the choice; raise ``InvalidInput`` where neither a rule nor a reason does."""
    fitting = {step.rule_id for step in advice.steps if step.department_id == department.id}
    if rule_id is not None and rule_id not in fitting:
        raise InvalidInput({"rule_id": f"这条责任规则不适用于本案，或不属于{department.name}"})
    if act.case.state == "returned" and act.case.department_id == department.id and not reason.strip():
        raise InvalidInput({"reason": f"{department.name}已退回本案，再次派遣须说明理由"})
    if rule_id is not None:
        return rule_id
    if advice.main is not None and advice.main.id == department.id:
        return advice.rule_id
    if not reason.strip():
        suggested = f"责任规则指向{advice.main.name}" if advice.main else "没有明确的责任规则"
        raise InvalidInput({"reason": f"{suggested}，派遣给{department.name}须说明理由或选择适用的规则"})
    return None
