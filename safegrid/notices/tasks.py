"""What the worker does for notices."""

from __future__ import annotations

from uuid import UUID

from safegrid.foundation.queue import periodic, task
from safegrid.notices import services


@task("notices.deliver")
def deliver(county: int, delivery_ids: list[str]) -> None:
    """Attempt some deliveries; one already sent is left alone, so running twice sends nothing twice."""
    for delivery_id in delivery_ids:
        services.attempt(county, UUID(delivery_id))


@periodic("notices.sweep", minutes=1)
def sweep() -> None:
    services.sweep()
