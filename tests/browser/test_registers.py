"""A register in a browser: sort, choose columns, keep the view, find from the top bar, and act on many rows."""

from __future__ import annotations

import pytest

from safegrid.sites.models import Site
from tests.browser.conftest import NARROW, Open
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_list_is_arranged_kept_and_acted_on(stage: Cast, open_page: Open) -> None:
    stage.everything()
    own, grid = stage.site, stage.next_grid
    page = open_page(stage.lead_officer, "/sites/?type=enterprise")
    page.click("th a:has-text('名称')")
    assert page.locator("th[aria-sort=ascending]").inner_text() == "名称"
    page.click("summary:has-text('显示的列')")
    page.uncheck("input[name=columns][value=行业]")
    page.check("input[name=columns][value=地址]")
    page.click("button:has-text('应用')")
    heads = page.locator("thead th").all_inner_texts()
    assert "地址" in heads
    assert "行业" not in heads
    page.click("summary:has-text('我的视图')")
    page.fill("#view-name", "企业按名称")
    page.click("button:has-text('保存视图')")
    assert page.locator(".saved-views .active").inner_text() == "企业按名称"
    page.click(".saved-views a:has-text('全部')")
    page.click(".saved-views a:has-text('企业按名称')")
    assert page.locator("th[aria-sort=ascending]").count() == 1

    page.check("input[data-tick-all]")
    assert page.locator("tbody input[name=row]:not(:checked)").count() == 0
    page.uncheck("input[data-tick-all]")
    page.check(f"tbody input[value='330521-{own.id}']")
    page.click("button:has-text('指定网格')")
    assert "共选择 1 条，将对其中 1 条" in page.inner_text("#content")
    page.select_option("select[name=grid]", str(grid.id))
    page.fill("[name=reason]", "归口")
    page.click("button:has-text('确认办理')")
    assert "已办理 1 条" in page.inner_text("#content")
    assert Site.objects.get(county=own.county, id=own.id).grid_id == grid.id

    page.fill(".top-search input", own.name[:4])
    page.wait_for_selector(f"#top-found a[href*='{own.id}']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    assert own.name in page.inner_text("#content")


def test_the_same_works_on_a_narrow_screen_without_scripts(stage: Cast, open_page: Open) -> None:
    stage.everything()
    own = stage.site
    page = open_page(stage.lead_officer, "/sites/", size=NARROW, scripts=False)
    page.click("summary:has-text('排序')")
    page.click(".list-panel a:has-text('编码')")
    assert "sort=code" in page.url
    page.check(f"tbody input[value='330521-{own.id}']")
    page.click("button:has-text('列为直接监管')")
    assert "将对其中 1 条" in page.inner_text("#content")


def test_on_a_phone_what_arranges_a_list_stays_on_the_screen(stage: Cast, open_page: Open) -> None:
    _ = stage.site
    page = open_page(stage.lead_officer, "/sites/", size=NARROW)
    for words in ("排序", "显示的列", "我的视图"):
        page.click(f".list-tools summary:has-text('{words}')")
        box = page.locator(".list-tool[open] .list-panel").bounding_box()
        assert box is not None
        assert (box["x"] >= 0, box["x"] + box["width"] <= NARROW["width"]) == (True, True), words
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        page.click(f".list-tools summary:has-text('{words}')")
