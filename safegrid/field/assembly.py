"""Finds what the contexts offer to phones: ``FEEDS``, ``TASKS`` and ``OPERATIONS`` of their ``field`` modules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from safegrid.foundation.fieldwork import Feed, Operation, TaskKind

# In the order in which a phone gets their feeds. A context without a ``field`` module has nothing to offer here.
CONTEXTS = ("grids", "sites", "handbook", "patrols", "cases", "notices", "orgs", "duties", "regions", "statistics")


@dataclass(frozen=True)
class Offer:
    """All that contexts offer, by name, in the order found."""

    feeds: dict[str, Feed]
    kinds: dict[str, TaskKind]
    operations: dict[str, Operation]


def collect(modules: Iterable[ModuleType]) -> Offer:
    """Return what ``modules`` offer; raise ``ImproperlyConfigured`` where two of them use one name."""
    offer = Offer({}, {}, {})
    for module in modules:
        for feed in getattr(module, "FEEDS", ()):
            _add(offer.feeds, feed.name, feed, module)
        for kind in getattr(module, "TASKS", ()):
            _add(offer.kinds, kind.kind, kind, module)
        for operation in getattr(module, "OPERATIONS", ()):
            _add(offer.operations, operation.kind, operation, module)
    return offer


def _add(known: dict[str, Any], name: str, thing: Any, module: ModuleType) -> None:
    if name in known:
        raise ImproperlyConfigured(f"{module.__name__} offers {name} a second time")
    known[name] = thing


def modules() -> list[ModuleType]:
    """Return the ``field`` module of every context that has one; a module that exists but does not load stops the start."""
    found = [f"safegrid.{context}.field" for context in CONTEXTS]
    return [import_module(name) for name in ("safegrid.field.own", *found) if find_spec(name) is not None]


@lru_cache(maxsize=1)
def offer() -> Offer:
    """Return what all contexts offer, found once; a name used twice stops the start."""
    return collect(modules())
