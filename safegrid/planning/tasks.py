"""What the queue's worker does for planning. The solvers are imported where they are used: only a worker needs them."""

from __future__ import annotations

from uuid import UUID

from safegrid.foundation.queue import periodic, task

WEEK = 7 * 24 * 60


@task("planning.run")
def run(county: int, scenario_id: str) -> None:
    from safegrid.planning import work

    work.run(county, UUID(scenario_id))


@task("planning.publish")
def publish(county: int, scenario_id: str) -> None:
    from safegrid.planning import publication

    publication.publish(county, UUID(scenario_id))


@periodic("planning.check_balance", minutes=WEEK)
def check_balance() -> int:
    from safegrid.planning import balance

    return balance.check_every_county()
