"""Short cuts for the tests of what cases offer to phones: an operation as the engine hands it over, a feed as it reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from safegrid.cases import field
from safegrid.foundation import clock
from safegrid.foundation.fieldwork import Received, Task
from safegrid.foundation.ids import uuid7


def received(at: datetime | None = None) -> Received:
    """Return an operation's circumstances; uploads are the attachments themselves."""
    return Received(uuid7(), uuid7(), at or clock.now(), lambda uploads: list(uploads))


def send(user: Any, county: int, kind: str, payload: dict[str, Any], at: datetime | None = None) -> dict[str, Any]:
    """Carry out one operation as the engine does: payload by its schema, all or nothing."""
    operation = next(one for one in field.OPERATIONS if one.kind == kind)
    with transaction.atomic():
        return operation.run(user, county, operation.schema(**payload), received(at))


def feed(user: Any, county: int, name: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a feed by id."""
    found = next(one for one in field.FEEDS if one.name == name)
    return dict(found.rows(user, county))


def tasks(user: Any, county: int, kind: str) -> list[Task]:
    return list(next(one for one in field.TASKS if one.kind == kind).rows(user, county))


def ids(found: Sequence[UUID]) -> list[str]:
    return [str(one) for one in found]
