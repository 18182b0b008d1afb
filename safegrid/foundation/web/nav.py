"""Entries of the console's navigation, which every context names for its own pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NavItem:
    """One entry. ``url_name``: of a page without arguments (``sites:list``); ``roles``: kinds that may open it, empty: all.

    ``icon``: an outline icon of Tabler, written out as ``icon="map-pin"`` so that the build puts it into the sprite.
    """

    label: str
    url_name: str
    icon: str
    roles: frozenset[str] = frozenset()
