from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from safegrid.accounts import access, selectors, services
from safegrid.accounts.models import Role, RoleKind
from safegrid.accounts.tests.people import COUNTY, OTHER_COUNTY, TOWN, VILLAGE, actions, admin, person
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import TraceRow

pytestmark = pytest.mark.django_db


def grant(actor, user, kind="town_officer", place=TOWN, **values):
    values.setdefault("valid_from", clock.today())
    return services.grant_role(acting_user=actor, user=user, kind=kind, place=place, **values)


def test_an_administrator_gives_a_role_in_the_county_and_the_countys_trace_tells():
    user = person("wang")
    role = grant(admin(), user)
    assert user.holdings() == (role.holding(),)
    row = TraceRow.objects.get(county=COUNTY, action="accounts.grant_role")
    assert (row.object_id, row.changes["kind"], row.changes["user"]) == (role.pk, "town_officer", str(user.pk))


def test_an_administrator_above_gives_roles_below_and_never_the_other_way_round():
    assert grant(admin("province", "33"), person("a"))
    with pytest.raises(NotPermitted):
        grant(admin("county"), person("b"), "system_admin", "33")


def test_an_administrator_of_another_county_is_refused():
    with pytest.raises(NotPermitted):
        grant(admin("other", str(OTHER_COUNTY)), person("wang"))
    assert not Role.objects.filter(kind="town_officer").exists()


def test_nobody_gives_himself_a_role():
    actor = admin()
    with pytest.raises(NotPermitted):
        grant(actor, actor)


@pytest.mark.parametrize("kind", ["lead_officer", "town_officer", "system_admin", "reward_officer"])
def test_a_town_officer_gives_no_role_of_staff(kind):
    actor = person("zhan", ("town_officer", TOWN))
    place = TOWN if kind == "town_officer" else str(COUNTY)
    with pytest.raises(NotPermitted):
        grant(actor, person("b"), kind, place)


def test_a_town_officer_gives_a_committee_its_role_in_that_town_only():
    actor = person("zhan", ("town_officer", TOWN))
    assert grant(actor, person("b"), "committee", VILLAGE)
    with pytest.raises(NotPermitted):
        grant(actor, person("c"), "committee", "330521101201")


def test_the_system_itself_needs_no_role():
    assert grant(None, person("b"), "system_admin", "")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "emperor"}, "kind"),
        ({"place": "33052110"}, "place"),
        ({"place": "33052x100"}, "place"),
        ({"kind": "lead_officer", "place": TOWN}, "place"),
        ({"kind": "department_officer", "place": str(COUNTY)}, "department_id"),
        ({"kind": "site_contact", "place": TOWN}, "site_id"),
        ({"valid_to": date(2020, 1, 1)}, "valid_to"),
    ],
)
def test_a_role_that_makes_no_sense_names_the_field(values, field):
    with pytest.raises(InvalidInput) as caught:
        grant(None, person("b"), **values)
    assert field in caught.value.fields


def test_the_same_role_over_the_same_days_is_refused_and_later_days_are_not():
    user, today = person("b"), clock.today()
    grant(None, user, valid_to=today)
    with pytest.raises(Refused):
        grant(None, user)
    assert grant(None, user, valid_from=today + timedelta(days=1))


def test_who_opens_sealed_identities_handles_no_cases_and_the_other_way_round():
    handler = person("handler", ("town_officer", TOWN))
    with pytest.raises(Refused):
        grant(None, handler, "reward_officer", str(COUNTY))
    payer = person("payer", ("reward_officer", str(COUNTY)))
    with pytest.raises(Refused):
        grant(None, payer, "lead_officer", str(COUNTY))
    assert grant(None, payer, "lead_officer", str(OTHER_COUNTY))


def test_an_ended_role_is_out_of_force_the_same_day():
    actor, user = admin(), person("wang")
    role = grant(actor, user)
    services.end_role(acting_user=actor, role=role, reason="调离")
    assert user.holdings() == ()
    assert actions()[-1] == "accounts.end_role"


def test_a_suspended_role_is_out_of_force_until_resumed():
    user = person("wang")
    role = grant(None, user)
    services.suspend_role(acting_user=None, role=role, reason="培训未通过")
    assert user.holdings() == ()
    services.resume_role(acting_user=None, role=role)
    assert user.holdings() == (role.holding(),)


def test_an_outsider_ends_no_role():
    role = grant(None, person("wang"))
    with pytest.raises(NotPermitted):
        services.end_role(acting_user=person("x", ("lead_officer", str(COUNTY))), role=role)


def test_who_holds_finds_roles_whose_place_contains_the_place_asked_for():
    county = person("a", ("lead_officer", str(COUNTY)))
    town = person("b", ("town_officer", TOWN))
    person("c", ("town_officer", "330521101"))
    person("d", ("lead_officer", str(OTHER_COUNTY)))
    stopped = person("e", ("town_officer", TOWN))
    services.suspend_account(acting_user=None, user=stopped, reason="离岗")
    kinds = {"lead_officer", "town_officer"}
    assert selectors.who_holds(kinds, county=COUNTY, village=VILLAGE) == [county, town]
    assert selectors.who_holds(kinds, county=COUNTY) == [county]


def test_who_holds_can_ask_for_one_department():
    mine, other = uuid7(), uuid7()
    a = person("a", ("department_officer", str(COUNTY), {"department_id": mine}))
    person("b", ("department_officer", str(COUNTY), {"department_id": other}))
    assert selectors.who_holds(["department_officer"], county=COUNTY, town=TOWN, department_id=mine) == [a]


class Scope(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(st.sampled_from(["", "33", "3305", "330521", "330522"]), st.sampled_from(RoleKind.values), st.data())
    def test_no_grant_reaches_outside_the_givers_place(self, giver_place, kind, data):
        length = data.draw(st.sampled_from(access.PLACES[kind]))
        place = data.draw(st.sampled_from(["330521100201", "330522100201", "440305001001"]))[:length]
        actor = admin(f"admin{uuid7()}"[:60], giver_place)
        body = {"department_id": uuid7(), "site_id": uuid7()}
        try:
            grant(actor, person(f"u{uuid7()}"[:60]), kind, place, **body)
        except NotPermitted:
            assert not place.startswith(giver_place)
        else:
            assert place.startswith(giver_place)
