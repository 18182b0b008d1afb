"""The two denormalised columns of a site that contexts above keep: its grid and its department."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from safegrid.foundation import events
from safegrid.sites.models import Site

BATCH = 1000


def set_grids(county: int, grids: Mapping[UUID, UUID | None]) -> int:
    """Write the present grid of each site where it differs; return how many rows changed. Called by grids only."""
    return _write(county, "grid_id", grids)


def set_departments(county: int, departments: Mapping[UUID, UUID | None]) -> int:
    """Write the responsible department of each site where it differs; return how many changed. For duties only."""
    return _write(county, "department_id", departments)


@transaction.atomic
def _write(county: int, column: str, wanted: Mapping[UUID, UUID | None]) -> int:
    """One statement for each thousand sites. ``version`` stays: nobody's edit is overtaken by a re-assignment."""
    pairs, changed = iter(wanted.items()), 0
    while batch := list(islice(pairs, BATCH)):
        changed += _join(county, column, batch)
    if changed:
        events.publish("sites.written", county=county)
    return changed


def _join(county: int, column: str, batch: list[tuple[UUID, UUID | None]]) -> int:
    key, table = Site._meta.pk, connection.ops.quote_name(Site._meta.db_table)
    assert key is not None
    kind = key.db_type(connection)
    one = f"(CAST(%s AS {kind}), CAST(%s AS {kind}))"
    parameters: list[Any] = []
    for pair in batch:
        parameters += [key.get_db_prep_value(value, connection) for value in pair]
    same = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    # A join with a list of values: neither ORM's grouping by value nor its CASE stays fast with hundreds of grids.
    sql = f"""
        UPDATE {table} SET {column} = wanted.column2
        FROM (VALUES {", ".join([one] * len(batch))}) AS wanted
        WHERE {table}."county" = %s AND {table}.id = wanted.column1 AND {table}.{column} {same} wanted.column2
    """  # noqa: S608 - only our own column and table names
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, county])
        return int(cursor.rowcount)
