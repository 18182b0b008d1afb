"""Appealing against an overrun: two lead officers must accept; the mark stays."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case, CaseTimer, OverdueAppeal
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, Refused


def late(steps):
    """A case whose handling ran over, and the timer that did."""
    case = steps.handling()
    steps.time.move_to(case.due_at + timedelta(hours=1))
    return case, CaseTimer.objects.get(county=case.county, case_id=case.id, stage="handle")


def appeal(steps, case, timer, user=None, reason="台风停工"):
    return services.appeal_overdue(acting_user=user or steps.cast.fire_officer, case=case,
                                   timer_id=timer and timer.id, reason=reason)  # fmt: skip


def decide(steps, case, accepts, user=None, words="", appeal_id=None):
    found = OverdueAppeal.objects.filter(county=case.county, case_id=case.id).first()
    return services.decide_appeal(acting_user=user or steps.cast.lead_officer, case=case, accepts=accepts, words=words,
                                  appeal_id=appeal_id or (found and found.id))  # fmt: skip


def row(case):
    return OverdueAppeal.objects.get(county=case.county, case_id=case.id)


def test_two_lead_officers_accept_and_the_overrun_is_excused_but_stays_marked(steps):
    case, timer = late(steps)
    case = appeal(steps, case, timer)
    assert steps.told(steps.cast.lead_officer, "cases.appeal_overdue") == [f"申诉超期：{case.number}"]
    case = decide(steps, case, True)
    timer.refresh_from_db()
    assert (row(case).decision, row(case).first_by_id, timer.is_excused) == (
        "waiting",
        steps.cast.lead_officer.id,
        False,
    )
    case = decide(steps, case, True, steps.cast.second_lead_officer, "情况属实")
    timer.refresh_from_db()
    assert (row(case).decision, row(case).second_by_id, row(case).decided_at) == (
        "granted", steps.cast.second_lead_officer.id, clock.now())  # fmt: skip
    assert timer.is_excused
    case = steps.fed_back(case)
    timer.refresh_from_db()
    assert (timer.state, timer.is_excused, case.was_overdue) == ("overdue", True, True)
    assert len(steps.told(steps.cast.fire_officer, "cases.decide_appeal")) == 2
    assert steps.traced(case, "cases.decide_appeal").changes["decision"] == "granted"


@pytest.mark.parametrize("second", [False, True])
def test_one_refusal_with_a_reason_ends_it(steps, second):
    case, timer = late(steps)
    case = appeal(steps, case, timer)
    if second:
        case = decide(steps, case, True)
    with pytest.raises(InvalidInput):
        decide(steps, case, False, steps.cast.second_lead_officer)
    case = decide(steps, case, False, steps.cast.second_lead_officer, "未提前申请延期")
    timer.refresh_from_db()
    assert (row(case).decision, row(case).decision_words, timer.is_excused) == ("refused", "未提前申请延期", False)
    with pytest.raises(NotPermitted):
        decide(steps, case, True)


def test_the_same_officer_does_not_decide_twice(steps):
    case = decide(steps, appeal(steps, *late(steps)), True)
    with pytest.raises(NotPermitted, match="两名不同"):
        decide(steps, case, True)


def test_nobody_decides_the_own_appeal(steps):
    from safegrid.accounts.models import Role
    from tests.setting import SINCE

    officer = steps.cast.fire_officer
    Role.objects.create(user=officer, kind="lead_officer", place="330521", valid_from=SINCE,
                        department_id=steps.cast.lead_department.id)  # fmt: skip
    case = appeal(steps, *late(steps))
    with pytest.raises(NotPermitted, match="申诉人"):
        decide(steps, case, True, officer)


def test_a_closed_case_may_still_be_appealed(steps):
    case, timer = late(steps)
    case = steps.fed_back(case)
    case = services.close(acting_user=steps.cast.lead_officer, case=steps.passed(case))
    case = appeal(steps, case, timer)
    assert (case.state, row(case).timer_id) == ("closed", timer.id)


def test_one_appeal_a_timer(steps):
    case, timer = late(steps)
    case = decide(steps, appeal(steps, case, timer), False, words="不采纳")
    with pytest.raises(Refused, match="已经申诉"):
        appeal(steps, case, timer)


def test_what_ran_in_time_or_was_others_turn_is_not_appealed(steps):
    case = steps.handling()
    timers = {timer.stage: timer for timer in CaseTimer.objects.filter(county=case.county, case_id=case.id)}
    with pytest.raises(NotPermitted, match="超期"):
        appeal(steps, case, timers["handle"])
    steps.time.move_to(case.due_at)
    with pytest.raises(Refused, match="没有超期"):
        appeal(steps, case, timers["receive"])
    for other in (timers["dispatch"], late(steps)[1], None):
        with pytest.raises(InvalidInput):
            appeal(steps, case, other)
    with pytest.raises(InvalidInput):
        appeal(steps, case, timers["handle"], reason="")


def test_others_neither_appeal_nor_decide(steps):
    case, timer = late(steps)
    with pytest.raises(NotPermitted):
        appeal(steps, case, timer, steps.cast.lead_officer)
    with pytest.raises(NotVisible):
        appeal(steps, case, timer, steps.cast.market_officer)
    case = appeal(steps, case, timer)
    with pytest.raises(NotPermitted):
        decide(steps, case, True, steps.cast.lead_chief)
    with pytest.raises(InvalidInput):
        decide(steps, case, True, appeal_id=timer.id)


def test_of_two_decisions_at_once_the_second_meets_a_conflict(steps):
    case = appeal(steps, *late(steps))
    seen = Case.objects.get(county=case.county, id=case.id)
    decide(steps, case, True)
    with pytest.raises(Conflict):
        decide(steps, seen, True, steps.cast.second_lead_officer)
