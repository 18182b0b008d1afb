from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher, identify_hasher, make_password
from django.core import checks
from django.test import Client, override_settings
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from safegrid.accounts import services
from safegrid.accounts.models import RecoveryCode, UserSession
from safegrid.accounts.tests.people import COUNTY, PASSWORD, TOWN, actions, person
from safegrid.foundation import clock, trace
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import ScopeGrant, TraceRow

pytestmark = pytest.mark.django_db
MEMBER = ("grid_member", TOWN)
OFFICER = ("lead_officer", str(COUNTY))


def sign_in(client, username="wang", password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": username, "password": password, **more})


def code_of(device):
    return f"{totp(device.bin_key):06d}"


def enrolled(user):
    device = services.enrol_second_factor(acting_user=user)
    _, codes = services.confirm_second_factor(acting_user=user, code=code_of(device))
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1)
    return TOTPDevice.objects.get(pk=device.pk), codes


def test_a_member_of_one_grid_signs_in_with_a_password_and_reaches_the_page_asked_for():
    person("wang", MEMBER, password=PASSWORD)
    client = Client()
    response = client.get("/profile/")
    assert (response.status_code, response.url) == (302, "/sign-in/?next=/profile/")
    assert sign_in(client, next="/profile/").url == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert actions() == ["accounts.sign_in"]


def test_nobody_is_sent_to_another_site_after_signing_in():
    person("wang", MEMBER, password=PASSWORD)
    assert sign_in(Client(), next="https://evil.example/").url == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer():
    person("wang", MEMBER, password=PASSWORD)
    wrong, unknown = sign_in(Client(), password="x"), sign_in(Client(), username="nobody")
    assert wrong.status_code == unknown.status_code == 422
    assert "用户名或密码不正确" in wrong.content.decode()
    assert "用户名或密码不正确" in unknown.content.decode()
    assert actions() == ["accounts.sign_in_failed"]


def test_what_was_typed_as_an_unknown_name_is_not_kept_in_the_trace():
    sign_in(Client(), username="my-secret-password", password="x")
    row = TraceRow.objects.get(county=trace.PLATFORM, action="accounts.sign_in_failed")
    assert "my-secret-password" not in str(row.changes) + row.actor


def test_a_suspended_account_is_refused_and_its_open_session_ends():
    user = person("wang", MEMBER, password=PASSWORD)
    client = Client()
    sign_in(client)
    services.suspend_account(acting_user=None, user=user, reason="离岗")
    assert client.get("/profile/").status_code == 302
    assert sign_in(Client()).status_code == 422


def test_the_fifth_wrong_password_locks_this_name_from_this_address_only():
    person("wang", MEMBER, password=PASSWORD)
    person("li", MEMBER, password=PASSWORD)
    client = Client()
    for _ in range(4):
        assert sign_in(client, password="x").status_code == 422
    locked = sign_in(client, password="x")
    assert locked.status_code == 429
    assert "登录已锁定" in locked.content.decode()
    assert locked["Retry-After"] == "900"
    assert sign_in(client).status_code == 429
    assert sign_in(Client(), username="li").status_code == 302
    assert sign_in(Client(REMOTE_ADDR="10.1.1.1")).status_code == 302


def test_behind_a_proxy_only_the_proxys_own_word_on_the_address_counts():
    person("wang", MEMBER, password=PASSWORD)
    with override_settings(BEHIND_PROXY=True):
        for n in range(5):
            last = sign_in(Client(headers={"X-Forwarded-For": f"1.1.1.{n}, 9.9.9.9"}), password="x")
        assert last.status_code == 429


def test_an_officer_without_a_second_factor_is_sent_to_enrol_and_sees_nothing_before():
    person("wang", OFFICER, password=PASSWORD)
    client = Client()
    sign_in(client)
    for page in ("/profile/", "/accounts/", "/notices/", "/"):
        assert client.get(page).url == "/second-factor/enrol/"
    refused = client.get("/api/v1/accounts/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    page = client.get("/second-factor/enrol/").content.decode()
    assert "data:image/svg+xml" in page


def test_enrolling_shows_recovery_codes_once_and_leads_on():
    user = person("wang", OFFICER, password=PASSWORD)
    client = Client()
    sign_in(client)
    client.get("/profile/")
    client.get("/second-factor/enrol/")
    wrong = client.post("/second-factor/enrol/", {"code": "000000"})
    assert wrong.status_code == 422
    device = TOTPDevice.objects.get(user=user)
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    done = client.post("/second-factor/enrol/", {"code": code_of(device)})
    assert len(done.context["codes"]) == 10
    assert all(code not in str(list(RecoveryCode.objects.values())) for code in done.context["codes"])
    assert done.context["target"] == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert {"accounts.second_factor_enrolled", "accounts.recovery_codes_made"} <= set(actions())


def test_an_enrolled_officer_passes_with_the_code_and_the_same_code_works_once():
    device, _ = enrolled(person("wang", OFFICER, password=PASSWORD))
    client, code = Client(), code_of(device)
    sign_in(client)
    assert client.get("/profile/").url == "/second-factor/"
    assert client.post("/second-factor/", {"code": code}).url == "/profile/"
    assert client.get("/profile/").status_code == 200
    other = Client()
    sign_in(other)
    assert other.post("/second-factor/", {"code": code}).status_code == 422


def test_wrong_codes_are_traced_and_slow_the_next_attempt():
    device, _ = enrolled(person("wang", OFFICER, password=PASSWORD))
    client = Client()
    sign_in(client)
    assert client.post("/second-factor/", {"code": "000000"}).status_code == 422
    assert client.post("/second-factor/", {"code": code_of(device)}).status_code == 422
    assert actions().count("accounts.second_factor_failed") == 2


def test_a_recovery_code_works_once_in_any_spelling():
    _, codes = enrolled(person("wang", OFFICER, password=PASSWORD))
    client = Client()
    sign_in(client)
    assert client.post("/second-factor/", {"code": codes[0].replace("-", " ").upper()}).status_code == 302
    other = Client()
    sign_in(other)
    assert other.post("/second-factor/", {"code": codes[0]}).status_code == 422


def test_an_enrolled_user_cannot_enrol_another_device_before_passing():
    enrolled(person("wang", OFFICER, password=PASSWORD))
    client = Client()
    sign_in(client)
    assert client.get("/second-factor/enrol/").url == "/second-factor/"


def test_a_member_posted_to_two_grids_needs_a_second_factor():
    user = person("wang", MEMBER, password=PASSWORD)
    for _ in range(2):
        ScopeGrant.objects.create(
            county=COUNTY, user_id=user.pk, kind="grid", key=uuid7(), source=uuid7(), valid_from=clock.today()
        )
    client = Client()
    sign_in(client)
    assert client.get("/profile/").url == "/second-factor/enrol/"


@override_settings(SECOND_FACTOR=False)
def test_an_installation_may_do_without_and_the_system_check_says_so():
    person("wang", OFFICER, password=PASSWORD)
    client = Client()
    sign_in(client)
    assert client.get("/profile/").status_code == 200
    assert "safegrid.W010" in {message.id for message in checks.run_checks()}


def test_the_sign_in_settings_raise_no_warning():
    found = {message.id for message in checks.run_checks() if message.id.startswith(("axes.", "safegrid."))}
    assert not found


def test_a_first_password_must_be_changed_before_anything_else():
    user = person("wang", MEMBER)
    password = services.reset_password(acting_user=None, user=user)
    client = Client()
    sign_in(client, password=password)
    assert client.get("/profile/").url == "/password/"
    assert client.get("/api/v1/accounts/me").json()["code"] == "password_change_required"
    weak = client.post("/password/", {"old": password, "new": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"})
    assert weak.status_code == 422
    unlike = client.post("/password/", {"old": password, "new": PASSWORD, "again": PASSWORD + "x"})
    assert "两次输入" in unlike.content.decode()
    assert client.post("/password/", {"old": password, "new": PASSWORD, "again": PASSWORD}).url == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert sign_in(Client()).status_code == 302


def test_changing_the_password_ends_every_other_session():
    person("wang", MEMBER, password=PASSWORD)
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    here.post("/password/", {"old": PASSWORD, "new": PASSWORD + "2", "again": PASSWORD + "2"})
    assert here.get("/profile/").status_code == 200
    assert there.get("/profile/").status_code == 302


def test_the_oldest_session_ends_when_there_are_too_many():
    person("wang", MEMBER, password=PASSWORD)
    clients = [Client() for _ in range(4)]
    with override_settings(SESSION_LIMIT=3):
        for client in clients:
            sign_in(client)
    assert [client.get("/profile/").status_code for client in clients] == [302, 200, 200, 200]
    assert "accounts.session_displaced" in actions()


@pytest.mark.parametrize(("minutes", "steps", "status"), [(59, 1, 200), (61, 1, 302), (50, 9, 200), (50, 10, 302)])
def test_a_session_ends_when_idle_for_an_hour_or_open_for_eight(minutes, steps, status):
    person("wang", MEMBER, password=PASSWORD)
    client, start = Client(), clock.now()
    sign_in(client)
    for step in range(1, steps + 1):
        with time_machine.travel(start + timedelta(minutes=minutes * step)):
            last = client.get("/profile/").status_code
    assert last == status
    if minutes > 60:
        assert actions()[-1] == "accounts.session_expired"


def test_people_see_their_sessions_and_end_one_from_elsewhere():
    user = person("wang", MEMBER, password=PASSWORD)
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    first = UserSession.objects.filter(user=user).order_by("began_at").last()
    assert here.post(f"/profile/sessions/{first.pk}/end/").status_code == 302
    assert there.get("/profile/").status_code == 302
    stranger = person("li", MEMBER, password=PASSWORD)
    other = Client()
    sign_in(other, username="li")
    remaining = UserSession.objects.get(user=user, ended_at=None)
    assert other.post(f"/profile/sessions/{remaining.pk}/end/").status_code == 404
    assert stranger.sessions.filter(ended_at=None).count() == 1


def test_signing_out_ends_the_session_and_is_traced():
    user = person("wang", MEMBER, password=PASSWORD)
    client = Client()
    sign_in(client)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/profile/").status_code == 302
    assert not user.sessions.filter(ended_at=None).exists()
    assert actions()[-1] == "accounts.sign_out"


def test_the_sign_in_page_needs_no_session_and_says_no_store():
    response = Client().get("/sign-in/")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_forms_without_a_csrf_token_are_refused():
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"])
def test_passwords_are_hashed_with_argon2():
    assert isinstance(identify_hasher(make_password("x")), Argon2PasswordHasher)


def test_a_refusal_takes_as_long_for_an_unknown_name_as_for_a_wrong_password(monkeypatch):
    """Counts hashings instead of measuring seconds: exactly one in either case."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    person("wang", MEMBER, password=PASSWORD)
    spent = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: (spent.append(1), encode(*given))[1])
    sign_in(Client(), password="x")
    wrong = len(spent)
    sign_in(Client(), username="nobody")
    assert (wrong, len(spent) - wrong) == (1, 1)
