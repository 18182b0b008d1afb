"""The folder of real data: tracts, premises and inspections of a city, as published."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from safegrid.foundation.errors import InvalidInput

TRACTS, PREMISES, INSPECTIONS = (
    "chicago_tracts2010.geojson.gz",
    "chicago_food_establishments.csv.gz",
    "chicago_food_inspections.csv.gz",
)


@dataclass(frozen=True)
class Tract:
    """A census tract: one village of the replay; ``district`` numbers its community area, one town."""

    key: str
    district: int
    district_name: str
    area: BaseGeometry


@dataclass(frozen=True)
class Inspection:
    """One inspection: how many critical, serious and minor findings it had."""

    key: str
    license: str
    day: date
    critical: int
    serious: int
    minor: int

    @property
    def reports(self) -> bool:
        """Whether it becomes a case."""
        return self.critical > 0 or self.serious > 0


def require(folder: Path) -> None:
    """Raise ``InvalidInput`` naming the files that a folder lacks."""
    missing = [name for name in (TRACTS, PREMISES, INSPECTIONS) if not (folder / name).is_file()]
    if missing:
        raise InvalidInput({"folder": f"{folder} 中缺少 {'、'.join(missing)}"})


def tracts(folder: Path) -> list[Tract]:
    """Return the tracts, by district and key."""
    with gzip.open(folder / TRACTS, "rt", encoding="utf-8") as text:
        features = json.load(text)["features"]
    found = []
    for feature in features:
        facts = feature["properties"]
        name = facts["district_name"].title()
        found.append(Tract(facts["unit_id"], int(facts["district"]), name, shape(feature["geometry"])))
    return sorted(found, key=lambda tract: (tract.district, tract.key))


def premises(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the licensed premises as published."""
    yield from _rows(folder / PREMISES)


def inspections(folder: Path) -> list[Inspection]:
    """Return the inspections in the order of their days."""
    found = [
        Inspection(row["inspection_id"], row["license"], date.fromisoformat(row["date"]), int(row["critical"]),
                   int(row["serious"]), int(row["minor"]))
        for row in _rows(folder / INSPECTIONS)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.day, int(one.key)))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)
