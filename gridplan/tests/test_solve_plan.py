"""Solving: every grid is whole and at home, balanced where that can be, the same for the same seed, and the run can be stopped."""

import numpy as np
import pytest
from hypothesis import given, settings

from gridplan.figures import figures
from gridplan.problem import InvalidProblem
from gridplan.solve import solve
from gridplan.stop import MaxRounds, MaxSeconds, NeverStop, any_of
from gridplan.tests.lands import board, land, lands, path, star, voronoi
from gridplan.validators import validate
from gridplan.work import Params

ANY_WEIGHT = Params(effort=0.2, accept=frozenset({"unit_too_heavy"}))


def codes(problem, plan):
    return {violation.code for violation in validate(problem, plan.label)}


@settings(max_examples=60, deadline=None)
@given(lands())
def test_every_grid_is_whole_not_empty_and_in_its_container_whatever_the_loads(problem):
    plan = solve(problem, MaxRounds(60), 1, ANY_WEIGHT)
    assert codes(problem, plan) <= {"over_tolerance"}
    assert plan.figures.broken == 0
    assert np.array_equal(np.unique(plan.label), np.arange(problem.first[-1]))


@settings(max_examples=15, deadline=None)
@given(lands())
def test_same_seed_and_rounds_give_the_same_plan(problem):
    one, two = (solve(problem, MaxRounds(30), 7, ANY_WEIGHT) for _ in range(2))
    assert np.array_equal(one.label, two.label)
    assert one.rounds == two.rounds


def test_a_town_of_400_units_is_divided_within_tolerance():
    problem = voronoi(400, 20, seed=3, tolerance=0.03)
    assert validate(problem, solve(problem, NeverStop(), 1, Params(effort=0.3)).label) == []


def test_a_board_is_divided_into_its_four_quarters():
    problem = board(8, 8, 4, tolerance=0.0)
    plan = solve(problem, NeverStop(), 1)
    assert validate(problem, plan.label) == []
    assert plan.figures.cut_border == 1600.0  # two straight lines of 800 m


def test_a_shorter_border_is_found_when_borders_differ():
    """A river whose banks share little border runs through the board: cutting along it is cheapest."""
    problem = board(6, 6, 2, tolerance=0.4)
    river = (problem.edges[:, 0] % 6 == 1) & (problem.edges[:, 1] % 6 == 2)
    problem = board(6, 6, 2, tolerance=0.4, border=np.where(river, 1.0, 100.0))
    assert solve(problem, NeverStop(), 1).figures.cut_border == 6.0


def test_villages_are_kept_together_when_that_weighs():
    village = np.repeat(np.arange(9), 4)  # columns of a board are no villages: rows of four units are
    problem = board(4, 9, 3, tolerance=0.0, village=village)
    assert solve(problem, NeverStop(), 1, Params(village_weight=5.0)).figures.split_villages == 0


@pytest.mark.parametrize(
    "problem", [path(9, 1), path(7, 7), star(5, 5)], ids=["one grid", "n grids on a path", "n grids on a star"]
)
def test_trivial_divisions_are_found(problem):
    assert validate(problem, solve(problem, NeverStop(), 1).label) == []


def test_a_path_is_cut_where_it_balances():
    problem = path(12, 3, tolerance=0.0)
    label = solve(problem, NeverStop(), 1).label
    assert validate(problem, label) == []
    assert sorted(np.bincount(label)) == [4, 4, 4]


def test_a_star_that_cannot_balance_gives_the_best_plan_and_validation_names_the_grids():
    problem = star(9, 3)
    plan = solve(problem, NeverStop(), 1)
    assert codes(problem, plan) == {"over_tolerance"}
    assert plan.figures.units.tolist().count(1) == 2
    assert plan.figures.worst_deviation == pytest.approx(7 / 3 - 1)


def test_units_without_work_go_with_their_neighbours():
    load = np.ones(36)
    load[::3] = 0
    problem = board(6, 6, 4, tolerance=0.0, load=load)
    assert validate(problem, solve(problem, NeverStop(), 1).label) == []


def test_a_disconnected_container_is_refused_before_the_solver_starts():
    problem = land([(0, 1), (2, 3)], np.ones(4), 2)
    with pytest.raises(InvalidProblem, match="不连通"):
        solve(problem, NeverStop(), 1)


def test_a_unit_heavier_than_a_grid_is_refused_unless_accepted():
    load = np.array([9.0, 1, 1, 1])
    with pytest.raises(InvalidProblem, match="超过一个网格"):
        solve(path(4, 2, load=load), NeverStop(), 1)
    plan = solve(path(4, 2, load=load), NeverStop(), 1, ANY_WEIGHT)
    assert plan.label[0] not in plan.label[1:]


def test_progress_comes_with_whole_plans_and_ends_the_run_at_once():
    problem = voronoi(2000, 100, seed=1, tolerance=0.05)
    seen = []

    def watch(progress):
        seen.append(progress)
        return False

    plan = solve(problem, any_of(watch, MaxRounds(5)), 1)
    assert plan.rounds == len(seen) == 5
    assert all(progress.figures.broken == 0 for progress in seen)
    assert [progress.rounds for progress in seen] == [1, 2, 3, 4, 5]
    assert seen[0].figures.worst_deviation <= 0.05  # a plan within tolerance comes first


def test_a_time_limit_ends_the_run():
    problem = voronoi(5000, 250, seed=1, tolerance=0.05)
    assert solve(problem, MaxSeconds(0.0), 1).rounds == 1


def test_more_search_does_not_lengthen_borders():
    problem = voronoi(1000, 50, seed=5, tolerance=0.05)
    cuts = [solve(problem, MaxRounds(rounds), 1).figures.cut_border for rounds in (2, 1000)]
    assert cuts[1] < 0.95 * cuts[0]


def test_a_run_stopped_half_way_leaves_no_container_rough():
    problem = voronoi(960, [4] * 16, seed=5, tolerance=0.1, containers=16)
    whole = solve(problem, NeverStop(), 1)
    half = solve(problem, MaxRounds(whole.rounds // 2), 1)
    assert half.figures.cut_border <= 1.02 * whole.figures.cut_border


def test_a_run_stopped_at_once_keeps_what_was_brought_into_tolerance():
    problem = voronoi(960, [4] * 16, seed=5, tolerance=0.03, containers=16)
    over = figures(problem, solve(problem, MaxRounds(2), 1).label).deviation > 0.03
    assert over.reshape(16, 4).any(axis=1).sum() <= 1  # the container at work when it was stopped
