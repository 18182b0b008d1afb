"""Load that is short in one region and over in another runs off along the potential, over many grids."""

import numpy as np

from gridplan.drift import potential, pull
from gridplan.field import Field
from gridplan.problem import Problem
from gridplan.solve import solve
from gridplan.stop import NeverStop
from gridplan.tests.lands import board, voronoi
from gridplan.validators import validate


def divided(problem: Problem) -> tuple[Field, object]:
    field = Field(problem, 0, np.random.default_rng(1))
    return field, field.state(field.label, np.full(field.grids, problem.tolerance))


def test_balanced_grids_have_no_potential():
    _, state = divided(board(12, 12, 9, tolerance=0.1))
    assert np.abs(potential(state)).max() < 1e-9


def test_potential_falls_from_where_load_is_over_to_where_it_is_short():
    problem = voronoi(2_000, 100, seed=4, tolerance=0.02)
    _, state = divided(problem)
    west = np.zeros(100)
    np.add.at(west, state.label, 1.0)
    middle = np.bincount(state.label, weights=Field(problem, 0, np.random.default_rng(1)).position[:, 0]) / west
    state.total[:] = np.where(middle > np.median(middle), 1.01, 0.99)  # nobody is far out, but half the land is
    found = potential(state)
    assert np.corrcoef(found, middle)[0, 1] > 0.8
    assert abs(found.mean()) < 1e-9


def test_flow_along_the_potential_evens_out_every_grid():
    _, state = divided(voronoi(600, 30, seed=2, tolerance=0.02))
    state.total[:] = np.random.default_rng(3).uniform(0.9, 1.1, 30)
    found = potential(state)
    wide = np.zeros((30, 30))
    mine, other = np.repeat(state.label, np.diff(state.start)), state.label[state.neighbour]
    np.add.at(wide, (mine[mine != other], other[mine != other]), 1.0)
    usual = wide[wide > 0].mean()
    out = (wide / usual * (found[:, None] - found[None, :])).sum(axis=1)
    assert np.allclose(out, state.total - state.total.mean(), atol=1e-5)


def test_two_grids_need_no_potential_and_pull_is_measured_in_metres():
    _, state = divided(board(4, 4, 2, tolerance=0.1))
    state.total[:] = 1.2, 0.8
    pull(state, 100.0)
    assert (state.pull == 0).all()


def test_a_narrow_tolerance_is_reached_with_short_borders():
    problem = voronoi(3_000, 150, seed=6, tolerance=0.01)
    wide = Problem(**{**vars_of(problem), "tolerance": 0.05})
    narrow_plan, wide_plan = (solve(one, NeverStop(), 1) for one in (problem, wide))
    assert validate(problem, narrow_plan.label) == []
    assert narrow_plan.figures.cut_border < 1.2 * wide_plan.figures.cut_border


def vars_of(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in problem.__dataclass_fields__}
