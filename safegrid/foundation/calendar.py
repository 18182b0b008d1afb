"""The working calendar of a county: what ships with the product, and over it what the county keeps itself.

A year that the county has loaded replaces the shipped year whole; a single day that it has set stands above both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db import transaction

from safegrid.foundation import events, trace
from safegrid.foundation.cache import CountyCache
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.models import CalendarDay, CalendarYear, WorkSchedule
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.worktime import DEFAULT_SCHEDULE, DaySchedule, WorkCalendar, shipped_days

EDITORS = ("system_admin", "lead_officer", "lead_chief")
SHIPPED = "国务院办公厅节假日安排通知（随产品附带）"
FIRST_YEAR, LAST_YEAR = 2000, 2100


def _build(county: int) -> WorkCalendar:
    days, years = shipped_days()
    own = frozenset(CalendarYear.objects.filter(county=county).values_list("year", flat=True))
    days = {day: worked for day, worked in days.items() if day.year not in own}
    days.update(CalendarDay.objects.filter(county=county).values_list("day", "is_workday"))
    schedule = WorkSchedule.objects.filter(county=county).first()
    return WorkCalendar(days, years | own, DaySchedule.parse(schedule.sessions) if schedule else DEFAULT_SCHEDULE)


_calendars = CountyCache("work_calendar", _build)


def work_calendar(county: int) -> WorkCalendar:
    """Return the county's calendar, kept in memory; another process's edit is seen within seconds."""
    return _calendars.get(county)


@transaction.atomic
def load_year(
    *, acting_user: Actor | None, county: int, year: int, days: Mapping[date, bool], source: str,
    words: Mapping[date, str] | None = None,
) -> None:  # fmt: skip
    """Keep a year's arrangement: ``days`` maps each day unlike its weekday to whether it is worked.

    What the county had for that year is replaced. Raises InvalidInput (year, days, source), NotPermitted.
    """
    _may_edit(acting_user, county)
    _check_year(year, days, source)
    _write_year(acting_user, county, year, days, source, words or {})
    _changed(county)


@transaction.atomic
def load_shipped_years(*, acting_user: Actor | None, county: int) -> list[int]:
    """Keep every shipped year that the county does not keep yet; return those years.

    Run after each upgrade: a year published since then ends the provisional counting of its limits.
    """
    _may_edit(acting_user, county)
    days, years = shipped_days()
    own = CalendarYear.objects.filter(county=county).values_list("year", flat=True)
    new = sorted(years - set(own))
    for year in new:
        set_by_hand = dict(CalendarDay.objects.filter(county=county, day__year=year).values_list("day", "is_workday"))
        of_year = {day: worked for day, worked in days.items() if day.year == year}
        _write_year(acting_user, county, year, {**of_year, **set_by_hand}, SHIPPED, {})
    if new:
        _changed(county)
    return new


@transaction.atomic
def set_day(*, acting_user: Actor | None, county: int, day: date, is_workday: bool, words: str = "") -> None:
    """Say of one day whether it is worked (a local holiday, a stoppage). Raises InvalidInput (day, words), NotPermitted."""
    _may_edit(acting_user, county)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput({"day": f"日期须在{FIRST_YEAR}年至{LAST_YEAR}年之间"})
    if len(words) > 60:
        raise InvalidInput({"words": "说明不超过60个字"})
    before = work_calendar(county).is_workday(day)
    _write_days(county, {day: is_workday}, {day: words})
    changes = {"day": day, "is_workday": [before, is_workday], "words": words}
    trace.record(acting_user=acting_user, action="foundation.set_day", county=county,
                 object_type="foundation.calendarday", changes=changes)  # fmt: skip
    _changed(county)


@transaction.atomic
def set_working_hours(*, acting_user: Actor | None, county: int, sessions: Sequence[Sequence[str]]) -> None:
    """Set the daily sessions, ``[["08:30", "12:00"], ["14:00", "17:30"]]``. Raises InvalidInput (sessions), NotPermitted."""
    _may_edit(acting_user, county)
    try:
        DaySchedule.parse(sessions)
    except ValueError as error:
        raise InvalidInput({"sessions": str(error)}) from None
    kept = [list(session) for session in sessions]
    rows = WorkSchedule.objects.filter(county=county)
    before = rows.values_list("sessions", flat=True).first()
    if not rows.update(sessions=kept):
        WorkSchedule.objects.create(county=county, sessions=kept)
    trace.record(acting_user=acting_user, action="foundation.set_working_hours", county=county,
                 object_type="foundation.workschedule", changes={"sessions": [before, kept]})  # fmt: skip
    _changed(county)


def years(county: int) -> list[tuple[int, str]]:
    """Return the years known to the county with their sources, in order."""
    known = dict.fromkeys(shipped_days()[1], SHIPPED)
    known.update(CalendarYear.objects.filter(county=county).values_list("year", "source"))
    return sorted(known.items())


def may_edit(user: Actor | None, county: int) -> bool:
    """Say whether somebody keeps the county's calendar: the system, and editing roles at a place that contains the whole county."""
    if user is None:
        return True
    places = [holding.place for holding in held(user, *EDITORS)]
    return any(len(place) <= 6 and str(county).startswith(place) for place in places)


def special_days(county: int, year: int) -> list[tuple[date, bool, str]]:
    """Return the days of a year that are not what their weekday says: (day, whether it is worked, words), in order."""
    known = work_calendar(county)
    rows = CalendarDay.objects.filter(county=county, day__year=year)
    words = dict(rows.values_list("day", "words"))
    first = date(year, 1, 1)
    days = [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]
    return [
        (day, known.is_workday(day), words.get(day, "")) for day in days if known.is_workday(day) != (day.weekday() < 5)
    ]


def _may_edit(user: Actor | None, county: int) -> None:
    if not may_edit(user, county):
        raise NotPermitted("只有本县（区）的系统管理员或牵头部门可以修改工作日历")


def _check_year(year: int, days: Mapping[date, bool], source: str) -> None:
    wrong = {}
    if not FIRST_YEAR <= year <= LAST_YEAR:
        wrong["year"] = f"年份须在{FIRST_YEAR}至{LAST_YEAR}之间"
    elif strange := sorted(day for day in days if day.year != year):
        wrong["days"] = f"{strange[0]:%Y-%m-%d} 不在{year}年"
    if not 0 < len(source) <= 200:
        wrong["source"] = "请写明依据（不超过200个字），如节假日安排通知的文号"
    if wrong:
        raise InvalidInput(wrong)


def _write_year(
    user: Actor | None, county: int, year: int, days: Mapping[date, bool], source: str, words: Mapping[date, str]
) -> None:
    # Nothing is deleted: a day that is no longer special gets what its weekday says.
    old = CalendarDay.objects.filter(county=county, day__year=year).values_list("day", flat=True)
    _write_days(county, {**{day: day.weekday() < 5 for day in old}, **days}, words)
    if not CalendarYear.objects.filter(county=county, year=year).update(source=source):
        CalendarYear.objects.create(county=county, year=year, source=source)
    changes = {
        "year": year,
        "source": source,
        "holidays": sorted(day for day, worked in days.items() if not worked),
        "workdays": sorted(day for day, worked in days.items() if worked),
    }
    trace.record(acting_user=user, action="foundation.load_calendar_year", county=county,
                 object_type="foundation.calendaryear", changes=changes)  # fmt: skip


def _write_days(county: int, days: Mapping[date, bool], words: Mapping[date, str]) -> None:
    CalendarDay.objects.bulk_create(
        [CalendarDay(county=county, day=d, is_workday=worked, words=words.get(d, "")) for d, worked in days.items()],
        update_conflicts=True,
        update_fields=["is_workday", "words"],
        unique_fields=["county", "day"],
    )


def _changed(county: int) -> None:
    _calendars.changed(county)
    events.publish("calendar.changed", county=county)
