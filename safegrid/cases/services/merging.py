"""One matter reported twice: a case is merged into another, and its reporter follows that one."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from safegrid.cases import access
from safegrid.cases.models import Case
from safegrid.cases.services._engine import Act, begin
from safegrid.cases.services.accidents import resume_clocks
from safegrid.cases.services.supervision import refuse_while_listed
from safegrid.cases.workflow import CASE
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor


@transaction.atomic
def merge(
    *, acting_user: Actor | None, case: Case, version: int | None = None, into_id: UUID | None, reason: str = ""
) -> Case:
    """End the case as part of an open one that the user sees too (``into_id``); ``selectors.similar`` offers some.

    An accident merges into an accident only, for its statutory clocks go on there. Raises ``InvalidInput``, ``Refused``.
    """
    act = begin("merge", acting_user=acting_user, case=case, version=version, into_id=into_id, reason=reason)
    refuse_while_listed(act)
    into = _target(act, into_id)
    return act.done(changes={"merged_into_id": into.id}, traced={"into": into.number})


@transaction.atomic
def unmerge(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Undo a merge: the case is triaged again on its own."""
    act = begin("unmerge", acting_user=acting_user, case=case, version=version, reason=reason)
    resume_clocks(act)
    return act.done(
        changes={"merged_into_id": None, "registered_at": None}, traced={"merged_into": [act.case.merged_into_id, None]}
    )


def _target(act: Act, into_id: UUID | None) -> Case:
    """Return the case merged into, locked together with this one: two merged into each other at once would be lost.

    As what is merged into must be open and what is merged is not, no chain of merges ever closes to a ring.
    """
    assert act.acting_user is not None  # the table gives this verb to people only
    assert into_id is not None  # required
    if into_id == act.case.id:
        raise InvalidInput({"into_id": "不能并入自身"})
    if not access.sees(act.acting_user, act.case.county, into_id):
        raise InvalidInput({"into_id": "没有找到要并入的案件，或它不在您的管辖范围内"})
    both = Case.objects.select_for_update().filter(county=act.case.county, id__in=[act.case.id, into_id])
    into: Case = {found.id: found for found in both.order_by("id")}[into_id]
    state = CASE.state[into.state]
    if state.final:
        raise InvalidInput({"into_id": f"案件{into.number}是“{state.label}”，不能再并入"})
    if act.case.is_accident and not into.is_accident:
        raise InvalidInput({"into_id": "事故只能并入事故"})
    return into
