"""Finds the contexts' routers."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ninja import Router

# In the order of the documentation. A context without an ``api`` module has nothing to offer here.
CONTEXTS = (
    "accounts", "regions", "files", "notices", "orgs", "sites", "grids", "handbook", "duties", "cases", "patrols",
    "statistics", "planning", "field",
)  # fmt: skip


def routers() -> list[tuple[str, Router]]:
    """Return the ``router`` of every context that has one; a module that exists but does not load stops the start."""
    found = []
    for context in CONTEXTS:
        name = f"safegrid.{context}.api"
        if find_spec(name) is not None:
            found.append((context, import_module(name).router))
    return found
