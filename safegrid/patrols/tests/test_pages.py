"""The pages of visits: found by member, place, type, outcome and date; one visit with answers, photos and cases."""

import pytest

from safegrid.cases.models import Case

LIST = "/visits/"


@pytest.fixture
def visit(round_):
    return round_.record(
        round_.answer("EXIT", words="纸箱堵住东侧出口"), attachment_ids=round_.photo(), words="已当面告知"
    )


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def found(cast, **query):
    return "德清示范涂料有限公司" in text(cast.client(cast.town_officer).get(LIST, query))


@pytest.mark.parametrize(("query", "expected"), [
    ({}, True), ({"member": "网格员甲"}, True), ({"member": "网格员乙"}, False),
    ({"words": "涂料"}, True), ({"words": "木业"}, False),
    ({"place": "330521001001"}, True), ({"place": "330521001002"}, False), ({"site_type": "enterprise"}, True),
    ({"site_type": "shop"}, False), ({"outcome": "done"}, True), ({"outcome": "closed"}, False), ({"found": "yes"}, True),
    ({"found": "no"}, False), ({"visited_from": "2025-03-05", "visited_to": "2025-03-05"}, True),
    ({"visited_from": "2025-03-06"}, False),
])  # fmt: skip
def test_the_list_is_narrowed_by_every_filter(round_, visit, query, expected):
    _ = round_.cast.next_grid_member
    assert found(round_.cast, **query) is expected


def test_the_list_of_one_site(round_, visit):
    cast = round_.cast
    assert found(cast, site=str(cast.site.id))
    assert not found(cast, site=str(cast.shop.id))
    assert "没有这个监管对象" in text(cast.client(cast.town_officer).get(LIST, {"site": "x"}))


def test_the_list_is_exported(round_, visit):
    answer = round_.cast.client(round_.cast.lead_officer).get(LIST, {"export": "xlsx"})
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")


def test_a_visit_shows_answers_photos_position_and_the_case_it_reported(round_, visit):
    cast = round_.cast
    page = text(cast.client(cast.town_officer).get(f"{LIST}{cast.county}/{visit.id}/"))
    case = Case.objects.get(county=cast.county)
    for words in (
        "疏散通道、安全出口是否畅通",
        "纸箱堵住东侧出口",
        "已当面告知",
        "沈安全",
        "网格员甲",
        "120.010000",
        case.number,
    ):
        assert words in page
    assert page.count("<img") == 1  # the finding's photograph is the case's


def test_a_visit_is_read_inside_ones_scope_only(round_, visit):
    cast = round_.cast
    expected = {
        "grid_member": 200, "leader": 200, "upper_level": 200, "lead_department_officer": 200, "next_grid_member": 404,
        "fire_officer": 404, "other_town_officer": 404, "site_contact": 404, "outsider": 404,
    }  # fmt: skip
    address = f"{LIST}{cast.county}/{visit.id}/"
    assert {p: cast.client(getattr(cast, p)).get(address).status_code for p in expected} == expected
    for person in ("upper_level", "site_contact", "outsider"):
        assert cast.client(getattr(cast, person)).get(LIST).status_code == 200
    assert "德清示范涂料" not in text(cast.client(cast.site_contact).get(LIST))
