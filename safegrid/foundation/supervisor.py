"""Keeps a few child processes alive: starts them, starts them again when they die, and stops all together."""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkProcess

logger = logging.getLogger("safegrid.run")
TICK = 0.2
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
HEALTHY_AFTER = 60.0  # seconds of life after which a death counts as the first one again
PATIENCE = 30.0  # seconds for a clean end before it is forced
PR_SET_PDEATHSIG = 1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Child:
    """Work that is to go on as long as its supervisor does, in a process forked from it.

    Forked, not started anew: everything is imported already, so a start takes no time and the memory is shared. The
    supervisor must hold no threads and no database connections.
    """

    name: str
    work: Callable[[], object]
    process: ForkProcess | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = FIRST_PAUSE

    def start(self) -> None:
        self.process = multiprocessing.get_context("fork").Process(target=_child, args=(self.work,), name=self.name)
        self.process.start()
        self.started_at = time.monotonic()

    def look_after(self, now: float) -> None:
        """Start the process where it is due; note a death and put the next start off a little longer each time."""
        if self.process is None:
            if now >= self.start_again_at:
                self.start()
            return
        if self.process.is_alive():
            return
        status = self.process.exitcode
        if now - self.started_at >= HEALTHY_AFTER:
            self.pause = FIRST_PAUSE
        logger.error("%s died (%s); starting it again in %.0f s", self.name, status, self.pause)
        self.process, self.start_again_at = None, now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)


class Supervisor:
    """Runs ``children`` until SIGINT, SIGTERM or SIGHUP."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)
        self._stopping = False

    def run(self) -> None:
        """Return when told to stop and every child has ended."""
        for number in SIGNALS:
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
            process.join(max(0.1, deadline - time.monotonic()))
            if process.is_alive():
                logger.error("%s does not end; killing it", process.name)
                process.kill()
                process.join()


def _child(work: Callable[[], object]) -> None:
    """Runs in the child: away from the terminal's Ctrl-C, and never outliving a supervisor that is killed (Linux)."""
    os.setsid()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):
        logger.warning("this system cannot end children along with their supervisor")
    work()
