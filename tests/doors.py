"""The two doors of the system as tests use them: a signed-in browser, and a program speaking JSON."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from safegrid.accounts.models import User

BACKEND = "safegrid.accounts.backends.AccountBackend"


def signed_in(user: User | None) -> Client:
    """Return a browser in which ``user`` has signed in and passed the second factor; None: nobody has."""
    client = Client()
    if user is not None:
        client.force_login(user, backend=BACKEND)
        device, _ = TOTPDevice.objects.get_or_create(user=user, name="test", defaults={"confirmed": True})
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
    return client


class Api:
    """JSON in and out. Writes carry a fresh ``Idempotency-Key`` unless told which one (None: none)."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(path, query)

    def post(self, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> HttpResponse:
        if key is not None:
            headers = {"Idempotency-Key": key or str(uuid4()), **headers}
        return self.client.post(path, json.dumps(body or {}), content_type="application/json", headers=headers)

    def put(self, path: str, body: Any = None) -> HttpResponse:
        return self.client.put(path, json.dumps(body or {}), content_type="application/json")
