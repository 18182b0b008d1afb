"""Drawing a boundary in the form of its verb: the borders to snap to, the check before saving, drawn or typed areas."""

from __future__ import annotations

import json

import pytest
import shapely

from safegrid.foundation import clock
from safegrid.grids import selectors
from safegrid.grids.models import Grid
from safegrid.grids.tests.conftest import COUNTY, TOWN, A, square
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
BORDERS, CHECK = f"/grids/{COUNTY}/borders.json", f"/grids/{COUNTY}/check/"


def as_text(area) -> str:
    return shapely.to_geojson(area)


def features(answer) -> list[dict]:
    assert answer.status_code == 200
    return answer.json()["features"]


def test_borders_are_given_whole_so_that_snapping_leaves_no_slit(grid, lead):
    first, second = grid(0), grid(1, name="乙网格")
    found = features(signed_in(lead).get(BORDERS, {"but": str(first.id)}))
    grids = [one for one in found if one["properties"]["role"] == "grid"]
    assert [one["properties"]["code"] for one in grids] == [second.code]
    [piece] = [one for one in selectors.pieces(COUNTY) if one.grid_id == second.id]
    assert shapely.equals_exact(shapely.geometry.shape(grids[0]["geometry"]), piece.area, normalize=True)


def test_only_borders_in_sight_are_given(grid, lead):
    first = grid(0)
    west, south, east, north = selectors.pieces(COUNTY)[0].area.bounds
    browser = signed_in(lead)
    box = f"{west},{south},{east},{north}"
    assert first.code in {one["properties"]["code"] for one in features(browser.get(BORDERS, {"box": box}))}
    assert features(browser.get(BORDERS, {"box": "100,20,100.1,20.1"})) == []


def test_a_drawn_boundary_that_overlaps_a_neighbour_is_warned_of_before_saving(grid, lead):
    grid(0, boundary=square(0, 0.1))
    told = signed_in(lead).post(CHECK, {"shape": as_text(square(0.05, 0.1)), "datum": "wgs84"}).content.decode()
    assert "与已有网格重叠" in told
    assert "alert-danger" in told
    assert Grid.objects.filter(county=COUNTY).count() == 1


def test_gaps_and_what_lies_outside_the_village_are_warned_of(county, lead):
    told = signed_in(lead).post(CHECK, {"shape": as_text(square(0.5, 1.0)), "village": A}).content.decode()
    assert "超出所属村" in told
    assert "未划入任何网格" in told


def test_a_boundary_that_fits_is_said_to_fit_also_beside_its_own_former_self(grid, lead):
    own = grid(0)
    browser = signed_in(lead)
    area = selectors.pieces(COUNTY)[0].area
    told = browser.post(CHECK, {"shape": as_text(area), "grid": str(own.id)}).content.decode()
    assert "重叠" not in told
    assert "重叠" in browser.post(CHECK, {"shape": as_text(area)}).content.decode()


def test_what_cannot_be_read_is_told_and_nobody_else_may_ask(grid, lead, town_officer):
    grid(0)
    browser = signed_in(lead)
    assert "应写作" in browser.post(CHECK, {"shape": "很远\n更远\n最远"}).content.decode()
    assert "自相交" in browser.post(CHECK, {"shape": "120,30\n121,31\n121,30\n120,31"}).content.decode()
    assert browser.post(CHECK, {"shape": ""}).status_code == 200
    assert signed_in(town_officer).post(CHECK, {"shape": ""}).status_code == 404
    assert signed_in(town_officer).get(BORDERS).status_code == 404


@pytest.mark.parametrize("typed", [False, True])
def test_a_grid_is_opened_with_an_area_drawn_or_typed(county, lead, typed):
    area = square(0, 0.5)
    corners = "\n".join(f"{x},{y}" for x, y in area.exterior.coords[:-1])
    data = {"code": "T-1", "name": "手绘网格", "kind": "village", "town": TOWN, "village": A, "datum": "wgs84",
            "shape": corners if typed else as_text(area), "valid_from": clock.today()}  # fmt: skip
    answer = signed_in(lead).post("/grids/open/", data)
    assert answer.status_code == 302, answer.content.decode()
    [piece] = selectors.pieces(COUNTY)
    assert shapely.area(shapely.symmetric_difference(piece.area, area)) < 1e-9


def test_a_form_without_any_boundary_says_what_is_missing(county, lead):
    data = {
        "code": "T-1",
        "name": "无界网格",
        "kind": "village",
        "town": TOWN,
        "datum": "wgs84",
        "valid_from": clock.today(),
    }
    answer = signed_in(lead).post("/grids/open/", data)
    assert answer.status_code == 422
    assert "请在图上画出边界" in answer.content.decode()


def test_the_form_for_a_change_begins_with_the_present_boundary(grid, lead):
    own = grid(0)
    page = signed_in(lead).get(f"/grids/{COUNTY}/{own.id}/change-boundary/").content.decode()
    assert 'data-island="area"' in page
    assert f'data-grid="{own.id}"' in page
    assert json.dumps({"type": "Polygon"})[1:-1].replace('"', "&quot;") in page
