"""Bounds and proofs of whole problems: containers are independent, so what is proven of each adds up."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gridplan.bound.container import Container, Members, container
from gridplan.bound.exact import Solved, solve
from gridplan.bound.parts import Bound, Part, Proof
from gridplan.bound.simple import balance_part, grids_part
from gridplan.bound.spectral import spectral_bound
from gridplan.bound.ways import distance_part
from gridplan.figures import figures
from gridplan.plan import Plan
from gridplan.problem import Ints, Problem, check
from gridplan.solve import solve as divide
from gridplan.stop import MaxSeconds, Progress, Stop
from gridplan.validators import validate
from gridplan.work import Params

_BREATH = 20.0  # seconds that a step may take when nobody says how long all may
_SURE = 100  # units of a container that is proven in seconds
_WAYS = 0.5  # of the seconds given, that the bound of distances may take before the borders' turn comes
_ROUGH = Params(effort=0.3, village_weight=0.0, accept=frozenset({"unit_too_heavy"}))  # rounding alone may make one so

EXACT = "列生成与网格枚举（全部候选网格）"
PRICED = "列生成（Dantzig–Wolfe 松弛）"
SPECTRAL = "谱下界（Donath–Hoffman）"
TRIVIAL = "无"
ALL_PLANS = "所有不跨越范围、网格连通、偏差不超过允许值、网格数如所给的方案"
NO_PLAN = "已证明：没有网格连通且偏差不超过允许值的方案"


@dataclass
class _Watch:
    """Asks `stop` how much longer, with the labels found so far."""

    problem: Problem
    stop: Stop
    label: Ints
    begun: float = field(default_factory=time.perf_counter)
    rounds: int = 0
    is_over: bool = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.begun

    def stopped(self) -> bool:
        self.rounds += 1
        if not self.is_over:
            self.is_over = self.stop(Progress(self.seconds, self.rounds, self.label.copy(), self.problem))
        return self.is_over

    def within(self, share: float) -> Callable[[], bool]:
        """Says when to stop a part of the work that takes at most so much of the seconds given; it counts no rounds."""
        end = share * self.stop.seconds if isinstance(self.stop, MaxSeconds) else np.inf

        def stopped() -> bool:
            self.rounds -= 1
            return self.stopped() or self.seconds >= end

        return stopped

    def left(self) -> float:
        if self.is_over:
            return 0.0
        return self.stop.seconds - self.seconds if isinstance(self.stop, MaxSeconds) else _BREATH


def lower_bound(problem: Problem, stop: Stop, start: Plan | None = None, capacity: float | None = None) -> Bound:
    """What no plan can be better than; small containers are proven exactly, as time allows, smallest first.

    `start`, a valid plan, shortens the work. `capacity` (minutes a year of a member) is what the number of grids is
    bounded by; without it, the grids' own mean. Raises `InvalidProblem`.
    """
    return prove(problem, stop, start, capacity).bound


def prove(problem: Problem, stop: Stop, start: Plan | None = None, capacity: float | None = None) -> Proof:
    """The plan with the shortest cut border among those that are valid, with the proof, container by container.

    Containers of up to about 100 units are solved exactly (66 units in seconds), the smallest first, those of up to about 200
    within a few percent; for larger ones only a weak bound is known (about a third of the true length, none above
    `spectral.UNITS` units). How short ways can be is bounded beside it, within a few percent whatever the size; the plan is not
    made for short ways. Where time runs out the plan keeps what `start` has. `stop` is asked between rounds. Raises
    `InvalidProblem` for what `problem.findings` blocks.
    """
    check(problem)
    usable = start is not None and not validate(problem, start.label)
    label = start.label.copy() if start is not None and usable else problem.first[problem.container].astype(np.int32)
    watch = _Watch(problem, stop, label)
    distance = distance_part(problem, watch.within(_WAYS), label if usable else None)
    solved: dict[int, Solved] = {}
    for index, place in sorted(enumerate(container(problem, at) for at in range(len(problem.grids))), key=_turn):
        known = _members(place, label[place.units], int(problem.first[index])) if usable else None
        solved[index] = _solve(place, watch, known)
        _write(label, place, int(problem.first[index]), solved[index].members)
    return _proof(problem, watch, [solved[index] for index in range(len(problem.grids))], distance, capacity)


def _turn(numbered: tuple[int, Container]) -> tuple[int, int]:
    """First what is proven in seconds, then what has only the weak bound, which is cheap, then what may take all the time left."""
    place = numbered[1]
    units = len(place.load)
    if place.grids <= 1 or units <= _SURE:
        return 0, units
    return 2 if place.is_small else 1, units


def _solve(place: Container, watch: _Watch, known: Members | None) -> Solved:
    n = len(place.load)
    if place.grids <= 1 or n == 0:
        whole = np.ones((min(place.grids, n), n), bool)
        return Solved(whole, 0.0, 0.0, is_proven=True, is_infeasible=False)
    cut = float(place.cut(known).sum()) if known is not None else np.inf
    if watch.is_over or watch.left() <= 0:
        return Solved(known, cut, 0.0, is_proven=False, is_infeasible=False)
    if not place.is_small:
        return Solved(
            known, cut, min(cut, spectral_bound(place)), is_proven=False, is_infeasible=False, by_prices=False
        )
    if known is None:
        known = _divided(place, watch)
    return solve(place, watch.stopped, watch.left, known)


def _divided(place: Container, watch: _Watch) -> Members | None:
    """A good division of a small container, where one is found: no better plan has grids dearer than its gap to the bound."""
    problem = place.problem(watch.problem.tolerance)
    label = divide(problem, lambda _: watch.stopped(), 0, _ROUGH).label
    return None if validate(problem, label) else _members(place, label, 0)


def _members(place: Container, label: Ints, first: int) -> Members:
    return np.asarray(label[None, :] == np.arange(first, first + place.grids)[:, None])


def _write(label: Ints, place: Container, first: int, members: Members | None) -> None:
    if members is not None and len(members):
        # From west to east, so that the numbers do not depend on how the plan was found.
        west = [float(place.position[row, 0].mean()) for row in members]
        for number, row in enumerate(np.argsort(west, kind="stable").tolist()):
            label[place.units[members[row]]] = first + number


def _proof(problem: Problem, watch: _Watch, solved: list[Solved], distance: Part, capacity: float | None) -> Proof:
    between = problem.container[problem.edges[:, 0]] != problem.container[problem.edges[:, 1]]
    parts = tuple(_part(each) for each in solved)
    infeasible = any(each.is_infeasible for each in solved)
    proven = all(each.is_proven for each in solved) and not infeasible
    value = sum(part.value for part in parts) + float(problem.border[between].sum())
    method = EXACT if proven else "；".join(dict.fromkeys(part.method for part in parts if part.method != EXACT))
    total = Part(value, method, NO_PLAN if infeasible else ALL_PLANS, is_proven_optimal=proven)
    bound = Bound(grids_part(problem, capacity), balance_part(problem), total, distance, parts)
    plan = None
    if all(each.members is not None for each in solved):
        plan = Plan(watch.label, figures(problem, watch.label), 0, watch.seconds, watch.rounds)
    return Proof(plan, bound, proven, False if infeasible else (True if plan is not None else None))


def _part(each: Solved) -> Part:
    if each.is_infeasible:
        return Part(0.0, EXACT, NO_PLAN, is_proven_optimal=False)
    if each.is_proven:
        return Part(each.cut, EXACT, ALL_PLANS, is_proven_optimal=True)
    method = TRIVIAL if each.bound <= 0 else (PRICED if each.by_prices else SPECTRAL)
    return Part(each.bound, method, ALL_PLANS, is_proven_optimal=False)
