"""Picture every page of the console as each role sees it: `tools/with_env.sh .venv/bin/python tools/screenshots.py`.

Works on a copy of the demo's SQLite database, crawls from the desk, and takes one page of each kind (URL name) at 1440 and 390
pixels into var/screenshots/<role>/. Prints what scrolls sideways, fails or breaks the content-security policy; exit status 1
when there was any. Arguments: the kinds of roles to do (default: all that somebody holds).
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
SIZES = ((1440, 900), (390, 844))
MOST_PAGES = 120
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LINKS = "all => all.map(one => one.getAttribute('href'))"


def copied(folder: Path) -> None:
    """Point Django at a copy of the database: signing in by force must not touch anybody's second factor."""
    url = os.environ.get("DATABASE_URL", "sqlite:///var/safegrid.sqlite3")
    if not url.startswith("sqlite:///"):
        sys.exit("screenshots are taken of a SQLite database only; unset DATABASE_URL")
    source, target = ROOT / url.removeprefix("sqlite:///"), folder / "copy.sqlite3"
    if not source.is_file():
        sys.exit(f"no database at {source}; run `make demo` first")
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    os.environ.update(
        DATABASE_URL=f"sqlite:///{target}", DJANGO_SETTINGS_MODULE="config.settings_test", DJANGO_ALLOW_ASYNC_UNSAFE="1"
    )


def served() -> str:
    """Start a server in a thread; return its address."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def name_of(path: str) -> str:
    """Return the URL name of a page of ours, with what a query chooses of it left out; "" for anything else."""
    from django.urls import Resolver404, resolve

    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or "export=" in parts.query:
        return ""
    try:
        match = resolve(parts.path)
    except Resolver404:
        return ""
    if match.view_name.startswith("files:") or Path(parts.path).suffix:  # a file to be saved, not a page
        return ""
    variant = "-".join(sorted(str(value) for value in match.kwargs.values() if not re.search(r"\d{4}|-", str(value))))
    return re.sub(r"[^\w-]+", ".", f"{match.view_name}.{variant}".strip("."))


def picture(browser: Any, base: str, role: str, user: Any, folder: Path) -> list[str]:
    """Crawl as ``user``; return what is wrong."""
    from tests.doors import signed_in

    key = signed_in(user).cookies["sessionid"].value
    problems: list[str] = []
    context = browser.new_context(locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": key, "url": base}])
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(f"{role} {page.url}: {error}"))
    page.on("console", lambda line: problems.append(line.text) if "Security Policy" in line.text else None)
    seen, waiting = {"desk"}, [("desk", "/")]
    while waiting and len(seen) <= MOST_PAGES:
        name, path = waiting.pop(0)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            answer = page.goto(base + path)
            if not (answer.headers.get("content-type") or "").startswith("text/html"):
                break
            page.wait_for_load_state("networkidle")
            if answer.status != 200:
                problems.append(f"{role} {path}: HTTP {answer.status}")
            if (wider := page.evaluate(WIDER)) > 0:
                problems.append(f"{role} {path}: {wider} px too wide at {width}")
            page.screenshot(path=str(folder / role / f"{name}-{width}.png"), full_page=True)
        for link in page.eval_on_selector_all("a[href]", LINKS):
            if (found := name_of(link)) and found not in seen:
                seen.add(found)
                waiting.append((found, link))
    context.close()
    print(f"{role}: {len(seen)} pages")
    return problems


def main(wanted: list[str]) -> int:
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory(prefix="safegrid-screenshots-") as scratch:
        copied(Path(scratch))
        import django

        django.setup()
        from playwright.sync_api import sync_playwright

        from safegrid.accounts.models import Role
        from safegrid.foundation import clock

        folder = ROOT / "var/screenshots"
        shutil.rmtree(folder, ignore_errors=True)
        holders: dict[str, Any] = {}
        for role in Role.objects.in_force(clock.today()).select_related("user").order_by("user__created_at"):
            holders.setdefault(role.kind, role.user)
        base, problems = served(), []
        chromium = os.environ.get("SAFEGRID_CHROMIUM") or shutil.which("chromium")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            for kind, user in sorted(holders.items()):
                if not wanted or kind in wanted:
                    problems += picture(browser, base, kind, user, folder)
            browser.close()
    print(*problems, f"pictures in {folder}", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
