"""The database itself refuses to change the trace, whoever asks: a row is added, and sealed once.

Tables that SQLite rebuilds lose their triggers: a migration that alters one of these tables calls ``install`` again.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

ROWS, BATCHES = "foundation_tracerow", "foundation_tracebatch"
COLUMNS = ("id", "county", "at", "actor_id", "actor", "role", "action", "object_type", "object_id", "changes", "place",
           "device", "request_id", "row_hash")  # fmt: skip
REFUSAL = "the trace is append-only"

_SAME = {"sqlite": "NEW.{0} IS OLD.{0}", "postgresql": "NEW.{0} IS NOT DISTINCT FROM OLD.{0}"}


def _sealing(vendor: str) -> str:
    """The one allowed update: ``sealed_in`` from NULL to a batch, everything else as it was."""
    same = " AND ".join(_SAME[vendor].format(column) for column in COLUMNS)
    return f"OLD.sealed_in IS NULL AND NEW.sealed_in IS NOT NULL AND {same}"


def _sqlite() -> list[str]:
    def refuse(name: str, event: str, table: str, when: str = "") -> str:
        return f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"

    return [
        refuse("trace_row_kept", "DELETE", ROWS),
        refuse("trace_row_sealed_once", "UPDATE", ROWS, f"WHEN NOT ({_sealing('sqlite')})"),
        refuse("trace_batch_kept", "DELETE", BATCHES),
        refuse("trace_batch_fixed", "UPDATE", BATCHES),
    ]


def _postgresql() -> list[str]:
    def refuse(name: str, event: str, table: str, when: str = "") -> str:
        return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION trace_refuse()"

    return [
        f"CREATE OR REPLACE FUNCTION trace_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        refuse("trace_row_kept", "DELETE", ROWS),
        refuse("trace_row_sealed_once", "UPDATE", ROWS, f"WHEN (NOT ({_sealing('postgresql')}))"),
        refuse("trace_batch_kept", "DELETE", BATCHES),
        refuse("trace_batch_fixed", "UPDATE", BATCHES),
        *(
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION trace_refuse()"
            for name, table in _AGAINST_TRUNCATE.items()
        ),
    ]


_AGAINST_TRUNCATE = {"trace_row_not_emptied": ROWS, "trace_batch_not_emptied": BATCHES}  # SQLite has no TRUNCATE
_NAMES = {
    "trace_row_kept": ROWS,
    "trace_row_sealed_once": ROWS,
    "trace_batch_kept": BATCHES,
    "trace_batch_fixed": BATCHES,
    **_AGAINST_TRUNCATE,
}


def creation(vendor: str) -> list[str]:
    """Return the statements that set the triggers up."""
    return _postgresql() if vendor == "postgresql" else _sqlite()


def removal(vendor: str) -> list[str]:
    """Return the statements that take them away: for a migration that goes back, and for tests of tampering."""
    on = {name: f" ON {table}" if vendor == "postgresql" else "" for name, table in _NAMES.items()}
    return [f"DROP TRIGGER IF EXISTS {name}{on[name]}" for name in _NAMES]


def install(connection: BaseDatabaseWrapper) -> None:
    """Set the triggers up, new where they exist already."""
    with connection.cursor() as cursor:
        for statement in removal(connection.vendor) + creation(connection.vendor):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away."""
    with connection.cursor() as cursor:
        for statement in removal(connection.vendor):
            cursor.execute(statement)
