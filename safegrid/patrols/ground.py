"""Everything that planning the visits of some members has to know, read at once: for many members as for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from safegrid.cases.selectors import looks_due
from safegrid.foundation import clock
from safegrid.foundation.bulk import batches
from safegrid.foundation.calendar import work_calendar
from safegrid.grids import selectors as grids
from safegrid.handbook.selectors import visit_norm
from safegrid.patrols.due import Known
from safegrid.patrols.models import MemberPlan, PlannedState, PlannedVisit, Visit, VisitOutcome
from safegrid.regions.selectors import points_of
from safegrid.sites.selectors import VisitFact, visit_facts

LISTED_DAYS = 14  # so many days of visits are listed, for phones that stay away from any network
Point = tuple[float, float]


def horizon(today: date) -> tuple[date, date]:
    """Return the last day with routes (the Sunday of next week) and the last day of which visits are listed."""
    routed = today + timedelta(days=14 - today.isoweekday())
    return routed, max(routed, today + timedelta(days=LISTED_DAYS - 1))


@dataclass(frozen=True)
class OfDay:
    """What a member has done today so far: when and where the last visit was."""

    at: datetime
    point: Point | None


@dataclass
class Ground:
    """What is known of a county's ``members`` and their sites on ``today``. Days are the county's working days."""

    county: int
    today: date
    days: list[date]
    routed_to: date
    sessions: list[tuple[int, int]]
    members: dict[UUID, Any] = field(default_factory=dict)
    plans: dict[UUID, MemberPlan] = field(default_factory=dict)
    grids_of: dict[UUID, dict[UUID, bool]] = field(default_factory=dict)
    answering: dict[tuple[UUID, date], UUID] = field(default_factory=dict)
    sites: dict[UUID, list[VisitFact]] = field(default_factory=dict)
    last: dict[UUID, tuple[date, str]] = field(default_factory=dict)
    hazards: dict[UUID, date] = field(default_factory=dict)
    open_rows: dict[UUID, list[PlannedVisit]] = field(default_factory=dict)
    done_today: dict[UUID, OfDay] = field(default_factory=dict)
    points: dict[str, Point] = field(default_factory=dict)

    def own_days(self, grid_id: UUID, member_id: UUID) -> list[date]:
        """Return the days on which a member answers for a grid."""
        return [day for day in self.days if self.answering.get((grid_id, day)) == member_id]

    def owner(self, grid_id: UUID, on: date, earliest: date, due_by: date) -> UUID | None:
        """Return who makes a visit best made ``on``: who answers that day, else on the nearest day that will do; None: nobody."""
        fitting = [day for day in self.days if earliest <= day <= max(due_by, on)]
        for day in sorted({*fitting, on}, key=lambda day: (abs((day - on).days), day)):
            member_id = self.answering.get((grid_id, day))
            if member_id is not None:
                return member_id
        return None

    def known(self, site: VisitFact, counted_from: date) -> Known | None:
        """Return what planning knows of a site; None where the handbook wants no visits."""
        norm = visit_norm(self.county, site.site_type, site.risk_grade)
        if norm is None or not norm.visits_a_year:
            return None
        visited, outcome = self.last.get(site.id, (None, ""))
        created = site.created_at.astimezone(clock.SHANGHAI).date()
        return Known(site.id, norm.visits_a_year, norm.minutes, max(created, counted_from), visited,
                     self.hazards.get(site.id), outcome == VisitOutcome.REFUSED)  # fmt: skip

    def home(self, plan: MemberPlan) -> Point | None:
        """Return where a member sets out: as set, else home village, else the town's station, else amid the sites."""
        if plan.start_longitude is not None and plan.start_latitude is not None:
            return (plan.start_longitude, plan.start_latitude)
        member = self.members[plan.member_id]
        for code in (member.home_village, member.town):
            if code in self.points:
                return self.points[code]
        own = [site for grid in self.grids_of.get(plan.member_id, {}) for site in self.sites.get(grid, [])]
        placed = [
            (site.longitude, site.latitude) for site in own if site.longitude is not None and site.latitude is not None
        ]
        if not placed:
            return None
        return (sum(x for x, _ in placed) / len(placed), sum(y for _, y in placed) / len(placed))

    def point(self, site: VisitFact, home: Point) -> Point:
        """Return where a site is; without coordinates its village, else the member's start."""
        if site.longitude is not None and site.latitude is not None:
            return (site.longitude, site.latitude)
        return self.points.get(site.village, home)

    @cached_property
    def every_site(self) -> dict[UUID, VisitFact]:
        """All sites by id."""
        return {site.id: site for found in self.sites.values() for site in found}


def read_ground(county: int, member_ids: Collection[UUID], today: date) -> Ground:
    """Read what planning ``member_ids`` needs; a plan is begun for members who have none."""
    routed_to, listed_to = horizon(today)
    calendar = work_calendar(county)
    span = [today + timedelta(days=at) for at in range((listed_to - today).days + 1)]
    days = [day for day in span if calendar.is_workday(day)] or [calendar.next_workday(today)]
    sessions = [(_minutes(begin), _minutes(end)) for begin, end in calendar.schedule.sessions]
    ground = Ground(county, today, days, routed_to, sessions)
    ground.members = {key: row for key, row in grids.members_by_id(county, member_ids).items()
                      if row.left_on is None or row.left_on > today}  # fmt: skip
    ground.plans = begun(county, ground.members.values(), today)
    ground.grids_of = grids.grids_of_members(county, list(ground.members), today, days[-1])
    grid_ids = {grid for own in ground.grids_of.values() for grid in own}
    ground.answering = grids.answering_on(county, grid_ids, days)
    sites: dict[UUID, list[VisitFact]] = defaultdict(list)
    for site in sorted(visit_facts(county, grid_ids), key=lambda one: str(one.id)):
        sites[site.grid_id].append(site)
    ground.sites = dict(sites)
    ids = list(ground.every_site)
    ground.last, ground.hazards = last_visits(county, ids), looks_due(county, ids)
    ground.open_rows = _open_rows(county, list(ground.members))
    ground.done_today = _done_today(county, list(ground.members), today)
    codes = {site.village for site in ground.every_site.values() if site.longitude is None}
    codes |= {code for member in ground.members.values() for code in (member.home_village, member.town)}
    ground.points = points_of(county, codes)
    return ground


def begun(county: int, members: Iterable[Any], today: date) -> dict[UUID, MemberPlan]:
    """Return the plans of members, begun where there are none yet, and at home in the members' towns."""
    wanted = {member.id: member for member in members}
    found = {row.member_id: row for row in MemberPlan.objects.filter(county=county, member_id__in=list(wanted))}
    new = [
        MemberPlan(county=county, member_id=key, member_user_id=member.user_id, town=member.town, began_on=today)
        for key, member in wanted.items()
        if key not in found
    ]
    if new:
        MemberPlan.objects.bulk_create(new, ignore_conflicts=True)
        found = {row.member_id: row for row in MemberPlan.objects.filter(county=county, member_id__in=list(wanted))}
    for key, plan in found.items():
        if plan.town != wanted[key].town:
            plan.town = wanted[key].town
            MemberPlan.objects.filter(county=county, id=plan.id).update(town=plan.town)
    return found


def last_visits(county: int, site_ids: Sequence[UUID]) -> dict[UUID, tuple[date, str]]:
    """Return the day and outcome of the last visit to each site; sites never visited are left out."""
    found: dict[UUID, tuple[date, str]] = {}
    for ids in batches(site_ids, 500):
        rows = Visit.objects.filter(county=county, site_id__in=ids)
        latest = Visit.objects.filter(county=county, site_id=OuterRef("site_id")).order_by("-visited_at", "-id")
        newest = rows.filter(id=Subquery(latest.values("id")[:1]))
        for site_id, moment, outcome in newest.values_list("site_id", "visited_at", "outcome"):
            found[site_id] = (moment.astimezone(clock.SHANGHAI).date(), outcome)
    return found


def _open_rows(county: int, member_ids: Sequence[UUID]) -> dict[UUID, list[PlannedVisit]]:
    rows = PlannedVisit.objects.filter(county=county, member_id__in=member_ids, state=PlannedState.PLANNED)
    found: dict[UUID, list[PlannedVisit]] = defaultdict(list)
    for row in rows.order_by("due_by", "id"):
        found[row.member_id].append(row)
    return found


def _done_today(county: int, member_ids: Sequence[UUID], today: date) -> dict[UUID, OfDay]:
    begin = datetime.combine(today, time.min, clock.SHANGHAI)
    rows = Visit.objects.filter(county=county, member_id__in=member_ids, visited_at__gte=begin,
                                visited_at__lt=begin + timedelta(days=1)).select_related("site")  # fmt: skip
    found: dict[UUID, OfDay] = {}
    for row in rows.order_by("visited_at", "id"):
        place = (row.longitude, row.latitude) if row.longitude is not None else (row.site.longitude, row.site.latitude)
        found[row.member_id] = OfDay(row.visited_at, place if None not in place else None)
    return found


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
