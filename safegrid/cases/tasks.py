"""What the queue does for cases."""

from __future__ import annotations

from typing import Any

from safegrid.cases import firing, notify
from safegrid.cases.services import duty_desk, resuming
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


@queue.periodic("cases.resume_suspended", minutes=10)
def resume_suspended() -> int:
    """Go on with the cases whose suspension ends today."""
    return resuming.resume_suspended()


@queue.periodic("cases.warn_of_duty_gaps", minutes=60)
def warn_of_duty_gaps() -> int:
    """Tell the lead offices, once a day, when their accident duty desk will be unmanned."""
    return duty_desk.warn_of_gaps()
