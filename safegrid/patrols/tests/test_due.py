"""Which visits are due when, and by when at the latest: the same on whatever day one asks."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from safegrid.patrols.due import Known, due_visits

MONDAY = date(2025, 3, 3)


def workdays(first: date, days: int = 14) -> list[date]:
    return [day for day in (first + timedelta(at) for at in range(days)) if day.weekday() < 5]


def known(visits: int = 12, **more) -> Known:
    return Known(more.pop("site_id", uuid4()), visits, 20, more.pop("counted_from", MONDAY), **more)


def test_a_site_is_due_an_interval_after_its_last_visit():
    site = known(12, last_visit=MONDAY - timedelta(days=25))  # 30.4 days apart, up to five days off
    (due,) = due_visits([site], workdays(MONDAY))
    assert MONDAY <= due.on <= MONDAY + timedelta(days=10)
    assert (due.due_by, due.reason) == (MONDAY + timedelta(days=5 + 5), "regular")


def test_what_is_overdue_comes_at_once_and_keeps_its_limit():
    site = known(12, last_visit=MONDAY - timedelta(days=60))
    asked = [due_visits([site], workdays(day))[0] for day in (MONDAY, MONDAY + timedelta(days=3))]
    assert [one.reason for one in asked] == ["overdue", "overdue"]
    assert {one.due_by for one in asked} == {MONDAY - timedelta(days=60 - 30 - 5)}


def test_after_a_hazard_within_a_week_and_the_look_counts_as_a_visit():
    site = known(4, last_visit=MONDAY - timedelta(days=80), hazard_on=MONDAY - timedelta(days=1))
    (due,) = due_visits([site], workdays(MONDAY))
    assert (due.reason, due.due_by) == ("hazard", MONDAY + timedelta(days=6))


def test_who_was_not_let_in_calls_again_within_days():
    site = known(4, last_visit=MONDAY - timedelta(days=1), was_refused=True)
    (due,) = due_visits([site], workdays(MONDAY))
    assert (due.reason, due.due_by) == ("retry", MONDAY + timedelta(days=7))


def test_without_a_norm_nothing_is_due():
    assert due_visits([known(0)], workdays(MONDAY)) == []


def test_first_visits_are_spread_over_the_interval():
    sites = [known(12) for _ in range(300)]
    days = workdays(MONDAY, 31)
    by_week = [sum(due.on.isocalendar().week == week for due in due_visits(sites, days)) for week in range(10, 14)]
    assert min(by_week) > 40, by_week
    assert max(by_week) < 110, by_week


@settings(deadline=None)
@given(some.integers(0, 2**128 - 1), some.sampled_from([1, 4, 12, 52, 365]), some.integers(0, 400), some.integers(0, 13),
       some.booleans())  # fmt: skip
def test_the_first_limit_does_not_move_with_the_day_of_asking(number, visits, ago, later, was_visited):
    visited = MONDAY - timedelta(days=ago) if was_visited else None
    site = known(visits, site_id=UUID(int=number), last_visit=visited, counted_from=MONDAY - timedelta(days=ago))
    first = due_visits([site], workdays(MONDAY, 28))
    again = due_visits([site], workdays(MONDAY + timedelta(days=later), 28))
    if first and again:
        assert first[0].due_by == again[0].due_by


@settings(deadline=None)
@given(some.lists(some.tuples(some.sampled_from([1, 4, 12, 52, 365]), some.integers(0, 400)), max_size=30))
def test_no_site_is_due_twice_on_a_day_nor_before_it_may_be(asked):
    sites = [known(visits, last_visit=MONDAY - timedelta(days=ago)) for visits, ago in asked]
    found = due_visits(sites, workdays(MONDAY))
    assert len({(due.site_id, due.on) for due in found}) == len(found)
    assert all(due.earliest <= due.on for due in found)
    assert all(due.on.weekday() < 5 for due in found)


@pytest.mark.parametrize("visits", [4, 12, 52])
def test_limits_of_one_site_follow_each_other(visits):
    site = known(visits, last_visit=MONDAY - timedelta(days=300))
    limits = [due.due_by for due in sorted(due_visits([site], workdays(MONDAY, 60)), key=lambda due: due.on)]
    assert limits == sorted(set(limits))
