"""Who answers for which grid on each of several days: what plans for the days to come are made with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from safegrid.grids.models import GridMember, MemberLeave, Posting, PostingRole


def members_by_id(county: int, member_ids: Collection[UUID]) -> dict[UUID, GridMember]:
    """Return members by id, those who left included; unknown ids are left out."""
    rows = GridMember.objects.filter(county=county, id__in=list(member_ids))
    return {row.id: row for row in rows}


def grids_of_members(
    county: int, member_ids: Collection[UUID], first: date, last: date
) -> dict[UUID, dict[UUID, bool]]:
    """Return the grids for which members are posted as primary on some day of a period: member → grid → whether it is the
    member's own (False: only as a substitute). Paused postings and days of leave count: the grid stays the member's."""
    found: dict[UUID, dict[UUID, bool]] = {}
    for row in _primary(county, first, last).filter(member_id__in=list(member_ids)):
        of_member = found.setdefault(row.member_id, {})
        of_member[row.grid_id] = of_member.get(row.grid_id, False) or row.substitute_for_id is None
    return found


def answering_on(county: int, grid_ids: Collection[UUID], days: Sequence[date]) -> dict[tuple[UUID, date], UUID]:
    """Return the member who answers for each grid on each day, by (grid, day), as ``members_answering`` does for one day."""
    if not days or not grid_ids:
        return {}
    rows = _primary(county, min(days), max(days)).filter(grid_id__in=list(grid_ids), paused_since__isnull=True)
    postings = list(rows.order_by("valid_from", "id"))
    away: dict[UUID, list[tuple[date, date]]] = {}
    leaves = MemberLeave.objects.filter(county=county, member_id__in={row.member_id for row in postings},
                                        first_day__lte=max(days), last_day__gte=min(days))  # fmt: skip
    for member_id, begin, end in leaves.values_list("member_id", "first_day", "last_day"):
        away.setdefault(member_id, []).append((begin, end))
    found: dict[tuple[UUID, date], UUID] = {}
    for row in postings:  # a substitute comes last and so wins
        gone = away.get(row.member_id, [])
        for day in days:
            in_force = row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
            if in_force and not any(begin <= day <= end for begin, end in gone):
                found[row.grid_id, day] = row.member_id
    return found


def posted_grids(county: int, member_id: UUID, on: date) -> set[UUID]:
    """Return the grids a member was posted to on a day, as primary, deputy or substitute."""
    rows = Posting.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), county=county, member_id=member_id,
                                  valid_from__lte=on)  # fmt: skip
    return set(rows.values_list("grid_id", flat=True))


def _primary(county: int, first: date, last: date) -> QuerySet[Any]:
    running = Q(valid_to__isnull=True) | Q(valid_to__gte=first)
    return Posting.objects.filter(running, county=county, role=PostingRole.PRIMARY, valid_from__lte=last)
