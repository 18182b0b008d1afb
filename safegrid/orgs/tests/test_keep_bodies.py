from datetime import timedelta

import pytest

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible, Refused
from safegrid.foundation.models import TraceRow
from safegrid.orgs import access, selectors, services
from tests.doors import Api, signed_in

COUNTY = 330521


def open_one(actor=None, **values):
    given = {"county": COUNTY, "code": "XX", "name": "某部门", **values}
    return services.open_department(acting_user=actor, **given)


def traced():
    return list(TraceRow.objects.filter(county=COUNTY).order_by("id").values_list("action", flat=True))


def test_a_lead_officer_opens_changes_closes_and_reopens_a_department(cast):
    actor = cast.lead_officer
    row = open_one(actor)
    services.change_department(acting_user=actor, department=row, name="改名部门", duty_phone="0572-8060000")
    services.close_department(acting_user=actor, department=row, reason="机构改革")
    assert row not in selectors.departments(COUNTY)
    assert row in selectors.departments(COUNTY, active=False)
    services.reopen_department(acting_user=actor, department=row, reason="恢复")
    assert selectors.department(COUNTY, row.pk).name == "改名部门"
    verbs = ("open", "change", "close", "reopen")
    assert traced() == [f"orgs.{verb}_department" for verb in verbs]


@pytest.mark.parametrize("who", ["town_officer", "fire_officer", "grid_member", "outsider", "upper_level", "auditor"])
def test_nobody_else_opens_departments(cast, who):
    with pytest.raises(NotPermitted):
        open_one(getattr(cast, who))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "有 空格"}, "code"),
        ({"name": " "}, "name"),
        ({"level": "nation"}, "level"),
        ({"role": "boss"}, "role"),
        ({"town": "330521100"}, "town"),
        ({"level": "town"}, "town"),
        ({"level": "town", "town": "330522100"}, "town"),
        ({"duty_phone": "拨打"}, "duty_phone"),
    ],
)
def test_a_wrong_field_is_named(db, values, field):
    with pytest.raises(InvalidInput) as caught:
        open_one(**values)
    assert field in caught.value.fields


@pytest.mark.django_db
def test_a_code_is_unique_in_its_county_only():
    open_one()
    with pytest.raises(InvalidInput):
        open_one()
    assert open_one(county=330522)


@pytest.mark.django_db
def test_a_county_has_one_leading_department():
    lead = open_one(role="lead")
    assert selectors.lead_department(COUNTY) == lead
    with pytest.raises(InvalidInput):
        open_one(code="YY", role="lead")
    services.close_department(acting_user=None, department=lead, reason="撤销")
    second = open_one(code="YY", role="lead")
    assert selectors.lead_department(COUNTY) == second
    with pytest.raises(InvalidInput):
        services.reopen_department(acting_user=None, department=lead, reason="恢复")


@pytest.mark.django_db
def test_a_department_of_another_county_is_not_found():
    row = open_one(county=330522)
    with pytest.raises(NotVisible):
        selectors.department(COUNTY, row.pk)
    assert selectors.names_of(COUNTY, [row.pk, None]) == {}


def test_a_departments_officer_names_its_officers_and_no_others(cast):
    row = services.name_officer(
        acting_user=cast.fire_officer, department=cast.fire, name="赵六", phone="13812345678", valid_from=clock.today()
    )
    assert selectors.officers_of(COUNTY, cast.fire.pk) == [row]
    with pytest.raises(NotPermitted):
        services.name_officer(
            acting_user=cast.market_officer, department=cast.fire, name="钱七", valid_from=clock.today()
        )
    with pytest.raises(NotPermitted):
        services.end_officer(acting_user=cast.market_officer, officer=row)
    assert "13812345678" not in str(TraceRow.objects.get(county=COUNTY, action="orgs.name_officer").changes)
    services.end_officer(acting_user=cast.fire_officer, officer=row)
    assert selectors.officers_of(COUNTY, cast.fire.pk) == []
    assert selectors.officers_of(COUNTY, cast.fire.pk, clock.today() - timedelta(days=1)) == []


def test_closing_a_department_ends_its_officers_and_takes_no_new_ones(cast):
    department = open_one()
    services.name_officer(acting_user=None, department=department, name="赵六", valid_from=clock.today())
    services.close_department(acting_user=None, department=department, reason="撤销")
    assert selectors.officers_of(COUNTY, department.pk) == []
    with pytest.raises(Refused):
        services.name_officer(acting_user=None, department=department, name="赵六", valid_from=clock.today())
    with pytest.raises(Refused):
        services.close_department(acting_user=None, department=department, reason="撤销")


def test_unmasking_an_officers_phone_wants_a_reason_and_is_traced(cast):
    row = services.name_officer(
        acting_user=None, department=cast.fire, name="赵六", phone="13812345678", valid_from=clock.today()
    )
    with pytest.raises(InvalidInput):
        services.unmask_officer(acting_user=cast.lead_officer, officer=row, reason=" ")
    assert services.unmask_officer(acting_user=cast.lead_officer, officer=row, reason="联系") == "13812345678"
    assert "orgs.unmask_officer" in traced()
    with pytest.raises(NotPermitted):
        services.unmask_officer(acting_user=cast.grid_member, officer=row, reason="联系")


def test_a_town_officer_keeps_the_committees_of_the_town_only(cast):
    village, far = "330521001077", "330521101077"
    made = services.open_committee(acting_user=cast.town_officer, county=COUNTY, village=village, name="新社区居委会")
    services.change_committee(acting_user=cast.town_officer, committee=made, name="新村村委会", duty_phone="")
    with pytest.raises(NotPermitted):
        services.open_committee(acting_user=cast.town_officer, county=COUNTY, village=far, name="某村")
    with pytest.raises(InvalidInput):
        services.open_committee(acting_user=cast.lead_officer, county=COUNTY, village=village, name="又一个")
    with pytest.raises(InvalidInput):
        services.open_committee(acting_user=None, county=COUNTY, village="330522001077", name="外县")


@pytest.mark.django_db
def test_a_town_has_one_station():
    made = services.open_station(acting_user=None, county=COUNTY, town="330521099", name="安监站")
    assert selectors.station_of(COUNTY, "330521099") == made
    with pytest.raises(InvalidInput):
        services.open_station(acting_user=None, county=COUNTY, town="330521099", name="安监站")


@pytest.mark.parametrize("who", ["site_contact", "agency_expert", "outsider"])
def test_outsiders_see_no_directory(cast, who):
    open_one()
    assert not access.visible(getattr(cast, who)).filter(county=COUNTY).exists()


def test_the_pages_list_open_change_and_export(cast):
    browser = signed_in(cast.lead_officer)
    cast.fire  # noqa: B018  (makes the row)
    assert cast.fire.name in browser.get("/departments/").content.decode()
    assert browser.get("/departments/?export=xlsx").status_code == 200
    given = {"county": COUNTY, "code": "NEW", "name": "新部门", "level": "county", "role": "cooperating"}
    made = browser.post("/departments/open/", given)
    assert made.status_code == 302
    assert "新部门" in browser.get(made.url).content.decode()
    assert browser.post("/departments/open/", given).status_code == 422
    assert browser.post(f"{made.url}change/", {**given, "name": "改名"}).status_code == 302
    officer = {"name": "赵六", "phone": "13812345678", "valid_from": str(clock.today())}
    assert browser.post(f"{made.url}officers/", officer).status_code == 302
    page = browser.get(made.url).content.decode()
    assert "138****5678" in page
    row = selectors.officers_of(COUNTY, selectors.by_code(COUNTY, "NEW").pk)[0]
    shown = browser.post(f"/departments/officers/{COUNTY}/{row.pk}/phone/", {"reason": "联系"})
    assert "13812345678" in shown.content.decode()
    assert browser.post(f"/departments/officers/{COUNTY}/{row.pk}/end/", {"reason": "调离"}).status_code == 302
    assert browser.post(f"{made.url}close/", {"reason": "撤销"}).status_code == 302
    assert browser.post(f"{made.url}reopen/", {"reason": "恢复"}).status_code == 302


def test_stations_and_committees_have_pages(cast):
    browser = signed_in(cast.lead_officer)
    assert browser.get("/stations/").status_code == 200
    assert browser.get("/committees/?export=xlsx").status_code == 200
    station = services.open_station(acting_user=None, county=COUNTY, town="330521098", name="安监站")
    changed = browser.post(f"/stations/{COUNTY}/{station.pk}/", {"name": "安全监管站", "duty_phone": "8060001"})
    assert changed.status_code == 302
    assert browser.post("/stations/open/", {"town": "330521097", "name": "安监站"}).status_code == 422
    assert signed_in(cast.town_officer).get("/departments/open/").status_code == 404
    assert signed_in(cast.grid_member).post(f"/stations/{COUNTY}/{station.pk}/", {"name": "x"}).status_code == 403


def test_whoever_works_above_counties_lists_those_below(cast):
    assert cast.fire.name in signed_in(cast.upper_level).get("/departments/").content.decode()


def test_the_api_keeps_departments_and_masks_phones(cast):
    api = Api(signed_in(cast.lead_officer))
    made = api.post(f"/api/v1/departments/{COUNTY}", {"code": "NEW", "name": "新部门"})
    assert made.status_code == 201
    where = f"/api/v1/departments/{COUNTY}/{made.json()['id']}"
    officer = {"name": "赵六", "phone": "13812345678", "valid_from": str(clock.today())}
    assert api.post(f"{where}/officers", officer).json()["phone"] == "138****5678"
    assert api.get(f"{where}/officers").json()[0]["phone"] == "138****5678"
    change = {"name": "改名", "level": "county", "role": "cooperating"}
    assert api.post(f"{where}/change", change).json()["name"] == "改名"
    assert api.post(f"{where}/close", {"reason": "撤销"}).json()["is_active"] is False
    assert api.post(f"/api/v1/stations/{COUNTY}", {"place": "330521096", "name": "站"}).status_code == 201
    assert api.get(f"/api/v1/committees/{COUNTY}").status_code == 200
    foreign = services.open_department(acting_user=None, county=330523, code="F", name="外县")
    assert api.get(f"/api/v1/departments/330523/{foreign.pk}").status_code == 404
