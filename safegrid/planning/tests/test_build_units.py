"""From villages and sites to base units, and what is told before a run."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from safegrid.planning import kept, selectors, services
from safegrid.planning.tests.conftest import SIDE, SOUTH, TOWN, WEST, A, B, C, square
from safegrid.regions.models import RegionShape
from safegrid.sites.models import Site
from safegrid.sites.services import mark_directly_supervised


def check(scenario, lead):
    services.check_scenario(acting_user=lead, scenario=scenario)
    return kept.units_of(scenario)


def codes(scenario):
    return [one.code for one in selectors.messages_of(scenario)]


def test_a_heavy_village_is_cut_into_cells_and_a_light_one_stays_whole(draft, lead):
    units = check(draft, lead)
    lines = selectors.units_of(draft)
    assert [one.kind for one in lines if one.village == C] == ["village"]
    assert {one.kind for one in lines if one.village == A} == {"cell"}
    assert sum(one.sites for one in lines) == 222
    assert units.problem.grids.sum() >= 5


def test_units_cover_the_territory_once(draft, lead):
    check(draft, lead)
    shapes = kept.shapes_of(draft)
    whole = shapely.union_all([square(code) for code in (A, B, C)])
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-6)
    assert shapely.symmetric_difference(shapely.union_all(shapes, grid_size=1e-8), whole).area < 1e-9


def test_the_load_is_the_norm_and_the_way(draft, lead):
    units = check(draft, lead)
    in_c = [at for at in range(len(units)) if units.village_of(at) == C]
    sites_alone = 12 * 4 * 30
    assert sites_alone < units.problem.load[in_c].sum() < sites_alone + 12 * 4 * 45


def test_sites_supervised_directly_are_left_out_with_the_reason(draft, lead):
    site = Site.objects.filter(county=draft.county, village=C).first()
    mark_directly_supervised(acting_user=None, site=site, reason="重大危险源", authority="市应急管理局")
    services.change_scenario(acting_user=lead, scenario=draft, changes={"exclusions": [
        {"site_id": str(Site.objects.filter(county=draft.county, village=B).first().id), "reason": "在建工地"}]})  # fmt: skip
    check(draft, lead)
    assert sum(one.sites for one in selectors.units_of(draft)) == 220
    assert sorted(one.why for one in selectors.left_out_of(draft)) == ["在建工地", "市应急管理局直接监管：重大危险源"]


def test_a_locked_grid_is_a_unit_and_a_grid_of_its_own(draft, lead):
    grid = kept.order_of(draft).today[0][0]
    services.change_scenario(acting_user=lead, scenario=draft, changes={"locked_grids": [str(grid)]})
    units = check(draft, lead)
    held = [one for one in units.containers if one.kind == "locked"]
    assert [one.keeps for one in held] == [str(grid)]
    assert int(units.problem.grids[units.containers.index(held[0])]) == 1


def test_town_nesting_makes_one_container_of_the_town(draft, lead):
    services.change_scenario(acting_user=lead, scenario=draft, changes={"nesting": "town"})
    assert [one.kind for one in check(draft, lead).containers] == ["town"]


def test_a_relaxed_border_joins_two_villages(draft, lead):
    relaxed = [{"villages": [B, C], "reason": "丙村不足半个网格"}]
    services.change_scenario(acting_user=lead, scenario=draft, changes={"relaxations": relaxed})
    assert sorted(one.villages for one in check(draft, lead).containers) == [(A,), (B, C)]


def test_a_village_without_boundary_gets_a_cell_and_a_message(draft, lead):
    RegionShape.objects.filter(county=draft.county, code=C).update(
        boundary=None, min_longitude=None, longitude=WEST + 2.5 * SIDE, latitude=SOUTH + SIDE / 2
    )
    units = check(draft, lead)
    assert "approximate_boundary" in codes(draft)
    assert all(units.approximate[at] for at in range(len(units)) if units.village_of(at) == C)


def test_sites_without_coordinates_count_in_their_village(draft, lead, scatter):
    scatter(C, 3, longitude=None, latitude=None)
    scatter(C, 2, longitude=None, latitude=None, village="")
    units = check(draft, lead)
    assert int(units.sites.sum()) == 225
    assert len(units.strays) == 3
    assert {"stray_sites", "unplaced_sites"} <= set(codes(draft))


def test_overlapping_villages_block_the_run_and_say_what_to_do(draft, lead):
    wide = shapely.box(WEST, SOUTH, WEST + 1.5 * SIDE, SOUTH + SIDE)
    RegionShape.objects.filter(county=draft.county, code=A).update(boundary=shapely.to_wkb(wide))
    services.check_scenario(acting_user=lead, scenario=draft)
    found = selectors.messages_of(draft)[0]
    assert (found.code, found.is_blocking) == ("overlap", True)
    assert "甲村" in found.text
    assert found.remedy


def test_a_site_type_without_norm_is_told(draft, lead, scatter):
    scatter(C, 2, site_type="workshop")
    check(draft, lead)
    assert "missing_norm" in codes(draft)


def test_land_without_sites_has_a_small_load(land, lead, draft):
    Site.objects.filter(county=land, village=C).update(village=A, longitude=WEST + SIDE / 2, latitude=SOUTH + SIDE / 2)
    units = check(draft, lead)
    in_c = [at for at in range(len(units)) if units.village_of(at) == C]
    assert 0 < units.problem.load[in_c].sum() < 600
    assert np.all(units.problem.load > 0)
    assert "empty_units" in codes(draft)


def test_an_empty_county_is_told_and_not_run(county, lead):
    made = services.create_scenario(acting_user=lead, county=county, name="空", town=TOWN)
    RegionShape.objects.filter(county=county).update(boundary=None, min_longitude=None, longitude=None, latitude=None)
    services.check_scenario(acting_user=lead, scenario=made)
    assert [one.code for one in selectors.messages_of(made) if one.is_blocking] == ["no_villages"]
