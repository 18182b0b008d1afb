"""Lists and case pages of a large county, asked over HTTP as several roles; beside the same page's SQL alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from itertools import cycle, islice
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client

from benchmarks import asked
from benchmarks.caseload import Caseload
from benchmarks.county import COUNTY, County, build
from benchmarks.measure import percentile
from benchmarks.report import Row
from benchmarks.server import browser, cookie, static_files, web_server
from safegrid.cases import access, finding
from safegrid.foundation import clock
from safegrid.foundation.keyset import read_slice

TARGET_MS = 150
WARM = 3
BIG = ("cases_case", "cases_casetimer", "sites_site", "foundation_tracerow")
LIST = f"/cases/{COUNTY}/"
API = f"/api/v1/cases/{COUNTY}"


@dataclass
class Page:
    """What a role opens: one of ``paths`` after the other."""

    role: str
    name: str
    paths: list[str]


def pages(cases: int, sites: int, requests: int) -> list[Row]:
    """Fill a county and measure every page of ``_pages``."""
    static_files()
    county = build()
    Caseload(county, cases).write(sites)
    return measure(county, requests)


def measure(county: County, requests: int) -> list[Row]:
    """Ask for every page with one client, one request after another."""
    browsers = {role: browser(user) for role, user in county.people.items()}
    there = [page for page in _pages(county) if _is_there(browsers[page.role], page)]
    with web_server() as port:
        took = [_ask(port, cookie(browsers[page.role]), page, requests) for page in there]
    rows = []
    for page, times in zip(there, took, strict=True):
        statements = _statements(browsers[page.role], page.paths[0])
        plans = [(sql, *_plan(sql)) for sql in statements]
        bare = _bare(statements, requests)
        p95 = percentile(times, 0.95)
        slowest = max(plans, key=lambda plan: plan[2], default=("", "", 0.0))
        if p95 > TARGET_MS:
            print(f"\n{page.role}: {page.name}\n{slowest[0]}\n{slowest[1]}", file=sys.stderr)
        detail = f"p50 {percentile(times, 0.5):.0f} ms; {len(statements)} queries, slowest {slowest[2]:.1f} ms"
        rows.append(
            Row(f"{page.role}: {page.name}", p95, "ms p95", "its SQL alone, p95", percentile(bare, 0.95), TARGET_MS,
                detail + _scans([plan for _, plan, _ in plans]))
        )  # fmt: skip
    return rows


def _pages(county: County) -> Iterator[Page]:
    town, kinds = county.villages[0].town, [code for code, in _sql(
        "SELECT kind FROM cases_case GROUP BY kind ORDER BY count(*) DESC")]  # fmt: skip
    day = clock.today() - timedelta(days=400)
    number = _sql("SELECT number FROM cases_case ORDER BY reported_at LIMIT 1")[0][0]
    lists: dict[str, dict[str, Any]] = {
        "list": {}, "state": {"state": "handling"}, "my turn": {"queue": "my_turn"}, "overdue": {"queue": "overdue"},
        "near limit": {"queue": "near_limit"}, "severity": {"severity": "major"}, "common kind": {"kind": kinds[0]},
        "rare kind": {"kind": kinds[-1]}, "town": {"place": town}, "town and state": {"place": town, "state": "closed"},
        "a week": {"reported_at_from": day, "reported_at_to": day + timedelta(days=6)}, "number": {"words": number},
        "words": {"words": "现场编号77"}, "words that nothing has": {"words": "没有这句话"},
    }  # fmt: skip
    short = ("list", "state", "my turn", "overdue", "near limit", "rare kind")
    for role, names in {"lead_officer": tuple(lists), "town_officer": short, "department_officer": short,
                        "grid_member": ("list", "my turn")}.items():  # fmt: skip
        user = county.people[role]
        yield Page(role, "desk", ["/"])
        yield from (Page(role, name, [f"{LIST}?{urlencode(lists[name])}"]) for name in names)
        yield Page(role, "deep in the list", [f"{LIST}?{urlencode({'cursor': one})}" for one in _cursors(user)])
        seen = [str(one) for one in access.visible(user).filter(county=COUNTY).order_by("-reported_at", "-id")
                .values_list("id", flat=True)[:400]]  # fmt: skip
        yield Page(role, "case page", [f"{LIST}{one}/" for one in seen])
        yield Page(role, "API list", [API])
        yield Page(role, "API deep in the list", [f"{API}?{urlencode({'cursor': one})}" for one in _cursors(user)])
        yield Page(role, "API case", [f"{API}/{one}" for one in seen])


def _cursors(user: Any) -> list[str]:
    """Return cursors to five pages spread over the list that the user sees."""
    rows = access.visible(user).filter(county=COUNTY)
    moments = [clock.now() - timedelta(days=days) for days in (60, 200, 400, 700, 1000)]
    found = [read_slice(rows.filter(reported_at__lte=at), order=finding.LATEST, limit=1).next for at in moments]
    return [cursor for cursor in found if cursor] or [""]


def _is_there(client: Client, page: Page) -> bool:
    status = client.get(page.paths[0]).status_code if page.paths else 404
    if status != 200:
        print(f"  not measured ({status}): {page.role}, {page.name}", file=sys.stderr)
    return status == 200


def _ask(port: int, headers: dict[str, str], page: Page, requests: int) -> list[float]:
    """Return the milliseconds of every request, the whole answer read."""
    http, took = HTTPConnection("127.0.0.1", port, timeout=60), []
    for path in islice(cycle(page.paths), WARM + requests):
        began = perf_counter()
        http.request("GET", path, headers=headers)
        answer = http.getresponse()
        answer.read()
        took.append((perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {path}")
    http.close()
    return took[WARM:]


def _statements(client: Client, path: str) -> list[str]:
    client.get(path)  # catalogues are read once for all requests
    with asked.statements() as found:
        client.get(path)
    return [one for one in found if one.startswith(("SELECT", "(SELECT"))]


def _plan(sql: str) -> tuple[str, float]:
    """Return the plan as it was carried out, and its milliseconds."""
    lines = [line for (line,) in _sql(f"EXPLAIN (ANALYZE, BUFFERS) {sql}")]
    return "\n".join(lines), float(lines[-1].removeprefix("Execution Time: ").removesuffix(" ms"))


def _scans(plans: list[str]) -> str:
    found = {table for table in BIG for plan in plans if re.search(rf"Seq Scan on {table}\b", plan)}
    return f"; reads all of {', '.join(sorted(found))}" if found else ""


def _bare(statements: list[str], times: int) -> list[float]:
    """Return the milliseconds of carrying out the statements over a bare connection."""
    given = settings.DATABASES["default"]
    where = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    took = []
    with psycopg.connect(dbname=given["NAME"], autocommit=True, **where) as bare:
        for _ in range(WARM + times):
            began = perf_counter()
            for statement in statements:
                bare.execute(statement).fetchall()  # type: ignore[arg-type]
            took.append((perf_counter() - began) * 1000)
    return took[WARM:]


def _sql(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
