"""The verbs of grids."""

from safegrid.grids.services.assignment import (
    Assigned,
    assign_by_location,
    assign_site_by_hand,
    return_to_location,
)
from safegrid.grids.services.boundaries import (
    change_boundary,
    change_grid,
    check_boundary,
    close_grid,
    open_grid,
    take_effect,
    withdraw_boundary,
)
from safegrid.grids.services.divisions import DrawnGrid, publish_division
from safegrid.grids.services.members import (
    account_for_member,
    change_member,
    end_leave,
    enrol_member,
    enrol_new_member,
    enter_evidence,
    grant_leave,
    member_leaves,
    revoke_evidence,
)
from safegrid.grids.services.officers import end_officer, name_officer, unmask_officer
from safegrid.grids.services.postings import end_posting, post_member, settle_role

__all__ = [
    "Assigned",
    "DrawnGrid",
    "account_for_member",
    "assign_by_location",
    "assign_site_by_hand",
    "change_boundary",
    "change_grid",
    "change_member",
    "check_boundary",
    "close_grid",
    "end_leave",
    "end_officer",
    "end_posting",
    "enrol_member",
    "enrol_new_member",
    "enter_evidence",
    "grant_leave",
    "member_leaves",
    "name_officer",
    "open_grid",
    "post_member",
    "publish_division",
    "return_to_location",
    "revoke_evidence",
    "settle_role",
    "take_effect",
    "unmask_officer",
    "withdraw_boundary",
]
