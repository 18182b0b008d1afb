"""Short cuts for the tests of the one map: a tile by its place, read with the package that others read tiles with."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import pytest

from safegrid.console.onemap import kept
from safegrid.console.onemap.mercator import Tile, tile_at
from safegrid.console.onemap.web.tiles import KEPT
from tests.cast import Cast

Features = list[dict[str, Any]]
NEAR, FAR = 16, 10


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Every test looks for itself: what is kept for moments outlives a rolled-back database."""
    KEPT.clear()
    for one in kept._all:
        one._kept.clear()


class Reader:
    """Looks at the county's map as one person."""

    def __init__(self, cast: Cast, user: Any) -> None:
        self.cast, self.browser = cast, cast.client(user)

    def answer(self, layer: str, tile: Tile, **query: Any) -> Any:
        path = f"/map/{self.cast.county}/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt"
        return self.browser.get(path, query)

    def layers(self, layer: str, tile: Tile, **query: Any) -> dict[str, Features]:
        """Return the features of each layer on a tile."""
        answer = self.answer(layer, tile, **query)
        assert answer.status_code == 200, answer.content
        read = (
            mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True}) if answer.content else {}
        )
        return {name: one["features"] for name, one in read.items()}

    def around(self, layer: str, site: Any, zoom: int = NEAR, **query: Any) -> Features:
        """Return the features of a layer on the tile where a site (or anything with a position) stands."""
        found = self.layers(layer, tile_at(site.longitude, site.latitude, zoom), **query)
        return found.get(layer, [])

    def ids(self, layer: str, site: Any, zoom: int = NEAR, **query: Any) -> set[str]:
        return {str(one["properties"].get("id")) for one in self.around(layer, site, zoom, **query)}
