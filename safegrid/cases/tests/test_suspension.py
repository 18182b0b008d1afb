"""Waiting until a day, once, at most one year, with interim controls."""

from datetime import date, timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case, CaseTimer, Suspension
from safegrid.cases.services.waiting import a_year_after
from safegrid.foundation import clock, queue
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, Refused, WrongState


def ask(steps, case, days=10, user=None, **given):
    return services.request_suspension(
        acting_user=user or steps.cast.fire_officer, case=case,
        **{"until_day": clock.today() + timedelta(days=days), "reason": "等待进口配件", "interim_control": "停用并封存",
           **given},
    )  # fmt: skip


def suspended(steps, days=10):
    return services.grant_suspension(acting_user=steps.cast.lead_officer, case=ask(steps, steps.handling(), days))


def test_a_granted_suspension_stops_the_clock(steps):
    case = ask(steps, steps.handling())
    assert case.state == "handling"
    assert steps.told(steps.cast.lead_officer, "cases.request_suspension") == [f"申请挂起：{case.number}"]
    case = services.grant_suspension(acting_user=steps.cast.lead_officer, case=case)
    assert (case.state, case.suspensions, case.stage, case.due_at) == ("suspended", 1, "", None)
    row = Suspension.objects.get(county=case.county, case_id=case.id)
    assert (row.decision, row.interim_control) == ("granted", "停用并封存")
    timer = CaseTimer.objects.get(county=case.county, case_id=case.id, stage="handle")
    assert (timer.paused_at, timer.next_at) == (clock.now(), None)
    assert steps.told(steps.cast.fire_officer, "cases.grant_suspension")
    assert steps.traced(case, "cases.grant_suspension").changes["until_day"] == row.until.isoformat()


def test_the_department_resumes_early_and_its_time_goes_on(steps):
    case = steps.handling()
    due = case.due_at
    steps.time.advance(timedelta(hours=4))
    case = services.grant_suspension(acting_user=steps.cast.lead_officer, case=ask(steps, case))
    steps.time.advance(timedelta(days=3))
    case = services.resume(acting_user=steps.cast.fire_officer, case=case)
    assert (case.state, case.stage, case.due_at) == ("handling", "handle", due + timedelta(days=3))
    assert Suspension.objects.get(county=case.county, case_id=case.id).resumed_at == clock.now()


def test_on_its_day_the_system_resumes_it_once(steps):
    case = suspended(steps, days=10)
    steps.time.advance(timedelta(days=9))
    assert queue.run_periodic("cases.resume_suspended") == 0
    steps.time.advance(timedelta(hours=15))  # midnight
    assert queue.run_periodic("cases.resume_suspended") == 1
    assert queue.run_periodic("cases.resume_suspended") == 0
    case = Case.objects.get(county=case.county, id=case.id)
    assert (case.state, case.stage) == ("handling", "handle")
    row = steps.traced(case, "cases.resume")
    assert (row.actor_id, row.role) == (None, "system")
    assert steps.told(steps.cast.fire_officer, "cases.resume") == [f"恢复处置：{case.number}"]


def test_the_system_does_not_resume_before_the_day(steps):
    with pytest.raises(Refused, match="未到"):
        services.resume(acting_user=None, case=suspended(steps))


def test_the_schedule_passes_over_a_case_that_somebody_moved_meanwhile(steps):
    case = suspended(steps, days=1)
    Case.objects.filter(county=case.county, id=case.id).update(state="cancelled")
    steps.time.advance(timedelta(days=2))
    assert queue.run_periodic("cases.resume_suspended") == 0


def test_a_refused_suspension_lets_the_handling_go_on_and_may_be_asked_again(steps):
    case = ask(steps, steps.handling())
    case = services.refuse_suspension(acting_user=steps.cast.lead_officer, case=case, reason="可先行整改")
    assert (case.state, case.suspensions) == ("handling", 0)
    assert Suspension.objects.get(county=case.county, case_id=case.id).decision_words == "可先行整改"
    assert ask(steps, case).version == case.version + 1


def test_once_in_a_case(steps):
    case = services.resume(acting_user=steps.cast.fire_officer, case=suspended(steps))
    with pytest.raises(Refused, match="一次"):
        ask(steps, case)


def test_at_most_one_year_and_not_before_tomorrow(steps):
    case = steps.handling()
    for days in (0, -1, 366):
        with pytest.raises(InvalidInput) as refused:
            ask(steps, case, days)
        assert "until_day" in refused.value.fields
    assert ask(steps, case, 365).version == case.version + 1


def test_a_year_after_a_leap_day_is_the_28th():
    assert a_year_after(date(2024, 2, 29)) == date(2025, 2, 28)
    assert a_year_after(date(2025, 3, 5)) == date(2026, 3, 5)


def test_a_request_whose_day_has_come_cannot_be_granted(steps):
    case = ask(steps, steps.handling(), 1)
    steps.time.advance(timedelta(days=1))
    with pytest.raises(Refused, match="日期已过"):
        services.grant_suspension(acting_user=steps.cast.lead_officer, case=case)


def test_without_interim_control_day_or_reason_there_is_no_suspension(steps):
    case = steps.handling()
    for missing in ("interim_control", "reason", "until_day"):
        with pytest.raises(InvalidInput) as refused:
            ask(steps, case, **{missing: None})
        assert missing in refused.value.fields


def test_one_request_at_a_time_and_each_by_whose_it_is(steps):
    case = steps.handling()
    with pytest.raises(NotPermitted):
        ask(steps, case, user=steps.cast.town_officer)
    case = ask(steps, case)
    with pytest.raises(Refused, match="正在审批"):
        ask(steps, case)
    with pytest.raises(NotPermitted):
        services.grant_suspension(acting_user=steps.cast.fire_officer, case=case)
    case = services.grant_suspension(acting_user=steps.cast.lead_officer, case=case)
    with pytest.raises(NotPermitted):
        services.resume(acting_user=steps.cast.lead_officer, case=case)
    with pytest.raises(WrongState):
        steps.fed_back(case)


def test_of_two_decisions_the_first_holds(steps):
    case = ask(steps, steps.handling())
    seen = Case.objects.get(county=case.county, id=case.id)
    services.grant_suspension(acting_user=steps.cast.lead_officer, case=case)
    with pytest.raises(Conflict):
        services.refuse_suspension(acting_user=steps.cast.second_lead_officer, case=seen, reason="不同意")
