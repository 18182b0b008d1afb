"""Codes and names of planned grids: a kept grid keeps its own; new ones are numbered as one reads, from the north-west on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from safegrid.planning.parameters import CodeRule
from safegrid.regions import selectors as regions


@dataclass(frozen=True)
class Planned:
    """A planned grid as far as its code and name need: where it lies (metres), what it is, and the grid it continues."""

    number: int
    kind: str  # village | cluster | town
    town: str
    village: str  # "" where it spans several
    east: float
    north: float
    area_m2: float
    label: str = ""  # of a cluster
    code: str = ""
    name: str = ""

    @property
    def prefix(self) -> str:
        return self.village or f"{self.town}000"


def number(grids: Sequence[Planned], rule: CodeRule, used: set[str]) -> list[Planned]:
    """Return the grids with codes and names; those that have a code keep both. ``used`` codes are never given again.

    Within a village new grids are numbered in rows from north to south, in a row from west to east.
    """
    groups: dict[str, list[Planned]] = defaultdict(list)
    for one in grids:
        groups[one.prefix].append(one)
    done: dict[int, Planned] = {}
    for prefix, group in groups.items():
        taken = used | {one.code for one in group if one.code}
        new, serial = [one for one in group if not one.code], 0
        of_cluster = Counter(one.label for one in new)
        place: Counter[str] = Counter()
        for one in _reading_order(new):
            serial += 1
            place[one.label] += 1
            while (code := f"{prefix}{rule.separator}{serial:0{rule.digits}d}") in taken:
                serial += 1
            done[one.number] = replace(one, code=code, name=_name(one, serial, place[one.label], of_cluster[one.label]))
        done |= {one.number: one for one in group if one.code}
    return [done[one.number] for one in grids]


def too_long(grids: Sequence[Mapping[str, str]], rule: CodeRule) -> list[str]:
    """Return the new codes whose running number has more digits than the rule gives."""
    longest = 12 + len(rule.separator) + rule.digits
    return [one["code"] for one in grids if not one["keeps"] and len(one["code"]) > longest]


def _reading_order(grids: Sequence[Planned]) -> list[Planned]:
    if not grids:
        return []
    height = max(sqrt(sum(one.area_m2 for one in grids) / len(grids)) * 0.8, 1.0)
    top = max(one.north for one in grids)
    return sorted(grids, key=lambda one: (int((top - one.north) / height), one.east, one.number))


def _name(one: Planned, serial: int, place: int, many: int) -> str:
    """Return the name of a new grid: of its cluster (numbered where it has several grids), else of its village or town."""
    if one.label:
        return (one.label if many == 1 else f"{one.label}第{place}网格")[:100]
    return f"{regions.name_of(one.village or one.town)}第{serial}网格"[:100]
