"""Planning members' visits: who visits which site on which day, by which way. What did not change is not written."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from safegrid.foundation import clock
from safegrid.foundation.faults import describe
from safegrid.foundation.ids import uuid7
from safegrid.patrols.due import DueVisit, Known, due_visits
from safegrid.patrols.ground import Ground, Point, read_ground
from safegrid.patrols.models import DueReason, LeftOut, MemberPlan, PlannedDay, PlannedState, PlannedVisit
from safegrid.patrols.routes import Ask, Hours, Placed, place, seed_of
from safegrid.sites.opening import spans

logger = logging.getLogger("safegrid.patrols")
TRIES = 3  # of planning a member while others write the same plan
FIELDS = ("grid_id", "town", "village", "reason", "minutes", "due_by", "on", "position", "arrives", "begins", "leaves",
          "left_out")  # fmt: skip


@dataclass
class Draft:
    """One member's plan in the making: each wanted visit with the row that stands for it (new ones are not saved yet)."""

    plan: MemberPlan
    visits: list[tuple[DueVisit, PlannedVisit]]
    gone: list[PlannedVisit]
    hours: dict[date, Hours] = field(default_factory=dict)
    home: Point | None = None
    fingerprint: str = ""


def plan_members(
    county: int, member_ids: Collection[UUID], *, run_id: UUID | None = None, stop: Callable[[], bool] = lambda: False
) -> int:
    """Plan members anew as far as anything has changed; return how many plans were written.

    One member's failure is kept with that member's plan and stops nobody else's. ``stop`` is asked before each member.
    """
    today, written = clock.today(), 0
    ground = read_ground(county, member_ids, today)
    for member_id in ground.members:
        if stop():
            return written
        failure = ""
        try:
            written += _plan_one(ground, member_id)
        except Exception as error:  # whatever it is, the other members want their plans
            failure = f"编排出错（{type(error).__name__}），请联系管理员查看日志"
            logger.error("the plan of member %s of county %s failed: %s", member_id, county, describe(error))
        if ground.plans[member_id].failure != failure:
            MemberPlan.objects.filter(county=county, member_id=member_id).update(failure=failure)
        _count(county, [member_id], run_id)
    gone = set(member_ids) - set(ground.members)
    _drop_of_others(county, gone)
    _count(county, gone, run_id)
    return written


def _count(county: int, member_ids: Collection[UUID], run_id: UUID | None) -> None:
    """Say that a run is through with members; a run that began later (the ids of runs are in time's order) keeps those it had."""
    if run_id is not None and member_ids:
        rows = MemberPlan.objects.filter(county=county, member_id__in=list(member_ids))
        rows.filter(Q(run_id__isnull=True) | Q(run_id__lt=run_id)).update(run_id=run_id)


def _plan_one(ground: Ground, member_id: UUID) -> int:
    for _ in range(TRIES):
        draft = drafted(ground, member_id)
        if draft.plan.fingerprint == draft.fingerprint:
            return 0
        placed = routed(ground, draft)
        if _write(ground, draft, placed):
            return 1
        ground = read_ground(ground.county, [member_id], ground.today)
    return 0  # whoever wrote in between has planned what we would


def drafted(ground: Ground, member_id: UUID) -> Draft:
    """Return what is to be visited by a member, each with its row: the same row as last time wherever there was one."""
    plan = ground.plans[member_id]
    by_site: dict[UUID, list[PlannedVisit]] = defaultdict(list)
    for row in ground.open_rows.get(member_id, []):
        by_site[row.site_id].append(row)
    wanted: dict[UUID, list[DueVisit]] = defaultdict(list)
    for due in _own(ground, member_id):
        wanted[due.site_id].append(due)
    visits, gone = [], []
    mine = {site.id for grid in ground.grids_of.get(member_id, {}) for site in ground.sites.get(grid, [])}
    for site_id in sorted({*wanted, *by_site}, key=str):
        rows, dues = by_site.get(site_id, []), sorted(wanted.get(site_id, []), key=lambda due: due.due_by)
        added = [row for row in rows if row.reason == DueReason.ADDED]
        rows = [row for row in rows if row.reason != DueReason.ADDED]
        for at, due in enumerate(dues):
            visits.append((due, rows[at] if at < len(rows) else _new(ground, plan, due)))
        gone += rows[len(dues) :]
        for row in added:
            if site_id in mine:
                asked = row.asked_on or row.due_by
                visits.append(
                    (DueVisit(site_id, max(asked, ground.today), asked, row.due_by, row.minutes, row.reason), row)
                )
            else:
                gone.append(row)
    draft = Draft(plan, visits, gone, home=ground.home(plan))
    draft.hours = _hours(ground, draft)
    draft.fingerprint = _fingerprint(ground, draft)
    return draft


def _own(ground: Ground, member_id: UUID) -> list[DueVisit]:
    """Return the due visits that fall to a member: to the one who answers on the day, or the nearest day that will do.

    Where others answer on some days, whose a visit is goes by its even place, so that each planner finds the same.
    """
    plan = ground.plans[member_id]
    whole: list[Known] = []
    shared: list[tuple[Known, bool]] = []
    for grid_id, is_own in ground.grids_of.get(member_id, {}).items():
        alone = len(ground.own_days(grid_id, member_id)) == len(ground.days)
        for site in ground.sites.get(grid_id, []):
            known = ground.known(site, plan.began_on)
            if known is not None and alone:
                whole.append(known)
            elif known is not None:
                shared.append((known, is_own))
    found = due_visits(whole, ground.days)
    for known, is_own in shared:
        grid_id = ground.every_site[known.site_id].grid_id
        for due in due_visits([known], ground.days):
            owner = ground.owner(grid_id, due.on, due.earliest, due.due_by)
            if owner == member_id or (owner is None and is_own):
                found.append(due)
    return found


def _new(ground: Ground, plan: MemberPlan, due: DueVisit) -> PlannedVisit:
    site = ground.every_site[due.site_id]
    return PlannedVisit(county=plan.county, id=uuid7(), member_id=plan.member_id, member_user_id=plan.member_user_id,
                        site_id=due.site_id, town=site.town, minutes=due.minutes, reason=due.reason, due_by=due.due_by)  # fmt: skip


def _hours(ground: Ground, draft: Draft) -> dict[date, Hours]:
    """Return the hours of the days with routes on which the member answers for a grid; today's from the last visit made on."""
    plan, home = draft.plan, draft.home
    if home is None:
        return {}
    own = {day for grid in ground.grids_of.get(plan.member_id, {}) for day in ground.own_days(grid, plan.member_id)}
    begins = plan.begins if plan.begins is not None else ground.sessions[0][0]
    ends = plan.ends if plan.ends is not None else ground.sessions[-1][1]
    pauses = tuple((a, b) for (_, a), (b, _) in zip(ground.sessions, ground.sessions[1:], strict=False))
    pauses = tuple((max(a, begins), min(b, ends)) for a, b in pauses if a < ends and b > begins)
    found = {day: Hours(begins, ends, pauses, home) for day in sorted(own) if day <= ground.routed_to}
    last = ground.done_today.get(plan.member_id)
    if ground.today in found and last is not None:
        local = last.at.astimezone(clock.SHANGHAI)
        from_then = max(begins, local.hour * 60 + local.minute + 1)
        found[ground.today] = Hours(from_then, ends, pauses, last.point or home)
    if ground.today in found and found[ground.today].begins >= ends:
        del found[ground.today]
    return found


def _fingerprint(ground: Ground, draft: Draft) -> str:
    """Return a digest of everything that the plan rests on and of what is written of it: equal means nothing to do."""
    facts: list[Any] = [ground.today, draft.plan.mode, draft.home, sorted(draft.hours.items()), len(draft.gone)]
    for due, row in draft.visits:
        site = ground.every_site[due.site_id]
        facts.append((due, *site[site._fields.index("town") :], _kept(row)))
    return sha256(repr(facts).encode()).hexdigest()


def _kept(row: PlannedVisit) -> tuple[Any, ...]:
    return (row.id, str(row.state), row.skips, row.not_before, row.asked_on, *(getattr(row, name) for name in FIELDS))


def routed(ground: Ground, draft: Draft) -> Placed:
    """Find the days' routes, today's not before now."""
    if draft.home is None or not draft.hours:
        return Placed()
    hours = dict(draft.hours)
    now = clock.now().astimezone(clock.SHANGHAI)
    today = hours.get(ground.today)
    if today is not None and now.date() == ground.today:
        begins = max(today.begins, now.hour * 60 + now.minute)
        if begins < today.ends:
            hours[ground.today] = Hours(begins, today.ends, today.breaks, today.start)
        else:
            del hours[ground.today]
    asks = [_ask(ground, draft.home, key, due, row) for key, (due, row) in enumerate(draft.visits)]
    return place(asks, hours, draft.home, draft.plan.mode, seed_of(draft.plan.member_id))


def _ask(ground: Ground, home: Point, key: int, due: DueVisit, row: PlannedVisit) -> Ask:
    site = ground.every_site[due.site_id]
    at, late = ground.point(site, home), max(0, (ground.today - due.due_by).days)
    open_at = spans(site.opening_hours)
    if row.asked_on is not None and row.asked_on >= ground.today:
        return Ask(key, at, due.minutes, row.asked_on, row.asked_on, row.asked_on, 1_500.0, open_at)
    earliest = max(ground.today, due.earliest, row.not_before or due.earliest)
    latest = max(due.due_by, earliest)
    is_kept = row.on is not None and earliest <= row.on <= latest
    on = row.on if is_kept and row.on is not None else min(max(due.on, earliest), latest)
    urgency = min(late, 1_000) + (1_000.0 if due.reason in (DueReason.HAZARD, DueReason.RETRY) else 0.0)
    return Ask(key, at, due.minutes, on, earliest, latest, urgency, open_at)


def _write(ground: Ground, draft: Draft, placed: Placed) -> bool:
    """Write what is other than it was; False where somebody else has written this plan since it was read."""
    plan, before = draft.plan, {row.id: _kept(row) for _, row in draft.visits}
    for key, (due, row) in enumerate(draft.visits):
        _set(ground, draft, row, due, placed, key)
    gone, draft.gone = draft.gone, []
    fingerprint = _fingerprint(ground, draft)
    new = [row for _, row in draft.visits if row._state.adding]
    changed = [row for _, row in draft.visits if not row._state.adding and _kept(row) != before[row.id]]
    with transaction.atomic():
        same = MemberPlan.objects.filter(county=plan.county, id=plan.id, version=plan.version)
        if not same.update(version=F("version") + 1, fingerprint=fingerprint, planned_at=clock.now(),
                           planned_to=ground.routed_to):  # fmt: skip
            return False
        still = PlannedVisit.objects.filter(county=plan.county, state=PlannedState.PLANNED)
        if gone:
            still.filter(id__in=[row.id for row in gone]).update(state=PlannedState.DROPPED, on=None, position=None)
        if changed:
            still.bulk_update(changed, FIELDS, 200)
        PlannedVisit.objects.bulk_create(new, 500)
        _write_days(ground, draft, placed)
    plan.version, plan.fingerprint = plan.version + 1, fingerprint
    return True


def _set(ground: Ground, draft: Draft, row: PlannedVisit, due: DueVisit, placed: Placed, key: int) -> None:
    site = ground.every_site[due.site_id]
    row.grid_id, row.town, row.village = site.grid_id, site.town, site.village
    row.reason, row.minutes, row.due_by = due.reason, due.minutes, due.due_by
    best = _ask(ground, draft.home or (0.0, 0.0), key, due, row).on
    row.on = row.position = row.arrives = row.begins = row.leaves = None
    row.left_out = LeftOut.NONE.value
    if key in placed.calls:
        row.on, row.position, call = placed.calls[key]
        row.arrives, row.begins, row.leaves = int(call.arrives), int(call.begins), int(call.leaves)
        return
    if not draft.hours:
        row.left_out = LeftOut.AWAY.value
    elif best > ground.routed_to:  # listed, without a route yet
        row.on = next((day for day in ground.days if day >= best), best)
    else:
        row.left_out = LeftOut.HOURS.value if due.due_by <= ground.routed_to else LeftOut.LATER.value


def _write_days(ground: Ground, draft: Draft, placed: Placed) -> None:
    plan = draft.plan
    rows = PlannedDay.objects.filter(county=plan.county, member_id=plan.member_id, on__gte=ground.today)
    there = {row.on: row for row in rows}
    new, changed = [], []
    nothing: dict[str, Any] = {"mode": plan.mode, "departs": 0, "returns": 0, "travel_minutes": 0.0,
                               "longitude": 0.0, "latitude": 0.0}  # fmt: skip
    for day in [ground.today + timedelta(days=at) for at in range((ground.routed_to - ground.today).days + 1)]:
        route, row = placed.days.get(day), there.get(day)
        route = route if route is not None and route.calls else None
        start = draft.hours[day].start if route is not None else None
        values = dict(nothing)
        if route is not None and start is not None:
            values |= {"departs": int(route.departs), "returns": int(route.returns),
                       "travel_minutes": round(route.travel, 1), "longitude": start[0], "latitude": start[1]}  # fmt: skip
        if row is None and route is not None:
            new.append(PlannedDay(county=plan.county, member_id=plan.member_id, on=day,
                                  member_user_id=plan.member_user_id, **values))  # fmt: skip
        elif row is not None and any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    PlannedDay.objects.bulk_create(new)
    if changed:
        rows.bulk_update(changed, list(nothing))


def _drop_of_others(county: int, member_ids: Collection[UUID]) -> None:
    """Take back what is planned for members who have left."""
    rows = PlannedVisit.objects.filter(county=county, member_id__in=list(member_ids), state=PlannedState.PLANNED)
    if member_ids:
        rows.update(state=PlannedState.DROPPED, on=None, position=None)
