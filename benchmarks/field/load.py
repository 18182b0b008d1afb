"""Simulated phones return to the network together, each with its outbox; afterwards the rows are counted."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.db import connections
from django.test import Client

from benchmarks import asked, pgbench
from benchmarks.county import COUNTY, build
from benchmarks.field.people import Carrier, carriers, photos
from benchmarks.field.phone import Phone, Tally, operation
from benchmarks.measure import Stopwatch, percentile
from benchmarks.report import Row
from benchmarks.server import static_files, web_server
from safegrid.cases.models import Case
from safegrid.field.models import FieldOperation, FieldUpload
from safegrid.files.models import AttachmentUse
from safegrid.foundation.ids import uuid7
from safegrid.handbook.selectors import checklist_for, items_of
from safegrid.patrols.models import Visit

KIND = "FIRE-EXIT-BLOCKED"
REPORTS, FULL_VISITS = 5, 5  # with a photo each, of the operations of a phone; the rest are visits to a closed door
PICTURES = 50  # different ones in all


def returning(devices: int, operations: int, seconds: int) -> list[Row]:
    """Let ``devices`` phones with ``operations`` acts each return at once; pgbench writes a visit's rows for ``seconds``."""
    static_files()
    county = build()
    pictures = photos(PICTURES, seed=7)
    phones = [_phone(one, operations, pictures, at) for at, one in enumerate(carriers(county, devices))]
    bare = _bare(phones[0].carrier, seconds)
    connections.close_all()
    with web_server(whole=True) as port, ThreadPoolExecutor(devices) as pool, Stopwatch() as watch:
        tallies = list(pool.map(lambda phone: phone.empty(port), phones))
    return _rows(phones, tallies, watch.seconds, bare, seconds)


def _phone(carrier: Carrier, number: int, pictures: list[bytes], at: int) -> Phone:
    sent: list[dict[str, Any]] = []
    uploads: dict[str, bytes] = {}

    def photo() -> str:
        upload = str(uuid7())
        uploads[upload] = pictures[(at * (REPORTS + FULL_VISITS) + len(uploads)) % len(pictures)]
        return upload

    for position in range(number):
        if position < REPORTS:
            payload = {"kind": KIND, "words": f"疏散通道被杂物堵塞，第{position}处", "site_id": str(carrier.site.id)}
            sent.append(operation("cases.report", {**payload, "photos": [photo()]}))
        else:
            of_place = photo() if position < REPORTS + FULL_VISITS else ""
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
    wanted = {UUID(one["id"]) for phone in phones for one in phone.operations}
    wrong = _wrong(phones, wanted)
    words = f"{len(phones)} phones with {len(phones[0].operations)} operations"
    rate = len(bare) / bare_seconds if bare else None
    peer = "pgbench, the statements of one visit, 16 clients"
    detail = (
        f"{len(wanted)} operations and {sum(len(phone.pictures) for phone in phones)} photos in {seconds:.0f} s; "
        f"{met['come later']} requests told to come later, {met['answer lost']} answers lost, "
        f"{met['no connection']} without connection"
    )
    if errors:
        detail += f"; {Counter(errors).most_common(4)}"
    return [
        Row(words, len(wanted) / seconds, "operations/s", peer, rate, detail=detail),
        Row("the same: answers that are neither done nor later", len(errors), "errors", target=0),
        Row("the same: operations not stored exactly once, in order, with their photo", wrong, "operations", target=0),
        Row("the same: a request that was let in", percentile(took, 0.5), "ms p50"),
        Row("the same: a request that was let in", percentile(took, 0.95), "ms p95"),
    ]


def _wrong(phones: list[Phone], wanted: set[UUID]) -> int:
    """Count operations missing, doubled, out of their phone's order, or without their row or photo."""
    stored = list(FieldOperation.objects.filter(county=COUNTY).order_by("received_at", "id")
                  .values_list("operation_id", "device_id", "kind", "result"))  # fmt: skip
    times = Counter(operation_id for operation_id, *_ in stored)
    wrong = {one for one in wanted if times[one] != 1}
    visits = Counter(Visit.objects.filter(county=COUNTY).values_list("device_id", flat=True))
    cases = Counter(str(one) for one in Case.objects.filter(county=COUNTY).values_list("id", flat=True))
    photo = dict(FieldUpload.objects.filter(county=COUNTY).values_list("upload_id", "attachment_id"))
    used = set(AttachmentUse.objects.filter(county=COUNTY, purpose="report").values_list("object_id", "attachment_id"))
    by_device: dict[UUID, list[UUID]] = {}
    results = {}
    for operation_id, device_id, _kind, result in stored:
        by_device.setdefault(device_id, []).append(operation_id)
        results[operation_id] = result
    for phone in phones:
        sent = [UUID(one["id"]) for one in phone.operations]
        kept = [one for one in by_device.get(phone.carrier.device_id, []) if one in wanted]
        wrong |= {one for one, other in zip(sent, kept, strict=False) if one != other}
        for one in phone.operations:
            key = UUID(one["id"])
            if one["kind"] == "patrols.visit":
                wrong |= set() if visits[key] == 1 else {key}
                continue
            case_id = results.get(key, {}).get("id", "")
            upload = UUID(one["payload"]["photos"][0])
            if cases[case_id] != 1 or (UUID(case_id), photo.get(upload)) not in used:
                wrong.add(key)
    return len(wrong)
