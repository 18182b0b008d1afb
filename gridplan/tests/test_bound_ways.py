"""No valid plan, connected or not, has shorter ways to its seats than the bound says, whenever the bound's work ends."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.bound import prove
from gridplan.bound.hess import hess_bound
from gridplan.bound.ways import COUNTED, HESS, distance_part
from gridplan.figures import figures
from gridplan.plan import Plan
from gridplan.problem import Floats, Problem
from gridplan.seats import distance
from gridplan.solve import solve
from gridplan.stop import MaxRounds, MaxSeconds, NeverStop
from gridplan.tests.lands import board, path, voronoi
from gridplan.validators import validate
from gridplan.work import Params


def least_of_all(load: Floats, position: Floats, grids: int, low: float, high: float) -> float:
    """The least Σ load × metres of all divisions into `grids` grids within limits, connected or not, by trying them all."""
    apart = np.linalg.norm(position[:, None] - position[None], axis=2)
    best = np.inf
    for choice in itertools.product(range(grids), repeat=len(load) - 1):
        label = np.array((0, *choice))
        held = np.bincount(label, weights=load, minlength=grids)
        if len(np.unique(label)) < grids or held.min() < low - 1e-9 or held.max() > high + 1e-9:
            continue
        members = [np.flatnonzero(label == g) for g in range(grids)]
        best = min(best, sum(float((apart[np.ix_(own, own)] @ load[own]).min()) for own in members))
    return best


@settings(max_examples=80, deadline=None)
@given(
    st.integers(3, 8), st.integers(2, 3), st.sampled_from([0.05, 0.2, 0.6, 1.5]), st.integers(0, 9999), st.integers(0, 3),
    st.integers(1, 40), st.booleans(),
)  # fmt: skip
def test_the_bound_never_exceeds_the_best_of_all_divisions(
    n: int, grids: int, tolerance: float, seed: int, idle: int, asked: int, twins: bool
) -> None:
    chance = np.random.default_rng(seed)
    load, position = chance.lognormal(0, 0.6, n), chance.random((n, 2)) * 1000
    load[:idle] = 0
    if twins:
        position[0] = position[-1]
    mean = load.sum() / grids
    low, high = mean * (1 - tolerance), mean * (1 + tolerance)
    best = least_of_all(load, position, grids, low, high)
    if np.isfinite(best):
        looks = itertools.count(1)
        for known, stopped in (
            (np.inf, lambda: False),
            (best, lambda: False),
            (best * 2, lambda: next(looks) >= asked),
        ):
            assert hess_bound(load, position, grids, low, high, stopped, known) <= best * (1 + 1e-9)


@pytest.mark.parametrize(("wide", "most"), [(1, 3), (1, 1), (2, 6)])
def test_it_holds_however_few_pairs_are_listed(monkeypatch: pytest.MonkeyPatch, wide: int, most: int) -> None:
    monkeypatch.setattr("gridplan.bound.hess.WIDE", wide)
    monkeypatch.setattr("gridplan.bound.hess.LEAST", most)
    for seed in range(40):
        chance = np.random.default_rng(seed)
        load, position = chance.lognormal(0, 0.6, 8), chance.random((8, 2)) ** 3 * 1000
        low, high = load.sum() / 3 * np.array([0.6, 1.4])
        best = least_of_all(load, position, 3, low, high)
        assert hess_bound(load, position, 3, low, high) <= best * (1 + 1e-9)


def test_it_is_not_far_from_the_best() -> None:
    gaps = []
    for seed in range(20):
        chance = np.random.default_rng(seed)
        load, position = chance.lognormal(0, 0.4, 9), chance.random((9, 2)) * 1000
        low, high = load.sum() / 3 * np.array([0.7, 1.3])
        gaps.append(1 - hess_bound(load, position, 3, low, high) / least_of_all(load, position, 3, low, high))
    assert np.median(gaps) < 0.08


@pytest.mark.parametrize("units", [90, 300])
def test_it_is_not_far_from_plans_where_units_crowd_and_some_lie_far_off(units: int) -> None:
    """Prices that begin far too high outside the crowd have to come down again."""
    even = voronoi(units, units // 18, seed=2, tolerance=0.05)
    middle = even.position - 500
    place = middle * (np.linalg.norm(middle, axis=1, keepdims=True) / 500) ** 2
    crowd = Problem(even.load, even.edges, even.border, place, even.container, even.grids, even.tolerance)
    plan = solve(crowd, NeverStop(), 1, Params(ways=1.0, effort=0.5))
    assert validate(crowd, plan.label) == []
    assert 0.85 * distance(crowd, plan.label) < distance_part(crowd, lambda: False).value <= distance(crowd, plan.label)


@pytest.mark.parametrize(("units", "grids", "tolerance"), [(900, 45, 0.05), (120, 2, 0.1), (200, 40, 0.8)])
def test_no_plan_is_below_the_bound_and_those_for_short_ways_are_near(units: int, grids: int, tolerance: float) -> None:
    problem = voronoi(units, grids, seed=units, tolerance=tolerance)
    problem.load[::7] = 0
    plans = [solve(problem, NeverStop(), 1, Params(ways=ways, effort=0.5)) for ways in (0.0, 1.0)]
    found = distance_part(problem, lambda: False)
    for plan in plans:
        assert validate(problem, plan.label) == []
        assert found.value <= distance(problem, plan.label)
    assert 1 - found.value / distance(problem, plans[1].label) < (0.05 if grids == 45 else 0.3)
    assert found.method == HESS
    assert not found.is_proven_optimal


def test_one_grid_is_exact_and_as_many_grids_as_units_need_no_way() -> None:
    alone = board(5, 3, 1)
    found = distance_part(alone, lambda: False)
    assert found.value == pytest.approx(distance(alone, np.zeros(15, np.int32)))
    assert found.is_proven_optimal
    assert found.method == COUNTED
    assert distance_part(path(9, 9), lambda: False).value == 0


def test_containers_add_up_and_a_plan_at_the_bound_is_proven_best() -> None:
    problem = voronoi(200, [1, 10], seed=3, tolerance=0.1, containers=2)
    plan = solve(problem, NeverStop(), 1, Params(ways=1.0, effort=0.3))
    found = distance_part(problem, lambda: False, plan.label)
    assert 0.85 * distance(problem, plan.label) < found.value <= distance(problem, plan.label)
    pairs = Problem(
        load=np.ones(4), edges=np.array([(0, 1), (1, 2), (2, 3)]), border=np.ones(3),
        position=np.array([(0.0, 0), (1, 0), (100, 0), (101, 0)]), container=np.zeros(4), grids=np.array([2]), tolerance=0.0,
    )  # fmt: skip
    best = distance_part(pairs, lambda: False, np.array([0, 0, 1, 1]))
    assert best.value == pytest.approx(0.5)
    assert best.is_proven_optimal


def test_proofs_tell_it_and_what_is_not_reached_in_time_counts_as_nothing() -> None:
    problem = voronoi(400, 20, seed=1, tolerance=0.1)
    plan = solve(problem, NeverStop(), 1, Params(ways=0.5, effort=0.3))
    found = prove(problem, MaxRounds(1), plan).bound.distance
    assert 0 < found.value <= distance(problem, plan.label)
    assert prove(problem, MaxSeconds(0), plan).bound.distance.value == 0


def test_a_plan_that_is_not_valid_is_not_believed() -> None:
    problem = voronoi(60, 4, seed=1, tolerance=0.05)
    best = prove(problem, NeverStop()).bound.distance.value
    scattered = np.full(60, 3, np.int32)
    scattered[:3] = range(3)
    wrong = Plan(scattered, figures(problem, scattered), 0, 0.0, 0)
    assert prove(problem, NeverStop(), wrong).bound.distance.value == pytest.approx(best, rel=0.01)
