"""Cells around village points: they cover the outline, do not overlap, and each holds its point."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from safegrid.regions.cells import SAME_POINT, cells_around_points
from safegrid.regions.datum import CoordinateError

COUNTY = Polygon([(119.0, 30.0), (120.0, 29.9), (120.2, 30.5), (119.6, 30.3), (119.4, 31.0), (118.9, 30.6)])
inside = st.tuples(st.floats(119.0, 120.1), st.floats(29.95, 30.9)).filter(lambda p: COUNTY.contains(Point(p)))
TINY = COUNTY.area * 1e-9


def named(places):
    return [(f"{number:012d}", *place) for number, place in enumerate(places)]


@settings(max_examples=150, deadline=None)
@given(st.lists(inside, min_size=1, max_size=40))
def test_cells_cover_the_outline_without_overlap_and_hold_their_points(places):
    points = named(places)
    cells = cells_around_points(points, COUNTY)
    areas = list(cells.values())
    assert all(area.is_valid for area in areas)
    assert shapely.union_all(areas).symmetric_difference(COUNTY).area < TINY
    assert abs(sum(area.area for area in areas) - COUNTY.area) < TINY
    assert {key for key, _, _ in points} == set(cells) | set(cells.merged)
    for key, longitude, latitude in points:
        assert cells[cells.merged.get(key, key)].distance(Point(longitude, latitude)) <= SAME_POINT


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
def test_points_on_a_lattice_with_repeats_and_lines_still_make_an_exact_coverage(steps):
    points = named([(119 + x / 10, 30 + y / 10) for x, y in steps])
    cells = cells_around_points(points)
    assert len(cells) == len(set(steps))
    assert len(cells) + len(cells.merged) == len(points)
    areas = list(cells.values())
    assert shapely.coverage_is_valid(areas)
    whole = shapely.union_all(areas)
    assert isinstance(whole, Polygon)
    assert not whole.interiors
    assert all(cells[key].contains(Point(x, y)) for key, x, y in points if key in cells)


def test_each_place_goes_to_the_nearest_point_on_the_ground():
    # At 60 degrees north a degree of longitude is half as long, so the east is nearer than the north.
    cells = cells_around_points([("east", 101.0, 60.0), ("north", 100.0, 60.8)], box(99, 59, 102, 62))
    assert cells["east"].contains(Point(100.0, 60.1))


def test_a_single_point_gets_the_whole_outline():
    assert cells_around_points([("a", 119.5, 30.2)], COUNTY)["a"].equals(COUNTY)


def test_a_single_point_without_an_outline_gets_a_round_cell_of_some_500_metres():
    cell = cells_around_points([("a", 119.5, 30.2)])["a"]
    assert cell.contains(Point(119.5, 30.2))
    west, south, east, north = cell.bounds
    assert (north - south) * 111_195 == pytest.approx(1000, rel=0.01)
    assert (east - west) * 96_100 == pytest.approx(1000, rel=0.01)


def test_points_in_one_place_are_merged_into_the_first_and_reported():
    cells = cells_around_points([("a", 119.5, 30.2), ("b", 119.3, 30.3), ("c", 119.5, 30.2)], COUNTY)
    assert list(cells) == ["a", "b"]
    assert cells.merged == {"c": "a"}


def test_a_hole_in_the_outline_belongs_to_no_cell():
    ring = Polygon(box(0, 0, 3, 3).exterior.coords, [box(1, 1, 2, 2).exterior.coords])
    cells = cells_around_points([("a", 0.5, 0.5), ("b", 2.5, 2.5)], ring)
    assert sum(area.area for area in cells.values()) == pytest.approx(8.0)
    assert not any(area.contains(Point(1.5, 1.5)) for area in cells.values())


def test_an_island_goes_to_the_nearest_point_as_part_of_its_cell():
    land = MultiPolygon([box(0, 0, 2, 1), box(2.5, 0, 3, 1)])
    cells = cells_around_points([("a", 0.5, 0.5), ("b", 1.5, 0.5)], land)
    assert isinstance(cells["b"], MultiPolygon)
    assert cells["b"].contains(Point(2.7, 0.5))


def test_a_point_too_far_outside_the_outline_is_reported_as_empty():
    cells = cells_around_points([("a", 119.5, 30.2), ("far", 125.0, 30.2)], COUNTY)
    assert cells.empty == ["far"]
    assert cells["a"].equals(COUNTY)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="没有点"):
        cells_around_points([])
    with pytest.raises(ValueError, match="重复"):
        cells_around_points([("a", 119.5, 30.2), ("a", 119.6, 30.2)])
    with pytest.raises(CoordinateError, match="填反"):
        cells_around_points([("a", 30.2, 119.5)])
    with pytest.raises(ValueError, match="自相交"):
        cells_around_points([("a", 0.5, 0.5)], Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))
