"""The accident duty desk: manned round the clock, or its gaps are known."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safegrid.cases import duty_desk, services
from safegrid.cases.models import DutyShift
from safegrid.foundation import clock, queue
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.models import TraceRow

HOUR = timedelta(hours=1)


def plan(steps, start=0, hours=12, user=None, planner=None, **more):
    begins_at = clock.now() + start * HOUR
    given = {"user_id": (user or steps.cast.lead_officer).id, "begins_at": begins_at,
             "ends_at": begins_at + hours * HOUR, **more}  # fmt: skip
    return services.plan_shift(acting_user=planner or steps.cast.lead_chief, county=steps.cast.county, **given)


def test_whoever_is_planned_is_on_duty_from_the_first_minute_to_the_last(steps):
    county, shift = steps.cast.county, plan(steps)
    assert duty_desk.on_duty(county) == [shift]
    assert duty_desk.on_duty(county, shift.ends_at - timedelta(seconds=1)) == [shift]
    assert duty_desk.on_duty(county, shift.ends_at) == []
    assert duty_desk.on_duty(steps.cast.foreign_county) == []
    assert TraceRow.objects.filter(county=county, object_id=shift.id, action="cases.plan_shift").count() == 1


def test_the_gaps_of_the_next_seven_days_are_listed(steps):
    now, county = clock.now(), steps.cast.county
    assert duty_desk.gaps(county) == [(now, now + timedelta(days=7))]
    plan(steps, 2, 10)
    plan(steps, 11, 13, steps.cast.second_lead_officer)  # overlaps the first
    plan(steps, 30, 24)
    assert duty_desk.gaps(county) == [
        (now, now + 2 * HOUR), (now + 24 * HOUR, now + 30 * HOUR), (now + 54 * HOUR, now + timedelta(days=7)),
    ]  # fmt: skip


def test_a_withdrawn_shift_leaves_a_gap_and_stays_on_record(steps):
    shift = plan(steps)
    services.withdraw_shift(acting_user=steps.cast.lead_chief, shift=shift, reason="换班")
    assert duty_desk.on_duty(steps.cast.county) == []
    assert DutyShift.objects.get(county=shift.county, id=shift.id).withdrawn_at == clock.now()
    with pytest.raises(Conflict):
        services.withdraw_shift(acting_user=steps.cast.lead_chief, shift=shift, reason="再撤")
    with pytest.raises(InvalidInput):
        services.withdraw_shift(acting_user=steps.cast.lead_chief, shift=plan(steps), reason=" ")


def test_the_lead_office_is_told_of_gaps_once_a_day(steps):
    plan(steps)
    officer = steps.cast.lead_officer
    for _ in range(3):
        queue.run_periodic("cases.warn_of_duty_gaps")
    assert steps.told(officer, "cases.duty_gap") == ["事故值班有空缺"]
    steps.time.advance(timedelta(days=1))
    queue.run_periodic("cases.warn_of_duty_gaps")
    assert len(steps.told(officer, "cases.duty_gap")) == 2


def test_a_full_week_warns_nobody(steps):
    for day in range(8):
        plan(steps, 24 * day, 24)
    assert queue.run_periodic("cases.warn_of_duty_gaps") == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"hours": 0}, "ends_at"),
        ({"hours": 25}, "ends_at"),
        ({"start": -30}, "ends_at"),
        ({"phone": "8" * 41}, "phone"),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused(steps, wrong, field):
    with pytest.raises(InvalidInput) as refused:
        plan(steps, **wrong)
    assert field in refused.value.fields


def test_only_people_of_the_lead_office_sit_there_and_each_in_one_seat(steps):
    for stranger in (steps.cast.fire_officer, steps.cast.outsider):
        with pytest.raises(InvalidInput, match="牵头部门"):
            plan(steps, user=stranger)
    plan(steps)
    with pytest.raises(InvalidInput, match="已有值班"):
        plan(steps, 6)


def test_only_the_own_lead_office_plans(steps):
    for stranger in (steps.cast.town_officer, steps.cast.outsider, steps.cast.leader):
        with pytest.raises(NotPermitted):
            plan(steps, planner=stranger)
    with pytest.raises(NotVisible):
        plan(steps, planner=steps.cast.grid_member)


def test_shifts_are_seen_in_their_county_only(steps):
    shift = plan(steps)
    seen = {name for name in ("lead_officer", "leader", "town_officer", "outsider", "grid_member", "site_contact")
            if duty_desk.visible(getattr(steps.cast, name)).filter(county=shift.county).exists()}  # fmt: skip
    assert seen == {"lead_officer", "leader", "town_officer"}


@given(drawn=st.lists(st.tuples(st.integers(-30, 180), st.integers(1, 24)), max_size=12))
def test_every_hour_is_either_manned_or_in_a_gap(drawn):
    start = datetime(2025, 3, 5, 9, tzinfo=clock.SHANGHAI)
    made = sorted((start + a * HOUR, start + (a + n) * HOUR) for a, n in drawn)
    gaps = duty_desk.uncovered(made, start, start + 168 * HOUR)
    assert all(a < b for a, b in gaps)
    for hour in range(168):
        moment = start + hour * HOUR + timedelta(minutes=30)
        manned = any(a <= moment < b for a, b in made)
        assert manned != any(a <= moment < b for a, b in gaps)
