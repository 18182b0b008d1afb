"""The sites of a territory, where each stands in it, and what it takes to visit them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import shapely

from gridplan.problem import Floats, Ints
from safegrid.foundation.geometry import Locator, area_m2
from safegrid.grids import selectors as grids
from safegrid.handbook import selectors as handbook
from safegrid.planning.messages import Message
from safegrid.planning.parameters import Parameters
from safegrid.planning.pieces import Piece
from safegrid.planning.workload import Norms, travel_minutes
from safegrid.sites import selectors as sites

DIRECT = "县级以上部门直接监管"


def facts_of(county: int, town: str) -> list[Any]:
    """Return what planning reckons with, of the sites declared in the territory."""
    return list(sites.work_facts(county, town=town))


def facts_inside(county: int, town: str, declared: list[Any], pieces: Sequence[Piece]) -> list[Any]:
    """Return the sites declared in the territory and those of other towns that may stand in it."""
    if not town or not pieces:
        return declared
    west, south, east, north = shapely.total_bounds(np.array([one.area for one in pieces], dtype=object)).tolist()
    known = {one.id for one in declared}
    return declared + [one for one in sites.work_facts(county, box=(west, south, east, north)) if one.id not in known]


@dataclass(frozen=True, eq=False)
class Burden:
    """m sites by arrays: the piece each stands in, degrees (NaN unknown), visits and minutes a year without the way.

    ``stray``: placed by its declared village, for its position says nothing or lies outside. ``left_out``: [site id, why].
    """

    ids: list[UUID]
    piece: Ints
    place: Floats
    visits: Floats
    minutes: Floats
    stray: npt.NDArray[np.bool_]
    grid: list[UUID | None]
    left_out: list[tuple[UUID, str]]


def weigh(
    county: int, facts: Iterable[Any], pieces: Sequence[Piece], parameters: Parameters
) -> tuple[Burden, list[Message]]:
    """Return the sites that grid work covers, with their places and visits; and what to say of the others."""
    covered, left_out, said = _covered(county, facts, parameters)
    place = np.array([[np.nan if v is None else v for v in (one.longitude, one.latitude)] for one in covered])
    place = place.reshape(-1, 2)
    found = Locator(range(len(pieces)), [one.area for one in pieces]).index(place[:, 0], place[:, 1])
    piece, stray = found.astype(np.int32), found < 0
    home = _homes(pieces)
    for at in np.flatnonzero(stray).tolist():
        piece[at] = home.get(covered[at].village, -1)
    kept = np.flatnonzero(piece >= 0)
    lost = sum(1 for at in np.flatnonzero(piece < 0).tolist() if covered[at].longitude is None)
    if lost:
        text = f"{lost} 个监管对象没有坐标，也没有可用的村（社区），未计入工作量"
        said.append(Message("unplaced_sites", text, "请补充坐标或村（社区）；发布后它们列在“没有网格的监管对象”中"))
    if (strays := int(stray[kept].sum())) > 0:
        text = f"{strays} 个监管对象没有坐标或坐标在划分范围外，按登记的村（社区）计入"
        said.append(Message("stray_sites", text, "请核对坐标；发布时按方案手工指定网格"))
    norms = Norms(parameters)
    rows = [covered[at] for at in kept.tolist()]
    norm = [norms.of(one) for one in rows]
    said += _missing_norms(norms)
    visits = np.array([one.visits_a_year for one in norm], dtype=np.float64)
    minutes = visits * np.array([one.minutes for one in norm], dtype=np.float64)
    return Burden([one.id for one in rows], piece[kept], place[kept], visits, minutes, stray[kept],
                  [one.grid_id for one in rows], left_out), said  # fmt: skip


def _covered(
    county: int, facts: Iterable[Any], parameters: Parameters
) -> tuple[list[Any], list[tuple[UUID, str]], list[Message]]:
    excluded = {one.site_id: one.reason for one in parameters.exclusions}
    covered, direct, left_out = [], [], []
    for one in facts:
        if one.status not in grids.IN_GRID_WORK:
            continue
        if one.is_directly_supervised:
            direct.append(one.id)
        elif one.id in excluded:
            left_out.append((one.id, excluded[one.id]))
        else:
            covered.append(one)
    reasons = sites.direct_reasons(county, direct)
    left_out = [(site, reasons.get(site, DIRECT)) for site in direct] + left_out
    unknown = set(excluded) - {site for site, _ in left_out}
    said = []
    if unknown:
        text = f"{len(unknown)} 个要排除的监管对象不在本次范围内或已注销"
        said.append(Message("unknown_exclusion", text, "请从排除清单中删去"))
    return covered, left_out, said


def _homes(pieces: Sequence[Piece]) -> dict[str, int]:
    """Return the piece that takes what is known of a village only: its largest, one of its own rather than of a cluster."""
    found: dict[str, int] = {}
    order = sorted(range(len(pieces)), key=lambda at: (pieces[at].kind == "village", area_m2(pieces[at].area)))
    for at in order:
        found[pieces[at].village] = at
    return found


def _missing_norms(norms: Norms) -> list[Message]:
    if not norms.missing:
        return []
    types, grades = dict(sites.SITE_TYPES), dict(sites.RISK_GRADES)
    names = [f"{types.get(kind, kind)}·{grades.get(grade, grade)}" for kind, grade in sorted(norms.missing)]
    count = sum(norms.missing.values())
    text = f"{'、'.join(map(str, names))}没有巡查频次标准（{count} 个监管对象），暂按每年 2 次、每次 20 分钟计"
    return [Message("missing_norm", text, "请在网格手册中补充巡查频次标准，或在方案参数中填写")]


def with_travel(burden: Burden, area_m2: Floats, parameters: Parameters) -> Floats:
    """Return the minutes a year of each site with the way to it, by the areas (m²) of the pieces."""
    count = np.bincount(burden.piece, minlength=len(area_m2)).astype(np.float64)
    way = travel_minutes(area_m2, count, parameters.speed_kmh)
    return np.asarray(burden.minutes + burden.visits * way[burden.piece], dtype=np.float64)


def handbook_norms(county: int) -> list[dict[str, Any]]:
    """Return the county's norms as a scenario's parameters keep them."""
    found = []
    for site_type, _ in sites.SITE_TYPES:
        for grade, _ in sites.RISK_GRADES:
            norm = handbook.visit_norm(county, site_type, grade)
            if norm is not None:
                found.append({"site_type": site_type, "risk_grade": grade,
                              "visits_a_year": norm.visits_a_year, "minutes": norm.minutes})  # fmt: skip
    return found
