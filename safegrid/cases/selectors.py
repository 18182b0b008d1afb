"""Reading cases: one for a user, lists by whose turn and by limit, what looks alike, what happened."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from math import cos, radians
from operator import or_
from typing import Any, cast
from uuid import UUID

from django.db.models import Case as Choose
from django.db.models import Count, Q, QuerySet, When

from safegrid.cases import access, around
from safegrid.cases.indices import indices as indices
from safegrid.cases.models import Case, CaseTimer, Penalty, Recheck, RectificationOrder
from safegrid.cases.models.case import DEPARTMENTS_TURN, LEADS_TURN, OVER, TOWNS_TURN
from safegrid.cases.workflow import OPEN, CaseRow
from safegrid.foundation import clock
from safegrid.foundation.bulk import batches
from safegrid.foundation.crypto import mask_name, mask_phone
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import NOTHING, Actor, counties_q, held, place_q
from safegrid.handbook import selectors as handbook
from safegrid.regions.datum import distance_m

METRES_A_DEGREE = 111_000.0
NEAR_LIMIT = Q(state__in=OPEN, timing="near")
OVERDUE = Q(state__in=OPEN) & OVER
HIDDEN_FROM_SITE = {
    "reporter_id": None, "reporter_role": "", "reporter_name": "", "reporter_phone": "", "channel": "", "words": "",
    "origin_id": None, "is_suspected_major": False, "is_settled_on_spot": False,
}  # fmt: skip


@dataclass(frozen=True)
class Papers:
    """What a case's course left in writing, each by id."""

    orders: list[RectificationOrder]
    penalties: list[Penalty]
    rechecks: list[Recheck]


def case_for(user: Actor, county: int, case_id: UUID) -> Case:
    """Return one case as the user may see it (see ``shown``); raise ``NotVisible``."""
    found = access.visible(user).filter(county=county, id=case_id).select_related("site", "department").first()
    if found is None:
        raise NotVisible
    return _with_stored(shown(user, copy(found)), found)


def _with_stored(case: Any, stored: Case) -> Case:
    """Let ``verbs_of`` judge by the case as it is stored: what is hidden from the user plays no part there."""
    case._stored = stored
    return cast(Case, case)


def verbs_of(user: Actor, case: Case) -> list[CaseRow]:
    """Return what ``access.verbs_for`` does of a case just read by ``case_for``, with the rows beside it read together."""
    stored: Case = getattr(case, "_stored")  # noqa: B009
    setattr(stored, around.READ, around.read(case))
    return access.usable(user, stored)


def shown(user: Actor, case: Case) -> Case:
    """Hide in ``case`` what the user may not see, and return it. Never save what this returns.

    The reporter's name and phone are masked for everyone (``services.unmask_reporter``); the site's contact learns neither
    the reporter nor the channel nor the report's words, from any field.
    """
    as_site = access.sees_as_site(user, case)
    case.__dict__["_shown_as"] = (user.id, as_site)
    if as_site:
        for name, value in HIDDEN_FROM_SITE.items():
            setattr(case, name, value)
        return case
    case.reporter_name = mask_name(case.reporter_name)
    case.reporter_phone = mask_phone(case.reporter_phone)
    return case


def cases(user: Actor, county: int) -> QuerySet[Case]:
    """Return the county's cases that the user sees, latest first. Pass what is shown through ``shown``."""
    return access.visible(user).filter(county=county).order_by("-reported_at", "-id")


def my_turn(user: Actor, county: int) -> QuerySet[Case]:
    """Return the cases on which the user has to act now, the most urgent first (cases.md, whose turn)."""
    return access.visible(user).filter(turn_of(user), county=county).order_by("due_at", "id")


def turn_of(user: Actor) -> Q:
    """Return the condition "the user has to act now" on visible cases."""
    return reduce(or_, (_turn(user, holding) for holding in held(user)), NOTHING)


def _turn(user: Actor, holding: Any) -> Q:
    if holding.kind == "grid_member":
        return Q(state="verifying", verifier_id=user.id) | Q(state="rectified", rechecker_id=user.id)
    if holding.kind == "department_officer":
        return Q(department_id=holding.department_id) & DEPARTMENTS_TURN
    if holding.kind == "town_officer":
        not_anothers = ~Q(state="rectified") | Q(rechecker_id__isnull=True) | Q(rechecker_id=user.id)
        return place_q(holding) & TOWNS_TURN & not_anothers
    if holding.kind == "lead_officer":
        return counties_q(holding) & LEADS_TURN
    if holding.kind == "upper_level":
        return counties_q(holding) & Q(state="disputed") & ~Q(referred_up_to="")
    if holding.kind == "site_contact":
        return Q(state="handling", site_id=holding.site_id)
    return NOTHING


def near_limit(user: Actor, county: int) -> QuerySet[Case]:
    """Return the open cases whose present stage has used three quarters of its time or more, and is not over it."""
    return access.visible(user).filter(NEAR_LIMIT, county=county).order_by("due_at", "id")


def overdue(user: Actor, county: int) -> QuerySet[Case]:
    """Return the open cases whose present stage is over its limit, the longest overdue first."""
    return access.visible(user).filter(OVERDUE, county=county).order_by("due_at", "id")


def counts(user: Actor, county: int) -> dict[str, int]:
    """Return how many cases the user sees in each state; states without any are left out."""
    rows = access.visible(user).filter(county=county).order_by().values_list("state").annotate(number=Count("id"))
    return dict(rows)


def timers_of(case: Case) -> list[CaseTimer]:
    """Return the case's timers in the order they were started."""
    return sorted(around.rows(case, CaseTimer), key=lambda row: (row.started_at, row.id))


@dataclass(frozen=True)
class Similar:
    """An open case that may be the same thing: what anyone who is about to report may know of it."""

    case_id: UUID
    number: str
    kind: str
    state: str
    reported_at: datetime
    distance_m: float | None
    same_site: bool


def similar(county: int, kind: str, site_id: UUID | None, longitude: float | None, latitude: float | None,
            at: datetime | None = None, *, but: UUID | None = None) -> list[Similar]:  # fmt: skip
    """Return open cases of the same kind at the same site or nearby, reported within the kind's days before ``at``.

    The kind says how near (metres) and how many days. Nearest first, ten at most.
    """
    node = handbook.hazard_kind(county, kind)
    since = (at or clock.now()) - timedelta(days=node.duplicate_days)
    alike = Case.objects.filter(county=county, kind=kind, state__in=OPEN, reported_at__gte=since)
    near = NOTHING
    if longitude is not None and latitude is not None:
        near = _box(longitude, latitude, node.duplicate_distance_m)
    same = Q(site_id=site_id) if site_id is not None else NOTHING
    found: dict[UUID, Similar] = {}
    at_site_first = Choose(When(same, then=0), default=1) if site_id is not None else "reported_at"
    for one in alike.filter(same | near).order_by(at_site_first)[:200]:
        candidate = _similar(one, site_id, longitude, latitude)
        if candidate.same_site or (candidate.distance_m or 0.0) <= node.duplicate_distance_m:
            found[one.id] = candidate
    ranked = [one for one in found.values() if one.case_id != but]
    return sorted(ranked, key=lambda one: (not one.same_site, one.distance_m or 0.0, one.reported_at))[:10]


def _box(longitude: float, latitude: float, metres: float) -> Q:
    """The square around a circle, for the index; the circle is measured afterwards."""
    high = metres / METRES_A_DEGREE
    wide = high / max(cos(radians(latitude)), 0.01)
    return Q(latitude__range=(latitude - high, latitude + high), longitude__range=(longitude - wide, longitude + wide))


def _similar(case: Case, site_id: UUID | None, longitude: float | None, latitude: float | None) -> Similar:
    away = None
    if None not in (longitude, latitude, case.longitude, case.latitude):
        away = distance_m(longitude, latitude, case.longitude, case.latitude)
    same = site_id is not None and case.site_id == site_id
    return Similar(case.id, case.number, case.kind, case.state, case.reported_at, away, same)


def of_sites(user: Actor, county: int, site_ids: Iterable[UUID]) -> QuerySet[Case]:
    """Return the visible cases of some sites, latest first: for a site's record."""
    return cases(user, county).filter(site_id__in=list(site_ids))


def papers_of(county: int, case_ids: Iterable[UUID]) -> dict[UUID, Papers]:
    """Return the orders, penalties and rechecks of cases found visible, by case: for a site's record."""
    return {
        key: Papers(rows[RectificationOrder], rows[Penalty], rows[Recheck])
        for key, rows in around.papers_of(county, list(case_ids)).items()
    }


def visible_of(user: Actor, county: int, case_ids: Iterable[UUID]) -> dict[UUID, Case]:
    """Return those of some cases that the user sees, by id: for what other contexts' records lead to."""
    wanted = list(case_ids)
    rows = cases(user, county).filter(id__in=wanted) if wanted else []
    return {row.id: shown(user, row) for row in rows}


def looks_due(county: int, site_ids: Iterable[UUID]) -> dict[UUID, date]:
    """Return the sites at which an open case was put right, or ought to be, with the latest such day: they want a look."""
    found: dict[UUID, date] = {}
    rows = Case.objects.filter(Q(state="rectified") | Q(state="handling", due_at__isnull=False), county=county)
    for ids in batches(site_ids, 1_000):
        told = rows.filter(site_id__in=ids).values_list("site_id", "state", "rectified_at", "due_at")
        for site_id, state, rectified_at, due_at in told:
            moment = rectified_at if state == "rectified" else due_at
            if moment is not None:
                day = moment.astimezone(clock.SHANGHAI).date()
                found[site_id] = max(day, found.get(site_id, day))
    return found


def open_numbers(county: int, site_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many open cases there are at each of some sites, whoever asks; sites without any are left out."""
    found: dict[UUID, int] = {}
    for ids in batches(site_ids, 1_000):
        rows = Case.objects.filter(county=county, site_id__in=ids, state__in=OPEN)
        found.update(dict(rows.values_list("site_id").annotate(n=Count("id")).order_by()))
    return found


def told_of(county: int, case_id: UUID) -> tuple[str, str] | None:
    """Return what every reporter may know of a case, its number and state, whoever asks; None where there is none."""
    return Case.objects.filter(county=county, id=case_id).values_list("number", "state").first()
