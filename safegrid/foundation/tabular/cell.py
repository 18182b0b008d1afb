"""What a cell may hold, how a source row looks, and the limits every reader keeps."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

Cell = str | int | float | date | None
"""Trimmed text, a number, a date (a ``datetime`` when Excel shows a time of day), or nothing."""


class TabularError(Exception):
    """The file as a whole cannot be read; the message is Chinese and says what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds kept while reading, so that a hostile or mistaken file costs bounded memory and time."""

    max_rows: int = 1_048_576
    max_columns: int = 200
    max_text: int = 32_767  # what one Excel cell can hold
    max_file_bytes: int = 512 * 1024**2
    max_unpacked_bytes: int = 4 * 1024**3
    # Real workbooks stay below 40:1; deflate can reach 1,032:1. Parts under `ratio_free_bytes` do no harm at any ratio.
    max_ratio: int = 150
    ratio_free_bytes: int = 32 * 1024**2
    max_strings: int = 16_000_000
    max_xls_bytes: int = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One reason for which one row was refused. `column_title` is empty when the row as a whole is at fault."""

    row: int
    column_title: str
    value: str
    message: str


@dataclass(slots=True)
class SourceRow:
    """A data row: its 1-based number in the file, its values by header title, and what the reader itself refuses."""

    number: int
    values: dict[str, Cell]
    problems: list[CellProblem] = field(default_factory=list)


@dataclass(slots=True)
class RawRow:
    """A row before the header is known: cells by position, and the (position, message) of cells refused as such."""

    number: int
    cells: list[Cell]
    refused: list[tuple[int, str]] = field(default_factory=list)


class RawSheet(Protocol):
    """What the reader of each format gives: the rows of the first visible sheet, and what it left out."""

    sheet_name: str
    other_sheets: list[str]

    @property
    def expected_rows(self) -> int | None: ...

    def __iter__(self) -> Iterator[RawRow]: ...

    def close(self) -> None: ...


# Unseen marks that pasted text brings along; str.strip() already takes the ideographic and the no-break space.
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
_TRIM = _UNSEEN + " \t\r\n\v\f\u00a0\u3000"
_TRIGGERS = "=+\\-@＝＋－＠\t\r\n"
_NEEDS_QUOTE = re.compile(rf"'*[{_TRIGGERS}]")
_QUOTED = re.compile(rf"'+[{_TRIGGERS}]")


def clean_text(text: str) -> str | None:
    """Trim what a person cannot see; take back the apostrophe that `neutralise` put in front; nothing left is None."""
    text = text.strip(_TRIM)
    if text[:1] == "'" and _QUOTED.match(text):
        text = text[1:]
    return text or None


def neutralise(text: str) -> str:
    """Make text safe to open in a spreadsheet: what could start a formula (= + - @, also full-width) gets a quote mark.

    `clean_text` is its inverse, so an exported file can be imported again unchanged.
    Source of the rule: OWASP, CSV Injection.
    """
    return "'" + text if _NEEDS_QUOTE.match(text) else text


def column_letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def shown(value: object, limit: int = 60) -> str:
    """A value as quoted in a message: short, on one line."""
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
