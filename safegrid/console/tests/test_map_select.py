"""Sites chosen by a polygon: a list first, then the verbs of their contexts, each traced; nothing out of scope."""

from __future__ import annotations

import json

import pytest
import shapely

from safegrid.console.onemap.web import select
from safegrid.console.tests.maps import nothing_kept as nothing_kept
from safegrid.foundation.models import TraceRow
from safegrid.grids.models import SiteGrid
from safegrid.sites.models import Site
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PATH = "/map/330521/select/"


def polygon(west: float, east: float) -> str:
    return json.dumps(json.loads(shapely.to_geojson(shapely.box(west, 30.5, east, 30.52))))


def chosen(*sites: Site, **more: str) -> dict:
    ids = [str(one.id) for one in sites]
    return {"site": ids, "offered": ids, **more}


def present(site: Site) -> Site:
    return Site.objects.get(county=site.county, id=site.id)


def test_the_list_holds_exactly_the_sites_inside_the_polygon(cast: Cast):
    own, near, far = cast.site, cast.next_site, cast.other_site
    browser = cast.client(cast.lead_officer)
    page = browser.post(PATH, {"shape": polygon(120.0, 120.04), "action": "assign"}).content.decode()
    assert own.name in page
    assert near.name in page
    assert far.name not in page
    assert "范围内共 2 个" in page


def test_the_polygon_may_be_typed_corner_by_corner(cast: Cast):
    text = "120.0,30.5\n120.02,30.5\n120.02，30.52\n120.0,30.52"
    page = cast.client(cast.lead_officer).post(PATH, {"shape": cast.site and text, "action": "direct"}).content.decode()
    assert cast.site.name in page
    assert "列为直接监管" in page


@pytest.mark.parametrize("shape", ["", "x", "120,30\n121,31", '{"type":"Point","coordinates":[1,2]}', "{", "200,30\n1,1\n2,2",
                                   "120,30\n121,31\n120,31\n121,30"])  # fmt: skip
def test_what_is_no_area_is_refused_in_words(cast: Cast, shape: str):
    answer = cast.client(cast.lead_officer).post(PATH, {"shape": shape, "action": "assign"})
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode()


def test_an_empty_place_is_said_to_be_empty(cast: Cast):
    answer = cast.client(cast.lead_officer).post(PATH, {"shape": polygon(121, 121.1), "action": "assign"})
    assert "没有您可以看到的监管对象" in answer.content.decode()


def test_those_chosen_go_to_the_grid_one_by_one_in_the_trace(cast: Cast):
    own, shop, grid = cast.site, cast.shop, cast.next_grid
    answer = cast.client(cast.lead_officer).post(f"{PATH}assign/", chosen(own, shop, grid=str(grid.id), reason="归口"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/map/330521/")
    assert {present(one).grid_id for one in (own, shop)} == {grid.id}
    rows = SiteGrid.objects.filter(
        county=cast.county, grid=grid, assigned_by="hand", reason="归口", valid_to__isnull=True
    )
    assert rows.count() == 2
    traced = TraceRow.objects.filter(county=cast.county, action="grids.assign_site", actor_id=cast.lead_officer.id)
    assert set(traced.values_list("object_id", flat=True)) >= {own.id, shop.id}


def test_those_unticked_stay_as_they_are(cast: Cast):
    own, shop, grid = cast.site, cast.shop, cast.next_grid
    data = {**chosen(own, shop, grid=str(grid.id), reason="归口"), "site": [str(own.id)]}
    cast.client(cast.lead_officer).post(f"{PATH}assign/", data)
    assert present(own).grid_id == grid.id
    assert present(shop).grid_id == cast.grid.id


def test_those_chosen_are_put_under_direct_supervision_and_refusals_are_told(cast: Cast):
    own, shop = cast.site, cast.shop
    browser = cast.client(cast.lead_officer)
    values = {"reason": "重点监管", "authority": "市应急管理局", "valid_from": "2026-01-01"}
    browser.post(f"{PATH}direct/", chosen(own, **values))
    assert present(own).is_directly_supervised
    page = browser.post(f"{PATH}direct/", chosen(own, shop, **values), follow=True).content.decode()
    assert "已办理 1 个" in page
    assert "已在直接监管中" in page
    assert present(shop).is_directly_supervised


def test_a_form_with_faults_comes_back_with_the_same_list(cast: Cast):
    own, shop = cast.site, cast.shop
    data = {**chosen(own, shop, grid="", reason=""), "site": [str(own.id)]}
    answer = cast.client(cast.lead_officer).post(f"{PATH}assign/", data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert own.name in page
    assert shop.name in page
    assert page.count("checked") == 1
    assert cast.client(cast.lead_officer).post(f"{PATH}assign/", {"grid": "", "reason": ""}).status_code == 422


def test_too_many_at_once_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    own, shop, grid = cast.site, cast.shop, cast.next_grid
    monkeypatch.setattr(select, "MOST", 1)
    browser = cast.client(cast.lead_officer)
    assert "只列出前 1 个" in browser.post(PATH, {"shape": polygon(120, 120.02), "action": "assign"}).content.decode()
    answer = browser.post(f"{PATH}assign/", chosen(own, shop, grid=str(grid.id), reason="归口"))
    assert answer.status_code == 422
    assert present(own).grid_id == cast.grid.id


def test_a_town_officer_reaches_only_sites_and_grids_of_the_town(cast: Cast):
    far, grid = cast.other_site, cast.other_grid
    browser = cast.client(cast.town_officer)
    page = browser.post(PATH, {"shape": polygon(120.0, 120.06), "action": "assign"}).content.decode()
    assert far.name not in page
    assert "列为直接监管" not in browser.get(PATH).content.decode()
    assert (
        browser.post(f"{PATH}assign/", chosen(far, grid=str(grid.id), reason="试")).status_code == 422
    )  # no such choice
    assert browser.post(f"{PATH}direct/", chosen(cast.site)).status_code == 404
    assert present(far).grid_id == grid.id


def test_whoever_may_do_neither_finds_no_such_page(cast: Cast):
    for user in (cast.grid_member, cast.leader, cast.auditor, cast.site_contact, cast.outsider, cast.upper_level):
        browser = cast.client(user)
        told = [browser.get(PATH).status_code, browser.post(f"{PATH}assign/").status_code,
                browser.post(f"{PATH}direct/").status_code]  # fmt: skip
        assert told == [404, 404, 404], user.username
