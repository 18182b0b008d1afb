"""The pages a lead officer works a scenario out with, step by step, and what others find there."""

from __future__ import annotations

import pytest
from django.urls import reverse

from safegrid.foundation.cache import distrust_everything
from safegrid.planning import selectors, services
from safegrid.planning.models import Cluster, Scenario
from safegrid.planning.tests.conftest import TOWN, A, B
from tests.doors import signed_in


def page(scenario, name="scenario", *more):
    return reverse(f"planning:{name}", args=[scenario.county, scenario.pk, *more])


def step(scenario, name):
    return page(scenario, "step", name)


@pytest.fixture
def office(lead):
    return signed_in(lead)


def test_a_scenario_is_begun_with_a_territory_and_a_name(office, land):
    answer = office.post(reverse("planning:create"), {"town": TOWN, "name": "武康按村"})
    made = Scenario.objects.get(county=land)
    assert (answer.status_code, answer.url) == (302, page(made))
    assert (made.town, made.name) == (TOWN, "武康按村")


def test_a_form_with_a_mistake_keeps_what_was_typed(office, land):
    answer = office.post(reverse("planning:create"), {"town": "", "name": "写了名称"})
    assert answer.status_code == 422
    assert "写了名称" in answer.content.decode()
    assert not Scenario.objects.filter(county=land).exists()


def test_settings_are_shown_as_they_are_and_changed_in_percent(office, draft):
    shown = office.get(step(draft, "settings")).content.decode()
    assert 'value="15.0"' in shown
    given = {"name": "改了", "nesting": "town", "tolerance": "12.5", "travel": "walking", "speed_kmh": "4",
             "shape": "both", "hours_full_time": "120", "hours_part_time": "60", "digits": "3", "separator": "-",
             "seconds": "5", "seed": "9"}  # fmt: skip
    assert office.post(step(draft, "settings"), given).status_code == 302
    draft.refresh_from_db()
    found = draft.parameters
    assert (draft.name, found["tolerance"], found["nesting"], found["seed"]) == ("改了", 0.125, "town", 9)
    assert found["code_rule"] == {"digits": 3, "separator": "-"}
    assert found["hours_full_time"] == 120
    assert found["shape"] == "both"


def test_norms_are_changed_for_this_scenario_only(office, draft):
    given = {"visits.shop.blue": "6", "minutes.shop.blue": "20"}
    assert office.post(step(draft, "norms"), given).status_code == 302
    draft.refresh_from_db()
    assert [(one["visits_a_year"], one["minutes"]) for one in draft.parameters["norms"]] == [(6, 20)]
    assert selectors.default_parameters(draft.county)["norms"][0]["visits_a_year"] == 4


def test_a_site_is_excluded_by_its_code_with_a_reason_and_taken_in_again(office, draft):
    assert office.post(step(draft, "exclude"), {"words": "S00003", "reason": "已拆迁"}).status_code == 302
    draft.refresh_from_db()
    [left] = draft.parameters["exclusions"]
    assert left["reason"] == "已拆迁"
    assert office.post(step(draft, "include"), {"site_ids": [left["site_id"]]}).status_code == 302
    draft.refresh_from_db()
    assert draft.parameters["exclusions"] == []


def test_words_that_fit_several_sites_are_answered_with_their_codes(office, draft):
    answer = office.post(step(draft, "exclude"), {"words": "小商铺1", "reason": "已拆迁"})
    assert answer.status_code in {302, 422}
    answer = office.post(step(draft, "exclude"), {"words": "小商铺", "reason": "已拆迁"})
    assert answer.status_code == 422
    assert "请填写编码" in answer.content.decode()


def test_a_village_border_is_relaxed_with_a_reason_and_restored(office, draft):
    assert "要先检查数据" in office.get(step(draft, "relax")).content.decode()
    assert office.post(step(draft, "check")).status_code == 302
    assert selectors.nesting_price(draft).words in office.get(step(draft, "relax")).content.decode()
    assert office.post(step(draft, "relax"), {"villages": [A, B], "reason": "两村合并办公"}).status_code == 302
    draft.refresh_from_db()
    assert [one["villages"] for one in draft.parameters["relaxations"]] == [[A, B]]
    assert office.post(step(draft, "unrelax"), {"numbers": ["0"]}).status_code == 302
    draft.refresh_from_db()
    assert draft.parameters["relaxations"] == []


def test_a_grid_is_kept_as_it_is(office, draft, lead):
    [(grid_id, _), *_] = selectors.lockable_grids(lead, draft)
    assert office.post(step(draft, "lock"), {"grids": [str(grid_id)]}).status_code == 302
    draft.refresh_from_db()
    assert draft.parameters["locked_grids"] == [str(grid_id)]
    assert "checked" in office.get(step(draft, "lock")).content.decode()


def test_clusters_are_found_confirmed_and_refused(office, draft):
    given = {"distance_m": "400", "at_least": "5"}
    assert office.post(step(draft, "clusters"), given).status_code == 302
    found = list(Cluster.objects.filter(county=draft.county, scenario=draft))
    assert found
    url = reverse("planning:cluster_verb", args=[draft.county, found[0].pk, "confirm"])

    def on_map():
        features = office.get(page(draft, "cluster_map")).json()["features"]
        mine = [one for one in features if one["properties"].get("cluster") == str(found[0].pk)]
        return {one["geometry"]["type"]: one["properties"] for one in mine}

    area, label = on_map()["Polygon"], on_map()["Point"]
    assert (area["role"], label["label"], label["url"]) == ("position", found[0].name, url)
    draft.refresh_from_db()
    draft.swap(state="ready")
    assert "url" not in on_map()["Point"]  # too late
    draft.swap(state="draft")
    assert office.post(url, {"name": "工业园"}).status_code == 302
    found[0].refresh_from_db()
    assert (found[0].state, found[0].name) == ("confirmed", "工业园")
    assert "工业园" in office.get(page(draft)).content.decode()
    area, label = on_map()["Polygon"], on_map()["Point"]
    assert (area["role"], label["label"], label.get("url")) == ("grid", "工业园", None)
    features = office.get(page(draft, "cluster_map")).json()["features"]
    assert "工业园" in {one["properties"]["name"] for one in features}
    assert set(found[0].villages) <= {one["properties"].get("village") for one in features}  # one sees where it lies


def test_while_a_run_is_under_way_the_page_asks_for_it_and_then_loads_itself_anew(office, draft, lead):
    assert office.post(step(draft, "start")).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "queued"
    assert page(draft, "running") in office.get(page(draft)).content.decode()
    panel = office.get(page(draft, "running"), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in panel.headers
    assert office.get(page(draft, "units_map")).json()["features"] == []
    assert office.post(step(draft, "stop")).status_code == 302
    assert office.get(page(draft, "running"), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_a_plan_is_shown_with_bounds_grids_and_map(office, ready):
    shown = office.get(page(ready)).content.decode()
    for words in ("指标与已证明的界", "最大偏差", "单元清单", page(ready, "drag")):
        assert words in shown
    units = office.get(page(ready, "units_map")).json()["features"]
    assert {one["properties"]["grid"] for one in units} == set(range(len(ready.grids)))
    assert len(office.get(page(ready, "outlines")).json()["features"]) == len(ready.grids)
    assert office.get(page(ready, "progress")).json()["is_over"] is True
    assert office.get(page(ready, "units"), {"grid": "0"}).status_code == 200


def movable(ready):
    """Return a unit and a grid to which it may go, as a user finds them: by trying."""
    lines = selectors.units_of(ready)
    for line in lines:
        for grid in {other.grid for other in lines if other.village == line.village} - {line.grid}:
            yield line.number, grid


def test_dragging_moves_a_unit_and_answers_with_the_figures(office, ready):
    answers = [
        office.post(page(ready, "drag"), {"unit": unit, "grid": grid}) for unit, grid in list(movable(ready))[:40]
    ]
    done = [one for one in answers if one.status_code == 200]
    assert done, [one.json() for one in answers]
    assert "指标与已证明的界" in done[0].json()["panel"]
    assert "适用于：所有不跨越范围" in done[0].json()["panel"]  # a bound says what it holds for
    assert "撤销上一步" in done[0].json()["panel"]
    assert all(one.json()["detail"] for one in answers if one.status_code != 200)


def test_what_cannot_be_dragged_says_why(office, ready):
    lines = selectors.units_of(ready)
    far = next(one.grid for one in lines if one.village == B)
    unit = next(one.number for one in lines if one.village == A)
    answer = office.post(page(ready, "drag"), {"unit": unit, "grid": far})
    assert answer.status_code == 409
    assert answer.json()["detail"]
    assert office.post(page(ready, "drag"), {"unit": "x", "grid": ""}).status_code == 422


def test_the_same_is_done_without_a_map(office, ready, lead):
    for unit, grid in movable(ready):
        answer = office.post(page(ready, "edit", "move"), {"unit": unit, "grid": grid})
        if answer.status_code == 302:
            break
    else:
        pytest.fail("no unit could be moved")
    assert office.post(page(ready, "edit", "undo")).status_code == 302
    ready.refresh_from_db()
    assert selectors.edits_of(ready)[0].undone_at is not None


def test_scenarios_stand_side_by_side(office, ready, lead):
    other = services.copy_scenario(acting_user=lead, scenario=ready, name="按乡镇", changes={"nesting": "town"})
    url = reverse("planning:compare")
    shown = office.get(url, {"county": ready.county, "id": [str(ready.pk), str(other.pk)]}).content.decode()
    assert "武康方案" in shown
    assert "按乡镇" in shown
    assert office.get(url, {"county": ready.county}).status_code == 404


def test_the_chief_approves_and_the_officer_does_not(office, ready, chief):
    assert step(ready, "approve") not in office.get(page(ready)).content.decode()
    assert office.get(step(ready, "approve")).status_code == 404
    chiefs = signed_in(chief)
    assert step(ready, "approve") in chiefs.get(page(ready)).content.decode()
    assert chiefs.post(step(ready, "approve"), {"words": "同意"}).status_code == 302
    ready.refresh_from_db()
    assert ready.state == "approved"


def test_the_town_sees_its_own_scenario_and_changes_nothing(ready, town_officer, person):
    town = signed_in(town_officer)
    assert town.get(page(ready)).status_code == 200
    assert step(ready, "settings") not in town.get(page(ready)).content.decode()
    assert town.post(step(ready, "start")).status_code == 404
    other = signed_in(person("town_officer", "330521101"))
    for name in ("scenario", "units", "units_map", "outlines", "progress", "running", "cluster_map"):
        assert other.get(page(ready, name)).status_code == 404


def test_the_list_is_filtered_and_exported(office, ready):
    assert "武康方案" in office.get(reverse("planning:list"), {"state": "ready"}).content.decode()
    assert "武康方案" not in office.get(reverse("planning:list"), {"state": "draft"}).content.decode()
    sheet = office.get(reverse("planning:list"), {"export": "xlsx"})
    assert sheet.headers["Content-Type"].startswith("application/vnd.openxmlformats")


def test_a_scenario_page_stays_within_its_queries(office, ready, django_assert_max_num_queries):
    office.get(page(ready))
    distrust_everything()
    # One more each where sites were left out and where the territory is a town: their names.
    with django_assert_max_num_queries(12):
        office.get(page(ready))
