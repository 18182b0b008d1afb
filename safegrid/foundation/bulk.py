"""Inserting very many rows: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models

T = TypeVar("T")


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield ``rows`` in lists of at most ``size``."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert ``rows``, each giving the values of ``columns`` (field names) in order; every other column needs a default.

    About ten times as fast as ``bulk_create``. No defaults, ``save`` or signals of the model run: the caller gives the id, too.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    prepare = [_preparer(field) for field in fields]
    ready = ([p(v) if p else v for p, v in zip(prepare, row, strict=True)] for row in rows)
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in ready:
                    copy.write_row(row)
        else:
            holders = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {table} ({names}) VALUES ({holders})"  # noqa: S608  (names come from the model)
            cursor.executemany(statement, ready)  # type: ignore[arg-type]  # one row at a time, in flat memory


def _preparer(field: Any) -> Callable[[Any], Any] | None:
    """Return how a field's values are written, None where they go as they are."""
    if isinstance(field, (models.CharField, models.IntegerField, models.FloatField, models.BooleanField)):
        return None
    if connection.vendor == "postgresql" and not isinstance(field, (models.JSONField, models.BinaryField)):
        return None
    if isinstance(field, models.UUIDField):
        return lambda value: value.hex if value is not None else None
    return lambda value: field.get_db_prep_save(value, connection)
