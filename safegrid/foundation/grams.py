"""Finding words inside texts through an index: a text is kept with the keys of its pairs of neighbouring characters.

Chinese has no spaces to cut at, a trigram is longer than most of its words, and how an extension reads characters hangs on the
server's locale. Pairs need neither: every text that holds the words holds all their pairs. PostgreSQL finds these through a GIN
index on an integer array, part of every installation; the text itself then decides: nothing found wrongly, nothing missed.
SQLite keeps no keys and reads the texts (docs/decisions/0007).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from time import monotonic
from typing import Any
from zlib import crc32

from django.db import connection, models

COMMON = 0.25  # a pair that a quarter of all texts hold narrows nothing: left out where a rarer one is at hand
REMEMBERED_SECONDS = 600.0
_common: dict[str, tuple[float, dict[int, float]]] = {}


def folded(text: str) -> str:
    """Return ``text`` as it is compared: without case, and full-width letters and digits as the plain ones."""
    return unicodedata.normalize("NFKC", text).casefold()


def keys(texts: Iterable[str]) -> list[int]:
    """Return the keys of all pairs of neighbouring characters in folded ``texts``; spaces and line ends divide."""
    pairs = {part[at : at + 2] for text in texts for part in text.split() for at in range(len(part) - 1)}
    return sorted((crc32(pair.encode()) ^ 0x80000000) - 0x80000000 for pair in pairs)


class GramsField(models.Field):  # type: ignore[type-arg]
    """The keys of a text. Ask with ``column__holds=keys``: the rows that have all of them; on SQLite, all rows."""

    def db_type(self, connection: Any) -> str:
        return "integer[]" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if hasattr(value, "as_sql"):
            return value
        return list(value or ()) if connection.vendor == "postgresql" else ""


@GramsField.register_lookup
class Holds(models.Lookup):
    lookup_name = "holds"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [list(value)]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "1 = 1", []

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} @> {right}::integer[]", [*left_params, *right_params]


def create_index(editor: Any, name: str, table: str, column: str) -> None:
    """Make the index, in a migration; PostgreSQL only. Rows enter it when they are written, so that reading never waits."""
    if editor.connection.vendor == "postgresql":
        quote = editor.quote_name
        editor.execute(
            f"CREATE INDEX {quote(name)} ON {quote(table)} USING gin ({quote(column)}) WITH (fastupdate = off)"
        )


def telling(table: str, column: str, wanted: Collection[int]) -> list[int]:
    """Return those of ``wanted`` keys by which to look: not the common ones, as long as another one remains.

    What is common says the server's own statistics; without any, every key counts.
    """
    if connection.vendor != "postgresql":
        return list(wanted)
    shares = _shares(table, column)
    rare = [key for key in wanted if shares.get(key, 0.0) < COMMON]
    return rare or list(wanted)


def _shares(table: str, column: str) -> dict[int, float]:
    name = f"{connection.settings_dict['NAME']}.{table}.{column}"
    kept = _common.get(name)
    if kept is not None and monotonic() - kept[0] < REMEMBERED_SECONDS:
        return kept[1]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT most_common_elems::text::integer[], most_common_elem_freqs FROM pg_stats"
            " WHERE schemaname = ANY (current_schemas(false)) AND tablename = %s AND attname = %s",
            [table, column],
        )
        found = cursor.fetchone()
    # After the shares of the keys follow the smallest, the largest and that of empty arrays.
    shares = dict(zip(found[0], found[1], strict=False)) if found and found[0] else {}
    _common[name] = (monotonic(), shares)
    return shares
