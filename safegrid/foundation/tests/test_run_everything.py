"""One command runs the whole installation, and brings back what dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from safegrid.foundation import supervisor
from safegrid.foundation.management.commands.run import children
from safegrid.foundation.supervisor import Child

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
from safegrid.foundation.supervisor import Child, Supervisor
sleeper = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\\\n'); time.sleep(600)"
Supervisor([Child(name, [sys.executable, "-c", sleeper, f"{sys.argv[1]}/{name}"]) for name in ("one", "two")]).run()
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


def test_a_child_that_dies_again_and_again_is_started_ever_more_seldom(monkeypatch):
    child = Child("bad", [sys.executable, "-c", "raise SystemExit(3)"])
    pauses = []
    now = 0.0
    for _ in range(8):
        child.look_after(now)
        child.process.wait()
        child.started_at = now
        child.look_after(now)
        pauses.append(child.start_again_at - now)
        now = child.start_again_at
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_long_healthy_life_forgives_former_deaths():
    child = Child("web", [sys.executable, "-c", ""], pause=32)
    child.look_after(0)
    child.process.wait()
    child.started_at = 0
    child.look_after(supervisor.HEALTHY_AFTER)
    assert child.start_again_at == supervisor.HEALTHY_AFTER + supervisor.FIRST_PAUSE


def test_the_installation_has_a_web_server_a_worker_and_a_sequencer():
    web, worker, sequencer = children("127.0.0.1:8000", 2)
    assert web.command[web.command.index("--bind") + 1] == "127.0.0.1:8000"
    assert web.command[web.command.index("--workers") + 1] == "2"
    assert (worker.command[-1], sequencer.command[-1]) == ("qcluster", "seal_trace")
