"""Every door answers every person of the cast as the table says."""

from __future__ import annotations

import re

import pytest

from safegrid.api.urls import api
from tests.cast import PEOPLE
from tests.permissions.table import NOBODY, Door, doors, rows


@pytest.mark.parametrize(("door", "person"), [pytest.param(d, p, id=f"{d.name} {p}") for d, p in rows()])
def test_the_door_answers_as_the_table_says(cast, door, person):
    assert door.knock(cast, person) == door.status_for(person)


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0])


def test_a_context_with_a_table_leaves_no_operation_of_its_api_out():
    written = {(door.method, _shape(door.path)) for table in doors().values() for door in table}
    tables = doors().keys()
    missing = [
        f"{method.upper()} {path}"
        for path, methods in api.get_openapi_schema(path_prefix="api/v1/")["paths"].items()
        for method, operation in methods.items()
        if operation["tags"][0] in tables and (method.upper(), _shape(path)) not in written
    ]
    assert missing == []


def test_the_table_names_only_people_of_the_cast():
    strangers = {name for table in doors().values() for door in table for name in door.statuses} - {*PEOPLE, NOBODY}
    assert strangers == set()


def test_a_door_of_the_documentation_is_open_to_all(cast):
    door = Door("GET", "/api/v1/openapi.json", {NOBODY: 200}, others=200)
    assert {door.knock(cast, person) for person in ("outsider", NOBODY)} == {200}
