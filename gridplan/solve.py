"""Divide every container into connected, balanced grids of short borders or ways: bisect, anneal, bring into tolerance, refine."""

import numpy as np

from gridplan import chains, kernels
from gridplan.drift import pull
from gridplan.field import Field
from gridplan.plan import Plan
from gridplan.problem import Floats, Ints, Problem, check
from gridplan.stop import Stop
from gridplan.validators import SLACK
from gridplan.work import DEFAULT, LONGEST, Params, Work, mend

SWEEPS, LEAST, MOST = 40_000, 1, 5  # passes of a step: so many units' worth, within limits
STARTS, STARTED = 8, 3_000  # times that a container is annealed at most, and units annealed for it by then
STEPS = 40  # of the cooling
HOT, COLD = 0.6, 0.3  # in usual borders
SOFT = 10.0  # usual borders per share of deviation out of tolerance, at first
HARD = 2.0  # usual borders per tolerance's width of it, at last
HARDER = 1.6  # times that from one healing to the next
CENTRE = 30.0  # usual borders per squared share of deviation: spreads load early
HEALS = 6  # times that annealing shortens the borders which mending left long, before all is brought into tolerance
PULL = 60.0  # usual borders for a whole grid's load moved down a potential of 1
PULLED = 3  # steps of the cooling between two looks at the potential
WITHIN = 0.85  # of the tolerance: what annealing aims at


def solve(problem: Problem, stop: Stop, seed: int, params: Params = DEFAULT) -> Plan:
    """Divide `problem`; ends by itself, or when `stop` says so, with the best plan found. Same seed and rounds, same plan.

    Every grid is connected and in its container. Where no plan within tolerance is found, the one nearest to it is returned:
    `validators.validate` names the grids. Raises `InvalidProblem`."""
    check(problem, params.accept)
    work = Work(problem, stop, problem.first[problem.container])
    draws = np.random.default_rng(seed)
    several = np.flatnonzero(problem.grids > 1)
    fields = [Field(problem, int(i), draws, params.village_weight, ways=params.ways) for i in several]
    for field in fields:
        work.take(field)
    for field in fields:  # a plan within tolerance as early as possible
        if not work.stopped:
            _balance(field, field.label, problem.tolerance, work, refined=False)
    for number in range(STARTS):  # every container once before any is tried again: a stop finds none left rough
        for field in fields:
            if not work.stopped and number < _starts(field, params.effort):
                label = field.label if number == 0 else field.divide(draws.uniform(-0.8, 0.8, 61))[0]
                _search(field, label, problem.tolerance, work, params.effort)
    return work.plan(seed)


def _starts(field: Field, effort: float) -> int:
    """Return from how many starts a container is annealed: more for small ones."""
    return max(1, min(STARTS, round(effort * STARTED / len(field.units))))


def _search(field: Field, label: Ints, tolerance: float, work: Work, effort: float) -> None:
    """Anneal from one start; the field's best is kept if better."""
    label = _anneal(field, label, tolerance, work, effort)
    _balance(field, _heal(field, label, tolerance, work), tolerance, work)


def _anneal(field: Field, label: Ints, tolerance: float, work: Work, effort: float) -> Ints:
    """Labels after cooling: short borders, most grids near tolerance."""
    state = field.state(label, _limits(field, tolerance))
    steeper = _hard(tolerance) / SOFT
    for step in range(STEPS):
        if not work.round(field):
            break
        slope = SOFT * steeper ** (step / (STEPS - 1))
        rule = _cooling(field, tolerance, slope)
        if step % PULLED == 0:
            pull(state, PULL * field.stake)
        hot, cold = (field.metre * HOT * (COLD / HOT) ** (at / STEPS) for at in (step, step + 1))
        kernels.anneal(state, rule, _sweeps(field, effort), hot, cold, field.best, field.record)
    return state.label


def _heal(field: Field, label: Ints, tolerance: float, work: Work) -> Ints:
    """Labels after mending and cool annealing in turns: what is still out of tolerance afterwards costs less to bring in."""
    if work.stopped:
        return label
    state = field.state(label, _limits(field, tolerance))
    gentle, slope = field.rule(tolerance, 100.0), _hard(tolerance)
    heat = field.metre * COLD * 0.8
    for _ in range(HEALS):
        field.chain.weight[:] = 1.0
        chains.mend(state, gentle, field.chain, LONGEST, 1 + field.grids // 6, field.best, field.record)
        if state.now[1] <= SLACK or not work.round(field):
            break
        pull(state, PULL * field.stake)
        cool = _cooling(field, tolerance, slope)
        kernels.anneal(state, cool, _sweeps(field, 2.0), heat, heat * 0.8, field.best, field.record)
        slope *= HARDER
    return state.label


def _hard(tolerance: float) -> float:
    return min(max(HARD / max(tolerance, 1e-3), 40.0), 1000.0)


def _cooling(field: Field, tolerance: float, slope: float) -> kernels.Rule:
    return field.rule(WITHIN * tolerance, slope, CENTRE, reach=64, hope=field.metre, scan=32)


def _sweeps(field: Field, effort: float) -> int:
    return max(1, round(effort * min(max(SWEEPS / len(field.units), LEAST), MOST)))


def _limits(field: Field, tolerance: float) -> Floats:
    return np.full(field.grids, tolerance)


def _balance(field: Field, label: Ints, tolerance: float, work: Work, refined: bool = True) -> None:
    """Bring `label` into tolerance and refine it; the field's best is kept if better. Goes on a little after a stop."""
    state = field.state(label, _limits(field, tolerance))
    mend(field, state, field.rule(tolerance, 100.0), work)
    strict = field.rule(tolerance, 1e6)
    taken = int(refined)
    while taken and not work.stopped:
        taken = 0
        for first in range(0, field.grids, 500):
            taken += chains.refine(state, strict, field.chain, 1, first, 500, field.best, field.record)
            if not work.round(field):
                break
    work.take(field)
