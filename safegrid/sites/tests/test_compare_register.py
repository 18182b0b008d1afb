"""Comparison with the market register: a work list, settled line by line."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from safegrid.foundation.errors import InvalidInput, NotPermitted, WrongState
from safegrid.sites.models import RegisterDifference, Site
from safegrid.sites.services import close_site, compare_register, settle_difference
from safegrid.sites.tests.conftest import COUNTY, OTHER_TOWN, TOWN, VILLAGE

A, B, C, D = "91110000600037341L", "91330100799655058B", "91440300708461136T", "914403001922038216"
TITLES = ["统一社会信用代码", "名称", "住所", "登记状态", "乡镇"]


@pytest.fixture
def compare(county, lead, tmp_path):
    def run(*rows, is_complete=False):
        path = tmp_path / "登记.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([TITLES, *rows])
        return compare_register(
            acting_user=lead,
            county=county,
            path=path,
            name="市监局 6 月",
            taken_on=date(2026, 6, 1),
            is_complete=is_complete,
        )

    return run


def lines() -> set[tuple[str, str]]:
    return set(RegisterDifference.objects.filter(county=COUNTY).values_list("kind", "name"))


def test_new_closed_and_moved_are_told_apart(site, compare):
    site(name="甲", credit_code=A, address="工业路1号")
    site(name="乙", credit_code=B, address="工业路2号")
    site(name="丙", credit_code=C, address="工业路3号")
    extract, report = compare(
        [A, "甲", "工业路 １ 号", "存续", ""],
        [B, "乙", "科技路9号", "在业", ""],
        [C, "丙", "", "吊销", ""],
        [D, "丁", "科技路8号", "开业", "武康街道"],
    )
    assert lines() == {("moved", "乙"), ("closed", "丙"), ("new", "丁")}
    assert (extract.rows, report.refused) == (4, 0)
    new = RegisterDifference.objects.get(county=COUNTY, kind="new")
    assert (new.town, new.site_id) == (TOWN, None)


def test_without_a_credit_code_name_and_address_decide(site, compare):
    site(name="小店", address="武源街 5 号", site_type="shop", industry="")
    compare(
        ["", "小店", "武源街5号", "存续", ""],
        ["", "小店", "曲园路1号", "存续", ""],
        ["", "小店", "曲园路 1 号", "存续", ""],
    )
    assert [(row.kind, row.found["address"]) for row in RegisterDifference.objects.filter(county=COUNTY)] == [
        ("new", "曲园路1号")
    ]


def test_a_complete_extract_also_tells_what_it_does_not_hold(site, compare):
    site(name="甲", credit_code=A)
    site(name="乙", credit_code=B)
    site(name="无码")
    closed = site(name="丙", credit_code=C)
    close_site(acting_user=None, site=closed, reason="注销")
    compare([A, "甲", "", "存续", ""], is_complete=True)
    assert lines() == {("closed", "乙")}


def test_refused_rows_are_counted_and_the_rest_is_compared(compare):
    extract, _ = compare(["123", "坏", "", "存续", ""], [D, "丁", "", "存续", ""], [D, "丁二", "", "存续", ""])
    assert (extract.rows, extract.refused) == (3, 2)
    assert lines() == {("new", "丁")}


def test_each_line_is_settled_once_in_a_fitting_way(site, compare, lead):
    site(name="乙", credit_code=B, address="旧址")
    gone = site(name="丙", credit_code=C)
    compare(
        [B, "乙", "新址", "存续", ""],
        [C, "丙", "", "注销", ""],
        [D, "丁", "科技路", "存续", "武康街道"],
        [A, "戊", "", "存续", ""],
    )
    row = {one.name: one for one in RegisterDifference.objects.filter(county=COUNTY)}
    for wrong in ({"settle_as": "close"}, {"settle_as": "ignore"}, {"settle_as": "paint"}):
        with pytest.raises(InvalidInput):
            settle_difference(acting_user=lead, difference=row["丁"], **wrong)
    with pytest.raises(InvalidInput):  # where is it?
        settle_difference(acting_user=lead, difference=row["戊"], settle_as="register")
    made = settle_difference(acting_user=lead, difference=row["丁"], settle_as="register", values={"site_type": "shop"})
    assert Site.objects.get(county=COUNTY, id=made.site_id).credit_code == D
    settle_difference(acting_user=lead, difference=row["乙"], settle_as="move", values={"village": VILLAGE})
    assert Site.objects.get(county=COUNTY, credit_code=B).address == "新址"
    settle_difference(acting_user=lead, difference=row["丙"], settle_as="close", reason="已注销")
    gone.refresh_from_db()
    assert gone.status == "closed"
    settle_difference(acting_user=lead, difference=row["戊"], settle_as="ignore", reason="不在本县经营")
    with pytest.raises(WrongState):
        settle_difference(acting_user=lead, difference=row["丁"], settle_as="ignore", reason="x")
    compare([B, "乙", "新址", "存续", ""], [D, "丁", "科技路", "存续", ""])
    assert RegisterDifference.objects.filter(county=COUNTY, settled_at__isnull=True).count() == 0


def test_a_site_closed_here_that_is_still_registered_is_reopened(site, compare, lead):
    made = site(name="甲", credit_code=A)
    close_site(acting_user=None, site=made, reason="误")
    compare([A, "甲", "", "存续", ""])
    settle_difference(acting_user=lead, difference=RegisterDifference.objects.get(county=COUNTY), settle_as="register")
    made.refresh_from_db()
    assert made.status == "active"


def test_a_town_settles_its_own_lines_only(compare, person):
    compare([D, "丁", "科技路", "存续", "武康街道"])
    row = RegisterDifference.objects.get(county=COUNTY)
    with pytest.raises(NotPermitted):
        settle_difference(
            acting_user=person("town_officer", OTHER_TOWN), difference=row, settle_as="ignore", reason="x"
        )
    settle_difference(acting_user=person("town_officer", TOWN), difference=row, settle_as="ignore", reason="x")
