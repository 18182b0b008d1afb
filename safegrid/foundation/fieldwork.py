"""What contexts offer to phones in the field: rows to keep, tasks to do, acts to take back. See ``docs/field.md``.

A context says so in ``<context>/field.py`` by ``FEEDS``, ``TASKS`` and ``OPERATIONS``; the shell ``field`` finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Schema

from safegrid.foundation.scope import Actor


@dataclass(frozen=True)
class Received:
    """What is known of an operation besides its payload.

    ``id`` was made on the phone (UUIDv7) and comes only once; ``happened_at`` is the device's time corrected for its clock's error;
    ``attachments`` turns upload ids of the payload into attachment ids.
    """

    id: UUID
    device_id: UUID
    happened_at: datetime
    attachments: Callable[[Sequence[UUID]], list[UUID]]


def _no_photos(payload: Any) -> Iterable[UUID]:
    return ()


@dataclass(frozen=True)
class Operation:
    """One act that phones send. ``run(user, county, payload, received)`` calls one verb and returns at least ``{"id": …}``.

    ``photos`` names the uploads that must have arrived before. ``run`` raises ``foundation.errors`` as verbs do, inside
    the transaction that also keeps the operation's answer.
    """

    kind: str
    label: str
    schema: type[Schema]
    run: Callable[[Actor, int, Any, Received], dict[str, Any]]
    photos: Callable[[Any], Iterable[UUID]] = _no_photos


@dataclass(frozen=True)
class Feed:
    """Rows that a phone keeps: ``rows(user, county)`` gives (id, row as JSON values) of all that the user sees now."""

    name: str
    rows: Callable[[Actor, int], Iterable[tuple[str, dict[str, Any]]]]


@dataclass(frozen=True)
class Task:
    """One thing to do. ``due_at`` is its limit, ``on`` the day planned; ``urgency``: normal, near or overdue; degrees in WGS 84."""

    id: str
    title: str
    words: str = ""
    site_id: UUID | None = None
    longitude: float | None = None
    latitude: float | None = None
    due_at: datetime | None = None
    on: date | None = None
    is_mandatory: bool = True
    urgency: str = "normal"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskKind:
    """A kind of task; the app opens the screen that it knows for ``kind``, else shows title, words and date."""

    kind: str
    label: str
    rows: Callable[[Actor, int], Iterable[Task]]
