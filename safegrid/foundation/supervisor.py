"""Keeps a few child processes alive: starts them, starts them again when they die, and stops all together."""

from __future__ import annotations

import ctypes
import logging
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

logger = logging.getLogger("safegrid.run")
TICK = 0.2
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
HEALTHY_AFTER = 60.0  # seconds of life after which a death counts as the first one again
PATIENCE = 30.0  # seconds for a clean end before it is forced
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A command that is to run as long as its supervisor does."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = field(default=FIRST_PAUSE)

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, preexec_fn=_die_with_parent)  # noqa: S603
        self.started_at = time.monotonic()

    def look_after(self, now: float) -> None:
        """Start the process where it is due; note a death and put the next start off a little longer each time."""
        if self.process is None:
            if now >= self.start_again_at:
                self.start()
            return
        status = self.process.poll()
        if status is None:
            return
        if now - self.started_at >= HEALTHY_AFTER:
            self.pause = FIRST_PAUSE
        logger.error("%s died (%s); starting it again in %.0f s", self.name, status, self.pause)
        self.process, self.start_again_at = None, now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)


class Supervisor:
    """Runs ``children`` until SIGINT or SIGTERM."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)
        self._stopping = False

    def run(self) -> None:
        """Return when told to stop and every child has ended."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            while not self._stopping:
                for child in self.children:
                    child.look_after(time.monotonic())
                time.sleep(TICK)
        finally:
            self._end_all()

    def _stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        alive = [child.process for child in self.children if child.process is not None]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.error("process %d does not end; killing it", process.pid)
                process.kill()
                process.wait()


def _die_with_parent() -> None:
    """Runs in the child: leave the terminal's Ctrl-C to the supervisor, and end when the supervisor is killed (Linux)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):
        return
