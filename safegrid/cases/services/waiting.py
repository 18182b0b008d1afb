"""More time for the main department: an extension of its limit, or a suspension until a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from safegrid.cases.models import Case, CaseTimer, Decision, Extension, Recheck, Stage, Suspension
from safegrid.cases.services._engine import Act, begin
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor
from safegrid.foundation.worktime import due_text

MOST_EXTENSIONS = 2  # cases.md, rule 4


@transaction.atomic
def request_extension(
    *, acting_user: Actor | None, case: Case, version: int | None = None, until: datetime | None, reason: str
) -> Case:
    """Ask for the handling limit to end at ``until`` (aware), before it is over.

    At most the original limit is added, at most twice to one handling. Raises ``InvalidInput``, ``Refused``.
    """
    act = begin("request_extension", acting_user=acting_user, case=case, version=version, until=until, reason=reason)
    assert until is not None  # required
    timer = _handling(act)
    if timer.due_at is None or act.at >= timer.due_at:
        raise Refused("处置时限已过，不能再申请延期；确有原因的，可以申诉超期")
    if _granted(timer) >= MOST_EXTENSIONS:
        raise Refused(f"处置时限最多延长{MOST_EXTENSIONS}次")
    _check_until(act, timer, until)
    if _waiting(Extension, act.case):
        raise Refused("已有延期申请正在审批")
    done = act.done()
    Extension.objects.create(county=done.county, case_id=done.id, until=until, reason=reason,
                             asked_by_id=act.person_id, asked_at=act.at)  # fmt: skip
    return done


@transaction.atomic
def grant_extension(*, acting_user: Actor | None, case: Case, version: int | None = None, words: str = "") -> Case:
    """Let the handling limit end when the department asked for; a recheck set for the old end moves along."""
    act = begin("grant_extension", acting_user=acting_user, case=case, version=version, words=words)
    asked = _waiting(Extension, act.case)
    timer = _handling(act)
    before = timer.due_at
    try:
        _check_until(act, timer, asked.until)
    except InvalidInput as error:
        raise Refused(f"不能按申请同意：{error.message}") from None
    act.timers.run_until(Stage.HANDLE, asked.until, act.case.department_id)
    done = act.done(changes={"extensions": act.case.extensions + 1}, traced={"due_at": [before, asked.until]})
    _decide(Extension, asked.id, act, Decision.GRANTED, words)
    waiting = Recheck.objects.filter(county=done.county, case_id=done.id, result="waiting", scheduled_for=before)
    waiting.update(scheduled_for=asked.until)
    return done


@transaction.atomic
def refuse_extension(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Leave the handling limit as it is."""
    act = begin("refuse_extension", acting_user=acting_user, case=case, version=version, reason=reason)
    asked = _waiting(Extension, act.case)
    done = act.done()
    _decide(Extension, asked.id, act, Decision.REFUSED, reason)
    return done


@transaction.atomic
def request_suspension(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    until_day: date | None,
    reason: str,
    interim_control: str,
) -> Case:
    """Ask to wait until a day, once in a case and at most one year, saying how the danger is controlled meanwhile.

    Raises ``InvalidInput``, ``Refused``.
    """
    act = begin("request_suspension", acting_user=acting_user, case=case, version=version, until_day=until_day,
                reason=reason, interim_control=interim_control)  # fmt: skip
    assert until_day is not None  # required
    if act.case.suspensions:
        raise Refused("每个案件只能挂起一次")
    today = clock.today()
    if not today < until_day <= a_year_after(today):
        raise InvalidInput({"until_day": f"挂起最早到明天，最迟到{a_year_after(today).isoformat()}（一年）"})
    if _waiting(Suspension, act.case):
        raise Refused("已有挂起申请正在审批")
    done = act.done()
    Suspension.objects.create(county=done.county, case_id=done.id, until=until_day, reason=reason,
                              interim_control=interim_control, asked_by_id=act.person_id, asked_at=act.at)  # fmt: skip
    return done


@transaction.atomic
def grant_suspension(*, acting_user: Actor | None, case: Case, version: int | None = None, words: str = "") -> Case:
    """Suspend the case until the day asked for; its handling timer pauses."""
    act = begin("grant_suspension", acting_user=acting_user, case=case, version=version, words=words)
    asked = _waiting(Suspension, act.case)
    if asked.until <= clock.today():
        raise Refused("申请挂起的日期已过，请不同意，由部门重新申请")
    done = act.done(changes={"suspensions": act.case.suspensions + 1}, traced={"until_day": asked.until})
    _decide(Suspension, asked.id, act, Decision.GRANTED, words)
    return done


@transaction.atomic
def refuse_suspension(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Let the handling go on."""
    act = begin("refuse_suspension", acting_user=acting_user, case=case, version=version, reason=reason)
    asked = _waiting(Suspension, act.case)
    done = act.done()
    _decide(Suspension, asked.id, act, Decision.REFUSED, reason)
    return done


@transaction.atomic
def resume(*, acting_user: Actor | None, case: Case, version: int | None = None, words: str = "") -> Case:
    """Go on with a suspended case, its time running on: the department at any time, the system on the day. Raises ``Refused``."""
    act = begin("resume", acting_user=acting_user, case=case, version=version, words=words)
    suspended = Suspension.objects.filter(
        county=act.case.county, case_id=act.case.id, decision=Decision.GRANTED, resumed_at__isnull=True
    )
    if acting_user is None and suspended.filter(until__gt=clock.today()).exists():
        raise Refused("挂起日期未到，只能由主办部门恢复")
    done = act.done()
    suspended.update(resumed_at=act.at)
    return done


def lapse(act: Act, words: str) -> None:
    """End what still waits for a decision or runs as suspended: the case goes to another department, or begins anew."""
    for model in (Extension, Suspension):
        rows = model.objects.filter(county=act.case.county, case_id=act.case.id)
        rows.filter(decision=Decision.WAITING).update(
            decision=Decision.REFUSED, decided_at=act.at, decision_words=words
        )
    suspended = Suspension.objects.filter(county=act.case.county, case_id=act.case.id, decision=Decision.GRANTED)
    suspended.filter(resumed_at__isnull=True).update(resumed_at=act.at)


def a_year_after(day: date) -> date:
    """Return the same day a year later; 28 February for the 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def _handling(act: Act) -> CaseTimer:
    return act.timers.live[Stage.HANDLE]


def _granted(timer: CaseTimer) -> int:
    """Return how often this handling was extended; another department's begins anew."""
    rows = Extension.objects.filter(county=timer.county, case_id=timer.case_id, decision=Decision.GRANTED)
    return rows.filter(asked_at__gte=timer.started_at).count()


def _check_until(act: Act, timer: CaseTimer, until: datetime) -> None:
    """Raise ``InvalidInput`` unless ``until`` lies after the present end, by at most the original limit."""
    assert timer.due_at is not None
    if until.tzinfo is None or until <= max(timer.due_at, act.at):
        raise InvalidInput({"until": f"延期必须晚于现有期限{due_text(timer.due_at)}和当前时间"})
    furthest = act.timers.furthest_extension(timer)
    if until > furthest:
        raise InvalidInput({"until": f"延长的时间不得超过原时限，最晚到{due_text(furthest)}"})


def _waiting(model: type[Any], case: Case) -> Any:
    rows = model.objects.filter(county=case.county, case_id=case.id, decision=Decision.WAITING)
    return rows.order_by("id").first()


def _decide(model: type[Any], row_id: Any, act: Act, decision: str, words: str) -> None:
    rows = model.objects.filter(county=act.case.county, id=row_id, decision=Decision.WAITING)
    rows.update(decision=decision, decided_by_id=act.user_id, decided_at=act.at, decision_words=words[:500])
