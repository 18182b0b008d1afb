"""Statements that every verb sends, compiled once: Django compiles each anew, which takes ten times what the database does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import count
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import Col
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable, get_related_populators

from safegrid.foundation.bulk import ADAPTED, Column, columns_of
from safegrid.foundation.cursors import prepared_cursor

KEPT = 1_000  # compiled forms of one statement: one for each combination of what is not a value
# Stand-ins for the values while a statement is compiled; nobody else uses them.
_SAMPLES: dict[type, Callable[[int], Any]] = {
    int: lambda number: 1_973_000_000 + number,
    str: lambda number: f"\x1asample-{number}",
    UUID: lambda number: UUID(int=0x5AFE6C1D << 96 | number),
    date: lambda number: date(9001, 1, 1) + timedelta(days=number),
    datetime: lambda number: datetime(9001, 1, 1, 1, 23, 45, 678901, UTC) + timedelta(hours=number),
}


class Prepared:
    """A reading of the database whose SQL is made once.

    ``make(*fixed, **values)`` returns the queryset: of rows, or of ``values_list``. Calling returns the list of what it
    finds. ``fixed`` arguments are hashable and part of the statement: ``make`` must build the queryset from its arguments
    alone. ``values`` are int, str, UUID, date, aware datetime, None or lists of these, and may differ each time. A value has
    to reach the database as it is: ``make`` compares columns with it, nothing more (else ``ValueError`` on first use).
    """

    def __init__(self, make: Callable[..., models.QuerySet[Any]]) -> None:
        self._make = make
        self._compiled = lru_cache(maxsize=KEPT)(self._compile)

    def __call__(self, *fixed: Any, **values: Any) -> list[Any]:
        shapes = tuple([(name, _shape(value)) for name, value in values.items()])
        statement = self._compiled(connection.vendor, fixed, shapes)
        return statement.read(values) if statement is not None else []

    def one(self, *fixed: Any, **values: Any) -> Any:
        """Return the first of what it finds; None where it finds nothing."""
        found = self(*fixed, **values)
        return found[0] if found else None

    def _compile(self, vendor: str, fixed: tuple[Any, ...], shapes: tuple[tuple[str, Any], ...]) -> _Statement | None:
        numbers = count()
        samples = {name: _sample(shape, numbers) for name, shape in shapes}
        queryset = self._make(*fixed, **samples)
        try:
            return _Statement.of(queryset, samples)
        except EmptyResultSet:
            return None


@dataclass
class _Statement:
    """SQL with its parameters; ``slots`` says at which places which value goes (of a list: which item), made what."""

    sql: str
    params: list[Any]
    slots: list[tuple[int, str, int | None, Callable[[Any], Any] | None]]
    readers: list[tuple[int, Callable[[Any], Any]]]
    shape: Callable[[Any], Any]

    @classmethod
    def of(cls, queryset: models.QuerySet[Any], samples: Mapping[str, Any]) -> _Statement:
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        places: dict[Any, tuple[str, int | None, Callable[[Any], Any] | None]] = {}
        for name, sample in samples.items():
            for index, one in enumerate(sample) if isinstance(sample, list) else [(None, sample)]:
                adapt = ADAPTED[connection.vendor].get(type(one))
                places[adapt(one) if adapt else one] = (name, index, adapt)
        places.pop(None, None)
        slots = []
        for at, param in enumerate(params):
            if isinstance(param, tuple(_SAMPLES)) and param in places:
                name, index, adapt = places[param]
                # PostgreSQL's integers are numbers of the column's own type.
                slots.append((at, name, index, type(param) if isinstance(param, int) else adapt))
        if {slot[1:3] for slot in slots} != {place[:2] for place in places.values()}:
            raise ValueError(f"a value does not reach the statement as it is: {sql}")
        readers = [(at, _reader(column[0])) for at, column in enumerate(compiler.select[: compiler.col_count])]
        known = [(at, reader) for at, reader in readers if reader is not None]
        return cls(sql, list(params), slots, known, _shaper(queryset, compiler))

    def read(self, values: Mapping[str, Any]) -> list[Any]:
        params = self.params.copy()
        for at, name, index, adapt in self.slots:
            value = values[name] if index is None else values[name][index]
            params[at] = adapt(value) if adapt else value
        with prepared_cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        return [self.shape(self._read(row)) for row in rows]

    def _read(self, row: Any) -> Any:
        if not self.readers:
            return row
        read = [*row]
        for at, reader in self.readers:
            read[at] = reader(read[at])
        return read


def _shaper(queryset: Any, compiler: Any) -> Callable[[Any], Any]:
    """Return what makes of a row of the database what the queryset would give."""
    kind = queryset._iterable_class
    if kind is ValuesListIterable:
        return tuple
    if kind is FlatValuesListIterable:
        return lambda row: row[0]
    if kind is not ModelIterable or compiler.annotation_col_map or queryset._prefetch_related_lookups:
        raise TypeError("a prepared statement reads rows or values_list")
    model, places = queryset.model, compiler.klass_info["select_fields"]
    start, end = places[0], places[-1] + 1
    names = [column[0].target.attname for column in compiler.select[start:end]]
    related = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)

    def row_of(row: Any) -> Any:
        found = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
        for populator in related:
            populator.populate(row, found)
        return found

    return row_of


def _reader(expression: Any) -> Callable[[Any], Any] | None:
    """Return what makes of a value of the database one of Python's; None where nothing has to be done."""
    of_database = connection.ops.get_db_converters(expression)
    of_field = expression.get_db_converters(connection)
    quick = _QUICK.get(expression.output_field.get_internal_type()) if isinstance(expression, Col) else None
    if connection.vendor == "sqlite" and quick is not None and not of_field:
        return quick
    # Not kept: the connection that they belong to, which is another in each thread.
    names = [converter.__name__ for converter in of_database]

    def read(value: Any) -> Any:
        for name in names:
            value = getattr(connection.ops, name)(value, expression, connection)
        for converter in of_field:
            value = converter(value, expression, connection)
        return value

    return read if names or of_field else None


# SQLite's columns, read by the shortest way.
_QUICK: dict[str, Callable[[Any], Any]] = {
    "UUIDField": lambda text: UUID(text) if text is not None else None,
    "DateTimeField": lambda naive: naive.replace(tzinfo=UTC) if naive is not None else None,
}


def _shape(value: Any) -> Any:
    if isinstance(value, list):
        return (type(value[0]), len(value)) if value else (None, 0)
    return type(value) if value is not None else None


def _sample(shape: Any, numbers: count[int]) -> Any:
    if shape is None:
        return None
    if isinstance(shape, tuple):
        return [_SAMPLES[shape[0]](next(numbers)) for _ in range(shape[1])]
    return _SAMPLES[shape](next(numbers))


def update(model: type[models.Model], where: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Write ``values`` into the rows whose columns equal ``where`` and return how many there were.

    As ``filter(**where).update(**values)`` with plain values on both sides. Among ``where`` no value may be None.
    """
    if any(value is None for value in where.values()):
        raise ValueError("nothing equals NULL")
    if any(isinstance(value, models.Model) or hasattr(value, "resolve_expression") for value in values.values()):
        return int(model._default_manager.filter(**where).update(**values))
    sql, columns = _update(model, connection.vendor, (*values,), (*where,))
    given = (*values.values(), *where.values())
    with prepared_cursor() as cursor:
        cursor.execute(sql, [column.ready(value) for column, value in zip(columns, given, strict=True)])
        return int(cursor.rowcount)


@lru_cache(maxsize=2_000)
def _update(
    model: type[models.Model], vendor: str, written: tuple[str, ...], where: tuple[str, ...]
) -> tuple[str, list[Column]]:
    known = columns_of(model, vendor)
    by_name = {name: column for column in known for name in (column.field.name, column.field.attname)}
    table = connection.ops.quote_name(model._meta.db_table)
    setting = ", ".join(f"{by_name[name].quoted} = %s" for name in written)
    matching = " AND ".join(f"{table}.{by_name[name].quoted} = %s" for name in where)
    sql = f"UPDATE {table} SET {setting} WHERE {matching}"  # noqa: S608  (names come from the model)
    return sql, [by_name[name] for name in (*written, *where)]
