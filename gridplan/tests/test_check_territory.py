"""Polygons become a graph, and what is wrong with them is named."""

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan import territory

BOX = shapely.box(0, 0, 4000, 3000)


def voronoi(n: int, seed: int = 0) -> list[shapely.Polygon]:
    points = np.random.default_rng(seed).random((n, 2)) * [4000, 3000]
    diagram = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=BOX, ordered=True)
    return list(shapely.intersection(shapely.get_parts(diagram), BOX))


def codes(polygons: list) -> list[str]:
    return [finding.code for finding in territory.findings(polygons)]


def test_two_squares_share_their_common_side() -> None:
    built = territory.build([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    assert built.edges.tolist() == [[0, 1]]
    assert built.border.tolist() == [10.0]
    assert built.outer.tolist() == [30.0, 30.0]
    assert built.area.tolist() == [100.0, 100.0]
    assert built.position.tolist() == [[5.0, 5.0], [15.0, 5.0]]


def test_squares_that_touch_at_a_corner_are_no_neighbours() -> None:
    built = territory.build([shapely.box(0, 0, 10, 10), shapely.box(10, 10, 20, 20)])
    assert not len(built.edges)
    assert built.parts.tolist() == [0, 1]


def test_a_side_with_more_points_on_one_side_is_still_common() -> None:
    left = shapely.Polygon([(0, 0), (100, 0), (100, 30), (100, 70), (100, 100), (0, 100)])
    built = territory.build([left, shapely.box(100, 0, 200, 100)])
    assert built.border == pytest.approx([100], abs=2)


def test_borders_apart_by_less_than_the_tolerance_are_common_and_by_more_are_not() -> None:
    left, near, far = shapely.box(0, 0, 100, 100), shapely.box(100.3, 0, 200, 100), shapely.box(103, 0, 200, 100)
    assert territory.build([left, near], snap=0.5).border == pytest.approx([100], abs=2)
    assert not len(territory.build([left, far], snap=0.5).edges)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 60), st.integers(0, 1000))
def test_borders_and_outer_borders_add_up_to_the_perimeters(n: int, seed: int) -> None:
    polygons = voronoi(n, seed)
    built = territory.build(polygons)
    assert 2 * built.border.sum() + built.outer.sum() == pytest.approx(sum(p.length for p in polygons), rel=1e-3)
    assert built.outer.sum() == pytest.approx(BOX.length, rel=1e-2)
    assert built.parts.max() == 0
    assert territory.findings(polygons) == []


def test_shaken_polygons_have_the_same_neighbours_along_long_borders() -> None:
    polygons = voronoi(80)
    chance = np.random.default_rng(1)
    shaken = [shapely.transform(p, lambda xy: xy + chance.normal(0, 0.05, 2)) for p in polygons]
    exact, loose = territory.build(polygons), territory.build(shaken)
    long = {tuple(e) for e, b in zip(exact.edges.tolist(), exact.border, strict=True) if b > 5}
    assert long <= {tuple(e) for e in loose.edges.tolist()}
    assert loose.border.sum() == pytest.approx(exact.border.sum(), rel=0.02)
    assert territory.findings(shaken) == []


def test_a_self_crossing_polygon_is_named_with_its_place() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    (finding,) = territory.findings([shapely.box(20, 0, 30, 10), bow])
    assert (finding.code, finding.units, finding.blocking) == ("self_crossing", (1,), True)
    assert "5 5" in finding.text
    assert finding.remedy


def test_missing_and_empty_polygons_are_named_together() -> None:
    flat = shapely.Polygon([(0, 0), (1, 1), (2, 2)])
    (finding, *_) = territory.findings([shapely.box(0, 0, 1, 1), None, shapely.Polygon(), flat])
    assert (finding.code, finding.units) == ("missing", (1, 2, 3))


def test_a_hole_is_named_with_its_neighbours_but_does_not_block() -> None:
    polygons = voronoi(60)
    inner = next(i for i, p in enumerate(polygons) if not p.intersects(BOX.boundary))
    around = {i for i, p in enumerate(polygons) if i != inner and p.distance(polygons[inner]) < 1e-6}
    (finding,) = territory.findings([p for i, p in enumerate(polygons) if i != inner])
    assert (finding.code, finding.blocking) == ("hole", False)
    assert {u + (u >= inner) for u in finding.units} == around


def test_a_village_inside_a_village_is_no_hole() -> None:
    core = shapely.box(40, 40, 60, 60)
    assert codes([shapely.box(0, 0, 100, 100) - core, core]) == []


def test_overlaps_and_repeated_units_are_named_in_pairs() -> None:
    polygons = [shapely.box(0, 0, 100, 100), shapely.box(90, 0, 200, 100), shapely.box(90, 0, 200, 100)]
    found = territory.findings(polygons)
    assert {f.units for f in found if f.code == "overlap"} == {(0, 1), (0, 2), (1, 2)}
    assert "11,000" in found[0].text  # the largest first


def test_a_unit_inside_another_overlaps_it() -> None:
    assert codes([shapely.box(0, 0, 100, 100), shapely.box(40, 40, 60, 60)])[:1] == ["overlap"]


def test_islands_are_named_and_the_shortest_links_proposed() -> None:
    polygons = [
        shapely.box(0, 0, 10, 10),
        shapely.box(10, 0, 20, 10),
        shapely.box(50, 0, 60, 10),
        shapely.box(65, 0, 70, 10),
    ]
    found = territory.findings(polygons)
    assert [f.code for f in found] == ["island", "island"]
    built = territory.build(polygons)
    links = territory.join_islands(polygons, built)
    assert [(link.unit, link.to, link.distance) for link in links] == [(2, 3, 5.0), (1, 2, 30.0)]
    joined = territory.linked(built, links)
    assert joined.parts.tolist() == [0, 0, 0, 0]
    assert joined.border.tolist() == [10.0, 0.0, 0.0]


def test_a_connected_territory_needs_no_links() -> None:
    polygons = voronoi(20)
    assert territory.join_islands(polygons, territory.build(polygons)) == []


def test_a_unit_of_two_parts_is_named_only_if_a_part_lies_by_itself() -> None:
    split = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)])
    assert codes([split, shapely.box(10, 0, 20, 10)]) == []
    away = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(40, 0, 50, 10)])
    assert codes([away, shapely.box(10, 0, 20, 10)]) == ["several_parts"]


def test_other_geometries_are_refused() -> None:
    with pytest.raises(ValueError, match="polygons"):
        territory.build([shapely.Point(0, 0)])
    with pytest.raises(ValueError, match="polygons"):
        territory.build([])
    assert codes([]) == ["no_units"]


def test_five_thousand_units_are_checked_and_built_in_two_seconds() -> None:
    polygons = voronoi(5000)
    start = time.process_time()
    territory.findings(polygons)
    territory.build(polygons)
    assert time.process_time() - start < 2
