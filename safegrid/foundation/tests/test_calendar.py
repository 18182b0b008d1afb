"""A county's working calendar: what ships, what the county changes, and who hears of it."""

from datetime import date
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import transaction

from safegrid.foundation import cache, calendar, events
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.models import CalendarDay, CalendarYear, TraceRow
from safegrid.foundation.scope import Holding
from safegrid.foundation.worktime import shipped_days

pytestmark = pytest.mark.django_db
COUNTY, OTHER = 330521, 330522
NATIONAL_DAY, SOME_MONDAY = date(2025, 10, 1), date(2025, 3, 3)


def user(kind, place):
    return SimpleNamespace(id=UUID(int=1), label="李四", holdings=lambda: (Holding(kind, place),))


@pytest.fixture
def heard(monkeypatch):
    counties = []
    monkeypatch.setitem(events._subscribers, "calendar.changed", [lambda county: counties.append(county)])
    return counties


def set_day(day, is_workday, county=COUNTY, **more):
    calendar.set_day(**{"acting_user": None, "county": county, "day": day, "is_workday": is_workday, **more})


def load_2031(days, **more):
    more = {"acting_user": None, "county": COUNTY, "year": 2031, "source": "国办发明电〔2030〕1号", **more}
    calendar.load_year(days=days, **more)


def test_a_county_that_changed_nothing_has_the_shipped_calendar():
    work = calendar.work_calendar(COUNTY)
    assert not work.is_workday(NATIONAL_DAY)
    assert work.is_workday(SOME_MONDAY)
    assert not work.is_provisional(NATIONAL_DAY)
    assert work.is_provisional(date(2031, 1, 1))


def test_a_day_set_by_the_county_holds_there_only_and_is_told(heard):
    set_day(SOME_MONDAY, False, words="县庆")
    assert not calendar.work_calendar(COUNTY).is_workday(SOME_MONDAY)
    assert not calendar.work_calendar(COUNTY).is_workday(NATIONAL_DAY)
    assert calendar.work_calendar(OTHER).is_workday(SOME_MONDAY)
    assert heard == [COUNTY]
    row = TraceRow.objects.get(county=COUNTY, action="foundation.set_day")
    assert row.changes == {"day": "2025-03-03", "is_workday": [True, False], "words": "县庆"}


def test_a_day_may_be_set_back():
    set_day(SOME_MONDAY, False)
    set_day(SOME_MONDAY, True)
    assert calendar.work_calendar(COUNTY).is_workday(SOME_MONDAY)
    assert CalendarDay.objects.filter(county=COUNTY).count() == 1


def test_a_year_that_is_loaded_is_no_longer_provisional(heard):
    load_2031({date(2031, 1, 1): False, date(2031, 1, 4): True}, words={date(2031, 1, 1): "元旦"})
    work = calendar.work_calendar(COUNTY)
    assert not work.is_provisional(date(2031, 1, 1))
    assert not work.is_workday(date(2031, 1, 1))
    assert work.is_workday(date(2031, 1, 4))
    assert (2031, "国办发明电〔2030〕1号") in calendar.years(COUNTY)
    assert heard == [COUNTY]
    assert TraceRow.objects.get(county=COUNTY).changes["workdays"] == ["2031-01-04"]


def test_loading_a_year_again_replaces_it_whole():
    load_2031({date(2031, 1, 1): False, date(2031, 1, 4): True})
    load_2031({date(2031, 1, 2): False}, source="更正")
    work = calendar.work_calendar(COUNTY)
    assert [work.is_workday(date(2031, 1, day)) for day in (1, 2, 4)] == [True, False, False]
    assert CalendarYear.objects.get(county=COUNTY).source == "更正"


def test_a_loaded_year_replaces_the_shipped_one():
    load_2031({}, year=2025)
    assert calendar.work_calendar(COUNTY).is_workday(NATIONAL_DAY)
    assert not calendar.work_calendar(COUNTY).is_workday(date(2026, 10, 1))


def test_shipped_years_are_loaded_once_and_keep_what_the_county_has_set(heard):
    set_day(NATIONAL_DAY, True)
    load_2031({}, year=2024)
    assert calendar.load_shipped_years(acting_user=None, county=COUNTY) == sorted(shipped_days()[1] - {2024})
    assert calendar.load_shipped_years(acting_user=None, county=COUNTY) == []
    work = calendar.work_calendar(COUNTY)
    assert work.is_workday(NATIONAL_DAY)
    assert not work.is_workday(date(2025, 10, 2))
    assert work.is_workday(date(2024, 10, 1))
    assert heard == [COUNTY] * 3


def test_working_hours_are_the_countys_own():
    calendar.set_working_hours(acting_user=None, county=COUNTY, sessions=[["09:00", "17:00"]])
    calendar.set_working_hours(acting_user=None, county=COUNTY, sessions=[["09:00", "16:00"]])
    assert calendar.work_calendar(COUNTY).schedule.length == 7 * 3600 * 1_000_000
    assert calendar.work_calendar(OTHER).schedule.length == 7 * 3600 * 1_000_000
    assert calendar.work_calendar(COUNTY).schedule != calendar.work_calendar(OTHER).schedule


def test_a_calendar_is_read_once_and_kept(django_assert_num_queries):
    calendar.work_calendar(COUNTY)
    with django_assert_num_queries(0):
        assert calendar.work_calendar(COUNTY) is calendar.work_calendar(COUNTY)


def test_another_processes_edit_is_seen_when_trust_runs_out(monkeypatch):
    stale = calendar.work_calendar(COUNTY)
    kept = dict(calendar._calendars._kept)
    set_day(SOME_MONDAY, False)
    cache.forget_everything()
    calendar._calendars._kept.update(kept)  # what a second process would still hold
    assert calendar.work_calendar(COUNTY) is stale
    monkeypatch.setattr(cache, "TRUSTED_SECONDS", 0)
    assert not calendar.work_calendar(COUNTY).is_workday(SOME_MONDAY)


def test_an_edit_that_is_rolled_back_is_forgotten(django_db_blocker):
    try:
        with transaction.atomic():
            set_day(SOME_MONDAY, False)
            assert not calendar.work_calendar(COUNTY).is_workday(SOME_MONDAY)
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert calendar.work_calendar(COUNTY).is_workday(SOME_MONDAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"year": 1999}, "year"),
        ({"days": {date(2030, 1, 1): False}}, "days"),
        ({"source": ""}, "source"),
        ({"source": "长" * 201}, "source"),
    ],
)
def test_a_wrong_year_is_refused_with_its_field(changes, field):
    with pytest.raises(InvalidInput) as refused:
        load_2031(**{"days": {}, **changes})
    assert list(refused.value.fields) == [field]
    assert not CalendarYear.objects.filter(county=COUNTY).exists()


def test_a_wrong_day_or_wrong_hours_are_refused():
    with pytest.raises(InvalidInput, match="日期"):
        set_day(date(1999, 1, 1), False)
    with pytest.raises(InvalidInput, match="60"):
        set_day(SOME_MONDAY, False, words="长" * 61)
    for sessions in ([["12:00", "08:00"]], [], [["8点", "9点"]]):
        with pytest.raises(InvalidInput, match="作息"):
            calendar.set_working_hours(acting_user=None, county=COUNTY, sessions=sessions)


@pytest.mark.parametrize("place", ["330521", "3305", "33", ""])
def test_administrators_and_the_lead_office_may_edit(place):
    set_day(SOME_MONDAY, False, acting_user=user("system_admin", place))
    assert TraceRow.objects.get(county=COUNTY).actor == "李四"


@pytest.mark.parametrize(
    ("kind", "place"),
    [("lead_officer", "330522"), ("lead_officer", "330521100"), ("town_officer", "330521"), ("grid_member", "330521")],
)
def test_nobody_else_may_edit(kind, place):
    acting = user(kind, place)
    for edit in (
        lambda: set_day(SOME_MONDAY, False, acting_user=acting),
        lambda: load_2031({}, acting_user=acting),
        lambda: calendar.load_shipped_years(acting_user=acting, county=COUNTY),
        lambda: calendar.set_working_hours(acting_user=acting, county=COUNTY, sessions=[["09:00", "17:00"]]),
    ):
        with pytest.raises(NotPermitted):
            edit()
    assert not TraceRow.objects.filter(county=COUNTY).exists()
