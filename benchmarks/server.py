"""The web server as an installation runs it, on a port of its own, and people signed in to it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from benchmarks.databases import ROOT
from benchmarks.serve import PROCESSES
from safegrid.accounts.models import User
from safegrid.accounts.services import issue_token


@contextmanager
def web_server(*, whole: bool = False) -> Iterator[int]:
    """Serve the present database with gunicorn, and with ``whole`` run worker and sequencer, too; give the port."""
    static_files()
    connections.close_all()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    command = (
        [sys.executable, "manage.py", "run", address, "--processes", str(PROCESSES)]
        if whole
        else [sys.executable, "-m", "benchmarks.serve", address]
    )
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def static_files() -> None:
    """Collect the static files: pages name them by their hashes, in this process, too, from its first page on."""
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    # Better to learn now than after minutes of filling tables that the front end was never built.
    if Client(headers={"Host": "127.0.0.1"}).get("/sign-in/").status_code != 200:
        raise RuntimeError("the sign-in page does not open: build the front end first (make assets)")


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError("the web server did not start")
        try:
            asked = HTTPConnection("127.0.0.1", port, timeout=10)
            asked.request("GET", "/sign-in/")
            asked.getresponse().read()
        except (OSError, HTTPException):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server does not answer")


def browser(user: User) -> Client:
    """Return a browser in this process in which the user has signed in and passed the second factor."""
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(user, backend="safegrid.accounts.backends.AccountBackend")
    device, _ = TOTPDevice.objects.get_or_create(user=user, name="benchmark", defaults={"confirmed": True})
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def cookie(client: Client) -> dict[str, str]:
    """Return the headers by which the web server knows the browser."""
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"}


def token(user: User) -> dict[str, str]:
    """Return the headers of a program that has the user's personal token."""
    _, words = issue_token(acting_user=user, name="benchmark", days=1, verified=True)
    return {"Authorization": f"Bearer {words}"}
