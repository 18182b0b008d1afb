"""What the queue does for the console."""

from __future__ import annotations

from uuid import UUID

from safegrid.console.county import auditing
from safegrid.console.registers import runs
from safegrid.foundation import queue


@queue.task(runs.TASK)
def carry_out(county: int, run_id: str) -> None:
    """Do the next rows of a run, and put the rest on the queue again: no task lasts long."""
    if runs.carry_out(county, UUID(run_id)):
        queue.enqueue(runs.TASK, county=county, run_id=run_id)


@queue.periodic("console.forget_old_runs", minutes=24 * 60)
def forget_old_runs() -> int:
    """Delete what became of runs long ago; return how many."""
    return runs.forget_old()


@queue.task(auditing.TASK)
def verify_trace(county: int, user_id: str, asked_at: str) -> None:
    """Verify a county's trace for an auditor."""
    auditing.verify(county, UUID(user_id), asked_at)
