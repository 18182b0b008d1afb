"""One case's life in a browser: four people, each at an own desk, from the list to the last signature."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from safegrid.accounts.models import User
from safegrid.cases.models import Case
from safegrid.cases.tests.steps import Steps
from safegrid.foundation import clock
from tests.browser.conftest import NARROW, Open
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SPOT = "120.010000,30.510000"


def photograph(folder: Path, shade: int) -> str:
    path = folder / f"{shade}.png"
    Image.new("RGB", (8, 8), (shade, 120, 60)).save(path)
    return str(path)


def act(open_page: Open, user: User, case: Case, verb: str, filled: dict[str, str], photo: str = "", **options) -> Page:
    """Go from the desk to the case whose turn it is, and use a verb in place."""
    page = open_page(user, "/", **options)
    page.click(f"a[href='/cases/{case.county}/{case.id}/']")
    page.click(f"a[href$='/{verb}/']")
    form = page.locator("#verb form")
    form.wait_for()
    for name, value in filled.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    if photo:
        form.locator("[name=attachment_ids]").set_input_files(photo)
    form.locator("button[type=submit]").click()
    page.wait_for_selector(".alert-success")
    return page


def state(case: Case) -> str:
    return Case.objects.get(county=case.county, id=case.id).state


def test_four_people_bring_a_case_from_filing_to_its_end(stage: Cast, open_page: Open, tmp_path: Path) -> None:
    steps = Steps(stage, clock.SimulatedClock(clock.now()))
    case, fire = steps.registered(), stage.fire_officer
    to_fire = {"department_id": str(stage.fire.id), "reason": "属消防职责"}
    act(open_page, stage.lead_officer, case, "dispatch", to_fire)
    act(open_page, fire, case, "receive", {})
    act(open_page, fire, case, "feed_back", {"result": "已清理"}, photograph(tmp_path, 10))
    act(open_page, stage.town_officer, case, "recheck_pass", {"point": SPOT}, photograph(tmp_path, 20), size=NARROW)
    page = act(open_page, stage.lead_officer, case, "close", {})
    assert state(case) == "closed"
    said = page.locator("main").inner_text()
    for verb in ("派遣", "接收", "反馈结果", "复查合格", "结案"):
        assert verb in said


def test_danger_is_confirmed_and_may_be_called_off(stage: Cast, open_page: Open) -> None:
    steps = Steps(stage, clock.SimulatedClock(clock.now()))
    case = steps.reported()
    page = open_page(stage.town_officer, f"/cases/{case.county}/{case.id}/")
    page.click("a[href$='/reject/']")
    page.fill("#verb [name=reason]", "重复")
    page.click("#verb button[type=submit]")
    page.click("dialog button:has-text('取消')")
    assert state(case) == "reported"
    page.click("#verb button[type=submit]")
    page.click("dialog button:has-text('确定')")
    page.wait_for_selector(".alert-success")
    assert state(case) == "rejected"


def test_who_comes_late_keeps_what_was_typed_and_may_refresh(stage: Cast, open_page: Open) -> None:
    steps = Steps(stage, clock.SimulatedClock(clock.now()))
    case = steps.dispatched()
    page = open_page(stage.fire_officer, f"/cases/{case.county}/{case.id}/")
    page.click("a[href$='/return_/']")
    page.fill("#verb [name=reason]", "不属本部门")
    act(open_page, stage.fire_officer, case, "receive", {})
    page.click("#verb button[type=submit]")
    page.wait_for_selector("#verb .alert-danger")
    assert page.input_value("#verb [name=reason]") == "不属本部门"
    page.click("#verb >> text=刷新案件")
    page.wait_for_selector("text=处置中")


def test_a_member_finds_the_site_and_the_kind_by_typing_and_sees_the_likely_duplicate(
    stage: Cast, open_page: Open
) -> None:
    steps = Steps(stage, clock.SimulatedClock(clock.now()))
    first = steps.reported()
    page = open_page(stage.grid_member, f"/cases/{stage.county}/new/", size=NARROW)
    page.locator("[name=site_words]").press_sequentially("涂料")
    page.click(f"#sites [value='{steps.site.id}']")
    page.select_option("[name=kind]", steps.kind)
    page.wait_for_selector(f"#similar >> text={first.number}")
