"""Exactly one grid for each site on any date: by location, or by hand with a reason; none where grid work does not go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from safegrid.foundation import clock, events, trace
from safegrid.foundation.bulk import batches, insert
from safegrid.foundation.errors import Conflict, InvalidInput, Refused
from safegrid.foundation.ids import uuid7
from safegrid.foundation.scope import Actor
from safegrid.grids import access, selectors
from safegrid.grids.atlas import ATLAS, Atlas
from safegrid.grids.models import AssignedBy, Grid, SiteGrid
from safegrid.sites import selectors as sites
from safegrid.sites.services import set_grids

BATCH = 1000
NAN = float("nan")
COLUMNS = ("id", "county", "site_id", "grid", "assigned_by", "reason", "valid_from")


@dataclass
class Assigned:
    """What an assignment did: sites looked at, given another grid (or none), left as assigned by hand, in no grid."""

    seen: int = 0
    changed: int = 0
    by_hand: int = 0
    outside: int = 0


@transaction.atomic
def assign_by_location(
    county: int,
    site_ids: Collection[UUID] | None = None,
    *,
    acting_user: Actor | None = None,
    atlas: Atlas | None = None,
) -> Assigned:
    """Give the sites named (or all of the county) the grid they stand in today; flat memory.

    A site without coordinates stands in the one grid that covers its village, where there is exactly one. Hand assignments
    stay while their grid is open. Sites supervised directly, closed or moved away have none. Each change is in the trace
    and in ``SiteGrid``; ``grids.sites_assigned`` is published batch by batch. Safe to repeat.
    """
    return _assign(county, sites.positions(county, site_ids=site_ids), acting_user, atlas or ATLAS.get(county))


@transaction.atomic
def assign_around(
    county: int,
    boxes: Sequence[tuple[float, float, float, float]],
    grid_ids: Collection[UUID],
    *,
    acting_user: Actor | None,
    atlas: Atlas,
) -> Assigned:
    """Assign again what stands in one of the boxes (west, south, east, north), what has no coordinates, and what belongs
    to ``grid_ids`` now."""
    done = Assigned()
    for box in boxes:
        _assign(county, sites.positions(county, box=box), acting_user, atlas, done)
    for held in batches(selectors.site_ids_of(county, grid_ids), BATCH):
        _assign(county, sites.positions(county, site_ids=held), acting_user, atlas, done)
    for unplaced in batches(_without_coordinates(county, atlas), BATCH):
        _assign(county, unplaced, acting_user, atlas, done)
    return done


def _without_coordinates(county: int, atlas: Atlas) -> Iterator[Any]:
    return (one for one in sites.positions(county, without_coordinates=True) if one.village)


def _assign(
    county: int, positions: Iterable[Any], acting_user: Actor | None, atlas: Atlas, done: Assigned | None = None
) -> Assigned:
    done = done or Assigned()
    locator, whole = atlas.locator(clock.today()), atlas.whole_villages(clock.today())
    open_grids = set(locator.keys)
    for batch in batches(positions, BATCH):
        places = _places(batch, locator, whole)
        _settle(county, batch, places, open_grids, acting_user, done)
    return done


def _places(batch: list[Any], locator: Any, whole: dict[str, UUID]) -> list[UUID | None]:
    """Return the grid each site stands in; None where it stands in none, or grid work does not go there."""
    longitudes = [NAN if one.longitude is None else one.longitude for one in batch]
    latitudes = [NAN if one.latitude is None else one.latitude for one in batch]
    found: list[UUID | None] = locator.locate(longitudes, latitudes)
    return [
        None if not selectors.needs_grid(one) else whole.get(one.village) if one.longitude is None else place
        for one, place in zip(batch, found, strict=True)
    ]


def _settle(
    county: int,
    batch: list[Any],
    places: list[UUID | None],
    open_grids: set[UUID],
    acting_user: Actor | None,
    done: Assigned,
) -> None:
    present = {row.site_id: row for row in selectors.present_assignments(county, [one.id for one in batch])}
    ended: list[SiteGrid] = []
    began: dict[UUID, UUID | None] = {}
    kept: dict[UUID, UUID | None] = {}
    for one, place in zip(batch, places, strict=True):
        row, needed = present.get(one.id), selectors.needs_grid(one)
        done.seen += 1
        if row is not None and row.assigned_by == AssignedBy.HAND and needed and row.grid_id in open_grids:
            kept[one.id] = row.grid_id
            done.by_hand += 1
            continue
        done.outside += needed and place is None
        kept[one.id] = place
        if (row.grid_id if row else None) != place or (row and row.assigned_by == AssignedBy.HAND):
            ended += [row] if row else []
            began[one.id] = place
    if began:
        _write(county, ended, began, acting_user, assigned_by=AssignedBy.LOCATION)
        done.changed += len(began)
    wrong = {one.id: kept[one.id] for one in batch if one.grid_id != kept[one.id]}
    if wrong:
        set_grids(county, wrong)
    if began:
        events.publish("grids.sites_assigned", county=county, assigned=began)


def _write(
    county: int,
    ended: list[SiteGrid],
    began: dict[UUID, UUID | None],
    acting_user: Actor | None,
    *,
    assigned_by: str,
    reason: str = "",
) -> None:
    """End rows the day before today (a row that began today never was), begin new ones today, trace each site."""
    today = clock.today()
    before = {row.site_id: row.grid_id for row in ended}
    if ended:
        rows = SiteGrid.objects.filter(county=county, id__in=[row.id for row in ended], valid_to__isnull=True)
        if rows.update(valid_to=today - timedelta(days=1)) != len(ended):
            raise Conflict
    made = [
        (uuid7(), county, site, grid, str(assigned_by), reason, today)
        for site, grid in began.items()
        if grid is not None
    ]
    try:
        with transaction.atomic():
            insert(SiteGrid, COLUMNS, made)
    except IntegrityError as error:
        raise Conflict("其他人刚刚调整过这些监管对象的网格，请刷新后再试") from error
    trace.save([
        trace.row(acting_user=acting_user, action="grids.assign_site", county=county, object_type="sites.site",
                  object_id=site, changes={"grid_id": [before.get(site), grid], "by": assigned_by, "reason": reason})
        for site, grid in began.items()
    ])  # fmt: skip


@transaction.atomic
def assign_site_by_hand(*, acting_user: Actor | None, site: Any, grid: Grid, reason: str) -> SiteGrid:
    """Give a site to a grid whatever its position, from today until ``return_to_location``; needs a reason.

    Raises ``InvalidInput``, ``NotPermitted``, ``Refused`` (closed grid, directly supervised or inactive site).
    """
    access.require(acting_user, "assign_site_by_hand", grid)
    access.require_at(acting_user, "assign_site_by_hand", site.county, site.town)
    if not reason.strip():
        raise InvalidInput({"reason": "手工指定网格必须说明理由"})
    if len(reason) > 200:
        raise InvalidInput({"reason": "理由不超过 200 字"})
    if site.county != grid.county:
        raise InvalidInput({"grid": "不能指定外县的网格"})
    now = next(iter(sites.positions(site.county, site_ids=[site.id])))
    if not selectors.needs_grid(now):
        raise Refused("直接监管、已注销或已迁出的监管对象不归任何网格")
    if grid.id not in ATLAS.get(grid.county).locator(clock.today()).keys:
        raise Refused("该网格尚未生效或已撤销")
    present = selectors.present_assignments(site.county, [site.id])
    if present and present[0].grid_id == grid.id and present[0].assigned_by == AssignedBy.HAND:
        raise Refused("该监管对象已手工指定到这个网格")
    began: dict[UUID, UUID | None] = {site.id: grid.id}
    _write(site.county, list(present), began, acting_user, assigned_by=AssignedBy.HAND, reason=reason.strip())
    set_grids(site.county, began)
    events.publish("grids.sites_assigned", county=site.county, assigned=began)
    return SiteGrid.objects.get(county=site.county, site_id=site.id, valid_to__isnull=True)


@transaction.atomic
def return_to_location(*, acting_user: Actor | None, site: Any, reason: str = "") -> UUID | None:
    """Take a hand assignment back: the site goes to the grid it stands in, which is returned."""
    access.require_at(acting_user, "return_to_location", site.county, site.town)
    present = [r for r in selectors.present_assignments(site.county, [site.id]) if r.assigned_by == AssignedBy.HAND]
    if not present:
        raise Refused("该监管对象不是手工指定的")
    place = _places(
        list(sites.positions(site.county, site_ids=[site.id])),
        ATLAS.get(site.county).locator(clock.today()),
        ATLAS.get(site.county).whole_villages(clock.today()),
    )[0]
    began = {site.id: place}
    _write(site.county, present, began, acting_user, assigned_by=AssignedBy.LOCATION, reason=reason.strip()[:200])
    set_grids(site.county, began)
    events.publish("grids.sites_assigned", county=site.county, assigned=began)
    return place
