"""The verbs of planning."""

from safegrid.planning.services.approving import approve_scenario, publish_scenario, send_back_scenario
from safegrid.planning.services.clusters import confirm_cluster, find_clusters, refuse_cluster
from safegrid.planning.services.drafting import (
    change_scenario,
    copy_scenario,
    create_scenario,
    discard_scenario,
)
from safegrid.planning.services.editing import merge_grids, move_unit, split_grid, undo_edit
from safegrid.planning.services.postings import confirm_posting, decline_posting
from safegrid.planning.services.running import check_scenario, start_run, stop_run

__all__ = [
    "approve_scenario",
    "change_scenario",
    "check_scenario",
    "confirm_cluster",
    "confirm_posting",
    "copy_scenario",
    "create_scenario",
    "decline_posting",
    "discard_scenario",
    "find_clusters",
    "merge_grids",
    "move_unit",
    "publish_scenario",
    "refuse_cluster",
    "send_back_scenario",
    "split_grid",
    "start_run",
    "stop_run",
    "undo_edit",
]
