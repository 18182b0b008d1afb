"""Keeping the sums: days that changed are summed anew, months are the sums of their days.

A ``Mark`` is written in the transaction that changed a row, and taken away in the one that wrote the new sums; so a mark that is
gone means sums that hold the change, and one that is still there means work to do. Summing twice does no harm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from safegrid.cases.facts import counties_with_unfired, days_with_cases, unfired_days
from safegrid.foundation import clock
from safegrid.foundation.bulk import batches, insert_objects
from safegrid.foundation.keys import cross_county
from safegrid.orgs import access as bodies
from safegrid.patrols.selectors import visits_for
from safegrid.statistics.gathering import Keeper, Sums, case_sums, place_sums, visit_sums
from safegrid.statistics.measures import CASES, PLACES, VISITS
from safegrid.statistics.models import CaseSummary, Keeping, Mark, PlaceSummary, Source, Span, Summary, VisitSummary

DAYS_AT_ONCE = 31
BATCH = 1000
NOW = date(1970, 1, 1)  # the day under which ``Span.NOW`` stands, having none
SLOT = ("level", "place", "by", "key")
WHY = "the queue keeps the sums of all counties"


def mark(county: int, source: str, days: Iterable[date | None]) -> None:
    """Note that the sums of these days are out of date; part of the transaction that changed the rows."""
    rows = [Mark(county=county, source=source, day=day) for day in set(days)]
    if rows:
        insert_objects(rows)


def counties() -> list[int]:
    """Return the counties whose figures are kept: those with departments."""
    with cross_county(WHY):
        everywhere = bodies.visible(Keeper(None)).order_by()
        return sorted(set(everywhere.values_list("county", flat=True).distinct()))


def out_of_date() -> list[int]:
    """Return the counties in which something has changed, or a time limit has run out, since they were summed."""
    with cross_county(WHY):
        marked = set(Mark.objects.order_by().values_list("county", flat=True).distinct())
    return sorted(marked | set(counties_with_unfired(clock.now())))


def begin(county: int) -> bool:
    """Mark everything there is in a county whose sums were never kept; return whether that was so."""
    with transaction.atomic():
        _, is_new = Keeping.objects.get_or_create(county=county)
        if is_new:
            mark(county, Source.CASES, (_day(moment) for moment in days_with_cases(Keeper(county), county)))
            visits = visits_for(Keeper(county)).filter(county=county)
            moments = visits.datetimes("visited_at", "day", tzinfo=clock.SHANGHAI)
            mark(county, Source.VISITS, (_day(moment) for moment in moments))
            mark(county, Source.PLACES, [None])
    return is_new


def keep(county: int, *, places: bool = False) -> int:
    """Bring a county's sums up to date; return how many days were summed.

    ``places``: sum what places have and lacks, too, even where nobody said that it changed (posts and officers
    change with the day).
    Several runs at once follow one another, county by county.
    """
    begin(county)
    now, done = clock.now(), 0
    mark(county, Source.CASES, unfired_days(county, now))
    while summed := _keep_some(county, Source.CASES, now):
        done += summed
    while summed := _keep_some(county, Source.VISITS, now):
        done += summed
    if places or Mark.objects.filter(county=county, source=Source.PLACES).exists():
        _keep_places(county, now)
    Keeping.objects.filter(county=county).update(as_of=now)
    return done


@transaction.atomic
def _keep_some(county: int, source: str, now: datetime) -> int:
    """Sum the first marked days of a county anew; one transaction."""
    Keeping.objects.select_for_update().get(county=county)
    marks = Mark.objects.filter(county=county, source=source)
    marked = marks.order_by("day").values_list("day", flat=True).distinct()[:DAYS_AT_ONCE]
    days = [day for day in marked if day is not None]
    if not days:
        return 0
    # Read first, gone afterwards: a mark that comes while this sums belongs to a change this may not have seen.
    ids = list(marks.filter(day__in=days).values_list("id", flat=True))
    if source == Source.CASES:
        _write_days(CaseSummary, CASES, county, case_sums(county, days, now))
    else:
        _write_days(VisitSummary, VISITS, county, visit_sums(county, days))
    for batch in batches(ids, BATCH // 2):
        Mark.objects.filter(id__in=batch).delete()
    return len(days)


@transaction.atomic
def _keep_places(county: int, now: datetime) -> None:
    keeping = Keeping.objects.select_for_update().get(county=county)
    ids = list(Mark.objects.filter(county=county, source=Source.PLACES).values_list("id", flat=True))
    today = _day(now)
    sums = place_sums(county, today)
    _write(PlaceSummary, PLACES, county, Span.NOW, {NOW: sums})
    _write(PlaceSummary, PLACES, county, Span.DAY, {today: sums})
    for batch in batches(ids, BATCH // 2):
        Mark.objects.filter(id__in=batch).delete()
    keeping.places_as_of = now
    keeping.save(update_fields=["places_as_of"])


def _write_days(model: Any, measures: tuple[str, ...], county: int, days: dict[date, Sums]) -> None:
    _write(model, measures, county, Span.DAY, days)
    months = sorted({day.replace(day=1) for day in days})
    _write(model, measures, county, Span.MONTH, month_sums(model, measures, county, months))


def month_sums(model: Any, measures: tuple[str, ...], county: int, months: list[date]) -> dict[date, Sums]:
    """Return the sums of the days of each month."""
    found: dict[date, Sums] = {}
    for first in months:
        last = (first + timedelta(days=31)).replace(day=1)
        rows = model.objects.filter(county=county, span=Span.DAY, on__gte=first, on__lt=last).order_by()
        lines = rows.values_list(*SLOT).annotate(**{f"sum_{name}": Sum(name) for name in measures})
        found[first] = {
            line[:4]: {name: number for name, number in zip(measures, line[4:], strict=True) if number}
            for line in lines
        }  # fmt: skip
    return found


def _write(model: type[Summary], measures: tuple[str, ...], county: int, span: str, wanted: dict[date, Sums]) -> None:
    """Let the rows of these days say what is wanted, and only that; rows that say it already are left alone."""
    changed: list[Summary] = []
    standing = model.objects.filter(county=county, span=span, on__in=list(wanted))
    missing = {day: dict(sums) for day, sums in wanted.items()}
    for on, *slot_and_numbers in standing.values_list("on", *SLOT, *measures):
        slot, numbers = tuple(slot_and_numbers[:4]), slot_and_numbers[4:]
        sums: dict[str, int] = missing[on].pop(slot, {})
        if numbers != [sums.get(name, 0) for name in measures]:
            changed.append(_row(model, measures, county, span, on, slot, sums))
    for on, others in missing.items():
        changed += [_row(model, measures, county, span, on, slot, sums) for slot, sums in others.items()]
    for batch in batches(changed, BATCH // 4):
        model.objects.bulk_create(
            batch, update_conflicts=True, update_fields=list(measures), unique_fields=["county", "span", "on", *SLOT]
        )


def _row(model: Any, measures: Any, county: int, span: str, on: date, slot: Any, sums: dict[str, int]) -> Any:
    numbers = {name: sums.get(name, 0) for name in measures}
    return model(county=county, span=span, on=on, **dict(zip(SLOT, slot, strict=True)), **numbers)


def differences(county: int, *, at: datetime | None = None) -> list[str]:
    """Return, in words, where the sums of a county and its rows do not agree: nothing, right after ``keep``.

    Reads every case and visit of the county: for the nightly proof and for tests.
    """
    at = at or clock.now()
    found: list[str] = []
    case_days = {_day(moment) for moment in days_with_cases(Keeper(county), county)}
    visits = visits_for(Keeper(county)).filter(county=county)
    visit_days = {_day(moment) for moment in visits.datetimes("visited_at", "day", tzinfo=clock.SHANGHAI)}
    for batch in batches(sorted(case_days | _days_kept(CaseSummary, county)), DAYS_AT_ONCE):
        found += _compare(CaseSummary, CASES, county, Span.DAY, case_sums(county, batch, at))
    for batch in batches(sorted(visit_days | _days_kept(VisitSummary, county)), DAYS_AT_ONCE):
        found += _compare(VisitSummary, VISITS, county, Span.DAY, visit_sums(county, batch))
    for model, measures in ((CaseSummary, CASES), (VisitSummary, VISITS)):
        months = sorted({day.replace(day=1) for day in _days_kept(model, county)})
        for batch in batches(months, 1):
            found += _compare(model, measures, county, Span.MONTH, month_sums(model, measures, county, batch))
    return found + _compare(PlaceSummary, PLACES, county, Span.NOW, {NOW: place_sums(county, _day(at))})


def mend(county: int) -> list[str]:
    """Sum anew whatever does not agree with the rows; return what did not."""
    keep(county, places=True)
    found = differences(county)
    if found:
        with transaction.atomic():
            everything = {Source.CASES: CaseSummary, Source.VISITS: VisitSummary}
            for source, model in everything.items():
                mark(county, source, _days_kept(model, county))
            mark(county, Source.CASES, (_day(one) for one in days_with_cases(Keeper(county), county)))
        keep(county, places=True)
    return found


def _compare(model: Any, measures: tuple[str, ...], county: int, span: str, wanted: dict[date, Sums]) -> list[str]:
    rows = model.objects.filter(county=county, span=span, on__in=list(wanted))
    kept: dict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
    for line in rows.values_list("on", *SLOT, *measures):
        kept[line[:5]] = {name: number for name, number in zip(measures, line[5:], strict=True) if number}
    said = {
        (on, *slot): {name: number for name, number in counts.items() if number}
        for on, sums in wanted.items()
        for slot, counts in sums.items()
    }
    return [
        f"{model.__name__} {span} {'/'.join(map(str, key))}: {kept.get(key, {})} ≠ {said.get(key, {})}"
        for key in sorted({*kept, *said}, key=str)
        if kept.get(key, {}) != said.get(key, {})
    ]


def _days_kept(model: Any, county: int) -> set[date]:
    return set(model.objects.filter(county=county, span=Span.DAY).order_by().values_list("on", flat=True).distinct())


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.SHANGHAI).date()
