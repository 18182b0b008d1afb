"""The one map of a large county: tiles as a browser asks for them while panning, beside the bare encoding of their features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import islice
from random import Random
from time import perf_counter
from typing import Any

import mapbox_vector_tile
import shapely

from benchmarks.county import COUNTY, SINCE
from benchmarks.locate import HIGH, SOUTH, WEST, WIDE, store, winding_grids
from benchmarks.measure import percentile
from benchmarks.report import Row
from benchmarks.server import browser, cookie, web_server
from safegrid.accounts.models import Role, User
from safegrid.console.onemap.layers import LAYERS, Asked
from safegrid.console.onemap.mercator import Tile, tile_at
from safegrid.foundation import clock
from safegrid.regions.models import Region
from safegrid.sites.models import RiskGrade, Site, SiteType

TARGET_MS = 150
SEED = 11
AT_ONCE = 6  # connections of a browser to one host
ZOOMS = (10, 11, 12, 13, 14, 15, 16)
SCREEN = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1))  # tiles of 512 px on a screen of 1440 by 900


def tiles(grids: int, sites: int, requests: int) -> list[Row]:
    """Fill a county and pan over it: every tile for the first time, then again, then as many at once as a browser does."""
    user = _county(grids, sites)
    paths = [_path(layer, tile) for layer, tile in islice(_panned(), requests)]
    headers = cookie(browser(user))
    with web_server() as port:
        first = _ask(port, headers, [_path("sites", tile_at(WEST + 0.1, SOUTH + 0.1, 9))])
        cold = _ask(port, headers, paths)
        warm = _ask(port, headers, paths)
        shares = [paths[start::AT_ONCE] for start in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            at_once = [took for part in pool.map(lambda share: _ask(port, headers, share), shares) for took in part]
    bare = _bare(user, list(islice(_panned(), requests)))
    words = f"{sites:,} sites, {grids:,} grids"
    return [
        _row(f"{words}: a tile, warm", warm, bare, TARGET_MS, f"the very first, which reads the county: {first[0]:.0f} ms"),
        _row(f"{AT_ONCE} tiles at once, warm", at_once, bare, TARGET_MS),
        _row("a tile for the first time", cold, bare, None),
    ]  # fmt: skip


def _row(what: str, took: list[float], bare: list[float], target: float | None, more: str = "") -> Row:
    detail = f"p50 {percentile(took, 0.5):.1f} ms, beside {percentile(bare, 0.5):.1f} ms"
    return Row(what, percentile(took, 0.95), "ms p95", "mapbox-vector-tile encoding the same features, p95",
               percentile(bare, 0.95), target, f"{detail}; {more}" if more else detail)  # fmt: skip


def _county(grids: int, sites: int) -> User:
    """Make the grids, towns of sites around centres as settlements are, and a lead officer."""
    Region.objects.create(code=str(COUNTY), name="测算县", level=3, parent_code="3305")
    areas = winding_grids(grids)
    store(areas)
    Site.objects.bulk_create(_sites(sites), batch_size=2000)
    user = User.objects.create(username="lead_officer", name="牵头经办", place=str(COUNTY))
    Role.objects.create(user=user, kind="lead_officer", place=str(COUNTY), valid_from=SINCE)
    return user


def _sites(number: int) -> Iterator[Site]:
    draw, now = Random(SEED), clock.now()
    centres = [
        (WEST + WIDE * draw.random(), SOUTH + HIGH * draw.random(), 0.002 + 0.02 * draw.random()) for _ in range(60)
    ]
    kinds, grades = SiteType.values, RiskGrade.values
    for index in range(number):
        x, y, spread = draw.choice(centres)
        yield Site(
            county=COUNTY, code=f"S{index:06d}", name=f"测算商铺{index}", site_type=draw.choice(kinds),
            risk_grade=draw.choice(grades), town=f"{COUNTY}100", longitude=draw.gauss(x, spread), latitude=draw.gauss(y, spread),
            created_at=now, updated_at=now,
        )  # fmt: skip


def _panned() -> Iterator[tuple[str, Tile]]:
    """Yield the tiles of one screen after another at every zoom, near settlements and anywhere, each once."""
    draw, seen = Random(SEED), set[Tile]()
    while True:
        for zoom in ZOOMS:
            corner = tile_at(WEST + WIDE * draw.random(), SOUTH + HIGH * draw.random(), zoom)
            for x, y in SCREEN:
                tile = Tile(zoom, corner.x + x, corner.y + y)
                if tile in seen and zoom > min(ZOOMS) + 2:
                    continue
                seen.add(tile)
                yield "places", tile
                yield "sites", tile


def _path(layer: str, tile: Tile) -> str:
    return f"/map/{COUNTY}/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt"


def _ask(port: int, headers: dict[str, str], paths: Sequence[str]) -> list[float]:
    http, took = HTTPConnection("127.0.0.1", port, timeout=60), []
    for path in paths:
        began = perf_counter()
        http.request("GET", path, headers={**headers, "Accept-Encoding": "gzip"})
        answer = http.getresponse()
        answer.read()
        took.append((perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {path}")
    http.close()
    return took


def _bare(user: User, asked: Sequence[tuple[str, Tile]]) -> list[float]:
    """Return the milliseconds in which the package that everybody writes tiles with encodes the features alone."""
    what, took = Asked(user, COUNTY, clock.today()), []
    found = {name: LAYERS[name](what) for name in ("places", "sites")}
    for layer, tile in asked:
        drawn = [
            {"name": name, "features": [{"geometry": _shape(one.shape), "properties": dict(one.values)} for one in features]}
            for name, features in found[layer].draw(tile).items() if features
        ]  # fmt: skip
        began = perf_counter()
        mapbox_vector_tile.encode(drawn, default_options={"y_coord_down": True})
        took.append((perf_counter() - began) * 1000)
    return took


def _shape(shape: Any) -> Any:
    return shapely.Point(shape) if isinstance(shape, tuple) else shape
