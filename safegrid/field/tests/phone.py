"""A phone as tests use it: it signs in, carries its cookies and its id, and sends JSON and bytes."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.test import Client

from safegrid.foundation import clock
from safegrid.foundation.ids import uuid7
from tests.cast import Cast

COUNTY = 330521


class Phone:
    """One installation. ``ahead_s``: by how many seconds its clock is ahead of the server's."""

    def __init__(self, cast: Cast, user: Any = None, *, device_id: UUID | None = None, ahead_s: float = 0) -> None:
        self.cast, self.user = cast, user if user is not None else cast.grid_member
        self.id, self.client, self.ahead_s = device_id or uuid7(), Client(), ahead_s

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body) if body is not None else ""
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        ask = getattr(self.client, method.lower())
        headers = {"X-Field-Device": str(self.id), **headers}
        return ask(f"/api/v1/field/{path}", data if method != "GET" else {}, content_type=kind, headers=headers)

    def sign_in(self, **more: Any) -> Any:
        body = {"username": self.user.username, "password": self.cast.password, "device_id": str(self.id),
                "device_name": "红米 12", **more}  # fmt: skip
        return self.call("POST", "sign-in", body)

    def signed_in(self) -> Phone:
        answer = self.sign_in()
        assert answer.status_code == 200, answer.content.decode()
        return self

    def state(self) -> str:
        return self.call("GET", f"devices/{self.id}/state").json()["state"]

    def now(self) -> datetime:
        """What the phone's clock says."""
        return datetime.fromtimestamp(clock.now().timestamp() + self.ahead_s, tz=clock.SHANGHAI)

    def pull(self, cursor: str = "") -> Any:
        return self.call("GET", f"{COUNTY}/pull?cursor={cursor}")

    def operation(self, kind: str, payload: Any, **more: Any) -> dict[str, Any]:
        return {"id": str(uuid7()), "kind": kind, "device_time": self.now().isoformat(), "offset_ms": None,
                "depends_on": [], "payload": payload, **more}  # fmt: skip

    def send(self, *operations: dict[str, Any], county: int = COUNTY) -> Any:
        body = {"device_now": self.now().isoformat(), "operations": list(operations)}
        return self.call("POST", f"{county}/operations", body)

    def answers(self, *operations: dict[str, Any]) -> list[dict[str, Any]]:
        response = self.send(*operations)
        assert response.status_code == 200, response.content.decode()
        return response.json()["answers"]

    def announce(self, data: bytes, upload_id: UUID | None = None, **more: Any) -> tuple[str, Any]:
        named = str(upload_id or uuid7())
        body = {"id": named, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "media_type": "image/jpeg",
                **more}  # fmt: skip
        return named, self.call("POST", f"{COUNTY}/uploads", body)

    def put(self, upload_id: str, offset: int, chunk: bytes) -> Any:
        return self.call("PUT", f"{COUNTY}/uploads/{upload_id}?offset={offset}", chunk)

    def upload(self, data: bytes, **more: Any) -> str:
        """Send a photo whole; return its id."""
        named, _ = self.announce(data, **more)
        answer = self.put(named, 0, data)
        assert answer.json() == {"received": len(data), "done": True}, answer.content.decode()
        return named
