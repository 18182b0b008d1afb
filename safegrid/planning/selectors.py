"""Reading scenarios: for lists, pages, the live map and comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import shapely
from django.db.models import QuerySet

from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.geometry import read_area
from safegrid.foundation.scope import Actor
from safegrid.grids import selectors as grids
from safegrid.planning import access, kept, messages
from safegrid.planning.burden import handbook_norms
from safegrid.planning.ground import KIND_NAMES, KINDS, Units
from safegrid.planning.messages import Message
from safegrid.planning.models import (
    Cluster,
    ClusterState,
    Edit,
    Ground,
    PostingProposal,
    ProposalState,
    Purpose,
    Scenario,
    ScenarioState,
)
from safegrid.planning.nesting import NestingPrice, price
from safegrid.planning.parameters import Parameters
from safegrid.planning.plane import joined
from safegrid.planning.views import (
    Comparison,
    FigureLine,
    GridLine,
    LeftOut,
    UnitLine,
    compared,
    figure_lines,
    grid_line,
)
from safegrid.regions import selectors as regions
from safegrid.sites import selectors as sites

HEAVY = ("progress", "labels", "container_grids", "grids", "findings")
STATES = ScenarioState.choices
PURPOSES = Purpose.choices
CLUSTER_STATES = ClusterState.choices
PROPOSAL_STATES = ProposalState.choices
RUNNING = (ScenarioState.QUEUED, ScenarioState.RUNNING)
MOST_COMPARED = 6


def scenarios(user: Actor) -> QuerySet[Any]:
    """Return the scenarios the user sees, without their plans."""
    return access.visible(user).defer(*HEAVY)


def scenario_for(user: Actor, county: int, scenario_id: UUID) -> Scenario:
    """Return a scenario the user may see; raise ``NotVisible`` otherwise."""
    found: Scenario | None = access.visible(user).filter(county=county, id=scenario_id).first()
    if found is None:
        raise NotVisible
    return found


def default_parameters(county: int) -> dict[str, Any]:
    """Return the parameters a new scenario begins with: the handbook's norms and the defaults."""
    return {**Parameters().as_json(), "norms": handbook_norms(county)}


def towns(user: Actor, county: int) -> list[tuple[str, str]]:
    """Return (code, name) of the territories the user may make a scenario for; "" is the whole county."""
    if not access.can_at(user, "create", county):
        return []
    return [("", "全县"), *((one.code, one.name) for one in regions.children(str(county)))]


def messages_of(scenario: Scenario) -> list[Message]:
    """Return what was found before the run, what blocks it first."""
    return messages.read(scenario.findings)


def has_units(scenario: Scenario) -> bool:
    return Ground.objects.filter(county=scenario.county, scenario=scenario).exists()


def nesting_price(scenario: Scenario) -> NestingPrice | None:
    """Return what village borders cost here; None before the data are checked, and where today's grids are only adjusted."""
    return _price(scenario, None if scenario.purpose == Purpose.IMPROVE else kept.ground_of(scenario)[0])


def _price(scenario: Scenario, units: Units | None) -> NestingPrice | None:
    if units is None or scenario.purpose == Purpose.IMPROVE:
        return None
    return price(units, kept.parameters_of(scenario))


def ground_of(scenario: Scenario) -> tuple[NestingPrice | None, list[LeftOut]]:
    """Return what ``nesting_price`` and ``left_out_of`` tell, from one reading; nothing before the data are checked."""
    units, left_out = kept.ground_of(scenario)
    return _price(scenario, units), _named(scenario, left_out)


def units_of(scenario: Scenario) -> list[UnitLine]:
    """Return the base units with the grid of each; raise ``NotVisible`` before they are built."""
    units = kept.units_of(scenario)
    names = regions.names_of(units.villages)
    return [_unit(units, unit, scenario.labels, names) for unit in range(len(units))]


def _unit(units: Units, unit: int, labels: list[int], names: dict[str, str]) -> UnitLine:
    kind, village, load = KIND_NAMES[int(units.kind[unit])], units.village_of(unit), float(units.problem.load[unit])
    return UnitLine(unit, kind, KINDS[kind], village, names.get(village, village), load, load / 60, int(units.sites[unit]),
                    labels[unit] if labels else None, float(units.place[unit, 0]), float(units.place[unit, 1]),
                    bool(units.approximate[unit]))  # fmt: skip


def map_of(scenario: Scenario) -> dict[str, Any]:
    """Return the base units as GeoJSON, for the map on which they are moved."""
    lines, shapes = units_of(scenario), kept.shapes_of(scenario)
    return _collection([
        (shape, {"unit": one.number, "grid": one.grid, "village": one.village, "name": one.village_name, "kind": one.kind,
                 "hours": round(one.hours, 1), "sites": one.sites, "approximate": one.is_approximate})
        for one, shape in zip(lines, shapes, strict=True)
    ])  # fmt: skip


def outlines_of(scenario: Scenario) -> dict[str, Any]:
    """Return the planned grids as GeoJSON; no features before there is a plan."""
    if not scenario.labels:
        return _collection([])
    areas = boundaries_of(scenario)
    return _collection([
        (areas[one.number], {"grid": one.number, "code": one.code, "name": one.name, "hours": round(one.hours, 1),
                             "deviation": one.deviation, "sites": one.sites, "members": one.members})
        for one in grids_of(scenario)
    ])  # fmt: skip


def boundaries_of(scenario: Scenario) -> dict[int, Any]:
    """Return the boundary of each planned grid (WGS 84): the union of its units."""
    shapes = kept.shapes_of(scenario)
    parts: dict[int, list[Any]] = {}
    for shape, number in zip(shapes, scenario.labels, strict=True):
        parts.setdefault(number, []).append(shape)
    return {number: joined(areas) for number, areas in parts.items()}


def _collection(features: list[tuple[Any, dict[str, Any]]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": shapely.geometry.mapping(shapely.set_precision(area, 1e-6)), "properties": said}
        for area, said in features
    ]}  # fmt: skip


def progress_of(scenario: Scenario) -> dict[str, Any]:
    """Return how far a run is, with the best plan so far: ``labels[unit]``; after it, the plan."""
    now, running = scenario.progress, scenario.state in RUNNING
    figures = now.get("figures", {}) if running else scenario.figures
    return {
        "state": scenario.state, "label": str(ScenarioState(scenario.state).label), "is_over": not running,
        "stop_requested": scenario.stop_requested, "rounds": now.get("rounds", 0),
        "seconds": _seconds(scenario) if running else now.get("seconds", 0.0),
        "labels": now.get("labels", []) if running else scenario.labels, "figures": figures, "message": scenario.message,
        "version": scenario.version,
    }  # fmt: skip


def _seconds(scenario: Scenario) -> float:
    """Return how long a run has been going, proofs and all: each of its steps counts for itself."""
    return 0.0 if scenario.started_at is None else (clock.now() - scenario.started_at).total_seconds()


def figures_of(scenario: Scenario) -> list[FigureLine]:
    """Return the figures of a plan, each with its proven bound where there is one."""
    return figure_lines(scenario.figures, scenario.bounds)


def grids_of(scenario: Scenario) -> list[GridLine]:
    """Return the planned grids by number."""
    return [grid_line(row) for row in scenario.grids]


def compare(user: Actor, county: int, ids: list[UUID]) -> Comparison:
    """Return the figures of up to six scenarios side by side, in the order asked; raise ``NotVisible``."""
    found = [scenario_for(user, county, one) for one in dict.fromkeys(ids)][:MOST_COMPARED]
    return Comparison(found, compared([figures_of(one) for one in found]))


def clusters_of(scenario: Scenario) -> list[Cluster]:
    """Return the clusters of the last search, the heaviest first, with what was decided on each."""
    rows = Cluster.objects.filter(county=scenario.county, scenario=scenario).exclude(state=ClusterState.DROPPED)
    return list(rows.order_by("-minutes", "id"))


def cluster_for(user: Actor, county: int, cluster_id: UUID) -> Cluster:
    """Return a cluster of a scenario the user may see; raise ``NotVisible``."""
    found: Cluster | None = Cluster.objects.filter(county=county, id=cluster_id).select_related("scenario").first()
    if found is None:
        raise NotVisible
    scenario_for(user, county, found.scenario_id)
    return found


def cluster_map(scenario: Scenario) -> dict[str, Any]:
    """Return the clusters as GeoJSON: areas in the colour of their state, each with its name, over the villages they lie in."""
    found = clusters_of(scenario)
    around = {village for one in found for village in one.villages}
    land = [shape for shape in regions.shapes(scenario.county, regions.Level.VILLAGE) if shape.code in around]
    names = regions.names_of(around)
    return _collection([
        *((shape.area, {"village": shape.code, "name": names.get(shape.code, shape.code)})
          for shape in land if shape.area is not None),
        *(feature for one in found for feature in _on_map(one)),
    ])  # fmt: skip


CLUSTER_ROLES = {ClusterState.FOUND: "position", ClusterState.CONFIRMED: "grid"}  # orange and green, as in the list


def _on_map(cluster: Cluster) -> Iterator[tuple[Any, dict[str, Any]]]:
    area = read_area(cluster.boundary)
    about = {"cluster": str(cluster.id), "name": cluster.name, "state": cluster.state, "sites": cluster.sites,
             "role": CLUSTER_ROLES.get(ClusterState(cluster.state), "other"), "hours": round(cluster.minutes / 60, 1)}  # fmt: skip
    yield area, about
    yield area.representative_point(), {**about, "label": cluster.name}


def left_out_of(scenario: Scenario) -> list[LeftOut]:
    """Return the sites taken out of planning: those supervised directly, and those excluded by hand, with reasons."""
    return _named(scenario, kept.left_out_of(scenario))


def _named(scenario: Scenario, left_out: list[tuple[str, str]]) -> list[LeftOut]:
    rows = [(UUID(site), why) for site, why in left_out]
    names = sites.names_of(scenario.county, [site for site, _ in rows])
    return [LeftOut(site, names.get(site, ""), why) for site, why in rows]


def edits_of(scenario: Scenario) -> list[Edit]:
    """Return the changes by hand, the latest first, undone ones included."""
    return list(Edit.objects.filter(county=scenario.county, scenario=scenario).order_by("-number"))


def lockable_grids(user: Actor, scenario: Scenario) -> list[tuple[UUID, str]]:
    """Return (id, name) of today's grids in the territory, which may be locked."""
    rows = grids.grids(user).filter(county=scenario.county)
    rows = rows.filter(town=scenario.town) if scenario.town else rows
    return [(one.id, f"{one.code} {one.name}") for one in rows.order_by("code")]


def proposals(user: Actor) -> QuerySet[Any]:
    """Return the proposals for postings that the user sees."""
    return access.visible_proposals(user).select_related("scenario")


def proposals_of(user: Actor, scenario: Scenario) -> list[PostingProposal]:
    """Return the proposals for postings of a published scenario, as far as the user sees them."""
    return list(proposals(user).filter(county=scenario.county, scenario=scenario).order_by("town", "id"))


def proposal_for(user: Actor, county: int, proposal_id: UUID) -> PostingProposal:
    """Return one proposal; raise ``NotVisible`` where the user does not see it."""
    found: PostingProposal | None = proposals(user).filter(county=county, id=proposal_id).first()
    if found is None:
        raise NotVisible
    return found
