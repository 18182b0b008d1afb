"""Grids and members over the API."""

from ninja import Router

from safegrid.grids.api import members, places

router = Router()
router.add_router("", places.router)
router.add_router("", members.router)

__all__ = ["router"]
