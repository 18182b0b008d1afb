"""What a county rarely changes and every verb reads, kept in each process's memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import local
from time import monotonic
from typing import Any, Generic, TypeVar

from django.db import transaction

T = TypeVar("T")
TRUSTED_SECONDS = 3.0
_all: list[CountyCache[Any]] = []
_lately: list[int] = []  # the county asked for last: a page may begin with what belongs to all counties


@dataclass(frozen=True)
class _Settle:
    """Waits on the connection for the commit of a transaction that has changed a county's catalogue."""

    cache: CountyCache[Any]
    county: int

    def __call__(self) -> None:
        self.cache._settled(self.county)


class _Changing(local):
    """The counties that this thread's transaction has changed."""

    def __init__(self) -> None:
        self.counties: set[int] = set()


class CountyCache(Generic[T]):
    """One value for each county, loaded on first use.

    ``changed(county)`` is called by the verb that writes, in its transaction: its own process forgets at once, other
    processes within ``TRUSTED_SECONDS``. A transaction that has changed the catalogue reads it afresh until it ends.
    """

    def __init__(self, name: str, load: Callable[[int], T]) -> None:
        self.name, self._load = name, load
        self._kept: dict[int, tuple[int, float, T]] = {}
        self._changing = _Changing()
        _all.append(self)

    def get(self, county: int) -> T:
        if county in self._changing.counties and self._is_changing(county):
            return self._load(county)
        kept = self._kept.get(county)
        if kept is not None and monotonic() - kept[1] < TRUSTED_SECONDS:
            return kept[2]
        version = self._compared(county)
        value = kept[2] if kept is not None and kept[0] == version else self._load(county)
        self._kept[county] = (version, monotonic(), value)
        return value

    def changed(self, county: int) -> None:
        from django.db.models import F

        from safegrid.foundation.models import CacheVersion

        rows = CacheVersion.objects.filter(county=county, name=self.name)
        if not rows.update(version=F("version") + 1):
            CacheVersion.objects.bulk_create([CacheVersion(county=county, name=self.name)], ignore_conflicts=True)
            # Counted besides: whoever lost the insertion to another first change must be noticed, too.
            rows.update(version=F("version") + 1)
        self._forget(county)
        if transaction.get_connection().in_atomic_block:
            self._changing.counties.add(county)
            transaction.on_commit(_Settle(self, county))

    def _is_changing(self, county: int) -> bool:
        """Does this thread's transaction still hold a change? A rollback, of a savepoint too, takes its hook away."""
        waiting = _Settle(self, county)
        if any(hook == waiting for _, hook, *_ in transaction.get_connection().run_on_commit):
            return True
        self._changing.counties.discard(county)
        return False

    def _compared(self, county: int) -> int:
        """Return the version now; what other caches hold of the county, or of all counties, is trusted anew where still good.

        So that a page which reads several of them asks once, not once for each.
        """
        from safegrid.foundation.models import CacheVersion
        from safegrid.foundation.trace import PLATFORM

        at, counties = monotonic(), {county, PLATFORM, *_lately}
        if county != PLATFORM:
            _lately[:] = [county]
        rows = CacheVersion.objects.filter(county__in=counties).values_list("county", "name", "version")
        now: dict[tuple[int, str], int] = {(place, name): version for place, name, version in rows}
        for other in _all:
            for place in counties:
                kept = other._kept.get(place)
                # What another thread has forgotten meanwhile stays so.
                if kept is not None and kept[0] == now.get((place, other.name), 0) and other._kept.get(place) is kept:
                    other._kept[place] = (kept[0], at, kept[2])
        return now.get((county, self.name), 0)

    def _settled(self, county: int) -> None:
        self._changing.counties.discard(county)
        self._forget(county)

    def _forget(self, county: int) -> None:
        self._kept.pop(county, None)


def distrust_everything() -> None:
    """Let every cache compare its version once, as after seconds without a reader: for tests that count statements."""
    for cache in _all:
        for county, (version, _, value) in list(cache._kept.items()):
            cache._kept[county] = (version, float("-inf"), value)


def forget_everything() -> None:
    """Empty every cache: for tests, whose rolled-back databases share one process."""
    for cache in _all:
        cache._kept.clear()
        cache._changing.counties.clear()
    _lately.clear()
