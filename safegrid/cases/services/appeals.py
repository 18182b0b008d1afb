"""A department's plea that an overrun was not its fault. The mark stays; two lead officers may excuse it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from safegrid.cases import clocks
from safegrid.cases.models import Case, CaseTimer, Decision, OverdueAppeal, Stage
from safegrid.cases.services._engine import Act, begin
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.scope import Actor

# The stages that a department answers for.
APPEALABLE = (Stage.RECEIVE, Stage.HANDLE, Stage.RECHECK, Stage.SUPERVISE)


@transaction.atomic
def appeal_overdue(
    *, acting_user: Actor | None, case: Case, version: int | None = None, timer_id: UUID | None, reason: str
) -> Case:
    """Appeal against one overrun of the department's own, once. Raises ``InvalidInput``, ``Refused``."""
    act = begin("appeal_overdue", acting_user=acting_user, case=case, version=version, timer_id=timer_id, reason=reason)
    assert timer_id is not None  # required
    timer = CaseTimer.objects.filter(county=act.case.county, case_id=act.case.id, id=timer_id).first()
    if timer is None or timer.stage not in APPEALABLE or timer.department_id != act.case.department_id:
        raise InvalidInput({"timer_id": "请选择本部门超期的环节"})
    if not clocks.is_over(_state(timer, act)):
        raise Refused("该环节没有超期，无须申诉")
    if OverdueAppeal.objects.filter(county=timer.county, timer_id=timer.id).exists():
        raise Refused("该环节的超期已经申诉过，不能再次申诉")
    done = act.done(traced={"stage": timer.stage})
    OverdueAppeal.objects.create(county=done.county, case_id=done.id, timer_id=timer.id, reason=reason,
                                 asked_by_id=act.person_id, asked_at=act.at)  # fmt: skip
    return done


@transaction.atomic
def decide_appeal(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    appeal_id: UUID | None,
    accepts: bool | None,
    words: str = "",
) -> Case:
    """Say yes or no to an appeal: two different lead officers must accept it, one refusal (with ``words``) ends it.

    Accepted, the overrun is excused: the mark stays visible, figures are shown with and without it. Raises
    ``InvalidInput``, ``NotPermitted``, ``Refused``.
    """
    act = begin("decide_appeal", acting_user=acting_user, case=case, version=version, appeal_id=appeal_id,
                accepts=accepts, words=words)  # fmt: skip
    assert appeal_id is not None  # required
    appeals = OverdueAppeal.objects.filter(county=act.case.county, case_id=act.case.id)
    appeal: Any = appeals.filter(id=appeal_id).first()
    _check(act, appeal, accepts, words)
    opinion = _opinion(act, appeal, bool(accepts), words)
    done = act.done(traced={"decision": opinion.get("decision", appeal.decision)})
    OverdueAppeal.objects.filter(county=done.county, id=appeal.id).update(**opinion)
    if opinion.get("decision") == Decision.GRANTED:
        CaseTimer.objects.filter(county=done.county, id=appeal.timer_id).update(is_excused=True)
    return done


def _check(act: Act, appeal: Any, accepts: bool | None, words: str) -> None:
    if appeal is None:
        raise InvalidInput({"appeal_id": "本案没有这项申诉"})
    if appeal.decision != Decision.WAITING:
        raise Refused("这项申诉已经审定")
    if act.user_id in (appeal.asked_by_id, appeal.first_by_id):
        raise NotPermitted("申诉须由两名不同的经办人审定，申诉人不能审定自己的申诉")
    if not accepts and not words.strip():
        raise InvalidInput({"words": "不采纳申诉须说明理由"})


def _opinion(act: Act, appeal: Any, accepts: bool, words: str) -> dict[str, Any]:
    """Return the columns of one officer's opinion, and of the decision where it is the last one needed."""
    if appeal.first_by_id is None:
        written = {"first_by_id": act.user_id, "first_accepts": accepts, "first_at": act.at}
    else:
        written = {"second_by_id": act.user_id, "second_accepts": accepts}
    if accepts and appeal.first_by_id is None:
        return written
    decision = Decision.GRANTED if accepts else Decision.REFUSED
    return {**written, "decision": decision, "decided_at": act.at, "decision_words": words[:500]}


def _state(timer: CaseTimer, act: Act) -> str:
    """Return the timer's state as of now: a running one may have gone over since it was last looked at."""
    running = timer.stopped_at is None and timer.paused_at is None
    return clocks.state_at(timer, act.at) if running else timer.state
