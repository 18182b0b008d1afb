"""The weekly look at today's grids: where work has grown apart, the smallest change that restores balance is proposed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from safegrid.accounts import selectors as accounts
from safegrid.foundation import clock, trace
from safegrid.foundation.geometry import area_m2
from safegrid.grids import selectors as grids
from safegrid.notices.services import tell
from safegrid.planning import parameters
from safegrid.planning.models import Purpose, Scenario, ScenarioState
from safegrid.planning.parameters import Parameters
from safegrid.planning.selectors import default_parameters
from safegrid.planning.services import create_scenario, start_run
from safegrid.planning.workload import Norms, travel_minutes
from safegrid.regions import selectors as regions
from safegrid.sites import selectors as sites

# Beyond the tolerance by this much before anything is proposed: loads drift to and fro every week.
HYSTERESIS = 0.05
WAITING = ("draft", "queued", "running", "ready", "stopped", "approved", "publishing")
LEAD = ("lead_officer",)


@dataclass
class Balance:
    """How a town's grids stand. ``apart``: (grid name, deviation) beyond tolerance among grids that can exchange land;
    ``overloaded``: names of places whose work exceeds all their grids' capacity, which no exchange can heal."""

    town: str
    apart: list[tuple[str, float]] = field(default_factory=list)
    overloaded: list[str] = field(default_factory=list)


def check_every_county() -> int:
    """Look at every county that has grids; return how many proposals were made."""
    return sum(check_county(county) for county in grids.counties())


def check_county(county: int) -> int:
    """Look at every town; make a proposal where balance breaks and none is waiting, and tell the lead office."""
    made = 0
    for found in balances(county):
        if not found.apart and not found.overloaded:
            continue
        with transaction.atomic():
            proposed = _propose(county, found) if found.apart else None
            made += proposed is not None
            _tell(county, found, proposed)
    return made


def wanted_for(county: int, town: str) -> Parameters:
    """Return what the town was last divided with; the defaults where it never was."""
    rows = Scenario.objects.filter(county=county, state=ScenarioState.PUBLISHED, town__in=("", town))
    last: Scenario | None = rows.order_by("-published_at").first()
    today = default_parameters(county)
    kept = dict(last.parameters) if last is not None else today
    # Norms are the handbook's of today: by them the visits fall due. Locked grids stay locked while they are open.
    present = {str(one.id) for one in grids.open_at(county, town)}
    locked = [one for one in kept["locked_grids"] if one in present]
    return parameters.read({**kept, "norms": today["norms"] or kept["norms"], "locked_grids": locked})


def balances(county: int) -> list[Balance]:
    """Return how each town's grids stand today, by town."""
    rows = grids.open_at(county)
    pieces = {piece.grid_id: piece for piece in grids.pieces(county)}
    by_town: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.id in pieces:
            by_town[row.town].append(row)
    found = []
    for town, mine in sorted(by_town.items()):
        wanted = wanted_for(county, town)
        load = _loads(county, town, mine, pieces, wanted)
        found.append(_balance(town, mine, load, wanted))
    return found


def _loads(
    county: int, town: str, rows: Sequence[Any], pieces: dict[UUID, Any], wanted: Parameters
) -> dict[UUID, float]:
    norms, number = Norms(wanted), {row.id: at for at, row in enumerate(rows)}
    excluded = {one.site_id for one in wanted.exclusions}
    count, visits, minutes = np.zeros(len(rows)), np.zeros(len(rows)), np.zeros(len(rows))
    for fact in sites.work_facts(county, town=town):
        at = number.get(fact.grid_id) if fact.grid_id is not None and grids.needs_grid(fact) else None
        if at is not None and fact.id not in excluded:
            norm = norms.of(fact)
            count[at] += 1
            visits[at] += norm.visits_a_year
            minutes[at] += norm.visits_a_year * norm.minutes
    area = np.array([area_m2(pieces[row.id].area) for row in rows])
    total = minutes + visits * travel_minutes(area, count, wanted.speed_kmh)
    return {row.id: float(total[at]) for at, row in enumerate(rows)}


def _balance(town: str, rows: Sequence[Any], load: dict[UUID, float], wanted: Parameters) -> Balance:
    found, groups = Balance(town), defaultdict(list)
    locked = set(wanted.locked_grids)
    for row in (row for row in rows if row.id not in locked):
        groups[row.village if wanted.nesting == "village" else town].append(row)
    for place, group in sorted(groups.items()):
        total = sum(load[row.id] for row in group)
        mean = total / len(group)
        if total > len(group) * wanted.capacity * (1 + wanted.tolerance + HYSTERESIS):
            found.overloaded.append(regions.name_of(place or town))
        for row in group:
            deviation = load[row.id] / mean - 1 if mean > 0 else 0.0
            if len(group) > 1 and abs(deviation) > wanted.tolerance + HYSTERESIS:
                found.apart.append((row.name, deviation))
    return found


def _propose(county: int, found: Balance) -> Scenario | None:
    rows = Scenario.objects.filter(county=county, town=found.town, purpose=Purpose.IMPROVE, state__in=WAITING)
    if rows.exists():
        return None
    made = create_scenario(
        acting_user=None, county=county, town=found.town, purpose=Purpose.IMPROVE.value,
        name=f"{regions.name_of(found.town)}网格微调 {clock.today():%Y-%m-%d}",
        parameters=wanted_for(county, found.town).as_json(),
    )  # fmt: skip
    start_run(acting_user=None, scenario=made)
    return made


def _tell(county: int, found: Balance, proposed: Scenario | None) -> None:
    town = regions.name_of(found.town)
    parts = []
    if found.apart:
        worst = max(found.apart, key=lambda one: abs(one[1]))
        parts.append(f"{len(found.apart)} 个网格偏差过大（{worst[0]} {worst[1]:+.0%}）")
    if found.overloaded:
        parts.append(f"{'、'.join(found.overloaded[:3])}工作量超过现有网格的容量，需要增设网格")
    if proposed is not None:
        parts.append("已生成微调方案，算出后请查看")
    people = [one.id for one in accounts.who_holds(LEAD, county=county)]
    year, week, _ = clock.today().isocalendar()
    tell(county=county, recipients=people, kind="planning.balance", title=f"{town}网格工作量失衡"[:120],
         body="；".join(parts)[:500], target=proposed, key=f"planning.balance:{county}:{found.town}:{year}-{week}")  # fmt: skip
    trace.record(acting_user=None, action="planning.check_balance", county=county, target=proposed,
                 changes={"town": found.town, "apart": len(found.apart), "overloaded": len(found.overloaded)})  # fmt: skip
