"""Case intake through the API on PostgreSQL: a member's program reports hazards with a photo, many at once; beside pgbench
writing the same rows by the same statements on the same server."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from threading import Lock
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from benchmarks import asked, pgbench
from benchmarks.county import COUNTY, County, build
from benchmarks.measure import Stopwatch, percentile
from benchmarks.report import Row
from benchmarks.server import static_files, token, web_server
from safegrid.files.models import Attachment
from safegrid.foundation import clock
from safegrid.foundation.ids import uuid7
from safegrid.sites.models import Site

PATH = f"/api/v1/cases/{COUNTY}"
KIND = "FIRE-EXIT-BLOCKED"
WARM = 20


class Reports:
    """The bodies of reports, each with a photo of its own that was uploaded before."""

    def __init__(self, county: County, number: int) -> None:
        self._lock, self._numbers = Lock(), count()
        self.site, self.photos = _site(county), _photos(county, number)

    def next(self) -> dict[str, Any]:
        with self._lock:
            number = next(self._numbers)
        return {
            "kind": KIND, "words": f"疏散通道被杂物堵塞，第{number}件", "channel": "member", "site_id": str(self.site.id),
            "longitude": self.site.longitude, "latitude": self.site.latitude,
            "attachment_ids": [str(self.photos[number])],
        }  # fmt: skip


def intake(requests: int, clients: Sequence[int], seconds: int) -> list[Row]:
    """Report ``requests`` cases with each number of clients; pgbench runs ``seconds`` with as many."""
    static_files()
    county = build()
    reports = Reports(county, 10 + (requests + WARM) * (len(clients) + 1))
    headers = {**token(county.people["grid_member"]), "Content-Type": "application/json"}
    statements = _statements(headers, reports)
    text = pgbench.script(statements)
    rows: list[Row] = []
    with web_server() as port:
        for number in clients:
            took, lasted = _report(port, headers, reports, requests, number)
            rows += _rows(f"{number} clients", took, lasted, pgbench.run(text, number, seconds), seconds)
    with web_server(whole=True) as port:
        took, lasted = _report(port, headers, reports, requests, clients[-1])
        rows += _rows(f"{clients[-1]} clients, worker and sequencer at work", took, lasted, [], seconds)
    writes = sum(one.startswith(("INSERT", "UPDATE")) for one in statements)
    rows[0].detail = f"{len(statements)} statements an intake, of which {writes} write"
    return rows


def _site(county: County) -> Site:
    village = county.villages[0]
    west, south, east, north = village.area.bounds
    now = clock.now()
    return Site.objects.create(
        county=COUNTY, code="S-0001", name="测算企业有限公司", site_type="enterprise", industry="2631", town=village.town,
        village=village.code, longitude=(west + east) / 2, latitude=(south + north) / 2, grid_id=village.grid.id,
        created_at=now, updated_at=now,
    )  # fmt: skip


def _photos(county: County, number: int) -> list[UUID]:
    ids, now, uploader = [uuid7() for _ in range(number)], clock.now(), county.people["grid_member"].id
    Attachment.objects.bulk_create(
        (Attachment(id=one, county=COUNTY, content_hash=secrets.token_hex(32), original_hash=secrets.token_hex(32),
                    media_type="image/jpeg", size=200_000, uploaded_by_id=uploader, uploaded_at=now) for one in ids),
        batch_size=1000,
    )  # fmt: skip
    return ids


def _statements(headers: dict[str, str], reports: Reports) -> list[str]:
    """Return what the third report asks the database; the first ones fill the catalogues."""
    client = Client(headers={**headers, "Host": "127.0.0.1"})
    for _ in range(3):
        with asked.statements() as found:
            answer = client.post(
                PATH, reports.next(), content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
            )
        if answer.status_code != 201:
            raise RuntimeError(f"{answer.status_code} {answer.content.decode()}")
    return found


def _report(
    port: int, headers: dict[str, str], reports: Reports, requests: int, clients: int
) -> tuple[list[float], float]:
    """Return the milliseconds of every request and the seconds of all."""

    def client(number: int) -> list[float]:
        http, took = HTTPConnection("127.0.0.1", port, timeout=60), []
        for _ in range(number):
            body = json.dumps(reports.next())
            began = perf_counter()
            http.request("POST", PATH, body, {**headers, "Idempotency-Key": str(uuid4())})
            answer = http.getresponse()
            words = answer.read()
            took.append((perf_counter() - began) * 1000)
            if answer.status != 201:
                raise RuntimeError(f"{answer.status} {words.decode()}")
        http.close()
        return took

    client(WARM)
    with ThreadPoolExecutor(clients) as pool, Stopwatch() as watch:
        took = [one for found in pool.map(client, [requests // clients] * clients) for one in found]
    return took, watch.seconds


def _rows(words: str, took: list[float], lasted: float, bare: list[float], seconds: int) -> list[Row]:
    peer = "pgbench, the same inserts" if bare else ""
    return [
        Row(words, len(took) / lasted, "cases/s", peer, len(bare) / seconds if bare else None),
        Row(words, percentile(took, 0.5), "ms p50", peer, percentile(bare, 0.5) if bare else None),
        Row(words, percentile(took, 0.95), "ms p95", peer, percentile(bare, 0.95) if bare else None),
    ]
