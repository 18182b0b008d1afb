"""Bounds hold for every plan there is, and proofs find the best."""

import itertools
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan import bound, territory
from gridplan.bound.container import container
from gridplan.bound.exact import solve
from gridplan.bound.packing import pack
from gridplan.bound.pricing import Pricer
from gridplan.bound.proving import SPECTRAL
from gridplan.bound.simple import bins_needed, least_deviation
from gridplan.bound.spectral import spectral_bound
from gridplan.figures import figures
from gridplan.plan import Plan
from gridplan.problem import InvalidProblem, Problem
from gridplan.stop import MaxRounds, MaxSeconds, NeverStop
from gridplan.validators import validate


def village(n: int, grids: int, tolerance: float, seed: int, spread: float = 0.5) -> Problem:
    """Voronoi cells around random points with log-normal loads."""
    chance = np.random.default_rng(seed)
    side = np.sqrt(n) * 100
    box = shapely.box(0, 0, side, side)
    diagram = shapely.voronoi_polygons(shapely.multipoints(chance.random((n, 2)) * side), extend_to=box, ordered=True)
    built = territory.build(list(shapely.intersection(shapely.get_parts(diagram), box)), snap=0.01)
    load = chance.lognormal(0, spread, n) * 100
    home = np.zeros(n, np.int32)
    return Problem(load, built.edges, built.border, built.position, home, np.array([grids], np.int32), tolerance)


def is_grid(problem: Problem, units: frozenset[int]) -> bool:
    """Whether a set of units is connected and within tolerance, worked out the long way."""
    load, mean = sum(problem.load[u] for u in units), problem.mean[0]
    if not units or abs(load / mean - 1) > problem.tolerance + 1e-9:
        return False
    reached, pairs = {min(units)}, [(i, j) for i, j in problem.edges.tolist() if i in units and j in units]
    for _ in units:
        reached |= {v for pair in pairs for v in pair if reached & set(pair)}
    return reached == units


def every_plan(problem: Problem) -> list[float]:
    """The cut borders of all valid plans of one container, by trying all divisions into grids."""
    n = problem.units
    subsets = [frozenset(u for u in range(n) if bits >> u & 1) for bits in range(1 << n)]
    grids = [units for units in subsets if is_grid(problem, units)]

    def divisions(left: frozenset[int], count: int) -> list[list[frozenset[int]]]:
        if not count:
            return [] if left else [[]]
        own = [grid for grid in grids if left and min(left) in grid and grid <= left]
        return [[grid, *rest] for grid in own for rest in divisions(left - grid, count - 1)]

    found = []
    for division in divisions(frozenset(range(n)), int(problem.grids[0])):
        label = np.zeros(n, np.int32)
        for number, units in enumerate(division):
            label[list(units)] = number
        assert not validate(problem, label)
        found.append(figures(problem, label).cut_border)
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.integers(4, 9), st.integers(2, 3), st.sampled_from([0.05, 0.2, 0.5, 1.2]), st.integers(0, 999), st.integers(0, 3)
)
def test_the_proven_plan_is_the_best_of_all_and_the_bound_its_cut(
    n: int, grids: int, tolerance: float, seed: int, idle: int
) -> None:
    problem = village(n, grids, tolerance, seed)
    problem.load[:idle] = 0
    try:
        proof = bound.prove(problem, NeverStop())
    except InvalidProblem:
        return
    plans = every_plan(problem)
    if not plans:
        assert proof.is_feasible is False
        assert proof.plan is None
        return
    assert proof.is_optimal
    assert proof.plan is not None
    assert not validate(problem, proof.plan.label)
    assert proof.plan.figures.cut_border == pytest.approx(min(plans))
    assert proof.bound.cut_border.value == pytest.approx(min(plans))
    assert proof.bound.cut_border.is_proven_optimal


@settings(max_examples=25, deadline=None)
@given(st.integers(5, 8), st.integers(2, 3), st.sampled_from([0.2, 0.6]), st.integers(0, 999), st.integers(1, 6))
def test_a_bound_cut_short_at_any_round_still_holds(
    n: int, grids: int, tolerance: float, seed: int, rounds: int
) -> None:
    problem = village(n, grids, tolerance, seed)
    try:
        found = bound.lower_bound(problem, MaxRounds(rounds))
    except InvalidProblem:
        return
    plans = every_plan(problem)
    if plans:
        assert found.cut_border.value <= min(plans) * (1 + 1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(4, 9), st.integers(2, 4), st.sampled_from([0.2, 0.6]), st.integers(0, 999), st.integers(0, 2))
def test_the_bound_for_large_containers_holds_too(n: int, grids: int, tolerance: float, seed: int, idle: int) -> None:
    problem = village(n, grids, tolerance, seed)
    problem.load[:idle] = 0
    plans = every_plan(problem)
    assert spectral_bound(container(problem, 0)) <= min(plans, default=np.inf) * (1 + 1e-9)


def test_a_large_container_is_bounded_and_says_how() -> None:
    found = bound.lower_bound(village(700, 70, 0.1, 0), NeverStop())
    assert found.cut_border.value > 0
    assert not found.cut_border.is_proven_optimal
    assert found.cut_border.method == SPECTRAL


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 8), st.integers(2, 3), st.integers(0, 999))
def test_no_division_is_more_even_than_the_bound_of_balance(n: int, grids: int, seed: int) -> None:
    load = np.sort(np.random.default_rng(seed).lognormal(0, 1, n))[::-1]
    mean = load.sum() / grids
    best = min(
        np.abs(np.bincount(np.array(choice), weights=load, minlength=grids) / mean - 1).max()
        for choice in itertools.product(range(grids), repeat=n)
    )
    assert least_deviation(load / mean, grids) <= best + 1e-9


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=5))
def test_no_packing_needs_fewer_bins_than_the_bound(loads: list[int]) -> None:
    limit = 12
    need = min(
        len(set(choice))
        for choice in itertools.product(range(len(loads)), repeat=len(loads))
        if np.bincount(choice, weights=loads).max() <= limit
    )
    assert bins_needed(np.array(loads, float), limit) <= need


def test_units_just_over_half_a_grid_need_a_grid_each() -> None:
    assert bins_needed(np.array([6.0, 6.0, 6.0]), 10) == 3
    assert bins_needed(np.array([6.0, 6.0, 6.0, 4.0, 4.0, 4.0]), 10) == 3
    assert bins_needed(np.array([6.0, 6.0, 6.0, 5.0]), 10) == 4


@pytest.mark.parametrize(("grids", "tolerance", "seed"), [(2, 0.05, 1), (3, 0.1, 2), (4, 0.05, 3)])
def test_a_village_of_sixty_six_units_is_proven_in_seconds(grids: int, tolerance: float, seed: int) -> None:
    problem = village(66, grids, tolerance, seed)
    start = time.process_time()
    proof = bound.prove(problem, MaxSeconds(120))
    assert proof.is_optimal
    assert time.process_time() - start < 40  # a few seconds, and the compiling
    assert proof.plan is not None
    assert not validate(problem, proof.plan.label)
    again = bound.prove(problem, MaxSeconds(120), start=proof.plan)
    assert again.is_optimal
    assert again.bound.cut_border.value == pytest.approx(proof.bound.cut_border.value)


def test_containers_are_proven_one_by_one_and_borders_between_them_added() -> None:
    one, two = village(12, 2, 0.3, 1), village(15, 3, 0.4, 2)
    edges = np.vstack((one.edges, two.edges + 12, [[0, 12]]))
    border = np.concatenate((one.border, two.border, [77.0]))
    both = Problem(
        load=np.concatenate((one.load, two.load)),
        edges=edges,
        border=border,
        position=np.vstack((one.position, two.position)),
        container=np.repeat([0, 1], [12, 15]).astype(np.int32),
        grids=np.array([2, 3], np.int32),
        tolerance=0.3,
    )
    proof = bound.prove(both, NeverStop())
    assert proof.is_optimal
    assert proof.plan is not None
    assert not validate(both, proof.plan.label)
    single = [bound.prove(p, NeverStop()).bound.cut_border.value for p in (one, village(15, 3, 0.3, 2))]
    assert [part.value for part in proof.bound.cut_of_container] == pytest.approx(single)
    assert proof.bound.cut_border.value == pytest.approx(sum(single) + 77)
    assert proof.bound.cut_border.value == pytest.approx(proof.plan.figures.cut_border)
    assert proof.bound.gap(proof.plan.figures.cut_border) == pytest.approx(0)


def test_one_grid_needs_no_proof() -> None:
    proof = bound.prove(village(10, 1, 0.1, 0), NeverStop())
    assert proof.is_optimal
    assert proof.bound.cut_border.value == 0
    assert proof.bound.grids.value == 1


def test_when_there_is_no_time_the_start_is_kept_and_nothing_claimed() -> None:
    problem = village(30, 3, 0.2, 4)
    best = bound.prove(problem, NeverStop())
    assert best.plan is not None
    start = Plan(best.plan.label, best.plan.figures, 0, 0.0, 0)
    proof = bound.prove(problem, MaxSeconds(0), start=start)
    assert proof.plan is not None
    assert not proof.is_optimal
    assert proof.is_feasible
    assert proof.plan.label.tolist() == start.label.tolist()
    assert proof.bound.cut_border.value <= best.bound.cut_border.value


def test_a_start_that_is_not_valid_is_not_believed() -> None:
    problem = village(30, 3, 0.05, 4)
    wrong = Plan(np.zeros(30, np.int32), figures(problem, np.zeros(30, np.int32)), 0, 0.0, 0)
    proof = bound.prove(problem, NeverStop(), start=wrong)
    assert proof.is_optimal
    assert proof.plan is not None
    assert not validate(problem, proof.plan.label)


def test_a_problem_that_cannot_be_planned_is_refused_by_name() -> None:
    problem = village(10, 11, 0.1, 0)
    with pytest.raises(InvalidProblem, match="却要划 11 个网格"):
        bound.lower_bound(problem, NeverStop())


@settings(max_examples=20, deadline=None)
@given(st.integers(6, 12), st.integers(0, 999))
def test_the_oracle_never_overlooks_a_cheaper_grid(n: int, seed: int) -> None:
    place = container(village(n, 3, 0.3, seed), 0)
    pricer = Pricer(place)
    price = np.random.default_rng(seed).normal(50, 40, n)
    least, _ = pricer.best(price)
    every = np.array(list(itertools.product([False, True], repeat=n)))
    real = pricer.real(every)
    cost = place.cut(real) - real @ price
    if len(real):
        assert least <= cost.min() + 1e-9
        most = float(np.median(cost))
        listed = pricer.below(price, most, 10_000, 10_000)
        assert listed is not None
        assert {row.tobytes() for row in real[cost <= most]} <= {row.tobytes() for row in listed}


def test_the_oracle_says_when_it_could_not_list_all() -> None:
    pricer = Pricer(container(village(12, 3, 0.3, 1), 0))
    price = np.zeros(12)
    whole = pricer.below(price, np.inf, 10_000, 10_000)
    assert whole is not None
    assert pricer.below(price, np.inf, len(whole) - 1, 10_000) is None
    assert pricer.below(price, np.inf, 10_000, len(whole) - 1) is None


def test_a_plan_is_proven_where_hardly_any_grid_is_within_tolerance() -> None:
    proof = bound.prove(village(36, 4, 0.002, 1), NeverStop())
    assert proof.is_optimal
    assert proof.plan is not None
    assert proof.plan.figures.worst_deviation <= 0.002


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 7), st.integers(1, 4), st.integers(0, 999), st.floats(0.5, 4))
def test_packing_finds_the_least_cover_within_the_budget(n: int, grids: int, seed: int, budget: float) -> None:
    chance = np.random.default_rng(seed)
    members = np.unique(chance.random((25, n)) < 0.45, axis=0)
    members = members[members.any(axis=1)]
    extra = chance.random(len(members))
    covers = [
        sum(extra[i] for i in choice)
        for choice in itertools.combinations(range(len(members)), grids)
        if (members[list(choice)].sum(axis=0) == 1).all()
    ]
    found, complete = pack(members, extra, grids, budget, 10**6)
    assert complete
    best = min(covers, default=np.inf)
    assert (found is not None) == (best < budget)
    if found is not None:
        assert (found.sum(axis=0) == 1).all()


def test_proofs_are_the_same_by_integer_programming_where_the_search_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    place = container(village(40, 4, 0.05, 6), 0)
    searched = solve(place, lambda: False, lambda: 60.0)
    monkeypatch.setattr("gridplan.bound.exact._SPEED", 0)
    programmed = solve(place, lambda: False, lambda: 60.0)
    assert searched.is_proven
    assert programmed.is_proven
    assert searched.cut == pytest.approx(programmed.cut)


def test_a_large_town_gets_its_weak_bound_though_a_middling_one_takes_all_the_time() -> None:
    one, other = village(150, 8, 0.1, 1), village(420, 20, 0.1, 2)
    both = Problem(
        np.concatenate((one.load, other.load)),
        np.concatenate((one.edges, other.edges + one.units)),
        np.concatenate((one.border, other.border)),
        np.concatenate((one.position, other.position + 10_000)),
        np.repeat(np.arange(2, dtype=np.int32), (one.units, other.units)),
        np.array([8, 20], np.int32),
        0.1,
    )
    assert [container(both, at).is_small for at in range(2)] == [True, False]
    _, large = bound.prove(both, MaxRounds(1)).bound.cut_of_container
    assert large.method == SPECTRAL
    assert large.value > 0
