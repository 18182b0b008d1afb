"""Writing the trace: every verb records itself in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models

from safegrid.foundation import bulk, clock
from safegrid.foundation.ids import uuid7
from safegrid.foundation.merkle import leaf_hash
from safegrid.foundation.scope import Actor

if TYPE_CHECKING:
    from safegrid.foundation.models import TraceRow

MANY = 50  # rows from which the fast way of inserting pays
PLATFORM = 100000  # the chain of acts that belong to no county: accounts, reference data, upper levels


@dataclass(frozen=True)
class Circumstances:
    """Where an act came from: the request, the device, the position (longitude, latitude, accuracy in metres)."""

    request_id: str = ""
    device: str = ""
    place: Mapping[str, float] | None = None


_UNKNOWN = Circumstances()
_circumstances: ContextVar[Circumstances] = ContextVar("circumstances", default=_UNKNOWN)


def current() -> Circumstances:
    """Return what is known of where the present act comes from."""
    return _circumstances.get()


@contextmanager
def context(**known: Any) -> Iterator[None]:
    """Add to what the trace rows written inside the block say of their circumstances."""
    token = _circumstances.set(replace(_circumstances.get(), **known))
    try:
        yield
    finally:
        _circumstances.reset(token)


def record(
    *,
    acting_user: Actor | None,
    action: str,
    target: models.Model | None = None,
    county: int | None = None,
    object_type: str = "",
    object_id: UUID | None = None,
    changes: Mapping[str, Any] | None = None,
    role: str = "",
) -> None:
    """Add one row to the trace of ``county`` (by default the target's).

    ``action`` is ``context.verb`` and never changes its name. ``changes`` maps a field to ``[before, after]`` or to what
    was given; it holds no unmasked personal data. ``acting_user`` is None for the system itself.
    """
    save([row(acting_user=acting_user, action=action, target=target, county=county, object_type=object_type,
              object_id=object_id, changes=changes, role=role)])  # fmt: skip


def row(
    *,
    acting_user: Actor | None,
    action: str,
    target: models.Model | None = None,
    county: int | None = None,
    object_type: str = "",
    object_id: UUID | None = None,
    changes: Mapping[str, Any] | None = None,
    role: str = "",
) -> TraceRow:
    """Return a hashed, unsaved trace row, for callers that write many at once with ``save``."""
    from safegrid.foundation.models import TraceRow

    where = _circumstances.get()
    made = TraceRow(
        id=uuid7(),
        county=county or getattr(target, "county", None) or PLATFORM,
        at=clock.now(),
        actor_id=acting_user.id if acting_user else None,
        actor=_text(acting_user.label if acting_user else "系统", 80),
        role=_text(role, 30),
        action=action,
        object_type=object_type or (target._meta.label_lower if target else ""),
        object_id=object_id or (target.pk if target else None),
        changes=plain(changes or {}),
        place=plain(where.place) if where.place else None,
        device=_text(where.device, 200),
        request_id=_text(where.request_id, 100),
    )
    made.row_hash = leaf_hash(hashed_fields(made))
    return made


def save(rows: list[TraceRow]) -> None:
    """Write rows made by ``row``."""
    from safegrid.foundation.models import TraceRow

    if len(rows) < MANY:
        if rows:
            bulk.insert_objects(rows)
        return
    names = [field.name for field in TraceRow._meta.concrete_fields]
    bulk.insert(TraceRow, names, ([getattr(row, name) for name in names] for row in rows))


HASHED = ("id", "county", "at", "actor_id", "actor", "role", "action", "object_type", "object_id", "changes", "place",
          "device", "request_id")  # fmt: skip


def hashed_fields(trace_row: Any) -> dict[str, Any]:
    """Return the fields of a row that its hash covers."""
    return {name: getattr(trace_row, name) for name in HASHED}


def plain(value: Any) -> Any:
    """Return ``value`` as both databases give it back from JSON, so that the hash can be computed again."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is int or kind is bool or value is None:
        return value
    if isinstance(value, Mapping):
        return {_text(str(k)): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(v) for v in value), key=str)
    if isinstance(value, str):
        return _text(str.__str__(value))
    if isinstance(value, float):
        if not isfinite(value):
            return str(value)
        return int(value) if value.is_integer() else value  # jsonb gives whole floats back as integers
    if value is None or isinstance(value, (int, bool)):
        return value
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    return value.isoformat() if hasattr(value, "isoformat") else _text(str(value))


def _text(words: str, longest: int | None = None) -> str:
    """Cut to what the column holds; NUL and lone surrogates, which PostgreSQL refuses, become replacement marks."""
    if not words.isprintable():  # most are, and neither of the two is
        words = words.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return words[:longest]


def rows_about(county: int, object_ids: Iterable[UUID], *, limit: int | None = None) -> list[TraceRow]:
    """Return the acts upon any of the objects in time order; with ``limit``, only the latest so many."""
    from safegrid.foundation.models import TraceRow

    found = TraceRow.objects.filter(county=county, object_id__in=list(object_ids))
    if limit is None:
        return list(found.order_by("at", "id"))
    return list(found.order_by("-at", "-id")[:limit])[::-1]


def latest_about(county: int, object_ids: Any, limit: int) -> models.QuerySet[TraceRow]:
    """Return the query of the latest acts upon any of the objects (ids, or a query of them), the latest first."""
    from safegrid.foundation.models import TraceRow

    return TraceRow.objects.filter(county=county, object_id__in=object_ids).order_by("-at", "-id")[:limit]


def trace_of(target: models.Model, *, limit: int | None = None) -> list[TraceRow]:
    """Return the acts upon one row in time order; with ``limit``, only the latest so many."""
    return rows_about(getattr(target, "county", None) or PLATFORM, [target.pk], limit=limit)
