"""Pages of a long list by key instead of by number: as fast at the end as at the beginning, and never counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import F, Model, Q, QuerySet

from safegrid.foundation.errors import InvalidInput

SALT = "safegrid.keyset"
_READERS: dict[str, Callable[[str], Any]] = {"u": UUID, "t": datetime.fromisoformat, "d": date.fromisoformat}
Row = TypeVar("Row")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """Some rows of a list, with the cursors of the neighbouring pages ("" where there is none)."""

    items: list[Row]
    next: str = ""
    previous: str = ""

    def of(self, make: Callable[[Row], Other]) -> Slice[Other]:
        """Return the same page with every row turned into something else."""
        return Slice([make(row) for row in self.items], self.next, self.previous)


@dataclass(frozen=True)
class _Key:
    name: str
    descending: bool
    nullable: bool

    def ordering(self, *, backwards: bool) -> Any:
        descending = self.descending != backwards
        if not self.nullable:
            return f"-{self.name}" if descending else self.name
        # Databases disagree on where empty values stand: here always at the end.
        places = {"nulls_first": True} if backwards else {"nulls_last": True}
        return F(self.name).desc(**places) if descending else F(self.name).asc(**places)

    def after(self, value: Any, *, backwards: bool) -> Q:
        """Return the condition "strictly after ``value`` in the order read"."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if backwards else Q(pk__in=[])
        beyond = Q(**{f"{self.name}__{'lt' if self.descending != backwards else 'gt'}": value})
        if self.nullable and not backwards:
            beyond |= Q(**{f"{self.name}__isnull": True})
        return beyond

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


def read_slice(queryset: QuerySet[Any, Any], *, order: Sequence[str], limit: int, cursor: str = "") -> Slice[Any]:
    """Return the page of ``limit`` rows that ``cursor`` points to, the first one without a cursor.

    ``order``: field names, "-" for descending; together they must be unique (end with ``id``) and should have an index that
    begins with county. Raises ``InvalidInput`` for a cursor that is altered or belongs to another order.
    """
    keys = _keys(queryset.model, order)
    backwards, values = _read(cursor, order)
    if values is not None:
        queryset = queryset.filter(_beyond(keys, values, backwards=backwards))
    ordered = queryset.order_by(*[key.ordering(backwards=backwards) for key in keys])
    rows = list(ordered[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next = backwards or more
    has_previous = more if backwards else values is not None
    return Slice(
        rows,
        _write(rows[-1], order, keys, backwards=False) if rows and has_next else "",
        _write(rows[0], order, keys, backwards=True) if rows and has_previous else "",
    )


def _beyond(keys: Sequence[_Key], values: Sequence[Any], *, backwards: bool) -> Q:
    condition = Q(pk__in=[])
    for key, value in reversed(list(zip(keys, values, strict=True))):
        after = key.after(value, backwards=backwards)
        condition = after | (key.same(value) & condition) if condition != Q(pk__in=[]) else after
    first, value = keys[0], values[0]
    if value is not None and not first.nullable:
        # Says nothing new, but lets the database start in the middle of the index.
        descending = first.descending != backwards
        condition = Q(**{f"{first.name}__{'lte' if descending else 'gte'}": value}) & condition
    return condition


def _keys(model: type[Model], order: Sequence[str]) -> list[_Key]:
    names = [name.removeprefix("-") for name in order]
    return [
        _Key(name, written.startswith("-"), bool(getattr(model._meta.get_field(name), "null", False)))
        for name, written in zip(names, order, strict=True)
    ]


def _write(row: Any, order: Sequence[str], keys: Sequence[_Key], *, backwards: bool) -> str:
    values = [_packed(getattr(row, key.name)) for key in keys]
    return signing.dumps([",".join(order), int(backwards), values], salt=SALT, compress=False)


def _read(cursor: str, order: Sequence[str]) -> tuple[bool, list[Any] | None]:
    if not cursor:
        return False, None
    try:
        written_for, backwards, values = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidInput({"cursor": "翻页标记无效，请从第一页重新打开"}) from error
    if written_for != ",".join(order):
        raise InvalidInput({"cursor": "翻页标记与排序方式不符，请从第一页重新打开"})
    return bool(backwards), [_unpacked(value) for value in values]


def _packed(value: Any) -> Any:
    if isinstance(value, UUID):
        return ["u", value.hex]
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    return value


def _unpacked(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, text = value
    return _READERS[kind](text)
