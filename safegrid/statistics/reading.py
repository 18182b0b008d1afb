"""Reading the summary tables: sums of a place over a period, of its parts, of its groups, month by month."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Min, Q, Sum
from django.db.models.fields import CharField
from django.db.models.functions import Cast

from safegrid.foundation.scope import Holding, counties_q
from safegrid.statistics.measures import CASES, PLACES, VISITS
from safegrid.statistics.models import CaseSummary, Keeping, PlaceLevel, PlaceSummary, Span, VisitSummary

Counts = Mapping[str, int]
MEASURES: dict[Any, tuple[str, ...]] = {CaseSummary: CASES, VisitSummary: VISITS, PlaceSummary: PLACES}
# Digits of the code of a place → digits of the codes of its parts.
PART_DIGITS = {0: 2, 2: 4, 4: 6, 6: 9, 9: 12}


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included."""

    since: date
    until: date

    def a_month_before(self) -> Period:
        return Period(_shifted(self.since, 1), _shifted(self.until, 1))

    def a_year_before(self) -> Period:
        return Period(_shifted(self.since, 12), _shifted(self.until, 12))

    @property
    def spans(self) -> list[tuple[str, date, date]]:
        """The rows that make it up: (span, first, last): whole months as such, what is left as days."""
        first_whole = self.since if self.since.day == 1 else _next_month(self.since)
        last_whole = (
            _next_month(self.until) if _is_last(self.until) else self.until.replace(day=1)
        )  # the first not whole
        if first_whole >= last_whole:
            return [(Span.DAY, self.since, self.until)]
        found: list[tuple[str, date, date]] = [(Span.MONTH, first_whole, last_whole - timedelta(days=1))]
        if self.since < first_whole:
            found.append((Span.DAY, self.since, first_whole - timedelta(days=1)))
        if last_whole <= self.until:
            found.append((Span.DAY, last_whole, self.until))
        return found

    @property
    def condition(self) -> Q:
        """The rows of summary tables that make it up."""
        found = Q(pk__in=[])
        for span, first, last in self.spans:
            found |= Q(span=span, on__gte=first, on__lte=last)
        return found

    def holds(self, span: str, on: date) -> bool:
        """Say whether a row belongs to it."""
        return any(span == one and first <= on <= last for one, first, last in self.spans)

    def months(self, count: int) -> list[date]:
        """Return the firsts of the ``count`` months up to the one of ``until``."""
        firsts = [self.until.replace(day=1)]
        while len(firsts) < count:
            firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
        return firsts[::-1]


def _shifted(day: date, months: int) -> date:
    """Return the same day so many months before; the last day of a month stays one."""
    number = day.year * 12 + day.month - 1 - months
    year, month = number // 12, number % 12 + 1
    last = monthrange(year, month)[1]
    return date(year, month, last if _is_last(day) else min(day.day, last))


def _is_last(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


# Places


def county_of(place: str) -> int | None:
    """Return the county of a place; None above counties."""
    return int(place[:6]) if len(place) >= 6 else None


def _whole(place: str) -> Q:
    """The rows that speak of a place itself: its own, or those of all counties below."""
    if len(place) >= 6:
        return Q(county=int(place[:6]), level=_level(place), place=place)
    return counties_q(Holding("", place)) & Q(level=PlaceLevel.COUNTY)


def _level(place: str) -> int:
    return {6: PlaceLevel.COUNTY, 9: PlaceLevel.TOWN, 12: PlaceLevel.VILLAGE}[len(place)]


def _parts(place: str) -> tuple[Q, Any]:
    """The rows that speak of the parts of a place, and the expression of the part's code."""
    if len(place) >= 6:
        inside = Q(county=int(place[:6]), place__gte=place, place__lt=f"{place}~")
        return inside & Q(level=_level(place) + 1), F("place")
    digits = PART_DIGITS[len(place)]
    code = Cast(F("county") / (10 ** (6 - digits)), CharField())
    return counties_q(Holding("", place)) & Q(level=PlaceLevel.COUNTY), code


# Sums


def total(model: Any, place: str, period: Period, measures: tuple[str, ...] = ()) -> Counts:
    """Return the sums of a place over a period. One statement."""
    names = measures or MEASURES[model]
    rows = model.objects.filter(_whole(place), period.condition, by="")
    return _filled(rows.aggregate(**_summed(names)), names)


def over_time(
    place: str, periods: list[Period], months: list[date], measures: tuple[str, ...] = CASES
) -> tuple[list[Counts], dict[date, Counts]]:
    """Return the sums of the cases of a place over each period, and of each month. One statement."""
    wanted = Q(span=Span.MONTH, on__in=months)
    for period in periods:
        wanted |= period.condition
    rows = CaseSummary.objects.filter(_whole(place), wanted, by="").order_by()
    lines = list(rows.values("span", "on").annotate(**_summed(measures)))
    found: list[dict[str, int]] = [dict.fromkeys(measures, 0) for _ in periods]
    by_month: dict[date, Counts] = {first: dict.fromkeys(measures, 0) for first in months}
    for line in lines:
        counts = _filled(line, measures)
        if line["span"] == Span.MONTH and line["on"] in by_month:
            by_month[line["on"]] = counts
        for period, sums in zip(periods, found, strict=True):
            if period.holds(line["span"], line["on"]):
                for name in measures:
                    sums[name] += counts[name]
    return list(found), by_month


def ever(place: str, measures: tuple[str, ...]) -> Counts:
    """Return the sums of all cases ever reported at a place: what is open now was not reported in one period."""
    rows = CaseSummary.objects.filter(_whole(place), span=Span.MONTH, by="")
    return _filled(rows.aggregate(**_summed(measures)), measures)


def parts(model: Any, place: str, period: Period | None, measures: tuple[str, ...] = ()) -> dict[str, Counts]:
    """Return the sums of each part of a place that has any, by code; without a period those of now, or of all months ever."""
    names = measures or MEASURES[model]
    condition, code = _parts(place)
    if period is not None:
        condition &= period.condition
    else:
        condition &= Q(span=Span.NOW if model is PlaceSummary else Span.MONTH)
    rows = model.objects.filter(condition, by="").order_by()
    lines = rows.annotate(part=code).values("part").annotate(**_summed(names))
    return {str(line["part"]): _filled(line, names) for line in lines}


def groups(model: Any, place: str, by: str, period: Period, measures: tuple[str, ...] = ()) -> dict[str, Counts]:
    """Return the sums of each group of a place (kind, severity …), by key; grids and members only up to a county."""
    names = measures or MEASURES[model]
    rows = model.objects.filter(_of_groups(place, by), period.condition).order_by()
    return {line["key"]: _filled(line, names) for line in rows.values("key").annotate(**_summed(names))}


def several_groups(
    place: str, kinds: tuple[str, ...], period: Period, measures: tuple[str, ...]
) -> dict[str, dict[str, Counts]]:
    """Return what ``groups`` does for several groupings of cases (none by grid or member), with one statement."""
    rows = CaseSummary.objects.filter(_whole(place), period.condition, by__in=kinds).order_by()
    found: dict[str, dict[str, Counts]] = {by: {} for by in kinds}
    for line in rows.values("by", "key").annotate(**_summed(measures)):
        found[line["by"]][line["key"]] = _filled(line, measures)
    return found


def _of_groups(place: str, by: str) -> Q:
    if by in ("grid", "member") and len(place) == 6:  # kept for towns, which make up the county
        return Q(county=int(place), level=PlaceLevel.TOWN, by=by)
    return _whole(place) & Q(by=by)


def now_and_then(place: str, days: list[date]) -> tuple[Counts, dict[date, Counts]]:
    """Return what a place has and lacks now, and what it had on each of ``days`` of which that is known. One statement."""
    rows = PlaceSummary.objects.filter(
        _whole(place), Q(span=Span.NOW) | Q(span=Span.DAY, on__in=days), by=""
    ).order_by()
    now: Counts = dict.fromkeys(PLACES, 0)
    then: dict[date, Counts] = {}
    for line in rows.values("span", "on").annotate(**_summed(PLACES)):
        if line["span"] == Span.NOW:
            now = _filled(line, PLACES)
        else:
            then[line["on"]] = _filled(line, PLACES)
    return now, then


def keeping(place: str) -> tuple[datetime | None, int | None]:
    """Return the moment for which the figures of a place hold (the earliest of its counties), and one of those counties.

    None where nothing was summed yet.
    """
    county = county_of(place)
    rows = Keeping.objects.filter(Q(county=county) if county else counties_q(Holding("", place)))
    found = rows.aggregate(moment=Min("as_of"), county=Min("county"))
    return found["moment"], found["county"]


def _summed(names: tuple[str, ...]) -> dict[str, Any]:
    return {f"sum_{name}": Sum(name) for name in names}


def _filled(line: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, int]:
    return {name: int(line[f"sum_{name}"] or 0) for name in names}


def added(many: Iterator[Counts] | list[Counts]) -> dict[str, int]:
    """Return the sum of several counts."""
    found: dict[str, int] = defaultdict(int)
    for counts in many:
        for name, number in counts.items():
            found[name] += number
    return dict(found)
