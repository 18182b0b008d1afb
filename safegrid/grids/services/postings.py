"""Posting members through the gates, ending postings, and what follows: the role, the grants, the pauses."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from safegrid.accounts import selectors as accounts
from safegrid.accounts.services import end_role, grant_role, resume_role, suspend_role
from safegrid.foundation import clock, events, trace
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.models import ScopeGrant
from safegrid.foundation.scope import Actor
from safegrid.grids import access, gates
from safegrid.grids.models import Grid, GridMember, Posting, PostingRole
from safegrid.notices.services import tell

ROLE = "grid_member"


@transaction.atomic
def post_member(
    *, acting_user: Actor | None, member: GridMember, grid: Grid, role: str = PostingRole.PRIMARY,
    valid_from: date | None = None, valid_to: date | None = None,
) -> Posting:  # fmt: skip
    """Post a member to a grid for a period (both days included) through the gates, whose answers the posting keeps.

    From its first day the member holds role ``grid_member`` in the grid's town and sees the grid. Refused: a gate that does
    not open, a second primary in the same days, a member who left, a grid that is closed, posting oneself.
    """
    access.require(acting_user, "post_member", grid)
    if acting_user is not None and acting_user.id == member.user_id:
        raise Refused("不能给自己派驻，请由他人办理")
    day, grid = valid_from or clock.today(), Grid.objects.select_for_update().get(county=grid.county, id=grid.id)
    _check(member, grid, role, day, valid_to)
    results = gates.pass_gates(member, max(day, clock.today()))
    if not gates.is_open(results):
        raise Refused(f"不能上岗——{gates.refusal(results)}")
    return place(acting_user, member, grid, role, day, valid_to, results)


def _check(member: GridMember, grid: Grid, role: str, first: date, last: date | None) -> None:
    if role not in PostingRole.values:
        raise InvalidInput({"role": "请选择主责或协助"})
    if first < clock.today():
        raise InvalidInput({"valid_from": "上岗日期不能早于今天"})
    if last is not None and last < first:
        raise InvalidInput({"valid_to": "结束日期不能早于上岗日期"})
    if member.left_on is not None:
        raise Refused("该网格员已离岗")
    if grid.closed_on is not None:
        raise Refused("该网格已撤销")
    if first < grid.opened_on:
        raise Refused(f"该网格自 {grid.opened_on} 起启用")
    present = Posting.objects.filter(
        overlapping(first, last), county=grid.county, grid=grid, substitute_for__isnull=True
    )
    if present.filter(member=member).exists():
        raise Refused("该网格员在这段时间已派驻到这个网格")
    if role == PostingRole.PRIMARY:
        other = present.filter(role=PostingRole.PRIMARY).select_related("member").first()
        if other is not None:
            raise Refused(f"这段时间该网格的主责网格员是{other.member.name}，请先结束其派驻")


def overlapping(first: date, last: date | None) -> Q:
    """Return the condition "in force on some day of the period" on rows with validity."""
    condition = (Q(valid_to__isnull=True) | Q(valid_to__gte=first)) & lasting()
    return condition & Q(valid_from__lte=last) if last is not None else condition


def lasting() -> Q:
    """Return the condition "was not ended before it began"."""
    return Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))


def place(
    acting_user: Actor | None, member: GridMember, grid: Grid, role: str, first: date, last: date | None,
    results: list[gates.GateResult], substitute_for: Posting | None = None,
) -> Posting:  # fmt: skip
    """Write a posting that was found to be right, with its grant, trace and role."""
    made = Posting(county=grid.county, member=member, grid=grid, role=role, valid_from=first, valid_to=last,
                   substitute_for=substitute_for, gates={one.name: one.kept() for one in results})  # fmt: skip
    made.save(force_insert=True)
    ScopeGrant(county=grid.county, user_id=member.user_id, kind="grid", key=grid.id, source=made.id,
               valid_from=first, valid_to=last).save(force_insert=True)  # fmt: skip
    changes = {"member": member.id, "name": member.name, "grid": grid.code, "role": role, "valid_from": first,
               "valid_to": last, "gates": made.gates, "substitute_for": made.substitute_for_id}  # fmt: skip
    trace.record(acting_user=acting_user, action="grids.post_member", target=grid, changes=changes)
    settle_role(member, results if first <= clock.today() else None)
    answering_changed(member, [grid.id])
    return made


@transaction.atomic
def end_posting(*, acting_user: Actor | None, posting: Posting, on: date | None = None, reason: str) -> Posting:
    """End a posting: ``on`` (today by default) is the first day without it. Its substitutes end with it."""
    access.require(acting_user, "end_posting", posting.grid)
    if not reason.strip():
        raise InvalidInput({"reason": "请填写结束原因"})
    day = on or clock.today()
    if day < clock.today():
        raise InvalidInput({"on": "结束日期不能早于今天"})
    if not finish(acting_user, posting, day, reason):
        raise Refused("这项派驻已经结束")
    settle_role(posting.member)
    ended: Posting = Posting.objects.select_related("member", "grid").get(county=posting.county, id=posting.id)
    return ended


def finish(acting_user: Actor | None, posting: Posting, day: date, reason: str) -> bool:
    """Let a posting, its grant and its substitutes end before ``day``; False where they already do. Roles are not settled."""
    last = day - timedelta(days=1)
    still = Posting.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=last), county=posting.county, id=posting.id
    )
    if not still.update(valid_to=last):
        return False
    ScopeGrant.objects.filter(county=posting.county, kind="grid", source=posting.id).update(valid_to=last)
    trace.record(acting_user=acting_user, action="grids.end_posting", target=posting.grid, changes={
        "member": posting.member_id, "valid_to": [posting.valid_to, last], "reason": reason})  # fmt: skip
    for substitute in substitutes_of(posting):
        if finish(acting_user, substitute, day, reason):
            settle_role(substitute.member)
    answering_changed(posting.member, [posting.grid_id])
    return True


def answering_changed(member: GridMember, grid_ids: Collection[UUID]) -> None:
    """Say that others may answer for grids of a member's than before, now or on days to come."""
    events.publish("grids.answering_changed", county=member.county, grid_ids=list(grid_ids), member_ids=[member.id])


def substitutes_of(posting: Posting) -> list[Posting]:
    rows = Posting.objects.filter(lasting(), county=posting.county, substitute_for=posting)
    return list(rows.select_related("member", "grid"))


def end_postings_of_grid(*, acting_user: Actor | None, grid: Grid, on: date) -> None:
    """End every posting of a grid that closes on a day."""
    rows = Posting.objects.filter(overlapping(on, None), county=grid.county, grid=grid).select_related("member", "grid")
    for posting in rows:
        if finish(acting_user, posting, on, "网格撤销"):
            settle_role(posting.member)


def settle_role(member: GridMember, results: list[gates.GateResult] | None = None) -> None:
    """Bring a member's ``grid_member`` roles and pauses in line with its postings today and with the gates.

    Role: held in each town where a posting is in force, suspended while a gate is shut, ended with the last posting. Done by
    the system, as a consequence of a verb that was permitted, and daily. Safe to repeat.
    """
    today = clock.today()
    rows = Posting.objects.filter(overlapping(today, None), county=member.county, member=member, valid_from__lte=today)
    postings = list(rows.select_related("grid"))
    results = results if results is not None else gates.pass_gates(member, today)
    is_open = gates.is_open(results)
    _settle_pauses(member, postings, results, is_open, today)
    user, towns = accounts.user(member.user_id), {posting.grid.town for posting in postings}
    held = {
        role.place[:9]: role
        for role in accounts.roles_of(user)
        if role.kind == ROLE and role.place.startswith(str(member.county)) and role.valid_from <= today
    }
    for town, role in held.items():
        if town not in towns:
            end_role(acting_user=None, role=role, reason="没有在岗派驻")
        elif is_open and role.suspended:
            resume_role(acting_user=None, role=role, reason="上岗门禁已恢复")
        elif not is_open and not role.suspended:
            suspend_role(acting_user=None, role=role, reason=gates.refusal(results)[:200])
    for town in sorted(towns - set(held)) if is_open else ():
        grant_role(acting_user=None, user=user, kind=ROLE, place=town, valid_from=today, reason="派驻上岗")


def _settle_pauses(
    member: GridMember, postings: list[Posting], results: list[gates.GateResult], is_open: bool, today: date
) -> None:
    """Pause or resume the postings in force, and tell the officers and the member when that changes."""
    changed = [posting for posting in postings if (posting.paused_since is None) != is_open]
    if not changed:
        return
    since = None if is_open else today
    ids = [posting.id for posting in changed]
    answering_changed(member, [posting.grid_id for posting in changed])
    Posting.objects.filter(county=member.county, id__in=ids).update(paused_since=since)
    action = "grids.resume_posting" if is_open else "grids.pause_posting"
    words = "上岗门禁已恢复，派驻恢复" if is_open else f"派驻暂停：{gates.refusal(results)}"
    trace.save([
        trace.row(acting_user=None, action=action, target=posting.grid,
                  changes={"member": member.id, "paused_since": [posting.paused_since, since], "why": words})
        for posting in changed
    ])  # fmt: skip
    grid_names = "、".join(posting.grid.name for posting in changed)
    tell(
        county=member.county,
        recipients={member.user_id, *(one.id for one in officers_above(member))},
        kind=action,
        title=f"网格员{member.name}{'恢复上岗' if is_open else '暂停上岗'}"[:120],
        body=f"{grid_names}：{words}"[:500],
        target=member,
        key=f"{action}:{member.id}:{clock.now():%Y%m%d%H%M%S%f}",
    )


def officers_above(member: GridMember) -> list[Any]:
    """Return the officers of the member's station and of the lead office."""
    return accounts.who_holds(["town_officer", "lead_officer"], county=member.county, town=member.town)
