"""Tiles are written as others read them; areas typed as text are read as they were meant."""

from __future__ import annotations

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as some

from safegrid.console.onemap import mvt
from safegrid.console.onemap.areas import Areas
from safegrid.console.onemap.mercator import EXTENT, Tile, backward, forward, tile_at
from safegrid.console.onemap.mvt import Feature
from safegrid.console.onemap.points import Points
from safegrid.foundation.geometry import area_from_text

CHINESE = r"[\u4e00-\u9fff]"
whole = some.integers(0, EXTENT)
text = some.text(some.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


def read(tile: bytes) -> dict:
    return mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True}) if tile else {}


@given(
    some.lists(
        some.tuples(
            whole, whole, some.dictionaries(text, text | some.integers(-(2**40), 2**40) | some.booleans(), max_size=4)
        )
    )
)
def test_points_are_read_back_with_all_their_values(rows):
    tile = mvt.encode({"dots": [Feature((x, y), values) for x, y, values in rows]})
    found = read(tile).get("dots", {"features": []})["features"]
    assert [(tuple(one["geometry"]["coordinates"]), one["properties"]) for one in found] == [
        ((x, y), v) for x, y, v in rows
    ]


@given(some.lists(some.tuples(whole, whole, some.integers(2, 300), some.booleans()), min_size=1, max_size=6))
def test_areas_are_read_back_with_holes_and_parts(rows):
    shapes = []
    for x, y, size, has_hole in rows:
        outer = shapely.box(x, y, x + 3 * size, y + 3 * size)
        hole = shapely.box(x + size, y + size, x + 2 * size, y + 2 * size)
        shapes.append(
            outer.difference(hole) if has_hole else shapely.MultiPolygon([outer, shapely.box(5000, 5000, 5010, 5010)])
        )
    found = read(mvt.encode({"areas": [Feature(one, {"n": at}) for at, one in enumerate(shapes)]}))["areas"]["features"]
    assert [one["properties"]["n"] for one in found] == list(range(len(shapes)))
    for one, shape in zip(found, shapes, strict=True):
        assert shapely.equals(shapely.geometry.shape(one["geometry"]), shape)


def test_what_shrinks_to_nothing_is_left_out_with_its_holes():
    spot = shapely.Polygon([(1, 1), (1, 1), (1, 1), (1, 1)])
    line = shapely.GeometryCollection([shapely.LineString([(0, 0), (5, 5)]), shapely.box(10, 10, 20, 20)])
    found = read(mvt.encode({"areas": [Feature(spot, {"n": 0}), Feature(line, {"n": 1})]}))["areas"]["features"]
    assert [one["properties"]["n"] for one in found] == [1]
    assert mvt.encode({"areas": [Feature(spot)]}) == b""


@given(some.floats(-179.9, 179.9), some.floats(-84, 84))
def test_web_mercator_there_and_back_is_the_same_place(longitude, latitude):
    x, y = forward([longitude], [latitude])
    back = backward(x, y)
    assert back[0][0] == pytest.approx(longitude, abs=1e-9)
    assert back[1][0] == pytest.approx(latitude, abs=1e-9)
    tile = tile_at(longitude, latitude, 12)
    west, north, east, south = tile.box()
    assert west <= x[0] < east
    assert north <= y[0] < south


@given(
    some.integers(5, 17),
    some.lists(some.tuples(some.floats(120, 120.3), some.floats(30.4, 30.7)), min_size=1, max_size=60),
)
def test_every_point_stands_on_exactly_one_tile_of_a_zoom(zoom, places):
    points = Points.of([x for x, _ in places], [y for _, y in places], [0] * len(places), ["shop"] * len(places),
                       list(range(len(places))), [""] * len(places))  # fmt: skip
    tiles = {tile_at(x, y, zoom) for x, y in places}
    found = [one for tile in tiles for one in points.cut(tile)]
    assert sum(int(one.values.get("n", 1)) for one in found) == len(places)


def test_neighbours_stay_neighbours_when_simplified():
    rng = np.random.default_rng(3)
    zigzag = [(120.0 + 0.001 * n, 30.5 + 0.0004 * float(rng.random())) for n in range(200)]
    north = shapely.Polygon([*zigzag, (120.199, 30.6), (120.0, 30.6)])
    south = shapely.Polygon([*zigzag, (120.199, 30.4), (120.0, 30.4)])
    tile = tile_at(120.1, 30.5, 10)
    (_, one), (_, other) = Areas([north, south]).cut(tile)
    assert shapely.area(shapely.intersection(one, other)) == 0
    together = shapely.union(one, other)
    assert together.geom_type == "Polygon"
    assert not together.interiors


def test_a_tile_beside_all_areas_is_empty():
    assert Areas([shapely.box(120, 30, 121, 31)]).cut(Tile(10, 0, 0)) == []
    assert Areas([]).cut(Tile(10, 0, 0)) == []
    assert Areas([]).label_points(Tile(10, 0, 0)) == []


corner = some.tuples(some.floats(100, 120).map(lambda v: round(v, 6)), some.floats(20, 40).map(lambda v: round(v, 6)))


@given(some.lists(some.lists(corner, min_size=3, max_size=6, unique=True), min_size=1, max_size=3))
def test_an_area_typed_corner_by_corner_is_the_one_written_as_geojson(parts):
    polygons = [shapely.Polygon(part) for part in parts]
    area = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    typed = "\n\n".join("\n".join(f"{x}，{y}" for x, y in part) for part in parts)
    assert shapely.equals_exact(area_from_text(typed), area)
    assert shapely.equals_exact(area_from_text(shapely.to_geojson(area)), area)


@pytest.mark.parametrize("given_text", ["", "120", "120,30\n121,31", "a,b\nc,d\ne,f", "181,0\n0,0\n1,1", "{}", '{"type":"Polygon"}',
                                        '{"type":"FeatureCollection","features":[]}', '{"type":"Point","coordinates":[1,1]}',
                                        '{"type":"Polygon","coordinates":[]}', "[" * 10, '{"a":' * 5000])  # fmt: skip
def test_what_is_no_area_is_said_to_be_none(given_text):
    with pytest.raises(ValueError, match=CHINESE):
        area_from_text(given_text)
