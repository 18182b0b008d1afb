"""What may be done with visits and plans of visits."""

from safegrid.patrols.services.plans import (
    add_visit,
    change_travel,
    replan,
    skip_visit,
    stop_run,
)
from safegrid.patrols.services.visits import record_visit

__all__ = ["add_visit", "change_travel", "record_visit", "replan", "skip_visit", "stop_run"]
