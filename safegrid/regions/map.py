"""A county's shapes as GeoJSON for maps and the API: WGS 84, longitude first."""

from __future__ import annotations

import json
from typing import Any

import shapely

from safegrid.regions import selectors

SIMPLIFIED = 0.00005  # degrees, about five metres


def collection(county: int, level: selectors.Level, below: str = "") -> dict[str, Any]:
    """Return the known areas (points, where only the point is known) of one level as a FeatureCollection."""
    found = [one for one in selectors.shapes(county, level) if one.code.startswith(below)]
    names = selectors.names_of(one.code for one in found)
    return {"type": "FeatureCollection", "features": [_feature(one, names.get(one.code, one.code)) for one in found]}


def _feature(one: selectors.Shape, name: str) -> dict[str, Any]:
    point = [one.longitude or 0.0, one.latitude or 0.0]  # every shape has a point
    shape = shapely.Point(point) if one.area is None else shapely.simplify(one.area, SIMPLIFIED)
    role = "site" if one.area is None else "grid"  # how the map island draws a point and an area
    return {
        "type": "Feature",
        "geometry": json.loads(shapely.to_geojson(shape)),
        "properties": {"role": role, "label": name, "code": one.code, "is_approximate": one.is_approximate},
    }
