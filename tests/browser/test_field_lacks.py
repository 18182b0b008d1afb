"""A browser in which the app cannot keep anything: it says what is lacking and what to do, and takes no password."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, Open
from tests.browser.test_field_app import PATIENCE
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LACKS = [
    ("Object.defineProperty(window, 'indexedDB', { value: undefined })", "没有本机数据库"),
    ("IDBFactory.prototype.open = () => { throw new DOMException('private', 'InvalidStateError'); }", "请退出无痕模式"),
    ("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })", "没有加密功能"),
    ("Object.defineProperty(window, 'isSecureContext', { value: false })", "请用 https 地址打开"),
]


@pytest.mark.parametrize(("script", "says"), LACKS)
def test_what_a_browser_lacks_is_said(open_page: Open, stage: Cast, script: str, says: str) -> None:
    page = open_page(None, "/m/", size=NARROW)
    page.add_init_script(script)
    page.reload()
    expect(page.get_by_text(says)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("请升级微信或系统浏览器")).to_be_visible()
    expect(page.locator("input")).to_have_count(0)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0
