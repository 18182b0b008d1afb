"""The contexts whose pages make up the console, in the order of the navigation."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

CONTEXTS = (
    "console.registers", "console.onemap", "cases", "statistics", "patrols", "sites", "dossier", "grids", "planning", "duties",
    "handbook", "orgs", "regions", "console.county", "notices", "accounts", "files",
)  # fmt: skip


def pages() -> list[ModuleType]:
    """Return the ``web`` module of every context that has pages."""
    names = [f"safegrid.{context}.web" for context in CONTEXTS]
    found = [import_module(name) for name in names if _exists(name)]
    return [module for module in found if hasattr(module, "urlpatterns")]


def _exists(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
