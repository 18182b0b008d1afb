"""The shape of a sheet of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "number", "percent", "days"]
Value = int | float | str | None


@dataclass(frozen=True)
class Column:
    """One column. ``drill``: the name of the figure whose rows a number counts, "" where no list shows them.

    Percentages are shares (0.93), days are days of 24 hours.
    """

    key: str
    label: str
    kind: Kind = "number"
    drill: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """One line. ``place``, ``by`` and ``group`` say of which rows it speaks: of that place, and of that group of cases there.

    ``drills``: for columns whose numbers count other rows in every line, the figure by the column's key.
    """

    key: str
    label: str
    values: Mapping[str, Value]
    place: str = ""
    by: str = ""
    group: str = ""
    words: str = ""
    drills: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chart:
    """How a sheet is drawn: ``kind`` bar, flat (bars from the left), stack, line, pie; which columns; how many lines at most."""

    kind: str
    columns: tuple[str, ...]
    most: int = 20


@dataclass(frozen=True)
class Sheet:
    """A table of figures. ``head``: what its lines are; ``note``: what to know when reading it; ``empty``: said without any."""

    name: str
    title: str
    head: str
    columns: tuple[Column, ...]
    lines: list[Line]
    chart: Chart | None = None
    note: str = ""
    empty: str = "所选时段和地区没有数据，可以放宽时段再看"
    parts_are_places: bool = False

    @property
    def is_empty(self) -> bool:
        """Without a line; or with numbers, and none but nought."""
        numbers = [column.key for column in self.columns if column.kind != "text"]
        return not any(any(line.values.get(key) for key in numbers) or not numbers for line in self.lines)

    def drawing(self) -> dict[str, Any] | None:
        """Return what the chart's island draws, as plain values; None without a chart or anything to draw."""
        if self.chart is None or self.is_empty:
            return None
        by_key = {column.key: column for column in self.columns}
        lines = self.lines[: self.chart.most]
        series = []
        for key in self.chart.columns:
            column = by_key[key]
            data = [_drawn(line.values.get(key), column.kind) for line in lines]
            series.append(
                {"name": column.label, "data": data, "tone": column.tone, "percent": column.kind == "percent"}
            )
        return {
            "kind": self.chart.kind,
            "title": self.title,
            "labels": [line.label for line in lines],
            "series": series,
        }


def _drawn(value: Value, kind: Kind) -> Value:
    if kind == "percent" and isinstance(value, int | float):
        return round(value * 100, 1)
    return value


def share(over: int, under: int) -> float | None:
    """Return ``over`` of ``under``; None where there is nothing to take a share of."""
    return over / under if under else None


def days(minutes: int, count: int) -> float | None:
    """Return the mean of so many minutes over ``count`` cases in days; None without any."""
    return round(minutes / count / 1440, 1) if count else None
