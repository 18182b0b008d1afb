"""Inserting rows without compiling a statement for each: very many at once, or the few that every verb writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
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


def insert_objects(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model with a statement made once; Django compiles it anew each time, for half a verb's time.

    As ``bulk_create`` without options: values are prepared by their fields, no ``save`` or signals run.
    """
    statement, fields = _statement(type(rows[0]), connection.vendor)
    values = [[_ready(field, getattr(row, field.attname)) for field in fields] for row in rows]
    with connection.cursor() as cursor:
        if len(values) == 1:
            cursor.execute(statement, values[0])
        else:
            cursor.executemany(statement, values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def holds_expressions(row: models.Model) -> bool:
    """Say whether a value of the row is to be worked out by the database."""
    return any(hasattr(getattr(row, field.attname), "resolve_expression") for field in row._meta.concrete_fields)


@lru_cache(maxsize=500)
def _statement(model: type[models.Model], vendor: str) -> tuple[str, tuple[Any, ...]]:
    fields: tuple[Any, ...] = tuple(model._meta.concrete_fields)
    quote = connection.ops.quote_name
    names, holders = ", ".join(quote(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({holders})", fields  # noqa: S608


_AS_THEY_ARE = {str: models.CharField, int: models.IntegerField, float: models.FloatField, bool: models.BooleanField}


def _ready(field: Any, value: Any) -> Any:
    if value is None:
        return field.get_db_prep_save(None, connection) if isinstance(field, models.JSONField) else None
    plain = _AS_THEY_ARE.get(type(value))
    return value if plain is not None and isinstance(field, plain) else field.get_db_prep_save(value, connection)


def _preparer(field: Any) -> Callable[[Any], Any] | None:
    """Return how a field's values are written, None where they go as they are."""
    if isinstance(field, (models.CharField, models.IntegerField, models.FloatField, models.BooleanField)):
        return None
    if connection.vendor == "postgresql" and not isinstance(field, (models.JSONField, models.BinaryField)):
        return None
    if isinstance(field, models.UUIDField):
        return lambda value: value.hex if value is not None else None
    return lambda value: field.get_db_prep_save(value, connection)
