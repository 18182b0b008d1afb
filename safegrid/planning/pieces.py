"""The land that is divided: villages with their boundaries (or cells around their points), cut by what stays as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from safegrid.foundation.geometry import area_m2
from safegrid.planning.messages import Message
from safegrid.planning.plane import only_area
from safegrid.regions import selectors as regions
from safegrid.regions.cells import cells_around_points

SLIVER_M2 = 100.0  # what a cut leaves below this is drawing, not land


@dataclass(frozen=True)
class Piece:
    """One piece of land: of a village, and of a cluster or a grid where ``key`` names one."""

    area: BaseGeometry
    village: str
    kind: str = "village"
    key: str = ""
    is_approximate: bool = False


@dataclass(frozen=True)
class Cutter:
    """Land that is taken out of the villages as a whole: a locked or present grid, a confirmed cluster."""

    area: BaseGeometry
    kind: str
    key: str


def villages_of(county: int, town: str, sites: Sequence[Any]) -> tuple[list[Piece], list[Message]]:
    """Return a piece for each village of the territory; where there is no boundary, a cell around its point or its sites."""
    known = {shape.code: shape for shape in regions.shapes(county, regions.Level.VILLAGE)}
    codes = [one.code for one in regions.descendants(town or str(county), regions.Level.VILLAGE)]
    found: dict[str, Piece] = {}
    without: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        shape = known.get(code)
        if shape is not None and shape.area is not None:
            found[code] = Piece(shape.area, code, is_approximate=shape.is_approximate)
        else:
            without[code[:9]].append(code)
    said, lost = [], []
    for its_town, missing in without.items():
        points, nowhere = _points(missing, known, sites)
        lost += nowhere
        if points:
            cells = _cells(county, its_town, points, list(found.values()))
            found |= {code: Piece(area, code, is_approximate=True) for code, area in cells.items()}
            lost += [code for code, _, _ in points if code not in cells]
            said.append(_told("approximate_boundary", sorted(cells), "没有边界，按村点或监管对象位置生成近似边界",
                              "请在“区划边界”中导入这些村（社区）的边界后重新计算"))  # fmt: skip
    if lost:
        said.append(
            _told("no_boundary", lost, "没有边界、坐标，也没有带坐标的监管对象，未列入划分", "请导入边界或村点")
        )
    return [found[code] for code in codes if code in found], said


def _points(codes: Iterable[str], known: dict[str, Any], sites: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """Return (code, longitude, latitude) of villages by their own point, else the middle of their sites; and those without."""
    by_village = defaultdict(list)
    for site in sites:
        if site.longitude is not None:
            by_village[site.village].append((site.longitude, site.latitude))
    points, nowhere = [], []
    for code in codes:
        shape = known.get(code)
        if shape is not None and shape.longitude is not None:
            points.append((code, shape.longitude, shape.latitude))
        elif by_village[code]:
            x, y = np.median(np.array(by_village[code]), axis=0)
            points.append((code, float(x), float(y)))
        else:
            nowhere.append(code)
    return points, nowhere


def _cells(county: int, town: str, points: list[Any], present: list[Piece]) -> dict[str, BaseGeometry]:
    """Return cells around the points: of the town's land that no village with a boundary holds."""
    shape = regions.shape(county, town)
    held = [one.area for one in present if not (shape and shape.area) or one.village.startswith(town)]
    outline: Any = shape.area if shape is not None else None
    cells = cells_around_points(points, outline)
    if not held:
        return dict(cells)
    land = shapely.union_all(np.array(held, dtype=object))
    left = {code: only_area(shapely.difference(area, land)) for code, area in cells.items()}
    return {code: area for code, area in left.items() if not area.is_empty and area_m2(area) > SLIVER_M2}


def _told(code: str, villages: Sequence[str], text: str, remedy: str) -> Message:
    names = "、".join(regions.name_of(one) for one in villages[:5])
    more = f"等 {len(villages)} 个村（社区）" if len(villages) > 5 else ""
    return Message(code, f"{names}{more}{text}", remedy)


def cut(pieces: Sequence[Piece], cutters: Sequence[Cutter]) -> list[Piece]:
    """Return the pieces with what the cutters hold taken out of them and standing on its own; earlier cutters win."""
    if not cutters:
        return list(pieces)
    done: list[Piece] = []
    tree = shapely.STRtree([one.area for one in cutters])
    for piece in pieces:
        rest = piece.area
        for at in sorted(tree.query(rest, predicate="intersects").tolist()):
            common = only_area(shapely.intersection(rest, cutters[at].area))
            if common.is_empty or area_m2(common) < SLIVER_M2:
                continue
            done.append(replace(piece, area=common, kind=cutters[at].kind, key=cutters[at].key))
            rest = only_area(shapely.difference(rest, cutters[at].area))
        if not rest.is_empty and area_m2(rest) >= SLIVER_M2:
            done.append(replace(piece, area=rest))
    return done
