"""Real base units: Chicago's census tracts ("villages") in community areas ("towns"), licensed premises as workload."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import shapely

from benchmarks.gridplan.instances import by_capacity, pieces
from gridplan.problem import Problem

VISITS = {"1": 4, "2": 2, "3": 1}  # a year, by risk
MINUTES = 60.0  # a visit with the way there
HOUSEHOLDS = 600.0  # minutes a year that every tract takes, premises or not
CAPACITY = 20_000.0  # minutes a year: a member who also does other work


def tracts(folder: str, tolerance: float) -> Problem:
    """Return the 808 tracts; a community area in several pieces becomes so many containers."""
    where = Path(folder)
    with gzip.open(where / "chicago_tracts2010.geojson.gz", "rt", encoding="utf-8") as file:
        features = json.load(file)["features"]
    areas = shapely.make_valid(np.array([shapely.from_geojson(json.dumps(one["geometry"])) for one in features]))
    west, south, _, north = shapely.total_bounds(areas)
    east_m, north_m = 111_320 * np.cos(np.radians((south + north) / 2)), 110_574.0
    areas = shapely.transform(areas, lambda at: (at - (west, south)) * (east_m, north_m))
    edges, border = _borders(areas)
    load = HOUSEHOLDS + _minutes(where / "chicago_food_establishments.csv.gz", areas, (west, south), (east_m, north_m))
    district = np.array([one["properties"]["district"] for one in features], np.int32)
    container = np.unique(pieces(district, edges), return_inverse=True)[1].astype(np.int32)
    outer = shapely.length(areas)
    for side in (0, 1):
        np.subtract.at(outer, edges[:, side], border)
    centre = shapely.get_coordinates(shapely.point_on_surface(areas))
    return Problem(load, edges, border, centre, container, by_capacity(load, container, tolerance, CAPACITY), tolerance,
                   np.unique(district, return_inverse=True)[1], shapely.area(areas), np.maximum(outer, 0))  # fmt: skip


def _borders(areas):  # type: ignore[no-untyped-def]
    """Return pairs of areas that touch along more than a metre, and along how many."""
    one, other = shapely.STRtree(areas).query(areas, predicate="intersects")
    one, other = one[(kept := one < other)], other[kept]
    shared = shapely.length(shapely.intersection(shapely.boundary(areas[one]), shapely.boundary(areas[other])))
    long = shared > 1
    return np.stack((one[long], other[long]), axis=1).astype(np.int32), shared[long]


def _minutes(path: Path, areas, origin, scale):  # type: ignore[no-untyped-def]
    """Return the minutes a year that the premises of each area take."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [(float(row["lon"]), float(row["lat"]), VISITS.get(row["risk"], 1)) for row in csv.DictReader(file)
                if row["lat"] and row["lon"]]  # fmt: skip
    lon, lat, visits = np.array(rows).T
    points = shapely.points((lon - origin[0]) * scale[0], (lat - origin[1]) * scale[1])
    premise, area = shapely.STRtree(areas).query(points, predicate="intersects")
    premise, first = np.unique(premise, return_index=True)
    return np.bincount(area[first], weights=visits[premise] * MINUTES, minlength=len(areas))
