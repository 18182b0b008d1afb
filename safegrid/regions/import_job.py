"""The frame of an import in which each row is its own small act: what is refused leaves no trace, the rest is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.tabular import (
    ImportReport,
    ImportStopped,
    Mode,
    Outcome,
    ParsedRow,
    Table,
    read_rows,
    refused,
    run_import,
)

BATCH = 200


def import_rows(
    table: Table, path: Path, write: Callable[[ParsedRow], Outcome], *, mode: Mode = "all_or_nothing", dry_run: bool = False,
    after: Callable[[], None] | None = None,
) -> ImportReport:  # fmt: skip
    """Run every row of a file through ``write``; a row whose ``write`` raises a ``SafeGridError`` is refused in its words.

    One transaction: a dry run, and "all_or_nothing" with a refused row, leave nothing. ``after`` runs in it at the end of an
    import that stays. Raises ``TabularError`` for an unreadable file.
    """

    def apply(rows: list[ParsedRow]) -> list[Outcome]:
        return [_settled(write, row) for row in rows]

    try:
        with transaction.atomic(), read_rows(path) as rows:
            report = run_import(table, rows, apply=apply, mode=mode, dry_run=dry_run, batch_size=BATCH)
            if after is not None:
                after()
            return report
    except ImportStopped as stop:
        return stop.report


def _settled(write: Callable[[ParsedRow], Outcome], row: ParsedRow) -> Outcome:
    try:
        with transaction.atomic():
            return write(row)
    except InvalidInput as error:
        column, words = next(iter(error.fields.items()))
        return refused(words, column)
    except SafeGridError as error:
        return refused(error.message)
