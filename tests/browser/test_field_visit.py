"""A visit on the phone: filled in without a network, killed halfway, and once on the server when the network is back."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from safegrid.cases.models import Case
from safegrid.files.selectors import attachments_of
from safegrid.patrols.models import Visit
from tests.browser.conftest import NARROW, Open
from tests.browser.test_field_app import PATIENCE, WORKER_IS_IN_CHARGE, _sign_in
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "安全出口堆了纸箱"


def _photographed(page: Page, item: Locator) -> None:
    file = io.BytesIO()
    Image.new("RGB", (900, 600), (90, 120, 60)).save(file, "JPEG")
    with page.expect_file_chooser() as chooser:
        item.get_by_role("button", name="拍照").click()
    chooser.value.set_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    expect(item.get_by_role("button", name="查看隐患照片 1")).to_be_visible(timeout=PATIENCE)


def _answer(page: Page) -> None:
    """Answer the cast's checklist: one finding with words and a photo, the number, the rest in order."""
    items = page.locator(".visit-item")
    finding = items.first
    finding.get_by_role("radio", name="不符合").click()
    finding.get_by_label("具体情况").fill(WORDS)
    _photographed(page, finding)
    page.get_by_placeholder("填数字").fill("12")
    page.get_by_role("button", name="项都符合").click()
    page.get_by_role("button", name="都看过，都符合").click()


def test_a_visit_made_without_a_network_is_on_the_server_once(open_page: Open, stage: Cast) -> None:
    site, _ = stage.site, stage.checklist
    page = open_page(None, "/m/", size=NARROW)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": site.longitude, "latitude": site.latitude, "accuracy": 9})
    _sign_in(page, stage, stage.grid_member)
    home = page.url.split("#")[0]
    page.goto(f"{home}#/site/{site.id}")
    expect(page.get_by_role("heading", name=site.name)).to_be_visible(timeout=PATIENCE)
    page.evaluate(WORKER_IS_IN_CHARGE)

    page.context.set_offline(True)
    page.get_by_role("link", name="去巡查").or_(page.get_by_role("button", name="去巡查")).click()
    page.get_by_role("button", name="定位签到").click()
    expect(page.get_by_text("误差约 9 米")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("radio", name="能进门检查").click()
    page.get_by_role("button", name="下一步：检查").click()
    _answer(page)
    page.reload()  # as if the phone had killed the app
    expect(page.get_by_label("具体情况")).to_have_value(WORDS, timeout=PATIENCE)
    page.get_by_role("button", name="下一步：签字").click()
    page.get_by_label("见到的人").fill("沈安全")
    page.get_by_role("button", name="下一步：核对").click()
    page.get_by_role("button", name="保存这次巡查").click()
    expect(page).to_have_url(f"{home}#/today", timeout=PATIENCE)
    assert not Visit.objects.filter(county=stage.county).exists()

    page.context.set_offline(False)
    page.goto(f"{home}#/sync")
    expect(page.get_by_text("全部已发送")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="立即同步").click()
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="立即同步")).to_be_visible(timeout=PATIENCE)  # the tests' database is free
    [visit] = Visit.objects.filter(county=stage.county)
    assert (visit.outcome, visit.checked_in_by, visit.findings, visit.person_met) == ("done", "position", 1, "沈安全")
    [case] = Case.objects.filter(county=stage.county, origin_id=visit.id)
    assert case.words == WORDS
    assert len(attachments_of(case)) == 1
