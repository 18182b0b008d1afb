"""Every page that the navigation offers: opens for its roles, in few queries, under the strict policy."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from safegrid.console.context import DESK, items
from safegrid.foundation.cache import distrust_everything
from tests.cast import PEOPLE, Cast

INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=\"|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?:src|href|action)=\"(?:https?:)?//", re.IGNORECASE)
MOST_QUERIES = 12


def links(html: str) -> list[str]:
    menu = html.split('id="navigation"')[1].split("</nav>")[0]
    return re.findall(r'<a class="nav-link" href="([^"]+)"', menu)


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_can_open_all_that_the_navigation_offers(cast: Cast, person: str) -> None:
    cast.everything()
    browser = cast.client(getattr(cast, person))
    offered = links(browser.get("/").content.decode())
    assert "/" in offered
    for link in offered:
        answer = browser.get(link, follow=True)
        assert answer.status_code == 200, link
        html = answer.content.decode()
        assert not INLINE.search(html), (link, INLINE.search(html))
        assert not ELSEWHERE.search(html), link
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("person", PEOPLE)
def test_no_page_of_the_navigation_asks_the_database_often(cast: Cast, person: str) -> None:
    cast.everything()
    browser = cast.client(getattr(cast, person))
    for link in links(browser.get("/").content.decode()):
        page = browser.get(link, follow=True).request["PATH_INFO"]  # and warms the caches of reference data
        distrust_everything()
        with CaptureQueriesContext(connection) as asked:
            browser.get(page)
        work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(work) <= MOST_QUERIES, (link, len(work), work)


def test_the_navigation_offers_only_what_a_role_may_open(cast: Cast) -> None:
    offered = {person: set(links(cast.client(getattr(cast, person)).get("/").content.decode())) for person in PEOPLE}
    assert "/accounts/" in offered["system_admin"]
    assert "/accounts/" not in offered["grid_member"]
    assert offered["outsider"] <= offered["lead_officer"] | {"/"}


def test_every_entry_of_the_navigation_leads_to_a_page() -> None:
    from django.urls import reverse

    assert DESK in items()
    for item in items():
        assert reverse(item.url_name), item


def test_whoever_has_not_signed_in_is_sent_to_the_door(client: object, db: None) -> None:
    answer = client.get("/")  # type: ignore[attr-defined]
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")


def test_the_page_open_now_is_marked_in_the_navigation(cast: Cast) -> None:
    html = cast.client(cast.system_admin).get("/accounts/").content.decode()
    marked = re.findall(r'href="([^"]+)" aria-current="page"', html)
    assert marked == ["/accounts/"]


def test_what_is_not_there_says_so_in_chinese_and_leads_back(cast: Cast) -> None:
    answer = cast.client(cast.lead_officer).get("/nothing-here/")
    assert answer.status_code == 404
    assert "找不到该内容" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_fragment_that_is_not_there_answers_what_the_script_can_show(cast: Cast) -> None:
    answer = cast.client(cast.lead_officer).get("/nothing-here/", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=2)
def test_too_large_a_form_is_told_as_such(cast: Cast) -> None:
    answer = cast.client(cast.lead_officer).post("/profile/contact/", {str(n): "x" for n in range(9)})
    assert answer.status_code == 413
    assert "提交的内容过大" in answer.content.decode()


def test_an_old_form_is_told_to_reload(cast: Cast) -> None:
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/sign-in/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "刷新页面" in answer.content.decode()


def test_a_fault_is_told_without_details_and_with_a_number(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from safegrid.console import desk

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(desk, "counts", broken)
    browser = cast.client(cast.lead_officer)
    browser.raise_request_exception = False
    answer = browser.get("/")
    words = answer.content.decode()
    assert answer.status_code == 500
    assert "系统出错了" in words
    assert "secret detail" not in words
    assert answer.headers["X-Request-Id"] in words
