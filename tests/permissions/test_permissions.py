"""Every door answers every person of the cast as the table says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from safegrid.api.urls import api
from tests.permissions.table import EVERYONE, NOBODY, Door, House, doors, every_door


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    """One house for all doors: the people cost more than all their knocks at one of them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield House()
        transaction.set_rollback(True)


@pytest.mark.parametrize("door", [pytest.param(door, id=door.name) for door in every_door()])
def test_the_door_answers_everybody_as_the_table_says(db, house, door):
    answers = house.answers(door)
    assert answers.keys() == {*EVERYONE, NOBODY}
    wrong = [
        f"{person}: expected {door.status_for(person)}, got {status}"
        for person, status in answers.items()
        if status != door.status_for(person)
    ]
    assert not wrong, "\n".join([door.name, *wrong])


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0])


def test_a_context_with_a_table_leaves_no_operation_of_its_api_out():
    written = {(door.method, _shape(door.path)) for door in every_door()}
    tables = doors().keys()
    missing = [
        f"{method.upper()} {path}"
        for path, methods in api.get_openapi_schema(path_prefix="api/v1/")["paths"].items()
        for method, operation in methods.items()
        if operation["tags"][0] in tables and (method.upper(), _shape(path)) not in written
    ]
    assert missing == []


def test_the_table_names_only_people_of_the_cast():
    strangers = {name for door in every_door() for name in door.statuses} - {*EVERYONE, NOBODY}
    assert strangers == set()


def test_a_door_of_the_documentation_is_open_to_all(db, house):
    answers = house.answers(Door("GET", "/api/v1/openapi.json", {}), ("outsider", NOBODY))
    assert answers == {"outsider": 200, NOBODY: 200}
