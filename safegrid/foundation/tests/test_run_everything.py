"""One command runs the whole installation, and brings back what dies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from safegrid.foundation import supervisor
from safegrid.foundation.supervisor import Child

ROOT = Path(__file__).parents[3]
SCRIPT = """
import os, sys, time
from functools import partial
from safegrid.foundation.supervisor import Child, Supervisor

def sleeper(name):
    open(f"{sys.argv[1]}/{name}", "a").write(f"{os.getpid()}\\n")
    time.sleep(600)

Supervisor([Child(name, partial(sleeper, name)) for name in ("one", "two")]).run()
"""


@pytest.fixture
def running(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, tmp_path], cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}
    )
    yield process, tmp_path
    process.kill()
    process.wait()


def pids(path, count):
    """Return the processes that have written their number into ``path``, when there are ``count``."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = [int(line) for line in path.read_text().split()] if path.exists() else []
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{path.name} was not started {count} times")


def is_alive(pid):
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def wait_until_dead(pid):
    end = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < end, f"{pid} is still alive"
        time.sleep(0.05)


def test_a_killed_child_is_started_again_and_the_others_stay(running):
    _, folder = running
    (first,), (other,) = pids(folder / "one", 1), pids(folder / "two", 1)
    os.kill(first, signal.SIGKILL)
    assert is_alive(pids(folder / "one", 2)[1])
    assert is_alive(other)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(running, number):
    process, folder = running
    started = pids(folder / "one", 1) + pids(folder / "two", 1)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert not any(is_alive(pid) for pid in started)


def test_nothing_is_left_behind_when_the_supervisor_itself_is_killed(running):
    process, folder = running
    started = pids(folder / "one", 1) + pids(folder / "two", 1)
    process.kill()
    for pid in started:
        wait_until_dead(pid)


def test_a_child_that_dies_again_and_again_is_started_ever_more_seldom():
    child = Child("bad", partial(os._exit, 3))
    pauses = []
    now = 0.0
    for _ in range(8):
        child.look_after(now)
        child.process.join()
        child.started_at = now
        child.look_after(now)
        pauses.append(child.start_again_at - now)
        now = child.start_again_at
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_long_healthy_life_forgives_former_deaths():
    child = Child("web", partial(os._exit, 0), pause=32)
    child.look_after(0)
    child.process.join()
    child.started_at = 0
    child.look_after(supervisor.HEALTHY_AFTER)
    assert child.start_again_at == supervisor.HEALTHY_AFTER + supervisor.FIRST_PAUSE


@pytest.fixture
def installation(tmp_path):
    """A new installation, not yet migrated, on a SQLite file."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "SAFEGRID_VAR_DIR": str(tmp_path)}
    environment |= {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "SAFEGRID_LOG_LEVEL": "WARNING"}
    return environment


def manage(environment, *words, **options):
    return subprocess.Popen([sys.executable, ROOT / "manage.py", *words], env=environment, **options)


def test_an_old_database_is_refused_with_words(installation):
    process = manage(installation, "run", stderr=subprocess.PIPE, text=True)
    _, words = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "migrate" in words


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_the_whole_installation_comes_up_serves_and_goes_down(installation, tmp_path):
    assert manage(installation, "migrate", "-v0").wait(120) == 0
    address = f"127.0.0.1:{free_port()}"
    process = manage(installation, "run", address, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while True:
            try:
                with urlopen(f"http://{address}/api/v1/openapi.json", timeout=30) as answer:
                    assert answer.status == 200
                break
            except (URLError, TimeoutError):  # on a busy machine the first answer takes its time
                assert time.monotonic() < end, "no answer"
                time.sleep(0.1)
        names = subprocess.run(["ps", "--ppid", str(process.pid), "-o", "pid="], capture_output=True, check=True)
        started = [int(line) for line in names.stdout.split()]
        assert len(started) == 3
        process.terminate()
        assert process.wait(40) == 0
        assert not any(is_alive(pid) for pid in started)
    finally:
        process.kill()
        process.wait()
    assert (tmp_path / "static" / "staticfiles.json").is_file()
