"""Signing in on a phone, staying signed in for weeks, and being signed out from elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client, override_settings
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from safegrid.accounts import services as accounts
from safegrid.accounts.models import UserSession
from safegrid.accounts.tasks import tidy
from safegrid.field.models import FieldDevice
from safegrid.field.tests.phone import COUNTY, Phone
from safegrid.foundation import clock
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import TraceRow


@pytest.fixture
def phone(cast):
    return Phone(cast)


def factor(user):
    return TOTPDevice.objects.create(user=user, name="验证器", confirmed=True)


def actions():
    return list(TraceRow.objects.filter(county=COUNTY).order_by("id").values_list("action", flat=True))


def test_a_member_signs_in_and_is_told_who_it_is(cast, phone):
    answer = phone.sign_in()
    told = answer.json()
    assert answer.status_code == 200
    assert told["me"]["member"]["name"] == "网格员甲"
    assert (told["me"]["roles"], told["me"]["county"], told["me"]["county_name"]) == (["grid_member"], COUNTY, "德清县")
    assert phone.call("GET", "session").json()["me"] == told["me"]
    assert [action for action in actions() if "sign_in" in action] == ["accounts.sign_in", "field.sign_in"]
    assert FieldDevice.objects.get(county=COUNTY).name == "红米 12"
    assert UserSession.objects.get(device_id=phone.id).device == "红米 12"


def test_a_committee_is_told_its_village(cast):
    told = Phone(cast, cast.committee).sign_in().json()["me"]
    assert (told["roles"], told["village"], told["member"]) == (["committee"], cast.village, None)


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(cast, phone):
    wrong, unknown = phone.sign_in(password="x"), phone.sign_in(username="nobody")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_password")
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_guessing_is_locked_out_as_on_the_sign_in_page(cast, phone):
    for _ in range(4):
        assert phone.sign_in(password="x").status_code == 401
    locked = phone.sign_in(password="x")
    assert (locked.status_code, locked.json()["code"], locked["Retry-After"]) == (429, "locked_out", "900")
    assert phone.sign_in().status_code == 429


def test_an_enrolled_user_needs_the_code_and_a_wrong_one_is_told(cast, phone):
    device = factor(cast.grid_member)
    asked = phone.sign_in()
    assert (asked.status_code, asked.json()["code"]) == (403, "second_factor_required")
    wrong = phone.sign_in(code="000000")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["code"])
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert phone.sign_in(code=f"{totp(device.bin_key):06d}").status_code == 200
    assert phone.call("GET", "session").status_code == 200


def test_a_member_of_two_grids_without_a_factor_is_sent_to_enrol(cast, phone):
    cast.grant(cast.grid_member, "grid", cast.next_grid.id)
    told = phone.sign_in()
    assert (told.status_code, told.json()["code"], told.json()["url"]) == (
        403, "second_factor_enrol_required", "/second-factor/enrol/"
    )  # fmt: skip
    assert phone.call("GET", "session").status_code == 401


def test_a_first_password_is_changed_on_its_page_first(cast, phone):
    cast.grid_member.must_change_password = True
    cast.grid_member.save()
    told = phone.sign_in()
    assert (told.status_code, told.json()["code"], told.json()["url"]) == (
        403,
        "password_change_required",
        "/password/",
    )


def test_officers_and_stopped_accounts_do_not_sign_in_here(cast):
    with override_settings(SECOND_FACTOR=False):
        refused = Phone(cast, cast.lead_officer).sign_in()
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    accounts.suspend_account(acting_user=None, user=cast.grid_member, reason="离岗")
    assert Phone(cast).sign_in().status_code == 401


def test_signing_in_is_protected_against_forged_requests(cast, phone):
    phone.client = Client(enforce_csrf_checks=True)
    assert phone.sign_in().json()["code"] == "csrf_failed"
    phone.state()
    token = phone.client.cookies["csrftoken"].value
    body = {"username": cast.grid_member.username, "password": cast.password, "device_id": str(phone.id)}
    assert phone.call("POST", "sign-in", body, **{"X-CSRFToken": token}).status_code == 200


def test_a_phone_stays_signed_in_for_thirty_days_however_idle(cast, phone):
    start = clock.now()
    phone.signed_in()
    for days, status in ((9, 200), (29, 200), (31, 401)):
        with time_machine.travel(start + timedelta(days=days)):
            tidy()
            assert phone.call("GET", "session").status_code == status
    assert phone.state() == "active"  # the session merely ended: everything stays on the phone


def test_a_browser_of_the_same_user_still_ends_after_an_hour(cast, phone):
    start = clock.now()
    phone.signed_in()
    browser = Client()
    browser.post("/sign-in/", {"username": cast.grid_member.username, "password": cast.password})
    with time_machine.travel(start + timedelta(minutes=61)):
        assert browser.get("/profile/").status_code == 302
        assert phone.call("GET", "session").status_code == 200


@override_settings(SESSION_LIMIT=1)
def test_phones_and_browsers_do_not_displace_each_other(cast, phone):
    phone.signed_in()
    browser = Client()
    browser.post("/sign-in/", {"username": cast.grid_member.username, "password": cast.password})
    assert phone.call("GET", "session").status_code == 200
    assert browser.get("/profile/").status_code == 200
    second = Phone(cast).signed_in()
    assert phone.call("GET", "session").status_code == 401
    assert (phone.state(), second.state()) == ("active", "active")


def test_signing_out_ends_the_session_and_is_remembered(cast, phone):
    phone.signed_in()
    assert phone.call("POST", "sign-out").status_code == 204
    assert phone.call("GET", "session").status_code == 401
    assert phone.state() == "signed_out"
    phone.signed_in()
    assert phone.state() == "active"


def test_signing_in_again_on_the_same_phone_replaces_its_session(cast, phone):
    phone.signed_in()
    stolen = phone.client.cookies.copy()
    phone.client = Client()
    phone.signed_in()
    other = Phone(cast, device_id=phone.id)
    other.client.cookies = stolen
    assert other.call("GET", "session").status_code == 401
    assert UserSession.objects.filter(ended_at=None).count() == 1


def test_a_session_serves_only_the_phone_it_was_made_for(cast, phone):
    phone.signed_in()
    assert phone.call("GET", "session", **{"X-Field-Device": str(uuid7())}).status_code == 401
    assert phone.call("GET", "session", **{"X-Field-Device": ""}).status_code == 401
    page = cast.client(cast.grid_member)
    assert page.get("/api/v1/field/session", headers={"X-Field-Device": str(phone.id)}).status_code == 401


def test_another_user_takes_over_a_phone_under_an_own_row(cast, phone):
    phone.signed_in()
    Phone(cast, cast.committee, device_id=phone.id).signed_in()
    assert phone.call("GET", "session").status_code == 401
    assert FieldDevice.objects.filter(county=COUNTY, device_id=phone.id).count() == 2


def test_nobody_knows_a_device_that_never_signed_in(cast, phone):
    assert phone.state() == "unknown"


def test_a_changed_password_ends_the_session_but_not_what_the_phone_keeps(cast, phone):
    phone.signed_in()
    accounts.change_password(
        acting_user=cast.grid_member, user=cast.grid_member, old=cast.password, new="Neu-2026-geheim"
    )
    assert phone.call("GET", "session").status_code == 401
    assert phone.state() == "active"


def test_a_stopped_account_is_signed_out_everywhere_and_its_phones_forget(cast, phone):
    phone.signed_in()
    accounts.suspend_account(acting_user=None, user=cast.grid_member, reason="离岗")
    assert phone.call("GET", "session").status_code == 401
    assert phone.state() == "signed_out"


def test_the_phone_says_its_version_and_what_it_still_holds(cast, phone):
    phone.signed_in()
    phone.call("GET", "session", **{"X-Field-Version": "1.2.0", "X-Field-Unsent": "7"})
    kept = FieldDevice.objects.get(county=COUNTY, device_id=phone.id)
    assert (kept.app_version, kept.unsent) == ("1.2.0", 7)
    phone.call("GET", "session", **{"X-Field-Unsent": "-3 wrong"})
    assert FieldDevice.objects.get(county=COUNTY, device_id=phone.id).unsent == 7
