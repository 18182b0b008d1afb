"""A division is prepared in the browser: a cluster confirmed on the map, a border relaxed for its price, a run followed."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from safegrid.foundation.testing import run_queue
from safegrid.planning.models import Cluster

# The land, its people and a draft, as the tests of planning lay them.
from safegrid.planning.tests.conftest import C, _fresh_caches, county, draft, land, lead, person, scatter, square  # noqa: F401
from tests.browser.conftest import NARROW, Open
from tests.browser.test_one_map import SLOW, WITH_WEBGL, chromium  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("chromium", [WITH_WEBGL], indirect=True),
]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def time() -> None:
    """In place of planning's simulated clock, which the live server would not share: today is today."""


@pytest.fixture
def park(scatter) -> None:  # noqa: F811
    """Sixty shops close together in the middle of C, as in a market."""
    west, south, east, north = square(C).bounds
    x, y = (west + east) / 2, (south + north) / 2
    scatter(C, 60, box=(x - 0.0005, y - 0.0005, x + 0.0005, y + 0.0005))


def _send(page: Page) -> None:
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state()


def test_a_division_is_prepared_and_followed(chromium, open_page: Open, park, draft, lead) -> None:  # noqa: F811
    home = reverse("planning:scenario", args=[draft.county, draft.pk])
    page = open_page(lead, f"{home}clusters/")
    page.fill("input[name=distance_m]", "60")
    page.fill("input[name=at_least]", "40")
    _send(page)
    [found] = Cluster.objects.filter(county=draft.county, scenario=draft)
    page.wait_for_selector("#clusters [data-map-state]", timeout=SLOW)
    page.locator("#clusters .map-label", has_text=found.name).click()
    page.fill("input[name=name]", "小商品市场")
    _send(page)
    expect(page.locator("#clusters tbody tr")).to_contain_text("已确认")
    expect(page.locator("#clusters span.map-label")).to_have_text("小商品市场", timeout=SLOW)

    page.goto(page.url.split("#")[0] + "relax/")
    expect(page.get_by_text("要先检查数据")).to_be_visible()
    page.get_by_role("link", name="返回").click()
    page.get_by_role("button", name="检查数据").click()
    expect(page.get_by_text("检查数据：已完成")).to_be_visible()
    page.get_by_role("link", name="放宽村界").click()
    expect(page.get_by_text(re.compile("现在村界的代价——按村：.+；按乡镇："))).to_be_visible()
    page.get_by_role("link", name="返回").click()

    page.get_by_role("button", name="开始计算").click()
    expect(page.get_by_role("button", name="停止（保留最好结果）")).to_be_visible()
    run_queue()
    expect(page.get_by_text("指标与已证明的界")).to_be_visible(timeout=SLOW)  # it loads itself anew
    expect(page.locator("table", has_text="需网格员")).to_contain_text("小商品市场")
    page.set_viewport_size(NARROW)
    assert page.evaluate(WIDER) <= 0
