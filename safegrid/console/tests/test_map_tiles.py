"""Tiles show each reader what the reader may see, are sent again only when it changed, and change when a verb changed it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import shapely

from safegrid.cases import services as cases
from safegrid.cases.models import Case
from safegrid.console.onemap import kept
from safegrid.console.onemap.mercator import EXTENT, tile_at
from safegrid.console.tests.maps import FAR, NEAR, Reader
from safegrid.console.tests.maps import nothing_kept as nothing_kept
from safegrid.foundation import clock
from safegrid.grids import services as grids
from safegrid.grids.models import GridMember, GridVersion, Posting
from safegrid.patrols.models import Visit
from safegrid.sites import services as sites
from safegrid.sites.models import Site
from tests.cast import Cast
from tests.faults.every_row import EveryRow
from tests.setting import MADE_AT, SINCE

pytestmark = pytest.mark.django_db
LAYERS = ("places", "sites", "direct", "gaps", "cases", "members")


def more_sites(cast: Cast, number: int, **values: Any) -> list[Site]:
    """Sites in a row inside ``cast.grid``, a few metres apart."""
    at = cast.site
    return Site.objects.bulk_create(
        Site(**{"county": cast.county, "code": f"M-{n}", "name": f"商铺{n}", "site_type": "shop", "town": cast.town,
                "village": cast.village, "longitude": at.longitude + n * 1e-4, "latitude": at.latitude, "grid_id": cast.grid.id,
                "created_at": MADE_AT, "updated_at": MADE_AT, **values})
        for n in range(1, number + 1)
    )  # fmt: skip


def test_a_site_stands_where_web_mercator_puts_it(cast):
    shown = Reader(cast, cast.lead_officer).around("sites", cast.site)
    one = next(one for one in shown if one["properties"].get("id") == str(cast.site.id))
    tile = tile_at(cast.site.longitude, cast.site.latitude, NEAR)
    across = (cast.site.longitude + 180) / 360 * 2**NEAR - tile.x
    assert one["geometry"]["coordinates"][0] == pytest.approx(across * EXTENT, abs=1)
    assert one["properties"] == {"id": str(cast.site.id), "kind": "enterprise", "rank": 2, "name": cast.site.name}


def test_nobody_finds_on_a_tile_what_is_out_of_scope(cast):
    own, near, far = cast.site, cast.next_site, cast.other_site
    sees = {
        cast.lead_officer: {own, near, far}, cast.town_officer: {own, near}, cast.grid_member: {own},
        cast.next_grid_member: {near}, cast.market_officer: {near}, cast.site_contact: {own}, cast.agency_expert: {own},
        cast.hotline_officer: set(), cast.upper_level: {own, near, far},
    }  # fmt: skip
    for user, allowed in sees.items():
        reader = Reader(cast, user)
        for site in (own, near, far):
            found = reader.ids("sites", site)
            assert (str(site.id) in found) == (site in allowed), (user.username, site.name)
            assert found <= {str(one.id) for one in allowed}, user.username


def test_gathered_sites_count_only_those_the_reader_sees(cast):
    more_sites(cast, 9)
    [everything] = Reader(cast, cast.lead_officer).around("sites", cast.site, FAR)
    assert everything["properties"] == {"n": 10, "rank": 2}
    [own] = Reader(cast, cast.site_contact).around("sites", cast.site, FAR)
    assert own["properties"]["id"] == str(cast.site.id)
    assert Reader(cast, cast.market_officer).around("sites", cast.site, FAR) == []


def test_another_countys_map_is_not_there(cast):
    tile = tile_at(cast.site.longitude, cast.site.latitude, NEAR)
    stranger = Reader(cast, cast.outsider)
    for layer in LAYERS:
        assert stranger.answer(layer, tile).status_code == 404
        assert Reader(cast, cast.system_admin).answer(layer, tile).status_code == 404
        assert Reader(cast, None).answer(layer, tile).status_code == 302


@pytest.mark.parametrize(
    "path", ["places/3/1/1", "places/18/1/1", "sites/10/1024/1", "sites/10/1/99999", "roads/10/1/1"]
)
def test_what_is_no_tile_is_not_there(cast, path):
    browser = cast.client(cast.lead_officer)
    assert browser.get(f"/map/{cast.county}/tiles/{path}.mvt").status_code == 404


def test_the_head_of_a_household_is_masked(cast):
    Site.objects.filter(county=cast.county, id=cast.household.id).update(name="王小明")
    shown = Reader(cast, cast.lead_officer).around("sites", cast.household)
    told = str([one["properties"] for one in shown])
    assert "王小明" not in told
    assert shown


def test_a_browser_may_keep_a_tile_but_asks_whether_it_holds(cast):
    reader, tile = Reader(cast, cast.lead_officer), tile_at(cast.site.longitude, cast.site.latitude, NEAR)
    first = reader.answer("sites", tile)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in first.headers["Vary"]
    path = first.request["PATH_INFO"]
    again = reader.browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    sites.change_site(acting_user=cast.lead_officer, site=cast.site, values={"risk_grade": "red"})
    changed = reader.browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert reader.around("sites", cast.site)[0]["properties"]["rank"] == 3


def test_two_who_see_the_same_get_the_same_tile_and_two_who_do_not_another(cast):
    _, tile = cast.next_site, tile_at(cast.site.longitude, cast.site.latitude, NEAR)
    tag = {one: Reader(cast, getattr(cast, one)).answer("sites", tile).headers["ETag"]
           for one in ("lead_officer", "lead_chief", "grid_member", "next_grid_member")}  # fmt: skip
    assert tag["lead_officer"] == tag["lead_chief"]
    assert len(set(tag.values())) == 3


def test_verbs_on_sites_show_at_once(cast):
    reader, at = Reader(cast, cast.lead_officer), cast.site
    assert reader.ids("sites", at) == {str(at.id)}
    made = sites.register_site(
        acting_user=cast.lead_officer, county=cast.county,
        values={"name": "新店", "site_type": "shop", "town": cast.town, "village": cast.village, "datum": "wgs84",
                "longitude": at.longitude + 2e-4, "latitude": at.latitude},
    )  # fmt: skip
    assert reader.ids("sites", at) == {str(at.id), str(made.id)}
    sites.close_site(acting_user=cast.lead_officer, site=made, reason="关门")
    assert reader.ids("sites", at) == {str(at.id)}


def test_a_member_sees_a_site_only_while_it_is_in_the_own_grid(cast):
    _ = cast.next_grid
    reader, at = Reader(cast, cast.grid_member), cast.site
    assert reader.ids("sites", at) == {str(at.id)}
    grids.assign_site_by_hand(acting_user=cast.lead_officer, site=at, grid=cast.next_grid, reason="归口")
    assert reader.ids("sites", at) == set()


def test_what_is_supervised_directly_and_what_no_grid_holds_are_layers_of_their_own(cast):
    [lost] = more_sites(cast, 1, grid_id=None)
    lead, member = Reader(cast, cast.lead_officer), Reader(cast, cast.grid_member)
    assert lead.ids("gaps", cast.site) == {str(lost.id)}
    assert lead.ids("direct", cast.site) == set()
    sites.mark_directly_supervised(acting_user=cast.lead_officer, site=cast.site, reason="重点", authority="市局")
    assert lead.ids("direct", cast.site) == {str(cast.site.id)}
    assert lead.ids("gaps", cast.site) == {str(lost.id)}
    assert member.ids("sites", cast.site) == set()


def test_sites_are_narrowed_by_type_and_grade(cast):
    reader = Reader(cast, cast.lead_officer)
    [shop] = more_sites(cast, 1)
    both = {str(cast.site.id), str(shop.id)}
    assert reader.ids("sites", cast.site) == both
    assert reader.ids("sites", cast.site, types="shop") == {str(shop.id)}
    assert reader.ids("sites", cast.site, grades="orange,red") == {str(cast.site.id)}
    assert reader.ids("sites", cast.site, types="nonsense", grades="pink") == both


# Towns, villages, grids


def test_grids_are_those_the_reader_sees_with_a_name_each(cast):
    every, wide = (cast.grid, cast.next_grid, cast.far_grid), tile_at(120.03, 30.51, FAR)
    lead = Reader(cast, cast.lead_officer).layers("places", wide)
    assert {one["properties"]["code"] for one in lead["grids"]} == {grid.code for grid in every}
    member = Reader(cast, cast.grid_member).layers("places", wide)
    assert {one["properties"]["code"] for one in member["grids"]} == {cast.grid.code}
    near = Reader(cast, cast.grid_member).layers("places", tile_at(cast.site.longitude, cast.site.latitude, 13))
    assert [one["properties"]["name"] for one in near["labels"]] == [cast.grid.name]
    assert [one["geometry"]["type"] for one in near["labels"]] == ["Point"]


def test_a_grid_without_a_member_is_marked_until_somebody_is_posted(cast):
    reader, tile = Reader(cast, cast.lead_officer), tile_at(120.07, 30.51, 13)
    _ = cast.far_grid

    def uncovered() -> dict[str, bool]:
        rows = reader.layers("places", tile)["grids"]
        return {one["properties"]["code"]: one["properties"]["uncovered"] for one in rows}

    assert uncovered()[cast.far_grid.code] is True
    member = GridMember.objects.create(county=cast.county, user_id=cast.lead_chief.id, code="M-9", name="丁", employer="中心",
                                       town=cast.other_town, hired_on=SINCE)  # fmt: skip
    Posting.objects.create(county=cast.county, member=member, grid=cast.far_grid, valid_from=SINCE)
    kept.forget(cast.county)  # a posting is seen within seconds; the test does not wait
    assert uncovered()[cast.far_grid.code] is False


def test_a_day_of_the_past_shows_the_boundaries_and_the_cases_of_that_day(cast):
    now = GridVersion.objects.get(county=cast.county, grid=cast.grid)
    today = clock.today()
    GridVersion.objects.filter(county=cast.county, id=now.id).update(valid_to=today - timedelta(days=10))
    far = shapely.box(120.3, 30.5, 120.32, 30.52)
    GridVersion.objects.create(
        county=cast.county, grid=cast.grid, number=2, boundary=shapely.to_wkb(far), min_longitude=120.3, min_latitude=30.5,
        max_longitude=120.32, max_latitude=30.52, area_m2=1.0, valid_from=today - timedelta(days=9),
    )  # fmt: skip
    reader = Reader(cast, cast.lead_officer)
    here, there = tile_at(120.01, 30.51, 13), tile_at(120.31, 30.51, 13)
    long_ago = (today - timedelta(days=30)).isoformat()
    assert "grids" not in reader.layers("places", here)
    assert len(reader.layers("places", there)["grids"]) == 1
    assert len(reader.layers("places", here, on=long_ago)["grids"]) == 1
    assert "grids" not in reader.layers("places", there, on=long_ago)
    assert reader.layers("places", there, on="no day") == reader.layers("places", there)


# Cases and check-ins


@pytest.fixture
def case(cast):
    key, at = EveryRow(cast).case, cast.site
    Case.objects.filter(county=cast.county, id=key).update(
        longitude=at.longitude, latitude=at.latitude, reported_at=clock.now() - timedelta(days=5), timing="overdue"
    )
    return Case.objects.get(county=cast.county, id=key)


def test_open_cases_are_there_for_who_sees_them(cast, case):
    [one] = Reader(cast, cast.lead_officer).around("cases", case)
    assert one["properties"] == {"id": str(case.id), "kind": "overdue", "rank": 1, "name": case.number}
    assert Reader(cast, cast.other_town_officer).around("cases", case) == []
    assert Reader(cast, cast.site_contact).around("cases", case) == []


def test_a_verb_that_ends_a_case_takes_it_off_the_map_but_not_off_yesterdays(cast, case):
    reader = Reader(cast, cast.lead_officer)
    assert reader.ids("cases", case) == {str(case.id)}
    cases.reject(acting_user=cast.town_officer, case=case, reason="不属于安全生产事项")
    assert reader.ids("cases", case) == set()
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert reader.ids("cases", case, on=yesterday) == {str(case.id)}
    before = (clock.today() - timedelta(days=20)).isoformat()
    assert reader.ids("cases", case, on=before) == set()


def test_where_a_member_last_was_is_for_who_supervises_and_for_oneself(cast):
    key, at = EveryRow(cast).visit, cast.site
    Visit.objects.filter(county=cast.county, id=key).update(
        longitude=at.longitude, latitude=at.latitude, visited_at=clock.now() - timedelta(hours=3)
    )
    [shown] = Reader(cast, cast.town_officer).around("members", at)
    assert shown["properties"]["name"].startswith("网格员甲 ")
    assert len(Reader(cast, cast.grid_member).around("members", at)) == 1
    for other in (cast.next_grid_member, cast.other_town_officer, cast.lead_department_officer, cast.site_contact,
                  cast.upper_level, cast.committee):  # fmt: skip
        assert Reader(cast, other).around("members", at) == [], other.username
