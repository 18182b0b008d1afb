"""One phone with its outbox: photos in chunks, then operations in order, again after "later" and after lost answers."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from typing import Any

from benchmarks.county import COUNTY
from benchmarks.field.people import Carrier
from safegrid.foundation.ids import uuid7

CHUNK = 128 * 1024
BATCH = 50
LOST = 0.05  # of all answers never reach the phone, though the server has done its work
BASE = f"/api/v1/field/{COUNTY}"


class Lost(Exception):
    """The answer never came."""


class GaveUp(Exception):
    """The server answered what the app would show as an error."""


@dataclass
class Tally:
    """What a phone met. ``errors``: answers that are neither success nor "later" because the server is busy."""

    met: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Phone:
    """``operations``: as the app sends them; ``pictures``: bytes by upload id."""

    def __init__(
        self, carrier: Carrier, operations: list[dict[str, Any]], pictures: dict[str, bytes], seed: int
    ) -> None:
        self.carrier, self.operations, self.pictures = carrier, operations, pictures
        self.luck, self.tally = random.Random(seed), Tally()
        self.http: HTTPConnection | None = None

    def empty(self, port: int) -> Tally:
        """Send everything; return what was met. What is answered by an error is not sent again."""
        try:
            for upload_id, data in self.pictures.items():
                self._upload(port, upload_id, data)
            self._send(port)
        except GaveUp as error:
            self.tally.errors.append(str(error))
        finally:
            self._close()
        return self.tally

    def _send(self, port: int) -> None:
        waiting = list(self.operations)
        while waiting:
            body = {"device_now": datetime.now(UTC).isoformat(), "operations": waiting[:BATCH]}
            answers = self._until_answered(port, "POST", f"{BASE}/operations", json.dumps(body).encode())["answers"]
            # Photos are here, nothing depends on anything: only a busy server has reason to say "later".
            over = {one["id"] for one in answers if one["code"] != "busy"}
            for one in answers:
                if one["status"] != "done" and one["id"] in over:
                    self.tally.errors.append(f"{one['status']} {one['code']} {one['words']} {one['fields']}")
            self.tally.met.update(one["status"] for one in answers)
            waiting = [one for one in waiting if one["id"] not in over]
            if waiting and not over:
                time.sleep(self.luck.uniform(2, 6))

    def _upload(self, port: int, upload_id: str, data: bytes) -> None:
        facts = {
            "id": upload_id,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "media_type": "image/jpeg",
        }
        state = self._until_answered(port, "POST", f"{BASE}/uploads", json.dumps(facts).encode())
        while not state["done"]:
            offset = state["received"]
            path = f"{BASE}/uploads/{upload_id}?offset={offset}"
            state = self._until_answered(port, "PUT", path, data[offset : offset + CHUNK], "application/octet-stream")

    def _until_answered(self, port: int, method: str, path: str, body: bytes, kind: str = "application/json") -> Any:
        """Ask until there is an answer of success; a wrong offset, after a lost answer, tells where to go on."""
        while True:
            began = time.perf_counter()
            try:
                status, headers, content = self._ask(port, method, path, body, kind)
            except (OSError, HTTPException, Lost) as error:
                self._close()
                self.tally.met["answer lost" if isinstance(error, Lost) else "no connection"] += 1
                time.sleep(self.luck.uniform(0.5, 3))
                continue
            if status == 503:
                self.tally.met["come later"] += 1
                self._close()  # the server keeps no idle connection so long
                time.sleep(float(headers.get("Retry-After") or 5) * self.luck.uniform(0.8, 1.2))
                continue
            self.tally.took.append((time.perf_counter() - began) * 1000)
            if status in (200, 201):
                return json.loads(content)
            if status == 409 and "received" in (found := json.loads(content)):
                return {"received": found["received"], "done": False}
            raise GaveUp(f"{status} {method} {path.split('?')[0][-60:]} {content[:200]!r}")

    def _ask(self, port: int, method: str, path: str, body: bytes, kind: str) -> tuple[int, Any, bytes]:
        if self.http is None:
            self.http = HTTPConnection("127.0.0.1", port, timeout=120)
        self.http.request(method, path, body, {**self.carrier.headers, "Content-Type": kind})
        answer = self.http.getresponse()
        content = answer.read()
        if answer.status < 300 and self.luck.random() < LOST:
            raise Lost
        return answer.status, answer.headers, content

    def _close(self) -> None:
        if self.http is not None:
            self.http.close()
        self.http = None


def operation(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return an operation as the app keeps it."""
    return {"id": str(uuid7()), "kind": kind, "device_time": datetime.now(UTC).isoformat(), "offset_ms": 0,
            "depends_on": [], "payload": payload}  # fmt: skip
