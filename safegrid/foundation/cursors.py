"""Cursors for the statements that are sent again and again."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.db import connection

AFTER = 3  # times that a connection sends a statement before it has it prepared
PREPARED = 400  # statements that a connection keeps; psycopg's own 100 are fewer than the verbs have


def prepared_cursor() -> Any:
    """Return a cursor, for ``with``, whose statements PostgreSQL parses and plans once in each connection.

    That takes two thirds of such a statement's time. Django binds values on the client by default, because not all SQL that it
    makes can be prepared; what goes through here are readings, insertions and updates with values compared or written.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    own: Any = connection
    with own.wrap_database_errors:
        own.ensure_connection()
        server = own.connection
        if server.prepare_threshold != AFTER:
            server.prepare_threshold, server.prepared_max = AFTER, PREPARED
        return own._prepare_cursor(_kind()(server))


@lru_cache(maxsize=1)
def _kind() -> type[Any]:
    from django.db.backends.postgresql import base  # PostgreSQL's driver, where it is the database

    binding_on_server: Any = base.ServerBindingCursor

    class PreparedCursor(binding_on_server):  # type: ignore[misc]
        _query: Any

        def execute(self, query: Any, params: Any = None) -> Any:
            found = super().execute(query, params)
            if self._query is None:  # a prepared one is sent by its name; Django's log of queries asks for its text
                self._query = SimpleNamespace(query=query.encode())
            return found

    return PreparedCursor
