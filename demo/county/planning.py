"""Two divisions of the county's first town, worked out and side by side: within villages, and across them within the town."""

from __future__ import annotations

from typing import Any

from demo.county import COUNTY
from safegrid.planning import services, work
from safegrid.regions.selectors import children, name_of

SECONDS = 4
PLANS = (("按村划分", {"nesting": "village"}), ("可跨村划分", {"nesting": "town"}))


def plan(lead: Any) -> list[Any]:
    """Make and work out a scenario for each of ``PLANS``; the second is a copy of the first with other borders."""
    town = children(str(COUNTY))[0].code
    made: list[Any] = []
    for name, changes in PLANS:
        shown = f"{name_of(town)}{name}"
        if not made:
            parameters = {**changes, "seconds": SECONDS}
            made.append(
                services.create_scenario(acting_user=lead, county=COUNTY, name=shown, town=town, parameters=parameters)
            )
        else:
            made.append(services.copy_scenario(acting_user=lead, scenario=made[0], name=shown, changes=changes))
        services.start_run(acting_user=lead, scenario=made[-1])
        work.run(COUNTY, made[-1].id)  # here and now: the queue's own turn finds it done
    return made
