"""Planning the accident duty desk, and warning of hours in which nobody would sit there."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from safegrid.accounts.selectors import who_holds
from safegrid.cases import duty_desk
from safegrid.cases.models import DutyShift
from safegrid.cases.services.people import person
from safegrid.foundation import clock, events, trace
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.worktime import due_text
from safegrid.notices import services as notices

LONGEST = timedelta(hours=24)


@transaction.atomic
def plan_shift(
    *, acting_user: Actor | None, county: int, user_id: UUID, begins_at: datetime, ends_at: datetime, phone: str = ""
) -> DutyShift:
    """Put somebody of the lead office on the desk from one moment (aware) to another, at most 24 hours; shifts may overlap.

    Raises ``NotPermitted``, ``InvalidInput``.
    """
    role = _planner(acting_user, county)
    now = clock.now()
    wrong: dict[str, str] = {}
    if begins_at.tzinfo is None or ends_at.tzinfo is None or not begins_at < ends_at:
        wrong["ends_at"] = "值班的结束必须晚于开始"
    elif ends_at - begins_at > LONGEST:
        wrong["ends_at"] = "一个班次最长24小时"
    elif ends_at <= now:
        wrong["ends_at"] = "不能补排已经过去的值班"
    if len(phone) > 40:
        wrong["phone"] = "值班电话最多40个字"
    if not any(holding.county == county for holding in held(person(user_id, "user_id"), *duty_desk.DESK_ROLES)):
        wrong["user_id"] = "值班人员须是本县牵头部门的人"
    if wrong:
        raise InvalidInput(wrong)
    if any(shift.user_id == user_id for shift in duty_desk.shifts(county, begins_at, ends_at)):
        raise InvalidInput({"begins_at": "该人员在这段时间已有值班"})
    shift = DutyShift.objects.create(county=county, user_id=user_id, begins_at=begins_at, ends_at=ends_at, phone=phone)
    trace.record(acting_user=acting_user, action="cases.plan_shift", target=shift, role=role,
                 changes={"user": user_id, "begins_at": begins_at, "ends_at": ends_at})  # fmt: skip
    events.publish("cases.plan_shift", shift=shift, acting_user=acting_user)
    return shift


@transaction.atomic
def withdraw_shift(*, acting_user: Actor | None, shift: DutyShift, reason: str) -> DutyShift:
    """Take back a shift that has not ended; it stays on record. Raises ``InvalidInput``, ``Conflict``."""
    role = _planner(acting_user, shift.county)
    if not reason.strip():
        raise InvalidInput({"reason": "请填写理由"})
    now = clock.now()
    same = DutyShift.objects.filter(county=shift.county, id=shift.id, withdrawn_at__isnull=True, ends_at__gt=now)
    if same.update(withdrawn_at=now) != 1:
        raise Conflict("这个班次已经结束或撤销")
    shift.withdrawn_at = now
    trace.record(acting_user=acting_user, action="cases.withdraw_shift", target=shift, role=role,
                 changes={"reason": reason})  # fmt: skip
    return shift


def warn_of_gaps() -> int:
    """Tell each county's lead office, once a day, in which hours of the next seven days nobody is on the desk.

    Counties that have never planned a shift are left alone. Returns how many counties were told.
    """
    with cross_county("every county's desk is looked at"):
        counties = sorted(set(DutyShift.objects.values_list("county", flat=True).distinct()))
    told = 0
    for county in counties:
        found = duty_desk.gaps(county)
        if not found:
            continue
        body = "；".join(f"{due_text(since)}至{due_text(until)}" for since, until in found[:10])
        with transaction.atomic():
            notices.tell(
                county=county,
                recipients=sorted(user.id for user in who_holds(duty_desk.DESK_ROLES, county=county)),
                kind="cases.duty_gap",
                title="事故值班有空缺",
                body=body,
                key=f"cases.duty_gap:{county}:{clock.today().isoformat()}",
            )
        told += 1
    return told


def _planner(acting_user: Actor | None, county: int) -> str:
    """Return the role in which the user plans the county's desk; the system may."""
    if acting_user is None:
        return "system"
    for holding in held(acting_user, *duty_desk.DESK_ROLES):
        if holding.county == county:
            return holding.kind
    if not held(acting_user, *duty_desk.READERS):
        raise NotVisible
    raise NotPermitted("只有本县牵头部门可以安排事故值班")
