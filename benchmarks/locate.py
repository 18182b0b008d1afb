"""Point to grid: the county's atlas with a vector of points, beside Shapely's bare tree and one point after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.prepared import prep

from benchmarks.measure import best_of
from benchmarks.report import Row
from demo.replay import source
from safegrid.foundation import clock
from safegrid.foundation.geometry import Locator, area_m2, box, write_area
from safegrid.foundation.ids import uuid7
from safegrid.grids import selectors
from safegrid.grids.models import Grid, GridVersion
from safegrid.regions.cells import cells_around_points

COUNTY, TARGET, SEED = 330521, 200_000, 7
WEST, SOUTH, WIDE, HIGH = 119.8, 30.4, 0.5, 0.4
SINGLE = 3_000
Floats = npt.NDArray[np.float64]


def generated(grids: int, points: int) -> list[Row]:
    """A county of invented grids with winding borders, asked through ``grids.selectors`` on a stored atlas."""
    areas = winding_grids(grids)
    store(areas)
    longitudes, latitudes = scattered(shapely.total_bounds(np.array(areas)), points)
    vertices = int(np.mean(shapely.get_num_coordinates(np.array(areas))))
    words = f"{grids:,} grids of {vertices} vertices"
    ask = selectors.locate
    ask(COUNTY, longitudes[:1], latitudes[:1])
    return _compare(
        words,
        areas,
        longitudes,
        latitudes,
        lambda x, y: ask(COUNTY, x, y),
        lambda x, y: selectors.grid_at(COUNTY, x, y),
    )


def tracts(folder: str, points: int) -> list[Row]:
    """Real boundaries: the city's census tracts."""
    areas = [tract.area for tract in source.tracts(Path(folder))]
    locator = Locator(range(len(areas)), areas)
    longitudes, latitudes = scattered(shapely.total_bounds(np.array(areas)), points)
    vertices = int(np.mean(shapely.get_num_coordinates(np.array(areas))))
    words = f"{len(areas)} census tracts of {vertices} vertices"
    return _compare(words, areas, longitudes, latitudes, locator.locate, locator.at)


def winding_grids(number: int) -> list[Any]:
    """Return areas that tile a rectangle; every border winds, and both neighbours' in the same way."""
    rng = np.random.default_rng(SEED)
    places = rng.uniform((WEST, SOUTH), (WEST + WIDE, SOUTH + HIGH), (number, 2))
    frame = shapely.box(WEST, SOUTH, WEST + WIDE, SOUTH + HIGH)
    cells = cells_around_points([(str(i), float(x), float(y)) for i, (x, y) in enumerate(places)], frame)
    step = WIDE / sqrt(number) / 10
    finer = shapely.segmentize(np.array(list(cells.values())), step)

    def wind(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return x + step / 3 * np.sin(y * 9e3) * np.cos(x * 5e3), y + step / 3 * np.sin(x * 8e3) * np.cos(y * 7e3)

    return list(shapely.make_valid(shapely.transform(finer, wind, interleaved=False)))


def store(areas: Sequence[Any]) -> None:
    """Write the areas as grids in force, straight into the tables."""
    today, ids = clock.today(), [uuid7() for _ in areas]
    Grid.objects.bulk_create(
        (Grid(id=one, county=COUNTY, code=f"G{i:05d}", name=f"网格{i}", town="330521100", opened_on=today)
         for i, one in enumerate(ids)),
        batch_size=500,
    )  # fmt: skip
    GridVersion.objects.bulk_create(
        (GridVersion(county=COUNTY, grid_id=one, number=1, boundary=write_area(area), area_m2=area_m2(area),
                     valid_from=today, **box(area)) for one, area in zip(ids, areas, strict=True)),
        batch_size=500,
    )  # fmt: skip


def scattered(bounds: Floats, number: int) -> tuple[Floats, Floats]:
    """Return points all over the bounds and a little beyond: some lie in no area."""
    west, south, east, north = bounds
    rng = np.random.default_rng(SEED)
    x, y = rng.uniform((west, south), (east + 0.02, north + 0.02), (number, 2)).T
    return x, y


def _compare(
    words: str,
    areas: Sequence[Any],
    longitudes: Floats,
    latitudes: Floats,
    many: Callable[[Floats, Floats], list[Any]],
    one: Callable[[float, float], Any],
) -> list[Row]:
    tree = shapely.STRtree(np.array(areas))
    prepared = [prep(area) for area in areas]

    def bare() -> Any:
        return tree.query(shapely.points(longitudes, latitudes), predicate="intersects")

    def by_contains() -> list[Any]:
        found = []
        for x, y in zip(longitudes[:SINGLE], latitudes[:SINGLE], strict=True):
            point = shapely.Point(x, y)
            found.append(next((at for at in tree.query(point) if prepared[at].contains(point)), None))
        return found

    inside = sum(key is not None for key in many(longitudes, latitudes))
    if inside != len(np.unique(bare()[0])):
        raise RuntimeError("locator and bare tree disagree on how many points lie inside")
    number, fast = len(longitudes), best_of(3, lambda: many(longitudes, latitudes))
    some = list(zip(longitudes[:SINGLE].tolist(), latitudes[:SINGLE].tolist(), strict=True))
    singly = best_of(2, lambda: [one(x, y) for x, y in some])
    return [
        Row(f"{words}, {number:,} points at once", number / fast, "points/s", "bare STRtree.query",
            number / best_of(2, bare), TARGET, f"{inside / number:.0%} inside"),
        Row("the same", number / fast, "points/s", "one by one, prepared contains", SINGLE / best_of(2, by_contains)),
        Row("one at a time", SINGLE / singly, "points/s", "one by one, prepared contains",
            SINGLE / best_of(2, by_contains)),
    ]  # fmt: skip
