"""From a territory to base units: land cut by what stays, sites weighed, heavy villages cut into cells, borders measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np
import shapely

from gridplan import territory
from gridplan.problem import Floats, Ints, Problem, findings, grids_needed
from safegrid.foundation.geometry import Locator
from safegrid.planning import containers, messages
from safegrid.planning.burden import Burden, facts_inside, facts_of, weigh, with_travel
from safegrid.planning.cutting import cell_count, cut_piece
from safegrid.planning.ground import KIND_NAMES, Units
from safegrid.planning.messages import Message
from safegrid.planning.parameters import Parameters
from safegrid.planning.pieces import Cutter, Piece, cut, villages_of
from safegrid.planning.plane import Plane
from safegrid.planning.workload import empty_minutes, sums
from safegrid.regions import selectors as regions

# What a scenario goes on with, knowing it: islands are linked where they are nearest; many sites at one place
# (a market hall) make a unit heavier than a grid, which no border can divide.
ACCEPTED = frozenset({"island", "several_parts", "unit_too_heavy"})


@dataclass(frozen=True)
class Order:
    """What is to be built: the territory, the parameters, what is cut out of the villages, and today's grids.

    ``present``: today's grids are the land to start from (re-planning), each cut into cells of its own.
    """

    county: int
    town: str
    parameters: Parameters
    cutters: tuple[Cutter, ...] = ()
    today: tuple[tuple[UUID, Any], ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    present: bool = False


@dataclass(frozen=True, eq=False)
class Built:
    """The units with their polygons (WGS 84), the sites taken out and why, and what was found. ``units`` is None where
    a blocking message says why there are none."""

    units: Units | None
    shapes: list[Any]
    left_out: list[tuple[UUID, str]]
    said: list[Message]

    @property
    def is_blocked(self) -> bool:
        return any(one.is_blocking for one in self.said)


def build(order: Order) -> Built:
    """Build the base units of a territory; never raises for bad data: what is wrong is in ``said``."""
    declared = facts_of(order.county, order.town)
    villages, said = villages_of(order.county, order.town, declared)
    if not villages:
        return Built(
            None,
            [],
            [],
            [*said, Message("no_villages", "范围内没有可划分的村（社区）", "请先导入行政区划和村界", True)],
        )
    plane = Plane(float(np.mean(shapely.total_bounds(np.array([one.area for one in villages], dtype=object))[1::2])))
    names = [regions.name_of(one.village) for one in villages]
    wrong = territory.findings(plane.shapes([one.area for one in villages]))
    said += messages.of_findings(wrong, names, accepted=ACCEPTED)
    if any(one.is_blocking for one in said):
        return Built(None, [], [], said)
    pieces = cut(villages, order.cutters)
    burden, more = weigh(
        order.county, facts_inside(order.county, order.town, declared, villages), pieces, order.parameters
    )
    built = _units(order, plane, pieces, burden)
    return Built(built[0], built[1], burden.left_out, [*said, *more, *built[2]])


def _units(order: Order, plane: Plane, pieces: list[Piece], burden: Burden) -> tuple[Units, list[Any], list[Message]]:
    areas = plane.shapes([one.area for one in pieces])
    minutes = with_travel(burden, shapely.area(areas), order.parameters)
    holders, container = containers.assign(pieces, order.parameters, order.names)
    load = sums(burden.piece, minutes, len(pieces))
    load = np.where(load > 0, load, empty_minutes(shapely.area(areas)))
    wanted = _wanted(order, pieces, holders, container, load)
    cells = _cells(order.parameters, plane, pieces, areas, container, wanted, burden, minutes, load)
    problem, said = _problem(order, cells, holders, wanted)
    shapes = _in_degrees(plane, cells, pieces)
    units = Units(
        problem=problem,
        kind=np.array([_kind(pieces[at], cells.is_cut[u]) for u, at in enumerate(cells.piece)], np.int8),
        sites=np.bincount(cells.of_site, minlength=len(cells.shapes)).astype(np.int32),
        visits=sums(cells.of_site, burden.visits, len(cells.shapes)),
        approximate=np.array([pieces[at].is_approximate for at in cells.piece]),
        place=np.array([[one.x, one.y] for one in shapely.point_on_surface(np.array(shapes, dtype=object))]).reshape(-1, 2),
        villages=cells.villages,
        containers=tuple(holders),
        strays=tuple((burden.ids[at], int(cells.of_site[at])) for at in np.flatnonzero(burden.stray).tolist()),
        today_grids=tuple(grid for grid, _ in order.today),
        **_today(order, shapes, cells, burden, minutes, problem),
    )  # fmt: skip
    units = replace(
        units,
        start=containers.start_of(units, [pieces[at].key for at in cells.piece]) if order.present else units.start,
    )
    names = [regions.name_of(units.village_of(unit)) for unit in range(len(units))]
    said += messages.of_findings(findings(units.problem), names, accepted=ACCEPTED)
    if (empty := int((units.sites == 0).sum())) > 0:
        said.append(
            Message(
                "empty_units", f"{empty} 个单元没有监管对象，按面积计入少量工作量", "无需处理，用于保证每处都有网格"
            )
        )
    return units, shapes, said


@dataclass(frozen=True, eq=False)
class _Cells:
    """Units before they are a problem: polygons in metres, their pieces, whether they were cut, and the unit of each site."""

    shapes: list[Any]
    piece: list[int]
    is_cut: list[bool]
    container: Ints
    load: Floats
    of_site: Ints
    villages: tuple[str, ...]
    village: Ints


def _wanted(order: Order, pieces: Sequence[Piece], holders: Sequence[Any], container: Ints, load: Floats) -> Ints:
    """Return how many grids each container gets: by capacity; one where it is locked; as many as today when re-planning."""
    total = sums(container, load, len(holders))
    wanted = grids_needed(total, order.parameters.capacity, order.parameters.tolerance)
    for at, holder in enumerate(holders):
        if holder.kind == "locked":
            wanted[at] = 1
        elif order.present:
            keys = {pieces[p].key for p in np.flatnonzero(container == at).tolist()} - {""}
            wanted[at] = len(keys) or wanted[at]
    return wanted


def _cells(
    parameters: Parameters, plane: Plane, pieces: Sequence[Piece], areas: Sequence[Any], container: Ints, wanted: Ints,
    burden: Burden, minutes: Floats, load: Floats,
) -> _Cells:  # fmt: skip
    total = sums(container, load, len(wanted))
    mean, share = total / np.maximum(wanted, 1), float(np.clip(parameters.tolerance * 0.8, 0.02, 0.125))
    rows = np.argsort(burden.piece, kind="stable")
    ends = np.searchsorted(burden.piece[rows], np.arange(len(pieces) + 1))
    places = plane.metres(burden.place)
    shapes: list[Any] = []
    owner: list[int] = []
    is_cut: list[bool] = []
    of_site = np.zeros(len(burden.ids), np.int32)
    for at, piece in enumerate(pieces):
        here = rows[ends[at] : ends[at + 1]]
        sure = here[~burden.stray[here]]
        divides = piece.kind != "locked" and wanted[container[at]] > 1
        fine = 0.25 if parameters.nesting == "town" and piece.kind == "village" else share * 1.5
        made = [areas[at]]
        if divides and len(sure) > 1 and load[at] > fine * mean[container[at]]:
            count = cell_count(load[at], mean[container[at]], share, len(np.unique(places[sure].round(1), axis=0)))
            if count > 1:
                made, its_cell = cut_piece(areas[at], places[sure], minutes[sure], count)
                of_site[sure] = len(shapes) + its_cell
                of_site[here[burden.stray[here]]] = len(shapes)
        if len(made) == 1:
            of_site[here] = len(shapes)
        shapes += made
        owner += [at] * len(made)
        is_cut += [len(made) > 1] * len(made)
    own = sums(of_site, minutes, len(shapes))
    own = np.where(own > 0, own, empty_minutes(shapely.area(shapes)))
    villages = tuple(sorted({piece.village for piece in pieces}))
    place_of = {code: number for number, code in enumerate(villages)}
    village = np.array([place_of[pieces[at].village] for at in owner], np.int32)
    return _Cells(shapes, owner, is_cut, container[owner], own, of_site, villages, village)


def _problem(order: Order, cells: _Cells, holders: Sequence[Any], wanted: Ints) -> tuple[Problem, list[Message]]:
    land = territory.build(cells.shapes)
    land, said = containers.linked_inside(cells.shapes, land, cells.container, holders)
    count = np.bincount(cells.container, minlength=len(holders))
    fitting = np.minimum(wanted, count).astype(np.int32)
    for at in np.flatnonzero(fitting < wanted).tolist():
        text = f"{holders[at].name}的工作量需要 {wanted[at]} 个网格，但监管对象集中在 {count[at]} 处，只能划 {count[at]} 个"
        said.append(Message("too_concentrated", text, "可为集中处安排多名网格员，或单列为聚集区网格"))
    return Problem(cells.load, land.edges, land.border, land.position, cells.container, fitting,
                   order.parameters.tolerance, cells.village, land.area, land.outer), said  # fmt: skip


def _in_degrees(plane: Plane, cells: _Cells, pieces: Sequence[Piece]) -> list[Any]:
    """Return the polygons in degrees: uncut ones as they came, so that borders stay what they were."""
    return [
        plane.degrees(shape) if is_cut else pieces[at].area
        for shape, at, is_cut in zip(cells.shapes, cells.piece, cells.is_cut, strict=True)
    ]


def _kind(piece: Piece, is_cut: bool) -> int:
    return KIND_NAMES.index("cell" if is_cut and piece.kind == "village" else piece.kind)


def _today(
    order: Order, shapes: Sequence[Any], cells: _Cells, burden: Burden, minutes: Floats, problem: Problem
) -> dict[str, Any]:
    """Return which of today's grids hold how many sites and minutes of each unit; empty units go by where they lie."""
    known = {grid: at for at, (grid, _) in enumerate(order.today)}
    grid = (
        np.array([-1 if one is None else known.get(one, -1) for one in burden.grid], np.int64)
        if burden.ids
        else np.empty(0, np.int64)
    )
    has = grid >= 0
    key, place = np.unique(cells.of_site[has].astype(np.int64) * max(len(known), 1) + grid[has], return_inverse=True)
    unit, held = key // max(len(known), 1), key % max(len(known), 1)
    sites, load = np.bincount(place, minlength=len(key)), np.bincount(place, weights=minutes[has], minlength=len(key))
    empty = np.setdiff1d(np.arange(len(shapes)), unit)
    if len(empty) and known:
        middle = shapely.point_on_surface(np.array(shapes, dtype=object)[empty])
        found = Locator(range(len(known)), [area for _, area in order.today]).index(
            shapely.get_x(middle), shapely.get_y(middle)
        )
        sure = found >= 0
        unit, held = np.concatenate((unit, empty[sure])), np.concatenate((held, found[sure]))
        sites = np.concatenate((sites, np.zeros(int(sure.sum()))))
        load = np.concatenate((load, problem.load[empty[sure]]))
    return {"today_unit": unit.astype(np.int32), "today_grid": held.astype(np.int32),
            "today_sites": sites.astype(np.int32), "today_load": load.astype(np.float64)}  # fmt: skip
