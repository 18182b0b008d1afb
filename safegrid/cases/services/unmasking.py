"""Seeing what is masked, with a reason, in the trace."""

from __future__ import annotations

from django.db import transaction

from safegrid.cases.models import Case
from safegrid.cases.services import _engine as engine
from safegrid.foundation.scope import Actor


@transaction.atomic
def unmask_reporter(*, acting_user: Actor | None, case: Case, reason: str) -> tuple[str, str]:
    """Return the caller's name and phone as entered at the hotline. The case itself does not change."""
    act = engine.begin("unmask_reporter", acting_user=acting_user, case=case, version=None, reason=reason)
    engine.record(act.row.verb, acting_user, act.role, act.case, {"reason": reason})
    # The case passed may have been masked for its reader.
    stored = Case.objects.get(county=act.case.county, id=act.case.id)
    return stored.reporter_name, stored.reporter_phone
