import pytest
from django.db import connection

from safegrid.accounts import access, selectors, services
from safegrid.accounts.models import User
from safegrid.accounts.tests.people import COUNTY, OTHER_COUNTY, PASSWORD, TOWN, actions, admin, person
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible, Refused
from safegrid.foundation.models import TraceRow

pytestmark = pytest.mark.django_db


def open_one(actor=None, **values):
    given = {"username": "wang", "name": "王某", "place": str(COUNTY), "phone": "13812345678", **values}
    return services.open_account(acting_user=actor, **given)


def test_an_account_without_a_password_cannot_be_signed_in_to():
    user = open_one(admin())
    assert not user.has_usable_password()
    assert actions() == ["accounts.open"]


def test_the_phone_is_sealed_in_the_table_and_masked_everywhere_else():
    user = open_one()
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user WHERE username = 'wang'")
        stored = bytes(cursor.fetchone()[0])
    assert b"13812345678" not in stored
    assert User.objects.get(pk=user.pk).phone == "13812345678"
    assert selectors.profile(user).phone == "138****5678"
    assert "13812345678" not in str(TraceRow.objects.get(county=COUNTY).changes)


def test_a_password_set_by_another_must_be_changed():
    assert open_one(admin(), password=PASSWORD).must_change_password
    assert not open_one(None, username="demo", password="x").must_change_password


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "admin"}, "username"),
        ({"name": " "}, "name"),
        ({"phone": "12a"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"place": "3305211"}, "place"),
        ({"password": "password12"}, "new"),
    ],
)
def test_a_wrong_field_is_named(values, field):
    with pytest.raises(InvalidInput) as caught:
        open_one(admin(), **values)
    assert field in caught.value.fields


def test_nobody_opens_accounts_outside_his_place():
    with pytest.raises(NotPermitted):
        open_one(admin("other", str(OTHER_COUNTY)))
    with pytest.raises(NotPermitted):
        open_one(person("member", ("grid_member", TOWN)))


def test_an_administrator_sees_the_accounts_of_the_place_and_of_roles_there():
    boss = admin()
    kept = person("kept")
    guest = person("guest", ("town_officer", TOWN), place=str(OTHER_COUNTY))
    stranger = person("stranger", place=str(OTHER_COUNTY))
    assert set(access.visible(boss)) == {boss, kept, guest}
    with pytest.raises(NotVisible):
        selectors.account_for(boss, stranger.pk)
    assert not access.visible(person("x", ("lead_officer", str(COUNTY)))).exists()


def test_a_guest_with_a_role_here_stays_under_the_administration_of_home():
    guest = person("guest", ("town_officer", TOWN), place=str(OTHER_COUNTY))
    with pytest.raises(NotPermitted):
        services.reset_password(acting_user=admin(), user=guest)


def test_suspending_ends_sessions_and_tokens_and_resuming_brings_roles_back():
    user = person("wang", ("town_officer", TOWN))
    _, words = services.issue_token(acting_user=user, name="程序", days=30, verified=True)
    services.suspend_account(acting_user=admin(), user=user, reason="离岗")
    assert user.holdings() == ()
    assert services.user_of_token(words) is None
    services.resume_account(acting_user=admin("second"), user=user)
    assert [h.kind for h in user.holdings()] == ["town_officer"]
    assert services.user_of_token(words) is None


def test_closing_ends_every_role_and_keeps_the_account():
    user = person("wang", ("town_officer", TOWN))
    services.close_account(acting_user=admin(), user=user, reason="退休")
    assert selectors.roles_of(user) == []
    assert User.objects.filter(pk=user.pk, is_active=False).exists()


def test_nobody_suspends_himself_or_twice():
    boss = admin()
    with pytest.raises(NotPermitted):
        services.suspend_account(acting_user=boss, user=boss, reason="x")
    user = person("wang")
    services.suspend_account(acting_user=boss, user=user, reason="x")
    with pytest.raises(Refused):
        services.suspend_account(acting_user=boss, user=user, reason="x")


def test_unmasking_wants_a_reason_and_leaves_a_trace():
    user = open_one()
    with pytest.raises(InvalidInput):
        services.unmask_phone(acting_user=admin(), user=user, reason="")
    assert services.unmask_phone(acting_user=admin("b"), user=user, reason="核实身份") == "13812345678"
    assert "accounts.unmask" in actions()


def test_changing_keeps_the_tail_of_the_phone_in_step():
    user = open_one()
    services.change_own_contact(acting_user=user, user=user, phone="13900001111", email="w@example.com")
    assert User.objects.get(pk=user.pk).phone_tail == "1111"
    with pytest.raises(NotPermitted):
        services.change_own_contact(acting_user=admin(), user=user, phone="13900001111", email="")
