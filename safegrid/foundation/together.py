"""Rows of several tables in one statement: what stands beside one row, when each table has but a few of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models

from safegrid.foundation.keys import CountyModel

Owned = TypeVar("Owned", bound=CountyModel)
Rows = dict[type[CountyModel], list[Any]]


def rows_beside(kinds: Sequence[type[CountyModel]], column: str, county: int, key: UUID) -> Rows:
    """Return the rows of each model whose ``column`` is ``key``, by model and by id, all read at once.

    Every row travels as JSON, since the tables have different columns. For tens of rows, not for lists.
    """
    selects, params = [], []
    written = models.UUIDField().get_db_prep_value(key, connection)
    quote = connection.ops.quote_name
    for number, kind in enumerate(kinds):
        one = "row_to_json(t)::text" if connection.vendor == "postgresql" else _object(_fields(kind))
        table = quote(kind._meta.db_table)
        selects.append(f"SELECT {number}, {one} FROM {table} t WHERE t.county = %s AND t.{quote(column)} = %s")  # noqa: S608
        params += [county, written]
    found: Rows = {kind: [] for kind in kinds}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), params)
        for number, text in cursor.fetchall():
            kind = kinds[number]
            found[kind].append(_row(kind, _fields(kind), json.loads(text, parse_float=_as_written)))
    return {kind: sorted(rows, key=lambda row: row.pk) for kind, rows in found.items()}


def read(*querysets: models.QuerySet[Any]) -> list[list[Any]]:
    """Return what each queryset finds, in its order, all read by one statement.

    Scope, order, limits and deferred columns are the querysets' own; ``select_related``, ``values`` and annotations are
    not for here (``ValueError``). Every row travels as JSON: for what one page shows of one thing, not for lists.
    """
    selects: list[str] = []
    params: list[Any] = []
    shapes: dict[int, tuple[type[models.Model], list[Any]]] = {}
    for number, queryset in enumerate(querysets):
        compiler: Any = queryset.query.get_compiler(connection=connection)
        try:
            sql, given = compiler.as_sql()
        except EmptyResultSet:
            continue
        fields = [getattr(expression, "target", None) for expression, _, _ in compiler.select]
        if any(field is None or field.model is not queryset.model for field in fields):
            raise ValueError("only the rows' own columns can be read together")
        one = "row_to_json(t)::text" if connection.vendor == "postgresql" else _object(fields)
        selects.append(f"SELECT {number}, ROW_NUMBER() OVER (), {one} FROM ({sql}) t")  # noqa: S608
        params += given
        shapes[number] = (queryset.model, fields)
    found: list[list[Any]] = [[] for _ in querysets]
    if not selects:
        return found
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), params)
        # A union promises no order: every part numbers its own rows.
        for number, _, text in sorted(cursor.fetchall(), key=lambda row: row[:2]):
            kind, fields = shapes[number]
            found[number].append(_row(kind, fields, json.loads(text, parse_float=_as_written)))
    return found


def _object(fields: Sequence[Any]) -> str:
    """Return SQLite's expression for a row as JSON; its own JSON rounds floating numbers and holds no bytes."""
    parts = []
    for field in fields:
        column = f"t.{connection.ops.quote_name(field.column)}"
        if isinstance(field, models.FloatField):
            column = f"CASE WHEN {column} IS NOT NULL THEN printf('%%!.17g', {column}) END"
        elif isinstance(field, models.BinaryField):
            column = f"CASE WHEN {column} IS NOT NULL THEN hex({column}) END"
        parts.append(f"'{field.column}', {column}")
    return f"json_object({', '.join(parts)})"


def _as_written(number: str) -> Any:
    return Decimal(number)


def _fields(kind: type[models.Model]) -> Sequence[Any]:
    return kind._meta.concrete_fields


def _row(kind: type[models.Model], fields: Sequence[Any], values: dict[str, Any]) -> Any:
    return kind.from_db(
        DEFAULT_DB_ALIAS, [one.attname for one in fields], [_value(one, values[one.column]) for one in fields]
    )


def _value(field: Any, value: Any) -> Any:
    """Return a value of JSON as the column's type."""
    if value is None:
        return None
    if isinstance(field, models.BinaryField):
        return _bytes(field, value)
    if isinstance(field, models.JSONField):
        # SQLite keeps JSON as text; PostgreSQL's comes as what it says.
        return json.loads(value) if connection.vendor == "sqlite" else _plain(value)
    if isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if isinstance(field, models.DecimalField):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-field.decimal_places))
    return (field.target_field if field.is_relation else field).to_python(value)


def _bytes(field: Any, value: str) -> Any:
    """Return a column of bytes, which travels as hexadecimal digits, as the field reads it (sealed text is opened)."""
    stored = bytes.fromhex(value.removeprefix("\\x"))
    opened = getattr(field, "from_db_value", None)
    return opened(stored, None, connection) if opened else stored


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
