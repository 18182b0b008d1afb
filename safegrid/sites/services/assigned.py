"""The two denormalised columns of a site that contexts above keep: its grid and its department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from safegrid.foundation import events
from safegrid.sites.models import Site

BATCH = 1000
Wanted = dict[UUID, UUID | None]
_waiting: ContextVar[tuple[int, dict[str, Wanted]] | None] = ContextVar("columns_waiting", default=None)


def set_grids(county: int, grids: Mapping[UUID, UUID | None]) -> int:
    """Write the present grid of each site where it differs; return how many rows changed. Called by grids only.

    Inside ``written_together`` it is written at the block's end, and nothing has changed yet.
    """
    return _set(county, "grid_id", grids)


def set_departments(county: int, departments: Mapping[UUID, UUID | None]) -> int:
    """Write the responsible department of each site where it differs; as ``set_grids``. For duties only."""
    return _set(county, "department_id", departments)


@contextmanager
def written_together(county: int) -> Iterator[None]:
    """Write the columns of sites of ``county`` that are set inside the block once, at its end.

    Both of them are in indexes, so that each time a row is written anew it enters all of them: an import that is assigned
    to grids and departments batch by batch spares half of that. Nothing inside the block may read the columns back.
    """
    if _waiting.get() is not None:
        yield
        return
    columns: dict[str, Wanted] = defaultdict(dict)
    token = _waiting.set((county, columns))
    try:
        yield
    finally:
        _waiting.reset(token)
    sites: dict[tuple[str, ...], dict[UUID, list[UUID | None]]] = defaultdict(dict)
    for site_id in {site_id: None for wanted in columns.values() for site_id in wanted}:
        names = tuple(name for name, wanted in columns.items() if site_id in wanted)
        sites[names][site_id] = [columns[name][site_id] for name in names]
    _write(county, sites)


def _set(county: int, column: str, wanted: Mapping[UUID, UUID | None]) -> int:
    waiting = _waiting.get()
    if waiting is not None and waiting[0] == county:
        waiting[1][column].update(wanted)
        return 0
    return _write(county, {(column,): {site_id: [value] for site_id, value in wanted.items()}})


@transaction.atomic
def _write(county: int, sites: Mapping[tuple[str, ...], Mapping[UUID, list[UUID | None]]]) -> int:
    """One statement for each thousand sites whose same columns are set. ``version`` stays: nobody's edit is overtaken."""
    changed = 0
    for columns, wanted in sites.items():
        rows = [[site_id, *values] for site_id, values in wanted.items()]
        changed += sum(_join(county, columns, rows[at : at + BATCH]) for at in range(0, len(rows), BATCH))
    if changed:
        events.publish("sites.written", county=county)
    return changed


def _join(county: int, columns: Sequence[str], batch: list[list[UUID | None]]) -> int:
    """Join with a list of values: neither ORM's grouping by value nor its CASE stays fast with hundreds of grids."""
    table = connection.ops.quote_name(Site._meta.db_table)
    is_sqlite = connection.vendor == "sqlite"
    source, parameters = (_values if is_sqlite else _arrays)(batch)
    names = [f"column{number}" for number in range(2, len(columns) + 2)]
    differs = "IS NOT" if is_sqlite else "IS DISTINCT FROM"
    pairs = list(zip(columns, names, strict=True))
    sql = f"""
        UPDATE {table} SET {", ".join(f"{column} = wanted.{name}" for column, name in pairs)}
        FROM {source}
        WHERE {table}."county" = %s AND {table}.id = wanted.column1
            AND ({" OR ".join(f"{table}.{column} {differs} wanted.{name}" for column, name in pairs)})
    """  # noqa: S608 - only our own column and table names
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, county])
        return int(cursor.rowcount)


def _values(batch: list[list[UUID | None]]) -> tuple[str, list[Any]]:
    key = Site._meta.pk
    assert key is not None
    one = f"({', '.join(['%s'] * len(batch[0]))})"
    found = [key.get_db_prep_value(value, connection) for row in batch for value in row]
    return f"(VALUES {', '.join([one] * len(batch))}) AS wanted", found


def _arrays(batch: list[list[UUID | None]]) -> tuple[str, list[Any]]:
    """One parameter for each column: PostgreSQL's driver looks for places in thousands of them for longer than it writes."""
    names = ", ".join(f"column{number + 1}" for number in range(len(batch[0])))
    return f"unnest({', '.join(['%s::uuid[]'] * len(batch[0]))}) AS wanted({names})", [
        list(one) for one in zip(*batch, strict=True)
    ]
