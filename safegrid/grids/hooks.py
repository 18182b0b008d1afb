"""What grids do when sites change; subscribed in ``wiring.py``."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from safegrid.grids.services import assign_by_location


def sites_changed(*, county: int, site_ids: Collection[UUID]) -> None:
    """Give new, moved or reclassified sites the grid they stand in."""
    assign_by_location(county, site_ids)
