"""Periods as months and days: every day once; the same period a month and a year before."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safegrid.statistics.reading import Period

days = st.dates(date(2023, 1, 1), date(2026, 12, 31))


@given(days, days)
def test_every_day_of_a_period_is_read_exactly_once(one, other):
    period = Period(min(one, other), max(one, other))
    read = []
    for span, first, last in period.spans:
        if span == "month":
            assert first.day == 1
            assert (last + timedelta(days=1)).day == 1
        read += [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert sorted(read) == [period.since + timedelta(days=n) for n in range((period.until - period.since).days + 1)]


@given(days)
def test_whole_months_stay_whole_months(day):
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    for before in (Period(first, last).a_month_before(), Period(first, last).a_year_before()):
        assert before.since.day == 1
        assert [span for span, *_ in before.spans] == ["month"]
    assert (Period(first, last).a_year_before().since.year, first.month) == (first.year - 1, first.month)


def test_the_end_of_february_is_met_from_both_sides():
    assert Period(date(2024, 2, 29), date(2024, 3, 30)).a_year_before() == Period(date(2023, 2, 28), date(2023, 3, 30))
    assert Period(date(2025, 3, 1), date(2025, 3, 30)).a_month_before() == Period(date(2025, 2, 1), date(2025, 2, 28))


def test_a_year_of_months_ends_with_the_present_one():
    months = Period(date(2025, 1, 5), date(2025, 3, 9)).months(13)
    assert (months[0], months[-1], len(set(months))) == (date(2024, 3, 1), date(2025, 3, 1), 13)
