"""What a plan measures for people: members, deviations, borders, ways, moved sites; and its grids one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from gridplan.figures import Figures, figures
from gridplan.problem import Floats, Ints
from gridplan.seats import distance
from gridplan.validators import SLACK
from safegrid.grids import selectors as grids
from safegrid.planning.ground import Units
from safegrid.planning.numbering import Planned, number
from safegrid.planning.parameters import Parameters
from safegrid.planning.workload import sums, walked_km

KEPT_SHARE = 0.5  # of the smaller of the two: below, a planned grid is another grid, not today's with other borders


@dataclass(frozen=True)
class Around:
    """What a plan is measured against: the members there, today's grids by id, and codes that were ever used."""

    full_time: int
    part_time: int
    today: Mapping[str, Any]
    codes: frozenset[str]


def around(county: int, town: str) -> Around:
    """Return what is there today in a territory."""
    members = grids.members_at(county, town)
    full = sum(1 for one in members if one.is_full_time)
    today = {str(one.id): one for one in grids.open_at(county, town)}
    return Around(full, len(members) - full, today, frozenset(grids.codes(county, town or str(county))))


@dataclass(frozen=True)
class Measured:
    """The figures by key, and a row for each grid, both as JSON."""

    figures: dict[str, Any]
    grids: list[dict[str, Any]]


def measure(units: Units, label: Ints, parameters: Parameters, there: Around, *, keeps_all: bool = False) -> Measured:
    """Measure a plan. ``keeps_all``: every grid that continues one of today's keeps its code (re-planning)."""
    problem, count = units.problem, int(units.problem.first[-1])
    found = figures(problem, label)
    assert problem.area is not None
    sites = sums(label, units.sites, count)
    area = sums(label, problem.area, count)
    middle = _middles(units, label, count)
    walked = _walked(units, label, sites, area, middle)
    shared = _shared(units, label, count)
    rows = _rows(units, label, found, middle, area, shared, there, keeps_all)
    needed = [members_needed(minutes, parameters) for minutes in found.load.tolist()]
    numbered = number([row["planned"] for row in rows], parameters.code_rule, set(there.codes))
    made = [
        {
            "number": one.number, "code": one.code, "name": one.name, "kind": one.kind, "town": one.town,
            "village": one.village, "villages": row["villages"], "minutes": round(float(found.load[at]), 1),
            "deviation": round(float(found.deviation[at]), 5), "units": int(found.units[at]), "sites": int(sites[at]),
            "walked_km": round(float(walked[at]), 1), "full_time": needed[at][0], "part_time": needed[at][1],
            "keeps": row["keeps"], "grid_id": None, "locked": row["locked"],
        }
        for at, (one, row) in enumerate(zip(numbered, rows, strict=True))
    ]  # fmt: skip
    summary = _summary(units, found, made, walked, sites, shared, there, parameters)
    return Measured(summary | {"distance": distance(problem, label)}, made)


def _summary(
    units: Units, found: Figures, made: Sequence[Mapping[str, Any]], walked: Floats, sites: Floats,
    shared: Mapping[int, tuple[int, float, int]], there: Around, parameters: Parameters,
) -> dict[str, Any]:  # fmt: skip
    full, part = sum(one["full_time"] for one in made), sum(one["part_time"] for one in made)
    return {
        "grids": len(made),
        "members_needed": full + part,
        "full_time_needed": full,
        "part_time_needed": part,
        "members_there": there.full_time + there.part_time,
        "full_time_there": there.full_time,
        "worst_deviation": found.worst_deviation,
        "mean_deviation": found.mean_deviation,
        "over_tolerance": int((found.deviation > parameters.tolerance + SLACK).sum()),
        "broken": found.broken,
        "cut_border_km": found.cut_border / 1000,
        "split_villages": found.split_villages,
        "polsby_popper": found.polsby_popper,
        "walked_km": float(walked.sum()),
        "sites": int(sites.sum()),
        "hours": float(found.load.sum()) / 60,
        "moved_sites": int(units.today_sites.sum()) - sum(one[2] for one in shared.values()),
        "kept_grids": sum(1 for one in made if one["keeps"]),
    }


def members_needed(minutes: float, parameters: Parameters) -> tuple[int, int]:
    """Return the full-time and part-time members that a grid of so many minutes a year takes."""
    if minutes <= parameters.hours_part_time * 60:
        return 0, 1
    return max(1, ceil(minutes / (parameters.capacity * (1 + parameters.tolerance)) - 1e-9)), 0


def _middles(units: Units, label: Ints, count: int) -> Floats:
    """Return the middle of each grid by visits (by load where nobody visits), metres."""
    weight = units.visits + 1e-6 * units.problem.load
    total = sums(label, weight, count)
    middle = [sums(label, weight * units.problem.position[:, axis], count) for axis in (0, 1)]
    return np.stack(middle, axis=1) / np.maximum(total, 1e-12)[:, None]


def _walked(units: Units, label: Ints, sites: Floats, area: Floats, middle: Floats) -> Floats:
    count = len(area)
    visits = sums(label, units.visits, count)
    apart = np.hypot(*(units.problem.position - middle[label]).T)
    far = sums(label, apart * units.visits, count) / np.maximum(visits, 1e-9)
    return walked_km(visits, sites, area, far)


def _shared(units: Units, label: Ints, count: int) -> dict[int, tuple[int, float, int]]:
    """Return for each planned grid that continues one of today's: which, the minutes and the sites they share.

    The pairing is the one with the most shared minutes (an assignment problem, solved town by town).
    """
    today = len(units.today_grids)
    if not today or not len(units.today_unit):
        return {}
    planned = label[units.today_unit].astype(np.int64)
    key, place = np.unique(planned * today + units.today_grid, return_inverse=True)
    minutes = sums(place, units.today_load, len(key))
    sites = sums(place, units.today_sites, len(key))
    town = np.array([one.town for one in units.containers])[units.problem.container_of_grid]
    found: dict[int, tuple[int, float, int]] = {}
    for name in np.unique(town).tolist():
        mine = np.flatnonzero(town[key // today] == name)
        rows, at_row = np.unique(key[mine] // today, return_inverse=True)
        columns, at_column = np.unique(key[mine] % today, return_inverse=True)
        gain = np.zeros((len(rows), len(columns)))
        gain[at_row, at_column] = minutes[mine]
        known = {(int(r), int(c)): int(s) for r, c, s in zip(at_row, at_column, sites[mine], strict=True)}
        for row, column in zip(*linear_sum_assignment(gain, maximize=True), strict=True):
            if gain[row, column] > 0:
                found[int(rows[row])] = (int(columns[column]), float(gain[row, column]), known[int(row), int(column)])
    return found


def _rows(
    units: Units, label: Ints, found: Figures, middle: Floats, area: Floats,
    shared: Mapping[int, tuple[int, float, int]], there: Around, keeps_all: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    villages: dict[int, set[str]] = defaultdict(set)
    assert units.problem.village is not None
    for grid, village in np.unique(np.stack((label, units.problem.village), axis=1), axis=0).tolist():
        villages[grid].add(units.villages[village])
    total = np.bincount(units.today_grid, weights=units.today_load, minlength=len(units.today_grids))
    made = []
    for grid in range(len(found.load)):
        holder = units.containers[int(units.problem.container_of_grid[grid])]
        inside = sorted(villages[grid])
        spread = holder.villages if holder.kind == "cluster" else inside  # all grids of a cluster are numbered together
        only = inside[0] if len(spread) == 1 else ""
        keeps = holder.keeps
        if not keeps and grid in shared:
            at, minutes, _ = shared[grid]
            alike = minutes >= KEPT_SHARE * min(float(found.load[grid]), float(total[at]))
            keeps = str(units.today_grids[at]) if keeps_all or alike else ""
        old = there.today.get(keeps)
        kind = "cluster" if holder.kind == "cluster" else "village" if only else "town"
        if old is not None and not keeps_all and not holder.keeps and (old.village != only or old.town != holder.town):
            old = None
        planned = Planned(grid, kind, holder.town, only, float(middle[grid, 0]), float(middle[grid, 1]), float(area[grid]),
                          holder.name if holder.kind == "cluster" else "")  # fmt: skip
        if old is not None:
            planned = Planned(grid, old.kind, old.town, old.village, planned.east, planned.north, planned.area_m2,
                              "", old.code, old.name)  # fmt: skip
        made.append({"planned": planned, "villages": inside, "keeps": keeps if old is not None else None,
                     "locked": holder.kind == "locked"})  # fmt: skip
    return made
