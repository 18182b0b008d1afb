"""A phone's browser: storage that outlives tabs, a clock that can be wrong, and the core at hand in every tab."""

from __future__ import annotations

import base64
import subprocess
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from tests.browser.conftest import ARGUMENTS, NARROW

PATIENCE = 90_000  # milliseconds, on a machine that does much else
ROOT = Path(__file__).parents[3]
# The phone's clock: off by what the storage says, in all tabs at once. A shift noted for the next start takes effect there.
CLOCK = """(() => {
  const Real = Date;
  try {
    const next = localStorage.getItem("next-shift");
    if (next !== null) {
      localStorage.setItem("shift", next);
      localStorage.removeItem("next-shift");
    }
  } catch { return; }
  const now = () => Real.now() + Number(localStorage.getItem("shift") ?? 0);
  class Moved extends Real {
    constructor(...given) { if (given.length === 0) super(now()); else super(...given); }
    static now() { return now(); }
  }
  globalThis.Date = Moved;
  // The worker's own clock is the machine's and cannot be moved from here: only pages send.
  if (globalThis.ServiceWorkerRegistration) delete ServiceWorkerRegistration.prototype.sync;
})()"""


def core_script(folder: Path) -> str:
    """Return the app's core as a script for a page (see ``frontend/field/tests/browser``)."""
    out = folder / "core.js"
    command = ["node", "tests/browser/bundle.mjs", str(out)]
    done = subprocess.run(command, cwd=ROOT / "frontend/field", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out.read_text()


def picture(luck: Random, *, noisy: bool = False) -> tuple[bytes, tuple[int, int, int]]:
    """Return a camera's file and the colour of its upper half. ``noisy``: so large after compression that it goes in parts."""
    colour = (luck.randrange(40, 216), luck.randrange(40, 216), luck.randrange(40, 216))
    width, height = (1000, 800) if noisy else (240, 200)
    image = Image.new("RGB", (width, height), colour)
    if noisy:
        image.paste(
            Image.frombytes("RGB", (width, height // 2), luck.randbytes(width * height // 2 * 3)), (0, height // 2)
        )
    file = BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue() + luck.randbytes(8), colour  # behind the end of a JPEG nobody looks: no two files are alike


class Phone:
    """One phone. ``origin``: where the server is for it; ``core``: see ``core_script``."""

    def __init__(self, playwright: Playwright, executable: str, folder: Path, origin: str, core: str) -> None:
        self.origin, self.core = origin, core
        self.complaints: list[str] = []
        self.context: BrowserContext = playwright.chromium.launch_persistent_context(
            str(folder), executable_path=executable, args=ARGUMENTS, viewport=NARROW, locale="zh-CN",
            geolocation={"longitude": 120.01, "latitude": 30.51, "accuracy": 8}, permissions=["geolocation"],
        )  # fmt: skip
        self.context.add_init_script(CLOCK)

    def open(self, path: str = "/m/") -> Page:
        """Open a tab on the app."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.origin + path, wait_until="domcontentloaded", timeout=PATIENCE)
        return page

    def sign_in(self, page: Page, username: str, password: str) -> None:
        """Fill in the real form; return when the frame is there."""
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        expect(page.locator(".frame")).to_be_visible(timeout=PATIENCE)

    def with_core(self, page: Page) -> Page:
        """Put the core into a tab of the app, signed in as the app is."""
        expect(page.locator(".frame")).to_be_visible(timeout=PATIENCE)
        page.evaluate(self.core)
        page.evaluate("core.begin()")
        return page

    def act(self, page: Page, kind: str, payload: Any, label: str, pictures: list[bytes], after: list[str]) -> str:
        """Make an operation with the core of a tab; return its id once it is saved."""
        files = [base64.b64encode(data).decode() for data in pictures]
        act = {"kind": kind, "payload": payload, "label": label, "pictures": files, "dependsOn": after}
        made: str = page.evaluate("act => core.act(act)", act)
        return made

    def known(self, page: Page) -> dict[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = page.evaluate("core.known()")
        return found

    def set_clock(self, page: Page, hours: float) -> None:
        """Move the phone's clock in all open tabs."""
        page.evaluate("shift => localStorage.setItem('shift', shift)", str(hours * 3_600_000))

    def set_clock_at_next_start(self, page: Page, hours: float) -> None:
        """Move the clock while the app is closed: what is open now does not notice."""
        page.evaluate("shift => localStorage.setItem('next-shift', shift)", str(hours * 3_600_000))

    def crash(self, page: Page) -> None:
        """Kill the tab's process, as a phone short of memory does."""
        with suppress(Error):
            page.goto("chrome://crash", timeout=5_000)
        page.close()

    def close(self) -> None:
        self.context.close()
