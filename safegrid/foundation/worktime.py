"""Time limits and the working-time calendar they are counted on. Pure: no Django, no clock of its own.

All moments go in and come out as aware datetimes (out: UTC). China has one official time, UTC+8, without summer time
since 1992, so a fixed offset stands for Asia/Shanghai and no time-zone database is needed.

How limits are counted (民法典 = Civil Code, 行政处罚法 = Administrative Penalty Law):

- hours run from the very moment (民法典第二百零一条第二款); `urgent_hours` by the clock, `working_hours` inside the
  daily schedule of working days only;
- days do not count the day they start on (民法典第二百零一条第一款 "开始的当日不计入");
- `working_days` leave out statutory holidays and rest days (行政处罚法第八十五条) and end at the close of business of
  the last day (民法典第二百零三条第二款). What arrives after closing or on a rest day counts as arriving on the next
  working day, which is then the uncounted first day;
- `calendar_days` end at 24:00 of the last day, written as 00:00 of the day after; a last day that is a rest day gives
  way to the next working day (民法典第二百零三条第一款).

Every unit is counted by a *meter*: a position that never falls as time passes, and the moment at which a position is
first reached. For hours a position is microseconds (clock or working); for days it is the number of day ends (closes
of business, or midnights) already passed, and N days are N+1 day ends because the first day is not counted. Positions
make a pausable timer exact: what was consumed is a difference of positions, and differences add up.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, pairwise
from math import ceil
from pathlib import Path
from typing import Self

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
HOLIDAYS_FILE = Path(__file__).parent / "content" / "holidays.json"

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
SECOND_TICKS = 1_000_000
HOUR_TICKS = 3600 * SECOND_TICKS
DAY_TICKS = DAY // MICROSECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimeUnit(StrEnum):
    """What a time limit is counted in; see the module's text for the rules of each."""

    URGENT_HOURS = "urgent_hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"

    @property
    def in_days(self) -> bool:
        """True for the units that end with a day, False for the hours."""
        return self in (TimeUnit.WORKING_DAYS, TimeUnit.CALENDAR_DAYS)


CHINESE = {
    TimeUnit.URGENT_HOURS: "{}小时（紧急）",
    TimeUnit.WORKING_HOURS: "{}个工作小时",
    TimeUnit.WORKING_DAYS: "{}个工作日",
    TimeUnit.CALENDAR_DAYS: "{}日",
}
MAX_VALUE = 100_000  # eleven years of clock hours; anything above is a slip of the keyboard


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A duration: a whole number, 1 to 100,000, of a unit; `str()` is Chinese. Raises ValueError (Chinese text)."""

    value: int
    unit: TimeUnit

    def __post_init__(self) -> None:
        if type(self.value) is not int or not 1 <= self.value <= MAX_VALUE:
            raise ValueError(f"时限的数值必须是1到{MAX_VALUE}的整数：{self.value!r}")
        try:
            object.__setattr__(self, "unit", TimeUnit(self.unit))
        except ValueError:
            raise ValueError(f"时限的单位只能是{'、'.join(TimeUnit)}：{self.unit!r}") from None

    def __str__(self) -> str:
        return CHINESE[self.unit].format(self.value)

    def to_dict(self) -> dict[str, int | str]:
        """`{"value": 5, "unit": "working_days"}`, as kept in JSON fields and sent over the API."""
        return {"value": self.value, "unit": self.unit.value}

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """The reverse of `to_dict`. Raises ValueError (Chinese) on a missing, extra or wrong part."""
        if not isinstance(data, Mapping) or set(data) != {"value", "unit"}:
            raise ValueError(f"时限必须由 value 和 unit 两项组成：{data!r}")
        return cls(data["value"], data["unit"])

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `str()` back, as typed into tables ("5个工作日", "24小时（紧急）"). Raises ValueError (Chinese)."""
        for unit, pattern in CHINESE.items():
            if found := re.fullmatch(re.escape(pattern).replace(r"\{\}", r"(\d{1,6})"), text.strip()):
                return cls(int(found[1]), unit)
        raise ValueError(f"看不懂的时限“{text}”，应写作“24小时（紧急）”“4个工作小时”“5个工作日”或“10日”")


@dataclass(frozen=True)
class DaySchedule:
    """The sessions of a working day in order, each (from, to) in local time. Raises ValueError (Chinese) on a clash."""

    sessions: tuple[tuple[time, time], ...]
    bounds: tuple[tuple[int, int], ...] = field(init=False, repr=False)
    length: int = field(init=False, repr=False)  # working microseconds in one day

    def __post_init__(self) -> None:
        bounds = tuple((_ticks(a), _ticks(b)) for a, b in self.sessions)
        flat = [tick for session in bounds for tick in session]
        if not flat or any(a >= b for a, b in pairwise(flat)):
            raise ValueError("作息时间至少一段，每段的结束必须晚于开始，各段先后排列、互不重叠")
        object.__setattr__(self, "bounds", bounds)
        object.__setattr__(self, "length", sum(b - a for a, b in bounds))

    @classmethod
    def parse(cls, sessions: Iterable[Iterable[str]]) -> Self:
        """From `[["08:30", "12:00"], ["14:00", "17:30"]]`. Raises ValueError (Chinese)."""
        try:
            return cls(tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in sessions))
        except (TypeError, ValueError) as error:
            raise ValueError(f'作息时间应写作 [["08:30", "12:00"], …]：{error}') from None

    @property
    def close(self) -> int:
        """Microseconds from midnight to the close of business."""
        return self.bounds[-1][1]

    def worked(self, tick: int) -> int:
        """Working microseconds of a working day that have passed at `tick` microseconds after midnight."""
        return sum(min(tick, b) - a for a, b in self.bounds if tick > a)

    def tick_at(self, worked: int) -> int:
        """The first microsecond after midnight at which `worked` (1 to `length`) has passed."""
        for a, b in self.bounds:
            if worked <= b - a:
                return a + worked
            worked -= b - a
        raise ValueError("more working time than a day has")


def _ticks(moment: time) -> int:
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * SECOND_TICKS + moment.microsecond


DEFAULT_SCHEDULE = DaySchedule.parse([["08:30", "12:00"], ["14:00", "17:30"]])


def _weekdays(ordinal: int) -> int:
    """Mondays to Fridays up to and with the day `ordinal` (1 January of the year 1, a Monday, is 1)."""
    return 5 * (ordinal // 7) + min(ordinal % 7, 5)


class WorkCalendar:
    """Which days are worked, and when in the day; counts time limits on it.

    days: day → is it worked, needed only where that differs from "Monday to Friday" (holidays, make-up days).
    years: the years whose official arrangement `days` holds; days of other years are *provisional*.
    Every count is a closed formula over weeks plus a binary search in the exceptions: no loop over days.
    """

    def __init__(
        self,
        days: Mapping[date, bool],
        years: Collection[int],
        schedule: DaySchedule = DEFAULT_SCHEDULE,
        tz: tzinfo = CHINA,
    ) -> None:
        self.years = frozenset(years)
        self.schedule = schedule
        self.tz = tz
        self._days = {d.toordinal(): worked for d, worked in days.items() if worked != (d.weekday() < 5)}
        self._exceptions = sorted(self._days)
        self._shift = [0, *accumulate(1 if self._days[o] else -1 for o in self._exceptions)]
        self._counts = [_weekdays(o) + s for o, s in zip(self._exceptions, self._shift[1:], strict=True)]

    # Days

    def is_workday(self, day: date) -> bool:
        """Is `day` worked, by the exceptions known, else Monday to Friday?"""
        return self._worked(day.toordinal())

    def is_provisional(self, day: date) -> bool:
        """True when the arrangement of the day's year is not loaded, so that only weekends are known."""
        return day.year not in self.years

    def is_provisional_between(self, start: datetime, end: datetime) -> bool:
        """True when any year from `start` to `end` is not loaded: the limit must be counted again once it is."""
        return any(year not in self.years for year in range(self.local(start).year, self.local(end).year + 1))

    def next_workday(self, day: date) -> date:
        """`day` itself if worked, else the first working day after it."""
        return date.fromordinal(self._next_worked(day.toordinal()))

    def workdays_between(self, first: date, last: date) -> int:
        """Number of working days from `first` to `last`, both included; 0 when `last` is before `first`."""
        return max(0, self._count(last.toordinal()) - self._count(first.toordinal() - 1))

    def local(self, moment: datetime) -> datetime:
        """The moment on the calendar's wall clock. Raises ValueError on a naive datetime."""
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return moment.astimezone(self.tz)

    def _worked(self, ordinal: int) -> bool:
        return self._days.get(ordinal, ordinal % 7 in (1, 2, 3, 4, 5))

    def _count(self, ordinal: int) -> int:
        """Working days up to and with the day `ordinal`."""
        return _weekdays(ordinal) + self._shift[bisect_right(self._exceptions, ordinal)]

    def _nth(self, n: int) -> int:
        """The ordinal of the n-th working day: the reverse of `_count`."""
        i = bisect_left(self._counts, n)  # the n-th lies after exception i-1, and not after exception i
        weeks, rest = divmod(n - self._shift[i] - 1, 5)
        ordinal = 7 * weeks + rest + 1
        return min(ordinal, self._exceptions[i]) if i < len(self._exceptions) else ordinal

    def _next_worked(self, ordinal: int) -> int:
        return ordinal if self._worked(ordinal) else self._nth(self._count(ordinal) + 1)

    # Meters: position of a moment, moment of a position

    def _position(self, moment: datetime, unit: TimeUnit) -> int:
        local = self.local(moment)
        if unit is TimeUnit.URGENT_HOURS:
            return (local - EPOCH) // MICROSECOND
        day, tick = local.toordinal(), _ticks(local.time())
        if unit is TimeUnit.CALENDAR_DAYS:
            return day - 1
        before = self._count(day - 1)
        worked = self._worked(day)
        if unit is TimeUnit.WORKING_DAYS:
            return before + (worked and tick >= self.schedule.close)
        return before * self.schedule.length + (self.schedule.worked(tick) if worked else 0)

    def _moment(self, position: int, unit: TimeUnit) -> datetime:
        if unit is TimeUnit.URGENT_HOURS:
            return EPOCH + position * MICROSECOND
        if unit is TimeUnit.CALENDAR_DAYS:
            return self._at(self._next_worked(position), DAY_TICKS)
        if unit is TimeUnit.WORKING_DAYS:
            return self._at(self._nth(position), self.schedule.close)
        full, rest = divmod(position - 1, self.schedule.length)
        return self._at(self._nth(full + 1), self.schedule.tick_at(rest + 1))

    def _at(self, ordinal: int, tick: int) -> datetime:
        local = datetime.fromordinal(ordinal) + tick * MICROSECOND
        return local.replace(tzinfo=self.tz).astimezone(UTC)

    # Limits

    def add(self, start: datetime, limit: TimeLimit) -> datetime:
        """When a limit that starts at `start` is due, in UTC. Working hours fall due inside working time, its closing
        moments included. Raises ValueError on a naive `start`, OverflowError past the year 9999."""
        return self.due_after(start, limit, 0)

    def consumed(self, start: datetime, stop: datetime, unit: TimeUnit) -> float:
        """What running from `start` to `stop` takes from a limit: seconds (clock or working) for hours, a whole number
        of day ends for days. The amounts of several runs add up. 0 if `stop` is earlier."""
        return self._ticks(start, stop, unit) / _scale(unit)

    def due_after(self, resume_at: datetime, limit: TimeLimit, already_consumed: float) -> datetime:
        """When a limit resumed at `resume_at` is due, given what it had `consumed` before it was stopped.
        With nothing left it is due at `resume_at`. A working or calendar day counts if the timer runs at its end."""
        scale = _scale(limit.unit)
        left = round(allowance(limit) * scale) - round(already_consumed * scale)
        if left <= 0:
            return self.local(resume_at).astimezone(UTC)
        return self._moment(self._position(resume_at, limit.unit) + left, limit.unit)

    def _ticks(self, start: datetime, stop: datetime, unit: TimeUnit) -> int:
        return max(0, self._position(stop, unit) - self._position(start, unit))

    def elapsed(self, start: datetime, end: datetime, unit: TimeUnit) -> float:
        """How many of `unit` have passed: hours in fractions; days whole, the first not counted. Never below 0."""
        ticks = self._ticks(start, end, unit)
        return max(0, ticks - 1) if unit.in_days else ticks / HOUR_TICKS

    def remaining(self, now: datetime, due: datetime, unit: TimeUnit) -> float:
        """How many of `unit` are left: hours with fractions; whole days after today, so 0 on the last day.
        Negative once `due` is reached (in days: -1 on the first day over it)."""
        if not unit.in_days:
            return (self._position(due, unit) - self._position(now, unit)) / HOUR_TICKS
        days = self._position(due - MICROSECOND, unit) - self._position(now, unit)
        return days if now < due else min(days, -1)

    # Shares of a limit, for "near", "overdue" and "badly overdue"

    def fraction_used(self, start: datetime, due: datetime, now: datetime, unit: TimeUnit) -> float:
        """The share of the span from `start` to `due` that has passed: 0 at start, 1 at due, above 1 when overdue.
        Measured in working time for working units, by the clock for the others. An empty span counts as used up."""
        fine = _fine(unit)
        begin = self._position(start, fine)
        span = self._position(due, fine) - begin
        if span <= 0:
            return 1.0 if now >= due else 0.0
        return max(0, self._position(now, fine) - begin) / span

    def moment_at(self, start: datetime, due: datetime, fraction: float, unit: TimeUnit) -> datetime:
        """The first moment at which `fraction_used` reaches `fraction` (0.75 for near, 3 for badly overdue)."""
        fine = _fine(unit)
        begin = self._position(start, fine)
        exact = fraction * (self._position(due, fine) - begin)
        # A hair less: in floating point 1.1 × 3,600,000,000 is above 3,960,000,000.
        ticks = ceil(exact - max(1e-3, exact * 2**-50))
        return self._moment(begin + ticks, fine) if ticks > 0 else self.local(start).astimezone(UTC)

    def used(self, limit: TimeLimit, since: datetime, now: datetime, already_consumed: float = 0) -> float:
        """The share used of a limit that had `already_consumed` so much and has been running again since `since`."""
        before = already_consumed / allowance(limit)
        if limit.unit.in_days and before < 1:
            due = self.due_after(since, limit, already_consumed)
            return before + (1 - before) * self.fraction_used(since, due, now, limit.unit)
        fine = _fine(limit.unit)
        day = self.schedule.length if fine is TimeUnit.WORKING_HOURS else DAY_TICKS
        whole = limit.value * (day if limit.unit.in_days else HOUR_TICKS)
        return before + self._ticks(since, now, fine) / whole


def due_text(due: datetime, tz: tzinfo = CHINA) -> str:
    """A due moment in Chinese, midnight as 24时 of the day it ends: "2024年5月6日24时", "2024年5月7日17时30分"."""
    local = due.astimezone(tz)
    hour = local.hour
    if local.time() == time(0):
        local, hour = local - DAY, 24
    minute = f"{local.minute:02d}分" if local.minute else ""
    return f"{local.year}年{local.month}月{local.day}日{hour}时{minute}"


def allowance(limit: TimeLimit) -> int:
    """All that a limit has to be consumed, in the measure of `WorkCalendar.consumed`: seconds, or day ends."""
    return limit.value + 1 if limit.unit.in_days else limit.value * 3600


def _scale(unit: TimeUnit) -> int:
    """Ticks (positions of the meter) in one unit of consumption."""
    return 1 if unit.in_days else SECOND_TICKS


def _fine(unit: TimeUnit) -> TimeUnit:
    """The hours unit that measures a days unit without steps."""
    working = unit in (TimeUnit.WORKING_DAYS, TimeUnit.WORKING_HOURS)
    return TimeUnit.WORKING_HOURS if working else TimeUnit.URGENT_HOURS


@lru_cache(maxsize=1)
def _shipped() -> tuple[tuple[tuple[date, bool], ...], frozenset[int]]:
    years = json.loads(HOLIDAYS_FILE.read_text(encoding="utf-8"))["years"]
    days = [
        (date.fromisoformat(day), kind == "workdays")
        for lists in years.values()
        for kind in ("holidays", "workdays")
        for day in lists[kind]
    ]
    return tuple(days), frozenset(int(year) for year in years)


def shipped_days() -> tuple[dict[date, bool], frozenset[int]]:
    """The exceptions and the years of `content/holidays.json`, as `WorkCalendar` takes them (a fresh dict to edit)."""
    days, years = _shipped()
    return dict(days), years


@lru_cache(maxsize=1)
def default_calendar() -> WorkCalendar:
    """The national calendar shipped with the product, with the default daily schedule."""
    return WorkCalendar(*shipped_days())
