"""Sending a case to its department, and what that department answers."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safegrid.cases import services
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible, Refused
from safegrid.orgs.services import close_department


def dispatch(steps, case, department, **more):
    given = {"acting_user": steps.cast.lead_officer, **more}
    return services.dispatch(case=case, department_id=department.id if department else None, **given)


@pytest.fixture
def at_shop(steps):
    """A case outside the fire department's rules would not do: a shop with a noise hazard is market supervision's."""
    steps.site, steps.kind = steps.cast.shop, "HEALTH-NOISE"
    return steps


def test_the_department_of_the_rule_needs_no_reason_and_is_told(at_shop):
    steps, market = at_shop, at_shop.cast.market
    officer = steps.cast.market_officer
    case = dispatch(steps, steps.registered(), market)
    assert (case.state, case.department_id, case.stage) == ("dispatched", market.id, "receive")
    assert (case.dispatched_at, case.department_since) == (clock.now(), clock.now())
    assert case.routing["main"] == case.routing["chosen"] == str(market.id)
    assert case.routing["chosen_rule"] == case.routing["rule"]
    assert steps.told(officer, "cases.dispatch") == [f"派遣：{case.number}"]
    assert steps.traced(case, "cases.dispatch").changes["department"] == market.name


def test_another_department_needs_a_reason_or_a_rule_of_its_own(at_shop):
    steps = at_shop
    case = steps.registered()
    with pytest.raises(InvalidInput) as refused:
        dispatch(steps, case, steps.cast.fire)
    assert steps.cast.market.name in refused.value.fields["reason"]
    with pytest.raises(InvalidInput) as refused:
        dispatch(steps, case, steps.cast.fire, rule_id=uuid4())
    assert "rule_id" in refused.value.fields
    case = dispatch(steps, case, steps.cast.fire, reason="消防为主")
    assert case.routing["reason"] == "消防为主"
    assert case.routing["chosen_rule"] is None


def test_a_less_specific_rule_of_the_department_is_reason_enough(steps):
    rules = {rule.department_id: rule.id for rule in steps.cast.duty_rules[:3]}
    case = dispatch(steps, steps.registered(), steps.cast.fire, rule_id=rules[steps.cast.fire.id])
    assert case.routing["chosen_rule"] == str(rules[steps.cast.fire.id])


def test_a_department_that_returned_gets_it_back_only_with_a_reason(at_shop):
    steps = at_shop
    case = dispatch(steps, steps.registered(), steps.cast.market)
    case = services.return_(acting_user=steps.cast.market_officer, case=case, reason="不归我局")
    with pytest.raises(InvalidInput):
        dispatch(steps, case, steps.cast.market)
    assert dispatch(steps, case, steps.cast.market, reason="三定方案明确").state == "dispatched"


def test_an_unknown_foreign_or_closed_department_gets_nothing(steps):
    closed = steps.cast.fire
    close_department(acting_user=None, department=closed, reason="机构改革")
    for department in (closed, steps.cast.foreign_department, None):
        with pytest.raises(InvalidInput) as refused:
            dispatch(steps, steps.registered(), department, reason="试")
        assert "department_id" in refused.value.fields


def test_a_town_officer_sends_only_to_bodies_of_the_own_town(steps):
    body, case = steps.cast.town_department, steps.registered()
    with pytest.raises(NotPermitted, match="本乡镇"):
        dispatch(steps, case, steps.cast.fire, acting_user=steps.cast.town_officer, reason="近")
    case = dispatch(steps, case, body, acting_user=steps.cast.town_officer, reason="镇综合执法事项")
    assert case.department_id == body.id


@pytest.mark.parametrize("person", ["grid_member", "lead_chief", "leader", "auditor"])
def test_nobody_else_dispatches(steps, person):
    with pytest.raises(NotPermitted):
        dispatch(steps, steps.registered(), steps.cast.fire, acting_user=getattr(steps.cast, person), reason="试")


def test_a_lead_officer_of_another_county_finds_no_case(steps):
    with pytest.raises(NotVisible):
        dispatch(steps, steps.registered(), steps.cast.fire, acting_user=steps.cast.outsider, reason="试")


def test_the_department_receives_and_its_handling_limit_runs(steps):
    case = steps.handling()
    assert (case.state, case.stage) == ("handling", "handle")
    assert case.due_at == clock.now() + timedelta(hours=24)
    assert case.timers.get(stage="handle").department_id == steps.cast.fire.id


def test_the_lead_offices_own_department_handles_like_any_other(steps):
    case = dispatch(steps, steps.registered(), steps.cast.lead_department, reason="牵头部门直接办理")
    assert services.receive(acting_user=steps.cast.lead_department_officer, case=case).state == "handling"


def test_a_department_that_is_not_the_main_one_sees_nothing_to_receive(steps):
    with pytest.raises(NotVisible):
        services.receive(acting_user=steps.cast.market_officer, case=steps.dispatched())


def test_the_lead_officer_does_not_receive_for_the_department(steps):
    with pytest.raises(NotPermitted):
        services.receive(acting_user=steps.cast.lead_officer, case=steps.dispatched())


def test_a_department_returns_inside_its_window(steps):
    case = services.return_(acting_user=steps.cast.fire_officer, case=steps.dispatched(), reason="不属消防职责")
    assert (case.state, case.returns, case.stage) == ("returned", 1, "dispatch")
    assert steps.told(steps.cast.lead_officer, "cases.return_")


def test_after_the_window_it_can_only_be_received(steps):
    case = steps.dispatched()
    steps.time.move_to(case.due_at)
    with pytest.raises(Refused, match="退回期限"):
        services.return_(acting_user=steps.cast.fire_officer, case=case, reason="不属消防职责")
    case = services.receive(acting_user=steps.cast.fire_officer, case=case)
    assert case.was_overdue


def test_a_return_needs_its_reason(steps):
    with pytest.raises(InvalidInput):
        services.return_(acting_user=steps.cast.fire_officer, case=steps.dispatched(), reason="")


def statements(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    return [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]


def test_dispatching_and_receiving_cost_few_statements(at_shop):
    steps = at_shop
    lead, market = steps.cast.lead_officer, steps.cast.market
    officer, case = steps.cast.market_officer, steps.registered()
    dispatch(steps, steps.registered(), market)  # fills the caches
    used = statements(lambda: dispatch(steps, case, market, acting_user=lead))
    assert len(used) <= 10, "\n".join(used)
    case.refresh_from_db()
    used = statements(lambda: services.receive(acting_user=officer, case=case))
    assert len(used) <= 8, "\n".join(used)
