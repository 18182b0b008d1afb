"""The built assets at work in a browser, under the console's own content-security policy, without a server of ours."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from csp.utils import build_policy
from playwright.sync_api import Browser, Page, sync_playwright

pytestmark = pytest.mark.browser

ASSETS = Path(__file__).parents[2] / "safegrid/console/static/console"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
WITHOUT_WEBGL = ["--disable-gpu", "--disable-software-rasterizer", "--disable-3d-apis"]
WITH_WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="csrf-token" content="token">
<link rel="icon" href="/static/console/favicon.svg"><link rel="stylesheet" href="/static/console/console.css">
<script type="module" src="/static/console/console.js"></script></head><body>
<template data-toast="success">已保存</template>
<div data-map-url="/map.json"><p>经度 119.98</p></div>
<button id="dispatch" hx-post="/dispatch" hx-confirm="确定派遣吗" hx-target="#answer">派遣</button>
<button id="refused" hx-post="/refused">退回</button><div id="answer"></div>
<form method="post" action="/plain" data-confirm="确定作废吗"><button id="plain">作废</button></form>
</body></html>"""
SHAPES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"role": "grid"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[119.97, 30.52], [119.99, 30.52], [119.99, 30.54], [119.97, 30.52]]],
            },
        },
        {
            "type": "Feature",
            "properties": {"role": "case", "label": "案件"},
            "geometry": {"type": "Point", "coordinates": [119.98, 30.53]},
        },
    ],
}


@dataclass
class Site:
    """A small server: the page, its map data, the assets; keeps what was posted with which CSRF header."""

    posted: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def answer(self, body: bytes, kind: str, status: int = 200) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", build_policy())
                self.send_header("HX-Trigger", json.dumps({"toast": {"text": "办理完毕", "level": "info"}}))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                if self.path == "/":
                    return self.answer(PAGE.encode(), "text/html; charset=utf-8")
                if self.path == "/map.json":
                    return self.answer(json.dumps(SHAPES).encode(), "application/geo+json")
                file = ASSETS / self.path.removeprefix("/static/console/")
                if file.is_file():
                    return self.answer(file.read_bytes(), TYPES[file.suffix])
                return self.answer(b"", "text/plain", 404)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                site.posted.append((self.path, self.headers.get("X-CSRFToken")))
                if self.path == "/refused":
                    problem = {"title": "不能退回", "detail": "案件已被他人接收"}
                    return self.answer(json.dumps(problem).encode(), "application/problem+json", 403)
                return self.answer("<b>已派遣</b>".encode(), "text/html; charset=utf-8")

        return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), served.handler())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_port}/"
    yield served
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    executable = os.environ.get("SAFEGRID_CHROMIUM") or shutil.which("chromium")
    assert executable, "no Chromium: run through `make test`, or install chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=getattr(request, "param", WITH_WEBGL))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """The page, opened; the test fails on any violation of the policy or error of the script."""
    opened = browser.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    opened.goto(site.url)
    yield opened
    assert complaints == []


@pytest.mark.parametrize(("browser", "drawing"), [(WITH_WEBGL, "webgl"), (WITHOUT_WEBGL, "svg")], indirect=["browser"])
def test_the_map_is_drawn_with_or_without_webgl_and_keeps_its_words(page: Page, drawing: str) -> None:
    page.wait_for_selector("[data-map-state=webgl], [data-map-state=svg], [data-map-state=failed]")
    assert page.get_attribute("[data-map-url]", "data-map-state") == drawing
    assert page.locator("[data-map-url]").get_by_text("经度 119.98").is_visible()
    assert page.locator("[data-map-url]").get_by_text("案件").is_visible()
    assert page.locator(".map-canvas").count() == 1


def test_a_confirmed_request_goes_out_once_with_the_csrf_header(page: Page, site: Site) -> None:
    page.click("#dispatch")
    page.click("dialog button:has-text('取消')")
    assert site.posted == []
    page.click("#dispatch")
    page.click("dialog button:has-text('确定')")
    page.wait_for_selector("#answer b")
    assert site.posted == [("/dispatch", "token")]
    assert page.locator(".toast", has_text="办理完毕").is_visible()


def test_a_refusal_is_shown_in_the_words_of_the_server(page: Page) -> None:
    page.click("#refused")
    page.wait_for_selector(".toast:has-text('案件已被他人接收')")


def test_a_plain_form_asks_first_and_then_is_sent(page: Page, site: Site) -> None:
    page.click("#plain")
    page.click("dialog button:has-text('取消')")
    assert site.posted == []
    page.click("#plain")
    with page.expect_navigation():
        page.click("dialog button:has-text('确定')")
    assert [path for path, _ in site.posted] == ["/plain"]


def test_messages_carried_by_the_page_are_shown(page: Page) -> None:
    page.wait_for_selector(".toast:has-text('已保存')")
