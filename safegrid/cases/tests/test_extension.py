"""More time for the handling: at most the original limit, at most twice."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case, Extension
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, Refused, WrongState

DAY = timedelta(hours=24)  # the handling limit of a blocked exit


def ask(steps, case, more=timedelta(hours=12), user=None, **given):
    until = case.due_at + more if case.due_at else None
    return services.request_extension(acting_user=user or steps.cast.fire_officer, case=case,
                                      **{"until": until, "reason": "等待施工队", **given})  # fmt: skip


def grant(steps, case, user=None):
    return services.grant_extension(acting_user=user or steps.cast.lead_officer, case=case)


def test_a_granted_extension_moves_the_limit(steps):
    case = steps.handling()
    due = case.due_at
    asked = ask(steps, case)
    assert (asked.state, asked.due_at) == ("handling", due)
    assert steps.told(steps.cast.lead_officer, "cases.request_extension") == [f"申请延期：{case.number}"]
    case = grant(steps, asked)
    assert (case.due_at, case.extensions) == (due + timedelta(hours=12), 1)
    row = Extension.objects.get(county=case.county, case_id=case.id)
    assert (row.decision, row.decided_by_id, row.decided_at) == ("granted", steps.cast.lead_officer.id, clock.now())
    assert steps.told(steps.cast.fire_officer, "cases.grant_extension") == [f"同意延期：{case.number}"]
    assert steps.traced(case, "cases.grant_extension").changes["due_at"][0].startswith("2025-03-06")


def test_a_recheck_set_for_the_old_end_moves_along(steps):
    case = grant(steps, ask(steps, steps.ordered()))
    assert case.rechecks.get().scheduled_for == case.due_at == clock.now() + DAY + timedelta(hours=12)


def test_a_refused_extension_changes_nothing_but_the_request(steps):
    case = ask(steps, steps.handling())
    due = case.due_at
    case = services.refuse_extension(acting_user=steps.cast.lead_officer, case=case, reason="理由不足")
    assert (case.due_at, case.extensions) == (due, 0)
    row = Extension.objects.get(county=case.county, case_id=case.id)
    assert (row.decision, row.decision_words) == ("refused", "理由不足")
    assert steps.told(steps.cast.fire_officer, "cases.refuse_extension")
    assert ask(steps, case).state == "handling"  # may ask again


def test_at_most_the_original_limit_is_added(steps):
    case = steps.handling()
    with pytest.raises(InvalidInput, match="不得超过原时限"):
        ask(steps, case, DAY + timedelta(seconds=1))
    case = grant(steps, ask(steps, case, DAY))
    assert case.due_at == clock.now() + 2 * DAY


@pytest.mark.parametrize("more", [timedelta(0), timedelta(hours=-1)])
def test_an_extension_ends_later_than_the_limit(steps, more):
    with pytest.raises(InvalidInput, match="晚于现有期限"):
        ask(steps, steps.handling(), more)


def test_a_naive_moment_is_no_moment(steps):
    case = steps.handling()
    with pytest.raises(InvalidInput):
        ask(steps, case, until=(case.due_at + DAY).replace(tzinfo=None))


def test_at_most_twice_for_one_handling(steps):
    case = steps.handling()
    for _ in range(2):
        case = grant(steps, ask(steps, case))
    assert case.extensions == 2
    with pytest.raises(Refused, match="最多延长2次"):
        ask(steps, case)


def test_another_department_may_extend_its_own_handling(steps):
    case = steps.handling()
    for _ in range(2):
        case = grant(steps, ask(steps, case))
    steps.time.advance(timedelta(hours=1))
    case = services.dispute(acting_user=steps.cast.fire_officer, case=case, reason="不属本部门")
    case = services.arbitrate(acting_user=steps.cast.lead_officer, case=case, department_id=steps.cast.market.id,
                              reason="三定")  # fmt: skip
    case = services.receive(acting_user=steps.cast.market_officer, case=case)
    assert grant(steps, ask(steps, case, user=steps.cast.market_officer)).extensions == 3


def test_one_request_at_a_time(steps):
    case = ask(steps, steps.handling())
    with pytest.raises(Refused, match="正在审批"):
        ask(steps, case)


def test_after_the_limit_there_is_nothing_to_extend(steps):
    case = steps.handling()
    steps.time.move_to(case.due_at)
    with pytest.raises(Refused, match="时限已过"):
        ask(steps, case)


def test_a_request_whose_end_has_passed_cannot_be_granted(steps):
    case = ask(steps, steps.handling())
    steps.time.move_to(case.due_at + timedelta(hours=12))
    with pytest.raises(Refused, match="不能按申请同意"):
        grant(steps, case)
    assert services.refuse_extension(acting_user=steps.cast.lead_officer, case=case, reason="已过").version


def test_an_extension_granted_late_keeps_the_mark_of_the_overrun(steps):
    case = ask(steps, steps.handling())
    steps.time.move_to(case.due_at + timedelta(hours=1))
    case = grant(steps, case)
    assert case.was_overdue
    assert case.timing in ("on_time", "near")


def test_reason_and_end_are_asked_for(steps):
    case = steps.handling()
    for missing in ({"reason": ""}, {"until": None}):
        with pytest.raises(InvalidInput):
            ask(steps, case, **missing)
    with pytest.raises(InvalidInput):
        services.refuse_extension(acting_user=steps.cast.lead_officer, case=ask(steps, case), reason="")


def test_the_department_asks_and_the_lead_office_decides(steps):
    case = steps.handling()
    with pytest.raises(NotPermitted):
        ask(steps, case, user=steps.cast.lead_officer)
    with pytest.raises(NotPermitted, match="没有待审批"):
        grant(steps, case)
    case = ask(steps, case)
    with pytest.raises(NotPermitted):
        grant(steps, case, steps.cast.fire_officer)
    with pytest.raises(NotPermitted):
        grant(steps, case, steps.cast.lead_chief)


def test_only_while_it_is_handled(steps):
    with pytest.raises(WrongState):
        ask(steps, steps.rectified())


def test_of_grant_and_refusal_at_once_the_first_holds(steps):
    case = ask(steps, steps.handling())
    seen = Case.objects.get(county=case.county, id=case.id)
    grant(steps, case)
    with pytest.raises(Conflict):
        services.refuse_extension(acting_user=steps.cast.second_lead_officer, case=seen, reason="不同意")
    assert Extension.objects.get(county=case.county, case_id=case.id).decision == "granted"
