"""What it costs to keep grids inside villages rather than towns: counted by capacity, before anything is divided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gridplan.problem import grids_needed
from safegrid.planning.containers import together
from safegrid.planning.ground import KIND_NAMES, Units
from safegrid.planning.measures import members_needed
from safegrid.planning.parameters import Parameters

FREE = tuple(KIND_NAMES.index(kind) for kind in ("village", "cell"))  # neither a cluster's nor kept


@dataclass(frozen=True)
class Need:
    """Grids and members by capacity. ``small``: places with less than half the work of a full-time member's grid."""

    grids: int
    full_time: int
    part_time: int
    small: int

    @property
    def members(self) -> int:
        return self.full_time + self.part_time


@dataclass(frozen=True)
class NestingPrice:
    """The same work with grids inside villages and inside towns; ``more`` is the share of members that villages cost."""

    village: Need
    town: Need

    @property
    def more(self) -> float:
        return self.village.members / self.town.members - 1

    @property
    def words(self) -> str:
        """Return the choice with its price, as it is shown."""
        by_village, by_town = self.village, self.town
        small = f"，其中 {by_village.small} 个村（社区）不足半个网格" if by_village.small else ""
        price = (
            f"按村要用 {self.more + 1:.1f} 倍的网格员"
            if self.more >= 1
            else f"按村多用 {self.more:.0%} 的网格员"
            if self.more > 0
            else "按村不必多用网格员"
        )
        return (
            f"按村：{by_village.grids} 个网格，专职 {by_village.full_time} 人、兼职 {by_village.part_time} 人{small}；"
            f"按乡镇：{by_town.grids} 个网格，专职 {by_town.full_time} 人、兼职 {by_town.part_time} 人；{price}"
        )


def price(units: Units, parameters: Parameters) -> NestingPrice | None:
    """Count both ways for the land that is neither a cluster nor kept; None where there is none.

    Villages that may be divided together count as one. A lower bound of members, as every count by capacity.
    """
    assert units.problem.village is not None
    free = np.isin(units.kind, FREE)
    if not free.any():
        return None
    load = np.bincount(units.problem.village[free], weights=units.problem.load[free], minlength=len(units.villages))
    home = together(units.villages, (one.villages for one in parameters.relaxations))
    by_village: dict[str, float] = {}
    by_town: dict[str, float] = {}
    for village, minutes in zip(units.villages, load.tolist(), strict=True):
        if minutes > 0:
            by_village[home[village]] = by_village.get(home[village], 0.0) + minutes
            by_town[village[:9]] = by_town.get(village[:9], 0.0) + minutes
    return NestingPrice(_need(by_village, parameters), _need(by_town, parameters)) if by_town else None


def _need(minutes: Mapping[str, float], parameters: Parameters) -> Need:
    total = np.array(list(minutes.values()))
    grids = grids_needed(total, parameters.capacity, parameters.tolerance)
    full, part = np.zeros(len(total), np.int64), np.zeros(len(total), np.int64)
    for at, (work, count) in enumerate(zip(total.tolist(), grids.tolist(), strict=True)):
        one = members_needed(work / count, parameters)
        full[at], part[at] = one[0] * count, one[1] * count
    small = int((total < parameters.capacity / 2).sum())
    return Need(int(grids.sum()), int(full.sum()), int(part.sum()), small)
