"""What the main department does with a case, and what the site answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import transaction

from safegrid.cases.models import Case, Penalty, Recheck, RectificationOrder, Stage
from safegrid.cases.services._engine import Act, begin
from safegrid.cases.services.assisting import check_assistants_answered
from safegrid.cases.services.supervision import answered
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor
from safegrid.foundation.statements import Prepared, update
from safegrid.foundation.worktime import due_text
from safegrid.handbook import selectors as handbook

MAX_AMOUNT = Decimal("9999999999.99")


@transaction.atomic
def record_disposal(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    words: str,
    attachment_ids: Sequence[UUID] = (),
) -> Case:
    """Note one step of the handling."""
    act = begin("record_disposal", acting_user=acting_user, case=case, version=version, words=words,
                attachment_ids=list(attachment_ids))  # fmt: skip
    return act.done(changes={"rectifiers": act.rectifiers}, photos={"disposal": attachment_ids})


@transaction.atomic
def order_rectification(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    text: str,
    deadline: datetime | None,
    attachment_ids: Sequence[UUID] = (),
) -> Case:
    """Order the site to put it right by ``deadline`` (aware), at most the kind's longest time from now.

    The deadline becomes the handling limit and schedules the recheck; from now on the site's contact sees the case.
    """
    act = begin("order_rectification", acting_user=acting_user, case=case, version=version, text=text, deadline=deadline,
                attachment_ids=list(attachment_ids))  # fmt: skip
    assert deadline is not None  # required
    _check_deadline(act, deadline)
    act.timers.run_until(Stage.HANDLE, deadline, act.case.department_id)
    issued = RectificationOrder.objects.filter(county=act.case.county, case_id=act.case.id).count()
    order = RectificationOrder(
        county=act.case.county,
        case_id=act.case.id,
        department_id=act.main_id,
        number=f"{act.case.number}-{issued + 1}",
        text=text,
        deadline=deadline,
        issued_by_id=act.person_id,
        issued_at=act.at,
    )
    done = act.done(
        changes={"order_served_at": act.case.order_served_at or act.at},
        photos={"order": attachment_ids},
        traced={"order": order.number},
    )
    order.save(force_insert=True)
    waiting_recheck(done, scheduled_for=deadline)
    return done


@transaction.atomic
def penalise(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    article: str,
    decision_number: str,
    amount: Decimal | int | str | None,
    words: str = "",
    attachment_ids: Sequence[UUID] = (),
) -> Case:
    """Enter an administrative penalty; ``amount`` in yuan, 0 for a warning. A decision's number is entered once."""
    act = begin("penalise", acting_user=acting_user, case=case, version=version, article=article,
                decision_number=decision_number, amount=amount, words=words, attachment_ids=list(attachment_ids))  # fmt: skip
    money = _money(amount)
    if Penalty.objects.filter(county=act.case.county, decision_number=decision_number).exists():
        raise InvalidInput({"decision_number": "这个决定书文号已经登记过"})
    done = act.done(photos={"penalty": attachment_ids})
    Penalty.objects.create(
        county=done.county,
        case_id=done.id,
        department_id=act.main_id,
        article=article,
        decision_number=decision_number,
        amount=money,
        words=words,
        decided_by_id=act.person_id,
        decided_at=act.at,
    )
    return done


@transaction.atomic
def transfer_out(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    body: str,
    paper: str,
    words: str = "",
    attachment_ids: Sequence[UUID] = (),
) -> Case:
    """Note that the matter was handed over to another authority (``body``) by a paper with a number (``paper``)."""
    act = begin("transfer_out", acting_user=acting_user, case=case, version=version, body=body, paper=paper, words=words,
                attachment_ids=list(attachment_ids))  # fmt: skip
    return act.done(photos={"transfer": attachment_ids})


@transaction.atomic
def submit_rectification(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    attachment_ids: Sequence[UUID] = (),
    words: str = "",
) -> Case:
    """The site shows what it put right, in answer to the latest order."""
    act = begin("submit_rectification", acting_user=acting_user, case=case, version=version, words=words,
                attachment_ids=list(attachment_ids))  # fmt: skip
    orders = RectificationOrder.objects.filter(county=act.case.county, case_id=act.case.id)
    order = orders.order_by("-issued_at", "-id").first()
    if order is None:
        raise Refused("本案没有责令限期整改指令")
    done = act.done(
        changes={"rectifiers": act.rectifiers}, photos={"rectification": attachment_ids}, traced={"order": order.number}
    )
    orders.filter(id=order.id).update(rectified_at=act.at, rectified_by_id=act.user_id, rectification_words=words)
    return done


@transaction.atomic
def feed_back(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    result: str,
    attachment_ids: Sequence[UUID] = (),
    reason: str = "",
) -> Case:
    """Report the handling done; the case waits for its recheck, and open supervision is answered.

    ``reason``: needed to go on without an assisting department that has not fed its part back. Raises ``InvalidInput``.
    """
    act = begin("feed_back", acting_user=acting_user, case=case, version=version, result=result,
                attachment_ids=list(attachment_ids), reason=reason)  # fmt: skip
    without = check_assistants_answered(act, reason)
    changes = {"rectified_at": act.at, "rectifiers": act.rectifiers, "rechecker_id": None}
    done = act.done(changes=changes, photos={"after": attachment_ids}, traced=without)
    answered(act, result)
    return done


_WAITING = Prepared(
    lambda county, case_id: Recheck.objects.filter(county=county, case_id=case_id, result="waiting").order_by("-id")
)


def waiting_recheck(case: Case, **values: Any) -> Recheck:
    """Return the recheck that waits, set to ``values``, or a new one."""
    found: Recheck | None = _WAITING.one(county=case.county, case_id=case.id)
    if found is None:
        found = Recheck(county=case.county, case_id=case.id, round=case.reworks + 1, **values)
        found.save(force_insert=True)
        return found
    update(Recheck, {"county": case.county, "id": found.id, "result": "waiting"}, values)
    for name, value in values.items():
        setattr(found, name, value)
    return found


def _check_deadline(act: Act, deadline: datetime) -> None:
    if deadline.tzinfo is None or deadline <= act.at:
        raise InvalidInput({"deadline": "整改期限必须晚于现在"})
    longest = handbook.handle_max(act.case.county, act.case.kind, act.case.severity)
    latest = act.timers.calendar.add(act.at, longest)
    if deadline > latest:
        raise InvalidInput({"deadline": f"这类隐患的整改期限最长{longest}，不得晚于{due_text(latest)}"})


def _money(amount: Decimal | int | str | None) -> Decimal:
    try:
        money = Decimal(str(amount))
    except InvalidOperation:
        raise InvalidInput({"amount": "金额应为数字，单位元"}) from None
    if not money.is_finite() or not 0 <= money <= MAX_AMOUNT:
        raise InvalidInput({"amount": "金额不能是负数，也不能超过一百亿元"})
    exponent = money.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -2:
        raise InvalidInput({"amount": "金额最多两位小数"})
    return money
