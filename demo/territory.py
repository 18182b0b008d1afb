"""Opening a county's grids all at once, as the import of existing grids does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from safegrid.grids.atlas import ATLAS
from safegrid.grids.services import take_effect
from safegrid.grids.services.boundaries import Plan, draw_grid
from safegrid.regions.datum import Datum

DEFAULTS: dict[str, Any] = {
    "kind": "village",
    "village": "",
    "valid_from": None,
    "datum": Datum.WGS84,
    "is_approximate": False,
}


@transaction.atomic
def open_grids(county: int, specs: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Open the grids described (the arguments of ``open_grid``) and let them take effect once."""
    plan, drawn = Plan(county), []
    for spec in specs:
        grid, _ = draw_grid(plan, acting_user=None, **{**DEFAULTS, **spec})
        drawn.append(grid)
    ATLAS.changed(county)
    take_effect(county)
    return drawn
