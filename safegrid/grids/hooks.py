"""What grids do when sites change, subscribed in ``wiring.py``; and the notices they send."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse

from safegrid.grids.services import assign_by_location
from safegrid.notices.kinds import register_kind, register_link


def sites_changed(*, county: int, site_ids: Collection[UUID]) -> None:
    """Give new, moved or reclassified sites the grid they stand in."""
    assign_by_location(county, site_ids)


def register_notices() -> None:
    """Name the notices that grids send, and where they lead."""
    register_kind("grids.pause_posting", "网格员暂停上岗", urgent=True)
    register_kind("grids.resume_posting", "网格员恢复上岗")
    register_link("grids.gridmember", lambda county, member: reverse("grids:member", args=[county, member]))
