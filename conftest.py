"""Fixtures of the whole suite. The county guard watches every test that touches the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import settings

from safegrid.foundation import cache, triggers
from safegrid.foundation.keys import CountyGuard
from tests.cast import cast as cast

# What is shown by examples is shown on a busy machine, too: no test fails for its time.
settings.register_profile("safegrid", deadline=None)
settings.load_profile("safegrid")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests marked ``postgres`` to the PostgreSQL half of the suite."""
    if connection.vendor != "postgresql":
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("postgres")])
        items[:] = [item for item in items if not item.get_closest_marker("postgres")]


@pytest.fixture(autouse=True, scope="session")
def _emptying_between_tests() -> Iterator[None]:
    """Let the database be emptied after a transactional test, which the trace refuses."""
    # Of the class: beside a browser's event loop Django hands out another connection than this one.
    operations, vendor = type(connection.ops), connection.vendor
    empty = operations.sql_flush

    def sql_flush(self: Any, *args: Any, **options: Any) -> list[str]:
        return [*triggers.removal(vendor), *empty(self, *args, **options), *triggers.creation(vendor)]

    operations.sql_flush = sql_flush  # type: ignore[method-assign]
    yield
    operations.sql_flush = empty  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def county_guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail SQL on owned tables without a county, unless inside ``cross_county`` (data rule 5)."""
    cache.forget_everything()
    for name in ("transactional_db", "db"):  # prepared and emptied outside the guard
        if name in request.fixturenames:
            request.getfixturevalue(name)
    with ExitStack() as stack:
        for each in connections.all():
            stack.enter_context(each.execute_wrapper(CountyGuard()))
        yield
