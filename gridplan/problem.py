"""The problem of grid planning as arrays, and everything about it that cannot be planned, named before the solver starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.signedinteger[Any]]  #: int32 in problems and plans

#: findings that may be taken knowingly (`Params.accept`): the plan is then the best found, not one within tolerance
ACCEPTABLE = frozenset({"unit_too_heavy"})


@dataclass(frozen=True)
class Graph:
    """Common borders by unit: neighbours of unit u are `neighbour[start[u]:start[u + 1]]`, ascending, with `border` metres."""

    start: Ints
    neighbour: Ints
    border: Floats


@dataclass(frozen=True, eq=False)
class Problem:
    """n base units, m common borders, c containers that no grid leaves; a plan gives container i its `grids[i]` grids.

    Loads in minutes of work a year, lengths in metres of a local plane, areas in m². `village` only counts splits;
    `outer` is a unit's border with nobody and `area` its area (both only for compactness). Raises `ValueError` for arrays whose
    shapes or ranges contradict each other (an error of the caller); what users can put right is told by `findings`.
    """

    load: Floats
    edges: Ints
    border: Floats
    position: Floats
    container: Ints
    grids: Ints
    tolerance: float
    village: Ints | None = None
    area: Floats | None = None
    outer: Floats | None = None

    def __post_init__(self) -> None:
        for name in ("load", "border", "position"):
            self._put(name, np.float64)
        for name in ("edges", "container", "grids"):
            self._put(name, np.int32)
        for name, kind in (("village", np.int32), ("area", np.float64), ("outer", np.float64)):
            if getattr(self, name) is not None:
                self._put(name, kind)
        object.__setattr__(self, "edges", self.edges.reshape(-1, 2))
        self._check_shapes()

    def _put(self, name: str, kind: Any) -> None:
        object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=kind))

    def _check_shapes(self) -> None:
        units, borders = len(self.load), len(self.edges)
        shapes = {"load": (units,), "border": (borders,), "position": (units, 2), "container": (units,)}
        shapes |= {name: (units,) for name in ("village", "area", "outer") if getattr(self, name) is not None}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")
        if self.grids.ndim != 1 or (units and not 0 <= self.container.min() <= self.container.max() < len(self.grids)):
            raise ValueError("container names a container that grids does not have")
        if borders:
            low, high = self.edges[:, 0], self.edges[:, 1]
            if low.min() < 0 or high.max() >= units or (low >= high).any():
                raise ValueError("edges must be pairs i < j of units")
            key = low.astype(np.int64) * units + high
            if len(np.unique(key)) != borders:
                raise ValueError("edges names a pair of units twice")

    @property
    def units(self) -> int:
        return len(self.load)

    @cached_property
    def first(self) -> Ints:
        """Container i owns the labels first[i] … first[i + 1] − 1."""
        return np.concatenate(([0], np.cumsum(self.grids))).astype(np.int32)

    @cached_property
    def container_of_grid(self) -> Ints:
        return np.repeat(np.arange(len(self.grids), dtype=np.int32), self.grids)

    @cached_property
    def mean(self) -> Floats:
        """Mean load of a grid, by container (minutes); 0 where a container has no grids."""
        total = np.bincount(self.container, weights=self.load, minlength=len(self.grids))
        return np.asarray(total / np.maximum(self.grids, 1), dtype=np.float64)

    @cached_property
    def graph(self) -> Graph:
        """The borders by unit, every border twice."""
        low, high = self.edges[:, 0], self.edges[:, 1]
        tails, heads = np.concatenate((low, high)), np.concatenate((high, low))
        order = np.lexsort((heads, tails))
        start = np.concatenate(([0], np.cumsum(np.bincount(tails, minlength=self.units)))).astype(np.int32)
        return Graph(start, heads[order], np.concatenate((self.border, self.border))[order])


@dataclass(frozen=True)
class Finding:
    """What stands against planning: which units, what it is and what to do. `blocking` ones keep `solve` from starting."""

    code: str
    units: tuple[int, ...]
    text: str
    remedy: str
    blocking: bool = True


class InvalidProblem(ValueError):
    """The problem cannot be planned; `findings` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("；".join(finding.text for finding in findings))
        self.findings = tuple(findings)


def grids_needed(load: npt.ArrayLike, capacity: float, tolerance: float) -> Ints:
    """The least number of grids by capacity for each container load (minutes; a number or an array), at least 1.

    A grid may hold up to capacity × (1 + tolerance). Raises `ValueError` unless capacity is positive.
    """
    if not capacity > 0 or tolerance < 0:
        raise ValueError("capacity must be positive and tolerance not negative")
    total = np.atleast_1d(np.asarray(load, dtype=np.float64))
    return np.maximum(1, np.ceil(total / (capacity * (1 + tolerance)) - 1e-9)).astype(np.int32)


def check(problem: Problem, accept: frozenset[str] = frozenset()) -> None:
    """Raise `InvalidProblem` with the blocking findings, but for those of `ACCEPTABLE` that are accepted."""
    found = [f for f in findings(problem) if f.blocking and f.code not in accept & ACCEPTABLE]
    if found:
        raise InvalidProblem(found)


def findings(problem: Problem) -> list[Finding]:
    """Everything that cannot be planned, in the order users should put it right."""
    found = _of_numbers(problem)
    if any(f.blocking for f in found):
        return found  # what follows would only repeat the wrong numbers
    return found + _of_counts(problem) + _of_connection(problem) + _of_weight(problem)


def _finding(
    code: str, units: npt.NDArray[np.bool_] | Sequence[int], text: str, remedy: str, blocking: bool = True
) -> Finding:
    chosen = np.flatnonzero(units) if isinstance(units, np.ndarray) else units
    return Finding(code, tuple(int(u) for u in chosen), text, remedy, blocking)


def _of_numbers(problem: Problem) -> list[Finding]:
    found = []
    if not problem.units:
        found.append(_finding("no_units", (), "没有可划分的基本单元", "先选定区域并导入村（社区）或单元格边界"))
    if not 0 <= problem.tolerance < np.inf:
        found.append(_finding("bad_tolerance", (), "允许偏差必须是不小于 0 的数", "重新填写允许偏差"))
    if (wrong := ~np.isfinite(problem.load)).any():
        found.append(
            _finding(
                "load_unknown", wrong, f"{wrong.sum()} 个单元的工作量不是数", "检查这些单元的监管对象和巡查频次标准"
            )
        )
    if (wrong := np.asarray(problem.load < 0)).any():
        found.append(
            _finding(
                "load_negative", wrong, f"{wrong.sum()} 个单元的工作量为负", "检查这些单元的监管对象和巡查频次标准"
            )
        )
    if (wrong := np.asarray(~np.isfinite(problem.position).all(axis=1))).any():
        found.append(_finding("position_unknown", wrong, f"{wrong.sum()} 个单元没有位置", "补充这些单元的边界或坐标"))
    bad = np.asarray(~(np.isfinite(problem.border) & (problem.border >= 0)))
    if bad.any():
        ends = np.unique(problem.edges[bad])
        found.append(
            _finding("border_wrong", ends.tolist(), f"{bad.sum()} 条公共边界的长度不是正数", "检查这些单元的边界")
        )
    if not found and (zero := problem.load == 0).any():
        text = f"{zero.sum()} 个单元没有工作量，将随相邻网格划分"
        found.append(_finding("load_zero", zero, text, "核对这些单元是否确无监管对象", blocking=False))
    return found


def _of_counts(problem: Problem) -> list[Finding]:
    found = []
    units = np.bincount(problem.container, minlength=len(problem.grids))
    for i in np.flatnonzero((problem.grids > units) | ((problem.grids < 1) & (units > 0))):
        members = problem.container == i
        if problem.grids[i] > units[i]:
            text = f"第 {i + 1} 个范围只有 {units[i]} 个单元，却要划 {problem.grids[i]} 个网格"
            found.append(_finding("too_many_grids", members, text, "减少网格数，或把单元细分"))
        else:
            found.append(_finding("no_grids", members, f"第 {i + 1} 个范围没有分到网格", "至少给该范围一个网格"))
    for i in np.flatnonzero((problem.mean == 0) & (problem.grids > 1) & (units > 0)):
        text = f"第 {i + 1} 个范围全无工作量，无法均分为 {problem.grids[i]} 个网格"
        found.append(_finding("no_load", problem.container == i, text, "该范围只划一个网格，或核对监管对象"))
    return found


def _of_connection(problem: Problem) -> list[Finding]:
    low, high = problem.edges[:, 0], problem.edges[:, 1]
    inside = problem.container[low] == problem.container[high]
    joined = coo_array((np.ones(inside.sum(), np.int8), (low[inside], high[inside])), (problem.units, problem.units))
    part: Ints = connected_components(joined, directed=False)[1]
    home = np.full(part.max() + 1, -1, np.int64)
    home[part] = problem.container
    size = np.bincount(part)
    found = []
    for i in np.flatnonzero(np.bincount(home, minlength=len(problem.grids)) > 1):
        parts = np.flatnonzero(home == i)
        main = parts[np.argmax(size[parts])]
        apart = (problem.container == i) & (part != main)
        text = f"第 {i + 1} 个范围不连通：{len(parts) - 1} 块（{apart.sum()} 个单元）与主体不相邻"
        remedy = "把飞地单列为一个范围，或指定它与主体的通道（桥、渡口）为公共边界"
        found.append(_finding("disconnected", apart, text, remedy))
    return found


def _of_weight(problem: Problem) -> list[Finding]:
    allowed = problem.mean[problem.container] * (1 + problem.tolerance)
    heavy = (problem.load > allowed * (1 + 1e-12)) & (problem.grids[problem.container] > 1)
    if not heavy.any():
        return []
    text = f"{heavy.sum()} 个单元的工作量超过一个网格"
    return [_finding("unit_too_heavy", heavy, text, "把这些单元细分，减少网格数，或放宽允许偏差")]
