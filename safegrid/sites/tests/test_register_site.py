"""Registering, changing, closing and reopening sites."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, Refused, WrongState
from safegrid.foundation.models import TraceRow
from safegrid.sites.checks import check_credit_code
from safegrid.sites.models import Site
from safegrid.sites.services import change_site, close_site, register_site, reopen_site
from safegrid.sites.tests.conftest import COUNTY, FAR_VILLAGE, OTHER_TOWN, TOWN, VILLAGE, actions

CREDIT = "91110000600037341L"


def test_a_town_officer_registers_a_site_in_the_own_town(county, town_officer, heard):
    made = register_site(
        acting_user=town_officer,
        county=county,
        values={
            "name": " 德清化工厂 ",
            "site_type": "enterprise",
            "industry": "C2631",
            "village": VILLAGE,
            "credit_code": CREDIT.lower(),
            "employees": "120",
            "longitude": 119.97,
            "latitude": 30.54,
            "datum": "gcj02",
        },
        contacts=[{"name": "王建国", "position": "负责人", "phone": "138 0013 8000"}],
    )
    kept = Site.objects.get(county=county, id=made.id)
    assert (kept.name, kept.industry, kept.town, kept.credit_code) == ("德清化工厂", "2631", TOWN, CREDIT)
    assert kept.code.startswith(TOWN)
    assert kept.declared_datum == "gcj02"
    assert abs(kept.longitude - 119.9655) < 0.001
    assert heard == [("registered", [kept.id])]
    assert actions() == ["sites.register_site"]
    assert "13800138000" not in str(TraceRow.objects.get(county=county).changes)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "厂" * 201}, "name"),
        ({"site_type": "ship"}, "site_type"),
        ({"industry": "9999"}, "industry"),
        ({"industry": "26A1"}, "industry"),
        ({"credit_code": "911100006000373410"}, "credit_code"),
        ({"credit_code": "9111"}, "credit_code"),
        ({"town": "330522100", "village": ""}, "town"),
        ({"village": "330521100999"}, "village"),
        ({"town": OTHER_TOWN}, "village"),
        ({"town": "", "village": ""}, "town"),
        ({"employees": -1}, "employees"),
        ({"employees": "many"}, "employees"),
        ({"risk_grade": "black"}, "risk_grade"),
        ({"longitude": 119.9}, "longitude"),
        ({"longitude": 119.9, "latitude": 30.5}, "datum"),
        ({"longitude": 119.9, "latitude": 30.5, "datum": "google"}, "datum"),
        ({"longitude": 30.5, "latitude": 119.9, "datum": "wgs84"}, "longitude"),
        ({"longitude": 30.5, "latitude": 75.0, "datum": "wgs84"}, "longitude"),
        ({"longitude": "nan", "latitude": 30.5, "datum": "wgs84"}, "longitude"),
        ({"grid_id": "x"}, "grid_id"),
    ],
)
def test_wrong_values_are_refused_with_the_field_named(county, wrong, field):
    values = {"name": "厂", "site_type": "enterprise", "village": VILLAGE, **wrong}
    with pytest.raises(InvalidInput) as caught:
        register_site(acting_user=None, county=county, values=values)
    assert field in caught.value.fields
    assert not Site.objects.filter(county=county).exists()


def test_a_town_officer_registers_nothing_in_another_town(county, town_officer):
    with pytest.raises(NotPermitted):
        register_site(
            acting_user=town_officer, county=county, values={"name": "厂", "site_type": "shop", "village": FAR_VILLAGE}
        )


def test_the_same_enterprise_at_the_same_address_is_registered_once(site):
    first = site(credit_code=CREDIT, address="工业路 1 号")
    with pytest.raises(Refused, match=first.code):
        site(credit_code=CREDIT, address="工业路 1 号")
    site(credit_code=CREDIT, address="工业路 2 号")
    close_site(acting_user=None, site=first, reason="注销")
    site(credit_code=CREDIT, address="工业路 1 号")


def test_a_code_is_used_once(site):
    site(code="A-1")
    with pytest.raises(Refused, match="A-1"):
        site(code="A-1", name="另一家")


def test_a_change_is_traced_with_before_and_after_and_tells_what_it_means(site, lead, heard):
    made = site()
    heard.clear()
    change_site(acting_user=lead, site=made, values={"name": "新名", "industry": "2631"}, version=1)
    assert heard == []
    change_site(acting_user=lead, site=made, values={"industry": "5211"}, version=2)
    change_site(acting_user=lead, site=made, values={"longitude": 119.9, "latitude": 30.5, "datum": "wgs84"})
    change_site(acting_user=lead, site=made, values={"village": FAR_VILLAGE})
    ids = [made.id]
    assert heard == [("reclassified", ids), ("moved", ids), ("moved", ids), ("reclassified", ids)]
    rows = TraceRow.objects.filter(county=COUNTY, action="sites.change_site").order_by("id")
    assert rows[0].changes == {"name": ["德清化工厂", "新名"]}
    made.refresh_from_db()
    assert (made.town, made.village, made.version) == (OTHER_TOWN, FAR_VILLAGE, 5)


def test_values_as_before_change_nothing(site, lead):
    made = site()
    change_site(acting_user=lead, site=made, values={"name": made.name, "town": TOWN})
    made.refresh_from_db()
    assert made.version == 1
    assert made.village == VILLAGE
    assert actions() == ["sites.register_site"]


def test_of_two_people_changing_what_they_saw_the_second_is_told(site, lead):
    seen_by_both = site()
    one, two = Site.objects.get(county=COUNTY, id=seen_by_both.id), Site.objects.get(county=COUNTY, id=seen_by_both.id)
    change_site(acting_user=lead, site=one, values={"name": "甲"})
    with pytest.raises(Conflict):
        change_site(acting_user=lead, site=two, values={"name": "乙"})
    with pytest.raises(Conflict):
        change_site(acting_user=lead, site=one, values={"name": "乙"}, version=1)


def test_a_town_officer_moves_no_site_into_another_town(site, town_officer):
    with pytest.raises(NotPermitted):
        change_site(acting_user=town_officer, site=site(), values={"village": FAR_VILLAGE})


def test_closing_and_reopening_need_a_reason_and_the_right_state(site, lead, heard):
    made = site()
    with pytest.raises(InvalidInput):
        close_site(acting_user=lead, site=made, reason=" ")
    with pytest.raises(InvalidInput):
        close_site(acting_user=lead, site=made, reason="x", how="active")
    close_site(acting_user=lead, site=made, reason="停产", how="paused")
    close_site(acting_user=lead, site=made, reason="注销")
    with pytest.raises(WrongState):
        close_site(acting_user=lead, site=made, reason="注销")
    reopen_site(acting_user=lead, site=made, reason="复业")
    with pytest.raises(WrongState):
        reopen_site(acting_user=lead, site=made, reason="复业")
    assert [name for name, _ in heard] == ["registered"] + ["reclassified"] * 3


def test_the_head_of_a_household_is_masked_everywhere(site, lead):
    made = site(name="王建国", site_type="household", industry="")
    change_site(acting_user=lead, site=made, values={"name": "王建军"})
    assert str(made) == made.shown_name == "王**"
    assert "建" not in str(list(TraceRow.objects.filter(county=COUNTY).values_list("changes", flat=True)))


@pytest.mark.parametrize("code", ["91110000600037341L", "91330100799655058B", " 9 1 110000 600037341l "])
def test_credit_codes_in_use_are_taken(code):
    assert check_credit_code(code) == code.replace(" ", "").upper()


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9), st.sampled_from(["91", "92", "N2", "Y1"]))
def test_a_credit_code_with_one_wrong_character_is_refused(body, kind):
    bare = f"{kind}330521{body}"
    code = bare + uscc.calc_check_digit(bare)
    assert check_credit_code(code) == code
    wrong = ("1" if code[8] == "0" else "0") + code[9:]
    with pytest.raises(ValueError, match="校验位"):
        check_credit_code(code[:8] + wrong)
