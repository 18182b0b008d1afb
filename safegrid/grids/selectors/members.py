"""Reading members: where they are posted, by which papers, when they are away, and who may give them tasks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.foundation.statements import Prepared
from safegrid.grids import gates
from safegrid.grids.access import visible, visible_members
from safegrid.grids.models import EvidenceKind, GateEvidence, GridMember, MemberLeave, Posting, PostingRole
from safegrid.grids.selectors.places import in_force
from safegrid.orgs import selectors as orgs

EVIDENCE_KINDS: list[tuple[str, str]] = [(kind.value, str(kind.label)) for kind in EvidenceKind]
POSTING_ROLES: list[tuple[str, str]] = [(role.value, str(role.label)) for role in PostingRole]


def member(county: int, member_id: UUID) -> GridMember:
    """Return a member whoever asks; raise ``NotVisible`` when there is none."""
    found: GridMember | None = GridMember.objects.filter(county=county, id=member_id).first()
    if found is None:
        raise NotVisible("没有这名网格员")
    return found


def member_for(user: Actor, county: int, member_id: UUID) -> GridMember:
    """Return a member the user may see; raise ``NotVisible`` otherwise."""
    found: GridMember | None = visible_members(user).filter(county=county, id=member_id).first()
    if found is None:
        raise NotVisible
    return found


def members(user: Actor, *, left: bool = False) -> QuerySet[Any]:
    """Return the members the user sees, those who left only on request."""
    return visible_members(user) if left else visible_members(user).filter(still_here(clock.today()))


def members_at(county: int, town: str = "") -> list[GridMember]:
    """Return the members at work today of a town's station (of the county without one), by code, whoever asks."""
    rows = GridMember.objects.filter(still_here(clock.today()), county=county)
    return list((rows.filter(town=town) if town else rows).order_by("code"))


def still_here(on: date) -> Q:
    return Q(left_on__isnull=True) | Q(left_on__gt=on)


def member_by_code(county: int, code: str) -> GridMember | None:
    found: GridMember | None = GridMember.objects.filter(county=county, code=code).first()
    return found


def member_of(user: Actor) -> GridMember | None:
    """Return the member that an account belongs to, paused or not; None for everybody else and after leaving."""
    counties = {holding.county for holding in user.holdings() if holding.county}
    kept_at = getattr(user, "place", "")
    if len(kept_at) >= 6:
        counties.add(int(kept_at[:6]))
    found: GridMember | None = _MEMBER_OF.one(counties=[*counties], user_id=user.id, on=clock.today())
    return found


_MEMBER_OF = Prepared(
    lambda counties, user_id, on: GridMember.objects.filter(
        still_here(on), county__in=counties, user_id=user_id
    ).order_by("id")
)


def members_by_user(county: int, user_ids: Collection[UUID]) -> dict[UUID, GridMember]:
    """Return the members that accounts belong to, by account."""
    rows = GridMember.objects.filter(county=county, user_id__in=list(user_ids))
    return {row.user_id: row for row in rows}


def may_give_task(member: GridMember, department: Any) -> bool:
    """Say whether a department (``orgs.Department``) is among those permitted to give the member tasks (关系厘清)."""
    return department.county == member.county and department.code in member.task_givers


def members_of_grid(county: int, grid_id: UUID, on: date | None = None) -> list[Posting]:
    """Return the postings of a grid on a day (today) with their members, the primary first; paused ones included."""
    rows = Posting.objects.filter(in_force(on or clock.today()), county=county, grid_id=grid_id)
    return sorted(rows.select_related("member").order_by("valid_from", "id"), key=lambda row: row.role != "primary")


def postings_of(member: GridMember) -> list[Posting]:
    """Return every posting of a member that was, is or will be in force, the latest first."""
    rows = Posting.objects.filter(county=member.county, member=member).select_related("grid", "substitute_for__member")
    return [
        row for row in rows.order_by("-valid_from", "-id") if row.valid_to is None or row.valid_to >= row.valid_from
    ]


def present_postings(county: int, member_ids: Collection[UUID], on: date | None = None) -> dict[UUID, list[Posting]]:
    """Return the postings in force of many members at once, for lists."""
    rows = Posting.objects.filter(in_force(on or clock.today()), county=county, member_id__in=list(member_ids))
    found: dict[UUID, list[Posting]] = {}
    for row in rows.select_related("grid").order_by("valid_from", "id"):
        found.setdefault(row.member_id, []).append(row)
    return found


def posted(on: date) -> Q:
    """Return the condition "posted to some grid on a day" on members."""
    rows = Posting.objects.filter(in_force(on), county=OuterRef("county"), member=OuterRef("pk"))
    return Q(Exists(rows))


def posting_for(user: Actor, county: int, posting_id: UUID) -> Posting:
    """Return one posting of a member the user may see; raise ``NotVisible``."""
    found: Posting = _of_visible_member(user, county, Posting, posting_id, "member", "grid")
    return found


def evidence_for(user: Actor, county: int, evidence_id: UUID) -> GateEvidence:
    """Return one paper of a member the user may see; raise ``NotVisible``."""
    found: GateEvidence = _of_visible_member(user, county, GateEvidence, evidence_id, "member")
    return found


def leave_for(user: Actor, county: int, leave_id: UUID) -> MemberLeave:
    """Return one leave of a member the user may see; raise ``NotVisible``."""
    found: MemberLeave = _of_visible_member(user, county, MemberLeave, leave_id, "member", "substitute")
    return found


def _of_visible_member(user: Actor, county: int, model: Any, row_id: UUID, *related: str) -> Any:
    found = model.objects.filter(county=county, id=row_id).select_related(*related).first()
    if found is None:
        raise NotVisible
    member_for(user, county, found.member_id)
    return found


def evidence_of(member: GridMember) -> list[GateEvidence]:
    """Return the papers of a member, the latest first, revoked and expired ones included."""
    return list(GateEvidence.objects.filter(county=member.county, member=member).order_by("-issued_on", "-id"))


def leaves_of(member: GridMember) -> list[MemberLeave]:
    """Return a member's leaves, the latest first; those taken back before they began are left out."""
    rows = MemberLeave.objects.filter(county=member.county, member=member).select_related("substitute")
    return [row for row in rows.order_by("-first_day") if row.last_day >= row.first_day]


def gate_results(member: GridMember, on: date | None = None) -> list[gates.GateResult]:
    """Return what every gate to a posting says of a member on a day (today)."""
    return gates.pass_gates(member, on or clock.today())


def task_giver_names(member: GridMember) -> list[str]:
    """Return the names of the departments that may give the member tasks; a code no longer known stays as it is."""
    names = {one.code: one.name for one in orgs.departments(member.county, active=False)}
    return [names.get(code, code) for code in member.task_givers]


def own_grids(user: Actor, county: int) -> list[tuple[Any, str]]:
    """Return the grids that a member is posted to today and sees, by code, each with the member's part (primary, deputy)."""
    posting = Posting.objects.filter(in_force(clock.today()), county=county, member__user_id=user.id)
    roles: dict[UUID, str] = {}
    for grid_id, role in (
        posting.filter(member__county=county).order_by("valid_from", "id").values_list("grid_id", "role")
    ):
        roles[grid_id] = PostingRole.PRIMARY if PostingRole.PRIMARY in (role, roles.get(grid_id)) else role
    seen = visible(user).filter(county=county, id__in=roles)
    return [(grid, str(roles[grid.id])) for grid in seen.order_by("code")] if roles else []
