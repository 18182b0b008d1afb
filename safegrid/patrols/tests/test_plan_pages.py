"""The pages of plans: the list with its numbers and filters, a member's day with its route, the verbs, the sheets of codes."""

import json
from datetime import date, timedelta
from urllib.parse import unquote

import pytest

from safegrid.console.desk import counts
from safegrid.foundation import clock
from safegrid.foundation.cache import distrust_everything
from safegrid.patrols.codes import code_of
from safegrid.patrols.models import MemberPlan, PlannedVisit, PlanRun
from safegrid.patrols.selectors import coverage, planned, visits_of_plan
from safegrid.sites.models import Site

TODAY = date(2025, 3, 5)


def page(patch, person, address):
    response = patch.cast.client(getattr(patch.cast, person)).get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.fixture
def laid(patch):
    """An overdue visit, one due next week, one that found no place; their sites."""
    late = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    soon = patch.site(grade="orange", visited=TODAY - timedelta(days=8))
    patch.plan()
    return late, soon


def test_the_list_shows_what_is_asked_for(patch, laid):
    late, soon = laid
    whole = page(patch, "town_officer", "/patrol-plans/")
    assert late.name in whole
    assert soon.name in whole
    overdue = page(patch, "lead_officer", "/patrol-plans/?timing=overdue")
    assert late.name in overdue
    assert soon.name not in overdue
    assert "已忽略" in page(patch, "lead_officer", "/patrol-plans/?timing=nonsense")


def test_the_desk_counts_what_its_list_shows(patch, laid):
    for person in ("town_officer", "lead_officer", "grid_member"):
        found = {one.label: one for one in counts(getattr(patch.cast, person), 0)}
        assert found["巡查已超期"].number == 1
        assert found["今天应巡查"].number == 1
        assert laid[0].name in page(patch, person, found["巡查已超期"].url)


def test_the_workbook_has_the_same_rows(patch, laid):
    response = patch.cast.client(patch.cast.lead_officer).get("/patrol-plans/?export=xlsx")
    assert response.status_code == 200
    assert "spreadsheet" in response.headers["Content-Type"]


def test_how_far_the_plan_was_followed(patch, laid):
    visit = patch.visited(laid[0], TODAY)
    PlannedVisit.objects.filter(county=patch.county, id=patch.one(laid[0]).id).update(
        state="done", visit_id=visit.id, done_on=TODAY
    )
    found = coverage(planned(patch.cast.lead_officer), TODAY - timedelta(days=30), TODAY + timedelta(days=30))
    assert (found.done, found.late, found.lacking) == (1, 1, found.wanted - 1)


def test_a_members_day_with_its_route_in_order(patch, laid):
    plan = MemberPlan.objects.get(county=patch.county)
    address = f"/patrol-plans/{patch.county}/{plan.id}/"
    assert laid[0].name in page(patch, "grid_member", address)
    Site.objects.filter(county=patch.county, id=laid[0].id).update(opening_hours="13:00-18:00")
    assert "营业时间 13:00-18:00" in page(patch, "grid_member", address)  # why the route comes by so late
    drawn = json.loads(page(patch, "grid_member", f"{address}map.json?on={TODAY}"))
    labels = [one["properties"]["label"] for one in drawn["features"]]
    assert labels[-1] == "1"
    assert patch.cast.client(patch.user).get(f"{address}?on=tomorrow").status_code == 404


def test_the_numbers_on_the_map_are_those_of_the_list_though_a_site_is_nowhere(patch, laid):
    other = patch.site(grade="red", visited=TODAY - timedelta(days=19))
    patch.plan()
    plan = MemberPlan.objects.get(county=patch.county)
    first, second = visits_of_plan(plan, on=TODAY)
    assert {first.site_id, second.site_id} == {laid[0].id, other.id}
    Site.objects.filter(county=patch.county, id=first.site_id).update(longitude=None, latitude=None)
    drawn = json.loads(page(patch, "grid_member", f"/patrol-plans/{patch.county}/{plan.id}/map.json?on={TODAY}"))
    points = [one for one in drawn["features"] if one["properties"]["role"] in ("site", "case")]
    labels = {one["properties"]["label"] for one in points if one["geometry"]["type"] == "Point"}
    assert labels == {"2"}


def test_skipping_adding_and_travelling_by_forms(patch, laid):
    cast, county = patch.cast, patch.county
    client, plan = cast.client(patch.user), MemberPlan.objects.get(county=county)
    row = patch.one(laid[0])
    skip = f"/patrol-plans/visits/{county}/{row.id}/skip/"
    assert client.post(skip, {"reason": ""}).status_code == 422
    assert client.post(skip, {"reason": "下雨"}).status_code == 302
    assert patch.one(laid[0]).skips == 1
    add = f"/patrol-plans/add/{county}/{laid[1].id}/"
    assert client.post(add, {"on": TODAY.isoformat()}).status_code == 302
    assert patch.one(laid[1]).asked_on == TODAY
    travel = f"/patrol-plans/{county}/{plan.id}/travel/"
    assert client.post(travel, {"mode": "walking", "begins": "late"}).status_code == 422
    sent = {"mode": "walking", "begins": "9:00", "ends": "16：30", "start": "120.001,30.501"}
    assert client.post(travel, sent).status_code == 302
    plan.refresh_from_db()
    assert (plan.mode, plan.begins, plan.ends, plan.start_longitude) == ("walking", 540, 990, 120.001)


def test_planning_anew_its_progress_and_stopping_it(patch, laid):
    client = patch.cast.client(patch.cast.town_officer)
    assert client.post("/patrol-plans/replan/", {"place": patch.cast.town}).status_code == 302
    assert client.post("/patrol-plans/replan/", {"place": "330521"}).status_code == 422
    run = PlanRun.objects.get(county=patch.county)
    assert "停止编排" in page(patch, "town_officer", "/patrol-plans/")
    address = f"/patrol-plans/runs/{patch.county}/{run.id}/"
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 200
    assert client.post(f"{address}stop/").status_code == 302
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert client.post(f"{address}stop/").status_code == 409


def test_a_sheet_has_one_code_for_each_site_of_the_grid(patch, laid):
    cast = patch.cast
    sheet = page(patch, "grid_member", f"/site-codes/{patch.county}/{cast.grid.id}/")
    assert sheet.count('class="card h-100 text-center site-code"') == 2
    assert "data:image/svg+xml" in unquote(sheet)
    assert code_of(patch.county, laid[0].id) not in sheet  # nobody copies it from the page's text
    beyond = page(patch, "grid_member", f"/site-codes/{patch.county}/{cast.grid.id}/?page=9{'9' * 30}")
    assert "data:image/svg+xml" in unquote(beyond)
    assert "site-code" in page(patch, "town_officer", f"/site-codes/{patch.county}/sites/{laid[0].id}/")
    assert cast.client(cast.committee).get(f"/site-codes/{patch.county}/sites/{laid[0].id}/").status_code == 404


def test_the_lists_ask_as_often_for_many_rows(patch, django_assert_max_num_queries):
    for at in range(40):
        patch.site(grade="yellow", visited=TODAY - timedelta(days=20 + at))
    patch.plan()
    client = patch.cast.client(patch.cast.lead_officer)
    client.get("/patrol-plans/")
    assert clock.today() == TODAY
    for address in ("/patrol-plans/", "/patrol-plans/members/"):
        client.get(address)
        distrust_everything()
        with django_assert_max_num_queries(12):
            client.get(address)
