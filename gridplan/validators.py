"""Which constraint a division violates, by name; also of one move by hand."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridplan.figures import deviations, pieces
from gridplan.problem import Ints, Problem

#: floating-point sums of loads may differ in the last digits; no grid is refused for them
SLACK = 1e-9


@dataclass(frozen=True)
class Violation:
    """A constraint violated: `code`, the grids and units that violate it, and a sentence for the user."""

    code: str
    grids: tuple[int, ...]
    units: tuple[int, ...]
    text: str


def _violation(code: str, grids: Ints, units: Ints, text: str) -> Violation:
    return Violation(code, tuple(int(g) for g in grids), tuple(int(u) for u in units), text)


def validate(problem: Problem, label: Ints) -> list[Violation]:
    """Every violated constraint of the division `label[n]`: `wrong_count`, `leaves_container`, `empty_grid`, `broken_grid`,
    `over_tolerance`; empty for a valid plan."""
    grids = int(problem.first[-1])
    none = np.empty(0, np.int32)
    if label.shape != problem.load.shape:
        return [_violation("wrong_count", none, none, f"方案给出 {label.size} 个单元的网格，应为 {problem.units} 个")]
    outside = np.flatnonzero((label < 0) | (label >= grids))
    if outside.size:
        text = f"{outside.size} 个单元的网格编号不在 0–{grids - 1} 之内，网格数应为 {grids}"
        return [_violation("wrong_count", np.unique(label[outside]), outside, text)]
    found = []
    strays = np.flatnonzero(problem.container_of_grid[label] != problem.container)
    if strays.size:
        text = f"{strays.size} 个单元被划入别的范围的网格"
        found.append(_violation("leaves_container", np.unique(label[strays]), strays, text))
    empty = np.flatnonzero(np.bincount(label, minlength=grids) == 0)
    if empty.size:
        found.append(_violation("empty_grid", empty, none, f"{empty.size} 个网格没有单元"))
    broken = np.flatnonzero(pieces(problem, label) > 1)
    if broken.size:
        text = f"{broken.size} 个网格不连通"
        found.append(_violation("broken_grid", broken, np.flatnonzero(np.isin(label, broken)), text))
    deviation = deviations(problem, np.bincount(label, weights=problem.load, minlength=grids).astype(np.float64))
    over = np.flatnonzero(deviation > problem.tolerance + SLACK)
    if over.size:
        text = f"{over.size} 个网格超出允许偏差 {problem.tolerance:.1%}，最大 {deviation.max():.1%}"
        found.append(_violation("over_tolerance", over, none, text))
    return found


def move_findings(problem: Problem, label: Ints, unit: int, to: int) -> list[Violation]:
    """What moving `unit` to grid `to` by hand would violate, in a plan that was valid or better left; empty for a legal move.

    `over_tolerance` is told only of the two grids, and only where the move takes a grid further out than it was.
    Raises `ValueError` for a unit or grid that does not exist.
    """
    if not (0 <= unit < problem.units and 0 <= to < problem.first[-1]):
        raise ValueError(f"no unit {unit} or no grid {to}")
    source = int(label[unit])
    if source == to:
        return []
    at = np.array([unit], np.int32)
    if problem.container_of_grid[to] != problem.container[unit]:
        return [
            _violation("leaves_container", np.array([to]), at, "该单元不在目标网格所属的范围内，网格不得跨越范围边界")
        ]
    rest = np.flatnonzero(label == source)
    rest = rest[rest != unit].astype(np.int32)
    if not rest.size:
        return [
            _violation(
                "empty_grid", np.array([source]), at, "移走后原网格没有单元；如需合并网格，请减少网格数后重新划分"
            )
        ]
    found = []
    graph = problem.graph
    around = graph.neighbour[graph.start[unit] : graph.start[unit + 1]]
    if not (label[around] == to).any():
        found.append(_violation("broken_grid", np.array([to]), at, "该单元与目标网格不相邻，移入后目标网格不连通"))
    cut_off = _cut_off(problem, rest, around[label[around] == source])
    if cut_off.size:
        found.append(
            _violation(
                "broken_grid", np.array([source]), cut_off, f"移走后原网格断开，{cut_off.size} 个单元与主体不相邻"
            )
        )
    return found + _out_of_balance(problem, label, unit, to)


def _cut_off(problem: Problem, rest: Ints, around: Ints) -> Ints:
    """The units of `rest` outside its largest piece; `around` are the neighbours that the moved unit had among them."""
    if around.size == 1:
        return np.empty(0, np.int32)  # a leaf leaves: the rest hangs together as before
    graph = problem.graph
    size = graph.start[rest + 1] - graph.start[rest]
    tails = np.repeat(np.arange(rest.size), size)
    steps = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    heads = graph.neighbour[np.repeat(graph.start[rest], size) + steps]
    place = np.minimum(np.searchsorted(rest, heads), rest.size - 1)
    inside = rest[place] == heads
    joined = coo_array((np.ones(inside.sum(), np.int8), (tails[inside], place[inside])), (rest.size, rest.size))
    part = connected_components(joined, directed=False)[1]
    return np.asarray(rest[part != np.argmax(np.bincount(part))], dtype=np.int32)


def _out_of_balance(problem: Problem, label: Ints, unit: int, to: int) -> list[Violation]:
    pair = np.array([label[unit], to])
    before = np.array([problem.load[label == grid].sum() for grid in pair])
    after = before + np.array([-problem.load[unit], problem.load[unit]])
    mean = problem.mean[problem.container[unit]]
    if mean == 0:
        return []
    deviation = np.abs(after / mean - 1)
    worse = (deviation > problem.tolerance + SLACK) & (deviation > np.abs(before / mean - 1))
    return [
        _violation(
            "over_tolerance",
            pair[i : i + 1],
            np.array([unit]),
            f"移动后{'原' if i == 0 else '目标'}网格偏差 {after[i] / mean - 1:+.1%}，超出允许的 {problem.tolerance:.1%}",
        )
        for i in np.flatnonzero(worse)
    ]
