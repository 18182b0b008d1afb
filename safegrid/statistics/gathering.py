"""What the rows of cases, visits, sites and grids say, summed: the source of the summary tables, and of their proof.

Everything is read through the doors of the contexts that own it, as someone who sees the whole county.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDay

from safegrid.cases.facts import facts
from safegrid.foundation import clock
from safegrid.foundation.scope import NOTHING, Actor, Holding
from safegrid.grids import selectors as grids
from safegrid.grids.selectors.places import IN_GRID_WORK
from safegrid.handbook import selectors as handbook
from safegrid.patrols.selectors import visits_for
from safegrid.regions import selectors as regions
from safegrid.sites import access as site_access
from safegrid.statistics.models import PlaceLevel

# (level, place, by, key) → measure → number
Slot = tuple[int, str, str, str]
Sums = dict[Slot, dict[str, int]]

BY = ("kind", "severity", "channel", "department")  # kept for counties and towns
BY_TOWN = ("grid", "member")  # kept for towns alone, which adds up to the county


NOBODY = UUID(int=0)


@dataclass
class Keeper:
    """Whoever keeps the sums of a county (None: of all): sees all of it, and nothing else."""

    county: int | None
    id: UUID = NOBODY
    label: str = "统计"

    def holdings(self) -> tuple[Holding, ...]:
        return (Holding("leader", str(self.county or "")),)


def case_sums(county: int, days: list[date], at: datetime) -> dict[date, Sums]:
    """Return the sums of the cases reported on each of ``days`` as the rows stand; ``at``: the moment limits are looked at."""
    found: dict[date, Sums] = {day: defaultdict(lambda: defaultdict(int)) for day in days}
    for since, until in stretches(days):
        for fact in facts(Keeper(county), county, since, until, at):
            sums = found[fact.day]
            for slot in _slots(county, fact.town, fact.village, fact.groups):
                counts = sums[slot]
                for flag in fact.flags:
                    counts[flag] += 1
                for name, minutes in fact.minutes.items():
                    counts[f"{name}_minutes"] += minutes
    return found


def _slots(county: int, town: str, village: str, groups: Any) -> Iterator[Slot]:
    whole = str(county)
    yield PlaceLevel.COUNTY, whole, "", ""
    if town:
        yield PlaceLevel.TOWN, town, "", ""
    if village:
        yield PlaceLevel.VILLAGE, village, "", ""
        yield PlaceLevel.VILLAGE, village, "kind", groups["kind"]
    for by in BY:
        yield PlaceLevel.COUNTY, whole, by, groups[by]
        if town:
            yield PlaceLevel.TOWN, town, by, groups[by]
    for by in BY_TOWN:
        if groups[by]:
            yield PlaceLevel.TOWN, town, by, groups[by]


def visit_sums(county: int, days: list[date]) -> dict[date, Sums]:
    """Return the sums of the visits made on each of ``days``."""
    found: dict[date, Sums] = {day: defaultdict(lambda: defaultdict(int)) for day in days}
    for since, until in stretches(days):
        rows = visits_for(Keeper(county)).filter(
            county=county, visited_at__gte=midnight(since), visited_at__lt=midnight(until + timedelta(days=1))
        )
        grouped = (
            rows.order_by()
            .annotate(day=TruncDay("visited_at", tzinfo=clock.SHANGHAI))
            .values_list("day", "town", "village", "grid_id", "member_user_id")
            .annotate(
                visits=Count("id"),
                done=Count("id", filter=Q(outcome="done")),
                with_findings=Count("id", filter=Q(findings__gt=0)),
                all_findings=Sum("findings"),
                far=Count("id", filter=~Q(far_reason="")),
            )
        )
        for day, town, village, grid_id, member_id, *numbers in grouped:
            groups = {"grid": str(grid_id or ""), "member": str(member_id)}
            for slot in _visit_slots(county, town, village, groups):
                counts = found[day.date()][slot]
                for name, number in zip(("visits", "done", "with_findings", "findings", "far"), numbers, strict=True):
                    counts[name] += number
    return found


def _visit_slots(county: int, town: str, village: str, groups: dict[str, str]) -> Iterator[Slot]:
    yield PlaceLevel.COUNTY, str(county), "", ""
    yield PlaceLevel.TOWN, town, "", ""
    if village:
        yield PlaceLevel.VILLAGE, village, "", ""
    for by in BY_TOWN:
        if groups[by]:
            yield PlaceLevel.TOWN, town, by, groups[by]


def place_sums(county: int, today: date) -> Sums:
    """Return what every town and village of the county has and lacks now."""
    found: Sums = defaultdict(lambda: defaultdict(int))
    for town, village, counts in (*_villages(county, today), *_grids(county), *_sites(county, today)):
        slots = [(int(PlaceLevel.COUNTY), str(county), "", "")]
        slots += [(int(PlaceLevel.TOWN), town, "", "")] if town else []
        slots += [(int(PlaceLevel.VILLAGE), village, "", "")] if village else []
        for slot in slots:
            for name, number in counts.items():
                found[slot][name] += number
    return found


def uncovered_villages(county: int, today: date) -> list[Any]:
    """Return the villages (``regions.Region``) that no grid in force today holds."""
    covered = _covered(county, today)
    return [row for row in regions.descendants(str(county), regions.Level.VILLAGE) if row.code not in covered]


def _covered(county: int, today: date) -> set[str]:
    """Return the villages that grids hold: those their boundaries name, and their own."""
    found = {village for piece in grids.pieces(county, today) for village in (*piece.villages, piece.village)}
    open_grids = grids.grids(Keeper(county)).filter(county=county)
    return found | set(open_grids.order_by().values_list("village", flat=True))


def _villages(county: int, today: date) -> Iterator[tuple[str, str, dict[str, int]]]:
    covered = _covered(county, today)
    for row in regions.descendants(str(county), regions.Level.VILLAGE):
        yield row.code[:9], row.code, {"villages": 1, "villages_covered": int(row.code in covered)}


def _grids(county: int) -> Iterator[tuple[str, str, dict[str, int]]]:
    today = clock.today()
    counted = {
        "grids": Count("id"),
        "grids_without_member": Count("id", filter=grids.without_member(today)),
        "grids_lacking_officers": Count("id", filter=grids.lacking_officers(today)),
    }
    rows = grids.grids(Keeper(county)).filter(county=county).order_by()
    yield from _grouped(rows, counted)


def _sites(county: int, today: date) -> Iterator[tuple[str, str, dict[str, int]]]:
    conditions = site_conditions(county, today)
    late = {name: conditions.pop(name) for name in ("sites_with_norm", "sites_not_visited")}
    yield from _grouped(sites(county), {name: Count("id", filter=one or None) for name, one in conditions.items()})
    for name, condition in late.items():  # each of its own: few sites are asked for their visits
        yield from _grouped(sites(county).filter(condition), {name: Count("id")})


def site_conditions(county: int, today: date) -> dict[str, Q]:
    """Return which of ``sites`` each figure of sites counts, by its name: for the sums, and for the lists behind them."""
    for_grids = Q(is_directly_supervised=False)
    owed, late = visit_conditions(county, today)
    return {
        "sites": Q(),
        "sites_direct": Q(is_directly_supervised=True),
        "sites_for_grids": for_grids,
        "sites_without_grid": for_grids & Q(grid_id__isnull=True),
        "sites_without_member": for_grids & Q(grid_id__in=idle_grids(county)),
        "sites_without_department": Q(department_id__isnull=True),
        "sites_with_norm": owed,
        "sites_not_visited": late,
        **{grade: Q(risk_grade=grade) for grade in ("red", "orange", "yellow", "blue")},
    }


def sites(county: int, user: Actor | None = None) -> QuerySet[Any]:
    """Return the sites that are to be covered: on the register, paused ones included; with ``user`` those the user sees."""
    rows: QuerySet[Any] = site_access.visible(user or Keeper(county)).filter(county=county, status__in=IN_GRID_WORK)
    return rows.order_by()


def idle_grids(county: int) -> QuerySet[Any]:
    """Return the ids of the open grids for which nobody answers today."""
    rows: QuerySet[Any] = grids.grids_without_member(Keeper(county)).filter(county=county).values("id")
    return rows


def visit_conditions(county: int, today: date) -> tuple[Q, Q]:
    """Return two conditions on sites: a visit norm holds for it; and the last visit that took place is longer ago than it allows.

    A norm of n visits a year allows 365 ÷ n days. A site newer than that still has time. It has to be open, for a paused one cannot
    be visited, and not supervised directly, for then members do not visit.
    """
    in_turn = Q(status="active", is_directly_supervised=False)
    owed, late = NOTHING, NOTHING
    by_gap: dict[int, Q] = {}
    for norm in handbook.visit_norms(Keeper(county), county):
        if norm.visits_a_year > 0:
            gap = 365 // norm.visits_a_year
            this = Q(site_type=norm.site_type, risk_grade=norm.risk_grade)
            by_gap[gap] = by_gap.get(gap, Q(pk__in=[])) | this
    for gap, of_gap in by_gap.items():
        since = midnight(today - timedelta(days=gap))
        visited = visits_for(Keeper(county)).filter(
            county=OuterRef("county"), site_id=OuterRef("pk"), outcome="done", visited_at__gte=since
        )
        owed |= of_gap & in_turn
        late |= of_gap & in_turn & Q(created_at__lt=since) & Q(~Exists(visited.order_by().select_related(None)))
    return owed, late


def _grouped(rows: QuerySet[Any], counted: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, int]]]:
    for line in rows.values("town", "village").annotate(**counted):
        yield line.pop("town"), line.pop("village"), line


def stretches(days: list[date]) -> Iterator[tuple[date, date]]:
    """Yield the runs of consecutive days in ``days``, first and last."""
    ordered = sorted(set(days))
    start = previous = None
    for day in ordered:
        if previous is None or start is None or day != previous + timedelta(days=1):
            if start is not None and previous is not None:
                yield start, previous
            start = day
        previous = day
    if start is not None and previous is not None:
        yield start, previous


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins in Asia/Shanghai."""
    return datetime.combine(day, time(), clock.SHANGHAI)
