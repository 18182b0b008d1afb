"""What time does by itself: near, overdue, badly overdue, and up the ladder."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.firing import fire_timers
from safegrid.cases.models import Case, CaseTimer, EscalationStep
from safegrid.foundation import queue, trace
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.models import TraceRow


def fired_at(steps, case, moment):
    steps.time.move_to(moment)
    moved = fire_timers()
    case.refresh_from_db()
    return moved


def timer_of(case, stage):
    return case.timers.get(stage=stage, stopped_at__isnull=True)


def test_nothing_moves_before_its_time(steps):
    case = steps.handling()
    assert fired_at(steps, case, timer_of(case, "handle").near_at - timedelta(seconds=1)) == 0
    assert case.timing == "on_time"


def test_a_case_becomes_near_overdue_and_badly_overdue_and_its_department_is_told_each_time(steps):
    case = steps.handling()
    version, running = case.version, timer_of(case, "handle")
    told = []
    for moment, state, words in (
        (running.near_at, "near", "处置即将到期"),
        (running.due_at, "overdue", "处置已超期"),
        (running.badly_overdue_at, "badly_overdue", "处置已严重超期"),
    ):
        assert fired_at(steps, case, moment) == 1
        assert case.timing == state
        told.append(f"{words}：{case.number}")
        assert steps.told(steps.cast.fire_officer, "cases.timer") == told
    assert case.was_overdue
    assert case.version == version  # nobody acted: whoever holds the page is not turned away
    assert timer_of(case, "handle").next_at is None


def test_firing_twice_tells_nobody_twice(steps):
    case = steps.handling()
    assert fired_at(steps, case, timer_of(case, "handle").due_at) == 1
    assert fire_timers() == 0
    assert len(steps.told(steps.cast.fire_officer, "cases.timer")) == 1


def test_a_run_that_comes_late_says_what_is_so_now(steps):
    case = steps.handling()
    fired_at(steps, case, timer_of(case, "handle").badly_overdue_at + timedelta(days=3))
    assert case.timing == "badly_overdue"
    assert steps.told(steps.cast.fire_officer, "cases.timer") == [f"处置已严重超期：{case.number}"]


def test_an_overrun_climbs_the_ladder_one_rung_at_a_time(steps):
    services.load_default_ladder(steps.cast.county)
    chief, leader = steps.cast.lead_chief, steps.cast.leader
    case = steps.handling()
    due = timer_of(case, "handle").due_at  # Thursday 9:00
    fired_at(steps, case, due)
    assert steps.told(steps.cast.lead_officer, "cases.timer") == []
    fired_at(steps, case, timer_of(case, "handle").next_at)  # four working hours later
    assert steps.told(steps.cast.lead_officer, "cases.timer") == [f"处置超期升级（第1级）：{case.number}"]
    assert (steps.told(chief, "cases.timer"), timer_of(case, "handle").ladder_step) == ([], 1)
    fired_at(steps, case, due + timedelta(days=30))
    assert steps.told(chief, "cases.timer") == [f"处置超期升级（第{n}级）：{case.number}" for n in (2, 3)]
    assert steps.told(leader, "cases.timer") == [f"处置超期升级（第3级）：{case.number}"]
    assert timer_of(case, "handle").next_at is None
    assert steps.traced(case, "cases.escalate").changes["step"] == 3


def test_a_minute_by_minute_clock_and_one_late_run_end_alike(steps):
    services.load_default_ladder(steps.cast.county)
    often, late = steps.handling(), steps.handling(site=steps.cast.shop)
    until = timer_of(often, "handle").due_at + timedelta(days=12)
    while (
        soonest := CaseTimer.objects.filter(county=often.county, case_id=often.id, next_at__lte=until).first()
    ) is not None:
        fired_at(steps, often, soonest.next_at)
    fired_at(steps, late, until)
    one, other = timer_of(often, "handle"), timer_of(late, "handle")
    assert (one.state, one.ladder_step, one.next_at) == (other.state, other.ladder_step, other.next_at)


def test_a_paused_or_stopped_timer_is_left_alone(steps):
    case = steps.rectified()
    paused = timer_of(case, "handle")
    fired_at(steps, case, paused.due_at)
    paused.refresh_from_db()
    assert (paused.state, case.stage) == ("on_time", "recheck")


def test_the_timers_of_every_county_are_moved(steps):
    case = steps.reported()
    foreign = Case.objects.create(
        county=steps.cast.foreign_county, number="330523-250305-00001", state="reported", kind="X", severity="general",
        nature="hazard", channel="member", words="外县", place_kind="words", town=steps.cast.foreign_town, stage="accept",
        reported_at=case.reported_at, updated_at=case.updated_at,
    )  # fmt: skip
    row = timer_of(case, "accept")
    CaseTimer.objects.create(
        county=foreign.county, case=foreign, stage="accept", limit=row.limit, original_limit=row.limit,
        started_at=row.started_at, resumed_at=row.started_at, due_at=row.due_at, near_at=row.near_at,
        badly_overdue_at=row.badly_overdue_at, next_at=row.next_at,
    )  # fmt: skip
    assert fired_at(steps, case, row.due_at) == 2
    foreign.refresh_from_db()
    assert (case.timing, foreign.timing) == ("overdue", "overdue")


def test_a_run_that_dies_leaves_the_batch_for_the_next(steps, monkeypatch):
    case = steps.handling()
    due = timer_of(case, "handle").due_at

    class PowerCutError(Exception):
        pass

    def dies(rows):
        raise PowerCutError

    with monkeypatch.context() as dying:
        dying.setattr(trace, "save", dies)
        with pytest.raises(PowerCutError):
            fired_at(steps, case, due)
    case.refresh_from_db()
    assert case.timing == "on_time"
    assert steps.told(steps.cast.fire_officer, "cases.timer") == []
    assert fired_at(steps, case, due) == 1
    assert case.timing == "overdue"


def test_the_statutory_hour_presses_the_lead_office(steps):
    _ = steps.cast.lead_chief
    case = steps.reported(kind=steps.cast.accident_kind.code)
    fired_at(steps, case, case.reported_at + timedelta(hours=1))
    assert f"事故快报已超期：{case.number}" in steps.told(steps.cast.lead_chief, "cases.timer")
    assert case.stage == "accept"


def test_the_schedule_calls_it_every_minute(steps):
    from django_q.models import Schedule

    queue.ensure_schedules()
    assert Schedule.objects.get(name="cases.fire_timers").minutes == 1
    case = steps.handling()
    steps.time.move_to(timer_of(case, "handle").due_at)
    assert queue.run_periodic("cases.fire_timers") == 1


def test_the_shipped_ladder_is_loaded_once(steps):
    assert services.load_default_ladder(steps.cast.county) == 8
    assert services.load_default_ladder(steps.cast.county) == 0


def test_the_head_of_the_lead_office_replaces_a_ladder(steps):
    county, chief = steps.cast.county, steps.cast.lead_chief
    services.load_default_ladder(county)
    step = {"after": {"value": 2, "unit": "urgent_hours"}, "roles": ["leader"]}
    services.set_ladder(acting_user=chief, county=county, severity="general", steps=[step])
    _ = steps.cast.leader
    case = steps.handling()
    fired_at(steps, case, timer_of(case, "handle").due_at + timedelta(hours=2))
    assert f"处置超期升级（第1级）：{case.number}" in steps.told(steps.cast.leader, "cases.timer")
    assert timer_of(case, "handle").ladder_step == 1
    rows = TraceRow.objects.filter(county=county, action="cases.set_ladder")
    assert rows.get().actor_id == chief.id
    assert EscalationStep.objects.filter(county=county, severity="general").count() == 3  # nothing is deleted


@pytest.mark.parametrize(
    "step",
    [{"after": {"value": 0, "unit": "urgent_hours"}, "roles": ["leader"]}, {"roles": ["leader"]},
     {"after": {"value": 1, "unit": "urgent_hours"}, "roles": ["king"]},
     {"after": {"value": 1, "unit": "urgent_hours"}, "roles": []}],
)  # fmt: skip
def test_a_wrong_rung_is_refused(steps, step):
    with pytest.raises(InvalidInput):
        services.set_ladder(acting_user=steps.cast.lead_chief, county=steps.cast.county, severity="", steps=[step])


def test_nobody_else_changes_the_ladder(steps):
    for user in (steps.cast.lead_officer, steps.cast.outsider):
        with pytest.raises(NotPermitted):
            services.set_ladder(acting_user=user, county=steps.cast.county, severity="", steps=[])
