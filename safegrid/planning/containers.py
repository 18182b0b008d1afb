"""What no grid leaves: villages or towns, clusters, locked grids; what links their islands; where re-planning starts from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridplan import territory
from gridplan.problem import Ints
from safegrid.planning.ground import Container, Units
from safegrid.planning.messages import Message
from safegrid.planning.parameters import Parameters
from safegrid.planning.pieces import Piece
from safegrid.regions import selectors as regions


def assign(pieces: Sequence[Piece], parameters: Parameters, names: dict[str, str]) -> tuple[list[Container], Ints]:
    """Return the containers and the container of each piece. ``names`` are of clusters and grids, by key.

    Villages whose border is relaxed, or that a present grid spans, are one container.
    """
    spans: dict[str, str] = {}
    spanned = [
        (spans.setdefault(piece.key, piece.village), piece.village) for piece in pieces if piece.kind == "present"
    ]
    relaxed = (one.villages for one in parameters.relaxations)
    home = together((piece.village for piece in pieces), (*spanned, *relaxed))
    keys = [_key(piece, home[piece.village], parameters.nesting) for piece in pieces]
    order = {key: at for at, key in enumerate(sorted(set(keys)))}
    holders = []
    for key in order:
        inside = tuple(sorted({piece.village for piece, its in zip(pieces, keys, strict=True) if its == key}))
        holders.append(_container(key, inside, names))
    return holders, np.array([order[key] for key in keys], np.int32)


def together(villages: Iterable[str], groups: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return the village that stands for each one and all it is divided together with, be it through others."""
    root = {village: village for village in villages}

    def top(village: str) -> str:
        while root[village] != village:
            village = root[village]
        return village

    for group in groups:
        known = [village for village in group if village in root]
        for village in known[1:]:
            root[top(village)] = top(known[0])
    return {village: top(village) for village in root}


def _key(piece: Piece, village: str, nesting: str) -> tuple[str, str]:
    if piece.kind in ("locked", "cluster"):
        return piece.kind, piece.key
    return ("village", village) if nesting == "village" else ("town", village[:9])


def _container(key: tuple[str, str], villages: tuple[str, ...], names: dict[str, str]) -> Container:
    kind, code = key
    if kind in ("locked", "cluster"):
        return Container(kind, names.get(code, code), villages[0][:9], villages, code if kind == "locked" else "")
    shown = regions.name_of(code) if kind == "town" else "、".join(regions.name_of(one) for one in villages[:3])
    return Container(kind, shown, code[:9], villages)


def linked_inside(
    shapes: Sequence[Any], land: territory.Territory, container: Ints, holders: Sequence[Container]
) -> tuple[territory.Territory, list[Message]]:
    """Return the land with the islands of each container linked where they are nearest, and what to tell of it."""
    low, high = land.edges[:, 0], land.edges[:, 1]
    same = container[low] == container[high]
    joined = coo_array((np.ones(int(same.sum()), np.int8), (low[same], high[same])), (len(shapes), len(shapes)))
    part = connected_components(joined, directed=False)[1]
    parts = np.bincount(container[np.unique(part, return_index=True)[1]], minlength=len(holders))
    links, said = [], []
    for at in np.flatnonzero(parts > 1).tolist():
        units = np.flatnonzero(container == at)
        mine = [shapes[unit] for unit in units.tolist()]
        found = territory.join_islands(mine, territory.build(mine))
        links += [territory.Link(int(units[one.unit]), int(units[one.to]), one.distance) for one in found]
        far = max(one.distance for one in found)
        text = f"{holders[at].name}有 {len(found)} 处飞地与主体不相邻（最远 {far:.0f} 米），按最近处有路相通划分"
        remedy = "请核对是否有路、桥或渡口；没有的，把飞地单列为聚集区或排除"
        said.append(
            Message("linked_island", text, remedy, False, tuple(u for one in links for u in (one.unit, one.to)))
        )
    return (territory.linked(land, links) if links else land), said


def start_of(units: Units, keys: Sequence[str]) -> Ints:
    """Return the labels that today's grids give the units (``keys``: the present grid of each, "" for none), container by
    container; a unit of none goes with the neighbour it has most border with."""
    problem = units.problem
    label = np.full(len(units), -1, np.int32)
    for at in range(len(problem.grids)):
        inside = np.flatnonzero(problem.container == at)
        found = sorted({keys[unit] for unit in inside.tolist()} - {""})[: int(problem.grids[at])]
        number = {key: int(problem.first[at]) + n for n, key in enumerate(found)}
        for unit in inside.tolist():
            label[unit] = number.get(keys[unit], -1)
        if not found:
            label[inside] = int(problem.first[at])
    order = np.argsort(-problem.border, kind="stable")
    while (label < 0).any():
        before = int((label < 0).sum())
        for one, other in problem.edges[order].tolist():
            if problem.container[one] == problem.container[other]:
                if label[one] < 0 <= label[other]:
                    label[one] = label[other]
                elif label[other] < 0 <= label[one]:
                    label[other] = label[one]
        if int((label < 0).sum()) == before:
            break
    lost = label < 0
    label[lost] = problem.first[problem.container[lost]]
    return label
