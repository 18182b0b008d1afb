"""Pressure from above: supervision with its own deadline, and the list of major hazards."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.firing import fire_timers
from safegrid.cases.models import Case, CaseTimer, Supervision
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, Refused, WrongState

HOUR = timedelta(hours=1)


def supervise(steps, case, user=None, after=8 * HOUR, **more):
    return services.supervise(acting_user=user or steps.cast.leader, case=case,
                              **{"instruction": "今日内整改到位", "deadline": clock.now() + after, **more})  # fmt: skip


def clock_of(case):
    return CaseTimer.objects.get(county=case.county, case_id=case.id, stage="supervise", stopped_at__isnull=True)


def given(case):
    return list(Supervision.objects.filter(county=case.county, case_id=case.id).order_by("deadline"))


@pytest.mark.parametrize("person", ["leader", "lead_officer", "upper_level"])
def test_those_above_supervise_and_the_department_is_told(steps, person):
    case = steps.handling()
    due = case.due_at
    case = supervise(steps, case, getattr(steps.cast, person))
    assert (case.state, case.is_supervised, case.due_at) == ("handling", True, due)
    (row,) = given(case)
    assert (row.instruction, row.given_by_role, row.answered_at) == ("今日内整改到位", person, None)
    assert clock_of(case).due_at == row.deadline
    assert steps.told(steps.cast.fire_officer, "cases.supervise") == [f"督办：{case.number}"]
    assert steps.traced(case, "cases.supervise").role == person


def test_its_deadline_nears_and_runs_over_on_its_own(steps):
    case = supervise(steps, steps.handling())
    steps.time.advance(7 * HOUR)
    fire_timers()
    assert "督办即将到期" in steps.told(steps.cast.fire_officer, "cases.timer")[-1]
    steps.time.advance(2 * HOUR)
    fire_timers()
    assert clock_of(case).state == "overdue"
    case = Case.objects.get(county=case.county, id=case.id)
    assert (case.timing, case.was_overdue) == ("on_time", False)  # the handling itself is in time


def test_feeding_back_answers_it(steps):
    case = steps.fed_back(supervise(steps, steps.handling()))
    (row,) = given(case)
    assert (row.answered_at, row.answered_by_id, row.answer) == (clock.now(), steps.cast.fire_officer.id, "已清理")
    assert not CaseTimer.objects.filter(
        case_id=case.id, county=case.county, stage="supervise", stopped_at=None
    ).exists()
    assert steps.told(steps.cast.leader, "cases.feed_back") == [f"反馈结果：{case.number}"]


def test_it_may_be_answered_without_feeding_back(steps):
    case = supervise(steps, steps.handling())
    case = services.answer_supervision(acting_user=steps.cast.fire_officer, case=case, result="已责令停用，周五前完成")
    assert case.state == "handling"
    assert given(case)[0].answer == "已责令停用，周五前完成"
    assert steps.told(steps.cast.leader, "cases.answer_supervision") == [f"回复督办：{case.number}"]
    with pytest.raises(Refused, match="没有需要回复"):
        services.answer_supervision(acting_user=steps.cast.fire_officer, case=case, result="再报")


def test_before_any_department_has_it_the_town_answers(steps):
    case = supervise(steps, steps.reported())
    services.answer_supervision(acting_user=steps.cast.town_officer, case=case, result="今日立案")
    with pytest.raises(NotPermitted):
        services.answer_supervision(acting_user=steps.cast.town_officer, case=steps.reported(), result="无督办")


def test_of_several_instructions_the_earliest_deadline_is_timed(steps):
    case = supervise(steps, steps.handling(), after=8 * HOUR)
    case = supervise(steps, case, after=20 * HOUR)
    assert clock_of(case).due_at == clock.now() + 8 * HOUR
    case = supervise(steps, case, after=3 * HOUR)
    assert clock_of(case).due_at == clock.now() + 3 * HOUR
    case = services.answer_supervision(acting_user=steps.cast.fire_officer, case=case, result="已办")
    assert all(row.answered_at for row in given(case))


def test_an_instruction_needs_words_and_a_deadline_ahead(steps):
    case = steps.handling()
    for wrong in ({"instruction": ""}, {"deadline": None}, {"deadline": clock.now()}):
        with pytest.raises(InvalidInput):
            supervise(steps, case, **wrong)


def test_departments_towns_and_strangers_do_not_supervise(steps):
    case = steps.handling()
    for person in (steps.cast.fire_officer, steps.cast.town_officer, steps.cast.auditor):
        with pytest.raises(NotPermitted):
            supervise(steps, case, person)
    with pytest.raises(NotVisible):
        supervise(steps, case, steps.cast.outsider)
    with pytest.raises(WrongState):
        supervise(steps, steps.closed())


def test_of_two_instructions_at_once_the_second_meets_a_conflict(steps):
    case = steps.handling()
    seen = Case.objects.get(county=case.county, id=case.id)
    supervise(steps, case)
    with pytest.raises(Conflict):
        supervise(steps, seen, steps.cast.lead_officer)


@pytest.fixture
def major(steps):
    steps.kind = steps.cast.major_kind.code
    return steps


def list_major(steps, case, **more):
    return services.list_major(acting_user=steps.cast.lead_chief, case=case, **{"reason": "挂牌督办", **more})


def test_a_major_hazard_is_listed_supervised_and_delisted(major):
    case = list_major(major, major.handling(), deadline=clock.now() + timedelta(days=30))
    assert (case.is_listed_major, case.is_supervised, case.state) == (True, True, "handling")
    assert given(case)[0].instruction == "挂牌督办：挂牌督办"
    assert major.told(major.cast.town_officer, "cases.list_major") == [f"挂牌督办：{case.number}"]
    case = services.delist(acting_user=major.cast.lead_chief, case=case, reason="整改验收合格")
    assert not case.is_listed_major
    assert major.traced(case, "cases.delist").changes["reason"] == "整改验收合格"


def test_without_a_deadline_it_is_listed_and_not_timed(major):
    case = list_major(major, major.handling())
    assert (case.is_listed_major, case.is_supervised) == (True, False)
    assert given(case) == []


def test_a_listed_hazard_is_not_closed_before_it_is_delisted(major):
    case = list_major(major, major.rectified())
    officer = major.colleague(major.cast.fire_officer, "fire_2")
    case = services.recheck_pass(acting_user=officer, case=case, attachment_ids=major.photo(officer), **major.spot(),
                                 with_member_id=major.cast.grid_member.id)  # fmt: skip
    with pytest.raises(Refused, match="摘牌销号"):
        services.close(acting_user=major.cast.lead_officer, case=case)
    case = services.delist(acting_user=major.cast.lead_chief, case=case, reason="验收合格")
    assert services.close(acting_user=major.cast.lead_officer, case=case).state == "closed"


def test_a_listed_hazard_does_not_end_by_a_side_door(major):
    case = list_major(major, major.reported())
    into = major.reported()
    for verb, more in (
        (services.merge, {"acting_user": major.cast.lead_officer, "into_id": into.id}),
        (services.reject, {"acting_user": major.cast.lead_officer, "reason": "不属实"}),
        (services.cancel, {"acting_user": major.cast.lead_chief, "reason": "误录"}),
        (services.reclassify, {"acting_user": major.cast.lead_officer, "kind": case.kind, "severity": "minor",
                               "reason": "降级"}),
    ):  # fmt: skip
        with pytest.raises(Refused, match="销号"):
            verb(case=case, **more)


def test_only_major_hazards_are_listed_once_and_only_listed_ones_delisted(major):
    case = major.handling()
    with pytest.raises(NotPermitted):
        services.delist(acting_user=major.cast.lead_chief, case=case, reason="未挂牌")
    with pytest.raises(NotPermitted):
        services.list_major(acting_user=major.cast.lead_officer, case=case, reason="经办不能挂牌")
    case = list_major(major, case)
    with pytest.raises(NotPermitted, match="尚未挂牌"):
        list_major(major, case)
    major.kind = major.cast.general_kind.code
    with pytest.raises(NotPermitted, match="重大"):
        list_major(major, major.handling())
    with pytest.raises(InvalidInput):
        services.delist(acting_user=major.cast.lead_chief, case=case, reason="")
