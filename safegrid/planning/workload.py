"""What visiting takes in a year: minutes at the sites by the norms, and the way between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from safegrid.planning.parameters import Norm, Parameters

Floats = npt.NDArray[np.float64]

FALLBACK = Norm("", "", 2, 20)  # of a site type and grade that the handbook says nothing of: told as a finding
# Beardwood, Halton, Hammersley 1959: a tour through n points of an area A is about 0.7124·√(n·A) long, so √(A/n) a visit.
TOUR, DETOUR = 0.7124, 1.3
MOST_TRAVEL = 45.0  # minutes: beyond, a visit is a trip of its own by other means
VISITS_A_TRIP = 8.0
EMPTY_MINUTES_PER_KM2, LEAST_MINUTES = 60.0, 1.0  # of land without a site: somebody must look whether one has opened


def sums(place: npt.NDArray[np.integer[Any]], weight: npt.ArrayLike, count: int) -> Floats:
    """Return the sum of the weights at each of ``count`` places."""
    found: Floats = np.bincount(place, weights=weight, minlength=count).astype(np.float64)
    return found


class Norms:
    """The norms of a scenario, by site type and risk grade; remembers which were asked for in vain."""

    def __init__(self, parameters: Parameters) -> None:
        self._by_kind = {(one.site_type, one.risk_grade): one for one in parameters.norms}
        self.missing: dict[tuple[str, str], int] = {}

    def of(self, fact: Any) -> Norm:
        """Return the norm of a site; where the handbook has none, the fallback."""
        kind = (fact.site_type, fact.risk_grade)
        found = self._by_kind.get(kind)
        if found is None:
            self.missing[kind] = self.missing.get(kind, 0) + 1
            return FALLBACK
        return found


def travel_minutes(area_m2: Floats, sites: Floats, speed_kmh: float) -> Floats:
    """Return the minutes of way a visit, for areas (m²) with so many sites each; 0 where there is none."""
    metres = way_metres(area_m2, sites)
    return np.minimum(metres / (speed_kmh * 1000 / 60), MOST_TRAVEL)


def way_metres(area_m2: Floats, sites: Floats) -> Floats:
    """Return the metres between two visits on a tour through the sites of an area, streets' detour included."""
    apart = np.sqrt(np.asarray(area_m2) / np.maximum(sites, 1))
    return np.where(np.asarray(sites) > 0, DETOUR * TOUR * apart, 0.0)


def walked_km(visits: Floats, sites: Floats, area_m2: Floats, mean_distance: Floats) -> Floats:
    """Return the kilometres a year of each grid: out to its places and back on every trip, and between visits.

    ``mean_distance``: metres from the middle of the grid to its places, weighted by visits.
    """
    trips = visits / VISITS_A_TRIP
    return (visits * way_metres(area_m2, sites) + 2 * DETOUR * trips * mean_distance) / 1000


def empty_minutes(area_m2: Floats) -> Floats:
    """Return the small load of land without a site, minutes a year."""
    return np.maximum(np.asarray(area_m2) / 1e6 * EMPTY_MINUTES_PER_KM2, LEAST_MINUTES)
