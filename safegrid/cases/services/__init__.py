"""The verbs of a case, one function each, named as in the table."""

from safegrid.cases.services.closing import close
from safegrid.cases.services.dispatching import dispatch, receive, return_
from safegrid.cases.services.handling import (
    feed_back,
    order_rectification,
    penalise,
    record_disposal,
    submit_rectification,
    transfer_out,
)
from safegrid.cases.services.ladder import load_default_ladder, set_ladder
from safegrid.cases.services.moving import follow_boundaries, follow_sites
from safegrid.cases.services.rechecking import assign_recheck, recheck_fail, recheck_pass, waive_recheck
from safegrid.cases.services.reporting import report, settle_on_spot
from safegrid.cases.services.triage import (
    assign_verification,
    confirm_on_spot,
    refuse_on_spot,
    register,
    reject,
    verify,
)
from safegrid.cases.services.unmasking import unmask_reporter

__all__ = [
    "assign_recheck",
    "assign_verification",
    "close",
    "confirm_on_spot",
    "dispatch",
    "feed_back",
    "follow_boundaries",
    "follow_sites",
    "load_default_ladder",
    "order_rectification",
    "penalise",
    "receive",
    "recheck_fail",
    "recheck_pass",
    "record_disposal",
    "refuse_on_spot",
    "register",
    "reject",
    "report",
    "return_",
    "set_ladder",
    "settle_on_spot",
    "submit_rectification",
    "transfer_out",
    "unmask_reporter",
    "verify",
    "waive_recheck",
]
