"""Reading grids: which grid holds a point, who answers for it, and which places nobody answers for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import numpy.typing as npt
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.grids.access import visible
from safegrid.grids.atlas import ATLAS, Piece
from safegrid.grids.models import (
    AssignedBy,
    Grid,
    GridKind,
    GridMember,
    GridOfficer,
    GridVersion,
    MemberLeave,
    OfficerKind,
    Posting,
    PostingRole,
    SiteGrid,
)
from safegrid.sites import access as site_access

IN_GRID_WORK = ("active", "paused")  # a site that paused business stays its grid's: somebody must see it reopen
KINDS: list[tuple[str, str]] = [(kind.value, str(kind.label)) for kind in GridKind]
OFFICER_KINDS: list[tuple[str, str]] = [(kind.value, str(kind.label)) for kind in OfficerKind]


def needs_grid(one: Any) -> bool:
    """Say whether grid work covers a site (a ``Site`` or its ``Position``): active or paused, not supervised directly."""
    return one.status in IN_GRID_WORK and not one.is_directly_supervised


def grid(county: int, grid_id: UUID) -> Grid:
    """Return a grid whoever asks; raise ``NotVisible`` when there is none."""
    found: Grid | None = Grid.objects.filter(county=county, id=grid_id).first()
    if found is None:
        raise NotVisible("没有这个网格")
    return found


def grid_for(user: Actor, county: int, grid_id: UUID) -> Grid:
    """Return a grid the user may see; raise ``NotVisible`` otherwise."""
    found: Grid | None = visible(user).filter(county=county, id=grid_id).first()
    if found is None:
        raise NotVisible
    return found


def grids(user: Actor, *, closed: bool = False) -> QuerySet[Any]:
    """Return the grids the user sees, closed ones only on request."""
    return visible(user) if closed else visible(user).filter(still_open(clock.today()))


def by_code(county: int, code: str) -> Grid | None:
    found: Grid | None = Grid.objects.filter(county=county, code=code).first()
    return found


def open_at(county: int, town: str = "") -> list[Grid]:
    """Return the grids of a town (of the county without one) that are open today or later, by code, whoever asks."""
    rows = Grid.objects.filter(still_open(clock.today()), county=county)
    return list((rows.filter(town=town) if town else rows).order_by("code"))


def counties() -> list[int]:
    """Return the counties that have grids."""
    with cross_county("what is planned for every county"):
        return sorted(set(Grid.objects.filter(still_open(clock.today())).values_list("county", flat=True)))


def codes(county: int, prefix: str = "") -> set[str]:
    """Return every code, beginning so, that was ever given to a grid of a county: none is given again."""
    return set(Grid.objects.filter(county=county, code__startswith=prefix).values_list("code", flat=True))


def names_of(county: int, grid_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of grids by id; unknown ids are left out."""
    wanted = {one for one in grid_ids if one is not None}
    return dict(Grid.objects.filter(county=county, id__in=wanted).values_list("id", "name")) if wanted else {}


def still_open(on: date) -> Q:
    return Q(closed_on__isnull=True) | Q(closed_on__gt=on)


def in_force(on: date) -> Q:
    """Return the condition "valid on a day" on rows with ``valid_from`` and ``valid_to`` (its last day)."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))


# Where


def locate(
    county: int, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike, on: date | None = None
) -> list[UUID | None]:
    """Return for each point (WGS 84 degrees) the grid that holds it on a day (today), None outside all or for NaN."""
    return ATLAS.get(county).locator(on or clock.today()).locate(longitudes, latitudes)


def grid_at(county: int, longitude: float, latitude: float, on: date | None = None) -> UUID | None:
    """Return the grid that holds one point on a day (today)."""
    return locate(county, [longitude], [latitude], on)[0]


def pieces(county: int, on: date | None = None) -> list[Piece]:
    """Return the boundaries of a county in force on a day (today), by code."""
    return ATLAS.get(county).on(on or clock.today())


def versions(grid: Grid) -> list[GridVersion]:
    """Return every boundary a grid has had or will have, the latest first, without the shapes themselves."""
    return list(grid.versions.defer("boundary").order_by("-number"))


def version_for(user: Actor, county: int, version_id: UUID) -> GridVersion:
    """Return one boundary of a grid the user may see; raise ``NotVisible``."""
    found: GridVersion | None = GridVersion.objects.filter(county=county, id=version_id).select_related("grid").first()
    if found is None:
        raise NotVisible
    grid_for(user, county, found.grid_id)
    return found


def approximate(county: int, version_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some boundaries that were never surveyed."""
    rows = GridVersion.objects.filter(county=county, id__in=list(version_ids), is_approximate=True)
    return set(rows.values_list("id", flat=True))


# Whose sites


def site_ids_of(county: int, grid_ids: Collection[UUID]) -> Iterator[UUID]:
    """Yield the sites that belong to grids now."""
    ids = list(grid_ids)
    for start in range(0, len(ids), 200):
        rows = SiteGrid.objects.filter(county=county, grid_id__in=ids[start : start + 200], valid_to__isnull=True)
        yield from list(rows.values_list("site_id", flat=True))


def present_assignments(county: int, site_ids: Sequence[UUID]) -> list[SiteGrid]:
    """Return the open assignments of sites (at most 1,000 at once)."""
    return list(SiteGrid.objects.filter(county=county, site_id__in=site_ids, valid_to__isnull=True))


def assignments_of_site(county: int, site_id: UUID) -> list[SiteGrid]:
    """Return which grids a site has belonged to, the latest first; rows that never took effect are left out."""
    rows = SiteGrid.objects.filter(county=county, site_id=site_id).select_related("grid").order_by("-valid_from", "-id")
    return [row for row in rows if row.valid_to is None or row.valid_to >= row.valid_from]


def grid_of_site(county: int, site_id: UUID, on: date | None = None) -> UUID | None:
    """Return the grid a site belonged to on a day (today)."""
    rows = SiteGrid.objects.filter(in_force(on or clock.today()), county=county, site_id=site_id)
    found: UUID | None = rows.values_list("grid_id", flat=True).first()
    return found


def site_counts(county: int, grid_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many sites belong to each grid now."""
    rows = SiteGrid.objects.filter(county=county, grid_id__in=list(grid_ids), valid_to__isnull=True)
    return dict(rows.values_list("grid_id").annotate(n=Count("id")))


def assigned_by_hand(county: int, grid_id: UUID) -> list[SiteGrid]:
    """Return the hand assignments to a grid in force: they stay when boundaries move, so somebody must look at them."""
    return list(
        SiteGrid.objects.filter(
            county=county, grid_id=grid_id, assigned_by=AssignedBy.HAND, valid_to__isnull=True
        ).order_by("-valid_from")
    )


def sites_without_grid(user: Actor) -> QuerySet[Any]:
    """Return the sites the user sees that grid work should cover and no grid holds."""
    rows = site_access.visible(user)
    return rows.filter(grid_id__isnull=True, is_directly_supervised=False, status__in=IN_GRID_WORK)


# Who


def answering(on: date) -> QuerySet[Any]:
    """Return the postings that answer for their grid on a day: primary, not paused, the member not on leave."""
    away = MemberLeave.objects.filter(
        county=OuterRef("county"), member=OuterRef("member"), first_day__lte=on, last_day__gte=on
    )
    return Posting.objects.filter(in_force(on), ~Exists(away), role=PostingRole.PRIMARY, paused_since__isnull=True)


def members_answering(county: int, grid_ids: Collection[UUID], on: date | None = None) -> dict[UUID, GridMember]:
    """Return who answers for each grid on a day: the primary member, or the substitute during leave."""
    rows = answering(on or clock.today()).filter(county=county, grid_id__in=list(grid_ids)).select_related("member")
    # a substitute comes last and so wins over nobody: the one replaced is on leave and not among the rows
    return {row.grid_id: row.member for row in rows.order_by("valid_from", "id")}


def member_answering(county: int, grid_id: UUID, on: date | None = None) -> GridMember | None:
    """Return who answers for a grid on a day; None where nobody does."""
    return members_answering(county, [grid_id], on).get(grid_id)


def officers_of(county: int, grid_ids: Collection[UUID], on: date | None = None) -> list[GridOfficer]:
    """Return the officers of grids on a day."""
    rows = GridOfficer.objects.filter(in_force(on or clock.today()), county=county, grid_id__in=list(grid_ids))
    return list(rows.order_by("kind", "valid_from"))


def officer_for(user: Actor, county: int, officer_id: UUID) -> GridOfficer:
    """Return one named officer of a grid the user may see; raise ``NotVisible``."""
    found: GridOfficer | None = GridOfficer.objects.filter(county=county, id=officer_id).select_related("grid").first()
    if found is None:
        raise NotVisible
    grid_for(user, county, found.grid_id)
    return found


def without_member(on: date) -> Q:
    """Return the condition "nobody answers for it" on grids."""
    return Q(~Exists(answering(on).filter(county=OuterRef("county"), grid=OuterRef("pk"))))


def lacking_officers(on: date) -> Q:
    """Return the condition "lacks either officer" on grids."""
    lacking = Q()
    for kind in OfficerKind:
        named = GridOfficer.objects.filter(in_force(on), county=OuterRef("county"), grid=OuterRef("pk"), kind=kind)
        lacking |= Q(~Exists(named))
    return lacking


def grids_without_member(user: Actor) -> QuerySet[Any]:
    """Return the open grids the user sees for which nobody answers today."""
    return grids(user).filter(without_member(clock.today()))


def grids_lacking_officers(user: Actor) -> QuerySet[Any]:
    """Return the open grids the user sees that lack the responsible officer or the contact today."""
    return grids(user).filter(lacking_officers(clock.today()))
