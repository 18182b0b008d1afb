"""The field app's frame in a browser: signing in, opening without a network, leaving."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Open
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30_000  # milliseconds
COUNT_ROWS = """async () => {
  let rows = 0;
  for (const { name } of await indexedDB.databases()) {
    const answer = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
    const database = await answer(indexedDB.open(name));
    if (database.objectStoreNames.contains("rows")) {
      rows += await answer(database.transaction("rows").objectStore("rows").count());
    }
    database.close();
  }
  return rows;
}"""

WORKER_IS_IN_CHARGE = """async () => {
  await navigator.serviceWorker.ready;
  while (navigator.serviceWorker.controller === null) await new Promise((done) => { setTimeout(done, 100); });
}"""


def _sign_in(page: Page, cast: Cast, user: Any) -> None:
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", cast.password)
    page.click("button[type=submit]")
    expect(page.locator(".frame")).to_be_visible(timeout=PATIENCE)


def test_a_member_signs_in_opens_without_a_network_and_leaves_nothing_behind(open_page: Open, stage: Cast) -> None:
    page = open_page(None, "/m/", size=NARROW)
    _sign_in(page, stage, stage.grid_member)
    page.goto(page.url.split("#")[0] + "#/sync")
    expect(page.get_by_text("上次拉取：今天")).to_be_visible(timeout=PATIENCE)
    page.evaluate(WORKER_IS_IN_CHARGE)
    assert page.evaluate(COUNT_ROWS) > 0

    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("没有网络。照常工作")).to_be_visible(timeout=PATIENCE)
    page.context.set_offline(False)

    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.locator("input[name=username]")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(COUNT_ROWS) == 0


def test_a_wrong_password_is_said_and_nobody_comes_in(open_page: Open, stage: Cast) -> None:
    page = open_page(None, "/m/", size=NARROW)
    page.fill("input[name=username]", stage.grid_member.username)
    page.fill("input[name=password]", "not-the-password")
    page.click("button[type=submit]")
    expect(page.get_by_role("alert")).to_contain_text("密码不正确", timeout=PATIENCE)
    expect(page.locator(".frame")).to_have_count(0)


def test_large_letters_are_kept(open_page: Open, stage: Cast) -> None:
    page = open_page(None, "/m/", size=NARROW)
    before = page.evaluate("getComputedStyle(document.body).fontSize")
    page.get_by_role("switch", name="大字模式").click()
    page.reload()
    expect(page.locator("input[name=username]")).to_be_visible(timeout=PATIENCE)
    assert (before, page.evaluate("getComputedStyle(document.body).fontSize")) == ("16px", "20px")
