"""What a member does in the chaos test: made in turn with a tab's core or on its screens, and remembered with its true time."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.field.phone import PATIENCE, Phone, picture


@dataclass
class Made:
    """One act. ``at``: the true time, seconds; ``pictures``: the camera's hash and colour of each; ``words`` find it again."""

    kind: str
    words: str
    at: float
    pictures: list[tuple[str, tuple[int, int, int]]]
    thing: str = ""  # the planned visit skipped, the notice read
    id: str = ""


@dataclass
class Member:
    """The member, with the phone in hand. ``seeded``: see ``inside.seed``."""

    phone: Phone
    seeded: dict[str, Any]
    luck: Random
    folder: Path
    made: list[Made] = field(default_factory=list)

    def does(self, page: Page, *kinds: str) -> None:
        """Do one thing of each kind, one after another."""
        for kind in kinds:
            getattr(self, f"_{kind}")(page)

    def _keep(self, page: Page, kind: str, payload: dict[str, Any], pictures: int = 0, *, noisy: bool = False,
              after: bool = False, thing: str = "") -> None:  # fmt: skip
        words = f"第 {len(self.made)} 件"
        files = [picture(self.luck, noisy=noisy) for _ in range(pictures)]
        if "words" in payload:
            payload["words"] = words
        if pictures:
            payload["photos"] = [f"photo:{n}" for n in range(pictures)]
        hashes = [(hashlib.sha256(data).hexdigest(), colour) for data, colour in files]
        one = Made(kind, words, time.time(), hashes, thing)
        needs = [self.made[-1].id] if after and self.made else []
        one.id = self.phone.act(page, kind, payload, words, [data for data, _ in files], needs)
        self.made.append(one)

    def _report(self, page: Page, **more: Any) -> None:
        site = self.luck.choice(self.seeded["sites"])
        where = {"longitude": site["longitude"], "latitude": site["latitude"]}
        payload = {"kind": self.seeded["kind"], "words": "", "site_id": site["id"], "place_words": "", "town": "",
                   "village": "", "suspected_major": False, "joins": None, **where}  # fmt: skip
        self._keep(page, "cases.report", payload, self.luck.choice((1, 1, 2)), **more)

    def _large_report(self, page: Page) -> None:
        self._report(page, noisy=True)

    def _report_after(self, page: Page) -> None:
        """One that must not arrive before the one before it."""
        self._report(page, after=True)

    def _visit(self, page: Page) -> None:
        site = self.luck.choice(self.seeded["sites"][6:])
        payload = {"site_id": site["id"], "checklist_id": None, "outcome": "closed", "checked_in_by": "position", "qr": "",
                   "longitude": site["longitude"], "latitude": site["latitude"], "accuracy_m": 8, "far_reason": "",
                   "person_met": "", "signature": None, "words": "", "answers": [], "task_id": None}  # fmt: skip
        self._keep(page, "patrols.visit", payload, 1)

    def _skip(self, page: Page) -> None:
        done = {one.thing for one in self.made}
        site = next(one for one in self.seeded["sites"][:6] if one["planned"] and one["planned"] not in done)
        payload = {"task_id": site["planned"], "site_id": site["id"], "reason": "下雨"}
        self._keep(page, "patrols.skip", payload, thing=site["planned"])

    def _read(self, page: Page) -> None:
        done = {one.thing for one in self.made}
        notice = next(one for one in self.seeded["notices"] if one not in done)
        self._keep(page, "notices.read", {"notice_id": notice}, thing=notice)

    def reports_by_hand(self, page: Page) -> None:
        """Report on the app's own screen: photo, kind, words, send."""
        words = f"第 {len(self.made)} 件"
        data, colour = picture(self.luck)
        expect(page.locator(".page").first).to_be_visible(timeout=PATIENCE)  # the router is there and hears
        page.evaluate("location.hash = '#/report'")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="拍照").first.click()
        file = self.folder / f"{len(self.made)}.jpg"
        file.write_bytes(data)
        chooser.value.set_files(file)
        expect(page.locator(".photos img")).to_have_count(1, timeout=PATIENCE)
        page.get_by_role("button", name=self.seeded["kind_name"]).first.click()
        page.get_by_placeholder("打字，或用键盘").fill(words)
        expect(page.get_by_text("误差约 8 米")).to_be_visible(timeout=PATIENCE)
        at = time.time()
        page.get_by_role("button", name="上报", exact=True).click()
        expect(page.get_by_text("已保存")).to_be_visible(timeout=PATIENCE)
        page.wait_for_url("**#/cases", timeout=PATIENCE)
        self.made.append(Made("cases.report", words, at, [(hashlib.sha256(data).hexdigest(), colour)]))


def faults(made: list[Made], counted: dict[str, Any]) -> list[str]:
    """Return in words what is not as it should be on the server."""
    wrong = []
    stored: dict[str, list[dict[str, Any]]] = {}
    for one in counted["operations"]:
        stored.setdefault(one["id"], []).append(one)
    for one in made:
        rows = stored.get(one.id, [])
        if len(rows) != 1:
            wrong.append(f"{one.words} {one.kind} {one.id}: stored {len(rows)} times")
            continue
        if abs(rows[0]["at"] - one.at) > 60:
            wrong.append(f"{one.words} {one.kind}: {(rows[0]['at'] - one.at) / 3600:+.2f} hours from when it happened")
        wrong += [f"{one.words} {one.kind}: {words}" for words in _effects(one, rows[0], counted)]
    ids = {one.id for one in made}
    order = [one["id"] for one in counted["operations"]]
    wrong += [f"stored, but never made: {one}" for one in order if one not in ids]
    if [one for one in order if one in ids] != [one.id for one in made if one.id in stored]:
        places = {one.id: place for place, one in enumerate(made)}
        wrong.append(f"in another order: {[places.get(one) for one in order]}")
    return wrong + counted["problems"]


def _effects(one: Made, stored: dict[str, Any], counted: dict[str, Any]) -> list[str]:
    """Return what the act itself lacks: its row, once, at the right time, with the right pictures."""
    key = stored["result"].get("id", "")
    if one.kind == "cases.report":
        rows = [row for row in counted["cases"] if row[1] == one.words]
    elif one.kind == "patrols.visit":
        rows = [row for row in counted["visits"] if row[1] == one.id]
    elif one.kind == "patrols.skip":
        return [] if counted["skips"].get(one.thing) == 1 else ["not skipped once"]
    else:
        return [] if one.thing in counted["read"] else ["not read"]
    wrong = [] if [row[0] for row in rows] == [key] else [f"{len(rows)} rows of it"]
    wrong += [f"its row is {row[2] - one.at:+.0f} s from when it happened" for row in rows if abs(row[2] - one.at) > 60]
    pictures = counted["pictures"].get(key, [])
    if [camera for camera, _ in one.pictures] != [had["camera"] for had in pictures]:
        return [*wrong, "other pictures"]
    for (_, colour), had in zip(one.pictures, pictures, strict=True):
        if max(abs(mine - its) for mine, its in zip(colour, had["colour"], strict=True)) > 12:
            wrong.append(f"a picture of another colour: {colour} {had['colour']}")
        if abs(had["taken"] - one.at) > 60:
            wrong.append(f"a picture taken {had['taken'] - one.at:+.0f} s from when it was")
    return wrong
