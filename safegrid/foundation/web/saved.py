"""Lists as a user named them: address and parameters. Who keeps them says so here; foundation only offers them above the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from safegrid.foundation.scope import Actor

ALL = "view"  # ?view=all: the list as it is, also for whoever has a default view


@dataclass(frozen=True)
class SavedView:
    """One named list of a user. ``query``: what follows "?" in its address."""

    id: UUID
    name: str
    query: str
    is_default: bool


_keepers: list[Callable[[Actor, str], Sequence[SavedView]]] = []


def kept_by(keeper: Callable[[Actor, str], Sequence[SavedView]]) -> None:
    """Register what reads a user's views of the list at a path; the last one counts."""
    _keepers[:] = [keeper]


def views_of(user: Actor, path: str) -> list[SavedView]:
    """Return the user's views of the list at ``path``, in the order of their names."""
    return list(_keepers[0](user, path)) if _keepers else []
