"""How long the field app takes to be there: first load on a slow line and a slow phone, second start, start without a network."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import hashers
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from benchmarks.county import COUNTY, build
from benchmarks.field.people import PASSWORD, SITE_TYPE, Carrier, carriers
from benchmarks.report import Row
from benchmarks.server import static_files, web_server
from safegrid.foundation import clock
from safegrid.grids.models import GridMember
from safegrid.patrols.work import plan_members
from safegrid.sites.models import Site

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync"]  # fmt: skip
NARROW = {"width": 390, "height": 844}
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWER = 4
PATIENCE = 60_000
FIRST_LOAD_KB, FIRST_S, AGAIN_S = 150, 4.0, 1.0
SIGN_IN, TODAY = "input[name=username]", ".today-row, .today .empty:not(:empty)"
# When a thing is on the screen and the main thread has time for a touch: seconds since the page was asked for.
WATCH = """(selector) => {
  const look = () => {
    const found = document.querySelector(selector);
    if (found === null || found.textContent === "正在读取…") return;
    watcher.disconnect();
    requestAnimationFrame(() => requestIdleCallback(() => { globalThis.ready = performance.now() / 1000; }));
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document, { subtree: true, childList: true, characterData: true });
}"""


def starts(sites: int, runs: int) -> list[Row]:
    """Open the app of a member with ``sites`` sites on phones that have nothing of it, and again; medians of ``runs``."""
    static_files()
    carrier = _member(sites)
    with web_server() as port, sync_playwright() as playwright:
        found = [_phone(playwright, f"http://127.0.0.1:{port}", carrier) for _ in range(runs)]
    middle = {name: statistics.median(one[name] for one in found) for name in found[0]}
    how = "1.6 Mbit/s, 150 ms, CPU slowed 4 times"
    return [
        Row("first load with sign-in until the day's list, without what is pulled, on the wire", middle["bytes"] / 1024, "KB",
            target=FIRST_LOAD_KB),
        Row("first load until the sign-in form takes touches", middle["first"], "s", target=FIRST_S, detail=how),
        Row("from the sign-in to the day's list, everything pulled", middle["signing in"], "s", detail=how),
        Row("second start until the day's list takes touches", middle["second"], "s", target=AGAIN_S, detail=how),
        Row("start without a network until the day's list takes touches", middle["offline"], "s", target=AGAIN_S,
            detail=f"{sites} sites on the phone, CPU slowed 4 times"),
    ]  # fmt: skip


def _member(number: int) -> Carrier:
    usual = settings.PASSWORD_HASHERS
    county = build()
    [carrier] = carriers(county, 1)
    settings.PASSWORD_HASHERS = usual  # this one signs in by password, at a server with its usual settings
    hashers.get_hashers.cache_clear()
    hashers.get_hashers_by_algorithm.cache_clear()
    carrier.user.set_password(PASSWORD)
    carrier.user.save()
    now, first = clock.now(), carrier.site
    Site.objects.bulk_create(
        Site(county=COUNTY, code=f"S-{position:05d}", name=f"沿街第{position}号商铺", site_type=SITE_TYPE, industry="5211",
             risk_grade=("red", "orange", "yellow", "blue")[position % 4], town=first.town, village=first.village,
             longitude=first.longitude + position % 20 * 2e-4, latitude=first.latitude + position // 20 * 2e-4,
             grid_id=first.grid_id, created_at=now, updated_at=now)
        for position in range(number)
    )  # fmt: skip
    plan_members(COUNTY, [GridMember.objects.get(county=COUNTY, user_id=carrier.user.id).id])
    return carrier


def _phone(playwright: Playwright, origin: str, carrier: Carrier) -> dict[str, float]:
    """Let one phone load, sign in, start again and start without a network; return seconds, and bytes of the first load."""
    executable = os.environ.get("SAFEGRID_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        raise RuntimeError("no Chromium: tools/browser.sh installs it, SAFEGRID_CHROMIUM names it")
    with tempfile.TemporaryDirectory(prefix="safegrid-start-", ignore_cleanup_errors=True) as place:
        context = playwright.chromium.launch_persistent_context(place, executable_path=executable, args=ARGUMENTS,
                                                                viewport=NARROW, locale="zh-CN")  # fmt: skip
        try:
            return _four_times(context, f"{origin}/m/", carrier)
        finally:
            context.close()


def _four_times(context: BrowserContext, url: str, carrier: Carrier) -> dict[str, float]:
    page, received = _slow_page(context, SIGN_IN)
    page.goto(url)
    found = {"first": _ready(page)}
    page.fill(SIGN_IN, carrier.user.username)
    page.fill("input[name=password]", PASSWORD)
    page.evaluate(f"() => {{ delete globalThis.ready; ({WATCH})({TODAY!r}); }}")
    before = page.evaluate("performance.now() / 1000")
    page.click("button[type=submit]")
    found["signing in"] = _ready(page) - before
    page.wait_for_timeout(500)
    found["bytes"] = float(received())
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.evaluate("location.hash = '#/sync'")
    page.get_by_text("上次拉取：今天").wait_for(timeout=PATIENCE)
    page.close()
    for name, offline in (("second", False), ("offline", True)):
        context.set_offline(offline)
        page, _ = _slow_page(context, TODAY, offline=offline)
        page.goto(url)
        found[name] = _ready(page)
        page.close()
    return found


def _slow_page(context: BrowserContext, waits_for: str, *, offline: bool = False) -> tuple[Page, Callable[[], int]]:
    """Return a page on a slow line and a slow phone, and how many bytes of the app itself have come to it."""
    page = context.new_page()
    page.add_init_script(f"({WATCH})({waits_for!r})")
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", {**LINE, "offline": offline})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    ours: set[str] = set()
    sizes: dict[str, int] = {}

    def asked(told: dict[str, Any]) -> None:
        if "/api/" not in told["request"]["url"]:
            ours.add(told["requestId"])

    devtools.on("Network.requestWillBeSent", asked)
    devtools.on(
        "Network.loadingFinished", lambda told: sizes.update({told["requestId"]: int(told["encodedDataLength"])})
    )
    return page, lambda: sum(size for key, size in sizes.items() if key in ours)


def _ready(page: Page) -> float:
    end = time.monotonic() + PATIENCE / 1000
    while (found := page.evaluate("globalThis.ready ?? null")) is None:  # the policy lets no words wait in the page
        if time.monotonic() > end:
            raise RuntimeError(f"the app does not open: {page.inner_text('body')[:300]}")
        page.wait_for_timeout(100)
    return float(found)
