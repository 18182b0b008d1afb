"""Another kind or severity: other limits, perhaps another department, perhaps an accident after all."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from safegrid.cases.models import Case
from safegrid.cases.services._engine import Act, begin
from safegrid.cases.services.accidents import resume_clocks
from safegrid.cases.services.dispatching import routing
from safegrid.cases.services.disputes import drop
from safegrid.cases.services.triage import classified
from safegrid.cases.services.waiting import lapse
from safegrid.duties.selectors import explain
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor

UNDISPATCHED = ("reported", "verifying", "registered")


@transaction.atomic
def reclassify(
    *, acting_user: Actor | None, case: Case, version: int | None = None, kind: str, severity: str, reason: str
) -> Case:
    """Give an open case another kind or severity; every running stage gets the limit that goes with it.

    Where the duty rules now name another department the case goes back to ``registered``, to be dispatched anew; a case that
    was given by hand to a department of the lead office's choice stays there as long as the rules' answer is the same as
    before. Raises ``InvalidInput``, ``Refused``.
    """
    act = begin("reclassify", acting_user=acting_user, case=case, version=version, kind=kind, severity=severity,
                reason=reason)  # fmt: skip
    before = act.case
    if (kind, severity) == (before.kind, before.severity):
        raise InvalidInput({"kind": "隐患类别和严重程度都没有变化"})
    changes = classified(before, kind, severity)
    if before.is_listed_major and (severity != "major" or changes["nature"] != "hazard"):
        raise Refused("挂牌督办的重大事故隐患须先摘牌销号，再改为其他类别或程度")
    resume_clocks(act, kind=kind, is_accident=bool(changes["is_accident"]))
    traced = {"kind": [before.kind, kind], "severity": [before.severity, severity]}
    if before.state not in UNDISPATCHED and _belongs_elsewhere(act, kind):
        lapse(act, "案件重新定类后改由其他部门办理，申请自动终止")
        drop(act, f"重新定类：{reason}")
        fresh: dict[str, Any] = {"rectified_at": None, "rechecker_id": None, "rectifiers": [], "referred_up_to": ""}
        return act.done(to="registered", changes={**changes, **fresh}, traced=traced)
    act.timers.relimit(kind=kind, severity=severity)
    return act.done(to=before.state, changes=changes, traced=traced)


def _belongs_elsewhere(act: Act, kind: str) -> bool:
    """Say whether the rules name another department for ``kind`` than they did, and than the one that has the case."""
    case = act.case
    now = explain(county=case.county, site=case.site, hazard_kind=kind, town=case.town, village=case.village).main
    then = routing(case).main
    named = now.id if now else None
    return named != case.department_id and named != (then.id if then else None)
