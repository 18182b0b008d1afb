"""One table of doors: who comes through, who is told what. Contexts append theirs in ``<context>/tests/permissions.py``.

    from tests.permissions.table import Door

    DOORS = [
        Door("GET", "/api/v1/sites/{county}/{site.id}", {"lead_officer": 200, "town_officer": 200, "grid_member": 200}),
        Door("POST", "/api/v1/cases/{county}/{registered_case.id}/dispatch", {"lead_officer": 200, "town_officer": 403},
             body={"department_id": "{fire.id}", "reason": "属消防职责"}, prepare=register_a_case),
        Door("GET", "/sites/{county}/{site.id}/", {"lead_officer": 200}, others=404),
    ]

Words in braces are attributes of the cast (``tests.cast``), or what ``prepare(cast)`` returns by name. Every person of the cast
who is not named gets ``others``: 404 out of scope, as if it did not exist. Nobody signed in: 401 by the API, 302 by pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from tests.cast import PEOPLE, Cast

NOBODY = "nobody"


@dataclass(frozen=True)
class Door:
    """One address with one method, and the status each person of the cast is to get there."""

    method: str
    path: str
    statuses: Mapping[str, int]
    others: int = 404
    body: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Cast], Mapping[str, Any]] | None = None

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def status_for(self, person: str) -> int:
        if person == NOBODY:
            return self.statuses.get(NOBODY, 401 if self.is_api else 302)
        return self.statuses.get(person, self.others)

    def knock(self, cast: Cast, person: str) -> int:
        """Try the door as ``person``; return the status."""
        names = _Names(cast, self.prepare(cast) if self.prepare else {})
        path, body = self.path.format_map(names), _filled(dict(self.body), names)
        user = None if person == NOBODY else getattr(cast, person)
        if self.is_api:
            api = cast.api(user)
            return (api.get(path) if self.method == "GET" else api.post(path, body)).status_code
        client = cast.client(user)
        return (client.get(path) if self.method == "GET" else client.post(path, body)).status_code


class _Names(dict[str, Any]):
    def __init__(self, cast: Cast, prepared: Mapping[str, Any]) -> None:
        super().__init__(prepared)
        self._cast = cast

    def __missing__(self, name: str) -> Any:
        return getattr(self._cast, name)


def _filled(value: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return value.format_map(names)
    if isinstance(value, dict):
        return {key: _filled(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, names) for one in value]
    return value


def doors() -> dict[str, list[Door]]:
    """Return every context's doors."""
    found = {}
    for context in settings.CONTEXTS:
        name = f"safegrid.{context}.tests.permissions"
        if find_spec(f"safegrid.{context}.tests") is not None and find_spec(name) is not None:
            found[context] = list(import_module(name).DOORS)
    return found


def rows() -> list[tuple[Door, str]]:
    """Return every pair of door and person, nobody included."""
    return [(door, person) for table in doors().values() for door in table for person in (*PEOPLE, NOBODY)]
