"""The session of a phone lies idle for weeks for the app alone: the console's pages hold it to a browser's limits."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from safegrid.accounts.models import UserSession
from safegrid.field.tests.phone import Phone
from safegrid.field.tests.pictures import picture
from safegrid.files import services as files
from safegrid.foundation import clock

HOUR = 60


@pytest.fixture
def sent(phone):
    """A photo that the member brought."""
    return files.store(acting_user=phone.user, county=phone.cast.county, data=picture(1))


@pytest.fixture
def later(phone):
    """Let minutes pass from the sign-in on."""
    start = clock.now()
    return lambda minutes: time_machine.travel(start + timedelta(minutes=minutes))


def on_the_page(phone):
    return phone.client.post("/sign-in/", {"username": phone.user.username, "password": phone.cast.password})


def test_the_console_opens_as_for_a_browser(phone):
    assert phone.client.get("/profile/").status_code == 200
    assert phone.client.get("/api/v1/accounts/me").status_code == 200


@pytest.mark.parametrize("minutes", [HOUR + 1, 3 * HOUR, 20 * 24 * HOUR])
def test_after_an_idle_hour_the_console_asks_for_the_password_and_the_app_goes_on(phone, sent, later, minutes):
    with later(minutes):
        for _ in range(2):  # asking is no use of the session: it opens nothing the second time
            assert phone.client.get("/profile/").url == "/sign-in/?next=/profile/"
            assert phone.client.get("/api/v1/accounts/me").status_code == 401
        assert phone.client.get(f"/files/{sent.county}/{sent.pk}/").status_code == 200
        assert phone.call("GET", "session").status_code == 200
        assert phone.pull().status_code == 200


def test_after_eight_hours_an_app_at_work_opens_no_console(phone, later):
    for half_hours in range(1, 16):
        with later(half_hours * HOUR / 2):
            assert phone.call("GET", "session").status_code == 200
            assert phone.client.get("/profile/").status_code == 200
    with later(8 * HOUR + 1):
        assert phone.call("GET", "session").status_code == 200
        assert phone.client.get("/profile/").status_code == 302


def test_who_signs_in_on_the_page_leaves_the_app_which_keeps_what_it_has(phone, later):
    with later(2 * HOUR):
        before = phone.client.cookies["sessionid"].value
        assert on_the_page(phone).status_code == 302
        assert phone.client.cookies["sessionid"].value != before
        assert phone.client.get("/profile/").status_code == 200
        assert phone.call("GET", "session").status_code == 401
        assert phone.state() == "active"
        ended, page = UserSession.objects.filter(user=phone.user).order_by("began_at")
        assert (ended.device_id, ended.ended_how, page.device_id) == (phone.id, "replaced", None)
        # The phone keeps data still, and can be told to forget them.
        assert "红米 12" in phone.client.get("/profile/").content.decode()
        phone.client.post(f"/profile/sessions/{ended.pk}/end/")
        assert phone.state() == "signed_out"
    with later(3 * HOUR + 1):
        assert phone.client.get("/profile/").status_code == 302


def test_another_user_who_signs_in_on_the_page_leaves_the_app_too(phone, later):
    other = Phone(phone.cast, phone.cast.next_grid_member)
    other.client = phone.client
    with later(2 * HOUR):
        assert on_the_page(other).status_code == 302
        assert phone.call("GET", "session").status_code == 401
        assert phone.state() == "active"
