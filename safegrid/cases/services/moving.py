"""Open cases follow their place into another grid when sites or boundaries change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from uuid import UUID

from django.db import transaction

from safegrid.cases.models import Case, Place
from safegrid.cases.workflow import OPEN
from safegrid.foundation import events, trace
from safegrid.grids import selectors as grids

BATCH = 1000


@transaction.atomic
def follow_sites(county: int, assigned: Mapping[UUID, UUID | None]) -> int:
    """Give the open cases of sites the grid that their site now has; return how many moved. Each is in the trace."""
    moved, sites = 0, iter(assigned)
    while batch := list(islice(sites, BATCH)):
        at_site = Case.objects.filter(county=county, state__in=OPEN, site_id__in=batch)
        found = list(at_site.only("id", "county", "site_id", "grid_id", "reported_at"))
        moved += _move(county, found, [assigned[case.site_id] for case in found])
    return moved


@transaction.atomic
def follow_boundaries(county: int) -> int:
    """Locate the open cases that are points on the map in the grids in force today; return how many moved."""
    moved, last = 0, None
    points = Case.objects.filter(county=county, state__in=OPEN, place_kind=Place.POINT).order_by("id")
    points = points.only("id", "county", "grid_id", "reported_at", "longitude", "latitude")
    while batch := list((points.filter(id__gt=last) if last else points)[:BATCH]):
        last = batch[-1].id
        places = grids.locate(county, [case.longitude for case in batch], [case.latitude for case in batch])
        moved += _move(county, batch, places)
    return moved


def _move(county: int, cases: Sequence[Case], places: Sequence[UUID | None]) -> int:
    """Write the new grids, one statement a grid; neither state nor version changes, for it is nobody's act on the case."""
    by_grid: dict[UUID | None, list[Case]] = defaultdict(list)
    for case, grid_id in zip(cases, places, strict=True):
        if case.grid_id != grid_id:
            by_grid[grid_id].append(case)
    for grid_id, leaving in by_grid.items():
        Case.objects.filter(county=county, id__in=[case.id for case in leaving]).update(grid_id=grid_id)
        trace.save([
            trace.row(acting_user=None, action="cases.move_to_grid", target=case, role="system",
                      changes={"grid_id": [case.grid_id, grid_id]})
            for case in leaving
        ])  # fmt: skip
        events.publish("cases.moved", cases=leaving)
    return sum(map(len, by_grid.values()))
