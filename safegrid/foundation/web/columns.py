"""The columns of a list, the same on the page and in its export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "date", "time", "badge", "flag"]


@dataclass(frozen=True)
class Column:
    """One column. ``value``: the attribute's name (dots and ``get_…_display`` allowed) or what computes it from the row.

    ``link`` makes the cell a link; ``tone`` gives a badge its colour (red, orange, yellow, blue, green, gray).
    ``sort``: the field of the row's own table by which a click on the heading sorts; only where an index carries that order or
    the table is small. The label is the column's name in the URL and in saved views.
    """

    label: str
    value: str | Callable[[Any], Any]
    kind: Kind = "text"
    link: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None
    in_export: bool = True
    on_page: bool = True
    sort: str = ""

    def read(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        for name in self.value.split("."):
            row = getattr(row, name, None)
            row = row() if callable(row) else row
        return row

    def cell(self, row: Any) -> Cell:
        return Cell(
            self.read(row),
            self.kind,
            self.link(row) if self.link else "",
            self.tone(row) if self.tone else "",
        )


@dataclass(frozen=True)
class Cell:
    """What a template prints: dates and times as such (format them there), the rest as text."""

    value: Any
    kind: Kind
    url: str = ""
    tone: str = ""
