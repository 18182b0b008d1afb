"""What pages and the API read of a scenario: plain lines, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

LOW, HIGH, NEITHER = "low", "high", ""


@dataclass(frozen=True)
class Kind:
    """One figure: its label, which way is better, how it is shown, and the bound that stands beside it."""

    key: str
    label: str
    better: str
    shape: str  # count | share | km | metres | number | hours
    bound: str = ""


NEARLY = 1e-6  # relative: more than sums of floating-point numbers are off by

KINDS = (
    Kind("grids", "网格数", LOW, "count", "grids"),
    Kind("members_needed", "需要网格员", LOW, "count"),
    Kind("full_time_needed", "其中专职", NEITHER, "count"),
    Kind("part_time_needed", "其中兼职", NEITHER, "count"),
    Kind("members_there", "现有网格员", NEITHER, "count"),
    Kind("hours", "年工作量（小时）", NEITHER, "hours"),
    Kind("worst_deviation", "最大偏差", LOW, "share", "balance"),
    Kind("mean_deviation", "平均偏差", LOW, "share"),
    Kind("over_tolerance", "超出允许偏差的网格", LOW, "count"),
    Kind("broken", "不连通的网格", LOW, "count"),
    Kind("cut_border_km", "网格间边界长度", LOW, "km", "cut_border"),
    Kind("split_villages", "被分开的村（社区）", LOW, "count"),
    Kind("distance", "到网格中心的平均距离", LOW, "metres", "distance"),
    Kind("polsby_popper", "紧凑度（0–1）", HIGH, "number"),
    Kind("walked_km", "全年行走里程", LOW, "km"),
    Kind("moved_sites", "换网格的监管对象", LOW, "count"),
    Kind("kept_grids", "沿用的现有网格", HIGH, "count"),
    Kind("sites", "监管对象", NEITHER, "count"),
)


@dataclass(frozen=True)
class FigureLine:
    """A figure of one scenario with its proven bound, where there is one. ``shown`` is ready to be read; ``is_proven``: no plan
    has a better one."""

    key: str
    label: str
    value: float | None
    shown: str
    bound: float | None = None
    bound_shown: str = ""
    is_proven: bool = False
    method: str = ""
    holds_for: str = ""

    @property
    def is_outside(self) -> bool:
        """Whether the scenario is none of those that the bound holds for: grids of it have more work than a grid may have."""
        return self.value is not None and self.bound is not None and self.key == "grids" and self.value < self.bound


@dataclass(frozen=True)
class ComparedLine:
    """One figure of several scenarios side by side; ``better``: low, high or "" (neither); ``best`` are the columns."""

    key: str
    label: str
    better: str
    cells: list[FigureLine]
    best: tuple[int, ...]


@dataclass(frozen=True)
class Comparison:
    scenarios: list[Any]
    lines: list[ComparedLine]


@dataclass(frozen=True)
class UnitLine:
    """A base unit; ``grid`` is None before there is a plan. ``load`` in minutes a year."""

    number: int
    kind: str
    kind_label: str
    village: str
    village_name: str
    load: float
    hours: float
    sites: int
    grid: int | None
    longitude: float
    latitude: float
    is_approximate: bool


@dataclass(frozen=True)
class GridLine:
    """A planned grid. ``keeps``: today's grid that it continues; ``grid_id``: the grid it became when published."""

    number: int
    code: str
    name: str
    kind: str
    town: str
    village: str
    villages: list[str]
    hours: float
    deviation: float
    units: int
    sites: int
    full_time: int
    part_time: int
    walked_km: float
    keeps: UUID | None
    grid_id: UUID | None

    @property
    def members(self) -> int:
        return self.full_time + self.part_time


@dataclass(frozen=True)
class LeftOut:
    """A site taken out of planning, and why."""

    site_id: UUID
    name: str
    why: str


def figure_lines(figures: Mapping[str, Any], bounds: Mapping[str, Any]) -> list[FigureLine]:
    """Return every figure with its bound; [] where nothing was measured."""
    return [_line(kind, figures.get(kind.key), bounds.get(kind.bound)) for kind in KINDS] if figures else []


def _line(kind: Kind, value: float | None, bound: Mapping[str, Any] | None) -> FigureLine:
    if not bound or bound.get("value") is None:
        return FigureLine(kind.key, kind.label, value, shown(kind.shape, value))
    low = bound["value"] / 1000 if kind.shape == "km" else bound["value"]
    # That some plan is so good does not make this one so: it may have been made for something else.
    is_best = (
        bool(bound.get("is_proven_optimal")) and value is not None and abs(value - low) <= NEARLY * max(1.0, abs(low))
    )
    return FigureLine(kind.key, kind.label, value, shown(kind.shape, value), low, shown(kind.shape, low), is_best,
                      bound.get("method", ""), bound.get("holds_for", ""))  # fmt: skip


def shown(shape: str, value: float | None) -> str:
    if value is None:
        return "—"
    if shape == "share":
        return f"{value:.1%}"
    if shape == "km":
        return f"{value:,.1f} 千米"
    if shape == "metres":
        return f"{value:,.0f} 米"
    return f"{value:,.0f}" if shape in ("count", "hours") else f"{value:.3f}"


def compared(columns: list[list[FigureLine]]) -> list[ComparedLine]:
    """Return the figures of several scenarios line by line, the best of each line marked."""
    lines = []
    for at, kind in enumerate(KINDS):
        cells = [column[at] if column else FigureLine(kind.key, kind.label, None, "—") for column in columns]
        values = [cell.value for cell in cells if cell.value is not None]
        goal = None if not kind.better or not values else min(values) if kind.better == LOW else max(values)
        best = tuple(i for i, cell in enumerate(cells) if goal is not None and cell.value == goal)
        lines.append(ComparedLine(kind.key, kind.label, kind.better, cells, best))
    return lines


def grid_line(row: Mapping[str, Any]) -> GridLine:
    """Return a planned grid as it is kept in a scenario."""
    same = ("number", "code", "name", "kind", "town", "village", "villages", "deviation", "units", "sites", "full_time",
            "part_time", "walked_km")  # fmt: skip
    return GridLine(
        **{name: row[name] for name in same}, hours=row["minutes"] / 60,
        keeps=UUID(row["keeps"]) if row["keeps"] else None, grid_id=UUID(row["grid_id"]) if row["grid_id"] else None,
    )  # fmt: skip
