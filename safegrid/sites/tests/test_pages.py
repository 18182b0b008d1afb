"""The console's pages of sites, as people walk through them."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import load_workbook

from safegrid.foundation.cache import distrust_everything
from safegrid.foundation.models import TraceRow
from safegrid.sites.models import ChangeRequest, Site, SiteContact
from safegrid.sites.services import add_contact
from safegrid.sites.tests.conftest import COUNTY, OTHER_TOWN, TOWN, VILLAGE
from tests.doors import Api, signed_in

ENTRY = {
    "name": "新厂", "site_type": "enterprise", "industry": "2631", "scale": "small", "employees": "12", "risk_grade": "yellow",
    "credit_code": "", "place": VILLAGE, "address": "工业路", "longitude": "119.97", "latitude": "30.54", "datum": "gcj02",
}  # fmt: skip


def text(response) -> str:
    return response.content.decode()


def test_a_site_is_registered_through_the_form_and_shown(county, town_officer):
    browser = signed_in(town_officer)
    form = browser.get("/sites/register/")
    assert "武康街道 · 对河口村民委员会" in text(form)
    assert "乾元镇" not in text(form)
    answer = browser.post("/sites/register/", {**ENTRY, "contact_name": "李四", "contact_phone": "13800138000"})
    made = Site.objects.get(county=county)
    assert answer.status_code == 302
    assert answer.url == f"/sites/{county}/{made.id}/"
    page = text(browser.get(answer.url))
    assert "138****8000" in page
    assert "13800138000" not in page
    assert "化学农药制造" in page or "化学原料" in page
    shown = json.loads(browser.get(f"/sites/{county}/{made.id}/map.json").content)
    assert shown["features"][0]["geometry"]["coordinates"] == [made.longitude, made.latitude]


def test_wrong_values_are_told_beside_their_fields_and_what_was_typed_stays(county, town_officer):
    wrong = {**ENTRY, "industry": "9999", "datum": ""}
    answer = signed_in(town_officer).post("/sites/register/", {**wrong, "contact_name": "", "contact_phone": ""})
    assert answer.status_code == 422
    assert "行业大类 99" in text(answer)
    assert "系统不猜测坐标系" in text(answer)
    assert "工业路" in text(answer)
    assert not Site.objects.filter(county=county).exists()


def change_form(browser, site) -> dict[str, str]:
    """Return what the form of a change would send if nothing were typed."""
    form = browser.get(f"/sites/{COUNTY}/{site.id}/change/").context["form"]
    return {field.html_name: "" if field.value() is None else field.value() for field in form}


def test_sending_the_form_of_a_change_untouched_changes_nothing(site, lead):
    browser = signed_in(lead)
    for made in (
        site(longitude=119.97, latitude=30.54, datum="gcj02", employees=3),
        site(name="王建国", site_type="household", industry=""),
    ):
        sent = change_form(browser, made)
        assert browser.post(f"/sites/{COUNTY}/{made.id}/change/", sent).status_code == 302
        assert Site.objects.get(county=COUNTY, id=made.id).version == 1


def test_of_two_forms_on_one_site_the_second_is_told(site, lead):
    made, browser = site(), signed_in(lead)
    first = change_form(browser, made)
    assert browser.post(f"/sites/{COUNTY}/{made.id}/change/", {**first, "name": "甲"}).status_code == 302
    answer = browser.post(f"/sites/{COUNTY}/{made.id}/change/", {**first, "name": "乙"})
    assert answer.status_code == 409
    assert "其他人刚刚处理过" in text(answer)


def test_the_list_is_filtered_and_exported_masked_with_a_trace(site, lead):
    site(code="A1")
    site(code="A2", name="王建国", site_type="household", industry="", village="", town=OTHER_TOWN)
    browser = signed_in(lead)
    assert "王**" in text(browser.get("/sites/", {"place": OTHER_TOWN}))
    assert "德清化工厂" not in text(browser.get("/sites/", {"type": "household"}))
    assert "德清化工厂" in text(browser.get("/sites/", {"no_grid": "yes", "words": "化工", "industry": "26"}))
    answer = browser.get("/sites/", {"export": "xlsx", "place": TOWN})
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    cells = [str(cell.value) for line in book.active.iter_rows() for cell in line]
    assert "德清化工厂" in cells
    assert "王**" not in cells
    assert TraceRow.objects.get(county=COUNTY, action="sites.export").changes["rows"] == 1


def test_a_contact_is_seen_in_full_only_after_a_reason(site, lead):
    made = site()
    contact = add_contact(acting_user=lead, site=made, values={"name": "李四", "phone": "13800138000"})
    address, browser = f"/sites/{COUNTY}/{made.id}/contacts/{contact.id}/unmask/", signed_in(lead)
    assert "13800138000" not in text(browser.get(address))
    assert browser.post(address, {"reason": ""}).status_code == 422
    answer = browser.post(address, {"reason": "核实隐患"})
    assert "13800138000" in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_contacts_empty_fields_stay_as_they_are(site, lead):
    made = site()
    contact = add_contact(acting_user=lead, site=made, values={"name": "李四", "phone": "13800138000"})
    sent = {"name": "", "position": "安全员", "phone": "", "id_number": "", "is_active": "on"}
    signed_in(lead).post(f"/sites/{COUNTY}/{made.id}/contacts/{contact.id}/change/", sent)
    kept = SiteContact.objects.get(county=COUNTY)
    assert (kept.name, kept.position, kept.phone, kept.is_active) == ("李四", "安全员", "13800138000", True)


def test_a_change_goes_from_the_committee_to_the_station_and_into_the_register(site, person, town_officer):
    made, browser = site(), signed_in(person("committee", VILLAGE))
    form = browser.get(f"/sites/{COUNTY}/{made.id}/propose/").context["form"]
    sent = {field.html_name: "" if field.value() is None else field.value() for field in form}
    assert browser.post(f"/sites/{COUNTY}/{made.id}/propose/", {**sent, "industry": "5211"}).status_code == 302
    row = ChangeRequest.objects.get(county=COUNTY)
    assert row.values == {"industry": "5211"}
    station = signed_in(town_officer)
    assert "待审核" in text(station.get("/sites/changes/", {"state": "waiting"}))
    assert "采纳" in text(station.get(f"/sites/changes/{COUNTY}/{row.id}/"))
    assert station.post(f"/sites/changes/{COUNTY}/{row.id}/accept/").status_code == 302
    made.refresh_from_db()
    assert made.industry == "5211"
    assert "5211" in text(station.get(f"/sites/{COUNTY}/{made.id}/"))


@pytest.mark.parametrize(("slug", "sent", "status"), [
    ("close", {"how": "closed", "reason": "注销"}, "closed"),
    ("direct", {"reason": "危化", "authority": "市应急局", "department_id": "", "valid_from": "2026-01-01"}, "active"),
])  # fmt: skip
def test_the_other_verbs_work_as_forms(site, lead, slug, sent, status):
    made, browser = site(), signed_in(lead)
    answer = browser.post(f"/sites/{COUNTY}/{made.id}/{slug}/", {**sent, "version": made.version})
    assert answer.status_code == 302, text(answer)
    made.refresh_from_db()
    assert made.status == status
    assert made.is_directly_supervised == (slug == "direct")
    page = text(browser.get(f"/sites/{COUNTY}/{made.id}/"))
    assert ("结束直接监管" if slug == "direct" else "恢复在册") in page


def test_pages_keep_to_their_number_of_queries(site, lead, django_assert_max_num_queries):
    for number in range(30):
        site(name=f"厂{number}")
    browser, made = signed_in(lead), Site.objects.filter(county=COUNTY).first()
    browser.get("/sites/")
    distrust_everything()
    with django_assert_max_num_queries(12):
        browser.get("/sites/")
    distrust_everything()
    with django_assert_max_num_queries(12):
        browser.get(f"/sites/{COUNTY}/{made.id}/")


def test_the_api_pages_filters_and_tells_what_may_be_done(site, lead, person):
    for number in range(3):
        site(name=f"厂{number}")
    api = Api(signed_in(lead))
    first = api.get(f"/api/v1/sites/{COUNTY}", limit=2, industry="26").json()
    second = api.get(f"/api/v1/sites/{COUNTY}", limit=2, industry="26", cursor=first["next"]).json()
    assert {one["name"] for one in first["items"] + second["items"]} == {"厂0", "厂1", "厂2"}
    assert api.get(f"/api/v1/sites/{COUNTY}", place=OTHER_TOWN).json()["items"] == []
    one = api.get(f"/api/v1/sites/{COUNTY}/{first['items'][0]['id']}").json()
    assert "change_site" in one["verbs"]
    assert one["contacts"] == []


def test_the_api_registers_once_for_one_key_and_tells_wrong_fields(county, lead):
    api, values = (
        Api(signed_in(lead)),
        {"name": "厂", "site_type": "shop", "village": VILLAGE, "contacts": [{"name": "李四"}]},
    )
    one = api.post(f"/api/v1/sites/{COUNTY}", values, key="k1")
    two = api.post(f"/api/v1/sites/{COUNTY}", values, key="k1")
    assert (one.status_code, two.json()) == (201, one.json())
    assert Site.objects.filter(county=county).count() == 1
    wrong = api.post(f"/api/v1/sites/{COUNTY}", {**values, "village": "330521100999"})
    assert wrong.status_code == 422
    assert "village" in wrong.json()["fields"]
    site = one.json()
    stale = api.post(f"/api/v1/sites/{COUNTY}/{site['id']}/change", {"version": 7, "values": {"name": "x"}})
    assert stale.status_code == 409
