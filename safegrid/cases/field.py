"""What cases offer to phones (``docs/field.md``): reporting, looking on the spot, own cases, the clear card, whom to call."""

from __future__ import annotations

from safegrid.cases.phones import acts, card, contacts, rows, tasks
from safegrid.foundation.fieldwork import Feed, Operation, TaskKind

OPERATIONS = (
    Operation("cases.report", "上报", acts.ReportIn, acts.report, lambda payload: payload.photos),
    Operation("cases.settle_on_spot", "当场整改上报", acts.OnSpotIn, acts.settle_on_spot,
              lambda payload: [*payload.before_photos, *payload.after_photos]),
    Operation("cases.verify", "核实", acts.VerifyIn, acts.verify, lambda payload: payload.photos),
    Operation("cases.recheck_pass", "复查合格", acts.PassIn, acts.recheck_pass, lambda payload: payload.photos),
    Operation("cases.recheck_fail", "复查不合格", acts.FailIn, acts.recheck_fail, lambda payload: payload.photos),
)  # fmt: skip
TASKS = (
    TaskKind("cases.verify", "核实", tasks.verifications),
    TaskKind("cases.recheck", "复查", tasks.rechecks),
)
FEEDS = (
    Feed("cases", rows.cases),
    Feed("nearby", rows.nearby),
    Feed("contacts", contacts.rows),
    Feed("card", card.card),
)
