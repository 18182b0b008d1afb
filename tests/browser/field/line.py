"""A bad line between a phone and its server: answers that never arrive, requests that never leave, nobody at the other end."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
PATIENCE = 60.0
LOST, DROPPED = {"operations": 2, "uploads": 6}, {"operations": 8, "uploads": 10}


class Line:
    """Passes requests on to ``port`` of this host and answers back; ``origin`` is where the phone finds the server.

    While ``is_bad``, every n-th of the app's writes does not reach the server (``DROPPED``), and the answer to every n-th
    is lost after the server has stored what it brought (``LOST``). ``met``: how often what happened.
    """

    def __init__(self, port: int) -> None:
        self.server_port, self.is_bad = port, False
        self.met: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._proxy = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"line": self}))
        self._proxy.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._proxy.server_address[1]}"

    @contextmanager
    def open(self) -> Iterator[Line]:
        thread = threading.Thread(target=self._proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._proxy.shutdown()
            self._proxy.server_close()
            thread.join()

    def fate(self, method: str, path: str) -> str:
        """Return what becomes of a request: "dropped", "lost" (the answer is) or ""."""
        about = _about(path)
        if method == "GET" or not self.is_bad or about not in LOST:
            return ""
        with self._lock:
            self._asked[about] += 1
            turn = self._asked[about]
        return "dropped" if turn % DROPPED[about] == 0 else "lost" if turn % LOST[about] == 1 else ""

    def note(self, what: str, path: str) -> None:
        """Count what happened to a request."""
        with self._lock:
            self.met[f"{what} {_about(path)}"] += 1


def _about(path: str) -> str:
    return next((one for one in ("operations", "uploads", "pull") if f"/{one}" in path), "page")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fate = self.line.fate(self.command, self.path)
        if fate == "dropped":
            return self._hang_up(fate)
        try:
            status, reason, headers, content = self._asked(body)
        except (OSError, HTTPException):
            return self._hang_up("unanswered")
        if fate == "lost":
            return self._hang_up(fate)
        try:
            self.send_response_only(status, reason)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
        except OSError:
            self._hang_up("gone")

    do_GET = do_HEAD = do_POST = do_PUT = pass_on  # noqa: N815 - names of the library

    def _asked(self, body: bytes) -> tuple[int, str, list[tuple[str, str]], bytes]:
        server = HTTPConnection("127.0.0.1", self.line.server_port, timeout=PATIENCE)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            server.request(self.command, self.path, body or None, {**headers, "Connection": "close"})
            answer = server.getresponse()
            content = answer.read()
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP]
            return answer.status, answer.reason, kept, content
        finally:
            server.close()

    def _hang_up(self, what: str) -> None:
        self.line.note(what, self.path)
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Say nothing."""
