"""Lists of the API come in pages by key."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.keyset import read_slice
from safegrid.foundation.models import CalendarDay
from safegrid.regions.models import Region

COUNTY = 330521
ORDER = ("-day", "-id")


def make_days(count):
    CalendarDay.objects.bulk_create(
        CalendarDay(county=COUNTY, day=date(2025, 1, 1) + timedelta(days=number), is_workday=True)
        for number in range(count)
    )


def days():
    return CalendarDay.objects.filter(county=COUNTY)


def walk(queryset, order, limit, *, back=False):
    """Return every row met by following ``next`` to the end, and then ``previous`` to the beginning."""
    page = read_slice(queryset, order=order, limit=limit)
    met = list(page.items)
    while page.next:
        page = read_slice(queryset, order=order, limit=limit, cursor=page.next)
        met += page.items
    if not back:
        return met
    met = list(page.items)
    while page.previous:
        page = read_slice(queryset, order=order, limit=limit, cursor=page.previous)
        met = page.items + met
    return met


@pytest.mark.django_db
def test_pages_follow_each_other_without_gap_or_repetition():
    make_days(23)
    expected = list(days().order_by(*ORDER))
    assert walk(days(), ORDER, 5) == expected
    assert walk(days(), ORDER, 5, back=True) == expected


@pytest.mark.django_db
def test_a_row_added_meanwhile_shifts_nothing():
    make_days(6)
    first = read_slice(days(), order=ORDER, limit=3)
    CalendarDay.objects.create(county=COUNTY, day=date(2026, 1, 1), is_workday=True)
    second = read_slice(days(), order=ORDER, limit=3, cursor=first.next)
    assert [row.day.day for row in first.items + second.items] == [6, 5, 4, 3, 2, 1]


@pytest.mark.django_db
def test_the_ends_have_no_neighbours():
    make_days(4)
    whole = read_slice(days(), order=ORDER, limit=4)
    assert (whole.next, whole.previous) == ("", "")
    first = read_slice(days(), order=ORDER, limit=3)
    last = read_slice(days(), order=ORDER, limit=3, cursor=first.next)
    assert (first.previous, last.next) == ("", "")
    assert read_slice(days(), order=ORDER, limit=3, cursor=last.previous) == first


@pytest.mark.django_db
def test_a_page_never_counts(django_assert_num_queries):
    make_days(9)
    with django_assert_num_queries(1):
        read_slice(days(), order=ORDER, limit=3)


@pytest.mark.django_db
@pytest.mark.parametrize("spoilt", ["x", "x:y", "bm90aGluZw:1tabcd:xyz"])
def test_a_spoilt_cursor_is_refused(spoilt):
    with pytest.raises(InvalidInput):
        read_slice(days(), order=ORDER, limit=3, cursor=spoilt)


@pytest.mark.django_db
def test_a_cursor_of_another_order_is_refused():
    make_days(3)
    cursor = read_slice(days(), order=ORDER, limit=1).next
    with pytest.raises(InvalidInput):
        read_slice(days(), order=("day", "id"), limit=1, cursor=cursor)


class TestAnyOrder(TestCase):
    @given(
        dates=st.lists(st.none() | st.integers(0, 5), max_size=14),
        limit=st.integers(1, 5),
        descending=st.booleans(),
        back=st.booleans(),
    )
    def test_every_row_is_met_once_in_order_even_where_values_are_equal_or_empty(self, dates, limit, descending, back):
        Region.objects.bulk_create(
            Region(
                code=str(number),
                name="x",
                level=1,
                valid_from=None if offset is None else date(2025, 1, 1) + timedelta(days=offset),
            )
            for number, offset in enumerate(dates)
        )
        order = ("-valid_from", "-id") if descending else ("valid_from", "id")
        met = walk(Region.objects.all(), order, limit, back=back)
        dated = sorted((r for r in Region.objects.all() if r.valid_from), key=lambda r: (r.valid_from, r.id))
        empty = sorted((r for r in Region.objects.all() if not r.valid_from), key=lambda r: r.id)
        expected = dated[::-1] + empty[::-1] if descending else dated + empty
        assert [r.id for r in met] == [r.id for r in expected]


@pytest.mark.urls("safegrid.foundation.tests.api_urls")
def test_the_api_hands_out_pages(cast, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "accounts" not in name]
    make_days(5)
    api = cast.api(cast.grid_member)
    first = api.get(f"/api/v1/days/{COUNTY}", limit=3).json()
    second = api.get(f"/api/v1/days/{COUNTY}", limit=3, cursor=first["next"]).json()
    assert [len(first["items"]), len(second["items"])] == [3, 2]
    assert second["next"] == ""
    for limit in (0, 201):
        answer = api.get(f"/api/v1/days/{COUNTY}", limit=limit)
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["limit"])
    assert api.get(f"/api/v1/days/{COUNTY}", cursor="x").status_code == 422
