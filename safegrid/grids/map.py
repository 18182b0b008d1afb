"""Boundaries as GeoJSON for maps and the API: WGS 84, longitude first."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import shapely
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.grids import selectors

SIMPLIFIED = 0.00002  # degrees, about two metres: for drawing many at once


def boundary_json(grid: Any, on: date | None = None) -> dict[str, Any] | None:
    """Return a grid's boundary on a day (today, or its first day while that is to come) as a GeoJSON geometry."""
    day = max(on or clock.today(), grid.opened_on)
    found = next((piece for piece in selectors.pieces(grid.county, day) if piece.grid_id == grid.id), None)
    return None if found is None else dict(json.loads(shapely.to_geojson(found.area)))


def collection(grids: Any, on: date | None = None) -> dict[str, Any]:
    """Return the boundaries of a queryset of grids of one county as a FeatureCollection for the map island."""
    rows: list[Any] = list(grids)
    features = []
    for county in sorted({row.county for row in rows}):
        named = {row.id: row for row in rows if row.county == county}
        for piece in selectors.pieces(county, on):
            row = named.get(piece.grid_id)
            if row is not None:
                shape = shapely.simplify(piece.area, SIMPLIFIED) if len(rows) > 1 else piece.area
                features.append(_feature(row, shape))
    return {"type": "FeatureCollection", "features": features}


def _feature(row: Any, shape: Any) -> dict[str, Any]:
    url = reverse("grids:grid", args=[row.county, row.id])
    return {
        "type": "Feature",
        "geometry": json.loads(shapely.to_geojson(shape)),
        "properties": {"role": "grid", "label": row.name, "code": row.code, "url": url},
    }
