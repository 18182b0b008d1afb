"""A phone that was away: thirty days without a network, and a signal that comes back while no page is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from safegrid.cases.models import Case
from safegrid.field.models import FieldOperation
from safegrid.foundation import clock
from tests.browser.conftest import Open
from tests.browser.field.answered import listening
from tests.browser.field.phone import CLOCK
from tests.browser.test_field_app import PATIENCE, WORKER_IS_IN_CHARGE, _sign_in
from tests.browser.test_field_troubles import WORDS, _is_quiet, _is_sent, _phone, _pulled, _report
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AWAY = timedelta(days=30, hours=1)


def test_thirty_days_later_signing_in_again_sends_everything_with_its_own_times(open_page: Open, stage: Cast) -> None:
    page = _phone(open_page, stage)
    page.add_init_script(CLOCK)
    page.reload()
    _sign_in(page, stage, stage.grid_member)
    page.evaluate(WORKER_IS_IN_CHARGE)
    _pulled(page)
    page.context.set_offline(True)
    made_at = clock.now()
    _report(page, stage)
    page.evaluate("shift => localStorage.setItem('next-shift', shift)", str(AWAY.total_seconds() * 1000))
    with time_machine.travel(made_at + AWAY):
        page.reload()  # opened without a network a month later
        expect(page.get_by_text("没有网络。照常工作")).to_be_visible()
        expect(page.get_by_role("link", name="同步，1 件未发送")).to_be_visible()
        page.context.set_offline(False)  # by now the session has run out
        expect(page.get_by_role("heading", name="请重新登录")).to_be_visible()
        page.fill("input[name=password]", stage.password)
        page.click("button[type=submit]")
        expect(page.get_by_role("heading", name="请重新登录")).to_be_hidden()
        _is_sent(page, stage)
    operation = FieldOperation.objects.get(county=stage.county, kind="cases.report")
    case = Case.objects.get(county=stage.county, words=WORDS)
    for moment in (operation.device_time, operation.happened_at, case.found_at):
        assert abs(moment - made_at) < timedelta(minutes=1)
    for moment in (operation.received_at, case.reported_at):
        assert moment - made_at > timedelta(days=30)


def test_the_browser_wakes_the_worker_and_it_sends_with_no_page_open(open_page: Open, stage: Cast) -> None:
    page = _phone(open_page, stage)
    _sign_in(page, stage, stage.grid_member)
    page.evaluate(WORKER_IS_IN_CHARGE)
    _pulled(page)
    page.context.set_offline(True)
    _report(page, stage)
    _is_quiet(page)
    home = page.url.split("#")[0]
    elsewhere = page.context.new_page()  # the browser is open, the app is not
    worker = _worker(elsewhere)
    page.close()
    elsewhere.context.set_offline(False)
    assert not Case.objects.filter(county=stage.county).exists()
    with listening() as heard:
        worker("outbox")
        assert heard.until("/operations")
    assert Case.objects.filter(county=stage.county, words=WORDS).count() == 1

    page = elsewhere.context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(home + "#/sync")
    expect(page.get_by_text("全部已发送")).to_be_visible()
    _is_quiet(page)
    assert Case.objects.filter(county=stage.county).count() == 1


def _worker(page: Page) -> Callable[[str], None]:
    """Return what makes the browser wake the app's worker for a tag, as it does when there is a network again."""
    browser = page.context.new_cdp_session(page)
    found: list[dict[str, str]] = []
    browser.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    browser.send("ServiceWorker.enable")
    for _ in range(100):
        if not found:
            page.wait_for_timeout(100)
    [registration] = [one for one in found if one["scopeURL"].endswith("/m/")]
    origin = registration["scopeURL"].removesuffix("/m/")

    def wake(tag: str) -> None:
        about = {"origin": origin, "registrationId": registration["registrationId"], "tag": tag, "lastChance": False}
        browser.send("ServiceWorker.dispatchSyncEvent", about)

    return wake
