"""The ceiling of everything that writes: the same rows again, into the same tables and indexes, by nothing but the database."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction

from benchmarks.measure import Stopwatch


@dataclass(frozen=True)
class Copied:
    """How many rows were written, in how many seconds."""

    rows: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


def counts() -> dict[str, int]:
    """Return the number of rows of every table of ours."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def copy_rows(tables: Sequence[str]) -> Copied:
    """Write every row of ``tables`` once more, into twins of them (indexes and checks, no triggers or foreign keys).

    COPY on PostgreSQL, ``executemany`` in one transaction on SQLite. The twins are dropped again.
    """
    copy = _copy_postgres if connection.vendor == "postgresql" else _copy_sqlite
    found = [copy(table) for table in tables]
    return Copied(sum(one.rows for one in found), sum(one.seconds for one in found))


def _copy_postgres(table: str) -> Copied:
    with tempfile.TemporaryFile() as kept, connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE bare (LIKE "{table}" INCLUDING ALL)')
        with cursor.copy(f'COPY "{table}" TO STDOUT') as out:
            for block in out:
                kept.write(block)
        kept.seek(0)
        with Stopwatch() as watch, cursor.copy("COPY bare FROM STDIN") as into:
            while block := kept.read(1 << 16):
                into.write(block)
        cursor.execute("SELECT count(*) FROM bare")
        number = cursor.fetchone()[0]
        cursor.execute("DROP TABLE bare")
    return Copied(number, watch.seconds)


def _copy_sqlite(table: str) -> Copied:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL "
                       "AND type IN ('table', 'index') ORDER BY type DESC", [table])  # fmt: skip
        for name, definition in cursor.fetchall():
            twin = "bare" if name == table else f"bare_{name}"
            cursor.execute(definition.replace(f'"{name}"', f'"{twin}"', 1).replace(f'ON "{table}"', 'ON "bare"', 1))
        cursor.execute(f'SELECT * FROM "{table}"')
        rows = cursor.fetchall()
        holders = ", ".join(["%s"] * len(cursor.description))
        with Stopwatch() as watch, transaction.atomic():
            cursor.executemany(f"INSERT INTO bare VALUES ({holders})", rows)
        cursor.execute("DROP TABLE bare")
    return Copied(len(rows), watch.seconds)


def commits(number: int) -> Copied:
    """Write single small rows, each in a transaction of its own: what the disk lets anybody do one after another."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (number integer)")
        with Stopwatch() as watch:
            for one in range(number):
                with transaction.atomic():
                    cursor.execute("INSERT INTO bare VALUES (%s)", [one])
        cursor.execute("DROP TABLE bare")
    return Copied(number, watch.seconds)
