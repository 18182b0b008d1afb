"""Which cases a phone keeps, and all that is told of them, read together: a few statements however many cases there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from safegrid.cases import access, words
from safegrid.cases.models import Case
from safegrid.cases.workflow import OPEN
from safegrid.files.selectors import AttachmentView, attachments_of_many
from safegrid.foundation import clock, trace
from safegrid.foundation.scope import Actor, counties_q, granted, held
from safegrid.handbook import selectors as handbook

KEPT = timedelta(days=90)  # after its end
MOST = 500  # cases on one phone, the latest reported


def kept(user: Actor, county: int) -> list[Case]:
    """Return what the user reported or is charged with, and what the user's committee reported, the latest first.

    Cases that ended are kept for 90 days, merged ones as long as the case they went into is open. A role that sees whole
    places adds nothing: a phone keeps its user's own cases.
    """
    mine = Q(reporter_id=user.id) | Q(verifier_id=user.id) | Q(rechecker_id=user.id)
    for holding in held(user, "committee"):
        mine |= counties_q(holding) & Q(reporter_role="committee", village=holding.place)
    rows = _seen(user, county).filter(mine, _present()).select_related("site", "merged_into")
    return list(rows.order_by("-reported_at", "-id")[:MOST])


def _seen(user: Actor, county: int) -> QuerySet[Case]:
    """A site's contact may not read a report's words: what is seen in that role alone is not kept."""
    return access.visible(user, but=access.SITE).filter(county=county)


def _present() -> Q:
    since = clock.now() - KEPT
    ended = Q(state="closed", closed_at__gte=since)
    ended |= Q(state__in=("rejected", "merged", "cancelled"), updated_at__gte=since)
    return Q(state__in=OPEN) | ended | Q(state="merged", merged_into__state__in=OPEN)


def charged(user: Actor, county: int, state: str) -> list[Case]:
    """Return the cases that the user, as a grid member, has to look at on the spot, the most urgent first.

    ``state``: verifying (before filing) or rectified (after handling).
    """
    if not held(user, "grid_member"):
        return []
    person = {"verifying": "verifier_id", "rectified": "rechecker_id"}[state]
    rows = _seen(user, county).filter(**{"state": state, person: user.id}).select_related("site")
    return list(rows.order_by("due_at", "id"))


def doubles(user: Actor, county: int) -> list[Case]:
    """Return the open cases in the member's grids that a new report could double, whoever reported them, the latest first.

    As young as their kind looks back for doubles. Of what is found only what ``selectors.similar`` tells everyone may be told.
    """
    grids = granted(user, "grid", clock.today()) if held(user, "grid_member") else set()
    if not grids:
        return []
    now, kinds = clock.now(), {kind.code: kind for kind in handbook.hazard_kinds(county, active=False)}
    longest = max((kind.duplicate_days for kind in kinds.values()), default=0)
    rows = Case.objects.filter(county=county, grid_id__in=grids, state__in=OPEN,
                               reported_at__gte=now - timedelta(days=longest))  # fmt: skip
    rows = rows.select_related("site").order_by("-reported_at", "-id")
    return [one for one in rows[:MOST] if one.kind in kinds
            and one.reported_at >= now - timedelta(days=kinds[one.kind].duplicate_days)]  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What stands around some cases: their acts in time order, photographs, the names spoken of, where merged ones ended."""

    acts: Mapping[UUID, list[Any]]
    photos: Mapping[UUID, list[AttachmentView]]
    names: words.Names
    ends: Mapping[UUID, Case]

    def last(self, case: Case, *verbs: str) -> Any:
        """Return the latest act of one of some verbs on a case; None where there was none."""
        wanted = {f"cases.{verb}" for verb in verbs}
        return next((act for act in reversed(self.acts.get(case.id, [])) if act.action in wanted), None)

    def said(self, case: Case, verb: str, name: str) -> str:
        """Return what the latest act of a verb said in one field; "" where there was none."""
        act = self.last(case, verb)
        return str(act.changes.get(name) or "") if act is not None else ""

    def who(self, act: Any) -> str:
        """Return in which role somebody acted: people's names stay on the pages."""
        return self.names.roles.get(act.role) or {"public": "群众"}.get(act.role, "系统")


def around(county: int, cases: Iterable[Case]) -> Told:
    """Read what stands around some cases of a county."""
    found = list(cases)
    ids = [case.id for case in found]
    acts: dict[UUID, list[Any]] = {}
    rows = trace.rows_about(county, ids) if ids else []
    for row in rows:
        if row.object_id is not None:
            acts.setdefault(row.object_id, []).append(row)
    return Told(acts, attachments_of_many(county, ids) if ids else {}, words.names_for(county, rows), _ends(found))


def _ends(cases: list[Case]) -> dict[UUID, Case]:
    """Return by case the one at the end of its merges; each further step of the longest chain is one statement."""
    ends = {case.id: case.merged_into for case in cases if case.state == "merged" and case.merged_into is not None}
    while further := {one.merged_into_id for one in ends.values() if one.state == "merged"} - {None}:
        county = next(iter(ends.values())).county
        next_ones = {one.id: one for one in Case.objects.filter(county=county, id__in=further)}
        ends = {key: next_ones.get(one.merged_into_id, one) if one.state == "merged" else one
                for key, one in ends.items()}  # fmt: skip
    return ends
