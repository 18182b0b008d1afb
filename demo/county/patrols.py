"""The visits of the coming two weeks, planned as the queue does at night; one of today's skipped, one site added."""

from __future__ import annotations

from typing import Any

from demo.county import COUNTY
from safegrid.foundation import clock
from safegrid.foundation.testing import run_queue
from safegrid.patrols import services
from safegrid.patrols.selectors import planned
from safegrid.patrols.services.plans import start_night


def plan(members: list[Any]) -> None:
    """Plan every member's visits; the first of ``members`` with enough to do skips one and adds another."""
    start_night(COUNTY, clock.today())
    run_queue()
    for user in members:
        own = planned(user).filter(county=COUNTY, state="planned", on__isnull=False).order_by("on", "position", "id")
        rows = list(own[:3])
        if len(rows) == 3:
            services.skip_visit(acting_user=user, planned=rows[0], reason="对象停电停产，改日再去")
            services.add_visit(acting_user=user, site=rows[2].site, on=clock.today())
            break
    run_queue()
