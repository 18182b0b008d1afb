"""The documentation page shows every operation and loads nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from safegrid.api import docs
from safegrid.api.urls import api
from safegrid.foundation.tests.api_urls import api as small_api

SCHEMA = small_api.get_openapi_schema(path_prefix="api/v1/")


@pytest.mark.django_db
def test_the_page_names_every_operation_and_needs_no_script():
    answer = Client().get("/api/v1/docs")
    assert answer.status_code == 200
    page = answer.content.decode()
    for path, methods in api.get_openapi_schema(path_prefix="api/v1/")["paths"].items():
        for written in methods.values():
            assert f'id="{written["operationId"]}"' in page, path
    assert "<script" not in page
    assert " style=" not in page
    assert "<style" not in page
    assert re.findall(r"https?://", page) == []


def operation(words):
    return next(one for group in docs.groups(SCHEMA).values() for one in group if words in one.id)


def test_an_operation_tells_its_parameters_body_and_answer():
    write = operation("add_day")
    assert (write.method, write.path) == ("POST", "/api/v1/days/{county}")
    assert [(line.name, line.required) for line in write.parameters] == [("county", True), ("Idempotency-Key", True)]
    assert ("day", "date", True) in [(line.name, line.kind, line.required) for line in write.body]
    assert ("id", "uuid") in [(line.name, line.kind) for line in write.answer]
    assert write.statuses == ["201"]


def test_the_items_of_a_page_are_written_out():
    assert "items[].day" in [line.name for line in operation("_days").answer] or "items.day" in [
        line.name for line in operation("_days").answer
    ]


def test_an_upload_is_told_as_a_file():
    assert ("paper", "binary") in [(line.name, line.kind) for line in operation("add_paper").body]
