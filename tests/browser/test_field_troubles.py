"""The field app when something is amiss: no worker, a session that ended, a phone signed out elsewhere, a refusal, two users."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from PIL import Image
from playwright.sync_api import Page, expect

from safegrid.accounts.models import UserSession
from safegrid.accounts.services.sessions import end_session
from safegrid.cases.models import Case
from safegrid.field.models import FieldOperation
from safegrid.foundation import cache
from safegrid.handbook.models import HazardKind
from safegrid.patrols.tests.planning import Patch
from tests.browser.conftest import NARROW, Open
from tests.browser.test_field_app import PATIENCE, WORKER_IS_IN_CHARGE, _sign_in
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "三号楼安全出口堆满纸箱"
WAKE = "window.dispatchEvent(new Event('online'))"  # as when a signal comes back
# Everything that lies on the phone, as text: what is sealed is not to be read in it.
EVERYTHING = """async () => {
  const answer = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await answer(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = await answer(database.transaction(store).objectStore(store).getAll());
      const text = (_, value) => (ArrayBuffer.isView(value) ? new TextDecoder().decode(value) : value);
      found.push(JSON.stringify([name, store, rows], text));
    }
    database.close();
  }
  return found.join("\\n");
}"""


def _phone(open_page: Open, stage: Cast, **more: Any) -> Page:
    """Open the app on a phone at the grid; the handbook is there to be pulled."""
    _ = stage.kinds, stage.duty_rules, stage.town_officer, stage.lead_officer
    place = {"longitude": 120.01, "latitude": 30.51, "accuracy": 8}
    page = open_page(None, "/m/", size=NARROW, geolocation=place, permissions=["geolocation"], **more)
    page.set_default_timeout(PATIENCE)
    return page


def _show(page: Page, path: str) -> None:
    expect(page.locator(".page").first).to_be_visible(timeout=PATIENCE)  # the router is there and hears
    page.evaluate(f"location.hash = '#{path}'")


def _pulled(page: Page) -> None:
    _show(page, "/sync")
    expect(page.get_by_text("上次拉取：今天")).to_be_visible(timeout=PATIENCE)


def _is_quiet(page: Page) -> None:
    """The app talks to nobody: the tests' database is one that two threads may not hold at once."""
    _show(page, "/sync")
    expect(page.get_by_role("button", name="立即同步")).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="立即同步")).to_be_visible(timeout=PATIENCE)


def _report(page: Page, stage: Cast) -> None:
    """Report on the app's screen; the app says that it is saved."""
    file = BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 60)).save(file, "JPEG")
    _show(page, "/report")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="拍照").first.click()
    chooser.value.set_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    expect(page.locator(".photos img")).to_have_count(1)
    page.get_by_role("button", name=stage.general_kind.name).first.click()
    page.get_by_placeholder("打字，或用键盘").fill(WORDS)
    expect(page.get_by_text("误差约 8 米")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="上报", exact=True).click()
    page.wait_for_url("**#/cases")


def _is_sent(page: Page, stage: Cast) -> None:
    """Sending, asked for, ends with nothing left on the phone and the report on the server once."""
    _show(page, "/sync")
    page.get_by_role("button", name="立即同步").click()
    expect(page.get_by_text("全部已发送")).to_be_visible(timeout=PATIENCE)
    _is_quiet(page)
    assert Case.objects.filter(county=stage.county, words=WORDS).count() == 1


def _sign_out(page: Page, says: str) -> None:
    _show(page, "/sync")
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator(".van-dialog")).to_contain_text(says)
    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.locator("input[name=username]")).to_be_visible(timeout=PATIENCE)


def test_without_a_worker_the_app_says_so_and_the_outbox_survives_a_reload(open_page: Open, stage: Cast) -> None:
    page = _phone(open_page, stage, service_workers="block")
    _sign_in(page, stage, stage.grid_member)
    expect(page.get_by_text("这个浏览器不能离线打开本应用").first).to_be_visible(timeout=PATIENCE)
    _pulled(page)
    page.route("**/api/v1/field/**", lambda route: route.abort())
    _report(page, stage)
    page.reload()
    _show(page, "/sync")
    expect(page.locator("article.card")).to_contain_text(stage.general_kind.name, timeout=PATIENCE)
    page.unroute("**/api/v1/field/**")
    _is_sent(page, stage)


def test_the_app_starts_without_a_network_and_shows_the_day(open_page: Open, stage: Cast) -> None:
    patch = Patch(stage, sites=3)
    patch.plan()
    planned = [one.site.name for one in patch.open()]
    page = _phone(open_page, stage)
    _sign_in(page, stage, stage.grid_member)
    page.evaluate(WORKER_IS_IN_CHARGE)
    _pulled(page)
    _show(page, "/today")
    page.get_by_role("radio", name="全部").click()
    expect(page.locator(".today-row")).to_have_count(len(planned), timeout=PATIENCE)
    page.context.set_offline(True)
    page.reload()
    page.get_by_role("radio", name="全部").click()
    expect(page.locator(".today-row")).to_have_count(len(planned), timeout=PATIENCE)
    for name in planned:
        expect(page.locator(".today-row", has_text=name).first).to_be_visible()


def test_work_left_unsent_waits_sealed_for_its_own_user(open_page: Open, stage: Cast) -> None:
    page = _phone(open_page, stage)
    _sign_in(page, stage, stage.grid_member)
    page.route("**/api/v1/field/*/operations", lambda route: route.abort())
    _report(page, stage)
    _sign_out(page, "本机还有 1 件没有发送")
    page.unroute("**/api/v1/field/*/operations")
    lying = page.evaluate(EVERYTHING)
    assert WORDS not in lying
    assert stage.general_kind.name not in lying

    _sign_in(page, stage, stage.next_grid_member)
    _show(page, "/sync")
    expect(page.get_by_text("全部已发送")).to_be_visible(timeout=PATIENCE)
    _show(page, "/cases")
    expect(page.get_by_text(WORDS)).to_have_count(0)
    _sign_out(page, "本机已拉取的资料将被清除")
    assert not Case.objects.filter(county=stage.county).exists()

    _sign_in(page, stage, stage.grid_member)
    _is_sent(page, stage)
    assert Case.objects.get(county=stage.county).reporter_id == stage.grid_member.id


def test_a_session_that_ended_keeps_everything_and_asks_to_sign_in_again(open_page: Open, stage: Cast) -> None:
    page = _phone(open_page, stage)
    _sign_in(page, stage, stage.grid_member)
    page.route("**/api/v1/field/*/operations", lambda route: route.abort())
    _report(page, stage)
    _is_quiet(page)
    Session.objects.all().delete()
    page.unroute("**/api/v1/field/*/operations")
    page.evaluate(WAKE)
    expect(page.get_by_role("heading", name="请重新登录")).to_be_visible(timeout=PATIENCE)
    assert not Case.objects.filter(county=stage.county).exists()
    page.fill("input[name=password]", stage.password)
    page.click("button[type=submit]")
    expect(page.get_by_role("heading", name="请重新登录")).to_be_hidden(timeout=PATIENCE)
    _is_sent(page, stage)


def test_a_phone_signed_out_from_elsewhere_destroys_its_key_and_keeps_what_was_not_sent(
    open_page: Open, stage: Cast
) -> None:
    page = _phone(open_page, stage)
    _sign_in(page, stage, stage.grid_member)
    page.route("**/api/v1/field/*/operations", lambda route: route.abort())
    _report(page, stage)
    assert '"name":"signed"' in page.evaluate(EVERYTHING)
    _is_quiet(page)
    [session] = UserSession.objects.filter(user=stage.grid_member, device_id__isnull=False)
    end_session(acting_user=stage.grid_member, session=session)
    page.unroute("**/api/v1/field/*/operations")
    page.evaluate(WAKE)
    expect(page.get_by_text("本机已被远程退出")).to_be_visible(timeout=PATIENCE)
    lying = page.evaluate(EVERYTHING)
    assert '"name":"signed"' not in lying
    assert WORDS not in lying
    _sign_in(page, stage, stage.grid_member)
    _is_sent(page, stage)


def test_a_refused_report_says_why_is_corrected_and_arrives_once(open_page: Open, stage: Cast) -> None:
    page = _phone(open_page, stage)
    _sign_in(page, stage, stage.grid_member)
    page.route("**/api/v1/field/*/operations", lambda route: route.abort())
    _report(page, stage)
    _is_quiet(page)
    HazardKind.objects.filter(county=stage.county, code=stage.general_kind.code).update(is_active=False)
    cache.forget_everything()
    page.unroute("**/api/v1/field/*/operations")
    _show(page, "/sync")
    page.get_by_role("button", name="立即同步").click()
    item = page.locator("article.card")
    expect(item).to_contain_text("需要改正", timeout=PATIENCE)
    expect(item).to_contain_text("类别")
    item.get_by_role("button", name="改正").click()
    expect(page.get_by_placeholder("打字，或用键盘")).to_have_value(WORDS, timeout=PATIENCE)
    page.get_by_role("button", name="换一类").click()
    page.get_by_role("button", name=stage.minor_kind.name).click()
    page.get_by_role("button", name="上报", exact=True).click()
    page.wait_for_url("**#/cases")
    _is_sent(page, stage)
    assert FieldOperation.objects.filter(county=stage.county, kind="cases.report").count() == 1
