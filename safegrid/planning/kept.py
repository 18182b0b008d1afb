"""The ground of a scenario in and out of the database, and the order that builds it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gridplan.problem import Ints
from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.geometry import read_area
from safegrid.grids import selectors as grids
from safegrid.planning import ground, parameters
from safegrid.planning.building import Built, Order
from safegrid.planning.ground import Units
from safegrid.planning.models import Cluster, ClusterState, Ground, Purpose, Scenario
from safegrid.planning.parameters import Parameters
from safegrid.planning.pieces import Cutter


def order_of(scenario: Scenario) -> Order:
    """Return what is to be built for a scenario: its territory without what stays as it is."""
    wanted, county = parameters.read(scenario.parameters), scenario.county
    open_grids = {one.id: one for one in grids.open_at(county, scenario.town)}
    today = tuple((one.grid_id, one.area) for one in grids.pieces(county) if one.grid_id in open_grids)
    names = {str(one.id): one.name for one in open_grids.values()}
    if scenario.purpose == Purpose.IMPROVE:
        locked = set(wanted.locked_grids)
        cutters = [Cutter(area, "locked" if grid in locked else "present", str(grid)) for grid, area in today]
        return Order(county, scenario.town, wanted, tuple(cutters), today, names, present=True)
    cutters = [Cutter(area, "locked", str(grid)) for grid, area in today if grid in set(wanted.locked_grids)]
    for cluster in Cluster.objects.filter(county=county, scenario=scenario, state=ClusterState.CONFIRMED).order_by(
        "id"
    ):
        cutters.append(Cutter(read_area(cluster.boundary), "cluster", str(cluster.id)))
        names[str(cluster.id)] = cluster.name
    return Order(county, scenario.town, wanted, tuple(cutters), today, names)


def keep(scenario: Scenario, built: Built) -> None:
    """Write the ground of a scenario in the place of the one before."""
    if built.units is None:
        return
    Ground.objects.update_or_create(
        county=scenario.county,
        scenario=scenario,
        defaults={
            "arrays": ground.pack(built.units),
            "shapes": ground.pack_shapes(built.shapes),
            "left_out": [[str(site), why] for site, why in built.left_out],
            "built_at": clock.now(),
        },
    )


def _row(scenario: Scenario, *columns: str) -> Any:
    found = Ground.objects.filter(county=scenario.county, scenario=scenario).values_list(*columns).first()
    if found is None:
        raise NotVisible("这个方案还没有生成基本单元，请先检查数据或开始计算")
    return found


def units_of(scenario: Scenario) -> Units:
    """Return the units, with the numbers of grids that the present plan has."""
    return _numbered(scenario, ground.unpack(_row(scenario, "arrays")[0]))


def _numbered(scenario: Scenario, units: Units) -> Units:
    grids_now = scenario.container_grids
    return units.with_grids(grids_now) if len(grids_now) == len(units.problem.grids) else units


def shapes_of(scenario: Scenario) -> list[Any]:
    """Return the polygons of the units (WGS 84)."""
    return ground.unpack_shapes(_row(scenario, "shapes")[0])


def left_out_of(scenario: Scenario) -> list[tuple[str, str]]:
    """Return [site id, why] of the sites taken out; none before the ground is built."""
    found = Ground.objects.filter(county=scenario.county, scenario=scenario).values_list("left_out", flat=True).first()
    return [(site, why) for site, why in found or []]


def ground_of(scenario: Scenario) -> tuple[Units | None, list[tuple[str, str]]]:
    """Return what ``units_of`` and ``left_out_of`` tell, read together; no units before the ground is built."""
    rows = Ground.objects.filter(county=scenario.county, scenario=scenario)
    found = rows.values_list("arrays", "left_out").first()
    if found is None:
        return None, []
    return _numbered(scenario, ground.unpack(found[0])), [(site, why) for site, why in found[1]]


def label_of(scenario: Scenario) -> Ints:
    return np.asarray(scenario.labels, dtype=np.int32)


def parameters_of(scenario: Scenario) -> Parameters:
    return parameters.read(scenario.parameters)
