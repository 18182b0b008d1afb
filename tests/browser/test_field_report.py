"""A report in five touches, and what could be the same thing: shown with and without a network, outside any grid too."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from safegrid.cases.models import Case
from tests.browser.conftest import NARROW, Open
from tests.browser.test_field_app import PATIENCE, WORKER_IS_IN_CHARGE, _sign_in
from tests.browser.test_field_troubles import WORDS, _is_quiet, _is_sent, _pulled, _show
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OUTSIDE = {"longitude": 120.3, "latitude": 30.6, "accuracy": 8}  # of every grid of the cast
ASKS = "附近已有同类案件，是同一件吗？"


class Finger:
    """Touches things, and counts how often."""

    touches = 0

    def on(self, what: Locator) -> None:
        self.touches += 1
        what.click()


def _photographed(page: Page, finger: Finger) -> None:
    file = BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 60)).save(file, "JPEG")
    with page.expect_file_chooser() as chooser:
        finger.on(page.get_by_role("button", name="拍照").first)
    chooser.value.set_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    expect(page.locator(".photos img")).to_have_count(1)


def test_a_report_takes_five_touches_and_is_offered_when_it_comes_again(open_page: Open, stage: Cast) -> None:
    _ = stage.kinds, stage.duty_rules, stage.town_officer, stage.lead_officer
    page = open_page(None, "/m/", size=NARROW, geolocation=OUTSIDE, permissions=["geolocation"])
    page.set_default_timeout(PATIENCE)
    _sign_in(page, stage, stage.grid_member)
    page.evaluate(WORKER_IS_IN_CHARGE)
    _pulled(page)
    _show(page, "/today")

    finger = Finger()
    finger.on(page.get_by_role("tab", name="上报").or_(page.locator(".van-tabbar-item", has_text="上报")).first)
    _photographed(page, finger)
    finger.on(page.get_by_role("button", name=stage.general_kind.name))
    finger.on(page.get_by_placeholder("打字，或用键盘"))
    page.keyboard.type(WORDS)
    expect(page.get_by_text(ASKS)).to_be_hidden()
    finger.on(page.get_by_role("button", name="上报", exact=True))
    page.wait_for_url("**#/cases")
    assert finger.touches == 5
    _is_sent(page, stage)
    first = Case.objects.get(county=stage.county)
    assert (first.longitude, first.latitude, first.site_id, first.town) == (120.3, 30.6, None, stage.town)

    page.context.set_offline(True)
    _show(page, "/report")
    page.get_by_role("button", name=stage.general_kind.name).click()
    expect(page.get_by_text(ASKS)).to_be_visible()
    page.get_by_role("radio", name="是这件").check()
    _photographed(page, finger)
    page.get_by_role("button", name="上报", exact=True).click()
    page.wait_for_url("**#/cases")
    page.context.set_offline(False)
    _show(page, "/sync")
    page.get_by_role("button", name="立即同步").click()
    expect(page.get_by_text("全部已发送")).to_be_visible()
    _is_quiet(page)
    joined = Case.objects.filter(county=stage.county).exclude(id=first.id).get()
    assert (joined.state, joined.merged_into_id) == ("merged", first.id)
