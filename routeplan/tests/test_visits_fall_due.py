"""Visits fall due as often as the norm says, evenly, sooner after a hazard, on working days only."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeplan.schedule import Site, schedule

FIRST = date(2026, 1, 1)
YEAR = [FIRST + timedelta(at) for at in range(365)]
WORKDAYS = [day for day in YEAR if day.weekday() < 5]
dates = st.integers(-400, 300).map(lambda at: FIRST + timedelta(at))
sites = st.lists(
    st.builds(Site, st.uuids(), st.integers(0, 52), st.integers(5, 60), st.none() | dates, st.none() | dates),
    max_size=25,
    unique_by=lambda site: site.key,
)


@settings(max_examples=60, deadline=None)
@given(sites)
def test_a_year_holds_the_visits_of_the_norm_on_working_days(given_sites):
    found = schedule(given_sites, WORKDAYS)
    assert all(due.on in WORKDAYS and due.earliest <= due.on <= due.latest for due in found)
    times = Counter(due.key for due in found if due.reason != "hazard")
    for site in given_sites:
        looks = sum(due.key == site.key and due.reason == "hazard" for due in found)
        waits = (site.last_visit or FIRST) > FIRST or looks
        assert times[site.key] <= site.visits_a_year + 1
        if not waits and site.visits_a_year:
            assert times[site.key] >= site.visits_a_year - 1


@settings(max_examples=60, deadline=None)
@given(sites)
def test_two_visits_to_a_site_lie_about_an_interval_apart(given_sites):
    found = schedule(given_sites, YEAR)
    for site in given_sites:
        mine = sorted((due for due in found if due.key == site.key), key=lambda due: due.number)
        if not site.visits_a_year:
            continue
        interval = 365 / site.visits_a_year
        for one, other in pairwise(mine):
            assert (other.on - one.on).days >= interval * 2 / 3 - 9  # a look after a hazard may come up to 7 days early
            assert (other.on - one.on).days <= interval * 4 / 3 + 9


def test_work_is_even_over_the_days_even_when_nobody_was_ever_visited():
    found = schedule([Site(i, 4, 30) for i in range(500)], WORKDAYS)
    by_day = Counter(due.on for due in found)
    assert len(found) == pytest.approx(2_000, abs=40)
    assert max(by_day.values()) <= 9  # 7.7 a day on average
    assert len(by_day) == len(WORKDAYS)


def test_what_is_overdue_comes_at_once_and_the_next_an_interval_later():
    due = schedule([Site("late", 4, 30, FIRST - timedelta(300))], YEAR)
    assert due[0].reason == "overdue"
    assert (due[0].on - FIRST).days <= 15
    assert abs((due[1].on - FIRST).days - 91) <= 16


def test_a_hazard_brings_a_look_within_days_and_counts_as_a_visit():
    site = Site("works", 2, 45, FIRST - timedelta(20), FIRST + timedelta(9))
    first, second = schedule([site], YEAR, hazard_days=5)[:2]
    assert first.reason == "hazard"
    assert FIRST + timedelta(9) <= first.on <= FIRST + timedelta(14)
    assert abs((second.on - first.on).days - 182) <= 21


def test_a_hazard_looked_at_since_asks_for_nothing_more():
    site = Site("works", 0, 45, FIRST, FIRST - timedelta(3))
    assert schedule([site], YEAR) == []


def test_a_visit_due_in_the_holidays_comes_before_them():
    days = [day for day in YEAR if not date(2026, 2, 1) <= day <= date(2026, 3, 20)]
    (due,) = schedule([Site("x", 1, 20, date(2025, 2, 25))], days)
    assert due.on == date(2026, 1, 31)


def test_sites_without_a_norm_are_never_due():
    assert schedule([Site("x", 0, 20)], WORKDAYS) == []


@pytest.mark.parametrize(
    ("sites", "days"),
    [([Site("x", 1, 20)], []), ([Site("x", -1, 20)], YEAR), ([Site("x", 1, 20), Site("x", 2, 20)], YEAR)],
)
def test_nonsense_is_refused(sites, days):
    with pytest.raises(ValueError, match=r"no working days|negative|twice"):
        schedule(sites, days)
