"""The web server answers others while it takes leave of a client; whoever is refused in the middle of sending sees why."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from multiprocessing import get_context
from time import monotonic, sleep
from typing import Any

import pytest

from safegrid.foundation.middleware import whole_request
from safegrid.foundation.webserver import WebServer

LARGE = b"x" * 300_000
ENOUGH = 5.0  # seconds; each client that stays on the line holds gunicorn's own worker up for two


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer without reading what was sent."""
    start_response("503 Service Unavailable", [("Content-Length", "5")])
    return [b"later"]


class Stand(WebServer):
    def load(self) -> Any:
        return application


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = int(free.getsockname()[1])
    process = get_context("fork").Process(target=lambda: Stand(f"127.0.0.1:{found}", 1).run())
    process.start()
    end = monotonic() + 30
    while monotonic() < end:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", found)) == 0:
                break
        sleep(0.05)
    yield found
    process.terminate()
    process.join(30)


def test_clients_that_stay_on_the_line_hold_nobody_up(port):
    lingering = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(7)]
    for client in lingering:
        client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
    for client in lingering:
        assert client.recv(4096).startswith(b"HTTP/1.1 503")
    http = HTTPConnection("127.0.0.1", port, timeout=ENOUGH)
    http.request("GET", "/")
    assert http.getresponse().read() == b"later"
    for client in lingering:
        client.close()


def test_a_request_that_nobody_read_is_taken_whole(rf, settings):
    assert settings.MIDDLEWARE[0] == "safegrid.foundation.middleware.whole_request"
    request = rf.post("/", LARGE, content_type="application/octet-stream")
    whole_request(lambda asked: asked)(request)  # type: ignore[arg-type,return-value]
    assert request.read() == b""
    read = rf.post("/", LARGE, content_type="application/octet-stream")
    assert whole_request(lambda asked: asked.body)(read) == LARGE  # type: ignore[arg-type,return-value]
    wrong = rf.post("/", LARGE, content_type="application/octet-stream", CONTENT_LENGTH="many")
    assert whole_request(lambda asked: asked.path)(wrong) == "/"  # type: ignore[arg-type,return-value]
