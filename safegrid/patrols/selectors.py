"""Reading visits and plans of visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from shapely.geometry import mapping

from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.grids import selectors as grids
from safegrid.patrols.access import visible, visible_planned, visible_plans, visible_runs
from safegrid.patrols.models import (
    CheckIn,
    DueReason,
    LeftOut,
    MemberPlan,
    PlannedDay,
    PlannedState,
    PlannedVisit,
    PlanRun,
    RunState,
    TravelMode,
    Visit,
    VisitAnswer,
    VisitOutcome,
)


def visits_for(user: Actor, *, as_site: bool = True) -> QuerySet[Any]:
    """Return the visits the user sees, the latest first; with ``as_site=False`` those whose findings the user may read."""
    return visible(user, as_site=as_site).select_related("site").order_by("-visited_at", "-id")


def visits_of_site(user: Actor, county: int, site_id: UUID) -> QuerySet[Any]:
    """Return the visible visits to one site, the latest first."""
    return visits_for(user).filter(county=county, site_id=site_id)


def visit_for(user: Actor, county: int, visit_id: UUID) -> Visit:
    """Return a visit whose findings the user may read; raise ``NotVisible`` otherwise."""
    found: Visit | None = (
        visible(user, as_site=False).select_related("site", "checklist").filter(county=county, id=visit_id).first()
    )
    if found is None:
        raise NotVisible
    return found


def answers_of(visit: Visit) -> list[VisitAnswer]:
    """Return a visit's answers in the checklist's order."""
    return list(VisitAnswer.objects.filter(county=visit.county, visit_id=visit.id).order_by("position"))


OUTCOMES = VisitOutcome.choices
CHECK_INS = CheckIn.choices
TRAVEL_MODES = TravelMode.choices
PLANNED_STATES = PlannedState.choices
REASONS = DueReason.choices
LEFT_OUTS = [(value, label) for value, label in LeftOut.choices if value]


def planned(user: Actor) -> QuerySet[Any]:
    """Return the planned visits the user sees with their sites, taken back ones left out."""
    return visible_planned(user).exclude(state=PlannedState.DROPPED).select_related("site")


def planned_for(user: Actor, county: int, planned_id: UUID) -> PlannedVisit:
    """Return a planned visit the user sees; raise ``NotVisible`` otherwise."""
    found: PlannedVisit | None = (
        visible_planned(user).select_related("site").filter(county=county, id=planned_id).first()
    )
    if found is None:
        raise NotVisible
    return found


def due_q(today: date) -> Q:
    """Return the condition "to be made today or before and not made yet" on planned visits."""
    return Q(state=PlannedState.PLANNED) & (Q(on__lte=today) | Q(due_by__lte=today))


def overdue_q(today: date) -> Q:
    """Return the condition "not made by its limit" on planned visits."""
    return Q(state=PlannedState.PLANNED, due_by__lt=today)


def timing_q(name: str, today: date) -> Q | None:
    """Return the condition of a list of planned visits by its name in the address; None for an unknown one."""
    done = Q(state=PlannedState.DONE)
    return {
        "due": due_q(today), "overdue": overdue_q(today), "open": Q(state=PlannedState.PLANNED), "done": done,
        "late": done & Q(done_on__gt=F("due_by")), "skipped": Q(skips__gt=0),
        "out": Q(state=PlannedState.PLANNED) & ~Q(left_out=""),
    }.get(name)  # fmt: skip


def visits_due(user: Actor, county: int) -> QuerySet[Any]:
    """Return the planned visits of today and before that are still to be made."""
    return planned(user).filter(due_q(clock.today()), county=county)


def visits_overdue(user: Actor, county: int) -> QuerySet[Any]:
    """Return the planned visits whose limit is past."""
    return planned(user).filter(overdue_q(clock.today()), county=county)


def plans(user: Actor) -> QuerySet[Any]:
    """Return the members' plans the user sees."""
    return visible_plans(user)


def plan_for(user: Actor, county: int, plan_id: UUID) -> MemberPlan:
    """Return a member's plan the user sees; raise ``NotVisible`` otherwise."""
    found: MemberPlan | None = visible_plans(user).filter(county=county, id=plan_id).first()
    if found is None:
        raise NotVisible
    return found


def plan_of(user: Actor, county: int) -> MemberPlan | None:
    """Return the user's own plan as a member, None where there is none."""
    found: MemberPlan | None = MemberPlan.objects.filter(county=county, member_user_id=user.id).first()
    return found


def visits_of_plan(plan: MemberPlan, *, on: date | None = None) -> list[PlannedVisit]:
    """Return what is planned for a member (of one day), by day and along the way; visits made that day come first."""
    rows = PlannedVisit.objects.filter(county=plan.county, member_id=plan.member_id).select_related("site")
    if on is None:
        rows = rows.filter(state=PlannedState.PLANNED)
    else:
        made = Q(state=PlannedState.DONE, done_on=on)
        rows = rows.filter(made | Q(state=PlannedState.PLANNED, on=on))
    late = date.max
    return sorted(rows, key=lambda row: (row.done_on or row.on or late, row.state != PlannedState.DONE,
                                         row.position if row.position is not None else 10_000, row.due_by, row.id))  # fmt: skip


def days_of_plan(plan: MemberPlan, since: date) -> dict[date, PlannedDay]:
    """Return the routes of a member's days from a day on, by day; days without visits are left out."""
    rows = PlannedDay.objects.filter(county=plan.county, member_id=plan.member_id, on__gte=since, returns__gt=0)
    return {row.on: row for row in rows.order_by("on")}


def grids_of_plan(plan: MemberPlan) -> list[tuple[UUID, str]]:
    """Return (id, name) of the grids a member answers for or stands in at today."""
    today = clock.today()
    own = grids.grids_of_members(plan.county, [plan.member_id], today, today).get(plan.member_id, {})
    return sorted(grids.names_of(plan.county, own).items(), key=lambda one: one[1])


def boundaries_of_plan(plan: MemberPlan) -> list[dict[str, Any]]:
    """Return the boundaries of those grids as GeoJSON geometries."""
    own = {grid_id for grid_id, _ in grids_of_plan(plan)}
    return [mapping(piece.area) for piece in grids.pieces(plan.county) if piece.grid_id in own]


@dataclass(frozen=True)
class Coverage:
    """How far the plan was followed in a period: visits that had to be made by its end, made, late, still lacking, skipped."""

    wanted: int
    done: int
    late: int
    lacking: int
    skipped: int

    @property
    def share(self) -> float | None:
        """The share made, None where nothing was to be made."""
        return self.done / self.wanted if self.wanted else None

    @property
    def percent(self) -> float | None:
        """The same in percent."""
        return None if self.share is None else 100 * self.share


def coverage(rows: QuerySet[Any], since: date, until: date) -> Coverage:
    """Return how far planned visits (a queryset the user sees) with limits in a period were made."""
    counted = rows.filter(due_by__range=(since, until)).exclude(state=PlannedState.DROPPED).order_by()
    done = Q(state=PlannedState.DONE)
    found = counted.aggregate(
        wanted=Count("id"), done=Count("id", filter=done), late=Count("id", filter=done & Q(done_on__gt=F("due_by"))),
        lacking=Count("id", filter=~done), skipped=Count("id", filter=Q(skips__gt=0)),
    )  # fmt: skip
    return Coverage(**found)


def member_numbers(rows: QuerySet[Any], county: int, member_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """Return, by member, how many visits are due today, overdue, planned for the coming days and found no place."""
    today = clock.today()
    week = today + timedelta(days=6)
    open_ = Q(state=PlannedState.PLANNED)
    counted = rows.filter(county=county, member_id__in=member_ids).order_by().values("member_id").annotate(
        due=Count("id", filter=due_q(today)), overdue=Count("id", filter=overdue_q(today)),
        week=Count("id", filter=open_ & Q(on__range=(today, week))), out=Count("id", filter=open_ & ~Q(left_out="")),
    )  # fmt: skip
    return {row["member_id"]: row for row in counted}


def runs(user: Actor, county: int) -> QuerySet[Any]:
    """Return the plannings by the queue that the user may follow, the latest first."""
    return visible_runs(user).filter(county=county).order_by("-started_at", "-id")


def run_for(user: Actor, county: int, run_id: UUID) -> PlanRun:
    """Return a planning by the queue; raise ``NotVisible``."""
    found: PlanRun | None = runs(user, county).filter(id=run_id).first()
    if found is None:
        raise NotVisible
    return found


def running(user: Actor, county: int) -> PlanRun | None:
    """Return the planning that runs now, as far as the user may follow it."""
    found: PlanRun | None = runs(user, county).filter(state=RunState.RUNNING).first()
    return found


def plans_of_run(run: PlanRun) -> QuerySet[Any]:
    """Return the plans that a run is through with: those it has made, and those that a later run has made since."""
    rows = MemberPlan.objects.filter(county=run.county, run_id__gte=run.id)  # the ids of runs are in time's order
    return rows.filter(town=run.town) if run.town else rows


def progress_of(run: PlanRun) -> int:
    """Return with how many of its members a run is through."""
    return min(run.total, plans_of_run(run).count())
