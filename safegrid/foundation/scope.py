"""Who someone is and where: the shapes that every context's ``visible(user)`` is built from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from django.db.models import Q, QuerySet

from safegrid.foundation.statements import Prepared

NOTHING = Q(pk__in=[])
_read_once: ContextVar[dict[tuple[UUID, str, date], set[UUID]] | None] = ContextVar("grants_read_once", default=None)


@dataclass(frozen=True)
class Holding:
    """A role in force: its kind, its place (a prefix of region codes, "" for the nation) and its body, if any."""

    kind: str
    place: str
    department_id: UUID | None = None
    agency_id: UUID | None = None
    site_id: UUID | None = None

    @property
    def county(self) -> int | None:
        """The county of the place; None above counties."""
        return int(self.place[:6]) if is_place(self.place) and len(self.place) >= 6 else None


@runtime_checkable
class Actor(Protocol):
    """A user, as foundation knows one."""

    id: UUID

    @property
    def label(self) -> str: ...

    def holdings(self) -> tuple[Holding, ...]: ...


LEVELS = (0, 2, 4, 6, 9, 12)  # digits of the nation's, a province's, city's, county's, town's, village's code


def is_place(place: str) -> bool:
    """Is it the prefix of a region code at a level that there is?"""
    return len(place) in LEVELS and (not place or (place.isascii() and place.isdigit()))


def place_q(holding: Holding, *, town: str = "town", village: str = "village") -> Q:
    """Return the condition "inside the holding's place" on rows with ``county``, a town and a village column.

    What is no place contains nothing.
    """
    place = holding.place
    if not is_place(place):
        return NOTHING
    if len(place) == 12:
        return Q(county=int(place[:6])) & Q(**{village: place})
    if len(place) == 9:
        return Q(county=int(place[:6])) & Q(**{town: place})
    return counties_q(holding)


def counties_q(holding: Holding) -> Q:
    """Return the condition "of the county, or of a county below the city, province or nation".

    Above the county it is a range, which runs only inside ``cross_county``. Of a town or village it is the county.
    """
    if not is_place(holding.place):
        return NOTHING
    place = holding.place[:6]
    if len(place) == 6:
        return Q(county=int(place))
    if not place:
        return Q(county__gte=100000)
    low = int(place.ljust(6, "0"))
    return Q(county__gte=low, county__lt=low + 10 ** (6 - len(place)))


def held(user: Actor, *kinds: str) -> list[Holding]:
    """Return the user's holdings of one of ``kinds`` (all when none is named)."""
    return [holding for holding in user.holdings() if not kinds or holding.kind in kinds]


def granted(user: Actor, kind: str, on: date) -> set[UUID]:
    """Return the keys of ``kind`` (grid, site, …) that grants let the user see on a day, in the counties of the roles."""
    known = _read_once.get()
    if known is None:
        return _asked(user, kind, on)
    key = (user.id, kind, on)
    if key not in known:
        known[key] = _asked(user, kind, on)
    return set(known[key])


@contextmanager
def grants_read_once() -> Iterator[None]:
    """Read the same grants only once inside: for a page that asks several contexts for what one user sees, never for a verb."""
    token = _read_once.set({})
    try:
        yield
    finally:
        _read_once.reset(token)


def _asked(user: Actor, kind: str, on: date) -> set[UUID]:
    counties = {holding.county for holding in user.holdings() if holding.county}
    return set(_granted(counties=[*counties], user_id=user.id, kind=kind, on=on))


def _grants(counties: list[int], user_id: UUID, kind: str, on: date) -> QuerySet[Any, Any]:
    from safegrid.foundation.models import ScopeGrant

    valid = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    rows = ScopeGrant.objects.filter(valid, county__in=counties, user_id=user_id, kind=kind)
    return rows.values_list("key", flat=True)


_granted = Prepared(_grants)
