"""Reading the register of sites."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from safegrid.foundation.crypto import mask_id_number, mask_name, mask_phone
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.regions import selectors as regions
from safegrid.sites.access import visible, visible_changes, visible_differences, visible_runs
from safegrid.sites.freshness import stale_q
from safegrid.sites.history import LABELS, HistoryItem, history, shown
from safegrid.sites.models import (
    ChangeRequest,
    DifferenceKind,
    DirectSupervision,
    ImportRun,
    ImportState,
    RegisterDifference,
    ReviewState,
    RiskGrade,
    Scale,
    Settlement,
    Site,
    SiteContact,
    SiteStatus,
    SiteType,
)

CHUNK = 2000


class Fact(NamedTuple):
    """What rules look at of a site."""

    id: UUID
    site_type: str
    industry: str
    town: str
    village: str
    is_directly_supervised: bool
    risk_grade: str
    status: str


class Position(NamedTuple):
    """Where a site is: WGS 84 degrees (None where unknown), its declared place, whether grid work covers it, and its grid now."""

    id: UUID
    longitude: float | None
    latitude: float | None
    town: str
    village: str
    is_directly_supervised: bool
    status: str
    grid_id: UUID | None


class WorkFact(NamedTuple):
    """What visiting a site takes to reckon: what it is, where, and whether grid work covers it."""

    id: UUID
    site_type: str
    risk_grade: str
    town: str
    village: str
    longitude: float | None
    latitude: float | None
    is_directly_supervised: bool
    status: str
    grid_id: UUID | None


class VisitFact(NamedTuple):
    """What planning visits looks at of a site; where it is in WGS 84 degrees (None where unknown), and since when it is known."""

    id: UUID
    site_type: str
    risk_grade: str
    town: str
    village: str
    longitude: float | None
    latitude: float | None
    opening_hours: str
    grid_id: UUID
    created_at: datetime


def site(county: int, site_id: UUID) -> Site:
    """Return a site whoever asks; raise ``NotVisible`` when there is none."""
    found: Site | None = Site.objects.filter(county=county, id=site_id).first()
    if found is None:
        raise NotVisible("没有这个监管对象")
    return found


def site_for(user: Actor, county: int, site_id: UUID) -> Site:
    """Return a site the user may see; raise ``NotVisible`` otherwise."""
    found: Site | None = visible(user).filter(county=county, id=site_id).first()
    if found is None:
        raise NotVisible
    return found


def seen_of(user: Actor, county: int, site_ids: Iterable[UUID | None]) -> set[UUID]:
    """Return those of some sites that the user sees: what pages of other contexts may lead to. At most a page's."""
    wanted = {key for key in site_ids if key is not None}
    if not wanted:
        return set()
    return set(visible(user).filter(county=county, id__in=wanted).order_by().values_list("id", flat=True))


def search(user: Actor, words: str) -> QuerySet[Any]:
    """Return the visible sites whose name or address holds ``words``, or whose code or credit code begins so."""
    return matching(visible(user), words)


def matching(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Narrow ``rows`` to what ``search`` looks for; every word separated by a space must be found."""
    for word in words.split():
        named = Q(name__icontains=word) | Q(address__icontains=word)
        rows = rows.filter(named | Q(code__startswith=word) | Q(credit_code__startswith=word.upper()))
    return rows


def named_or_phoned(digits: str, county: int | None) -> Q:
    """Return the condition on sites: a name or code with these four digits, or a contact whose phone ends in them.

    ``county`` None asks across counties, inside ``cross_county``.
    """
    contacts = SiteContact.objects.filter(
        county=OuterRef("county"), site=OuterRef("pk"), phone_tail=digits, is_active=True
    )
    if county is not None:
        contacts = contacts.filter(county=county)
    return Q(name__icontains=digits) | Q(code__endswith=digits) | Q(Exists(contacts))


def by_codes(county: int, codes: Collection[str]) -> dict[str, Site]:
    """Return the sites with the register's codes, by code."""
    rows = Site.objects.filter(county=county, code__in=list(codes))
    return {row.code: row for row in rows}


def rule_facts(
    county: int,
    *,
    site_ids: Collection[UUID] | None = None,
    site_id: UUID | None = None,
    site_type: str = "",
    industry_prefix: str = "",
    town: str = "",
    village: str = "",
) -> Iterator[Fact]:
    """Yield what duty rules look at, of the sites named or of all of the county, narrowed by what is set; flat memory.

    The rows may be updated while they are read: the reading goes by key, in pages.
    """
    rows = Site.objects.filter(county=county)
    if site_id is not None:
        rows = rows.filter(id=site_id)
    if site_type:
        rows = rows.filter(site_type=site_type)
    if industry_prefix:
        rows = rows.filter(industry__startswith=industry_prefix)
    if town:
        rows = rows.filter(town=town)
    if village:
        rows = rows.filter(village=village)
    return (Fact(*row) for row in _stream(rows, Fact._fields, site_ids))


def positions(
    county: int,
    *,
    site_ids: Collection[UUID] | None = None,
    box: tuple[float, float, float, float] | None = None,
    without_coordinates: bool = False,
) -> Iterator[Position]:
    """Yield where the sites named, or all sites of the county, are; flat memory, as ``rule_facts``.

    ``box``: only those inside (west, south, east, north) degrees; ``without_coordinates``: only those without a point.
    """
    rows = Site.objects.filter(county=county)
    if box is not None:
        west, south, east, north = box
        rows = rows.filter(longitude__range=(west, east), latitude__range=(south, north))
    if without_coordinates:
        rows = rows.filter(longitude__isnull=True)
    return (Position(*row) for row in _stream(rows, Position._fields, site_ids))


def work_facts(
    county: int, *, town: str = "", box: tuple[float, float, float, float] | None = None
) -> Iterator[WorkFact]:
    """Yield what planning reckons with, of the sites of a town or inside a box (of the county without either); flat memory.

    ``box``: west, south, east, north in degrees. With both, sites that are in either.
    """
    rows, wanted = Site.objects.filter(county=county), Q()
    if town:
        wanted |= Q(town=town)
    if box is not None:
        west, south, east, north = box
        wanted |= Q(longitude__range=(west, east), latitude__range=(south, north))
    return (WorkFact(*row) for row in _stream(rows.filter(wanted), WorkFact._fields, None))


def visit_facts(county: int, grid_ids: Collection[UUID]) -> list[VisitFact]:
    """Return what planning visits looks at, of those sites of grids that grid work covers (``grids.selectors.needs_grid``)."""
    rows = Site.objects.filter(county=county, is_directly_supervised=False, status__in=("active", "paused"))
    return [VisitFact(*row) for row in _stream(rows, VisitFact._fields, grid_ids, by="grid_id")]


def direct_reasons(county: int, site_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return why sites are supervised directly and by whom, in words; of sites that are not, nothing."""
    found: dict[UUID, str] = {}
    rows = DirectSupervision.objects.filter(county=county).order_by("valid_from", "id")
    for row in _stream(rows, ("site_id", "reason", "authority"), site_ids, by="site_id"):
        found[row[0]] = f"{row[2]}直接监管：{row[1]}"
    return found


def names_of(county: int, site_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of sites as lists show them (a household's head masked), by id."""
    rows = _stream(Site.objects.filter(county=county), ("id", "name", "site_type"), site_ids)
    return {key: mask_name(name) if kind == SiteType.HOUSEHOLD else name for key, name, kind in rows}


def _stream(
    rows: QuerySet[Any], fields: Sequence[str], site_ids: Collection[UUID] | None, by: str = "id"
) -> Iterator[tuple[Any, ...]]:
    if site_ids is None:
        yield from _by_key(rows, fields)
        return
    wanted = iter(site_ids)
    while chunk := list(islice(wanted, CHUNK)):
        yield from list(rows.filter(**{f"{by}__in": chunk}).values_list(*fields))


def _by_key(rows: QuerySet[Any], fields: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Page through by key instead of keeping a cursor open, which a writer on SQLite would disturb."""
    last: UUID | None = None
    while True:
        page = rows if last is None else rows.filter(id__gt=last)
        found = list(page.order_by("id").values_list(*fields)[:CHUNK])
        yield from found
        if len(found) < CHUNK:
            return
        last = found[-1][0]


@dataclass(frozen=True)
class ContactView:
    """A contact as pages and the API show it: phone and ID number masked, the name too where it is a household's."""

    id: UUID
    name: str
    position: str
    phone: str
    id_number: str
    is_active: bool


def contacts_of(user: Actor, site: Site) -> list[ContactView]:
    """Return a site's contacts, masked, those in use first; raise ``NotVisible`` where the user does not see the site."""
    site_for(user, site.county, site.id)
    rows = SiteContact.objects.filter(county=site.county, site=site).order_by("-is_active", "id")
    hide = mask_name if site.site_type == SiteType.HOUSEHOLD else str
    return [
        ContactView(
            row.id, hide(row.name), row.position, mask_phone(row.phone), mask_id_number(row.id_number), row.is_active
        )
        for row in rows
    ]


def contacts_of_sites(county: int, site_ids: Collection[UUID]) -> dict[UUID, list[ContactView]]:
    """Return the contacts in use of many sites that the caller has found visible, masked as ``contacts_of`` does, by site."""
    found: dict[UUID, list[ContactView]] = {}
    wanted, rows = iter(site_ids), SiteContact.objects.filter(county=county, is_active=True).select_related("site")
    while chunk := list(islice(wanted, CHUNK)):
        for row in rows.filter(site_id__in=chunk).order_by("id"):
            name = mask_name(row.name) if row.site.site_type == SiteType.HOUSEHOLD else row.name
            view = ContactView(row.id, name, row.position, mask_phone(row.phone), mask_id_number(row.id_number), True)
            found.setdefault(row.site_id, []).append(view)
    return found


def history_of(user: Actor, site: Site, *, limit: int = 100) -> list[HistoryItem]:
    """Return what was done to a site's entry, the latest first; raise ``NotVisible`` where the user does not see it."""
    site_for(user, site.county, site.id)
    return history(site, limit=limit)


def position_warnings(site: Site) -> list[str]:
    """Return what is odd about a site's position: outside the county, or in another village than the one entered."""
    if site.longitude is None or site.latitude is None or not regions.has_village_shapes(site.county):
        return []
    village = regions.village_at(site.county, site.longitude, site.latitude)
    if not village:
        return ["坐标不在本县任何村（社区）的范围内，请核对坐标和坐标系"]
    if site.village and village != site.village:
        return [f"坐标位于{regions.name_of(village)}，与登记的{regions.name_of(site.village)}不一致"]
    return []


def direct_supervisions_of(site: Site) -> list[DirectSupervision]:
    """Return a site's periods of direct supervision, the latest first."""
    return list(DirectSupervision.objects.filter(county=site.county, site=site).order_by("-valid_from", "-id"))


def stale(user: Actor) -> QuerySet[Any]:
    """Return the visible sites whose record is stale (``freshness``), as the list shows them with its filter of that name."""
    return visible(user).filter(stale_q())


def changes(user: Actor) -> QuerySet[Any]:
    """Return the change requests the user sees, with their sites."""
    return visible_changes(user).select_related("site")


def waiting_changes(user: Actor) -> QuerySet[Any]:
    """Return the change requests that wait for a review, as far as the user sees them."""
    return changes(user).filter(state=ReviewState.WAITING)


def change_for(user: Actor, county: int, change_id: UUID) -> ChangeRequest:
    """Return a change request the user may see; raise ``NotVisible`` otherwise."""
    found: ChangeRequest | None = changes(user).filter(county=county, id=change_id).first()
    if found is None:
        raise NotVisible
    return found


def proposed_in_words(change: ChangeRequest) -> list[tuple[str, str, str]]:
    """Return (label, present value, proposed value) of everything a request would change."""
    site, rows = change.site, []
    for name, value in change.values.items():
        before = getattr(site, name) if site is not None else ""
        if name == "name" and SiteType.HOUSEHOLD in (change.values.get("site_type"), getattr(site, "site_type", "")):
            before, value = mask_name(before), mask_name(value)
        rows.append((LABELS.get(name, name), shown(name, before), shown(name, value)))
    return rows


def differences(user: Actor) -> QuerySet[Any]:
    """Return the lines that comparisons with other registers left, as far as the user sees them."""
    return visible_differences(user).select_related("extract", "site")


def difference_for(user: Actor, county: int, difference_id: UUID) -> RegisterDifference:
    """Return one line of the work list; raise ``NotVisible`` where the user does not see it."""
    found: RegisterDifference | None = differences(user).filter(county=county, id=difference_id).first()
    if found is None:
        raise NotVisible
    return found


def settlements_of(difference: RegisterDifference) -> list[tuple[str, str]]:
    """Return (value, label) of the ways in which a line may be settled."""
    fitting = FITTING[difference.kind]
    return [(value, label) for value, label in Settlement.choices if value in fitting]


def runs(user: Actor) -> QuerySet[Any]:
    """Return the imports the user sees."""
    return visible_runs(user)


def run_for(user: Actor, county: int, run_id: UUID) -> ImportRun:
    """Return one import; raise ``NotVisible`` where the user does not see it."""
    found: ImportRun | None = runs(user).filter(county=county, id=run_id).first()
    if found is None:
        raise NotVisible
    return found


FITTING: dict[str, frozenset[str]] = {
    DifferenceKind.NEW: frozenset({Settlement.REGISTER, Settlement.IGNORE}),
    DifferenceKind.CLOSED: frozenset({Settlement.CLOSE, Settlement.IGNORE}),
    DifferenceKind.MOVED: frozenset({Settlement.MOVE, Settlement.IGNORE}),
}

SITE_TYPES = SiteType.choices
RISK_GRADES = RiskGrade.choices
SCALES = Scale.choices
STATUSES = SiteStatus.choices
ENDINGS = [(value, label) for value, label in SiteStatus.choices if value != SiteStatus.ACTIVE]
REVIEW_STATES = ReviewState.choices
DIFFERENCE_KINDS = DifferenceKind.choices
IMPORT_STATES = ImportState.choices
