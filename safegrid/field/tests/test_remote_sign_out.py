"""A lost phone: signed out from one's own page or by an administrator, even after its session has run out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from safegrid.accounts import services as accounts
from safegrid.accounts.models import UserSession
from safegrid.field.tests.phone import COUNTY, Phone
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.models import TraceRow


@pytest.fixture
def session(phone):
    return UserSession.objects.get(device_id=phone.id)


@pytest.fixture
def browser(phone):
    client = Client()
    client.post("/sign-in/", {"username": phone.user.username, "password": phone.cast.password})
    return client


def traced(action):
    return TraceRow.objects.filter(county=COUNTY, action=action)


def test_the_owner_finds_the_phone_and_signs_it_out(phone, session, browser):
    phone.call("GET", "session", **{"X-Field-Version": "1.2", "X-Field-Unsent": "3"})
    page = browser.get("/profile/").content.decode()
    assert "红米 12" in page
    assert "手机上还有 3 项未上报" in page
    assert browser.post(f"/profile/sessions/{session.pk}/end/").status_code == 302
    assert phone.call("GET", "session").status_code == 401
    assert phone.state() == "signed_out"
    assert traced("accounts.end_session").count() == 1
    assert "红米 12" not in browser.get("/profile/").content.decode()


def test_a_phone_whose_session_ran_out_can_still_be_told_to_forget(phone, session):
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert phone.call("GET", "session").status_code == 401
        assert phone.state() == "active"
        browser = Client()
        browser.post("/sign-in/", {"username": phone.user.username, "password": phone.cast.password})
        assert "登录已过期，手机上仍有数据" in browser.get("/profile/").content.decode()
        browser.post(f"/profile/sessions/{session.pk}/end/")
        assert phone.state() == "signed_out"


def test_ending_all_others_makes_the_phones_forget_too(phone, browser):
    browser.post("/profile/sessions/end-others/")
    assert phone.state() == "signed_out"
    assert browser.get("/profile/").status_code == 200


def test_ending_all_others_reaches_a_phone_whose_session_ran_out(phone, session):
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert phone.call("GET", "session").status_code == 401
        browser = Client()
        browser.post("/sign-in/", {"username": phone.user.username, "password": phone.cast.password})
        browser.post("/profile/sessions/end-others/")
        assert phone.state() == "signed_out"
        assert browser.get("/profile/").status_code == 200


def test_an_administrator_signs_a_phone_out_for_a_reason(phone, session):
    admin = phone.cast.client(phone.cast.system_admin)
    page = admin.get(f"/accounts/{phone.user.pk}/").content.decode()
    assert "红米 12" in page
    address = f"/accounts/phones/{session.pk}/end/"
    assert address in page
    assert admin.get(address).status_code == 200
    assert admin.post(address, {"reason": ""}).status_code == 422
    assert phone.state() == "active"
    assert admin.post(address, {"reason": "手机遗失"}).status_code == 302
    assert phone.state() == "signed_out"
    assert traced("accounts.end_device").get().changes == {"reason": "手机遗失", "device": "红米 12"}


def test_nobody_else_finds_the_page(phone, session):
    address = f"/accounts/phones/{session.pk}/end/"
    for person in (phone.cast.lead_officer, phone.cast.next_grid_member, phone.cast.outsider):
        assert phone.cast.client(person).post(address, {"reason": "x"}).status_code == 404
    assert phone.state() == "active"


def test_the_verb_asks_for_role_reason_and_a_phone_that_has_not_been_told(phone, session):
    with pytest.raises(NotPermitted):
        accounts.end_device(acting_user=phone.cast.lead_officer, session=session, reason="x")
    with pytest.raises(InvalidInput):
        accounts.end_device(acting_user=phone.cast.system_admin, session=session, reason=" ")
    accounts.end_device(acting_user=phone.cast.system_admin, session=session, reason="遗失")
    with pytest.raises(Refused):
        accounts.end_device(acting_user=phone.cast.system_admin, session=session, reason="遗失")
    browser = UserSession.objects.create(
        user=phone.user, session_key="x", began_at=clock.now(), seen_at=clock.now(), address="10.0.0.1"
    )
    with pytest.raises(Refused):
        accounts.end_device(acting_user=phone.cast.system_admin, session=browser, reason="遗失")


def test_a_phone_signed_in_anew_after_it_was_found_is_active(phone, session):
    accounts.end_device(acting_user=None, session=session, reason="遗失")
    phone.signed_in()
    assert phone.state() == "active"


def test_another_phone_of_the_user_goes_on(phone, session):
    other = Phone(phone.cast).signed_in()
    accounts.end_device(acting_user=None, session=session, reason="遗失")
    assert other.call("GET", "session").status_code == 200
    assert other.state() == "active"
