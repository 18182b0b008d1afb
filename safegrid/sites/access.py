"""Which sites a user sees, and who may do what with them (the table of access.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from safegrid.foundation import clock
from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import NOTHING, Actor, Holding, granted, held, is_place, place_q
from safegrid.foundation.statements import Prepared
from safegrid.sites.models import ChangeRequest, DirectSupervision, ImportRun, RegisterDifference, Site

KEEPERS = frozenset({"lead_officer", "town_officer"})
FIELD = frozenset({"grid_member", "committee"})
VERBS: dict[str, frozenset[str]] = {
    "register_site": KEEPERS,
    "change_site": KEEPERS,
    "close_site": KEEPERS,
    "reopen_site": KEEPERS,
    "import_sites": KEEPERS,
    "mark_directly_supervised": frozenset({"lead_officer", "department_officer"}),
    "end_direct_supervision": frozenset({"lead_officer", "department_officer"}),
    "propose_change": FIELD,
    "accept_change": frozenset({"town_officer"}),
    "refuse_change": frozenset({"town_officer"}),
    "add_contact": KEEPERS | {"department_officer"},
    "change_contact": KEEPERS | {"department_officer"},
    "unmask_contact": KEEPERS | FIELD | {"department_officer"},
    "unmask_household": KEEPERS | FIELD | {"department_officer"},
    "compare_register": frozenset({"lead_officer"}),
    "settle_difference": KEEPERS,
}

WHOLE_PLACE = frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "committee", "upper_level", "auditor"})


def visible(user: Actor, kinds: Collection[str] = ()) -> QuerySet[Any]:
    """Return the sites the user sees, by all the user's roles or only by those of ``kinds``.

    A grid member's list leaves out what is supervised directly. Users above a county ask inside ``cross_county``.
    """
    return _seen_with(_sight(user, kinds))


def sees(user: Actor, kinds: Collection[str], site: Site) -> bool:
    """Say whether the user sees one site by all roles or those of ``kinds``."""
    return bool(_SEEN(_sight(user, kinds), county=site.county, site_id=site.id))


def sees_read(user: Actor, site: Site) -> bool:
    """Say what ``sees`` says, of a site just read: ``_seen_by`` asked of the row instead of the database (a test compares them)."""
    return any(_shows(user, holding, site) for holding in user.holdings())


def _shows(user: Actor, holding: Holding, site: Site) -> bool:
    kind, is_here = holding.kind, _is_inside(holding, site)
    if kind in WHOLE_PLACE:
        return is_here
    if kind == "site_contact":
        return holding.county == site.county and holding.site_id == site.pk
    if kind == "grid_member":
        is_theirs = holding.county == site.county and not site.is_directly_supervised
        return is_theirs and site.grid_id in granted(user, "grid", clock.today())
    if kind == "agency_expert":
        return _is_inside(Holding(kind, holding.place[:6]), site) and site.pk in granted(user, "site", clock.today())
    if kind == "department_officer" and holding.department_id is not None and is_here:
        is_own = site.department_id == holding.department_id
        return is_own or (site.is_directly_supervised and site.pk in _supervised_directly(holding))
    return False


def _is_inside(holding: Holding, site: Site) -> bool:
    """Say of one row what ``place_q`` asks."""
    place = holding.place
    if not is_place(place):
        return False
    return {12: site.village, 9: site.town}.get(len(place), str(site.county)).startswith(place)


def sees_its_grid(user: Actor, site: Site) -> bool:
    """Say whether the user sees a site that was found visible by a role that also sees grids (departments and experts do not)."""
    kinds = {holding.kind for holding in user.holdings()}
    through = kinds & (WHOLE_PLACE | {"grid_member"})
    return kinds == through or (bool(through) and sees(user, through, site))


# A holding with the ids of what its holder was given to see besides: all that decides which sites are seen.
Sight = tuple[tuple[Holding, frozenset[UUID]], ...]


def _sight(user: Actor, kinds: Collection[str]) -> Sight:
    return tuple([(holding, frozenset(_given(user, holding))) for holding in held(user, *kinds)])


def _given(user: Actor, holding: Holding) -> Collection[UUID]:
    """Return the ids of the grids or sites that a holding of its kind needs besides its place."""
    if holding.kind == "grid_member":
        return granted(user, "grid", clock.today())
    if holding.kind == "agency_expert":
        return granted(user, "site", clock.today())
    if holding.kind == "department_officer":
        return _supervised_directly(holding)
    return ()


def _seen_with(sight: Sight) -> QuerySet[Any]:
    """Return the sites that are seen with ``sight``: a function of its argument alone."""
    allowed = NOTHING
    for holding, given in sight:
        allowed |= _seen_by(holding, given)
    return Site.objects.filter(allowed)


_SEEN = Prepared(
    lambda sight, county, site_id: _seen_with(sight).filter(county=county, id=site_id).order_by().values_list("id")
)


def _seen_by(holding: Holding, given: frozenset[UUID]) -> Q:
    if holding.kind in WHOLE_PLACE:
        return place_q(holding)
    special = _SPECIAL.get(holding.kind)
    return special(holding, given) if special else NOTHING


def _supervised_directly(holding: Holding) -> list[UUID]:
    if holding.department_id is None:
        return []
    today = clock.today()
    with cross_county("a department of a city or province supervises in several counties"):
        direct = DirectSupervision.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=today),
            department_id=holding.department_id,
            valid_from__lte=today,
        )
        if holding.county:
            direct = direct.filter(county=holding.county)
        return list(direct.values_list("site_id", flat=True))


def _of_department(holding: Holding, given: frozenset[UUID]) -> Q:
    """The sites the department answers for by the duty rules, and those it supervises directly."""
    if holding.department_id is None:
        return NOTHING
    place = place_q(holding)
    return (place & Q(department_id=holding.department_id)) | (place & Q(id__in=given))


def _of_member(holding: Holding, given: frozenset[UUID]) -> Q:
    return Q(county=holding.county, grid_id__in=given, is_directly_supervised=False) if given else NOTHING


def _of_expert(holding: Holding, given: frozenset[UUID]) -> Q:
    if not given:
        return NOTHING
    return place_q(Holding(holding.kind, holding.place[:6])) & Q(id__in=given)


def _of_contact(holding: Holding, given: frozenset[UUID]) -> Q:
    return Q(county=holding.county, id=holding.site_id) if holding.county and holding.site_id else NOTHING


_SPECIAL: dict[str, Callable[[Holding, frozenset[UUID]], Q]] = {
    "department_officer": _of_department,
    "grid_member": _of_member,
    "agency_expert": _of_expert,
    "site_contact": _of_contact,
}


def can(user: Actor | None, verb: str, site: Site) -> bool:
    """Say whether a role of the user that sees the site may use ``verb``; the system may."""
    if user is None:
        return True
    kinds = {holding.kind for holding in held(user, *VERBS[verb])}
    return bool(kinds) and sees(user, kinds, site)


def require(user: Actor | None, verb: str, site: Site) -> None:
    """Raise ``NotPermitted`` unless ``can``."""
    if not can(user, verb, site):
        raise NotPermitted("您的角色不能对这个监管对象进行这项操作")


def can_at(user: Actor | None, verb: str, county: int, town: str = "", village: str = "") -> bool:
    """Say whether the user may use ``verb`` at a place without a row yet: inside the place of a fitting role."""
    if user is None:
        return True
    asked = village or town or str(county)
    return any(holding.place and asked.startswith(holding.place) for holding in held(user, *VERBS[verb]))


def require_at(user: Actor | None, verb: str, county: int, town: str = "", village: str = "") -> None:
    """Raise ``NotPermitted`` unless ``can_at``."""
    if not can_at(user, verb, county, town, village):
        raise NotPermitted("您的角色不能在这个地方进行这项操作")


def towns_of(user: Actor | None, verb: str, county: int) -> frozenset[str] | None:
    """Return the towns of the county where the user may use ``verb``; None for all of them."""
    if can_at(user, verb, county):
        return None
    assert user is not None
    places = (holding.place for holding in held(user, *VERBS[verb]))
    return frozenset(place for place in places if len(place) == 9 and place.startswith(str(county)))


REVIEWERS = frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "auditor"})


def visible_changes(user: Actor) -> QuerySet[Any]:
    """Return the change requests of the user's places, and those the user proposed."""
    allowed = NOTHING
    for holding in user.holdings():
        if holding.kind in REVIEWERS:
            allowed |= place_q(holding)
        elif holding.kind in FIELD and holding.county:
            allowed |= Q(county=holding.county, proposed_by_id=user.id)
    return ChangeRequest.objects.filter(allowed)


def visible_differences(user: Actor) -> QuerySet[Any]:
    """Return what comparisons with other registers left at the user's places."""
    allowed = NOTHING
    for holding in held(user, *REVIEWERS):
        allowed |= place_q(holding)
    return RegisterDifference.objects.filter(allowed)


def visible_runs(user: Actor) -> QuerySet[Any]:
    """Return the imports the user started; the lead office sees all of its county."""
    allowed = NOTHING
    for holding in held(user, *KEEPERS):
        if holding.county:
            own = Q(county=holding.county) & Q(started_by_id=user.id)
            allowed |= place_q(holding) if holding.kind == "lead_officer" else own
    return ImportRun.objects.filter(allowed)


def verbs_for(user: Actor, site: Site) -> frozenset[str]:
    """Return the verbs the user may use on a site, for the page of the row just read."""
    acting = frozenset[str]().union(*VERBS.values())
    seeing = {holding.kind for holding in user.holdings() if holding.kind in acting and _shows(user, holding, site)}
    return frozenset(verb for verb, kinds in VERBS.items() if kinds & seeing)
