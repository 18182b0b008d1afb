"""Re-planning: little moves, never for the worse, nothing where nothing is out of tolerance."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.figures import figures
from gridplan.improve import improve
from gridplan.problem import Problem
from gridplan.solve import solve
from gridplan.stop import MaxRounds, NeverStop
from gridplan.tests.lands import board, lands, star, voronoi
from gridplan.validators import validate
from gridplan.work import Params

ANY_WEIGHT = Params(effort=0.2, accept=frozenset({"unit_too_heavy"}))


def with_load(problem, load):
    return Problem(
        load,
        problem.edges,
        problem.border,
        problem.position,
        problem.container,
        problem.grids,
        problem.tolerance,
        problem.village,
    )


def excess(problem, label):
    return np.maximum(figures(problem, label).deviation - problem.tolerance, 0)


@settings(max_examples=50, deadline=None)
@given(lands(), st.integers(0, 1000), st.sampled_from((0.0, 0.01, 10.0)), st.sampled_from((0.0, 0.5, 1.0)))
def test_violations_never_grow_and_grids_stay_whole(problem, seed, price, ways):
    plan = solve(problem, MaxRounds(10), 1, ANY_WEIGHT)
    changed = with_load(problem, problem.load * np.exp(np.random.default_rng(seed).normal(0, 0.4, problem.units)))
    again = improve(plan, changed, price, stop=NeverStop(), seed=1, params=replace(ANY_WEIGHT, ways=ways))
    before, after = excess(changed, plan.label), excess(changed, again.label)
    assert after.sum() <= before.sum() + 1e-9
    assert after.max() <= before.max() + 1e-9
    assert {violation.code for violation in validate(changed, again.label)} <= {"over_tolerance"}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_nothing_moves_while_every_grid_is_within_tolerance(seed):
    problem = voronoi(120, 8, seed=seed, tolerance=0.15)
    plan = solve(problem, MaxRounds(20), 1)
    if plan.figures.worst_deviation <= 0.15:
        assert np.array_equal(improve(plan, problem, 0.0, stop=NeverStop(), seed=1).label, plan.label)


def test_a_change_in_one_corner_moves_only_its_surroundings():
    problem = board(20, 20, 16, tolerance=0.1)
    plan = solve(problem, NeverStop(), 1, Params(effort=0.2))
    load = problem.load.copy()
    load[plan.label == plan.label[0]] *= 1.3
    changed = with_load(problem, load)
    again = improve(plan, changed, 1.0, stop=NeverStop(), seed=1)
    assert validate(changed, again.label) == []
    moved = np.flatnonzero(again.label != plan.label)
    assert 0 < moved.size <= 12
    row, column = np.divmod(moved, 20)
    assert (row + column).max() < 20


def test_five_percent_of_changed_loads_move_little_work():
    problem = voronoi(4000, 200, seed=2, tolerance=0.03)
    plan = solve(problem, NeverStop(), 1, Params(effort=0.3))
    assert validate(problem, plan.label) == []
    draws = np.random.default_rng(1)
    load = problem.load.copy()
    load[draws.random(4000) < 0.05] *= 1.15
    changed = with_load(problem, load)
    assert figures(changed, plan.label).worst_deviation > 0.03
    again = improve(plan, changed, 1.0, stop=NeverStop(), seed=1)
    assert validate(changed, again.label) == []
    assert load[again.label != plan.label].sum() / load.sum() <= 0.005


def test_a_high_price_moves_no_more_work_than_a_low_one():
    problem = voronoi(1000, 50, seed=4, tolerance=0.05)
    plan = solve(problem, NeverStop(), 1, Params(effort=0.3))
    load = problem.load * np.exp(np.random.default_rng(3).normal(0, 0.2, 1000))
    changed = with_load(problem, load)
    moved = []
    for price in (0.0, 100.0):
        again = improve(plan, changed, price, stop=NeverStop(), seed=1)
        assert validate(changed, again.label) == []
        moved.append(load[again.label != plan.label].sum())
    assert moved[1] <= moved[0]


def test_hysteresis_brings_a_grid_further_in_than_it_must():
    problem = board(20, 20, 16, tolerance=0.1)
    plan = solve(problem, NeverStop(), 1, Params(effort=0.2))
    load = problem.load.copy()
    load[plan.label == 5] *= 1.3
    changed = with_load(problem, load)
    again = improve(plan, changed, 1.0, stop=NeverStop(), seed=1, params=Params(hysteresis=0.7))
    assert again.figures.deviation[5] <= 0.03 + 1e-9


def test_a_plan_with_broken_grids_is_refused():
    problem = board(4, 4, 2)
    plan = solve(problem, NeverStop(), 1)
    label = plan.label.copy()
    label[0], label[15] = label[15], label[0]
    with pytest.raises(ValueError, match="不连通"):
        improve(replace(plan, label=label), problem, 1.0, stop=NeverStop(), seed=1)


def test_a_negative_price_is_refused():
    problem = star(5, 5)
    with pytest.raises(ValueError, match="price"):
        improve(solve(problem, NeverStop(), 1), problem, -1.0, stop=NeverStop(), seed=1)
