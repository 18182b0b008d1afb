"""Fixtures of the whole suite. The county guard watches every test that touches the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import connections

from safegrid.foundation.keys import CountyGuard


@pytest.fixture(autouse=True)
def county_guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail SQL on owned tables without a county, unless inside ``cross_county`` (data rule 5)."""
    database = {"db", "transactional_db", "django_db_setup"} & set(request.fixturenames)
    if not database and request.node.get_closest_marker("django_db") is None:
        yield
        return
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(CountyGuard()))
        yield
