"""Findings before planning, figures and violations after it, and one move by hand."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.figures import figures
from gridplan.problem import findings, grids_needed
from gridplan.tests.lands import board, land, lands, path, star
from gridplan.validators import move_findings, validate

ROWS = np.repeat(np.arange(4), 4).astype(np.int32)  # a 4 × 4 board by rows


def codes(found):
    return [each.code for each in found]


@pytest.mark.parametrize(
    ("problem", "code", "units"),
    [
        (path(4, 2, load=np.array([1, -1.0, 1, 1])), "load_negative", (1,)),
        (path(4, 2, load=np.array([1, np.nan, 1, 1])), "load_unknown", (1,)),
        (path(4, 2, load=np.array([1, 0.0, 1, 1])), "load_zero", (1,)),
        (path(4, 2, load=np.zeros(4)), "no_load", (0, 1, 2, 3)),
        (path(2, 3), "too_many_grids", (0, 1)),
        (path(2, 0), "no_grids", (0, 1)),
        (path(4, 2, load=np.array([9.0, 1, 1, 1])), "unit_too_heavy", (0,)),
        (land([(0, 1), (2, 3), (3, 4)], np.ones(5), 2), "disconnected", (0, 1)),
        (path(4, 2, tolerance=-0.1), "bad_tolerance", ()),
        (land([(0, 1)], np.ones(2), 1, border=np.array([-5.0])), "border_wrong", (0, 1)),
        (land([(0, 1)], np.ones(2), 1, position=np.full((2, 2), np.inf)), "position_unknown", (0, 1)),
        (land(np.empty((0, 2)), np.empty(0), 1), "no_units", ()),
    ],
)
def test_each_thing_that_cannot_be_planned_is_named_with_its_units(problem, code, units):
    found = [each for each in findings(problem) if each.code == code]
    assert [each.units for each in found] == [units]
    assert all(each.text and each.remedy for each in found)


def test_a_sound_problem_has_no_findings():
    assert findings(board(4, 4, 4)) == []


@pytest.mark.parametrize("edges", [[(1, 0)], [(0, 0)], [(0, 9)], [(0, 1), (0, 1)]])
def test_edges_that_contradict_themselves_are_an_error_of_the_caller(edges):
    with pytest.raises(ValueError, match="edges"):
        land(edges, np.ones(3), 1)


def test_grids_needed_is_the_least_number_that_capacity_allows():
    assert grids_needed([0, 50, 110, 111, 220], capacity=100, tolerance=0.1).tolist() == [1, 1, 1, 2, 2]
    with pytest.raises(ValueError, match="capacity"):
        grids_needed(1, capacity=0, tolerance=0.1)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        (np.where(ROWS == 3, 2, ROWS), ["empty_grid", "over_tolerance"]),
        (np.array([1, 0, 0, 0, 0, 1, 1, 1, *[2] * 4, *[3] * 4]), ["broken_grid"]),
        (np.where(ROWS == 3, 4, ROWS), ["wrong_count"]),
        (np.where(np.arange(16) == 3, 1, ROWS), ["over_tolerance"]),
        (ROWS, []),
        (ROWS[:5], ["wrong_count"]),
    ],
)
def test_each_violated_constraint_is_named(label, code):
    assert codes(validate(board(4, 4, 4), label.astype(np.int32))) == code


def test_a_unit_in_a_grid_of_another_container_is_named():
    problem = board(4, 4, [2, 2], container=np.repeat([0, 1], 8))
    label = ROWS.copy()
    label[0] = 2
    (stray,) = [each for each in validate(problem, label) if each.code == "leaves_container"]
    assert stray.units == (0,)


def naive_figures(problem, label):
    grids = range(int(problem.first[-1]))
    load = [sum(problem.load[u] for u in range(problem.units) if label[u] == g) for g in grids]
    mean = [problem.mean[problem.container_of_grid[g]] for g in grids]
    deviation = [abs(one / of - 1) for one, of in zip(load, mean, strict=True)]
    cut = [e for e, (i, j) in enumerate(problem.edges) if label[i] != label[j]]
    split = [
        v for v in set(problem.village) if len({label[u] for u in range(problem.units) if problem.village[u] == v}) > 1
    ]
    broken = 0
    for g in grids:
        left = {u for u in range(problem.units) if label[u] == g}
        front = [left.pop()] if left else []
        while front:
            u = front.pop()
            for i, j in problem.edges:
                for v, w in ((i, j), (j, i)):
                    if v == u and w in left:
                        left.remove(w)
                        front.append(w)
        broken += bool(left)
    return max(deviation), float(np.mean(deviation)), broken, len(cut), sum(problem.border[cut]), len(split)


@settings(max_examples=25, deadline=None)
@given(lands(), st.integers(0, 1000))
def test_figures_equal_a_naive_recomputation(problem, seed):
    label = np.random.default_rng(seed).integers(0, problem.first[-1], problem.units).astype(np.int32)
    got = figures(problem, label)
    values = (got.worst_deviation, got.mean_deviation, got.broken, got.cut_edges, got.cut_border, got.split_villages)
    assert values == pytest.approx(naive_figures(problem, label))


def test_compactness_of_rows_is_that_of_rectangles():
    assert figures(board(4, 4, 4), ROWS).polsby_popper == pytest.approx(4 * np.pi * 4 / 10**2)


def test_labels_outside_the_plan_cannot_be_measured():
    with pytest.raises(ValueError, match="label"):
        figures(board(4, 4, 4), ROWS + 1)


def test_a_legal_move_has_no_findings():
    assert move_findings(board(4, 4, 4, tolerance=0.5), ROWS, 3, 1) == []


@pytest.mark.parametrize(
    ("unit", "to", "code"),
    [(1, 1, ["broken_grid"]), (0, 3, ["broken_grid"]), (0, 1, []), (1, 0, [])],
    ids=["cuts its grid in two", "not adjacent", "legal", "stays"],
)
def test_a_move_that_breaks_a_grid_says_so(unit, to, code):
    assert codes(move_findings(board(4, 4, 4, tolerance=0.5), ROWS, unit, to)) == code


def test_a_move_out_of_balance_says_by_how_much():
    found = move_findings(board(4, 4, 4, tolerance=0.2), ROWS, 0, 1)
    assert [(each.code, each.grids) for each in found] == [("over_tolerance", (0,)), ("over_tolerance", (1,))]
    assert "+25.0%" in found[1].text


def test_the_last_unit_of_a_grid_stays():
    assert codes(move_findings(star(3, 3), np.arange(3), 1, 0)) == ["empty_grid"]


def test_a_move_across_the_border_of_a_container_is_refused():
    problem = board(4, 4, [2, 2], container=np.repeat([0, 1], 8))
    assert codes(move_findings(problem, ROWS, 4, 2)) == ["leaves_container"]


def test_a_unit_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="no unit"):
        move_findings(board(4, 4, 4), ROWS, 99, 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 15), st.integers(0, 3))
def test_a_move_is_legal_exactly_when_the_plan_after_it_is_valid(unit, to):
    problem = board(4, 4, 4, tolerance=0.3)
    label = ROWS.copy()
    label[unit] = to
    assert (move_findings(problem, ROWS, unit, to) == []) == (validate(problem, label) == [])


def test_one_move_is_answered_within_a_few_milliseconds():
    problem = board(70, 70, 7)
    label = (np.arange(4900) // 700).astype(np.int32)
    move_findings(problem, label, 650, 1)
    began = time.process_time()
    for _ in range(20):
        move_findings(problem, label, 650, 1)
    assert (time.process_time() - began) / 20 < 0.005
