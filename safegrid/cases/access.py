"""Who sees which cases, and who may do what to one: both from the user's holdings and the table, nowhere else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from safegrid.cases.conditions import CONDITIONS, USUAL, WHY, Look
from safegrid.cases.models import Case, CaseAssistance, Channel
from safegrid.cases.workflow import ROWS, CaseRow
from safegrid.foundation import clock
from safegrid.foundation.scope import NOTHING, Actor, Holding, counties_q, granted, held, place_q

SYSTEM = "system"
PUBLIC = "public"
EVERYTHING_THERE = frozenset({"lead_officer", "lead_chief", "leader", "town_officer", "auditor"})
# Verbs: role kinds, assembled into the role table of the whole.
SITE = "site_contact"
VERBS: dict[str, frozenset[str]] = {}
for _row in ROWS:
    VERBS[_row.verb] = VERBS.get(_row.verb, frozenset()) | _row.roles


@dataclass(frozen=True)
class Sight:
    """All that decides which cases somebody sees; equal ones see the same. ``grids``: those a member is posted to today."""

    user_id: UUID
    holdings: tuple[Holding, ...]
    grids: frozenset[UUID]


def sight_of(user: Actor) -> Sight:
    """Return what ``user`` sees cases by today."""
    grids = granted(user, "grid", clock.today()) if held(user, "grid_member") else ()
    return Sight(user.id, user.holdings(), frozenset(grids))


def visible(user: Actor, *, but: str = "") -> QuerySet[Case]:
    """Return the cases that ``user`` sees, by every role but ``but``.

    Callers name the county, or mark the query as crossing counties.
    """
    return seen_with(sight_of(user), but=but)


def seen_with(sight: Sight, *, but: str = "") -> QuerySet[Case]:
    """Return the cases that are seen with ``sight``, by every role but ``but``: a function of its arguments alone."""
    condition = NOTHING
    for holding in sight.holdings:
        if holding.kind != but:
            condition |= _sees(sight, holding)
    return Case.objects.filter(condition)


def _sees(sight: Sight, holding: Holding) -> Q:
    if holding.kind in EVERYTHING_THERE:
        return place_q(holding)
    if holding.kind == "upper_level":
        return counties_q(holding)
    if holding.kind == "department_officer":
        return _department_sees(holding)
    if holding.kind == "hotline_officer":
        return counties_q(holding) & Q(channel=Channel.HOTLINE)
    if holding.kind == "committee":
        own = Q(reporter_id=sight.user_id) | Q(reporter_role="committee", village=holding.place)
        return counties_q(holding) & own
    if holding.kind == "grid_member":
        return counties_q(holding) & (Q(reporter_id=sight.user_id) | _assigned(sight))
    if holding.kind == "agency_expert":
        return counties_q(holding) & Q(reporter_id=sight.user_id)
    if holding.kind == "site_contact" and holding.site_id is not None:
        return counties_q(holding) & Q(site_id=holding.site_id, order_served_at__isnull=False)
    return NOTHING


def _department_sees(holding: Holding) -> Q:
    if holding.department_id is None:
        return NOTHING
    county = holding.county if holding.county is not None else OuterRef("county")
    rows = CaseAssistance.objects.filter(county=county, case_id=OuterRef("id"), department_id=holding.department_id)
    place = place_q(holding) if len(holding.place) > 6 else counties_q(holding)
    return place & (Q(department_id=holding.department_id) | Q(Exists(rows)))


def _assigned(sight: Sight) -> Q:
    """Assigned to the member, in a grid the member is posted to (or in none: a place no grid covers)."""
    own = Q(verifier_id=sight.user_id) | Q(rechecker_id=sight.user_id)
    return own & (Q(grid_id__in=sight.grids) | Q(grid_id__isnull=True))


def reaches_county(holding: Holding, county: int) -> bool:
    """Say whether the holding is in the county, or at a level above it."""
    return f"{county:06d}".startswith(holding.place[:6])


def covers(holding: Holding, county: int, town: str, village: str) -> bool:
    """Say whether a place lies inside the holding's place."""
    if len(holding.place) <= 6:
        return reaches_county(holding, county)
    return (village if len(holding.place) >= 12 else town).startswith(holding.place)


def role_for(user: Actor, row: CaseRow, case: Case) -> tuple[str, str]:
    """Return (role, "") when one of the user's roles may use ``row`` on ``case``, else ("", why not in Chinese)."""
    special = dict(row.conditions)
    why = "您的岗位不能进行这项操作"
    for holding in held(user, *row.roles):
        # Assignments and sites are personal: a grid may reach beyond its member's village.
        personal = holding.kind in ("grid_member", "site_contact")
        if not (holding.county == case.county if personal else covers(holding, case.county, case.town, case.village)):
            continue
        name = special.get(holding.kind) or USUAL.get(holding.kind, "anyone")
        if CONDITIONS[name](Look(user, holding, case)):
            return holding.kind, ""
        why = WHY.get(name, why)
    return "", why


def may(user: Actor, row: CaseRow, case: Case) -> bool:
    """Say whether a role of the user carries ``row`` on a case known to be visible."""
    return bool(role_for(user, row, case)[0])


def sees(user: Actor, county: int, case_id: UUID) -> bool:
    """Say whether the user sees one case."""
    return visible(user).filter(county=county, id=case_id).exists()


def can(user: Actor, verb: str, case: Case) -> bool:
    """Say whether ``user`` may use ``verb`` on ``case`` as it stands now."""
    return any(row.verb == verb for row in verbs_for(user, case))


def verbs_for(user: Actor, case: Case) -> list[CaseRow]:
    """Return the rows of the table that ``user`` may use on ``case`` now; none when the case is not visible.

    Pass the case as ``selectors.case_for`` returned it or as stored: what is hidden from the user plays no part.
    """
    rows = [row for row in ROWS if case.state in row.sources]
    if not any(held(user, *row.roles) for row in rows):
        return []
    fresh = visible(user).filter(county=case.county, id=case.id).first()
    return usable(user, fresh) if fresh is not None else []


def usable(user: Actor, stored: Case, verbs: Collection[str] = ()) -> list[CaseRow]:
    """Return the same for a case just read as visible to the user, nothing in it hidden; of ``verbs`` alone where given."""
    rows = [row for row in ROWS if stored.state in row.sources and (not verbs or row.verb in verbs)]
    return [row for row in rows if may(user, row, stored)]


def creators(user: Actor) -> list[CaseRow]:
    """Return the rows with which ``user`` may bring in a case."""
    return [row for row in ROWS if not row.sources and held(user, *row.roles)]


def sees_as_site(user: Actor, case: Case) -> bool:
    """Say whether the user sees the case only as its site's contact: reporter, channel and words are then hidden."""
    if not held(user, SITE):
        return False
    known = getattr(case, "_shown_as", None)  # what ``selectors.shown`` found out for this user
    if known is not None and known[0] == user.id:
        return bool(known[1])
    return not visible(user, but=SITE).filter(county=case.county, id=case.id).exists()


def sees_masked(user: Actor, case: Case) -> bool:
    """Say whether the user sees the case only from a level above the county: personal data stays masked."""
    return {holding.kind for holding in user.holdings()} <= {"upper_level"}
