"""A whole division at once: grids that go on with other borders, new grids, and grids that end, all from one day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from shapely.geometry.base import BaseGeometry

from safegrid.foundation import clock
from safegrid.foundation.bulk import batches
from safegrid.foundation.errors import InvalidInput, NotVisible, Refused
from safegrid.foundation.scope import Actor
from safegrid.grids import access
from safegrid.grids.atlas import ATLAS
from safegrid.grids.models import Grid, GridKind
from safegrid.grids.services.boundaries import Plan, draw_grid, redraw, shut, take_effect
from safegrid.regions.datum import Datum

BATCH = 200


@dataclass(frozen=True)
class DrawnGrid:
    """A grid to be opened; the boundary in WGS 84."""

    code: str
    name: str
    town: str
    village: str
    boundary: BaseGeometry
    kind: str = GridKind.VILLAGE.value
    is_approximate: bool = False


@transaction.atomic
def publish_division(
    *, acting_user: Actor | None, county: int, kept: Mapping[UUID, BaseGeometry], new: Sequence[DrawnGrid],
    closed: Collection[UUID], valid_from: date, source: str, reason: str, is_approximate: bool = False,
) -> dict[str, UUID]:  # fmt: skip
    """Put a division in force from a day on; return the grids opened, by code.

    ``kept`` grids get a new version with the boundary given, ``closed`` ones end the day before with their postings, old
    versions stay. Overlaps are judged as if all of it had happened: a border between two kept grids may move. One
    transaction; grids are read batch by batch. Sites and open cases follow when the day has come (``take_effect``).
    Raises ``NotPermitted``, ``InvalidInput``, ``NotVisible``, ``Refused``.
    """
    access.require_at(acting_user, "publish_division", county)
    if valid_from < clock.today():
        raise InvalidInput({"valid_from": "启用日期不能早于今天"})
    plan = Plan(county)
    plan.looks_for_gaps = False  # gaps are judged on the whole, by whoever planned it
    gone = {*kept, *closed}
    plan.pieces = [piece for piece in plan.pieces if piece.grid_id not in gone]
    for ids in batches(sorted(closed), BATCH):
        for grid in _rows(county, ids):
            shut(acting_user=acting_user, grid=grid, day=valid_from, reason=reason)
    for ids in batches(sorted(kept), BATCH):
        for grid in _rows(county, ids):
            try:
                redraw(plan, acting_user=acting_user, grid=grid, boundary=kept[grid.id], valid_from=valid_from,
                       datum=Datum.WGS84, is_approximate=is_approximate, source=source)  # fmt: skip
            except Refused as error:
                raise Refused(f"{grid.code}：{error.message}") from error
    opened = {}
    for one in new:
        try:
            made, _ = draw_grid(
                plan, acting_user=acting_user, code=one.code, name=one.name, kind=one.kind, town=one.town,
                village=one.village, boundary=one.boundary, valid_from=valid_from, datum=Datum.WGS84,
                is_approximate=one.is_approximate, source=source,
            )  # fmt: skip
        except Refused as error:
            raise Refused(f"{one.code}：{error.message}") from error
        opened[one.code] = made.id
    ATLAS.changed(county)
    take_effect(county, acting_user=acting_user)
    return opened


def _rows(county: int, ids: Collection[UUID]) -> list[Grid]:
    """Return the grids, all of them; ``NotVisible`` where one is not there."""
    rows = list(Grid.objects.filter(county=county, id__in=list(ids)).order_by("code"))
    if len(rows) != len(ids):
        raise NotVisible("要调整的网格已不存在，请重新计算方案")
    return rows
