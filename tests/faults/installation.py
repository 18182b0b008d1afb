"""An installation of its own on a database of its own, with real processes that can be killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0


class Installation:
    """``manage.py run`` in ``folder``: web server, worker and sequencer. ``start``, ``kill``, ``start`` again."""

    def __init__(self, folder: Path, database_url: str) -> None:
        static = folder / "static"
        static.mkdir()
        (static / "staticfiles.json").write_text("{}")  # nothing to collect
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = folder / "server.log"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database_url,
            "SAFEGRID_VAR_DIR": str(folder),
            "SAFEGRID_SECRET_KEY": "test-only",
            "SAFEGRID_DATA_KEY": "00" * 32,
            "SAFEGRID_HTTPS": "off",
        }
        self.server: subprocess.Popen[bytes] | None = None
        self._python("manage.py", "migrate", "-v0")

    def _python(self, *words: str) -> str:
        done = subprocess.run([sys.executable, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def inside(self, *words: str, module: str = "tests.faults.inside") -> Any:
        """Run ``module`` on this installation's database; return what it says."""
        return json.loads(self._python("-m", module, *words).splitlines()[-1])

    def start(self) -> None:
        """Start everything; return when the web server answers."""
        command = [sys.executable, "manage.py", "run", f"127.0.0.1:{self.port}", "--processes", "2"]
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.request("GET", "/sign-in/")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"the server does not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """Kill -9 the supervisor and all it has started, without any warning."""
        if self.server is None:
            return
        victims = [self.server.pid, *_descendants(self.server.pid)]
        for victim in victims:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.server.wait()
        self.server = None
        end = time.monotonic() + PATIENCE
        while any(_is_alive(victim) for victim in victims):
            assert time.monotonic() < end, "a killed process stays"
            time.sleep(0.05)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return status and JSON of an answer. Raises ``OSError`` or ``HTTPException`` where none comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {"Content-Type": "application/json", "Connection": "close", **headers}
            connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            answer = connection.getresponse()
            said = answer.read()
            return answer.status, json.loads(said) if b"json" in answer.headers["Content-Type"].encode() else None
        finally:
            connection.close()


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = [int(one) for one in (task / "children").read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Return an installation on a SQLite file, or on a new database of the PostgreSQL server of ``DATABASE_URL``."""
    url = os.environ.get("DATABASE_URL", "")
    on_postgres = url.startswith("postgres")
    name = f"faults_{uuid4().hex[:12]}"
    if on_postgres:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
    made = None
    try:
        there = (
            urlunsplit(urlsplit(url)._replace(path=f"/{name}")) if on_postgres else f"sqlite:///{tmp_path}/db.sqlite3"
        )
        made = Installation(tmp_path, there)
        yield made
    finally:
        if made is not None:
            made.kill()
        if on_postgres:
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
