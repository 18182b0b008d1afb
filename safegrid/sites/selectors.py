"""Reading the register of sites."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.sites.access import visible
from safegrid.sites.models import Site

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
    """Where a site is: WGS 84 degrees (None where unknown), its declared place, and whether grid work covers it."""

    id: UUID
    longitude: float | None
    latitude: float | None
    town: str
    village: str
    is_directly_supervised: bool
    status: str


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


def search(user: Actor, words: str) -> QuerySet[Any]:
    """Return the visible sites whose name or address holds ``words``, or whose code or credit code begins so."""
    return matching(visible(user), words)


def matching(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Narrow ``rows`` to what ``search`` looks for; every word separated by a space must be found."""
    for word in words.split():
        named = Q(name__icontains=word) | Q(address__icontains=word)
        rows = rows.filter(named | Q(code__startswith=word) | Q(credit_code__startswith=word.upper()))
    return rows


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


def _stream(rows: QuerySet[Any], fields: Sequence[str], site_ids: Collection[UUID] | None) -> Iterator[tuple[Any, ...]]:
    if site_ids is None:
        yield from _by_key(rows, fields)
        return
    wanted = iter(site_ids)
    while chunk := list(islice(wanted, CHUNK)):
        yield from list(rows.filter(id__in=chunk).values_list(*fields))


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
