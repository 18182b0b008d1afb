"""Everybody can use the field app: nothing serious by axe, text readable in the sun (7:1), targets that thumbs hit (44 px)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from safegrid.cases import services as cases
from safegrid.cases.tests.steps import Steps
from safegrid.foundation import clock
from safegrid.patrols.tests.planning import Patch
from tests.browser.conftest import NARROW, Open
from tests.browser.test_accessibility import AXE
from tests.browser.test_field_app import PATIENCE, _sign_in
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SERIOUS = """async () => {
  const rules = { "color-contrast-enhanced": { enabled: true } };
  const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa"], rules, resultTypes: ["violations"] });
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`));
}"""
# What a finger on the edge of a square of 44 px around a control's middle hits, is the control, or what stands for it.
MISSED = """() => {
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, [role=switch], [role=button], summary";
  const missed = [];
  for (const one of document.querySelectorAll(controls)) {
    const whole = one.closest("label, .van-field") ?? one;
    one.scrollIntoView({ block: "center" });
    const box = whole.getBoundingClientRect();
    if (box.width === 0 || getComputedStyle(one).visibility === "hidden") continue;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    for (const [dx, dy] of [[-21, 0], [21, 0], [0, -21], [0, 21]]) {
      const hit = document.elementFromPoint(x + dx, y + dy);
      if (hit !== null && !whole.contains(hit) && hit !== whole) {
        const size = `${Math.round(box.width)}x${Math.round(box.height)}`;
        missed.push(`${size} ${one.outerHTML.slice(0, 160)} at ${dx}, ${dy}: ${hit.outerHTML.slice(0, 100)}`);
      }
    }
  }
  return missed;
}"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _judged(page: Page, path: str, shows: str) -> list[str]:
    """What is amiss on a page that has come to show some words."""
    page.evaluate(f"location.hash = '#{path}'")
    if path == "/today":  # whatever day of the week it is
        page.get_by_role("radio", name="全部").click()
    expect(page.locator("main").get_by_text(shows).first).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(400)  # for what slides in
    page.evaluate(AXE.read_text("utf-8"))
    found = [*page.evaluate(SERIOUS), *page.evaluate(MISSED)]
    wider = page.evaluate(WIDER)
    return [f"{path}: {one}" for one in found] + ([f"{path}: {wider} px wider than the phone"] if wider > 0 else [])


def test_the_pages_of_the_app_can_be_read_and_touched_by_everybody(open_page: Open, stage: Cast) -> None:
    stage.everything()
    steps = Steps(stage, clock.SimulatedClock(clock.now()))
    member, officer = stage.grid_member, stage.town_officer
    to_verify = cases.assign_verification(
        acting_user=officer, case=steps.reported(), verifier_id=member.id, words="看看"
    )
    to_recheck = cases.assign_recheck(
        acting_user=officer, case=steps.rectified(), rechecker_id=member.id, words="量一量"
    )
    steps.work()
    patch = Patch(stage, sites=4)
    patch.plan()
    site, kind = patch.open()[0].site, stage.general_kind.name
    place = {"longitude": site.longitude, "latitude": site.latitude, "accuracy": 8}
    page = open_page(None, "/m/", size=NARROW, geolocation=place, permissions=["geolocation"])
    _sign_in(page, stage, member)
    page.evaluate("location.hash = '#/sync'")
    expect(page.get_by_text("上次拉取：今天")).to_be_visible(timeout=PATIENCE)
    pages = [
        ("/today", site.name), ("/report", "误差约 8 米"), ("/cases", kind), (f"/case/{to_verify.id}", "办理经过"),
        (f"/verify/cases.verify:{to_verify.id}", "误差约 8 米"), (f"/recheck/cases.recheck:{to_recheck.id}", "误差约 8 米"),
        ("/me", "大字模式"), ("/card", "工作任务"), ("/months", "巡查次数"), ("/handbook", stage.checklist.name),
        ("/contacts", "火警 119"), ("/notices", "交办核实"), ("/sync", "立即同步"), ("/sites", site.name),
        (f"/site/{site.id}", site.name), (f"/visit/{site.id}", "签到"), ("/map", "按风险"), ("/nowhere", "没有"),
    ]  # fmt: skip
    found = [one for path, shows in pages for one in _judged(page, path, shows)]
    page.evaluate("location.hash = '#/me'")
    page.get_by_role("switch", name="大字模式").click()
    found += [f"large: {one}" for path, shows in pages for one in _judged(page, path, shows)]
    assert found == [], "\n".join(found)
