"""The end of a case."""

from __future__ import annotations

from django.db import transaction

from safegrid.cases.models import Case
from safegrid.cases.services._engine import begin
from safegrid.foundation.scope import Actor


@transaction.atomic
def close(*, acting_user: Actor | None, case: Case, version: int | None = None, words: str = "") -> Case:
    """Close the case: the town station for minor hazards, the lead office for all."""
    act = begin("close", acting_user=acting_user, case=case, version=version, words=words)
    return act.done(changes={"closed_at": act.at})
