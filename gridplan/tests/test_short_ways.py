"""Ways to seats are measured as the long way round measures them, and plans made for short ways have shorter ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.problem import Problem
from gridplan.seats import distance, seats
from gridplan.solve import solve
from gridplan.stop import MaxRounds, NeverStop
from gridplan.tests.lands import board, lands, path, voronoi
from gridplan.validators import validate
from gridplan.work import Params

ANY_WEIGHT = frozenset({"unit_too_heavy"})


@settings(max_examples=60, deadline=None)
@given(lands(), st.integers(0, 999), st.integers(0, 3))
def test_the_seat_is_the_unit_of_the_grid_with_the_least_sum(problem: Problem, seed: int, idle: int) -> None:
    problem.load[:idle] = 0
    grids = int(problem.first[-1])
    label = np.random.default_rng(seed).integers(0, grids, problem.units).astype(np.int32)
    seat, cost = seats(problem, label)
    for g in range(grids):
        members = np.flatnonzero(label == g)
        if not members.size:
            assert (seat[g], cost[g]) == (-1, 0)
            continue
        apart = np.linalg.norm(problem.position[members][:, None] - problem.position[members][None], axis=2)
        sums = apart @ problem.load[members]
        assert seat[g] in members
        assert cost[g] == pytest.approx(sums.min(), abs=1e-6)
        assert sums[members.tolist().index(seat[g])] == pytest.approx(cost[g], abs=1e-6)
    assert distance(problem, label) == pytest.approx(cost.sum() / problem.load.sum())


def test_without_load_there_is_no_way() -> None:
    assert distance(path(4, 1, load=np.zeros(4)), np.zeros(4, np.int32)) == 0


def test_short_ways_are_shorter_and_cost_border() -> None:
    problem = voronoi(1000, 50, seed=5, tolerance=0.05)
    borders, both, ways = (solve(problem, NeverStop(), 1, Params(ways=share, effort=0.5)) for share in (0.0, 0.5, 1.0))
    for plan in (borders, both, ways):
        assert validate(problem, plan.label) == []
    metres = [distance(problem, plan.label) for plan in (borders, both, ways)]
    assert metres[2] < metres[1] < 0.95 * metres[0]
    assert borders.figures.cut_border < both.figures.cut_border < ways.figures.cut_border


def test_the_seat_of_a_board_is_its_middle() -> None:
    problem = board(3, 3, 1)
    plan = solve(problem, NeverStop(), 1, Params(ways=1.0))
    assert seats(problem, plan.label)[0].tolist() == [4]
    assert distance(problem, plan.label) == pytest.approx((4 * 100 + 4 * 100 * np.sqrt(2)) / 9)


@settings(max_examples=30, deadline=None)
@given(lands(), st.sampled_from((0.3, 1.0)))
def test_grids_stay_whole_and_the_same_seed_gives_the_same_plan(problem: Problem, ways: float) -> None:
    params = Params(effort=0.2, accept=ANY_WEIGHT, ways=ways)
    one, two = (solve(problem, MaxRounds(40), 3, params) for _ in range(2))
    assert np.array_equal(one.label, two.label)
    assert {violation.code for violation in validate(problem, one.label)} <= {"over_tolerance"}


@pytest.mark.parametrize("units", [7, 12])
def test_as_many_grids_as_units_and_units_in_one_place_are_planned(units: int) -> None:
    assert solve(path(units, units), NeverStop(), 1, Params(ways=1.0)).figures.units.tolist() == [1] * units
    here = path(units, 2, tolerance=0.5)
    heap = Problem(here.load, here.edges, here.border, here.position * 0, here.container, here.grids, here.tolerance)
    plan = solve(heap, NeverStop(), 1, Params(ways=1.0))
    assert validate(heap, plan.label) == []
    assert distance(heap, plan.label) == 0


@pytest.mark.parametrize("ways", [-0.1, 1.1])
def test_a_share_outside_its_range_is_refused(ways: float) -> None:
    with pytest.raises(ValueError, match="ways"):
        Params(ways=ways)
