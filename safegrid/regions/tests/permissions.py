"""Who comes through the doors of regions: the tree is public, shapes belong to a county."""

from __future__ import annotations

from typing import Any

from safegrid.regions.services import set_shape
from tests.permissions.table import NOBODY, Door

INSIDE = (
    "lead_officer", "lead_chief", "leader", "town_officer", "other_town_officer", "lead_department_officer", "fire_officer",
    "market_officer", "grid_member", "next_grid_member", "committee", "hotline_officer", "site_contact", "agency_expert",
    "auditor", "upper_level", "system_admin", "reward_officer",
)  # fmt: skip
KEEPERS = ("lead_officer", "lead_chief")
SHAPE = {"type": "Polygon", "coordinates": [[[120, 30.5], [120.02, 30.5], [120.02, 30.52], [120, 30.52], [120, 30.5]]]}


def points(cast: Any) -> dict[str, Any]:
    set_shape(acting_user=None, county=cast.county, code=cast.village, longitude=120.01, latitude=30.51)
    return {}


SEES = dict.fromkeys(INSIDE, 200)
KEEPS = {**dict.fromkeys(INSIDE, 403), **dict.fromkeys(KEEPERS, 200)}
DOORS = [
    Door("GET", "/regions/", {}, others=200),
    Door("GET", "/regions/{county}/", SEES),
    Door("GET", "/regions/{village}/", SEES),
    Door("GET", "/regions/33/", {}, others=200),
    Door("GET", "/regions/{county}/map.json", SEES),
    Door("GET", "/regions/{county}/import/", dict.fromkeys(KEEPERS, 200)),
    Door("GET", "/regions/{county}/draw-cells/", dict.fromkeys(KEEPERS, 200)),
    Door("GET", "/api/v1/regions", {NOBODY: 200}, others=200),
    Door("GET", "/api/v1/regions/{village}", {NOBODY: 200}, others=200),
    Door("GET", "/api/v1/regions/{county}/shapes", SEES),
    Door("POST", "/api/v1/regions/{county}/shapes/{village}", KEEPS, body={"boundary": SHAPE, "datum": "wgs84"}),
    Door("POST", "/api/v1/regions/{county}/draw-cells", KEEPS, prepare=points),
    Door("POST", "/api/v1/regions/{county}/import-shapes", {}, others=422),
]
