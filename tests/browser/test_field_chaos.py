"""The field app where everything fails: network, answers, server, tabs, clock. Nothing is lost, doubled, mixed up or misdated."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from safegrid.field.web import BUILT
from tests.browser.conftest import executable
from tests.browser.field.acts import Member, faults
from tests.browser.field.line import Line
from tests.browser.field.phone import PATIENCE, Phone, core_script
from tests.faults.installation import Installation, installation  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
SEED = 20_260
INSIDE = "tests.browser.field.inside"
MIX = ("report", "visit", "skip", "report_after", "read")


@pytest.fixture
def line(installation: Installation) -> Iterator[Line]:  # noqa: F811
    with Line(installation.port).open() as made:
        yield made


@pytest.fixture
def member(installation: Installation, line: Line, tmp_path: Path) -> Iterator[Member]:  # noqa: F811
    shutil.copytree(BUILT, tmp_path / "static" / "field")  # what `collectstatic` would do
    seeded = installation.inside("seed", module=INSIDE)
    core = core_script(tmp_path)
    with sync_playwright() as playwright:
        phone = Phone(playwright, executable(), tmp_path / "phone", line.origin, core)
        yield Member(phone, seeded, Random(SEED), tmp_path)
        phone.close()


def test_fifty_acts_arrive_once_in_order_with_their_photos_and_times(member: Member, line: Line,
                                                                     installation: Installation) -> None:  # noqa: F811  # fmt: skip
    installation.start()
    page = _signed_in(member)
    line.is_bad = True
    page = _while_answers_are_lost(member, page)
    page = _without_a_network(member, page)
    page, other = _in_two_tabs_while_the_server_dies(member, page, installation)
    page = _while_tabs_die(member, page, other, installation)
    line.is_bad = False
    assert len(member.made) == 50
    known = _until_empty(member, page)
    _name_those_made_by_hand(member, known)
    installation.kill()
    counted = installation.inside("count", module=INSIDE)
    assert known["left"] == [], known["left"]
    assert faults(member.made, counted) == [], dict(line.met)
    assert line.met["lost operations"] > 0
    assert line.met["unanswered operations"] + line.met["unanswered uploads"] > 0
    assert member.phone.complaints == []


def _signed_in(member: Member) -> Page:
    page = member.phone.open()
    member.phone.sign_in(page, member.seeded["username"], member.seeded["password"])
    page.evaluate("location.hash = '#/sync'")
    expect(page.get_by_text("上次拉取：今天")).to_be_visible(timeout=PATIENCE)
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    return member.phone.with_core(page)


def _while_answers_are_lost(member: Member, page: Page) -> Page:
    """Acts 0 to 11: a network that is there and loses much; the clock is wrong by hours, then jumps."""
    member.phone.set_clock(page, 5)
    member.does(page, *MIX)
    member.reports_by_hand(page)
    member.phone.set_clock(page, -3)
    member.does(page, *MIX, "large_report")
    return page


def _without_a_network(member: Member, page: Page) -> Page:
    """Acts 12 to 25: no network; the tab dies, the clock is set while the app is closed, the app opens from the phone alone."""
    page.context.set_offline(True)
    member.does(page, *MIX)
    member.phone.set_clock(page, 26)
    member.does(page, "visit", "report")
    member.phone.set_clock_at_next_start(page, -9)
    member.phone.crash(page)
    page = member.phone.open()
    for _ in range(2):
        member.reports_by_hand(page)
    member.phone.set_clock(page, -4)
    member.reports_by_hand(page)
    page.context.set_offline(False)
    page.evaluate("location.hash = '#/sync'")
    _until(lambda: page.get_by_text("全部已发送").count() > 0, page)
    member.phone.with_core(page)
    member.does(page, "visit", "read", "large_report", "skip")
    return page


def _in_two_tabs_while_the_server_dies(member: Member, page: Page, server: Installation) -> tuple[Page, Page]:
    """Acts 26 to 37: two tabs with the core in each, sending at once; the server is killed among them and comes back."""
    other = member.phone.with_core(member.phone.open())
    member.does(page, "visit", "report")
    member.does(other, "report_after", "visit")
    for tab in (page, other):
        tab.evaluate("void core.send()")
    server.kill()
    member.does(page, "report", "visit", "skip")
    member.does(other, "report", "report_after")
    for tab in (page, other):
        tab.evaluate("void core.send()")
    server.start()
    member.does(other, "visit")
    for tab in (page, other):
        tab.evaluate("void core.send()")
    member.does(page, "large_report", "read")
    return page, other


def _while_tabs_die(member: Member, page: Page, other: Page, server: Installation) -> Page:
    """Acts 38 to 49: tabs are killed in the middle of sending, the server once more, and the clock jumps."""
    member.does(other, "visit", "report")
    other.evaluate("void core.send()")
    member.phone.crash(other)
    member.does(page, "report", "visit", "report")
    page.evaluate("void core.send()")
    page.close()
    page = member.phone.with_core(member.phone.open())
    member.phone.set_clock(page, 11)
    member.does(page, "report_after", "visit")
    server.kill()
    member.does(page, "report", "report", "visit")
    page.close()
    server.start()
    page = member.phone.with_core(member.phone.open())
    member.does(page, "visit", "report")
    return page


def _until_empty(member: Member, page: Page) -> dict[str, list[dict[str, Any]]]:
    """Let the phone send until it has nothing more; return what it knows in the end."""
    page.evaluate("location.hash = '#/sync'")
    _until(lambda: not member.phone.known(page)["left"], page)
    return member.phone.known(page)


def _until(reached: Any, page: Page) -> None:
    """Touch "send now" from time to time, as an impatient user does, until something is reached or patience ends."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end and not reached():
        button = page.get_by_role("button", name="立即同步")
        if button.count():
            button.click()
        page.wait_for_timeout(1000)


def _name_those_made_by_hand(member: Member, known: dict[str, list[dict[str, Any]]]) -> None:
    """Give the acts of screens their ids: by the log, in which all of one label stand in the order sent."""
    named = {one.id for one in member.made}
    unnamed = iter([one["id"] for one in known["sent"] if one["id"] not in named])
    for one in member.made:
        one.id = one.id or next(unnamed, "")
