"""The day's route keeps hours and doors, makes every mandatory visit once, and is as short as can be."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routeplan.findings import findings
from routeplan.problem import BICYCLE, WALKING, Day, InvalidProblem, Shift, Visit
from routeplan.solve import solve
from routeplan.stop import MaxRounds, MaxSeconds, NeverStop, any_of
from routeplan.tables import of_day
from routeplan.tests.places import days
from routeplan.timetable import Impossible, timetable
from routeplan.validators import validate

SHORT = MaxRounds(2_000)
SOME = settings(max_examples=40, deadline=None)
HOME = Shift((0.0, 0.0))


def _blocked(day):
    return any(one.blocking for one in findings(day))


def _cheapest(day):
    """The least cost of all orders of all subsets, by trying them: the meaning of the problem, without any search."""
    tables, best = of_day(day), np.inf
    for count in range(len(day.visits) + 1):
        for order in permutations(range(len(day.visits)), count):
            out = [visit for at, visit in enumerate(day.visits) if at not in order]
            if any(visit.is_mandatory for visit in out):
                continue
            try:
                best = min(best, timetable(tables, 0, order).travel + sum(visit.prize for visit in out))
            except Impossible:
                continue
    return best


@SOME
@given(days)
def test_a_route_keeps_hours_doors_and_breaks_and_names_what_it_misses(day):
    if _blocked(day):
        with pytest.raises(InvalidProblem):
            solve(day, SHORT, 1)
        return
    result = solve(day, SHORT, 1)
    assert {one.code for one in validate(day, result)} <= ({"mandatory_left_out"} if result.missed else set())
    assert {call.key for call in result.route.calls} | set(result.left_out) == {visit.key for visit in day.visits}


@SOME
@given(days)
def test_small_days_are_solved_to_the_best_of_all_orders(day):
    day = replace(day, visits=day.visits[:5])
    assume(not _blocked(day))
    result = solve(day, MaxRounds(8_000), 3)
    best = _cheapest(day)
    if result.missed:
        assert best == np.inf
    else:
        assert result.cost == pytest.approx(best)


@SOME
@given(days)
def test_findings_never_call_a_possible_day_impossible(day):
    day = replace(day, visits=day.visits[:4])
    if _blocked(day):
        assert _cheapest(day) == np.inf


@SOME
@given(days, st.integers(0, 99))
def test_same_seed_same_route(day, seed):
    assume(not _blocked(day))
    one, other = solve(day, SHORT, seed), solve(day, SHORT, seed)
    assert (one.routes, one.left_out, one.cost) == (other.routes, other.left_out, other.cost)


@SOME
@given(days, st.tuples(st.integers(-900, 900), st.integers(-900, 900)))
def test_one_more_optional_visit_never_costs_more_than_its_prize(day, at):
    day = replace(day, visits=day.visits[:5])
    assume(not _blocked(day))
    without = solve(day, MaxRounds(8_000), 1)
    assume(not without.missed)
    more = replace(day, visits=(*day.visits, Visit("new", (float(at[0]), float(at[1])), 5, False, 12)))
    result = solve(more, MaxRounds(8_000), 1)
    assert without.cost - 1e-6 <= result.cost <= without.cost + 12 + 1e-6


def test_one_more_mandatory_visit_is_taken_in_and_costs_at_most_the_way_there_and_back():
    visits = tuple(Visit(i, (float(100 * i), float(80 * (i % 3))), 10) for i in range(12))
    before = solve(Day(visits, HOME), NeverStop(), 1)
    after = solve(Day((*visits, Visit("new", (600.0, 900.0), 10)), HOME), NeverStop(), 1)
    assert "new" in {call.key for call in after.route.calls}
    detour = WALKING.minutes([(0.0, 0.0), (600.0, 900.0)])[0, 1]
    assert before.cost < after.cost <= before.cost + 2 * detour + 0.2


def test_optional_visits_are_left_out_where_they_cost_more_than_their_prize():
    near, far = Visit("near", (100.0, 0.0), 5, False, 10), Visit("far", (9_000.0, 0.0), 5, False, 10)
    result = solve(Day((near, far), HOME), SHORT, 1)
    assert [call.key for call in result.route.calls] == ["near"]
    assert result.left_out == ("far",)
    assert result.missed == ()


def test_a_full_day_keeps_what_is_worth_most():
    visits = tuple(Visit(i, (50.0 * i, 0.0), 100, False, 30 + i) for i in range(8))
    result = solve(Day(visits, HOME), NeverStop(), 1)
    assert {call.key for call in result.route.calls} == {3, 4, 5, 6, 7}


def test_leaving_home_is_put_off_rather_than_waiting_at_a_closed_door():
    shop = Visit("shop", (0.0, 300.0), 10, windows=((600, 700),))
    route = solve(Day((shop,), HOME), SHORT, 1).route
    assert route.waiting == 0
    assert route.calls[0].begins == 600
    assert route.departs == pytest.approx(600 - 300 * 1.3 * 60 / 4_500, abs=0.05)


def test_breaks_keep_free_of_visits_and_two_sided_opening_hours_are_both_used():
    visits = tuple(Visit(i, (10.0 * i, 0.0), 50, windows=((480, 720), (840, 1020))) for i in range(7))
    result = solve(Day(visits, replace(HOME, breaks=((690.0, 840.0),))), NeverStop(), 1)
    assert result.left_out == ()
    assert all(call.leaves <= 690 or call.begins >= 840 for call in result.route.calls)


def test_a_given_matrix_goes_before_straight_lines_and_may_differ_by_direction():
    matrix = np.array([[0, 1, 9, 9], [50, 0, 1, 1], [1, 50, 0, 0], [1, 50, 0, 0]], float)
    visits = (Visit("a", (0.0, 0.0), 1), Visit("b", (0.0, 0.0), 1))
    result = solve(Day(visits, HOME, matrix=matrix), SHORT, 1)
    assert [call.key for call in result.route.calls] == ["a", "b"]
    assert result.cost == 3
    with pytest.raises(ValueError, match="matrix has shape"):
        solve(Day(visits, HOME, matrix=matrix[:3, :3]), SHORT, 1)


def test_a_faster_way_to_go_takes_less_time():
    visits = tuple(Visit(i, (200.0 * i, 100.0), 5) for i in range(5))
    walked, ridden = (solve(Day(visits, HOME, travel), SHORT, 1).cost for travel in (WALKING, BICYCLE))
    assert ridden < walked / 2


def test_searches_stop_when_told():
    visits = tuple(Visit(i, (37.0 * i % 900, 91.0 * i % 700), 2) for i in range(40))
    day = Day(visits, HOME)
    assert solve(day, MaxRounds(500), 1).rounds == 500
    seen = []
    solve(day, any_of(MaxRounds(1_000), lambda progress: seen.append(progress.cost) or False), 1)
    assert len(seen) >= 4
    assert seen == sorted(seen, reverse=True)
    assert solve(day, MaxSeconds(0.1), 1).seconds < 5


def test_an_empty_day_has_an_empty_route():
    result = solve(Day((), HOME), NeverStop(), 1)
    assert (result.route.calls, result.cost, result.left_out) == ((), 0, ())


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("listed_twice", Day((Visit(1, (0.0, 0.0), 5), Visit(1, (9.0, 0.0), 5)), HOME)),
        ("place_unknown", Day((Visit(1, (float("nan"), 0.0), 5),), HOME)),
        ("minutes_wrong", Day((Visit(1, (0.0, 0.0), -5),), HOME)),
        ("hours_wrong", Day((), Shift((0.0, 0.0), 600, 600))),
        ("start_unknown", Day((), Shift((0.0, float("inf"))))),
        ("closed", Day((Visit(1, (0.0, 0.0), 5, windows=((0, 300),)),), HOME)),
        ("closed", Day((Visit(1, (30_000.0, 0.0), 5),), HOME)),
        ("closed", Day((Visit(1, (0.0, 0.0), 30, windows=((600, 620),)),), HOME)),
        ("too_much", Day(tuple(Visit(i, (0.0, 0.0), 60) for i in range(10)), HOME)),
        ("too_much", Day(tuple(Visit(i, (1_500.0 * (i % 2), 1_000.0 * i), 30) for i in range(12)), HOME)),
        (
            "conflict",
            Day((Visit(1, (0.0, 0.0), 5, windows=((600, 606),)), Visit(2, (2e3, 0.0), 5, windows=((600, 606),))), HOME),
        ),
    ],
)
def test_impossible_days_are_refused_by_name_before_the_search(code, day):
    with pytest.raises(InvalidProblem) as refused:
        solve(day, lambda _: pytest.fail("the search began"), 1)
    assert code in {one.code for one in refused.value.findings}
    assert all(one.text and one.remedy for one in refused.value.findings)


def test_an_optional_closed_site_is_named_without_refusing_the_day():
    day = Day((Visit(1, (0.0, 0.0), 5, False, 9, ((0, 300),)), Visit(2, (9.0, 0.0), 5)), HOME)
    assert [(one.code, one.keys, one.blocking) for one in findings(day)] == [("closed_optional", (1,), False)]
    assert solve(day, SHORT, 1).left_out == (1,)
