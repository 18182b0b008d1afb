"""One table of doors: who comes through, who is told what. Contexts append theirs in ``<context>/tests/permissions.py``.

    from tests.permissions.table import Door

    DOORS = [
        Door("GET", "/api/v1/sites/{county}/{site.id}", {"lead_officer": 200, "town_officer": 200, "grid_member": 200}),
        Door("POST", "/api/v1/cases/{county}/{registered_case.id}/dispatch", {"lead_officer": 200, "town_officer": 403},
             body={"department_id": "{fire.id}", "reason": "属消防职责"}, prepare=register_a_case),
        Door("GET", "/sites/{county}/{site.id}/", {"lead_officer": 200}, others=404),
    ]

Words in braces are attributes of the cast (``tests.cast``), or what ``prepare(cast)`` returns by name. Every person of the cast
who is not named gets ``others``: 404 out of scope, as if it did not exist. A second holder of a role (``LIKE``) gets what the
first gets, unless named. Nobody signed in: 401 by the API, 302 by pages.

All people are made and signed in once; each knock at a door is taken back before the next, so everyone finds the same house.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from safegrid.foundation import cache
from tests.cast import PEOPLE, Cast
from tests.doors import Api, signed_in

NOBODY = "nobody"
# Who holds the role of another: at the same place, or at one just as foreign to what the doors are about.
LIKE = {"second_lead_officer": "lead_officer", "other_grid_member": "next_grid_member"}
EVERYONE = (*PEOPLE, *LIKE)


@dataclass(frozen=True)
class Door:
    """One address with one method, and the status each person of the cast is to get there."""

    method: str
    path: str
    statuses: Mapping[str, int]
    others: int = 404
    body: Mapping[str, Any] | list[Any] = field(default_factory=dict)
    prepare: Callable[[Cast], Mapping[str, Any]] | None = None
    files: Mapping[str, bytes] = field(
        default_factory=dict
    )  # field → what is uploaded in it; the body goes along as a form

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def status_for(self, person: str) -> int:
        if person == NOBODY:
            return self.statuses.get(NOBODY, 401 if self.is_api else 302)
        like = LIKE.get(person, person)
        return self.statuses.get(person, self.statuses.get(like, self.others))


class House:
    """The cast with everybody signed in, for many doors in one transaction."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.client = Client()
        self.cookies = {NOBODY: SimpleCookie(), **{one: signed_in(getattr(self.cast, one)).cookies for one in EVERYONE}}
        self.cast.everything()

    def answers(self, door: Door, people: Iterable[str] = (*EVERYONE, NOBODY)) -> dict[str, int]:
        """Return the status that each of ``people`` gets at ``door``."""
        with _taken_back():
            cast = deepcopy(self.cast)  # what is prepared for one door must not be remembered at the next
            names = _Names(cast, door.prepare(cast) if door.prepare else {})
            path, body = door.path.format_map(names), _filled(door.body, names)
            return {person: self._knock(door, path, body, person) for person in people}

    def _knock(self, door: Door, path: str, body: Any, person: str) -> int:
        self.client.cookies = deepcopy(self.cookies[person])
        with _taken_back():
            if door.files:
                sent = {name: SimpleUploadedFile(name, content) for name, content in door.files.items()}
                return self.client.post(path, {**body, **sent}, headers={"Idempotency-Key": "one"}).status_code
            by: Any = Api(self.client) if door.is_api else self.client
            return (by.get(path) if door.method == "GET" else getattr(by, door.method.lower())(path, body)).status_code


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.forget_everything()


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


def every_door() -> list[Door]:
    """Return the doors of all contexts in one list."""
    return [door for table in doors().values() for door in table]
