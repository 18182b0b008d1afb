"""The ground of a scenario: base units as arrays, kept as one compressed file a scenario (table ``Ground``)."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import shapely

from gridplan.problem import Floats, Ints, Problem

KINDS = {"village": "整村", "cell": "村内片区", "cluster": "聚集区", "locked": "锁定网格", "present": "现有网格"}
KIND_NAMES = tuple(KINDS)
PROBLEM = ("load", "edges", "border", "position", "container", "grids", "village", "area", "outer")
HELD = ("kind", "sites", "visits", "approximate", "place", "today_unit", "today_grid", "today_sites", "today_load")


@dataclass(frozen=True)
class Container:
    """The hard place no grid leaves. ``keeps``: the grid that a locked container continues."""

    kind: str  # village | town | cluster | locked
    name: str
    town: str
    villages: tuple[str, ...]
    keeps: str = ""


@dataclass(frozen=True, eq=False)
class Units:
    """n base units: the solver's problem and what planning knows beside it.

    ``kind`` indexes ``KIND_NAMES``, ``problem.village`` indexes ``villages``; ``place`` are degrees, ``visits`` a year.
    ``today_*`` say how many sites and minutes of a unit belong to which of ``today_grids`` now. ``strays`` are sites
    that boundaries cannot place (no coordinates, or outside), with the unit that carries their load.
    """

    problem: Problem
    kind: Ints
    sites: Ints
    visits: Floats
    approximate: npt.NDArray[np.bool_]
    place: Floats
    today_unit: Ints
    today_grid: Ints
    today_sites: Ints
    today_load: Floats
    villages: tuple[str, ...]
    containers: tuple[Container, ...]
    today_grids: tuple[UUID, ...] = ()
    strays: tuple[tuple[UUID, int], ...] = ()
    start: Ints = field(default_factory=lambda: np.empty(0, np.int32))

    def __len__(self) -> int:
        return self.problem.units

    def with_grids(self, grids: Sequence[int]) -> Units:
        """Return the same units with other numbers of grids by container."""
        return replace(self, problem=replace(self.problem, grids=np.asarray(grids, dtype=np.int32)))

    def village_of(self, unit: int) -> str:
        assert self.problem.village is not None
        return self.villages[int(self.problem.village[unit])]


def pack(units: Units) -> bytes:
    """Return the units as a compressed npz."""
    said = {
        "tolerance": units.problem.tolerance,
        "villages": units.villages,
        "containers": [asdict(one) for one in units.containers],
        "today_grids": [str(one) for one in units.today_grids],
        "strays": [[str(site), unit] for site, unit in units.strays],
    }
    arrays = {name: getattr(units.problem, name) for name in PROBLEM} | {name: getattr(units, name) for name in HELD}
    file = io.BytesIO()
    np.savez_compressed(file, said=np.frombuffer(json.dumps(said).encode(), np.uint8), start=units.start, **arrays)
    return file.getvalue()


def unpack(data: Any) -> Units:
    """Return what ``pack`` packed."""
    with np.load(io.BytesIO(bytes(data)), allow_pickle=False) as kept:
        said = json.loads(kept["said"].tobytes())
        problem = Problem(tolerance=said["tolerance"], **{name: kept[name] for name in PROBLEM})
        return Units(
            problem, **{name: kept[name] for name in HELD}, start=kept["start"],
            villages=tuple(said["villages"]),
            containers=tuple(Container(**{**one, "villages": tuple(one["villages"])}) for one in said["containers"]),
            today_grids=tuple(UUID(one) for one in said["today_grids"]),
            strays=tuple((UUID(site), unit) for site, unit in said["strays"]),
        )  # fmt: skip


def pack_shapes(areas: Sequence[Any]) -> bytes:
    """Return the polygons of the units (WGS 84) as one compressed file."""
    file = io.BytesIO()
    wkb = [shapely.to_wkb(area, byte_order=1) for area in areas]
    ends = np.cumsum([len(one) for one in wkb])
    np.savez_compressed(file, ends=ends, wkb=np.frombuffer(b"".join(wkb), np.uint8))
    return file.getvalue()


def unpack_shapes(data: Any) -> list[Any]:
    """Return what ``pack_shapes`` packed."""
    with np.load(io.BytesIO(bytes(data)), allow_pickle=False) as kept:
        wkb, ends = kept["wkb"].tobytes(), kept["ends"].tolist()
    return [shapely.from_wkb(wkb[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]
