"""Divide every container into connected, balanced grids of short borders: bisect, anneal, bring into tolerance, refine."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gridplan import kernels
from gridplan.field import REACH, Field
from gridplan.figures import figures
from gridplan.plan import Plan
from gridplan.problem import Floats, Ints, Problem, check
from gridplan.stop import Progress, Stop


@dataclass(frozen=True)
class Params:
    """How a solver works. `effort` multiplies the work (1: seconds for 20,000 units); `village_weight` says by what share
    of its length a border inside a village counts more (fewer split villages); `accept` names findings taken knowingly
    (`problem.ACCEPTABLE`); `hysteresis` by what share of the tolerance re-planning brings a grid further in than it must."""

    effort: float = 1.0
    village_weight: float = 0.5
    accept: frozenset[str] = frozenset()
    hysteresis: float = 0.0


DEFAULT = Params()

SWEEPS = 200
STEPS = 40  # of the cooling
HOT, COLD = 0.6, 0.25  # in usual borders
SOFT, HARD = 10.0, 200.0  # usual borders per share of deviation out of tolerance
CENTRE = 30.0  # usual borders per squared share of deviation: spreads load early
WITHIN = 0.85  # of the tolerance: what annealing aims at
TRIALS = 200  # searches for chains in a round
PATIENCE = 5  # rounds without gain


class _Work:
    """The best division of the whole territory, asked about between rounds."""

    def __init__(self, problem: Problem, stop: Stop) -> None:
        self.problem = problem
        self.label = problem.first[problem.container]
        self.stop = stop
        self.began = time.monotonic()
        self.rounds = 0
        self.stopped = False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def take(self, field: Field) -> None:
        """Write down the best division of one container."""
        self.label[field.units] = field.first + field.best

    def round(self, field: Field) -> bool:
        """A round is over: write down, ask; whether to go on."""
        self.take(field)
        self.rounds += 1
        self.stopped = self.stopped or self.stop(Progress(self.seconds, self.rounds, self.label.copy(), self.problem))
        return not self.stopped


def solve(problem: Problem, stop: Stop, seed: int, params: Params = DEFAULT) -> Plan:
    """Divide `problem`; ends by itself, or when `stop` says so, with the best plan found. Same seed and rounds, same plan.

    Every grid is connected and in its container. Where no plan within tolerance is found, the one nearest to it is returned:
    `validators.validate` names the grids. Raises `InvalidProblem`."""
    check(problem, params.accept)
    work = _Work(problem, stop)
    draws = np.random.default_rng(seed)
    fields = [Field(problem, int(i), draws, params.village_weight) for i in np.flatnonzero(problem.grids > 1)]
    for field in fields:
        work.take(field)
    for field in fields:  # a plan within tolerance as early as possible
        if not work.stopped:
            _balance(field, field.label, problem.tolerance, work)
    for field in fields:
        if not work.stopped:
            _search(field, problem.tolerance, draws, work, params.effort)
    return finish(work, seed)


def finish(work: _Work, seed: int) -> Plan:
    return Plan(work.label, figures(work.problem, work.label), seed, work.seconds, work.rounds)


def rule(field: Field, band: float, slope: float, curve: float = 0.0, **other: float) -> kernels.Rule:
    """The compiled loops' rule, weights given in usual borders."""
    values = {"price": 0.0, "reach": 64, "chance": 256, "hope": field.metre, "scan": 32} | other
    kinds = kernels.Rule.__annotations__
    return kernels.Rule(
        band=band,
        slope=slope * field.metre,
        curve=curve * field.metre,
        **{name: kinds[name](value) for name, value in values.items()},
    )


def _search(field: Field, tolerance: float, draws: np.random.Generator, work: _Work, effort: float) -> None:
    """Anneal from several starts (more for small containers) and keep the best."""
    starts = max(1, min(8, round(effort * 3000 / len(field.units))))
    for number in range(starts):
        label = field.label if number == 0 else field.divide(draws.uniform(-0.8, 0.8, 61))[0]
        label = _anneal(field, label, tolerance, work, effort)
        _balance(field, label, tolerance, work)
        if work.stopped:
            return


def _anneal(field: Field, label: Ints, tolerance: float, work: _Work, effort: float) -> Ints:
    """Labels after cooling: short borders, most grids near tolerance."""
    state = field.state(label, _limits(field, tolerance))
    for step, share in _steps():
        if not work.round(field):
            break
        between = rule(field, WITHIN * tolerance, SOFT * (HARD / SOFT) ** (step / (STEPS - 1)), CENTRE)
        hot, cold = (field.metre * HOT * (COLD / HOT) ** s for s in (share, share + 1 / STEPS))
        sweeps = max(1, round(effort * SWEEPS / STEPS))
        kernels.anneal(state, between, sweeps, hot, cold, field.best, field.record)
    return state.label


def _steps() -> Iterator[tuple[int, float]]:
    return ((step, step / STEPS) for step in range(STEPS))


def _limits(field: Field, tolerance: float) -> Floats:
    return np.full(field.grids, tolerance)


def _balance(field: Field, label: Ints, tolerance: float, work: _Work) -> None:
    """Bring `label` into tolerance and refine it; the field's best is kept if better. Goes on a little after a stop."""
    state = field.state(label, _limits(field, tolerance))
    mend(field, state, rule(field, tolerance, 100.0, reach=REACH, scan=100_000), work)
    strict = rule(field, tolerance, 1e6, reach=REACH, scan=100_000)
    taken = 1
    while taken and not work.stopped:
        taken = 0
        for first in range(0, field.grids, 500):
            taken += kernels.refine(state, strict, field.chain, 1, first, 500, field.best, field.record)
            if not work.round(field):
                break


def mend(field: Field, state: kernels.State, how: kernels.Rule, work: _Work) -> None:
    """Search for chains until all grids are within their limits or nothing is gained any more."""
    field.chain.weight[:] = 1.0
    excess, idle = np.inf, 0
    while idle < PATIENCE:
        made = kernels.mend(state, how, field.chain, 2, TRIALS, field.best, field.record)
        idle = 0 if field.record[0] < excess - 1e-9 else idle + 1
        excess = float(field.record[0])
        if made < TRIALS or not work.round(field):
            break
