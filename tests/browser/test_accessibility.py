"""Everybody can use the console: axe finds nothing serious at either width, and the main path needs no mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from safegrid.accounts.models import User
from safegrid.cases.tests.steps import Steps
from safegrid.foundation import clock

# The land, its people and a division worked out, as the tests of planning lay them.
from safegrid.planning.tests.conftest import county, draft, land, lead, person, ready, scatter  # noqa: F401
from safegrid.statistics import services as statistics
from tests.browser.conftest import NARROW, WIDE, Open
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
SERIOUS = """async () => {
  const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa"], resultTypes: ["violations"] });
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`));
}"""
SENT_EMPTY = """forms => {
  const form = forms.find((one) => one.matches(".verb-form")) ?? forms.at(-1);
  for (const field of form.elements) if (field.name && field.type !== "hidden") field.value = "";
  form.noValidate = true;
  form.requestSubmit();
}"""
LONGEST_WAY = 120  # stops of the Tab key


@pytest.fixture
def time() -> None:
    """In place of planning's simulated clock, which the live server would not share: today is today."""


def serious(page: Page) -> list[str]:
    """What axe finds on the page as it stands, wide and narrow."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text("utf-8"))
    found = []
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        page.wait_for_timeout(100)  # for what a change of width sets going
        found += [f"{page.url} at {size['width']}: {one}" for one in page.evaluate(SERIOUS)]
    return found


def judged(open_page: Open, user: User | None, *paths: str) -> list[str]:
    """The same of every path, as ``user`` sees it. After ``!`` the page's form is sent empty first."""
    page = open_page(user, "/sign-in/")
    server, found = page.url.split("/sign-in/")[0], []
    for path in paths:
        page.set_viewport_size(WIDE)
        page.goto(server + path.removeprefix("!"))
        if path.startswith("!"):
            page.eval_on_selector_all("main form", SENT_EMPTY)
            page.wait_for_selector("main :is(.invalid-feedback, .alert-danger)")
        found += serious(page)
    page.context.close()
    return found


def test_axe_finds_nothing_serious_on_the_pages_of_the_roles(stage: Cast, open_page: Open) -> None:
    stage.everything()
    steps = Steps(stage, clock.SimulatedClock(clock.now()))
    filed, sent, open_case = steps.rectified(), steps.dispatched(), steps.registered()
    statistics.keep(stage.county, places=True)
    here, site = stage.county, stage.site

    def case(of) -> str:
        return reverse("cases:detail", args=[here, of.id])

    def list_of(*names: str) -> list[str]:
        return [reverse(name) for name in names]

    found = judged(
        open_page,
        stage.lead_officer,
        *list_of("desk", "cases:list", "sites:list", "grids:list", "grids:members", "planning:list", "planning:create"),
        *list_of("statistics:overview", "statistics:compare", "statistics:screen", "duties:matrix", "handbook:kinds"),
        *list_of("map:home", "notices:inbox", "profile", "sites:import_list"),
        "/cases/?number=nothing-like-it",
        case(open_case),
        f"!{case(open_case)}dispatch/",
        reverse("sites:detail", args=[here, site.id]),
        reverse("dossier:site", args=[here, site.id]),
        reverse("grids:grid", args=[here, stage.grid.id]),
        reverse("grids:member", args=[here, stage.member_of(stage.grid_member).id]),
        "/nothing-here/",
    )
    found += judged(open_page, stage.grid_member, "/", f"!/cases/{here}/new/", case(filed))
    found += judged(open_page, stage.fire_officer, "/", case(sent))
    found += judged(open_page, stage.leader, "/", "/statistics/")
    found += judged(open_page, stage.site_contact, "/")
    found += judged(open_page, stage.system_admin, "/", "/accounts/", "!/accounts/open/")
    found += judged(open_page, None, "/sign-in/", "!/sign-in/")
    assert found == []


def test_axe_finds_nothing_serious_on_a_division(open_page: Open, ready, lead) -> None:  # noqa: F811
    scenario = reverse("planning:scenario", args=[ready.county, ready.pk])
    assert judged(open_page, lead, "/planning/", scenario, f"{scenario}units/") == []


def tab_to(page: Page, target: str) -> None:
    """Press Tab until what ``target`` selects has the focus, and see that the focus shows."""
    for _ in range(LONGEST_WAY):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({target!r})"):
            return
    raise AssertionError(f"the Tab key never reaches {target}")


def test_desk_case_and_verb_are_done_without_a_mouse(stage: Cast, open_page: Open) -> None:
    case = Steps(stage, clock.SimulatedClock(clock.now())).registered()
    _ = stage.fire
    page = open_page(stage.lead_officer, "/")
    tab_to(page, f"a[href='/cases/{case.county}/{case.id}/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/**")
    tab_to(page, "a[href$='/dispatch/']")
    shown = page.evaluate("(one => one.outlineStyle + one.boxShadow)(getComputedStyle(document.activeElement))")
    assert shown != "nonenone"
    page.keyboard.press("Enter")
    page.wait_for_selector("#verb form")
    tab_to(page, "#verb [name=department_id]")
    for _ in range(10):
        if "消防" in page.evaluate("document.activeElement.selectedOptions[0].text"):
            break
        page.keyboard.press("ArrowDown")
    tab_to(page, "#verb [name=reason]")
    page.keyboard.type("属消防职责")
    tab_to(page, "#verb [type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".alert-success")
    case.refresh_from_db()
    assert (case.state, case.department_id) == ("dispatched", stage.fire.id)


def test_menus_filters_and_questions_are_opened_and_closed_by_keys(stage: Cast, open_page: Open) -> None:
    case = Steps(stage, clock.SimulatedClock(clock.now())).reported()
    page = open_page(stage.town_officer, "/cases/")
    tab_to(page, "header [data-bs-toggle=dropdown]")
    page.keyboard.press("Enter")
    page.wait_for_selector("header .dropdown-menu.show")
    page.keyboard.press("Escape")
    page.wait_for_selector("header .dropdown-menu", state="hidden")
    tab_to(page, ".filters select")
    tab_to(page, ".filters details > summary, .list-tools details > summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")
    page.goto(page.url.split("/cases/")[0] + f"/cases/{case.county}/{case.id}/")
    tab_to(page, "a[href$='/reject/']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#verb form")
    tab_to(page, "#verb [name=reason]")
    page.keyboard.type("重复")
    tab_to(page, "#verb [type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert page.evaluate("document.activeElement.matches('#verb [type=submit]')")


def test_paper_shows_whole_tables_and_nothing_to_press(stage: Cast, open_page: Open) -> None:
    Steps(stage, clock.SimulatedClock(clock.now())).reported()
    page = open_page(stage.lead_officer, "/cases/", size={"width": 700, "height": 1000})  # A4 between its margins
    page.emulate_media(media="print")
    for hidden in (".btn", "button", ".navbar", ".nav", ".filters", "input"):
        assert page.locator(f"{hidden}:visible").count() == 0, hidden
    assert page.locator("main th:visible").count() > 3
    edge = page.evaluate(
        "Math.max(...[...document.querySelectorAll('main table')].map(t => t.getBoundingClientRect().right))"
    )
    assert edge <= 700
    assert page.evaluate("getComputedStyle(document.querySelector('main td')).color") == "rgb(0, 0, 0)"
