"""A week's visits are laid on days that suit them, and every day keeps what a day keeps."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from routeplan.findings import findings
from routeplan.problem import BICYCLE, InvalidProblem, Shift, Visit, Wanted, Week
from routeplan.solve import week
from routeplan.stop import MaxRounds
from routeplan.tests.places import MONDAY, weeks
from routeplan.validators import validate

FRIDAY = MONDAY + timedelta(4)
SHORT = MaxRounds(2_000)


def _week(visits, days=5, **more):
    dates = [MONDAY + timedelta(at) for at in range(days)]
    wanted = tuple(Wanted(visit, dates[0], dates[-1], dates[0]) for visit in visits)
    return Week({day: Shift((0.0, 0.0)) for day in dates}, wanted, BICYCLE, **more)


@settings(max_examples=40, deadline=None)
@given(weeks())
def test_every_visit_is_made_once_on_a_day_of_its_own(problem):
    if any(one.blocking for one in findings(problem)):
        with pytest.raises(InvalidProblem):
            week(problem, SHORT, 1)
        return
    result = week(problem, SHORT, 1)
    assert {one.code for one in validate(problem, result)} <= ({"mandatory_left_out"} if result.missed else set())
    assert result.days == tuple(problem.shifts)


def test_more_than_a_day_holds_goes_on_the_next_days():
    result = week(_week([Visit(i, (20.0 * i, 0.0), 60) for i in range(20)]), SHORT, 1)
    assert result.missed == ()
    assert all(route.service <= 540 for route in result.routes)
    assert sum(len(route.calls) for route in result.routes) == 20


def test_visits_on_their_best_day_are_preferred_at_the_price_of_a_day_off():
    wanted = (
        Wanted(Visit(1, (900.0, 0.0), 5), MONDAY, FRIDAY, MONDAY),
        Wanted(Visit(2, (910.0, 0.0), 5), MONDAY, FRIDAY, FRIDAY),
    )
    problem = replace(_week([]), wanted=wanted)
    together = week(replace(problem, off_day=0.5), SHORT, 1)
    apart = week(replace(problem, off_day=10.0), SHORT, 1)
    assert sorted(len(route.calls) for route in together.routes) == [0, 0, 0, 0, 2]
    assert [len(route.calls) for route in apart.routes] == [1, 0, 0, 0, 1]


def test_a_visit_whose_days_are_all_off_duty_is_refused_by_name():
    problem = replace(
        _week([]), wanted=(Wanted(Visit("x", (0.0, 0.0), 5), FRIDAY + timedelta(1), FRIDAY + timedelta(2), FRIDAY),)
    )
    with pytest.raises(InvalidProblem) as refused:
        week(problem, SHORT, 1)
    assert [(one.code, one.keys) for one in refused.value.findings] == [("closed", ("x",))]


def test_more_than_the_week_holds_is_refused():
    with pytest.raises(InvalidProblem, match="工作时间只有"):
        week(_week([Visit(i, (0.0, 0.0), 60) for i in range(50)]), SHORT, 1)


def test_a_week_without_days_is_refused():
    with pytest.raises(InvalidProblem, match="没有工作日"):
        week(Week({}, (), BICYCLE), SHORT, 1)
