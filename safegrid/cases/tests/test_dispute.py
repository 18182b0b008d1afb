"""Contesting who is responsible, referring that up, and deciding it."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case, CaseTimer, Dispute
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, WrongState


def dispute(steps, case, user=None, **more):
    return services.dispute(acting_user=user or steps.cast.fire_officer, case=case, **{"reason": "属住建职责", **more})


def arbitrate(steps, case, department=None, user=None, **more):
    department = department or steps.cast.market
    given = {"acting_user": user or steps.cast.lead_officer, "reason": "三定方案", **more}
    return services.arbitrate(case=case, department_id=department.id, **given)


def timer(case, stage):
    return CaseTimer.objects.filter(county=case.county, case_id=case.id, stage=stage).latest("started_at", "id")


def test_a_department_disputes_and_the_lead_office_is_told(steps):
    case = dispute(steps, steps.dispatched())
    assert (case.state, case.state_before_dispute, case.stage) == ("disputed", "dispatched", "")
    row = Dispute.objects.get(county=case.county, case_id=case.id)
    assert (row.department_id, row.reason, row.settled_at) == (steps.cast.fire.id, "属住建职责", None)
    assert steps.told(steps.cast.lead_officer, "cases.dispute") == [f"提出争议：{case.number}"]
    assert steps.traced(case, "cases.dispute").changes["state"] == ["dispatched", "disputed"]


def test_the_handling_timer_pauses_during_a_dispute_and_goes_on_for_the_same_department(steps):
    case = steps.handling()
    due = case.due_at
    case = dispute(steps, case)
    assert timer(case, "handle").paused_at == clock.now()
    steps.time.advance(timedelta(hours=5))
    case = arbitrate(steps, case, steps.cast.fire)
    assert (case.state, case.stage, case.department_since) == ("dispatched", "receive", case.department_since)
    case = services.receive(acting_user=steps.cast.fire_officer, case=case)
    assert case.due_at == due + timedelta(hours=5)
    assert CaseTimer.objects.filter(county=case.county, case_id=case.id, stage="handle").count() == 1


def test_another_department_handles_from_the_beginning(steps):
    officer = steps.cast.market_officer
    case = dispute(steps, steps.handling())
    steps.time.advance(timedelta(hours=20))
    case = arbitrate(steps, case)
    assert (case.department_id, case.department_since) == (steps.cast.market.id, clock.now())
    assert case.routing["arbitrated_by"] == "lead_officer"
    assert steps.told(officer, "cases.arbitrate") == [f"裁定：{case.number}"]
    row = Dispute.objects.get(county=case.county, case_id=case.id)
    assert (row.settled_for_id, row.settled_reason, row.settled_by_id) == (
        steps.cast.market.id, "三定方案", steps.cast.lead_officer.id)  # fmt: skip
    case = services.receive(acting_user=officer, case=case)
    assert case.due_at == clock.now() + timedelta(hours=24)
    assert timer(case, "handle").department_id == steps.cast.market.id


def test_requests_of_the_former_department_end_with_the_arbitration(steps):
    case = steps.handling()
    case = services.request_suspension(acting_user=steps.cast.fire_officer, case=case, reason="等配件",
                                       until_day=clock.today() + timedelta(days=9), interim_control="停用")  # fmt: skip
    case = arbitrate(steps, dispute(steps, case))
    asked = case.suspension_requests.get()
    assert (asked.decision, asked.decided_at) == ("refused", clock.now())


def test_the_lead_office_disputes_what_was_returned(steps):
    case = services.return_(acting_user=steps.cast.fire_officer, case=steps.dispatched(), reason="不属本部门")
    case = dispute(steps, case, steps.cast.lead_officer)
    assert Dispute.objects.get(county=case.county, case_id=case.id).department_id is None


@pytest.mark.parametrize("code", ["3305", "33"])
def test_what_is_referred_up_is_decided_by_the_level_above_only(steps, code):
    upper = steps.cast.upper_level if code == "3305" else steps.cast.person("province", "省级", "upper_level", "33")
    case = dispute(steps, steps.dispatched())
    case = services.refer_up(acting_user=steps.cast.lead_officer, case=case, referred_up_to=code, reason="跨部门争议大")
    assert (case.state, case.referred_up_to) == ("disputed", code)
    assert steps.told(upper, "cases.refer_up") == [f"提请上级协调：{case.number}"]
    with pytest.raises(NotPermitted, match="提请上级"):
        arbitrate(steps, case)
    case = arbitrate(steps, case, user=upper)
    assert (case.state, case.referred_up_to, case.routing["arbitrated_by"]) == ("dispatched", "", "upper_level")
    assert steps.traced(case, "cases.arbitrate").changes["referred_up_to"] == code


def test_the_level_above_does_not_decide_what_was_not_referred_to_it(steps):
    case = dispute(steps, steps.dispatched())
    with pytest.raises(NotPermitted, match="没有提请"):
        arbitrate(steps, case, user=steps.cast.upper_level)


def test_a_city_does_not_decide_what_was_referred_to_the_province(steps):
    case = dispute(steps, steps.dispatched(), steps.cast.lead_officer, referred_up_to="33")
    with pytest.raises(NotPermitted):
        arbitrate(steps, case, user=steps.cast.upper_level)


@pytest.mark.parametrize("code", ["330521", "3306", "32", "x"])
def test_only_the_own_city_and_province_lie_above(steps, code):
    with pytest.raises(InvalidInput) as refused:
        dispute(steps, steps.dispatched(), steps.cast.lead_officer, referred_up_to=code)
    assert "referred_up_to" in refused.value.fields


def test_a_department_does_not_go_over_its_lead_offices_head(steps):
    with pytest.raises(NotPermitted, match="牵头部门"):
        dispute(steps, steps.dispatched(), referred_up_to="3305")


def test_dispute_and_arbitration_need_their_reasons_and_a_department(steps):
    case = steps.dispatched()
    with pytest.raises(InvalidInput):
        dispute(steps, case, reason=" ")
    case = dispute(steps, case)
    with pytest.raises(InvalidInput):
        arbitrate(steps, case, reason="")
    with pytest.raises(InvalidInput):
        arbitrate(steps, case, steps.cast.foreign_department)


def test_others_neither_dispute_nor_arbitrate(steps):
    case = steps.dispatched()
    with pytest.raises(NotPermitted):
        dispute(steps, case, steps.cast.town_officer)
    with pytest.raises(NotVisible):
        dispute(steps, case, steps.cast.market_officer)
    with pytest.raises(NotVisible):
        dispute(steps, case, steps.cast.outsider)
    case = dispute(steps, case)
    with pytest.raises(NotPermitted):
        arbitrate(steps, case, user=steps.cast.lead_chief)


def test_a_rectified_case_is_not_disputed(steps):
    with pytest.raises(WrongState):
        dispute(steps, steps.rectified())


def test_of_two_arbitrations_the_second_meets_a_conflict(steps):
    case = dispute(steps, steps.dispatched())
    seen = Case.objects.get(county=case.county, id=case.id)
    arbitrate(steps, case)
    with pytest.raises(Conflict):
        arbitrate(steps, seen, steps.cast.fire, user=steps.cast.second_lead_officer)
