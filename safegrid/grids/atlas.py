"""A county's boundaries in memory: which grid holds a point, on any date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q
from shapely.geometry.base import BaseGeometry

from safegrid.foundation.cache import CountyCache
from safegrid.foundation.geometry import Locator, read_area
from safegrid.grids.models import GridVersion

DATES_KEPT = 4


@dataclass(frozen=True)
class Piece:
    """One version of one grid; ``valid_to`` is its last day."""

    version_id: UUID
    grid_id: UUID
    code: str
    village: str
    villages: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    area: BaseGeometry
    area_m2: float

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or self.valid_to >= on)

    def in_force_from(self, on: date) -> bool:
        """Whether it is in force on some day from ``on`` on."""
        return self.valid_to is None or self.valid_to >= max(on, self.valid_from)


class Atlas:
    """Every version of a county's grids, by code; where two overlap within tolerance, the smaller code answers."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.pieces = list(pieces)
        self._locators: dict[frozenset[UUID], Locator[UUID]] = {}
        self._of_day: dict[date, Locator[UUID]] = {}

    def on(self, day: date) -> list[Piece]:
        """Return the versions in force on a day."""
        return [piece for piece in self.pieces if piece.in_force(day)]

    def locator(self, day: date) -> Locator[UUID]:
        """Return what answers which grid (by id) holds a point on a day."""
        ready = self._of_day.get(day)
        if ready is not None:
            return ready
        present = self.on(day)
        key = frozenset(piece.version_id for piece in present)
        found = self._locators.get(key)
        if found is None:
            if len(self._locators) >= DATES_KEPT:
                self._locators.clear()
            found = Locator([piece.grid_id for piece in present], [piece.area for piece in present])
            self._locators[key] = found
        if len(self._of_day) >= DATES_KEPT:
            self._of_day.clear()
        self._of_day[day] = found
        return found

    def whole_villages(self, day: date) -> dict[str, UUID]:
        """Return the village → grid for the villages that exactly one grid covers on a day.

        A site without coordinates whose village is known is located by it.
        """
        holders: dict[str, set[UUID]] = {}
        for piece in self.on(day):
            for village in {piece.village, *piece.villages} - {""}:
                holders.setdefault(village, set()).add(piece.grid_id)
        return {village: next(iter(grids)) for village, grids in holders.items() if len(grids) == 1}


def load(county: int) -> Atlas:
    """Read the atlas from the database."""
    rows = GridVersion.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), county=county)
    rows = rows.select_related("grid").order_by("grid__code", "number")
    return Atlas(
        Piece(row.id, row.grid_id, row.grid.code, row.grid.village, tuple(row.villages), row.valid_from, row.valid_to,
              read_area(row.boundary), row.area_m2)
        for row in rows
    )  # fmt: skip


ATLAS: CountyCache[Atlas] = CountyCache("grids", load)


def grids_of_village(county: int, village: str, on: date) -> list[UUID]:
    """Return the grids in force on a day that reach into a village."""
    return [piece.grid_id for piece in ATLAS.get(county).on(on) if village in piece.villages]
