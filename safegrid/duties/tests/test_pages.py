"""The pages of responsibility: lists that lead to the remedy, a rule added and ended, why a department, the table."""

import pytest

from safegrid.duties import services
from safegrid.duties.models import DutyMatch, DutyRule
from safegrid.foundation import clock

RULES = "/duties/rules/"


@pytest.fixture
def office(cast):
    _ = cast.duty_rules, cast.kinds, cast.site, cast.shop, cast.household, cast.other_site
    services.rematch(cast.county)
    return cast.client(cast.lead_officer)


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_is_filtered_by_department_kind_type_and_validity(cast, office):
    page = text(office.get(RULES))
    assert "小商铺" in page
    assert "化学制品制造" in page
    assert "化学制品制造" not in text(office.get(RULES, {"department": str(cast.market.id)}))
    assert "小商铺" not in text(office.get(RULES, {"industry": "26"})).split("<tbody>")[1]
    assert "消防隐患" in text(office.get(RULES, {"kind": "fire"}))
    assert "没有符合条件的记录" in text(office.get(RULES, {"validity": "past"}))
    assert office.get(RULES, {"export": "xlsx"}).status_code == 200


def test_a_gap_leads_to_a_rule_filled_in_and_is_closed_by_it(cast, office):
    page = text(office.get("/duties/gaps/"))
    remedy = f"{RULES}add/?site_id={cast.household.id}"
    assert remedy in page
    assert "指定部门" in page
    form = text(office.get(remedy))
    assert str(cast.household.id) in form
    given = {"department": str(cast.fire.id), "part": "main", "site_id": str(cast.household.id),
             "valid_from": clock.today().isoformat(), "words": "家庭户由消防指导"}  # fmt: skip
    assert office.post(f"{RULES}add/", given).status_code == 302
    assert DutyMatch.objects.get(county=cast.county, site_id=cast.household.id).department_id == cast.fire.id
    assert str(cast.household.id) not in text(office.get("/duties/gaps/"))


def test_a_conflict_names_both_departments(cast, office):
    services.add_rule(acting_user=None, county=cast.county, department=cast.fire, site_type="shop")
    page = text(office.get("/duties/conflicts/"))
    assert "消防救援大队" in page
    assert "市场监督管理局" in page
    assert f"site_id={cast.shop.id}" in page


def test_the_form_shows_what_was_wrong_beside_the_field(cast, office):
    given = {"department": str(cast.fire.id), "part": "main", "industry_prefix": "C26", "valid_from": "2025-01-01"}
    answer = office.post(f"{RULES}add/", given)
    assert answer.status_code == 422
    assert "GB/T 4754" in answer.content.decode()
    assert office.get(f"{RULES}add/", {"site_id": "x"}).status_code in (404, 422)
    assert office.get(f"{RULES}add/", {"site_id": str(cast.foreign_site.id)}).status_code == 404


def test_a_rule_is_ended_with_a_reason_and_then_stands_among_the_expired(cast, office):
    rule = next(one for one in cast.duty_rules if one.site_type == "shop")
    address = f"{RULES}{cast.county}/{rule.id}/end/"
    assert office.post(address, {"reason": ""}).status_code == 422
    assert office.post(address, {"reason": "机构改革"}).status_code == 302
    assert DutyRule.objects.get(county=cast.county, id=rule.id).valid_to is not None
    page = text(office.get("/duties/expired/"))
    assert "小商铺" in page
    assert f"department={cast.market.id}" in page
    assert office.post(address, {"reason": "机构改革"}).status_code == 409


def test_why_shows_the_steps_as_a_page_and_as_a_fragment(cast, office):
    services.add_rule(
        acting_user=None, county=cast.county, department=cast.fire, industry_prefix="264", words="涂料制造"
    )
    address = f"/duties/why/{cast.county}/{cast.site.id}/"
    page = text(office.get(address))
    assert "<html" in page
    assert page.index("行业 264") < page.index("行业 26<")
    fragment = text(office.get(address, headers={"HX-Request": "true"}))
    assert "<html" not in fragment
    assert "涂料制造" in fragment
    for person, status in (("grid_member", 200), ("next_grid_member", 404), ("outsider", 404)):
        assert cast.client(getattr(cast, person)).get(address).status_code == status


def test_the_table_shows_who_speaks_of_what(cast, office):
    page = text(office.get("/duties/matrix/"))
    assert "主" in page
    assert "市场监督管理局" in page
    assert "制造业" in page
    assert cast.client(cast.upper_level).get("/duties/matrix/").status_code == 200


def test_others_read_but_do_not_write(cast, office):
    for person in (cast.town_officer, cast.leader, cast.market_officer):
        client = cast.client(person)
        assert "新增规则" not in text(client.get(RULES))
        assert client.get(f"{RULES}add/").status_code == 404
    rule = cast.duty_rules[0]
    assert (
        cast.client(cast.town_officer).post(f"{RULES}{cast.county}/{rule.id}/end/", {"reason": "x"}).status_code == 403
    )
    assert cast.client(cast.outsider).get(f"{RULES}{cast.county}/{rule.id}/end/").status_code == 404
    assert "指定部门" not in text(cast.client(cast.town_officer).get("/duties/gaps/"))
