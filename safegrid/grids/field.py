"""What grids offer to phones: a member's own grids with their boundaries and officers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import shapely

from safegrid.foundation import clock
from safegrid.foundation.crypto import mask_mobile
from safegrid.foundation.fieldwork import Feed
from safegrid.foundation.scope import Actor, held
from safegrid.grids import selectors
from safegrid.regions import selectors as regions

WITHIN = 5.0 / 111_320  # degrees: five metres along a meridian, less along a parallel
DIGITS = 1e-6  # a tenth of a metre


def grids(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``grids``: boundaries simplified to within five metres; an official's own phone is masked."""
    if not held(user, "grid_member"):
        return []
    own = selectors.own_grids(user, county)
    if not own:
        return []
    found = [grid for grid, _ in own]
    pieces = {piece.grid_id: piece for piece in selectors.pieces(county) if piece.grid_id in {one.id for one in found}}
    officers = _officers(county, [one.id for one in found])
    versions = selectors.approximate(county, [piece.version_id for piece in pieces.values()])
    places = {one.town for one in found} | {code for piece in pieces.values() for code in piece.villages}
    names = regions.names_of({code for code in places if code})
    return [
        (str(grid.id), {
            "code": grid.code, "name": grid.name, "kind": grid.kind, "town": grid.town,
            "town_name": names.get(grid.town, grid.town),
            "village_names": _villages(grid, pieces.get(grid.id), names),
            "boundary": _boundary(pieces.get(grid.id)),
            "is_approximate": grid.id in pieces and pieces[grid.id].version_id in versions,
            "role": role, "officers": officers.get(grid.id, []),
        })
        for grid, role in own
    ]  # fmt: skip


def _villages(grid: Any, piece: Any, names: dict[str, str]) -> list[str]:
    codes = piece.villages if piece is not None and piece.villages else [grid.village] if grid.village else []
    return [names.get(code, code) for code in codes]


def _boundary(piece: Any) -> dict[str, Any] | None:
    """Return the present boundary as GeoJSON; None for a grid whose boundary is not in force yet."""
    if piece is None:
        return None
    area = shapely.simplify(piece.area, WITHIN, preserve_topology=True)
    rounded = shapely.set_precision(area, DIGITS)
    return dict(json.loads(shapely.to_geojson(rounded)))


def _officers(county: int, grid_ids: list[UUID]) -> dict[UUID, list[dict[str, str]]]:
    labels = dict(selectors.OFFICER_KINDS)
    found: dict[UUID, list[dict[str, str]]] = {}
    for one in selectors.officers_of(county, grid_ids, clock.today()):
        told = {"kind": one.kind, "label": labels[one.kind], "name": one.name, "title": one.title,
                "phone": mask_mobile(one.phone)}  # fmt: skip
        found.setdefault(one.grid_id, []).append(told)
    return found


OPERATIONS = ()
TASKS = ()
FEEDS = (Feed("grids", grids),)
