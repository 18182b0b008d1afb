"""The map's page, what a click and a search show, and the choice of a county."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safegrid.accounts.models import Role
from safegrid.console.tests.maps import nothing_kept as nothing_kept
from safegrid.foundation.cache import distrust_everything
from safegrid.foundation.geometry import write_area
from safegrid.foundation.ids import uuid7
from safegrid.regions.models import RegionShape
from tests.cast import Cast
from tests.faults.every_row import EveryRow
from tests.setting import MADE_AT, SINCE

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}
MOST_QUERIES = 12


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.fixture
def shapes(cast: Cast) -> None:
    for index, code in enumerate((cast.village, cast.next_village)):
        area = cast.square(index)
        west, south, east, north = area.bounds
        RegionShape.objects.create(
            county=cast.county, code=code, longitude=west, latitude=south, boundary=write_area(area), min_longitude=west,
            min_latitude=south, max_longitude=east, max_latitude=north, updated_at=MADE_AT,
        )  # fmt: skip


def test_whoever_works_in_one_county_is_led_to_its_map(cast):
    answer = cast.client(cast.town_officer).get("/map/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/map/{cast.county}/")


def test_whoever_works_above_or_in_several_counties_chooses(cast):
    browser = cast.client(cast.upper_level)
    page = text(browser.get("/map/"))
    assert "德清县" in page
    assert "德清县" in text(browser.get("/map/330521/"))
    Role.objects.create(user=cast.lead_officer, kind="leader", place="330523", valid_from=SINCE)
    assert "安吉县" in text(cast.client(cast.lead_officer).get("/map/"))


def test_accounts_without_a_place_in_the_work_have_no_map(cast):
    browser = cast.client(cast.system_admin)
    assert browser.get("/map/").status_code == 404
    assert browser.get("/map/frame.json").status_code == 404


def test_who_reads_cases_alone_gets_no_boxes_that_would_show_nothing(cast):
    for person, shown in (("hotline_officer", False), ("committee", True), ("fire_officer", True)):
        page = cast.client(getattr(cast, person)).get(f"/map/{cast.county}/").content.decode()
        assert 'data-layer="cases"' in page
        for layer in ("grids", "sites", "direct", "gaps"):
            assert (f'data-layer="{layer}"' in page) is shown, (person, layer)


def test_the_page_offers_the_layers_that_the_role_may_see(cast):
    lead, contact = (text(cast.client(one).get("/map/330521/")) for one in (cast.lead_officer, cast.site_contact))
    assert 'data-layer="members"' in lead
    assert "框选监管对象" in lead
    assert 'data-layer="members"' not in contact
    assert "框选监管对象" not in contact


@pytest.mark.parametrize("person", ["lead_officer", "grid_member", "upper_level"])
def test_map_pages_and_tiles_ask_the_database_seldom(cast, shapes, person):
    _, browser = cast.site, cast.client(getattr(cast, person))
    for path in ("/map/330521/", "/map/frame.json?county=330521", "/map/330521/tiles/places/13/6830/3363.mvt",
                 "/map/330521/tiles/sites/13/6830/3363.mvt", "/map/330521/tiles/cases/13/6830/3363.mvt"):  # fmt: skip
        browser.get(path)
        distrust_everything()
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(path).status_code == 200
        work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(work) <= MOST_QUERIES, (path, work)


def test_the_frame_begins_at_the_readers_own_place(cast, shapes):
    _ = cast.grid
    lead = cast.client(cast.lead_officer).get("/map/frame.json").json()
    assert lead["bounds"] == pytest.approx([120.0, 30.5, 120.04, 30.52])
    assert lead["tiles"] == "/map/330521/tiles/{layer}/{z}/{x}/{y}.mvt"
    assert lead["base"] is None
    committee = cast.client(cast.committee).get("/map/frame.json").json()
    assert committee["bounds"] == pytest.approx([120.0, 30.5, 120.02, 30.52])
    assert cast.client(cast.lead_officer).get("/map/frame.json?county=330523").status_code == 404


def test_search_finds_places_grids_sites_cases_and_members_by_name_and_code(cast, shapes):
    row = EveryRow(cast)
    _ = cast.site, cast.grid_member, row.case
    browser = cast.client(cast.lead_officer)

    def found(words: str) -> str:
        return text(browser.get("/map/330521/search/", {"q": words}, headers=FRAGMENT))

    assert "居仁社区居委会" in found("居仁社区")
    assert 'data-at="120.000000,30.500000,120.020000,30.520000"' in found(cast.village)
    assert cast.grid.name in found(cast.grid.code)
    assert cast.site.name in found("涂料")
    assert f"/map/330521/cases/{row.case}/" in found("330521-250305")
    assert "网格员甲" in found("网格员甲")
    assert "没有找到" in found("没有的东西")
    assert "请输入" in found("")


def test_search_finds_nothing_out_of_scope(cast):
    _ = cast.site, cast.next_site, cast.grid_member
    member = cast.client(cast.next_grid_member)
    assert cast.site.name not in text(member.get("/map/330521/search/", {"q": "涂料"}))
    assert "网格员甲" not in text(member.get("/map/330521/search/", {"q": "网格员甲"}))
    assert cast.next_site.name in text(member.get("/map/330521/search/", {"q": "小吃"}))
    assert cast.client(cast.outsider).get("/map/330521/search/", {"q": "涂料"}).status_code == 404


def test_cards_say_what_a_thing_is_and_lead_to_its_page(cast, shapes):
    row, browser = EveryRow(cast), cast.client(cast.lead_officer)
    site, case = cast.site, row.case
    card = text(browser.get(f"/map/330521/sites/{site.id}/", headers=FRAGMENT))
    assert "<html" not in card
    assert site.name in card
    assert "/dossier/" in card or "打开档案" in card
    assert "未结案件" in card
    grid = text(browser.get(f"/map/330521/grids/{cast.grid.id}/", headers=FRAGMENT))
    assert "change-boundary" in grid
    assert "change-boundary" not in text(cast.client(cast.town_officer).get(f"/map/330521/grids/{cast.grid.id}/"))
    assert "打开案件页" in text(browser.get(f"/map/330521/cases/{case}/", headers=FRAGMENT))
    assert "手机尾号" in text(browser.get(f"/map/330521/members/{row.member}/", headers=FRAGMENT))
    assert "居仁社区居委会" in text(browser.get(f"/map/330521/places/{cast.village}/", headers=FRAGMENT))
    assert browser.get("/map/330521/places/330521999/").status_code == 404
    assert "<html" in text(browser.get(f"/map/330521/sites/{site.id}/"))


def test_cards_of_what_is_out_of_scope_are_not_there(cast):
    row = EveryRow(cast)
    paths = [f"sites/{cast.other_site.id}", f"grids/{cast.other_grid.id}", f"cases/{row.case}", f"members/{row.member}",
             f"sites/{uuid7()}"]  # fmt: skip
    for person in (cast.next_grid_member, cast.outsider):
        browser = cast.client(person)
        assert {browser.get(f"/map/330521/{path}/").status_code for path in paths} == {404}, person.username


def test_a_gathered_dot_lists_the_sites_of_the_spot_that_the_reader_sees(cast):
    at = f"{cast.site.longitude},{cast.site.latitude}"
    _ = cast.shop  # at the same place
    lead = text(cast.client(cast.lead_officer).get("/map/330521/here/", {"at": at}, headers=FRAGMENT))
    assert cast.site.name in lead
    assert cast.shop.name in lead
    contact = text(cast.client(cast.site_contact).get("/map/330521/here/", {"at": at}, headers=FRAGMENT))
    assert cast.shop.name not in contact
    assert "没有找到" in text(cast.client(cast.lead_officer).get("/map/330521/here/", {"at": "x,y"}))


def test_without_webgl_the_same_grids_and_cases_are_there_as_geojson(cast):
    row = EveryRow(cast)
    _ = row.case, cast.far_grid, cast.grid_member
    drawn = cast.client(cast.lead_officer).get("/map/330521/still.json").json()["features"]
    roles = {one["properties"]["label"]: one["properties"]["role"] for one in drawn if "label" in one["properties"]}
    assert roles == {cast.grid.name: "grid", cast.far_grid.name: "uncovered"}
    member = cast.client(cast.grid_member).get("/map/330521/still.json").json()["features"]
    assert [one["properties"]["label"] for one in member] == [cast.grid.name]
