"""A new version of the app while a phone has the old one open: asked before it comes, put off, taken; nothing is lost."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from safegrid.field import web
from tests.browser.conftest import Open
from tests.browser.test_field_app import PATIENCE, WORKER_IS_IN_CHARGE, _sign_in
from tests.browser.test_field_troubles import _is_sent, _phone, _pulled, _report, _show
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOK = "async () => { await (await navigator.serviceWorker.ready).update(); }"
ASKS, ASKS_AGAIN = "有新版本，点此更新", "点此再试"
HELD_BACK_SECONDS = 6 * 60
NEW = "meta[name=version]"
MET = "邻居说老板下午回来"
Build = Callable[[], str]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Put a newer version of the app on the server, in which the handbook's code is another file; return the old one's name."""

    def built() -> str:
        new = tmp_path / "field"
        shutil.copytree(web.BUILT, new)
        shell = (new / "index.html").read_text("utf-8")
        (new / "index.html").write_text(
            shell.replace("</title>", '</title><meta name="version" content="new">'), "utf-8"
        )
        worker = (new / "sw.js").read_text("utf-8")
        worker, once = re.subn(r'"revision":"[0-9a-f]+","url":"/m/"', '"revision":"new","url":"/m/"', worker)
        [old] = re.findall(r'"/static/field/assets/(Handbook-[^"/]+[.]js)"', worker)
        worker, too = re.subn(rf'\{{"revision":null,"url":"/static/field/assets/{old}"\}},', "", worker)
        assert (once, too) == (1, 1), "the worker lists its files otherwise now"
        (new / "sw.js").write_text(worker, "utf-8")
        monkeypatch.setattr(web, "BUILT", new)
        return old

    return built


def _half_a_visit(page: Page, stage: Cast) -> None:
    _show(page, f"/visit/{stage.site.id}")
    page.get_by_role("radio", name="拒绝进入").click()
    page.get_by_role("button", name="下一步：签字").click()
    page.get_by_label("情况说明").fill(MET)


def _is_as_left(page: Page, stage: Cast, version: str) -> None:
    """The app of a version, with the half visit and the unsent report in it."""
    expect(page.get_by_label("情况说明")).to_have_value(MET)
    expect(page.locator(NEW)).to_have_count(1 if version == "new" else 0)
    expect(page.get_by_role("link", name="同步，1 件未发送")).to_be_visible()


def _take(page: Page) -> None:
    """Take the new version, and again where Chromium holds it back: it may for five minutes, deeming the old worker busy."""
    asks = page.get_by_role("button", name=ASKS).or_(page.get_by_role("button", name=ASKS_AGAIN))
    until = time.monotonic() + HELD_BACK_SECONDS
    while True:
        asks.click()
        expect(page.locator(NEW).or_(page.get_by_role("button", name=ASKS_AGAIN))).to_be_attached(timeout=PATIENCE)
        if page.locator(NEW).count() or time.monotonic() > until:
            break
    expect(page.locator(NEW)).to_be_attached(timeout=PATIENCE)


def test_a_new_version_is_put_off_then_taken_and_nothing_is_lost(open_page: Open, stage: Cast, build: Build) -> None:
    _ = stage.site
    page = _phone(open_page, stage)
    _sign_in(page, stage, stage.grid_member)
    page.evaluate(WORKER_IS_IN_CHARGE)
    _pulled(page)
    page.context.route("**/api/v1/field/*/operations", lambda route: route.abort())
    _report(page, stage)
    _half_a_visit(page, stage)

    old = build()
    page.context.route(f"**/{old}", lambda route: route.fulfill(status=404))
    page.evaluate(LOOK)
    asks = page.get_by_role("button", name=ASKS)
    expect(asks).to_be_visible()
    page.get_by_role("button", name="以后再更新").click()
    expect(asks).to_be_hidden()
    _is_as_left(page, stage, "old")
    page.reload()
    expect(asks).to_be_visible()
    _is_as_left(page, stage, "old")

    second = page.context.new_page()
    second.set_default_timeout(PATIENCE)
    second.goto(page.url.split("#")[0] + "#/today")
    expect(second.locator(".today")).to_be_visible()

    _take(page)
    _is_as_left(page, stage, "new")
    expect(asks).to_be_hidden()
    # The other tab still runs the old version, whose code is gone from the phone and from the server.
    expect(second.locator(NEW)).to_have_count(0)
    _show(second, "/me")
    second.get_by_role("link", name="网格手册").or_(second.get_by_text("网格手册")).first.click()
    expect(second.locator(NEW)).to_be_attached(timeout=PATIENCE)
    assert second.url.endswith("#/handbook")
    second.close()

    page.context.unroute("**/api/v1/field/*/operations")
    _is_sent(page, stage)
    _show(page, f"/visit/{stage.site.id}")
    expect(page.get_by_label("情况说明")).to_have_value(MET)


def test_a_tab_follows_another_that_took_the_new_version(open_page: Open, stage: Cast, build: Build) -> None:
    page = _phone(open_page, stage)
    _sign_in(page, stage, stage.grid_member)
    page.evaluate(WORKER_IS_IN_CHARGE)
    _pulled(page)
    second = page.context.new_page()
    second.set_default_timeout(PATIENCE)
    second.goto(page.url)
    expect(second.get_by_text("上次拉取：今天")).to_be_visible()
    build()
    page.evaluate(LOOK)
    for tab in (page, second):
        _take(tab)


def test_a_page_that_is_not_on_the_phone_says_so_without_a_network(open_page: Open, stage: Cast) -> None:
    page = _phone(open_page, stage, service_workers="block")
    _sign_in(page, stage, stage.grid_member)
    _pulled(page)
    _show(page, "/me")
    page.get_by_text("全部已发送").wait_for()
    page.context.set_offline(True)
    page.get_by_text("网格手册").click()
    expect(page.get_by_role("dialog")).to_contain_text("这一页还不在手机上")
    page.get_by_role("dialog").get_by_role("button", name="知道了").click()
    page.context.set_offline(False)
    page.get_by_text("网格手册").click()
    expect(page.get_by_role("heading", name="网格手册")).to_be_visible()
