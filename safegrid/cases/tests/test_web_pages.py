"""The list and the case on pages: what is found, what is shown, what it costs."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from safegrid.cases import services
from safegrid.cases.models import Dispute, Penalty, Supervision
from safegrid.foundation import clock


def page(steps, person, path, **query):
    return steps.cast.client(getattr(steps.cast, person)).get(path, query)


def test_the_list_shows_the_cases_in_scope_and_how_long_they_have(steps):
    case, other = steps.dispatched(), steps.in_state("handling", town="330521101", village="330521101022")
    seen = page(steps, "town_officer", "/cases/").content.decode()
    assert case.number.partition("-")[2] in seen
    assert other.number.partition("-")[2] not in seen
    assert "剩 " in seen


@pytest.mark.parametrize(
    ("query", "found"),
    [({"queue": "my_turn"}, True), ({"queue": "overdue"}, False), ({"state": "registered"}, True), ({"kind": "FIRE"}, True),
     ({"kind": "ELEC"}, False), ({"nature": "accident"}, False), ({"place": "330521101"}, False), ({"channel": "member"}, True),
     ({"words": "纸箱"}, True), ({"words": "没有的话"}, False), ({"severity": "major"}, False), ({"listed": "yes"}, False)],
)  # fmt: skip
def test_filters_of_the_list_narrow_it(steps, query, found):
    _ = steps.cast.other_station
    case = steps.registered()
    seen = page(steps, "lead_officer", "/cases/330521/", **query).content.decode()
    assert (case.number.partition("-")[2] in seen) is found


def test_the_list_is_exported_as_a_workbook(steps):
    steps.registered()
    answer = page(steps, "lead_officer", "/cases/330521/", export="xlsx")
    assert answer.status_code == 200
    assert "spreadsheetml" in answer["Content-Type"]


def test_the_city_lists_the_cases_of_all_its_counties(steps):
    case = steps.registered()
    assert case.number.partition("-")[2] in page(steps, "upper_level", "/cases/").content.decode()


def test_the_case_page_offers_what_this_user_may_do_now_and_nothing_else(steps):
    case = steps.dispatched()
    path = f"/cases/330521/{case.id}/"
    fire, town = (page(steps, person, path).content.decode() for person in ("fire_officer", "town_officer"))
    assert f'href="{path}receive/"' in fire
    assert f'href="{path}receive/"' not in town
    assert "消防职责" in fire  # why this department
    assert f'href="{path}close/"' not in fire
    assert "网格员甲" in town  # who reported, in the timeline


def test_a_case_out_of_scope_is_not_there(steps):
    case = steps.registered()
    for user in (steps.cast.outsider, steps.cast.other_town_officer, steps.cast.next_grid_member):
        assert steps.cast.client(user).get(f"/cases/330521/{case.id}/").status_code == 404


def test_the_site_sees_its_order_but_neither_reporter_nor_words(steps):
    case = steps.handling()
    services.order_rectification(acting_user=steps.cast.fire_officer, case=case, text="清理安全出口",
                                 deadline=clock.now() + timedelta(days=1))  # fmt: skip
    seen = page(steps, "site_contact", f"/cases/330521/{case.id}/")
    said = seen.content.decode()
    assert seen.status_code == 200
    assert "清理安全出口" in said
    for secret in ("堆满纸箱", "网格员甲", "网格员随手报", steps.cast.fire_officer.name):
        assert secret not in said
    listed = page(steps, "site_contact", "/cases/330521/", words="纸箱").content.decode()
    assert case.number.partition("-")[2] not in listed


def test_the_map_answers_geojson(steps):
    answer = page(steps, "lead_officer", f"/cases/330521/{steps.registered().id}/map.json")
    roles = [one["properties"]["role"] for one in answer.json()["features"]]
    assert (answer["Content-Type"], roles) == ("application/geo+json", ["grid", "case"])


def test_the_phone_of_a_caller_is_shown_for_a_reason_only(steps):
    case = steps.registered(acting_user=steps.cast.hotline_officer, channel="hotline", attachment_ids=[],
                            reporter_name="张三丰", reporter_phone="13812345678")  # fmt: skip
    path = f"/cases/330521/{case.id}/"
    assert "13812345678" not in page(steps, "lead_officer", path).content.decode()
    client = steps.cast.client(steps.cast.lead_officer)
    refused = client.post(f"{path}unmask_reporter/", {"reason": ""})
    assert refused.status_code == 422
    shown = client.post(f"{path}unmask_reporter/", {"reason": "核实地点"})
    assert "13812345678" in shown.content.decode()
    assert steps.traced(case, "cases.unmask_reporter").changes["reason"] == "核实地点"


def test_the_duty_desk_tells_of_gaps_and_open_accidents(steps):
    steps.kind = steps.cast.accident_kind.code
    case = steps.reported()
    client = steps.cast.client(steps.cast.lead_officer)
    said = client.get("/cases/330521/duty/").content.decode()
    assert "现在没有人值班" in said
    assert case.number in said
    assert "事故快报" in said
    now = clock.now().astimezone(clock.SHANGHAI)
    planned = client.post("/cases/330521/duty/", {
        "user_id": str(steps.cast.lead_officer.id), "begins_at": f"{now:%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=12):%Y-%m-%dT%H:%M}", "phone": "8060000"})  # fmt: skip
    assert planned.status_code == 302
    assert "现在没有人值班" not in client.get("/cases/330521/duty/").content.decode()


def test_figures_lead_to_the_cases_behind_them(steps):
    steps.registered()
    said = page(steps, "lead_officer", "/cases/330521/indices/").content.decode()
    assert "武康街道" in said
    assert "place=330521001" in said
    assert page(steps, "lead_officer", "/cases/330521/indices/", export="xlsx").status_code == 200


def test_the_list_costs_at_most_twelve_queries(steps, django_assert_max_num_queries):
    for _ in range(30):
        steps.in_state("handling")
    client = steps.cast.client(steps.cast.lead_officer)
    client.get("/cases/330521/")
    with django_assert_max_num_queries(12):
        client.get("/cases/330521/")


@pytest.mark.parametrize("state", ["reported", "registered", "dispatched", "ordered", "rectified", "closed"])
def test_the_case_page_costs_at_most_twelve_queries(steps, state, django_assert_max_num_queries):
    case = getattr(steps, state)()
    for person in ("lead_officer", "fire_officer", "town_officer", "grid_member", "site_contact"):
        client = steps.cast.client(getattr(steps.cast, person))
        if client.get(f"/cases/330521/{case.id}/").status_code == 200:
            with django_assert_max_num_queries(12):
                client.get(f"/cases/330521/{case.id}/")


def test_the_case_page_costs_no_more_with_everything_beside_the_case(steps, django_assert_max_num_queries):
    case = steps.closed()
    now, people = clock.now(), [steps.cast.lead_officer.id, steps.cast.fire_officer.id]
    some = {"county": 330521, "case": case}
    for _ in range(3):
        Penalty.objects.create(**some, department_id=steps.cast.fire.id, article="第一条", decision_number=str(uuid4()),
                               amount="1200.50", decided_by_id=people[1], decided_at=now)  # fmt: skip
        Supervision.objects.create(**some, instruction="限期办结", deadline=now, given_by_id=people[0], given_by_role="leader",
                                   given_at=now)  # fmt: skip
        Dispute.objects.create(**some, reason="不属本部门", opened_by_id=people[1], opened_at=now)
    client = steps.cast.client(steps.cast.lead_officer)
    client.get(f"/cases/330521/{case.id}/")
    with django_assert_max_num_queries(12):
        said = client.get(f"/cases/330521/{case.id}/").content.decode()
    assert "1200.50" in said
    assert steps.cast.fire_officer.name in said
