"""What benchmarks find, and the tables it is printed in."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Row:
    """One finding. ``unit`` "…/s" is a rate (more is better); any other unit is a cost: "s", "ms p95", "MB".

    ``peer`` names what stands beside it, measured in the same run; ``target`` is the issue's. A row with ``columns``
    (heading: text) stands in a table of its own with those headings, for what takes more than one figure to judge.
    """

    what: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    target: float | None = None
    detail: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def is_rate(self) -> bool:
        return self.unit.endswith("/s")

    @property
    def share(self) -> float | None:
        """How fast (or lean) it is beside its peer: 1 is as good as the peer."""
        if not self.peer_value or not self.value:
            return None
        return self.value / self.peer_value if self.is_rate else self.peer_value / self.value

    @property
    def is_met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.is_rate else self.value <= self.target


HEADER = ("measured", "SafeGrid", "beside", "peer", "ratio", "target", "met", "")


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as the texts of ``HEADER``."""
    met = {True: "yes", False: "NO", None: ""}[row.is_met]
    return (
        row.what,
        f"{number(row.value)} {row.unit}",
        row.peer,
        f"{number(row.peer_value)} {row.unit}" if row.peer_value is not None else "",
        f"{row.share:.2f}" if row.share is not None else "",
        f"{'≥' if row.is_rate else '≤'} {number(row.target)}" if row.target is not None else "",
        met,
        row.detail,
    )


def number(value: float | None) -> str:
    """Return three significant digits or whole numbers, with thousands apart."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def plain(title: str, rows: Sequence[Row]) -> str:
    """Return aligned tables for the terminal."""
    text = [f"\n{title}"]
    for header, lines in tables(rows):
        widths = [max(_width(line[at]) for line in (header, *lines)) for at in range(len(header))]
        whole = [
            "  ".join(cell + " " * (widths[at] - _width(cell)) for at, cell in enumerate(line))
            for line in (header, *lines)
        ]
        text += [whole[0], "-" * _width(whole[0]), *whole[1:]]
    return "\n".join(text)


def markdown(title: str, rows: Sequence[Row]) -> str:
    """Return the same as a section with Markdown tables."""
    text = [f"## {title}", ""]
    for header, lines in tables(rows):
        ruler = ("---", "--:", "---", "--:", "--:", "--:", "---", "---") if header == HEADER else ("---",) * len(header)
        text += [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in (header, ruler, *lines)
        ]
        text.append("")
    return "\n".join(text)


def tables(rows: Sequence[Row]) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Return headings and lines: a table for each set of headings, in the order of their first row."""
    found: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for row in rows:
        header = tuple(row.columns) or HEADER
        found.setdefault(header, []).append(tuple(row.columns.values()) or cells(row))
    return list(found.items())


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
