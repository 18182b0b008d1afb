"""What stands beside one grid, one member or one site on a page, each read by one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from safegrid.foundation import clock, together
from safegrid.foundation.scope import Actor
from safegrid.grids import gates
from safegrid.grids.access import visible
from safegrid.grids.models import (
    AssignedBy,
    GateEvidence,
    Grid,
    GridMember,
    GridOfficer,
    GridVersion,
    MemberLeave,
    Posting,
    SiteGrid,
)
from safegrid.grids.selectors.places import answering, in_force


@dataclass(frozen=True)
class BesideGrid:
    """Boundaries without their shapes, the latest first; who answers; officers; postings, the primary first; sites by hand."""

    versions: list[GridVersion]
    answering: GridMember | None
    officers: list[GridOfficer]
    postings: list[Posting]
    by_hand: list[SiteGrid]


@dataclass(frozen=True)
class BesideMember:
    """Postings, papers and leaves of a member, the latest first."""

    postings: list[Posting]
    evidence: list[GateEvidence]
    leaves: list[MemberLeave]


@dataclass(frozen=True)
class BesideSite:
    """The grids a site has belonged to, the latest first, and who looks after it in the present one.

    ``seen``: those of the grids whose pages the user may open.
    """

    assignments: list[SiteGrid]
    grid: Grid | None
    answering: GridMember | None
    officers: list[GridOfficer]
    seen: frozenset[UUID]


def beside_grid(grid: Grid) -> BesideGrid:
    """Return what stands beside a grid that the caller has found visible, as of today."""
    here: dict[str, Any] = {"county": grid.county, "grid": grid}
    today = clock.today()
    present = Posting.objects.filter(in_force(today), **here)
    versions, officers, postings, answers, members, by_hand = together.read(
        GridVersion.objects.filter(**here).defer("boundary").order_by("-number"),
        GridOfficer.objects.filter(in_force(today), **here).order_by("kind", "valid_from"),
        present.order_by("valid_from", "id"),
        answering(today).filter(**here).order_by("valid_from", "id"),
        GridMember.objects.filter(county=grid.county, id__in=present.order_by().values("member_id")),
        SiteGrid.objects.filter(assigned_by=AssignedBy.HAND, valid_to__isnull=True, **here).order_by(
            "-valid_from", "-id"
        ),
    )
    _join([*postings, *answers], "member", members)
    first = sorted(postings, key=lambda row: row.role != "primary")
    return BesideGrid(versions, answers[-1].member if answers else None, officers, first, by_hand)


def beside_member(member: GridMember) -> BesideMember:
    """Return what stands beside a member that the caller has found visible; its gates then look at these papers."""
    here: dict[str, Any] = {"county": member.county, "member": member}
    postings, grids, replaced, evidence, leaves, others = together.read(
        Posting.objects.filter(**here).order_by("-valid_from", "-id"),
        Grid.objects.filter(county=member.county, id__in=Posting.objects.filter(**here).order_by().values("grid_id")),
        Posting.objects.filter(
            county=member.county, id__in=Posting.objects.filter(**here).order_by().values("substitute_for_id")
        ),
        GateEvidence.objects.filter(**here).order_by("-issued_on", "-id"),
        MemberLeave.objects.filter(**here).order_by("-first_day", "-id"),
        GridMember.objects.filter(
            county=member.county, id__in=MemberLeave.objects.filter(**here).order_by().values("substitute_id")
        )
        | GridMember.objects.filter(
            county=member.county,
            id__in=Posting.objects.filter(
                county=member.county, id__in=Posting.objects.filter(**here).order_by().values("substitute_for_id")
            )
            .order_by()
            .values("member_id"),
        ),
    )
    _join(replaced, "member", others)
    _join(postings, "grid", grids)
    _join(postings, "substitute_for", replaced)
    _join(leaves, "substitute", others)
    gates.know_papers(member, evidence)
    return BesideMember(
        [row for row in postings if row.valid_to is None or row.valid_to >= row.valid_from],
        evidence,
        [row for row in leaves if row.last_day >= row.first_day],
    )


def beside_site(user: Actor, site: Any) -> BesideSite:
    """Return what the grids know of a site that the caller has found visible; rows that never took effect are left out."""
    here: dict[str, Any] = {"county": site.county, "site_id": site.id}
    today = clock.today()
    answers = answering(today).filter(county=site.county, grid_id=site.grid_id)
    assignments, grids, seen, own, officers, postings, members = together.read(
        SiteGrid.objects.filter(**here).order_by("-valid_from", "-id"),
        Grid.objects.filter(county=site.county, id__in=SiteGrid.objects.filter(**here).order_by().values("grid_id")),
        visible(user)
        .filter(county=site.county, id__in=SiteGrid.objects.filter(**here).order_by().values("grid_id"))
        .only("id"),
        Grid.objects.filter(county=site.county, id=site.grid_id),
        GridOfficer.objects.filter(in_force(today), county=site.county, grid_id=site.grid_id).order_by(
            "kind", "valid_from"
        ),
        answers.order_by("valid_from", "id"),
        GridMember.objects.filter(county=site.county, id__in=answers.order_by().values("member_id")),
    )
    _join(assignments, "grid", grids)
    _join(postings, "member", members)
    kept = [row for row in assignments if row.valid_to is None or row.valid_to >= row.valid_from]
    return BesideSite(
        kept,
        own[0] if own else None,
        postings[-1].member if postings else None,
        officers,
        frozenset(one.pk for one in seen),
    )


def _join(rows: list[Any], name: str, others: list[Any]) -> None:
    """Give each row the other row that its column names, as ``select_related`` would."""
    by_key = {one.pk: one for one in others}
    for row in rows:
        key = getattr(row, f"{name}_id")
        if key is not None:
            setattr(row, name, by_key[key])
