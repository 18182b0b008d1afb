"""Who is told of what: recipients are found when the message is sent, so that no verb waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from safegrid.accounts.selectors import who_holds
from safegrid.cases.duty_desk import on_duty
from safegrid.cases.following import followers
from safegrid.cases.models import Case, CaseAssistance, Supervision
from safegrid.cases.workflow import CASE, Audience
from safegrid.foundation import queue
from safegrid.foundation.worktime import due_text
from safegrid.handbook.selectors import kind_names
from safegrid.notices import services as notices


def later(case: Case, kind: str, title: str, *, audiences: Iterable[str] = (), roles: Iterable[str] = (),
          key: str, but: UUID | None = None) -> None:  # fmt: skip
    """Queue a message about ``case`` to audiences and to holders of roles over its place, but not to ``but``."""
    queue.enqueue(
        "cases.tell",
        county=case.county,
        case_id=str(case.id),
        kind=kind,
        title=title,
        audiences=[str(audience) for audience in audiences],
        roles=list(roles),
        tell_key=key,
        but=str(but) if but else "",
    )


def send(county: int, case_id: str, kind: str, title: str, audiences: list[str], roles: list[str], tell_key: str,
         but: str) -> None:  # fmt: skip
    """Find the recipients and put the message into their inboxes; sending the same key again tells nobody twice."""
    case: Case = Case.objects.get(county=county, id=case_id)
    people = {user_id for audience in audiences for user_id in recipients(case, Audience(audience))}
    people |= _holders(case, *roles) if roles else set()
    if but:
        people.discard(UUID(but))
    notices.tell(
        county=county,
        recipients=sorted(people),
        kind=kind,
        title=f"{title}：{case.number}",
        body=summary(case),
        target=case,
        key=tell_key,
    )


def summary(case: Case) -> str:
    """Return what may be told to anyone concerned: kind, state, limit; never the reporter or the report's words."""
    kind = kind_names(case.county).get(case.kind, case.kind)
    due = f"，期限{due_text(case.due_at)}" if case.due_at else ""
    return f"{kind}（{CASE.state[case.state].label}{due}）"


def recipients(case: Case, audience: Audience) -> set[UUID]:
    """Return the users an audience stands for, as of now."""
    if audience is Audience.TURN:
        return whose_turn(case)
    if audience is Audience.REPORTER:
        return {user_id for user_id in (case.reporter_id, *followers(case)) if user_id is not None}
    if audience is Audience.DEPARTMENT:
        return _department(case, case.department_id)
    if audience is Audience.ASSISTANTS:
        rows = CaseAssistance.objects.filter(county=case.county, case_id=case.id, fed_back_at__isnull=True)
        return {user for row in rows for user in _department(case, row.department_id)}
    if audience is Audience.VERIFIER:
        return {case.verifier_id} if case.verifier_id else set()
    if audience is Audience.RECHECKER:
        return {case.rechecker_id} if case.rechecker_id else set()
    if audience is Audience.SITE:
        return _contacts(case)
    if audience is Audience.SUPERVISORS:
        rows = Supervision.objects.filter(county=case.county, case_id=case.id)
        return set(rows.values_list("given_by_id", flat=True))
    if audience is Audience.DESK:
        return _desk(case)
    kinds = {Audience.LEAD: "lead_officer", Audience.CHIEF: "lead_chief", Audience.TOWN: "town_officer"}
    return _holders(case, kinds[audience])


def whose_turn(case: Case) -> set[UUID]:
    """Return who has to act now: the column "whose turn" of cases.md."""
    state = case.state
    if state == "verifying":
        return recipients(case, Audience.VERIFIER)
    if state in ("dispatched", "handling", "suspended"):
        return _department(case, case.department_id)
    if state == "disputed" and case.referred_up_to:
        return _ids(who_holds(["upper_level"], county=case.county))
    if state == "rectified":
        if case.rechecker_id:
            return {case.rechecker_id}
        if case.severity == "major":
            return _department(case, case.department_id)
        return _holders(case, "town_officer") or _holders(case, "lead_officer")
    if state == "reported" and (case.severity == "major" or case.is_accident):
        return _holders(case, "town_officer", "lead_officer")
    if state == "reported" or (state == "rechecked" and case.severity == "minor"):
        return _holders(case, "town_officer") or _holders(case, "lead_officer")
    return _holders(case, "lead_officer")


def _desk(case: Case) -> set[UUID]:
    """Return who is on accident duty now; where nobody is, the whole lead office rather than nobody."""
    if not case.is_accident:
        return set()
    return {shift.user_id for shift in on_duty(case.county)} or _holders(case, "lead_officer", "lead_chief")


def _ids(users: Iterable[object]) -> set[UUID]:
    return {user.id for user in users}  # type: ignore[attr-defined]


def _holders(case: Case, *kinds: str) -> set[UUID]:
    return _ids(who_holds(kinds, county=case.county, town=case.town, village=case.village))


def _department(case: Case, department_id: UUID | None) -> set[UUID]:
    if department_id is None:
        return set()
    found = who_holds(
        ["department_officer"], county=case.county, town=case.town, village=case.village, department_id=department_id
    )
    return _ids(found)


def _contacts(case: Case) -> set[UUID]:
    """The site's contacts, once they may see the case at all."""
    if case.site_id is None or case.order_served_at is None:
        return set()
    return _ids(
        who_holds(["site_contact"], county=case.county, town=case.town, village=case.village, site_id=case.site_id)
    )
