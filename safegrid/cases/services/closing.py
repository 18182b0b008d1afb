"""The end of a case."""

from __future__ import annotations

from django.db import transaction

from safegrid.cases.models import Case
from safegrid.cases.services._engine import begin
from safegrid.cases.services.accidents import refuse_unreported
from safegrid.cases.services.supervision import answered, refuse_while_listed
from safegrid.foundation.scope import Actor


@transaction.atomic
def close(*, acting_user: Actor | None, case: Case, version: int | None = None, words: str = "") -> Case:
    """Close the case: the town station for minor hazards, the lead office for all.

    Raises ``Refused`` for a listed major hazard, and for an accident that was not reported upward.
    """
    act = begin("close", acting_user=acting_user, case=case, version=version, words=words)
    refuse_while_listed(act)
    refuse_unreported(act)
    done = act.done(changes={"closed_at": act.at})
    answered(act, words or "案件已结案")
    return done
