"""Re-planning: bring a plan that the world has moved out of tolerance back into it, moving as little work as possible."""

import numpy as np
import numpy.typing as npt

from gridplan import chains
from gridplan.field import Field
from gridplan.figures import Figures, figures
from gridplan.plan import Plan
from gridplan.problem import Ints, Problem, check
from gridplan.stop import Stop
from gridplan.validators import SLACK, validate
from gridplan.work import DEFAULT, Params, Work, mend


def improve(plan: Plan, problem: Problem, price: float, *, stop: Stop, seed: int, params: Params = DEFAULT) -> Plan:
    """The smallest change of `plan` that restores tolerance in `problem`, at `price` metres of cut border per minute of work moved.

    Only grids out of tolerance change, with those that give to or take from them; grids within tolerance are left in peace
    even where a shorter border could be had. Units are moved in chains, each grid staying connected and in its container; the
    result never has more deviation beyond tolerance than `plan` has. The plan's grids must be whole.
    Raises `InvalidProblem`, and `ValueError` for a plan with broken, empty or stray grids or a negative price."""
    check(problem, params.accept)
    if not price >= 0:
        raise ValueError("price must not be negative")
    before = _checked(problem, plan.label)
    work = Work(problem, stop, plan.label.astype(np.int32))
    draws = np.random.default_rng(seed)
    over = before.deviation > problem.tolerance + SLACK
    for i in np.unique(problem.container_of_grid[over]):
        if problem.grids[i] > 1 and not work.stopped:
            field = Field(problem, int(i), draws, params.village_weight, plan.label, params.ways)
            _restore(field, over[field.first : field.first + field.grids], price, params, work)
    return work.plan(seed)


def _checked(problem: Problem, label: Ints) -> Figures:
    wrong = [each.text for each in validate(problem, label) if each.code != "over_tolerance"]
    if wrong:
        raise ValueError("；".join(wrong))
    return figures(problem, label)


def _restore(field: Field, over: npt.NDArray[np.bool_], price: float, params: Params, work: Work) -> None:
    """Mend the grids `over` tolerance of one container, and send home what need not have moved."""
    tolerance = work.problem.tolerance
    limit = np.where(over, tolerance * (1 - params.hysteresis), tolerance)
    state = field.state(field.label, limit, home=field.label)
    dear = price * field.mean  # metres for the load of a whole grid
    field.record[:] = state.now[1], state.now[0]
    rule = field.rule(tolerance, 100.0 + 4 * dear / field.stake, price=dear)
    mend(field, state, rule, work)
    chains.send_home(state, rule, field.best, field.record)
    worst = np.abs(np.bincount(field.best, weights=field.load) - 1).max()
    if worst > max(tolerance, np.abs(np.bincount(field.label, weights=field.load) - 1).max()) + SLACK:
        field.best[:] = field.label  # less excess in all, but one grid more overloaded than any was
    work.take(field)
