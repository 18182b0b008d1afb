"""Rows of several tables in one statement: what stands beside one row, when each table has but a few of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

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
        one = "row_to_json(t)::text" if connection.vendor == "postgresql" else _object(kind)
        table = quote(kind._meta.db_table)
        selects.append(f"SELECT {number}, {one} FROM {table} t WHERE t.county = %s AND t.{quote(column)} = %s")  # noqa: S608
        params += [county, written]
    found: Rows = {kind: [] for kind in kinds}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), params)
        for number, text in cursor.fetchall():
            kind = kinds[number]
            found[kind].append(_row(kind, json.loads(text, parse_float=_as_written)))
    return {kind: sorted(rows, key=lambda row: row.pk) for kind, rows in found.items()}


def _object(kind: type[CountyModel]) -> str:
    """Return SQLite's expression for a row as JSON; its own JSON rounds floating numbers."""
    parts = []
    fields: Any = kind._meta.concrete_fields
    for field in fields:
        column = f"t.{connection.ops.quote_name(field.column)}"
        exact = f"CASE WHEN {column} IS NOT NULL THEN printf('%%!.17g', {column}) END"
        parts.append(f"'{field.column}', {exact if isinstance(field, models.FloatField) else column}")
    return f"json_object({', '.join(parts)})"


def _as_written(number: str) -> Any:
    return Decimal(number)


def _row(kind: type[CountyModel], values: dict[str, Any]) -> Any:
    fields: Any = kind._meta.concrete_fields
    return kind.from_db(
        DEFAULT_DB_ALIAS, [one.attname for one in fields], [_value(one, values[one.column]) for one in fields]
    )


def _value(field: Any, value: Any) -> Any:
    """Return a value of JSON as the column's type."""
    if value is None:
        return None
    if isinstance(field, models.JSONField):
        # SQLite keeps JSON as text; PostgreSQL's comes as what it says.
        return json.loads(value) if connection.vendor == "sqlite" else _plain(value)
    if isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if isinstance(field, models.DecimalField):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-field.decimal_places))
    return (field.target_field if field.is_relation else field).to_python(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
