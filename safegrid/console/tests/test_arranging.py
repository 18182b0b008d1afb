"""Lists as users arrange them: sorted by a heading, with the columns chosen, kept under a name."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safegrid.console.models import SavedView
from safegrid.console.tests.test_pages import MOST_QUERIES
from safegrid.foundation import clock
from safegrid.foundation.cache import distrust_everything
from safegrid.sites.models import Site
from tests.cast import Cast
from tests.faults.every_row import EveryRow

pytestmark = pytest.mark.django_db
SITES = "/sites/"


def read(cast: Cast, address: str, person: str = "lead_officer") -> str:
    return cast.client(getattr(cast, person)).get(address).content.decode()


def names(html: str) -> list[str]:
    return re.findall(r'<td data-label="名称"[^>]*><a [^>]*>([^<]+)</a>', html)


def heads(html: str) -> list[str]:
    found = [re.sub("<[^>]*>", "", one) for one in re.findall(r"<th [^>]*>(.*?)</th>", html.split("<tbody>")[0])]
    return [one for one in found if one]  # the boxes to tick have no words


@pytest.fixture
def many(cast: Cast) -> list[Site]:
    """130 sites of which many share a name: three pages, with ties on every border."""
    return [
        Site.objects.create(county=cast.county, code=f"M-{n:03}", name=f"同名{n % 4}", site_type="shop", town=cast.town,
                            village=cast.village, updated_at=clock.now(), created_at=clock.now() + timedelta(seconds=n))
        for n in range(130)
    ]  # fmt: skip


@pytest.mark.parametrize("sort", ["name", "-name", "code", "-code", "credit_code", "-town"])
def test_sorted_pages_hold_every_row_once_and_in_order(cast: Cast, many: list[Site], sort: str):
    browser, address, found = cast.client(cast.lead_officer), f"{SITES}?sort={sort}", []
    while address:
        html = browser.get(address).content.decode()
        found += re.findall(r'<td data-label="编码"[^>]*>(?:<span[^>]*>)?([^<]+)<', html)
        onward = re.search(r'href="(\?[^"]*)" rel="next"|rel="next" href="(\?[^"]*)"', html)
        address = SITES + (onward[1] or onward[2]).replace("&amp;", "&") if onward else ""
    assert len(found) == len(set(found)) == Site.objects.filter(county=cast.county).count()
    column = sort.removeprefix("-")
    values = [getattr(Site.objects.get(county=cast.county, code=code), column) for code in found]
    ordered = list(Site.objects.filter(county=cast.county).order_by(sort).values_list(column, flat=True))
    assert values == ordered


def test_a_heading_says_how_the_list_is_sorted_and_turns_it_round(cast: Cast):
    _ = cast.site
    html = read(cast, f"{SITES}?sort=name")
    assert 'aria-sort="ascending"' in html
    assert 'href="?sort=-name"' in html
    html = read(cast, f"{SITES}?sort=-name")
    assert 'aria-sort="descending"' in html
    assert 'aria-sort="' not in read(cast, SITES)


def test_times_are_sorted_the_latest_first(cast: Cast):
    _ = EveryRow(cast).case
    assert 'href="?sort=-reported_at"' in read(cast, "/cases/330521/")


@pytest.mark.parametrize("sort", ["address", "phone", "grid__name", "-", "--name", "id' OR 1=1", "名称"])
def test_an_undeclared_order_is_left_out_with_a_notice(cast: Cast, sort: str):
    _ = cast.site
    html = read(cast, f"{SITES}?sort={sort}")
    assert "不能按这一列排序" in html
    assert cast.site.name in html


def test_order_and_columns_stay_when_the_filters_change(cast: Cast):
    html = read(cast, f"{SITES}?sort=name&columns=编码")
    assert '<input type="hidden" name="sort" value="name">' in html
    assert '<input type="hidden" name="columns" value="编码">' in html


def test_only_the_columns_chosen_are_shown_and_exported(cast: Cast):
    _ = cast.site
    html = read(cast, f"{SITES}?columns=编码&columns=地址")
    assert heads(html) == ["名称", "编码", "地址"], "what leads to the row always stays"
    answer = cast.client(cast.lead_officer).get(f"{SITES}?columns=编码&columns=地址&export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active
    assert ["名称", "编码", "地址"] in [[cell.value for cell in row] for row in sheet.rows]


def test_columns_that_do_not_exist_are_left_out_with_a_notice(cast: Cast):
    _ = cast.site
    html = read(cast, f"{SITES}?columns=密码")
    assert "有的列已不存在" in html
    assert "行业" in heads(html)


def test_a_column_made_twice_is_one_choice(cast: Cast):
    _ = EveryRow(cast).case
    html = read(cast, "/cases/330521/?columns=编号&columns=状态")
    assert heads(html) == ["编号", "状态"]
    assert html.count('name="columns" value="编号"') <= 2  # the choice, and what the filters keep


def save(cast: Cast, person: str = "lead_officer", **more: str):
    values = {"path": SITES, "query": "sort=name&type=shop&cursor=x", "name": "商铺", **more}
    return cast.client(getattr(cast, person)).post("/views/", values)


def test_a_view_keeps_filters_order_and_columns_but_no_page(cast: Cast):
    answer = save(cast)
    assert answer.headers["Location"] == f"{SITES}?sort=name&type=shop"
    view = SavedView.objects.get(user_id=cast.lead_officer.id)
    assert (view.path, view.query, view.is_default) == (SITES, "sort=name&type=shop", False)
    assert 'href="?sort=name&amp;type=shop"' in read(cast, SITES)
    assert "商铺</a>" not in read(cast, SITES, "town_officer"), "a view is its owner's alone"


def test_the_default_view_is_opened_and_can_be_left(cast: Cast):
    save(cast, is_default="yes")
    save(cast, name="企业", query="type=enterprise", is_default="yes")
    assert SavedView.objects.filter(user_id=cast.lead_officer.id, is_default=True).count() == 1
    browser = cast.client(cast.lead_officer)
    assert browser.get(SITES).headers["Location"] == f"{SITES}?type=enterprise"
    assert browser.get(f"{SITES}?view=all").status_code == 200
    assert browser.get(f"{SITES}?type=shop").status_code == 200
    view = SavedView.objects.get(user_id=cast.lead_officer.id, is_default=True)
    browser.post(f"/views/{view.id}/default/")
    assert browser.get(SITES).status_code == 200


def test_the_same_name_is_written_over(cast: Cast):
    save(cast)
    save(cast, query="type=enterprise")
    assert SavedView.objects.get(user_id=cast.lead_officer.id).query == "type=enterprise"


def test_a_view_of_somebody_else_is_not_there(cast: Cast):
    save(cast)
    view = SavedView.objects.get(user_id=cast.lead_officer.id)
    other = cast.client(cast.second_lead_officer)
    assert other.post(f"/views/{view.id}/delete/").status_code == 404
    assert other.post(f"/views/{view.id}/default/").status_code == 404
    assert SavedView.objects.filter(id=view.id, is_default=False).exists()
    assert cast.client(cast.lead_officer).post(f"/views/{view.id}/delete/").status_code == 302
    assert not SavedView.objects.filter(id=view.id).exists()


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": " "}, {"name": "长" * 31}, {"name": "a\x00b"}, {"query": "x" * 2001}, {"path": "//evil.example/"},
     {"path": "https://evil.example/"}, {"path": "/nothing-here/"}, {"path": ""}, {"path": "/sites/?x=1"}],
)  # fmt: skip
def test_what_is_no_view_is_refused_and_leads_nowhere_else(cast: Cast, wrong: dict[str, str]):
    answer = save(cast, **wrong)
    assert answer.status_code == 302
    assert answer.headers["Location"] in {
        SITES + "?sort=name&type=shop&cursor=x",
        SITES + "?" + wrong.get("query", ""),
        "/",
    }
    assert not SavedView.objects.exists()


def test_nobody_keeps_more_than_fifty_views(cast: Cast):
    for n in range(50):
        SavedView.objects.create(user_id=cast.lead_officer.id, path=SITES, name=str(n), query="")
    assert "最多保存 50 个视图" in cast.client(cast.lead_officer).post(
        "/views/", {"path": SITES, "name": "又一个", "query": ""}, follow=True
    ).content.decode()  # fmt: skip
    assert SavedView.objects.count() == 50


def test_an_arranged_list_with_views_keeps_to_the_budget(cast: Cast):
    cast.everything()
    save(cast)
    browser, address = cast.client(cast.lead_officer), f"{SITES}?sort=name&columns=编码&type=enterprise"
    browser.get(address)
    distrust_everything()
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(work) <= MOST_QUERIES, work
