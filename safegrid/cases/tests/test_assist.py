"""Joint handling: a main department and those that assist it."""

import pytest

from safegrid.cases import access, services
from safegrid.cases.models import Case, CaseAssistance
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible


def asked(steps, case=None, department=None):
    department = department or steps.cast.market
    return services.add_assistant(acting_user=steps.cast.lead_officer, case=case or steps.handling(),
                                  department_id=department.id, request="核查营业执照")  # fmt: skip


def test_an_assisting_department_is_told_sees_the_case_receives_and_feeds_back(steps):
    officer = steps.cast.market_officer
    case = steps.handling()
    assert not access.sees(officer, case.county, case.id)
    case = asked(steps, case)
    assert access.sees(officer, case.county, case.id)
    assert steps.told(officer, "cases.add_assistant") == [f"指定协办：{case.number}"]
    assert steps.traced(case, "cases.add_assistant").changes["department"] == "市场监督管理局"
    case = services.assist_receive(acting_user=officer, case=case)
    case = services.assist_feed_back(
        acting_user=officer, case=case, result="已吊销", attachment_ids=steps.photo(officer)
    )
    part = CaseAssistance.objects.get(county=case.county, case_id=case.id)
    assert (part.received_at, part.fed_back_at, part.result) == (clock.now(), clock.now(), "已吊销")
    assert steps.told(steps.cast.fire_officer, "cases.assist_feed_back") == [f"协办反馈：{case.number}"]
    assert (case.state, case.stage) == ("handling", "handle")
    assert str(officer.id) in case.rectifiers


def test_the_main_department_waits_for_its_assistants_or_says_why_not(steps):
    officer = steps.cast.fire_officer
    case = asked(steps)
    with pytest.raises(InvalidInput, match="市场监督管理局"):
        steps.fed_back(case)
    case = services.feed_back(acting_user=officer, case=case, result="已清理", attachment_ids=steps.photo(officer),
                              reason="协办事项另案处理")  # fmt: skip
    assert case.state == "rectified"
    assert steps.traced(case, "cases.feed_back").changes["without"] == ["市场监督管理局"]


def test_after_all_assistants_have_fed_back_no_reason_is_asked(steps):
    officer = steps.cast.market_officer
    case = services.assist_receive(acting_user=officer, case=asked(steps))
    case = services.assist_feed_back(acting_user=officer, case=case, result="已核查")
    assert steps.fed_back(case).state == "rectified"


def test_an_assistant_receives_once_and_feeds_back_once_after_that(steps):
    officer = steps.cast.market_officer
    case = asked(steps)
    with pytest.raises(NotPermitted):
        services.assist_feed_back(acting_user=officer, case=case, result="已核查")
    case = services.assist_receive(acting_user=officer, case=case)
    with pytest.raises(NotPermitted):
        services.assist_receive(acting_user=officer, case=case)
    with pytest.raises(InvalidInput):
        services.assist_feed_back(acting_user=officer, case=case, result="")
    case = services.assist_feed_back(acting_user=officer, case=case, result="已核查")
    with pytest.raises(NotPermitted):
        services.assist_feed_back(acting_user=officer, case=case, result="又核查")


def test_the_main_department_and_one_that_already_assists_are_refused(steps):
    with pytest.raises(InvalidInput, match="主办"):
        asked(steps, department=steps.cast.fire)
    case = asked(steps)
    with pytest.raises(InvalidInput, match="已经是协办"):
        asked(steps, case)
    with pytest.raises(InvalidInput):
        asked(steps, case, steps.cast.foreign_department)


def test_only_the_lead_office_asks_and_only_the_asked_receive(steps):
    case = steps.handling()
    with pytest.raises(NotPermitted):
        services.add_assistant(acting_user=steps.cast.fire_officer, case=case, department_id=steps.cast.market.id,
                               request="核查")  # fmt: skip
    with pytest.raises(NotPermitted):
        services.assist_receive(acting_user=steps.cast.fire_officer, case=asked(steps, case))
    with pytest.raises(NotVisible):
        services.assist_receive(acting_user=steps.cast.lead_department_officer, case=case)


def test_of_two_officials_adding_at_once_the_second_meets_a_conflict(steps):
    case = steps.handling()
    seen = Case.objects.get(county=case.county, id=case.id)
    asked(steps, case)
    with pytest.raises(Conflict):
        asked(steps, seen, steps.cast.lead_department)
    assert CaseAssistance.objects.filter(county=case.county, case_id=case.id).count() == 1
