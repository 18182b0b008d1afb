"""What is done with plans of visits: skip, add, plan anew, and how a member goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from safegrid.foundation import clock, queue, trace
from safegrid.foundation.bulk import batches
from safegrid.foundation.calendar import work_calendar
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, WrongState
from safegrid.foundation.ids import uuid7
from safegrid.foundation.scope import Actor
from safegrid.grids import selectors as grids
from safegrid.handbook.selectors import visit_norm
from safegrid.patrols.access import can, can_plan, visible_planned
from safegrid.patrols.models import (
    DueReason,
    MemberPlan,
    PlannedState,
    PlannedVisit,
    PlanRun,
    RunState,
    TravelMode,
    Visit,
)
from safegrid.regions import selectors as regions
from safegrid.sites.access import sees

CHUNK = 20  # members that one task of the queue plans
ADD_AHEAD = timedelta(days=13)
USUAL_MINUTES = 20  # of a visit where the handbook says nothing
OFF_ROUTE: dict[str, Any] = {"position": None, "arrives": None, "begins": None, "leaves": None}


@transaction.atomic
def skip_visit(*, acting_user: Actor | None, planned: PlannedVisit, reason: str) -> PlannedVisit:
    """Put a planned visit off to a later day, for a reason; its limit stays, so what is overdue stays overdue.

    Raises ``InvalidInput``, ``NotPermitted`` (only the member whose visit it is), ``WrongState`` (done or taken back).
    """
    _require_own(acting_user, "skip_visit", planned)
    if not reason.strip() or len(reason.strip()) > 200:
        raise InvalidInput({"reason": "请说明今天不去的原因，不超过 200 字"})
    if planned.state != PlannedState.PLANNED:
        raise WrongState("这次巡查已完成或已取消，无需跳过")
    today = clock.today()
    after = max(planned.on or today, today) + timedelta(days=1)
    on = work_calendar(planned.county).next_workday(after)
    changed = PlannedVisit.objects.filter(county=planned.county, id=planned.id, state=PlannedState.PLANNED).update(
        on=on,
        not_before=after,
        asked_on=None,
        skips=F("skips") + 1,
        skip_reason=reason.strip(),
        left_out="",
        **OFF_ROUTE,
    )
    if not changed:
        raise Conflict
    before = planned.on
    planned.refresh_from_db()
    trace.record(acting_user=acting_user, action="patrols.skip_visit", target=planned, role="grid_member",
                 changes={"site": planned.site_id, "on": [before, on], "reason": planned.skip_reason})  # fmt: skip
    want_plans(planned.county, [planned.member_id])
    return planned


@transaction.atomic
def add_visit(*, acting_user: Actor | None, site: Any, on: date) -> PlannedVisit:
    """Put one of the member's own sites on a day from today on; a visit planned for another day comes forward.

    Raises ``InvalidInput``, ``NotPermitted``, ``NotVisible`` (not in the member's grids).
    """
    if acting_user is None or not can(acting_user, "add_visit", site.county):
        raise NotPermitted("只有网格员可以临时增加巡查")
    member = grids.member_of(acting_user)
    if member is None or member.county != site.county or not sees(acting_user, ("grid_member",), site):
        raise NotVisible
    today = clock.today()
    if not today <= on <= today + ADD_AHEAD:
        raise InvalidInput({"on": "只能安排在今天起两周之内"})
    norm = visit_norm(site.county, site.site_type, site.risk_grade)
    rows = PlannedVisit.objects.filter(county=site.county, site_id=site.id, state=PlannedState.PLANNED)
    row: PlannedVisit | None = rows.filter(member_id=member.id).order_by("due_by", "id").first()
    before = row.on if row is not None else None
    if row is None:
        row = PlannedVisit(county=site.county, id=uuid7(), member_id=member.id, member_user_id=acting_user.id, site=site,
                           grid_id=site.grid_id, town=site.town, village=site.village, reason=DueReason.ADDED, due_by=on,
                           minutes=norm.minutes if norm else USUAL_MINUTES, on=on, asked_on=on)  # fmt: skip
        row.save(force_insert=True)
    else:
        rows.filter(id=row.id).update(on=on, asked_on=on, not_before=None, left_out="", **OFF_ROUTE)
        row.refresh_from_db()
    trace.record(acting_user=acting_user, action="patrols.add_visit", target=row, role="grid_member",
                 changes={"site": site.id, "on": [before, on]})  # fmt: skip
    want_plans(site.county, [member.id])
    return row


def _require_own(user: Actor | None, verb: str, planned: PlannedVisit) -> None:
    if user is None or not can(user, verb, planned.county):
        raise NotPermitted("只有网格员本人可以调整自己的巡查计划")
    if not visible_planned(user).filter(county=planned.county, id=planned.id).exists():
        raise NotVisible
    if planned.member_user_id != user.id:
        raise NotPermitted("只能调整自己的巡查计划")


@transaction.atomic
def change_travel(
    *,
    acting_user: Actor | None,
    plan: MemberPlan,
    mode: str,
    begins: int | None = None,
    ends: int | None = None,
    start: tuple[float, float] | None = None,
    version: int | None = None,
) -> MemberPlan:
    """Say how a member goes, in which hours (minutes after midnight; None: the county's) and from where (WGS 84 degrees; None: as
    known). The member and the member's station or lead office may. Raises ``InvalidInput``, ``NotPermitted``, ``Conflict``."""
    if not can_plan(acting_user, "change_travel", plan):
        raise NotPermitted("只有网格员本人、所属安监站和牵头部门可以修改出行设置")
    _require_travel(plan.county, mode, begins, ends)
    new = {"mode": mode, "begins": begins, "ends": ends, "start_longitude": start[0] if start else None,
           "start_latitude": start[1] if start else None}  # fmt: skip
    changes = {name: [getattr(plan, name), value] for name, value in new.items() if getattr(plan, name) != value}
    if not changes:
        return plan
    seen = plan.version if version is None else version
    same = MemberPlan.objects.filter(county=plan.county, id=plan.id, version=seen)
    if not same.update(**new, version=seen + 1):
        raise Conflict
    plan.refresh_from_db()
    trace.record(acting_user=acting_user, action="patrols.change_travel", target=plan, changes=changes)
    want_plans(plan.county, [plan.member_id])
    return plan


def _require_travel(county: int, mode: str, begins: int | None, ends: int | None) -> None:
    problems = {}
    if mode not in TravelMode.values:
        problems["mode"] = "请选择出行方式"
    for name, value in (("begins", begins), ("ends", ends)):
        if value is not None and not 0 <= value <= 24 * 60:
            problems[name] = "时间应在 0:00 到 24:00 之间"
    sessions = work_calendar(county).schedule.sessions
    first = begins if begins is not None else sessions[0][0].hour * 60 + sessions[0][0].minute
    last = ends if ends is not None else sessions[-1][1].hour * 60 + sessions[-1][1].minute
    if not problems and last - first < 60:
        problems["ends"] = "收工时间应比出发时间至少晚一小时"
    if problems:
        raise InvalidInput(problems)


@transaction.atomic
def replan(*, acting_user: Actor | None, county: int, town: str = "", member: Any = None) -> PlanRun:
    """Plan the coming two weeks anew, of one member, a town's members or the whole county's; the queue does it.

    A planning of the same that still runs ends: the new one takes its place. Raises ``InvalidInput``, ``NotPermitted``.
    """
    town = member.town if member is not None else town
    if acting_user is not None and not can(acting_user, "replan", county, town):
        raise NotPermitted("只有本乡镇安监站和牵头部门可以重新编排巡查计划")
    if member is None and town and town not in {one.code for one in regions.children(str(county))}:
        raise InvalidInput({"town": "请选择本县的乡镇（街道），留空为全县"})
    members = [member] if member is not None else grids.members_at(county, town)
    run_id = uuid7()
    run = _start(county, run_id, town, [one.id for one in members], acting_user.id if acting_user else None,
                 key=f"member:{run_id.hex}" if member is not None else "")  # fmt: skip
    trace.record(acting_user=acting_user, action="patrols.replan", target=run,
                 changes={"town": town, "member": member.id if member is not None else None, "members": len(members)})  # fmt: skip
    return run


@transaction.atomic
def stop_run(*, acting_user: Actor | None, run: PlanRun) -> PlanRun:
    """Stop a planning that runs; what is planned already stays. Raises ``NotPermitted``, ``WrongState``."""
    if acting_user is not None and not can(acting_user, "stop_run", run.county, run.town):
        raise NotPermitted("只有本乡镇安监站和牵头部门可以停止编排")
    rows = PlanRun.objects.filter(county=run.county, id=run.id, state=RunState.RUNNING)
    if not rows.update(state=RunState.STOPPED, ended_at=clock.now()):
        raise WrongState("编排已经结束")
    run.refresh_from_db()
    trace.record(acting_user=acting_user, action="patrols.stop_run", target=run)
    return run


@transaction.atomic
def start_night(county: int, today: date) -> PlanRun | None:
    """Begin the night's planning of a county; None where it has begun before or there is nobody to plan for.

    What is planned for members who have left since is taken back.
    """
    key = f"night:{today}"
    if PlanRun.objects.filter(county=county, key=key).exists():
        return None
    members = grids.members_at(county)
    if not members:
        return None
    left = PlannedVisit.objects.filter(county=county, state=PlannedState.PLANNED)
    left.exclude(member_id__in=[one.id for one in members]).update(state=PlannedState.DROPPED, on=None, position=None)
    return _start(county, uuid7(), "", [one.id for one in members], None, key=key)


def _start(
    county: int, run_id: UUID, town: str, member_ids: list[UUID], user_id: UUID | None, *, key: str = ""
) -> PlanRun:
    now = clock.now()
    run = PlanRun(county=county, id=run_id, key=key or str(run_id), town=town, total=len(member_ids), started_by_id=user_id,
                  started_at=now)  # fmt: skip
    if not member_ids:
        run.state, run.ended_at = RunState.DONE, now
    if not key.startswith("member:"):  # which is no planning of the town
        older = PlanRun.objects.filter(county=county, town=town, state=RunState.RUNNING).exclude(
            key__startswith="member:"
        )
        older.update(state=RunState.STOPPED, ended_at=now)
    run.save(force_insert=True)
    for some in batches(member_ids, CHUNK):
        queue.enqueue("patrols.plan_chunk", county=county, run_id=str(run_id), member_ids=[str(one) for one in some])
    return run


def want_plans(county: int, member_ids: Collection[UUID]) -> None:
    """Have the plans of members made anew by the queue: once, however often it is asked for meanwhile.

    Members who have no plan yet get theirs at night.
    """
    rows = MemberPlan.objects.filter(county=county, member_id__in=list(member_ids), is_wanted=False)
    if rows.update(is_wanted=True):
        queue.enqueue("patrols.plan_wanted", county=county)


def want_plans_of_sites(county: int, site_ids: Iterable[UUID], grid_ids: Iterable[UUID]) -> None:
    """Have the plans made anew that sites are in, and those of who answers for ``grid_ids``."""
    if not MemberPlan.objects.filter(county=county).exists():
        return
    members = {member.id for member in grids.members_answering(county, set(grid_ids)).values()}
    for ids in batches(site_ids, 1_000):
        rows = PlannedVisit.objects.filter(county=county, site_id__in=ids, state=PlannedState.PLANNED)
        members |= set(rows.values_list("member_id", flat=True).distinct())
    if members:
        want_plans(county, members)


def fulfil(visit: Visit, task_id: UUID | None) -> PlannedVisit | None:
    """Tick off the planned visit that a visit is: the one named, else the first to be made at that site; None: it was not planned.

    What a member had asked for besides at the same site, for that day or before, is settled with it.
    """
    rows = PlannedVisit.objects.filter(county=visit.county, site_id=visit.site_id)
    planned = rows.filter(state=PlannedState.PLANNED).order_by("due_by", "id")
    found: PlannedVisit | None = None
    if task_id is not None:
        found = rows.filter(id=task_id, visit_id__isnull=True).first()
    found = found or planned.first()
    day = visit.visited_at.astimezone(clock.SHANGHAI).date()
    if found is not None:
        rows.filter(id=found.id).update(state=PlannedState.DONE, visit_id=visit.id, done_on=day)
        planned.filter(reason=DueReason.ADDED, due_by__lte=day).update(state=PlannedState.DROPPED)
    want_plans(visit.county, {visit.member_id, *([found.member_id] if found else [])})
    return found
