"""A browser at the console's door: signed in as anyone of the cast, against a live server."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from safegrid.accounts.models import User
from tests.cast import Cast
from tests.doors import signed_in

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
Open = Callable[..., Page]


def executable() -> str:
    """Return where Chromium is."""
    found = os.environ.get("SAFEGRID_CHROMIUM") or shutil.which("chromium")
    assert found, "no Chromium: run through `make test`, or install chromium"
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def stage(transactional_db: None) -> Cast:
    """The cast, in the database that the live server reads."""
    return Cast()


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[Open]:
    """Open a path as a user; the test fails on script errors, violated policy and requests to other hosts."""
    complaints: list[str] = []
    others = set(threading.enumerate())  # other servers' among them, whose clients may keep lines open
    contexts = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
        page.on("request", lambda asked: _own(asked.url, live_server.url) or complaints.append(f"foreign: {asked.url}"))

    def opened(user: User | None, path: str, *, size: dict[str, int] = WIDE, scripts: bool = True, **more: Any) -> Page:
        context = chromium.new_context(viewport=size, locale="zh-CN", java_script_enabled=scripts, **more)
        contexts.append(context)
        if user is not None:
            key = signed_in(user).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
        page = context.new_page()
        listen(page)
        page.goto(f"{live_server.url}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    _at_rest(live_server.url, others)
    assert complaints == []


def _at_rest(server: str, others: set[threading.Thread], patience: float = 30) -> None:
    """Wait until the server has done what closed pages still asked of it: it must not meet the database while that is emptied."""
    until = time.monotonic() + patience
    with suppress(HTTPError), urlopen(f"{server}/m/", timeout=patience):
        pass  # any answer will do: it comes after all that was asked before it has been taken up
    while any("process_request_thread" in one.name for one in set(threading.enumerate()) - others):
        assert time.monotonic() < until, "the server is still answering a page that was closed"
        time.sleep(0.02)


def _own(url: str, server: str) -> bool:
    return url.startswith((server, "data:", "blob:"))
