"""Simulated phones return to the network together, each with its outbox; afterwards the rows are counted."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.test import Client

from benchmarks import asked, pgbench
from benchmarks.county import COUNTY, build
from benchmarks.field.count import faults, stored
from benchmarks.field.people import Carrier, carriers, photos
from benchmarks.field.phone import Phone, Tally, operation
from benchmarks.measure import Stopwatch, percentile
from benchmarks.report import Row
from benchmarks.server import static_files, web_server
from safegrid.foundation.ids import uuid7
from safegrid.handbook.selectors import checklist_for, items_of

KIND = "FIRE-EXIT-BLOCKED"
PICTURES = 50  # different ones in all


def returning(devices: int, operations: int, seconds: int, photographed: int = 5) -> list[Row]:
    """Let ``devices`` phones with ``operations`` acts each return at once; pgbench writes a visit's rows for ``seconds``.

    Of a phone's acts ``photographed`` are reports and as many are visits with every item answered, with a photo each; the rest
    are visits to a closed door.
    """
    static_files()
    county = build()
    pictures = photos(PICTURES, seed=7)
    *members, alone = carriers(county, devices + 1)  # pgbench writes in the name of one that sends nothing
    phones = [_phone(one, operations, photographed, pictures, at) for at, one in enumerate(members)]
    bare = _bare(alone, seconds)
    with web_server(whole=True) as port, ThreadPoolExecutor(devices) as pool, Stopwatch() as watch:
        tallies = list(pool.map(lambda phone: phone.empty(port), phones))
    return _rows(phones, tallies, watch.seconds, bare, seconds)


def _phone(carrier: Carrier, number: int, photographed: int, pictures: list[bytes], at: int) -> Phone:
    sent: list[dict[str, Any]] = []
    uploads: dict[str, bytes] = {}

    def photo() -> str:
        upload = str(uuid7())
        uploads[upload] = pictures[(at * 2 * photographed + len(uploads)) % len(pictures)]
        return upload

    for position in range(number):
        if position < photographed:
            payload = {"kind": KIND, "words": f"疏散通道被杂物堵塞，第{position}处", "site_id": str(carrier.site.id)}
            sent.append(operation("cases.report", {**payload, "photos": [photo()]}))
        else:
            of_place = photo() if position < 2 * photographed else ""
            sent.append(operation("patrols.visit", _visit(carrier, of_place)))
    return Phone(carrier, sent, uploads, seed=at)


def _visit(carrier: Carrier, photo: str = "") -> dict[str, Any]:
    """Return a visit to a closed door; with a photo one with every item of the checklist answered."""
    site = carrier.site
    payload = {"site_id": str(site.id), "outcome": "closed", "checked_in_by": "position", "longitude": site.longitude,
               "latitude": site.latitude, "accuracy_m": 12.0}  # fmt: skip
    if not photo:
        return payload
    checklist = checklist_for(COUNTY, site.site_type, site.industry)
    assert checklist is not None
    answers = [
        {"item_id": str(item.id), "photos": [photo]}
        if item.answer_kind == "photo"
        else {"item_id": str(item.id), "value": "yes" if item.answer_kind == "yes_no" else "1"}
        for item in items_of(checklist)
    ]
    return {**payload, "outcome": "done", "checklist_id": str(checklist.id), "person_met": "店主", "answers": answers}


def _bare(carrier: Carrier, seconds: int) -> list[float]:
    """Return pgbench's milliseconds for the statements of one visit to a closed door."""
    client = Client(headers={**carrier.headers, "Host": "127.0.0.1"})
    for _ in range(3):
        one = operation("patrols.visit", _visit(carrier))
        body = {"device_now": one["device_time"], "operations": [one]}
        with asked.statements() as found:
            answer = client.post(
                f"/api/v1/field/{COUNTY}/operations", json.dumps(body), content_type="application/json"
            )
        if answer.status_code != 200 or answer.json()["answers"][0]["status"] != "done":
            raise RuntimeError(f"{answer.status_code} {answer.content.decode()}")
    return pgbench.run(pgbench.script(found), 16, seconds)


def _rows(phones: list[Phone], tallies: list[Tally], seconds: float, bare: list[float], bare_seconds: int) -> list[Row]:
    met: Counter[str] = sum((one.met for one in tallies), Counter())
    took = [one for tally in tallies for one in tally.took]
    errors = [one for tally in tallies for one in tally.errors]
    wanted = sum(len(phone.operations) for phone in phones)
    wrong = faults(phones, stored())
    words = f"{len(phones)} phones with {len(phones[0].operations)} operations"
    rate = len(bare) / bare_seconds if bare else None
    peer = "pgbench, the statements of one visit, 16 clients"
    detail = (
        f"{wanted} operations and {sum(len(phone.pictures) for phone in phones)} photos in {seconds:.0f} s; "
        f"{met['come later']} requests told to come later, {met['answer lost']} answers lost, "
        f"{met['no connection']} without connection"
    )
    if errors:
        detail += f"; {Counter(errors).most_common(4)}"
    return [
        Row(words, wanted / seconds, "operations/s", peer, rate, detail=detail),
        Row("the same: answers that are neither done nor later for being busy", len(errors), "errors", target=0),
        Row("the same: not stored", wrong.lost, "operations", target=0),
        Row("the same: stored or carried out more than once", wrong.doubled, "operations", target=0),
        Row("the same: stored in another order than sent", wrong.out_of_order, "operations", target=0),
        Row("the same: without their photo or with another", wrong.wrong_photo, "operations", target=0),
        Row("the same: a request that was let in", percentile(took, 0.5), "ms p50"),
        Row("the same: a request that was let in", percentile(took, 0.95), "ms p95"),
    ]
