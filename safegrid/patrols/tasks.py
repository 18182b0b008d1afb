"""What the queue does for patrols. The solver is imported where it is used: only a worker needs it."""

from __future__ import annotations

from uuid import UUID

from safegrid.foundation.queue import periodic, task
from safegrid.patrols import planner


@periodic("patrols.plan_nightly", minutes=30)
def plan_nightly() -> int:
    """Begin the night's planning in every county that has not had it today; return in how many."""
    return planner.start_nights()


@task("patrols.plan_chunk")
def plan_chunk(county: int, run_id: str, member_ids: list[str]) -> int:
    return planner.plan_chunk(county, UUID(run_id), [UUID(one) for one in member_ids])


@task("patrols.plan_wanted")
def plan_wanted(county: int) -> int:
    return planner.plan_wanted(county)
