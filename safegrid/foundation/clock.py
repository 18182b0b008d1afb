"""The one source of the present time, so that a demonstration or a replay can run under a simulated clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
_simulated: ContextVar[SimulatedClock | None] = ContextVar("simulated_clock", default=None)


class SimulatedClock:
    """A clock that moves only when told to."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def move_to(self, moment: datetime) -> None:
        """Move to ``moment``; a clock never goes back, an earlier moment is ignored."""
        self.time = max(self.time, moment)

    def advance(self, step: timedelta) -> None:
        self.move_to(self.time + step)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    clock = _simulated.get()
    return clock.time if clock is not None else timezone.now()


def today() -> date:
    """Return the present date in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()


@contextmanager
def simulated(start: datetime) -> Iterator[SimulatedClock]:
    """Let ``now()`` answer from a simulated clock inside the block."""
    clock = SimulatedClock(start)
    token = _simulated.set(clock)
    try:
        yield clock
    finally:
        _simulated.reset(token)
