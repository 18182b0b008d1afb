"""Verifying and rechecking by phone: the task, the act, and what is said when somebody was first."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.firing import fire_timers
from safegrid.cases.models import Recheck
from safegrid.cases.tests.phone import send, tasks
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted

COUNTY = 330521


def verifying(steps, **more):
    return services.assign_verification(acting_user=steps.cast.town_officer, case=steps.reported(**more),
                                        verifier_id=steps.cast.grid_member.id, words="看看通道是否真的堵了")  # fmt: skip


def to_recheck(steps, **more):
    return services.assign_recheck(acting_user=steps.cast.town_officer, case=steps.rectified(**more),
                                   rechecker_id=steps.cast.grid_member.id, words="带上卷尺")  # fmt: skip


def look(steps, case, kind, user=None, *, version=None, **more):
    user = user or steps.cast.grid_member
    payload = {
        "case_id": str(case.id),
        "version": version or case.version,
        "photos": steps.photo(user),
        **steps.spot(),
        **more,
    }
    return send(user, COUNTY, kind, payload)


def test_a_verification_is_a_task_of_its_member_alone(steps):
    case = verifying(steps, acting_user=steps.cast.committee, channel="committee")
    (task,) = tasks(steps.cast.grid_member, COUNTY, "cases.verify")
    assert (task.id, task.words, task.site_id, task.due_at, task.urgency) == (
        str(case.id), "安全出口堆满纸箱", steps.site.id, case.due_at, "normal",
    )  # fmt: skip
    assert (task.data["version"], task.data["request"], len(task.data["photos"])) == (
        case.version,
        "看看通道是否真的堵了",
        1,
    )
    for other in (steps.cast.next_grid_member, steps.cast.committee, steps.cast.town_officer):
        assert tasks(other, COUNTY, "cases.verify") == []
    assert tasks(steps.cast.grid_member, COUNTY, "cases.recheck") == []


def test_urgency_follows_the_timer_and_the_clock(steps):
    case = verifying(steps)
    timer = case.timers.get(stage="verify")
    for moment, urgency in ((timer.near_at, "near"), (timer.due_at, "overdue"), (timer.badly_overdue_at, "overdue")):
        steps.time.move_to(moment)
        fire_timers()
        assert tasks(steps.cast.grid_member, COUNTY, "cases.verify")[0].urgency == urgency


def test_a_limit_just_over_is_overdue_before_the_run_has_noted_it(steps):
    steps.time.move_to(verifying(steps).due_at)
    assert tasks(steps.cast.grid_member, COUNTY, "cases.verify")[0].urgency == "overdue"


def test_members_are_reminded_before_and_after_a_look_falls_due(steps):
    for case, stage, label in ((verifying(steps), "verify", "核实"), (to_recheck(steps), "recheck", "复查")):
        timer = case.timers.get(stage=stage, stopped_at__isnull=True)
        for moment, said in ((timer.near_at, "即将到期"), (timer.due_at, "已超期")):
            steps.time.move_to(max(moment, clock.now()))
            fire_timers()
            assert f"{label}{said}：{case.number}" in steps.told(steps.cast.grid_member, "cases.timer")


def test_verifying_by_phone_says_what_was_found_and_ends_the_task(steps):
    case = verifying(steps)
    result = look(steps, case, "cases.verify", finding="属实，堵了一半")
    assert (result["id"], result["state"], result["version"]) == (str(case.id), "reported", case.version + 1)
    assert steps.traced(case, "cases.verify").changes["finding"] == "属实，堵了一半"
    assert tasks(steps.cast.grid_member, COUNTY, "cases.verify") == []


def test_verifying_what_moved_on_says_where_it_is_and_who_did_that(steps):
    case = verifying(steps)
    done = services.verify(acting_user=steps.cast.grid_member, case=case, finding="属实",
                           attachment_ids=steps.photo(steps.cast.grid_member), **steps.spot())  # fmt: skip
    services.register(acting_user=steps.cast.town_officer, case=done, kind=done.kind, severity=done.severity)
    with pytest.raises(Conflict) as refused:
        look(steps, case, "cases.verify", finding="属实")
    assert (
        refused.value.message == f"案件 {case.number} 现在是“已立案”，不用再核实了。乡镇安监站已于2025年3月5日9时“立案”"
    )
    assert steps.cast.town_officer.name not in refused.value.message


def test_a_case_that_changed_while_still_waiting_has_to_be_looked_at_again(steps):
    case = verifying(steps)
    now = services.supervise(
        acting_user=steps.cast.leader, case=case, instruction="从快", deadline=clock.now() + timedelta(days=1)
    )
    with pytest.raises(Conflict, match=r"仍待您核实，但情况有变化，请核对后再提交。.*“督办”"):
        look(steps, case, "cases.verify", finding="属实")
    assert look(steps, case, "cases.verify", version=now.version, finding="属实")["state"] == "reported"


def test_a_case_given_to_somebody_else_is_no_longer_ones_own(steps):
    case = to_recheck(steps)
    services.assign_recheck(acting_user=steps.cast.town_officer, case=case, rechecker_id=steps.cast.town_officer.id)
    with pytest.raises(Conflict, match=r"已改由他人复查。乡镇安监站已于.*“交办复查”"):
        look(steps, case, "cases.recheck_pass")


def test_a_stranger_learns_nothing_of_a_case(steps):
    case = verifying(steps)
    for user in (steps.cast.next_grid_member, steps.cast.committee):
        with pytest.raises(Conflict) as refused:
            look(steps, case, "cases.verify", user, finding="我看看")
        assert case.number not in refused.value.message


def test_a_recheck_shows_what_was_done_and_passes(steps):
    case = to_recheck(steps)
    (task,) = tasks(steps.cast.grid_member, COUNTY, "cases.recheck")
    assert (task.data["result"], task.data["request"], task.data["may_pass"], task.data["round"]) == (
        "已清理",
        "带上卷尺",
        True,
        1,
    )
    assert (len(task.data["photos"]), len(task.data["photos_after"])) == (1, 1)
    assert look(steps, case, "cases.recheck_pass", words="畅通了")["state"] == "rechecked"
    row = Recheck.objects.get(county=COUNTY, case_id=case.id)
    assert (row.result, row.words, row.done_by_id) == ("passed", "畅通了", steps.cast.grid_member.id)


def test_a_recheck_that_fails_sends_the_case_back(steps):
    case = to_recheck(steps)
    with pytest.raises(InvalidInput) as refused:
        look(steps, case, "cases.recheck_fail", reason="")
    assert set(refused.value.fields) == {"reason"}
    assert look(steps, case, "cases.recheck_fail", reason="又堆上了")["state"] == "handling"


def test_a_recheck_without_photograph_or_position_is_refused(steps):
    case = to_recheck(steps)
    for more, field in (({"photos": []}, "photos"), ({"longitude": None, "latitude": None}, "longitude")):
        with pytest.raises(InvalidInput) as refused:
            look(steps, case, "cases.recheck_pass", **more)
        assert field in refused.value.fields


def test_a_major_hazard_is_passed_by_the_department_the_member_may_only_find_fault(steps):
    steps.kind = steps.cast.major_kind.code
    case = to_recheck(steps)
    (task,) = tasks(steps.cast.grid_member, COUNTY, "cases.recheck")
    assert not task.data["may_pass"]
    assert task.data["with_whom"]
    with pytest.raises(NotPermitted):
        look(steps, case, "cases.recheck_pass")
    assert look(steps, case, "cases.recheck_fail", reason="仍只有一个出口")["state"] == "handling"


def test_tasks_are_read_in_a_few_statements(steps, django_assert_max_num_queries):
    for _ in range(3):
        to_recheck(steps)
    member = steps.cast.grid_member
    tasks(member, COUNTY, "cases.recheck")
    with django_assert_max_num_queries(8):
        assert len(tasks(member, COUNTY, "cases.recheck")) == 3
