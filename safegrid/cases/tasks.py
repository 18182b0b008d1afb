"""What the queue does for cases."""

from __future__ import annotations

from typing import Any

from safegrid.cases import firing, notify
from safegrid.foundation import queue


@queue.periodic("cases.fire_timers", minutes=1)
def fire_timers() -> int:
    """Move the timers that have fallen due, tell people, climb the ladder."""
    return firing.fire_timers()


@queue.task("cases.tell")
def tell(**message: Any) -> None:
    """Deliver one message about a case to the inboxes of those it concerns now."""
    notify.send(**message)


@queue.task("cases.recompute_timers")
def recompute_timers(county: int) -> int:
    """Reckon a county's timers again after its calendar changed."""
    return firing.recompute_timers(county)
