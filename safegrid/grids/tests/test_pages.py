"""What people see and do on the pages of grids, and programs over the API."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile

from safegrid.foundation import clock
from safegrid.foundation.cache import distrust_everything
from safegrid.grids import selectors, services
from safegrid.grids.models import Grid, GridMember
from safegrid.grids.tests.conftest import COUNTY, TOWN, A, B, inside, square
from safegrid.sites.models import Site
from tests.doors import Api, signed_in

pytestmark = pytest.mark.django_db


def features(*rows) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": values, "geometry": json.loads(shapely.to_geojson(shape))} for values, shape in rows
    ]}).encode()  # fmt: skip


def upload(data: bytes, name: str = "a.geojson") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_the_list_filters_by_place_member_and_officers_and_exports(grid, member, lead):
    first, second = grid(0), grid(1, name="乙网格")
    services.post_member(acting_user=lead, member=member("王网格"), grid=first)
    browser = signed_in(lead)
    page = browser.get("/grids/").content.decode()
    assert "网格0" in page
    assert "王网格" in page
    assert "乙网格" not in browser.get("/grids/", {"place": A}).content.decode()
    lacking = browser.get("/grids/", {"without_member": "yes"}).content.decode()
    assert "乙网格" in lacking
    assert "网格0" not in lacking
    services.close_grid(acting_user=lead, grid=second, reason="并")
    assert "乙网格" not in browser.get("/grids/").content.decode()
    assert "乙网格" in browser.get("/grids/", {"closed": "yes"}).content.decode()
    workbook = browser.get("/grids/", {"export": "xlsx"})
    assert b"".join(workbook.streaming_content)[:2] == b"PK"


def test_a_list_of_many_grids_asks_a_fixed_number_of_queries(grid, lead, django_assert_max_num_queries):
    for number in range(8):
        grid(0, code=f"S{number}", boundary=square(number / 10, 0.1))
    browser = signed_in(lead)
    browser.get("/grids/")
    distrust_everything()
    with django_assert_max_num_queries(12):
        browser.get("/grids/")


def test_a_grid_is_opened_redrawn_staffed_and_closed_on_its_pages(county, lead, member, site):
    browser, one = signed_in(lead), site(0)
    form = {"code": "G1", "name": "第一网格", "kind": "village", "town": TOWN, "village": A, "datum": "wgs84",
            "valid_from": clock.today(), "source": ""}  # fmt: skip
    made = browser.post("/grids/open/", {**form, "file": upload(features(({}, square(0))))})
    assert made.status_code == 302, made.content.decode()
    row = Grid.objects.get(county=COUNTY, code="G1")
    assert Site.objects.get(county=COUNTY, id=one.id).grid_id == row.id
    here = f"/grids/{COUNTY}/{row.id}/"
    assert "甲村" in browser.get(here).content.decode()
    [feature] = browser.get(f"{here}map.json").json()["features"]
    assert feature["properties"]["role"] == "grid"
    name = {"kind": "responsible", "name": "李镇长", "phone": "13900001111", "valid_from": clock.today()}
    assert browser.post(f"{here}name-officer/", name).status_code == 302
    one_member = member("王网格")
    posted = {"member": one_member.id, "role": "primary", "valid_from": clock.today()}
    assert browser.post(f"{here}post/", posted).status_code == 302
    page = browser.get(here).content.decode()
    assert "李镇长" in page
    assert "王网格" in page
    assert "13900001111" not in page
    redrawn = {"file": upload(features(({}, square(1)))), "datum": "wgs84", "valid_from": clock.today(), "source": ""}
    assert browser.post(f"{here}change-boundary/", redrawn).status_code == 302
    assert selectors.grid_at(COUNTY, *inside(1)) == row.id
    assert browser.post(f"{here}close/", {"on": clock.today(), "reason": ""}).status_code == 422
    assert browser.post(f"{here}close/", {"on": clock.today(), "reason": "并"}).status_code == 302
    assert "该网格已撤销" in browser.get(here).content.decode()


def test_a_boundary_that_is_no_single_area_is_told_beside_the_file(grid, lead):
    here = f"/grids/{COUNTY}/{grid(0).id}/change-boundary/"
    for data, words in [(features(({}, square(0)), ({}, square(1))), "只有一个面"), (b"no", "应为 GeoJSON")]:
        answer = signed_in(lead).post(here, {"file": upload(data), "datum": "wgs84", "valid_from": clock.today()})
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_a_member_is_enrolled_given_papers_posted_and_sent_on_leave_on_pages(grid, town_officer, department):
    browser, first = signed_in(town_officer), grid(0)
    form = {"code": "W1", "name": "王网格", "username": "wang1", "phone": "13800138000", "employer": "街道办", "town": TOWN,
            "home_village": "", "is_full_time": "on", "task_givers": ["EMB"], "hired_on": clock.today()}  # fmt: skip
    assert browser.post("/members/enrol/", form).status_code == 302
    one = GridMember.objects.get(county=COUNTY, code="W1")
    here = f"/members/{COUNTY}/{one.id}/"
    posting = {"grid": first.id, "role": "primary", "valid_from": clock.today()}
    shut = browser.post(f"{here}post/", posting)
    assert shut.status_code == 409
    assert "不能上岗" in shut.content.decode()
    for kind in ("exam", "undertaking", "equipment"):
        paper = {"kind": kind, "number": f"{kind}-1", "issued_on": clock.today()}
        assert browser.post(f"{here}evidence/", paper).status_code == 302
    assert browser.post(f"{here}post/", posting).status_code == 302
    page = browser.get(here).content.decode()
    assert "网格0" in page
    assert "应急管理局" in page
    assert "13800138000" not in page
    assert "在岗" in browser.get("/members/").content.decode()
    leave = {"first_day": clock.today(), "last_day": clock.today(), "reason": "事假", "substitute": ""}
    assert browser.post(f"{here}leave/", leave).status_code == 302
    [row] = selectors.leaves_of(one)
    assert browser.post(f"/members/rows/leave/{COUNTY}/{row.id}/", {"on": clock.today()}).status_code == 302
    [posted] = selectors.postings_of(one)
    ended = browser.post(f"/members/rows/posting/{COUNTY}/{posted.id}/", {"on": clock.today(), "reason": "轮岗"})
    assert ended.status_code == 302
    assert selectors.members_of_grid(COUNTY, first.id) == []


def test_a_site_without_grid_is_listed_and_given_one_by_hand(grid, site, town_officer):
    first, one = grid(0), site(1, name="孤店")
    browser = signed_in(town_officer)
    assert "孤店" in browser.get("/grids/sites-without-grid/").content.decode()
    here = f"/grids/sites/{COUNTY}/{one.id}/"
    assert browser.post(f"{here}assign/", {"grid": first.id, "reason": "就近管理"}).status_code == 302
    assert "孤店" not in browser.get("/grids/sites-without-grid/").content.decode()
    assert "就近管理" in browser.get(f"/grids/{COUNTY}/{first.id}/").content.decode()
    assert browser.post(f"{here}return/", {"reason": "改回"}).status_code == 302
    assert Site.objects.get(county=COUNTY, id=one.id).grid_id is None


def test_an_import_is_checked_first_then_done_and_its_refusals_are_for_the_uploader_alone(county, lead, person):
    browser = signed_in(lead)
    good = features(({"code": "A", "name": "甲"}, square(0)), ({"code": "B", "name": "乙"}, square(0.5)))
    form = {"datum": "wgs84", "valid_from": clock.today(), "source": "", "mode": "skip_bad"}
    dry = browser.post("/grids/import/", {**form, "dry_run": "on", "file": upload(good)})
    assert "拒绝 1" in dry.content.decode()
    assert not Grid.objects.filter(county=COUNTY).exists()
    done = browser.post("/grids/import/", {**form, "file": upload(good)})
    assert Grid.objects.filter(county=COUNTY).count() == 1
    link = done.context["refused_url"]
    assert b"".join(browser.get(link).streaming_content)[:2] == b"PK"
    assert signed_in(person("lead_officer")).get(link).status_code == 404
    broken = browser.post("/grids/import/", {**form, "file": upload(b"PK no")})
    assert broken.status_code == 422
    assert b"".join(browser.get("/grids/import/template.xlsx").streaming_content)[:2] == b"PK"


def test_members_are_imported_on_a_page(grid, town_officer):
    grid(0)
    rows = "网格员编号,姓名,用人单位,所属乡镇\nM1,王网格,街道办,武康街道\n".encode("gb18030")
    browser = signed_in(town_officer)
    answer = browser.post("/members/import/", {"file": upload(rows, "人员.csv"), "mode": "all_or_nothing"})
    assert "新增 1" in answer.content.decode()
    assert b"".join(browser.get("/members/import/template.xlsx").streaming_content)[:2] == b"PK"


def test_a_program_opens_redraws_and_staffs_grids(county, lead, member):
    api, one = Api(signed_in(lead)), member()
    shape = json.loads(shapely.to_geojson(square(0)))
    made = api.post(
        f"/api/v1/grids/{COUNTY}", {"code": "G1", "name": "一", "town": TOWN, "village": A, "boundary": shape}
    )
    assert made.status_code == 201, made.content
    grid_id = made.json()["id"]
    assert made.json()["boundary"]["type"] == "Polygon"
    here = f"/api/v1/grids/{COUNTY}/{grid_id}"
    fit = api.post(f"{here}/check-boundary", {"boundary": json.loads(shapely.to_geojson(square(0, 0.5)))}).json()
    assert fit["refusal"] == ""
    assert any("未划入任何网格" in words for words in fit["warnings"])
    posted = api.post(f"/api/v1/grid-members/{COUNTY}/{one.id}/post", {"grid_id": grid_id})
    assert posted.status_code == 201
    assert api.get(here).json()["answering"] == str(one.id)
    bad = api.post(f"{here}/change-boundary", {"boundary": {"type": "Point", "coordinates": [120, 30]}})
    assert (bad.status_code, list(bad.json()["fields"])) == (422, ["boundary"])
    assert api.get(f"/api/v1/grids/{COUNTY}/shapes").json()["features"][0]["properties"]["code"] == "G1"
    listed = api.get(f"/api/v1/grids/{COUNTY}", without_member="true").json()
    assert listed["items"] == []


def test_a_program_imports_a_file(county, lead):
    browser = signed_in(lead)
    file = BytesIO(features(({"code": "A", "name": "甲"}, square(0))))
    file.name = "g.geojson"
    sent = {"datum": "wgs84", "dry_run": "false", "file": file}
    answer = browser.post(f"/api/v1/grids/{COUNTY}/import", sent, headers={"Idempotency-Key": "1"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["report"]["created"] == 1
    assert selectors.grid_at(COUNTY, *inside(0)) is not None
    assert B not in {row.village for row in selectors.grids(lead)}
