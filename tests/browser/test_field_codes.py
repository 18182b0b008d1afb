"""Checking in by the code that hangs at a site: read by the camera or typed, the right one, another's, a foreign one, no camera."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from safegrid.patrols.codes import address_of, code_of
from safegrid.patrols.models import Visit
from tests.browser.conftest import NARROW, Open
from tests.browser.test_field_app import PATIENCE, _sign_in
from tests.browser.test_field_troubles import _is_quiet, _show
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# A camera that shows nothing, and a reader that finds in it what the test holds before it.
CAMERA = """(() => {
  window.held = "";
  const canvas = document.createElement("canvas");
  canvas.getContext("2d");
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(5);
  HTMLMediaElement.prototype.play = async () => undefined;
  window.BarcodeDetector = class {
    static getSupportedFormats = async () => ["qr_code"];
    detect = async () => (window.held === "" ? [] : [{ rawValue: window.held }]);
  };
})()"""
NO_CAMERA = """navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotAllowedError"); }"""
OTHER_HOST = "https://grid.example"


def _at_the_door(open_page: Open, stage: Cast, script: str) -> Page:
    """Open the visit of the cast's site, and the camera on it; the phone does not know where it is."""
    _ = stage.site, stage.shop, stage.next_site, stage.checklist
    page = open_page(None, "/m/", size=NARROW)
    page.set_default_timeout(PATIENCE)
    page.add_init_script(script)
    page.reload()
    _sign_in(page, stage, stage.grid_member)
    page.evaluate(f"location.hash = '#/visit/{stage.site.id}'")
    page.get_by_role("button", name="扫码签到").click()
    expect(page.get_by_text("扫对象门口的二维码")).to_be_visible()
    return page


def _saved(page: Page, stage: Cast) -> Visit:
    """End the visit as one to a site that has moved; return it as the server has it."""
    expect(page.get_by_text("已扫码签到")).to_be_visible()
    page.get_by_role("radio", name="已搬离").click()
    page.get_by_role("button", name="下一步：签字").click()
    page.get_by_label("情况说明").fill("邻居说上月搬走了")
    page.get_by_role("button", name="下一步：核对").click()
    page.get_by_role("button", name="保存这次巡查").click()
    page.wait_for_url("**#/today")
    _show(page, "/sync")
    page.get_by_role("button", name="立即同步").click()
    expect(page.get_by_text("全部已发送")).to_be_visible()
    _is_quiet(page)
    return Visit.objects.get(county=stage.county)


def test_the_camera_takes_the_sites_own_code_and_says_what_others_are(open_page: Open, stage: Cast) -> None:
    own, shops, strange = (
        address_of(OTHER_HOST, stage.county, one.id) for one in (stage.site, stage.shop, stage.next_site)
    )
    page = _at_the_door(open_page, stage, CAMERA)
    for held, says in (
        ("https://weixin.example/pay/1", "不是您网格里监管对象的"),
        (shops, f"扫到的是“{stage.shop.name}”的二维码"),
        (strange, "不是您网格里监管对象的"),
    ):
        page.evaluate("held => { window.held = held; }", held)
        expect(page.get_by_role("alert")).to_contain_text(says)
    page.evaluate("held => { window.held = held; }", f"{own}?from=scan")
    visit = _saved(page, stage)
    assert (visit.checked_in_by, visit.site_id, visit.far_reason) == ("qr", stage.site.id, "")


def test_without_a_camera_the_code_is_typed_as_it_is_printed(open_page: Open, stage: Cast) -> None:
    code = code_of(stage.county, stage.site.id)
    sheet = open_page(stage.town_officer, reverse("patrols:site_code", args=[stage.county, stage.site.id]))
    printed = sheet.locator(".site-code").inner_text()
    [shown] = [line for line in printed.splitlines() if line.replace(" ", "") == code]
    sheet.close()

    page = _at_the_door(open_page, stage, NO_CAMERA)
    expect(page.get_by_text("没有使用摄像头的权限")).to_be_visible()
    field = page.get_by_placeholder("输入码下方的签到码")
    field.fill(stage.site.code)
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("alert")).to_contain_text("24 位")
    field.fill(shown.lower())
    page.get_by_role("button", name="确定").click()
    assert _saved(page, stage).checked_in_by == "qr"
