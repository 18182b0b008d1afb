"""What duties do when sites change; subscribed in ``wiring.py``."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from safegrid.duties.services import rematch


def sites_changed(*, county: int, site_ids: Collection[UUID]) -> None:
    """Match new or reclassified sites with the rules."""
    rematch(county, site_ids)
