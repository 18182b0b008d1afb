"""The verbs of a case, one function each, named as in the table."""

from safegrid.cases.services.accidents import report_up, send_first_report, supplement_report
from safegrid.cases.services.appeals import appeal_overdue, decide_appeal
from safegrid.cases.services.assisting import add_assistant, assist_feed_back, assist_receive
from safegrid.cases.services.closing import close
from safegrid.cases.services.dispatching import dispatch, receive, return_
from safegrid.cases.services.disputes import arbitrate, dispute, refer_up
from safegrid.cases.services.duty_desk import plan_shift, warn_of_gaps, withdraw_shift
from safegrid.cases.services.handling import (
    feed_back,
    order_rectification,
    penalise,
    record_disposal,
    submit_rectification,
    transfer_out,
)
from safegrid.cases.services.ladder import load_default_ladder, set_ladder
from safegrid.cases.services.merging import merge, unmerge
from safegrid.cases.services.moving import follow_boundaries, follow_sites
from safegrid.cases.services.rechecking import assign_recheck, recheck_fail, recheck_pass, waive_recheck
from safegrid.cases.services.reclassifying import reclassify
from safegrid.cases.services.reopening import cancel, reopen
from safegrid.cases.services.reporting import report, settle_on_spot
from safegrid.cases.services.resuming import resume_suspended
from safegrid.cases.services.supervision import answer_supervision, delist, list_major, supervise
from safegrid.cases.services.triage import (
    assign_verification,
    confirm_on_spot,
    refuse_on_spot,
    register,
    reject,
    verify,
)
from safegrid.cases.services.unmasking import unmask_reporter
from safegrid.cases.services.waiting import (
    grant_extension,
    grant_suspension,
    refuse_extension,
    refuse_suspension,
    request_extension,
    request_suspension,
    resume,
)

__all__ = [
    "add_assistant",
    "answer_supervision",
    "appeal_overdue",
    "arbitrate",
    "assign_recheck",
    "assign_verification",
    "assist_feed_back",
    "assist_receive",
    "cancel",
    "close",
    "confirm_on_spot",
    "decide_appeal",
    "delist",
    "dispatch",
    "dispute",
    "feed_back",
    "follow_boundaries",
    "follow_sites",
    "grant_extension",
    "grant_suspension",
    "list_major",
    "load_default_ladder",
    "merge",
    "order_rectification",
    "penalise",
    "plan_shift",
    "receive",
    "recheck_fail",
    "recheck_pass",
    "reclassify",
    "record_disposal",
    "refer_up",
    "refuse_extension",
    "refuse_on_spot",
    "refuse_suspension",
    "register",
    "reject",
    "reopen",
    "report",
    "report_up",
    "request_extension",
    "request_suspension",
    "resume",
    "resume_suspended",
    "return_",
    "send_first_report",
    "set_ladder",
    "settle_on_spot",
    "submit_rectification",
    "supervise",
    "supplement_report",
    "transfer_out",
    "unmask_reporter",
    "unmerge",
    "verify",
    "waive_recheck",
    "warn_of_gaps",
    "withdraw_shift",
]
