"""Pressure from above: supervision with a deadline of its own, and the public listing of major hazards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Min, QuerySet

from safegrid.cases.models import Case, Stage, Supervision
from safegrid.cases.services._engine import Act, begin
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor


@transaction.atomic
def supervise(
    *, acting_user: Actor | None, case: Case, version: int | None = None, instruction: str, deadline: datetime | None
) -> Case:
    """Instruct whoever's turn it is to act by ``deadline`` (aware), which is timed apart from the stage.

    Of several instructions the earliest deadline is timed. Raises ``InvalidInput``.
    """
    act = begin("supervise", acting_user=acting_user, case=case, version=version, instruction=instruction,
                deadline=deadline)  # fmt: skip
    assert deadline is not None  # required
    return _supervised(act, instruction, deadline, {"is_supervised": True})


@transaction.atomic
def answer_supervision(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    result: str,
    attachment_ids: Sequence[UUID] = (),
) -> Case:
    """Answer every instruction that is still open, before or without feeding the case back. Raises ``Refused``."""
    act = begin("answer_supervision", acting_user=acting_user, case=case, version=version, result=result,
                attachment_ids=list(attachment_ids))  # fmt: skip
    if not _open(act.case).exists():
        raise Refused("没有需要回复的督办")
    done = act.done(photos={"supervision": attachment_ids})
    answered(act, result)
    return done


@transaction.atomic
def list_major(
    *, acting_user: Actor | None, case: Case, version: int | None = None, reason: str, deadline: datetime | None = None
) -> Case:
    """Put a major hazard on the public list (挂牌督办); with ``deadline`` it is supervised until then.

    A listed hazard cannot end before it is taken off the list. Raises ``InvalidInput``.
    """
    act = begin("list_major", acting_user=acting_user, case=case, version=version, reason=reason, deadline=deadline)
    if deadline is None:
        return act.done(changes={"is_listed_major": True})
    return _supervised(act, f"挂牌督办：{reason}", deadline, {"is_listed_major": True, "is_supervised": True})


@transaction.atomic
def delist(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Take a major hazard off the list (销号): put right and accepted, or listed in error; the reason says which."""
    act = begin("delist", acting_user=acting_user, case=case, version=version, reason=reason)
    return act.done(changes={"is_listed_major": False})


def refuse_while_listed(act: Act) -> None:
    """Raise ``Refused`` where a listed major hazard would end (安全生产事故隐患排查治理暂行规定: 审查合格后核销)."""
    if act.case.is_listed_major:
        raise Refused(f"挂牌督办的重大事故隐患须先摘牌销号，再“{act.row.label}”")


def answered(act: Act, words: str) -> None:
    """Note that the case's open instructions are answered by this act."""
    if act.case.is_supervised:
        _open(act.case).update(answered_at=act.at, answered_by_id=act.user_id, answer=words[:1000])


def _supervised(act: Act, instruction: str, deadline: datetime, changes: dict[str, object]) -> Case:
    if deadline.tzinfo is None or deadline <= act.at:
        raise InvalidInput({"deadline": "督办期限必须晚于现在"})
    earliest = _open(act.case).aggregate(first=Min("deadline"))["first"]
    if earliest is None or deadline < earliest:
        act.timers.run_until(Stage.SUPERVISE, deadline, act.case.department_id)
    done = act.done(changes=changes)
    Supervision.objects.create(
        county=done.county,
        case_id=done.id,
        instruction=instruction[:1000],
        deadline=deadline,
        given_by_id=act.person_id,
        given_by_role=act.role,
        given_at=act.at,
    )
    return done


def _open(case: Case) -> QuerySet[Supervision]:
    return Supervision.objects.filter(county=case.county, case_id=case.id, answered_at__isnull=True)
