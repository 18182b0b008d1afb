"""Time limits on the working calendar: the legal rules by example, and invariants by property."""

import json
import time as wall
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from safegrid.foundation.worktime import (
    CHINA,
    HOLIDAYS_FILE,
    DaySchedule,
    TimeLimit,
    TimeUnit,
    WorkCalendar,
    allowance,
    default_calendar,
    due_text,
    shipped_days,
)

CALENDAR = default_calendar()
URGENT, HOURS, WORKING_DAYS, CALENDAR_DAYS = TimeUnit
MICROSECOND = timedelta(microseconds=1)

# From inside the known years to past their end, so that provisional years are walked through too.
MIDDAY = ("14:59", "15:01")
moments = st.datetimes(datetime(2005, 1, 1), datetime(2029, 1, 1), timezones=st.sampled_from([UTC, CHINA]))  # noqa: DTZ001
units = st.sampled_from(TimeUnit)
limits = st.builds(TimeLimit, st.integers(1, 400), units)
hour_units = st.sampled_from([URGENT, HOURS])


def at(text: str) -> datetime:
    """A moment of Chinese local time; "24:00" may end the text."""
    if text.endswith("24:00"):
        return at(text[:-5] + "00:00") + timedelta(days=1)
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def inside_working_time(moment: datetime) -> bool:
    local = moment.astimezone(CHINA)
    worked = local.date() in set_of_workdays(local.year)
    return worked and any(a <= local.time() <= b for a, b in CALENDAR.schedule.sessions)


def set_of_workdays(year: int) -> set[date]:
    """An independent reading of the data file: weekdays, less the holidays, plus the make-up days."""
    days = {date(year, 1, 1) + timedelta(n) for n in range(366)}
    lists = json.loads(HOLIDAYS_FILE.read_text(encoding="utf-8"))["years"].get(
        str(year), {"holidays": [], "workdays": []}
    )
    weekdays = {d for d in days if d.year == year and d.weekday() < 5}
    return (weekdays - {date.fromisoformat(d) for d in lists["holidays"]}) | {
        date.fromisoformat(d) for d in lists["workdays"]
    }


# The rules by example. 2024: Labour Day 1-5 May, worked in exchange on Sunday 28 April and Saturday 11 May.


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("2024-05-01 03:00", TimeLimit(24, URGENT), "2024-05-02 03:00"),
        ("2024-04-30 16:30", TimeLimit(4, HOURS), "2024-05-06 11:30"),
        ("2024-04-29 09:00", TimeLimit(3, HOURS), "2024-04-29 12:00"),
        ("2024-04-29 12:30", TimeLimit(1, HOURS), "2024-04-29 15:00"),
        ("2024-04-29 07:00", TimeLimit(7, HOURS), "2024-04-29 17:30"),
        ("2024-04-29 10:00", TimeLimit(1, WORKING_DAYS), "2024-04-30 17:30"),
        ("2024-04-30 10:00", TimeLimit(1, WORKING_DAYS), "2024-05-06 17:30"),
        ("2024-04-30 17:29", TimeLimit(1, WORKING_DAYS), "2024-05-06 17:30"),
        ("2024-04-30 17:30", TimeLimit(1, WORKING_DAYS), "2024-05-07 17:30"),
        ("2024-05-03 10:00", TimeLimit(1, WORKING_DAYS), "2024-05-07 17:30"),
        ("2024-05-09 10:00", TimeLimit(2, WORKING_DAYS), "2024-05-11 17:30"),
        ("2024-05-06 10:00", TimeLimit(3, CALENDAR_DAYS), "2024-05-09 24:00"),
        ("2024-05-06 00:00", TimeLimit(3, CALENDAR_DAYS), "2024-05-09 24:00"),
        ("2024-04-25 10:00", TimeLimit(7, CALENDAR_DAYS), "2024-05-06 24:00"),
        ("2024-05-09 10:00", TimeLimit(2, CALENDAR_DAYS), "2024-05-11 24:00"),
    ],
)
def test_a_limit_falls_due_as_the_law_counts_it(start, limit, due):
    result = CALENDAR.add(at(start), limit)
    assert result == at(due)
    assert result.tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "worked"),
    [("2024-02-04", True), ("2024-02-10", False), ("2024-05-01", False), ("2024-05-11", True), ("2024-05-18", False)],
)
def test_holidays_and_makeup_days_are_known(day, worked):
    assert CALENDAR.is_workday(date.fromisoformat(day)) is worked


@given(st.integers(2004, 2040))
def test_every_day_of_a_year_agrees_with_the_data_file(year):
    days = [date(year, 1, 1) + timedelta(n) for n in range(365)]
    expected = set_of_workdays(year)
    assert [d for d in days if CALENDAR.is_workday(d)] == [d for d in days if d in expected]


@given(st.dates(date(2004, 1, 1), date(2028, 1, 1)), st.integers(-3, 60))
def test_workdays_between_counts_both_ends(first, length):
    days = [first + timedelta(n) for n in range(length + 1)]
    last = first + timedelta(length)
    assert CALENDAR.workdays_between(first, last) == sum(CALENDAR.is_workday(d) for d in days)


def test_a_year_without_arrangement_is_provisional_and_has_weekends_only():
    _, years = shipped_days()
    unknown = max(years) + 1
    assert CALENDAR.is_provisional(date(unknown, 3, 1))
    assert not CALENDAR.is_provisional(date(unknown - 1, 3, 1))
    assert CALENDAR.is_workday(date(unknown, 10, 1)) is (date(unknown, 10, 1).weekday() < 5)
    start = datetime(unknown - 1, 12, 20, tzinfo=CHINA)
    assert CALENDAR.is_provisional_between(start, CALENDAR.add(start, TimeLimit(30, WORKING_DAYS)))
    assert not CALENDAR.is_provisional_between(start, CALENDAR.add(start, TimeLimit(2, WORKING_DAYS)))


def test_loading_the_year_moves_the_provisional_due_date():
    days, years = shipped_days()
    without = WorkCalendar({d: w for d, w in days.items() if d.year < 2024}, years - {y for y in years if y >= 2024})
    start = at("2024-04-30 10:00")
    assert without.add(start, TimeLimit(1, WORKING_DAYS)) == at("2024-05-01 17:30")
    assert CALENDAR.add(start, TimeLimit(1, WORKING_DAYS)) == at("2024-05-06 17:30")


def test_a_county_may_change_days_and_hours_of_its_own():
    days, years = shipped_days()
    days[date(2024, 4, 15)] = False
    schedule = DaySchedule.parse([["09:00", "12:00"], ["15:00", "18:00"]])
    county = WorkCalendar(days, years, schedule)
    assert county.add(at("2024-04-12 17:00"), TimeLimit(2, HOURS)) == at("2024-04-16 10:00")
    assert CALENDAR.is_workday(date(2024, 4, 15))


@pytest.mark.parametrize(
    "sessions",
    [[], [["12:00", "08:00"]], [["08:00", "12:00"], ["11:00", "17:00"]], [["08:00", "25:00"]], [["08:00"]], "x", None],
)
def test_an_impossible_schedule_is_refused(sessions):
    with pytest.raises(ValueError, match="作息时间"):
        DaySchedule.parse(sessions)


def test_a_moment_without_time_zone_is_refused():
    for unit in TimeUnit:
        with pytest.raises(ValueError, match="time zone"):
            CALENDAR.add(at("2024-05-06 10:00").replace(tzinfo=None), TimeLimit(1, unit))


# Limits as values


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (TimeLimit(24, URGENT), "24小时（紧急）"),
        (TimeLimit(4, HOURS), "4个工作小时"),
        (TimeLimit(5, WORKING_DAYS), "5个工作日"),
        (TimeLimit(10, CALENDAR_DAYS), "10日"),
    ],
)
def test_a_limit_reads_in_chinese_and_back(limit, text):
    assert str(limit) == text
    assert TimeLimit.from_text(f" {text} ") == limit


@given(limits)
def test_a_limit_survives_json(limit):
    assert TimeLimit.from_dict(json.loads(json.dumps(limit.to_dict()))) == limit


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"value": 5},
        {"value": 5, "unit": "weeks"},
        {"value": 0, "unit": "working_days"},
        {"value": -1, "unit": "working_days"},
        {"value": True, "unit": "working_days"},
        {"value": 1.5, "unit": "working_days"},
        {"value": 100_001, "unit": "working_days"},
        {"value": 5, "unit": "working_days", "more": 1},
    ],
)
def test_a_wrong_limit_is_refused_in_chinese(data):
    with pytest.raises(ValueError, match="时限"):
        TimeLimit.from_dict(data)


@pytest.mark.parametrize("text", ["", "5", "五个工作日", "5个工作日以内", "0日", "5周"])
def test_unreadable_limit_text_is_refused_in_chinese(text):
    with pytest.raises(ValueError, match="时限"):
        TimeLimit.from_text(text)


def test_a_due_moment_at_midnight_reads_as_24_hours():
    assert due_text(CALENDAR.add(at("2024-05-06 10:00"), TimeLimit(3, CALENDAR_DAYS))) == "2024年5月9日24时"
    assert due_text(at("2024-05-07 17:30")) == "2024年5月7日17时30分"


# Invariants


@given(moments, moments, limits)
def test_a_later_start_is_never_due_earlier(one, other, limit):
    one, other = sorted([one, other])
    assert CALENDAR.add(one, limit) <= CALENDAR.add(other, limit)


@given(moments, limits)
def test_a_longer_limit_is_due_no_earlier_and_always_after_the_start(start, limit):
    due = CALENDAR.add(start, limit)
    assert start < due <= CALENDAR.add(start, TimeLimit(limit.value + 1, limit.unit))


@given(moments, limits)
def test_what_has_elapsed_at_the_due_moment_is_the_limit(start, limit):
    due = CALENDAR.add(start, limit)
    elapsed = CALENDAR.elapsed(start, due, limit.unit)
    if limit.unit is CALENDAR_DAYS:  # may move over a holiday, to the first working day
        assert elapsed >= limit.value
        last = (due - MICROSECOND).astimezone(CHINA).date()
        assert CALENDAR.is_workday(last)
        planned = start.astimezone(CHINA).date() + timedelta(limit.value)
        assert CALENDAR.next_workday(planned) == last
    else:
        assert elapsed == limit.value
        assert CALENDAR.consumed(start, due - MICROSECOND, limit.unit) < allowance(limit)


@given(moments, st.integers(1, 300))
def test_working_hours_fall_due_inside_working_time(start, value):
    assert inside_working_time(CALENDAR.add(start, TimeLimit(value, HOURS)))


@given(moments, st.integers(1, 60))
def test_working_days_agree_with_counting_them_one_by_one(start, value):
    local = start.astimezone(CHINA)
    day = local.date() if local.time() < time(17, 30) else local.date() + timedelta(1)
    while not CALENDAR.is_workday(day):
        day += timedelta(1)
    for _ in range(value):
        day += timedelta(1)
        while not CALENDAR.is_workday(day):
            day += timedelta(1)
    expected = datetime.combine(day, time(17, 30), tzinfo=CHINA)
    assert CALENDAR.add(start, TimeLimit(value, WORKING_DAYS)) == expected


@given(moments, st.integers(0, 40 * 24 * 60))
def test_working_time_agrees_with_counting_the_minutes(start, minutes):
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    total = timedelta(0)
    day = start.astimezone(CHINA).date()
    while day <= end.astimezone(CHINA).date():
        for a, b in CALENDAR.schedule.sessions:
            lower = max(start, datetime.combine(day, a, tzinfo=CHINA))
            upper = min(end, datetime.combine(day, b, tzinfo=CHINA))
            if CALENDAR.is_workday(day) and lower < upper:
                total += upper - lower
        day += timedelta(1)
    assert CALENDAR.consumed(start, end, HOURS) == total.total_seconds()
    assert CALENDAR.elapsed(start, end, HOURS) == pytest.approx(total / timedelta(hours=1))


@given(st.lists(moments, min_size=3, max_size=3), units)
def test_what_split_intervals_consume_adds_up(points, unit):
    a, b, c = sorted(points)
    parts = CALENDAR.consumed(a, b, unit) + CALENDAR.consumed(b, c, unit)
    assert parts == pytest.approx(CALENDAR.consumed(a, c, unit), abs=1e-6)
    assert CALENDAR.consumed(c, a, unit) == 0


@given(moments, limits, st.floats(0, 1))
def test_pausing_for_no_time_changes_nothing(start, limit, share):
    due = CALENDAR.add(start, limit)
    stop = start + (due - start) * share
    assume(stop < due)
    used = CALENDAR.consumed(start, stop, limit.unit)
    if used < allowance(limit):  # else a calendar limit is already in the days it was moved by
        assert CALENDAR.due_after(stop, limit, used) == due


@given(moments, limits, st.lists(st.floats(0, 1), max_size=6))
def test_many_pauses_for_no_time_change_nothing(start, limit, shares):
    due = CALENDAR.add(start, limit)
    used, since = 0.0, start
    for stop in sorted(start + (due - start) * share for share in shares):
        used += CALENDAR.consumed(since, stop, limit.unit)
        since = stop
    if used < allowance(limit):
        assert CALENDAR.due_after(since, limit, used) == due


@given(moments, limits, st.floats(0, 1), st.timedeltas(timedelta(0), timedelta(days=90)))
def test_a_pause_never_brings_the_due_moment_forward(start, limit, share, pause):
    due = CALENDAR.add(start, limit)
    stop = start + (due - start) * share
    used = CALENDAR.consumed(start, stop, limit.unit)
    resumed = stop + pause
    later = CALENDAR.due_after(resumed, limit, used)
    assert later >= min(due, resumed)
    if limit.unit in (URGENT, HOURS) and used < allowance(limit):
        assert used + CALENDAR.consumed(resumed, later, limit.unit) == pytest.approx(allowance(limit), abs=1e-6)


def test_a_suspension_of_five_working_days_gives_five_working_days_back():
    start, limit = at("2024-05-13 10:00"), TimeLimit(5, WORKING_DAYS)
    assert CALENDAR.add(start, limit) == at("2024-05-20 17:30")
    used = CALENDAR.consumed(start, at("2024-05-15 10:00"), WORKING_DAYS)
    assert CALENDAR.due_after(at("2024-05-22 10:00"), limit, used) == at("2024-05-27 17:30")


def test_a_limit_used_up_before_the_pause_is_due_on_resuming():
    limit = TimeLimit(2, HOURS)
    resumed = at("2024-05-06 10:00")
    assert CALENDAR.due_after(resumed, limit, allowance(limit)) == resumed
    assert CALENDAR.used(limit, resumed, resumed, allowance(limit)) == 1
    days = TimeLimit(2, WORKING_DAYS)
    assert CALENDAR.used(days, at("2024-05-06 08:30"), at("2024-05-06 17:30"), allowance(days)) == 1.5


def test_remaining_days_count_down_to_the_last_day_and_go_negative():
    due = CALENDAR.add(at("2024-05-06 10:00"), TimeLimit(2, WORKING_DAYS))
    days = ["2024-05-06 10:00", "2024-05-07 10:00", "2024-05-08 17:29", "2024-05-08 17:30", "2024-05-09 18:00"]
    assert [CALENDAR.remaining(at(d), due, WORKING_DAYS) for d in days] == [2, 1, 0, -1, -2]
    due = CALENDAR.add(at("2024-05-06 10:00"), TimeLimit(2, CALENDAR_DAYS))
    assert [CALENDAR.remaining(at(d), due, CALENDAR_DAYS) for d in days] == [2, 1, 0, 0, -1]


def test_remaining_is_negative_for_a_deadline_passed_in_the_middle_of_a_day():
    shown = [CALENDAR.remaining(at(f"2024-05-08 {t}"), at("2024-05-08 15:00"), WORKING_DAYS) for t in MIDDAY]
    assert shown == [0, -1]


def test_remaining_hours_leave_out_the_night():
    assert CALENDAR.remaining(at("2024-05-06 17:00"), at("2024-05-07 09:30"), HOURS) == 1.5
    assert CALENDAR.remaining(at("2024-05-07 10:00"), at("2024-05-07 09:30"), HOURS) == -0.5
    assert CALENDAR.remaining(at("2024-05-06 17:00"), at("2024-05-07 09:30"), URGENT) == 16.5


@given(moments, limits, st.floats(0, 4))
@example(datetime(2005, 1, 1, tzinfo=UTC), TimeLimit(218, WORKING_DAYS), 1.1)
def test_the_moment_at_a_share_is_the_first_with_that_share_used(start, limit, share):
    due = CALENDAR.add(start, limit)
    assert CALENDAR.fraction_used(start, due, start, limit.unit) == 0
    assert CALENDAR.fraction_used(start, due, due, limit.unit) == 1
    moment = CALENDAR.moment_at(start, due, share, limit.unit)
    assert CALENDAR.fraction_used(start, due, moment, limit.unit) >= share - 1e-12
    before = CALENDAR.fraction_used(start, due, moment - MICROSECOND, limit.unit)
    assert before < share or moment == start
    assert CALENDAR.used(limit, start, moment) == pytest.approx(share, abs=1e-6)


def test_the_share_of_working_days_stands_still_at_night():
    start, due = at("2024-05-06 08:30"), at("2024-05-07 17:30")
    shares = [CALENDAR.fraction_used(start, due, at(f"2024-05-{t}"), WORKING_DAYS) for t in ("06 18:00", "07 07:00")]
    assert shares == [0.5, 0.5]
    assert CALENDAR.moment_at(start, due, 0.75, WORKING_DAYS) == at("2024-05-07 12:00")
    assert CALENDAR.moment_at(start, due, 3, WORKING_DAYS) == at("2024-05-11 17:30")


def test_an_empty_span_counts_as_used_up_once_reached():
    moment = at("2024-05-06 20:00")
    assert [CALENDAR.fraction_used(moment, moment, m, HOURS) for m in (moment - MICROSECOND, moment)] == [0, 1]


@given(moments, limits, st.floats(0, 0.99), st.timedeltas(timedelta(0), timedelta(days=30)))
def test_the_share_used_carries_over_a_pause_and_reaches_one_at_the_due_moment(start, limit, share, pause):
    stop = CALENDAR.moment_at(start, CALENDAR.add(start, limit), share, limit.unit)
    ticks = CALENDAR.consumed(start, stop, limit.unit)
    assume(ticks < allowance(limit))
    resumed = stop + pause
    due = CALENDAR.due_after(resumed, limit, ticks)
    assert CALENDAR.used(limit, resumed, resumed, ticks) == ticks / allowance(limit)
    assert CALENDAR.used(limit, resumed, due, ticks) == pytest.approx(1)
    assert CALENDAR.used(limit, resumed, due + timedelta(days=30), ticks) > 1


def test_adding_a_limit_takes_less_than_50_microseconds():
    start = at("2024-04-30 16:30")
    common = [TimeLimit(24, URGENT), TimeLimit(4, HOURS), TimeLimit(5, WORKING_DAYS), TimeLimit(400, CALENDAR_DAYS)]
    best = min(_seconds_per_add(start, common) for _ in range(5))
    assert best < 50e-6


def _seconds_per_add(start: datetime, common: list[TimeLimit]) -> float:
    begun = wall.perf_counter()
    for _ in range(500):
        for limit in common:
            CALENDAR.add(start, limit)
    return (wall.perf_counter() - begun) / (500 * len(common))
