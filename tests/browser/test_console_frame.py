"""The console's frame in a browser: no sideways scrolling, keyboard, menu, language, print."""

from __future__ import annotations

import pytest

from tests.browser.conftest import NARROW, WIDE, Open
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440", "390"])
@pytest.mark.parametrize("role", ["lead_officer", "grid_member", "site_contact", "system_admin"])
def test_no_page_of_the_navigation_scrolls_sideways(stage: Cast, open_page: Open, role: str, size: dict) -> None:
    stage.everything()
    page = open_page(getattr(stage, role), "/", size=size)
    links = page.eval_on_selector_all("#navigation a.nav-link", "all => all.map(one => one.getAttribute('href'))")
    assert "/" in links
    for link in links:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + link)
        assert page.evaluate(WIDER) == 0, link
        assert page.locator("h1").inner_text().strip(), link


def test_the_first_tab_leads_past_the_menu_to_the_content(stage: Cast, open_page: Open) -> None:
    page = open_page(stage.lead_officer, "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_menu_opens_on_a_narrow_screen(stage: Cast, open_page: Open) -> None:
    page = open_page(stage.lead_officer, "/", size=NARROW)
    assert not page.locator("#navigation a", has_text="工作台").is_visible()
    page.click("button[data-bs-target='#navigation']")
    page.locator("#navigation a", has_text="工作台").wait_for(state="visible")


def test_the_language_is_switched_on_the_page_itself_and_back(stage: Cast, open_page: Open) -> None:
    page = open_page(stage.lead_officer, "/")
    page.click("button[lang=en]")
    assert page.get_attribute("html", "lang") == "en"
    page.click("button[lang=zh-hans]")
    assert page.get_attribute("html", "lang") == "zh-hans"


def test_menus_and_buttons_are_not_printed(stage: Cast, open_page: Open) -> None:
    page = open_page(stage.lead_officer, "/")
    page.emulate_media(media="print")
    assert not page.locator("aside.navbar").is_visible()
    assert page.locator("h1").is_visible()


def test_the_desk_can_be_read_without_scripts(stage: Cast, open_page: Open) -> None:
    page = open_page(stage.lead_officer, "/", scripts=False)
    assert page.locator("h1").inner_text() == "工作台"
