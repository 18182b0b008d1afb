"""What a request asks the database, each statement with its values in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg import ClientCursor


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect PostgreSQL's statements of the block, ready to be sent again as they are.

    Django's own log of queries shows the prepared ones (``foundation.cursors``) with $1 in place of a value.
    """
    asked: list[str] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)  # before it there may be no connection yet
        server: Any = connection.connection
        asked.append(ClientCursor(server).mogrify(sql, params))
        return answer

    with connection.execute_wrapper(keep):
        yield asked
