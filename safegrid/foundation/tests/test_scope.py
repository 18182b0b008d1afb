"""Places and grants: what the shapes behind every ``visible(user)`` let through, and what they keep out."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safegrid.foundation.ids import uuid7
from safegrid.foundation.keys import cross_county
from safegrid.foundation.models import ScopeGrant
from safegrid.foundation.scope import Actor, Holding, counties_q, granted, held, is_place, place_q
from safegrid.sites.models import Site

TODAY = date(2026, 3, 2)
VILLAGES = [
    "330521100201",
    "330521100202",
    "330521101201",
    "330522100201",
    "330602001001",
    "441900003001",
    "110101001001",
]


def user(*holdings):
    return SimpleNamespace(id=uuid7(), label="李四", holdings=lambda: holdings)


@pytest.fixture
def sites(db):
    """One site in each village, its name the village's code."""
    Site.objects.bulk_create(
        Site(county=int(v[:6]), code=v, name=v, site_type="shop", town=v[:9], village=v,
             created_at="2026-01-01T00:00:00Z", updated_at="2026-01-01T00:00:00Z")
        for v in VILLAGES
    )  # fmt: skip


def seen(condition):
    with cross_county("a holding above the county"):
        return sorted(Site.objects.filter(condition).values_list("name", flat=True))


@pytest.mark.parametrize(
    "place", ["", "33", "3305", "330521", "330521100", "330521100201", "4419", "441900", "441900003"]
)
def test_a_place_contains_exactly_what_its_code_begins(sites, place):
    assert seen(place_q(Holding("x", place))) == sorted(v for v in VILLAGES if v.startswith(place))


@pytest.mark.parametrize("place", ["", "33", "3305", "330521", "330521100", "330521100201"])
def test_the_counties_of_a_place_are_whole(sites, place):
    assert seen(counties_q(Holding("x", place))) == sorted(v for v in VILLAGES if v.startswith(place[:6]))


@pytest.mark.parametrize(
    "place", ["3", "330", "33052", "3305211", "33052110", "3305211002", "abc123", "３３０５２１", " "]
)
def test_what_is_no_place_contains_nothing(sites, place):
    assert seen(place_q(Holding("x", place))) == []
    assert seen(counties_q(Holding("x", place))) == []
    assert Holding("x", place).county is None


@given(st.text(max_size=13) | st.from_regex(r"\A[0-9]{0,13}\Z"))
def test_no_text_makes_a_place_of_a_broken_code(place):
    assert is_place(place) == (len(place) in (0, 2, 4, 6, 9, 12) and all(c in "0123456789" for c in place))


def test_a_county_and_what_is_below_run_under_the_guard(sites):
    for place in ("330521", "330521100", "330521100201"):
        assert Site.objects.filter(place_q(Holding("x", place))).exists()


def test_columns_may_have_other_names():
    condition = place_q(Holding("x", "330521100"), town="site__town")
    assert ("site__town", "330521100") in condition.children


def test_holdings_are_told_apart_by_kind():
    town, lead = Holding("town_officer", "330521100"), Holding("lead_officer", "330521")
    assert held(user(town, lead), "lead_officer", "leader") == [lead]
    assert held(user(town, lead)) == [town, lead]
    assert held(user()) == []
    assert (town.county, lead.county, Holding("x", "33").county) == (330521, 330521, None)


def test_whoever_has_label_and_holdings_is_an_actor():
    assert isinstance(user(), Actor)
    assert not isinstance(SimpleNamespace(id=uuid7()), Actor)


@pytest.fixture
def member():
    return user(Holding("grid_member", "330521100"))


def grant(to, **more):
    values = {
        "county": 330521,
        "user_id": to.id,
        "kind": "grid",
        "key": uuid7(),
        "source": uuid7(),
        "valid_from": TODAY,
    }
    return ScopeGrant.objects.create(**{**values, **more}).key


@pytest.mark.django_db
def test_a_grant_holds_from_its_first_to_its_last_day(member):
    open_ended = grant(member)
    one_day = grant(member, valid_to=TODAY)
    days = {on: granted(member, "grid", TODAY + timedelta(days=on)) for on in (-1, 0, 1)}
    assert days == {-1: set(), 0: {open_ended, one_day}, 1: {open_ended}}


@pytest.mark.django_db
def test_a_grant_is_for_one_user_one_kind_and_a_county_of_the_users_roles(member):
    key = grant(member)
    grant(member, kind="site")
    grant(member, county=330522)
    grant(user())
    assert granted(member, "grid", TODAY) == {key}
    assert granted(user(Holding("leader", "33")), "grid", TODAY) == set()


@pytest.mark.django_db
def test_grants_are_read_in_one_query(member, django_assert_num_queries):
    grant(member)
    grant(member)
    with django_assert_num_queries(1):
        granted(member, "grid", TODAY)
