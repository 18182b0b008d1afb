"""Taking back an end: reopening and cancelling."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, Refused, WrongState
from safegrid.orgs.services import close_department


def reopen(steps, case, user=None, reason="群众反映未整改"):
    return services.reopen(acting_user=user or steps.cast.lead_officer, case=case, reason=reason)


def test_a_closed_case_goes_back_to_its_department_with_its_whole_limit(steps):
    case = steps.closed()
    steps.time.advance(timedelta(days=30))
    case = reopen(steps, case)
    assert (case.state, case.stage, case.closed_at, case.rectified_at, case.rectifiers) == (
        "handling", "handle", None, None, [])  # fmt: skip
    assert case.due_at == clock.now() + timedelta(hours=24)
    assert steps.told(steps.cast.fire_officer, "cases.reopen") == [f"重新办理：{case.number}"]
    assert steps.told(steps.cast.grid_member, "cases.reopen")
    assert steps.traced(case, "cases.reopen").changes["reason"] == "群众反映未整改"
    assert steps.passed(steps.fed_back(case)).state == "rechecked"


def test_a_closed_case_whose_department_is_gone_is_dispatched_anew(steps):
    case = steps.closed()
    close_department(acting_user=None, department=steps.cast.fire, reason="机构改革")
    case = reopen(steps, case)
    assert (case.state, case.stage) == ("registered", "dispatch")


def test_what_was_settled_on_the_spot_is_registered(steps):
    case = services.settle_on_spot(
        acting_user=steps.cast.grid_member, county=steps.cast.county, kind=steps.cast.minor_kind.code, words="灭火器过期",
        site=steps.site, before_ids=steps.photo(steps.cast.grid_member), after_ids=steps.photo(steps.cast.grid_member),
    )  # fmt: skip
    case = services.confirm_on_spot(acting_user=steps.cast.town_officer, case=case)
    case = reopen(steps, case)
    assert (case.state, case.is_settled_on_spot, case.registered_at) == ("registered", False, clock.now())


def test_a_rejected_report_is_triaged_again(steps):
    case = services.reject(acting_user=steps.cast.town_officer, case=steps.reported(), reason="不属实")
    steps.time.advance(timedelta(days=1))
    case = reopen(steps, case)
    assert (case.state, case.stage) == ("reported", "accept")
    assert case.due_at > clock.now()


def test_a_request_left_over_from_before_is_not_granted_to_the_new_handling(steps):
    case = steps.handling()
    case = services.request_extension(acting_user=steps.cast.fire_officer, case=case, reason="等待施工队",
                                      until=case.due_at + timedelta(hours=2))  # fmt: skip
    case = services.close(acting_user=steps.cast.lead_officer, case=steps.passed(steps.fed_back(case)))
    case = reopen(steps, case)
    assert case.extension_requests.get().decision == "refused"


def test_only_the_lead_office_reopens_what_has_ended_with_a_reason(steps):
    case = steps.closed()
    for person in (steps.cast.town_officer, steps.cast.fire_officer, steps.cast.lead_chief):
        with pytest.raises(NotPermitted):
            reopen(steps, case, person)
    with pytest.raises(InvalidInput):
        reopen(steps, case, reason=" ")
    with pytest.raises(WrongState):
        reopen(steps, steps.handling())


def test_the_chief_cancels_what_was_entered_in_error_and_it_stays_readable(steps):
    case = services.cancel(acting_user=steps.cast.lead_chief, case=steps.registered(), reason="测试录入")
    assert (case.state, case.stage) == ("cancelled", "")
    assert Case.objects.filter(county=case.county, id=case.id).exists()
    assert not case.timers.filter(stopped_at__isnull=True).exists()
    assert steps.told(steps.cast.grid_member, "cases.cancel") == [f"作废：{case.number}"]
    assert steps.traced(case, "cases.cancel").role == "lead_chief"


def test_a_case_that_others_follow_is_not_cancelled(steps):
    case, other = steps.registered(), steps.reported()
    services.merge(acting_user=steps.cast.town_officer, case=other, into_id=case.id)
    with pytest.raises(Refused, match="撤销并案"):
        services.cancel(acting_user=steps.cast.lead_chief, case=case, reason="误录")


def test_nobody_else_cancels_and_nothing_that_was_dispatched(steps):
    case = steps.reported()
    for person in (steps.cast.lead_officer, steps.cast.town_officer):
        with pytest.raises(NotPermitted):
            services.cancel(acting_user=person, case=case, reason="误录")
    with pytest.raises(InvalidInput):
        services.cancel(acting_user=steps.cast.lead_chief, case=case, reason="")
    with pytest.raises(WrongState):
        services.cancel(acting_user=steps.cast.lead_chief, case=steps.dispatched(), reason="误录")


def test_of_two_at_once_the_second_meets_a_conflict(steps):
    case = steps.closed()
    seen = Case.objects.get(county=case.county, id=case.id)
    reopen(steps, case)
    with pytest.raises(Conflict):
        reopen(steps, seen, steps.cast.second_lead_officer)
