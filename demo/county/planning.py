"""Two divisions of the county's first town to compare: within villages, and across them within the town.

They wait in the queue, which works them out once the console is served: whoever opens one at once sees it grow.
"""

from __future__ import annotations

from typing import Any

from demo.county import COUNTY
from safegrid.planning import services
from safegrid.regions.selectors import children, name_of

SECONDS = 4
PLANS = (("按村划分", {"nesting": "village"}), ("可跨村划分", {"nesting": "town"}))


def plan(lead: Any) -> list[Any]:
    """Make and start a scenario for each of ``PLANS``; the second is a copy of the first with other borders."""
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
    return made
