from datetime import timedelta

import pytest
from openpyxl import load_workbook

from safegrid.accounts import services
from safegrid.accounts.models import Role, User
from safegrid.accounts.tests.people import COUNTY, OTHER_COUNTY, TOWN, actions, admin, person
from safegrid.foundation import clock
from safegrid.orgs.models import Department
from safegrid.regions.models import Region
from tests.doors import Api, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    Region.objects.create(code=str(COUNTY), name="德清县", level=3, parent_code="3305")
    return admin()


def test_the_list_shows_own_accounts_masked_with_roles_and_filters(boss):
    person("wang", ("town_officer", TOWN), phone="13812345678")
    person("li", ("committee", TOWN + "201"))
    person("zhao", place=str(OTHER_COUNTY))
    browser = signed_in(boss)
    page = browser.get("/accounts/").content.decode()
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "乡镇安监站" in page
    assert "zhao" not in page
    filtered = browser.get("/accounts/?kind=committee").content.decode()
    assert "li" in filtered
    assert "wang" not in filtered


def test_the_export_is_a_traced_workbook_without_full_phone_numbers(boss, tmp_path):
    person("wang", ("town_officer", TOWN), phone="13812345678")
    response = signed_in(boss).get("/accounts/?export=xlsx")
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"".join(response.streaming_content))
    cells = [cell for row in load_workbook(path).active.iter_rows(values_only=True) for cell in row]
    assert "wang" in cells
    assert "13812345678" not in str(cells)
    assert "accounts.export" in actions()


@pytest.mark.parametrize("kind", ["lead_officer", "lead_chief", "auditor"])
def test_the_account_pages_do_not_exist_for_others(boss, kind):
    user = person("wang", (kind, str(COUNTY)))
    browser = signed_in(user)
    for page in ("/accounts/", "/accounts/open/", f"/accounts/{boss.pk}/", f"/accounts/{boss.pk}/suspend/"):
        assert browser.get(page).status_code == 404


def test_an_account_of_another_county_does_not_exist(boss):
    other = person("zhao", place=str(OTHER_COUNTY))
    browser = signed_in(boss)
    assert browser.get(f"/accounts/{other.pk}/").status_code == 404
    assert browser.post(f"/accounts/{other.pk}/reset-password/").status_code == 404


def test_opening_prints_a_one_time_password_that_signs_in(boss, client):
    given = {"username": "wang", "name": "王某", "place": str(COUNTY), "phone": "13812345678", "email": ""}
    response = signed_in(boss).post("/accounts/open/", given)
    password = response.context["password"]
    assert password in response.content.decode()
    assert client.post("/sign-in/", {"username": "wang", "password": password}).status_code == 302
    assert User.objects.get(username="wang").must_change_password


def test_a_wrong_form_keeps_what_was_typed_and_opens_nothing(boss):
    response = signed_in(boss).post("/accounts/open/", {"username": "wang", "name": "王某", "place": "999999"})
    assert response.status_code == 422
    assert 'value="王某"' in response.content.decode()
    assert not User.objects.filter(username="wang").exists()


def test_a_role_is_given_with_a_department_chosen_from_the_county(boss):
    department = Department.objects.create(county=COUNTY, code="YJ", name="应急管理局")
    user = person("wang")
    browser = signed_in(boss)
    assert "应急管理局" in browser.get(f"/accounts/{user.pk}/grant-role/").content.decode()
    given = {
        "kind": "department_officer", "place": str(COUNTY), "department_id": str(department.pk),
        "valid_from": str(clock.today()),
    }  # fmt: skip
    assert browser.post(f"/accounts/{user.pk}/grant-role/", given).status_code == 302
    role = Role.objects.get(user=user)
    assert role.department_id == department.pk
    assert browser.post(f"/accounts/roles/{role.pk}/end/", {"reason": "调离"}).status_code == 302
    assert user.holdings() == ()


def test_a_members_role_is_not_given_by_hand(boss):
    user = person("wang")
    given = {"kind": "grid_member", "place": str(COUNTY), "valid_from": str(clock.today())}
    assert signed_in(boss).post(f"/accounts/{user.pk}/grant-role/", given).status_code == 422
    body = {**given, "valid_from": str(clock.today())}
    assert Api(signed_in(boss)).post(f"/api/v1/accounts/{user.pk}/roles", body).status_code == 422
    assert not Role.objects.filter(user=user).exists()


def test_every_verb_page_opens_and_works(boss):
    user = person("wang", ("town_officer", TOWN), phone="13812345678")
    browser = signed_in(boss)
    page = browser.get(f"/accounts/{user.pk}/").content.decode()
    for verb in ("grant-role", "change", "reset-password", "reset-second-factor", "unmask", "suspend", "close"):
        assert f"/accounts/{user.pk}/{verb}/" in page
        assert browser.get(f"/accounts/{user.pk}/{verb}/").status_code == 200
    shown = browser.post(f"/accounts/{user.pk}/unmask/", {"reason": "核实身份"})
    assert "13812345678" in shown.content.decode()
    assert browser.post(f"/accounts/{user.pk}/reset-second-factor/").status_code == 302
    assert browser.post(f"/accounts/{user.pk}/reset-password/").context["password"]
    changed = {"name": "王二", "place": str(COUNTY), "email": "w@example.com"}
    assert browser.post(f"/accounts/{user.pk}/change/", changed).status_code == 302
    assert User.objects.get(pk=user.pk).name == "王二"
    assert browser.post(f"/accounts/{user.pk}/suspend/", {"reason": "离岗"}).status_code == 302
    assert browser.post(f"/accounts/{user.pk}/suspend/", {"reason": "离岗"}).status_code == 409
    assert browser.post(f"/accounts/{user.pk}/resume/", {"reason": "返岗"}).status_code == 302


def test_one_cannot_act_on_oneself(boss):
    assert signed_in(boss).post(f"/accounts/{boss.pk}/suspend/", {"reason": "x"}).status_code == 403


def test_the_profile_offers_token_delegation_and_break_glass(boss):
    chief, deputy = person("chief", ("lead_chief", str(COUNTY))), person("deputy")
    browser = signed_in(chief)
    assert "指定代行人" in browser.get("/profile/").content.decode()
    made = browser.post("/profile/tokens/", {"name": "对接", "days": "30"})
    words = made.context["words"]
    assert services.user_of_token(words) == chief
    role = chief.roles.get()
    today = clock.today()
    given = {"substitute": "deputy", "valid_from": today, "valid_to": today + timedelta(days=3), "reason": "出差"}
    assert browser.post(f"/profile/roles/{role.pk}/delegate/", given).status_code == 302
    copy = Role.objects.get(user=deputy)
    assert "deputy" in browser.get("/profile/").content.decode()
    assert browser.post(f"/profile/roles/{copy.pk}/end/").status_code == 302
    assert deputy.holdings() == ()
    opened = {"place": str(COUNTY), "hours": "1", "reason": "排查数据异常"}
    assert browser.post("/profile/break-glass/", opened).status_code == 403
    assert signed_in(boss).post("/profile/break-glass/", opened).status_code == 302
    assert {h.kind for h in User.objects.get(pk=boss.pk).holdings()} == {"system_admin", "auditor"}


def test_nobody_delegates_anothers_role(boss):
    chief, other = person("chief", ("lead_chief", str(COUNTY))), person("other", ("lead_officer", str(COUNTY)))
    assert signed_in(other).get(f"/profile/roles/{chief.roles.get().pk}/delegate/").status_code == 404


def test_the_api_opens_accounts_gives_roles_and_never_answers_with_a_secret(boss):
    api = Api(signed_in(boss))
    body = {"username": "wang", "name": "王某", "place": str(COUNTY), "phone": "13812345678"}
    made = api.post("/api/v1/accounts", body)
    assert made.status_code == 201
    assert "13812345678" not in made.content.decode()
    where = f"/api/v1/accounts/{made.json()['id']}"
    role = api.post(f"{where}/roles", {"kind": "town_officer", "place": TOWN, "valid_from": "2026-01-01"})
    assert role.status_code == 201
    assert [r["kind"] for r in api.get(where).json()["roles"]] == ["town_officer"]
    assert api.post(f"/api/v1/accounts/roles/{role.json()['id']}/end", {"reason": "x"}).status_code == 200
    assert api.post(f"{where}/suspend", {"reason": "离岗"}).json()["is_active"] is False
    assert [one["username"] for one in api.get("/api/v1/accounts", words="wang").json()["items"]] == ["wang"]


def test_the_api_hides_other_counties_accounts(boss):
    other = person("zhao", place=str(OTHER_COUNTY))
    api = Api(signed_in(boss))
    assert api.get(f"/api/v1/accounts/{other.pk}").status_code == 404
    assert api.post(f"/api/v1/accounts/{other.pk}/suspend", {"reason": "x"}).status_code == 404


def test_a_token_opens_the_api_and_no_page(client):
    user = person("li", ("lead_officer", str(COUNTY)))
    _, words = services.issue_token(acting_user=user, name="对接", days=1, verified=True)
    headers = {"Authorization": f"Bearer {words}"}
    assert client.get("/api/v1/accounts/me", headers=headers).json()["username"] == "li"
    assert client.get("/profile/", headers=headers).status_code == 302
    assert client.get("/api/v1/accounts/me", headers={"Authorization": "Bearer sg_wrong"}).status_code == 401
