"""The arithmetic of one timer, and what verbs do to it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safegrid.cases import clocks, services
from safegrid.cases.models import Case, CaseTimer
from safegrid.cases.timers import CaseTimers
from safegrid.foundation import clock
from safegrid.foundation.calendar import set_day
from safegrid.foundation.worktime import TimeLimit, TimeUnit, default_calendar

CALENDAR = default_calendar()
moments = st.integers(0, 640 * 86400).map(lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
gaps = st.timedeltas(timedelta(minutes=1), timedelta(days=20))
limits = st.builds(TimeLimit, st.integers(1, 30), st.sampled_from(TimeUnit))


def timer(limit, start):
    made = CaseTimer(county=330521, stage="handle", limit=limit.to_dict(), original_limit=limit.to_dict(),
                     started_at=start, resumed_at=start)  # fmt: skip
    clocks.restart_from(made, CALENDAR, start)
    return made


@given(limits, moments)
def test_near_comes_before_due_and_due_before_badly_overdue(limit, start):
    made = timer(limit, start)
    assert start <= made.near_at <= made.due_at < made.badly_overdue_at
    assert made.due_at == CALENDAR.add(start, limit)
    assert clocks.state_at(made, start) == "on_time"
    assert clocks.state_at(made, made.near_at) in ("near", "overdue")
    assert clocks.state_at(made, made.due_at) == "overdue"
    assert clocks.state_at(made, made.badly_overdue_at) == "badly_overdue"


@given(limits, moments, st.lists(gaps, min_size=2, max_size=6))
def test_pauses_never_eat_time_and_never_give_more_than_they_lasted(limit, start, gap_list):
    made, now, paused = timer(limit, start), start, timedelta(0)
    undisturbed = made.due_at
    for index, gap in enumerate(gap_list):
        now += gap
        if index % 2 == 0:
            if now >= made.due_at:
                return
            clocks.pause(made, CALENDAR, now)
        else:
            paused += gap
            clocks.resume(made, CALENDAR, now)
    if made.paused_at is None:
        assert made.due_at >= undisturbed
        if limit.unit is TimeUnit.URGENT_HOURS:
            assert abs(made.due_at - (undisturbed + paused)) < timedelta(milliseconds=1)


@given(limits, moments, gaps)
def test_the_next_change_is_ahead_until_nothing_changes_any_more(limit, start, gap):
    made = timer(limit, start)
    now, seen = start, []
    while (upcoming := clocks.next_change(made, now)) is not None:
        assert upcoming > now
        now = upcoming
        seen.append(clocks.state_at(made, now))
    assert seen[-1] == "badly_overdue"


@given(moments, st.timedeltas(timedelta(hours=1), timedelta(days=60)), gaps)
def test_a_fixed_end_moves_by_the_length_of_the_pause(start, span, gap):
    made = CaseTimer(
        county=330521, stage="handle", limit=clocks.fixed(start + span), started_at=start, resumed_at=start
    )
    clocks.restart_from(made, CALENDAR, start)
    assert made.due_at == start + span
    clocks.pause(made, CALENDAR, start + span / 2)
    clocks.resume(made, CALENDAR, start + span / 2 + gap)
    assert made.due_at == start + span + gap


def test_each_stage_is_timed_by_its_own_timer_and_only_one_runs(steps):
    case = steps.closed()
    timers = CaseTimer.objects.filter(county=case.county, case_id=case.id).order_by("started_at", "id")
    assert [t.stage for t in timers] == ["accept", "dispatch", "receive", "handle", "recheck", "close"]
    assert all(t.stopped_at == clock.now() and t.next_at is None for t in timers)


def test_what_ran_over_stays_marked_after_the_next_stage_began(steps):
    case = steps.reported()
    steps.time.move_to(case.due_at + timedelta(minutes=1))
    case = services.register(acting_user=steps.cast.town_officer, case=case, kind=case.kind, severity="general")
    assert (case.stage, case.timing, case.was_overdue) == ("dispatch", "on_time", True)
    assert case.timers.get(stage="accept").state == "overdue"


def test_handling_begins_anew_for_a_new_department(steps):
    case = steps.handling()
    first = case.timers.get(stage="handle")
    steps.time.advance(timedelta(hours=3))
    # As arbitration leaves it: sent to another department while the first one's clock is paused.
    timers = CaseTimers(case, clock.now())
    timers.pause("handle")
    timers.save()
    Case.objects.filter(county=case.county, id=case.id).update(state="dispatched", department_id=steps.cast.market.id)
    case = services.receive(
        acting_user=steps.cast.market_officer, case=Case.objects.get(county=case.county, id=case.id)
    )
    assert case.due_at == clock.now() + timedelta(hours=24)
    first.refresh_from_db()
    assert first.stopped_at == clock.now()


def test_handling_goes_on_for_the_same_department(steps):
    case = steps.handling()
    steps.time.advance(timedelta(hours=3))
    timers = CaseTimers(case, clock.now())
    timers.pause("handle")
    timers.save()
    Case.objects.filter(county=case.county, id=case.id).update(state="dispatched")
    steps.time.advance(timedelta(hours=5))
    case = services.receive(acting_user=steps.cast.fire_officer, case=Case.objects.get(county=case.county, id=case.id))
    assert case.due_at == clock.now() + timedelta(hours=21)


def test_another_severity_gives_running_stages_its_limit(steps):
    case = steps.reported()
    steps.time.advance(timedelta(minutes=30))
    timers = CaseTimers(case, clock.now())
    timers.relimit(kind=steps.cast.major_kind.code, severity="major")
    timers.save()
    assert timers.case_fields("reported")["due_at"] == case.reported_at + timedelta(hours=2)


def test_a_limit_that_reaches_into_an_unpublished_year_is_provisional(steps):
    year = max(CALENDAR.years) + 1
    steps.time.move_to(datetime(year, 3, 3, 9, tzinfo=clock.SHANGHAI))
    case = steps.reported()
    assert case.timers.get(stage="accept").is_provisional


@pytest.mark.parametrize("paused", [False, True])
def test_a_changed_calendar_moves_running_limits_only(steps, paused):
    from safegrid.cases.firing import recompute_timers

    case = steps.reported(acting_user=steps.cast.committee, channel="committee")
    if paused:
        case = services.assign_verification(acting_user=steps.cast.town_officer, case=case,
                                            verifier_id=steps.cast.grid_member.id)  # fmt: skip
    before = case.timers.get(stage="accept").due_at
    set_day(acting_user=None, county=case.county, day=clock.today(), is_workday=False, words="台风停工")
    steps.work()
    assert recompute_timers(case.county) == 0  # the queue has done it
    after = case.timers.get(stage="accept").due_at
    assert (after == before) is paused
    if not paused:
        case.refresh_from_db()
        assert case.due_at == after
        assert steps.traced(case, "cases.recompute_timer").changes["stage"] == "accept"
