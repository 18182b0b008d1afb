"""Cells, clusters and balanced convex sectors of points."""

import time

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gridplan import points

BOX = shapely.box(0, 0, 5000, 4000)
BAY = shapely.Polygon([(0, 0), (100, 0), (100, 100), (60, 100), (60, 20), (40, 20), (40, 100), (0, 100)])


def some(n: int, seed: int = 0, spread: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, 2)) * [5000 * spread, 4000 * spread]


# Cells


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 40)), min_size=1, max_size=40))
def test_cells_tile_the_boundary_in_the_order_of_the_points_even_where_points_coincide(spots: list) -> None:
    places = np.array(spots, float) * 100
    found = points.cells(places, BOX)
    assert len(found) == len(places)
    assert all(cell.area > 0 for cell in found)
    assert sum(cell.area for cell in found) == pytest.approx(BOX.area)
    assert shapely.union_all(found).symmetric_difference(BOX).area < 1
    alone = [i for i in range(len(spots)) if spots.count(spots[i]) == 1]
    assert all(found[i].distance(shapely.Point(places[i])) < 1e-6 for i in alone)


def test_a_piece_cut_off_by_a_bay_goes_to_its_neighbour() -> None:
    places = np.array([[20.0, 95.0], [75.0, 92.0], [80.0, 10.0]])
    found = points.cells(places, BAY)
    assert [cell.geom_type for cell in found] == ["Polygon"] * 3
    assert sum(cell.area for cell in found) == pytest.approx(BAY.area)


def test_cells_far_from_the_origin_are_as_exact() -> None:
    places = some(200) + np.array([5e5, 4e6])
    boundary = shapely.affinity.translate(BOX, 5e5, 4e6)
    found = points.cells(places, boundary)
    assert sum(cell.area for cell in found) == pytest.approx(BOX.area, rel=1e-9)


def test_points_outside_no_points_and_bad_boundaries_are_refused() -> None:
    with pytest.raises(ValueError, match="outside the boundary: 1"):
        points.cells([[10, 10], [-5, 10]], BOX)
    with pytest.raises(ValueError, match="need points"):
        points.cells(np.empty((0, 2)), BOX)
    with pytest.raises(ValueError, match="valid polygon"):
        points.cells([[10, 10]], shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]))


# Clusters


def test_dense_places_are_clusters_the_largest_first() -> None:
    chance = np.random.default_rng(0)
    small, large = chance.normal(0, 5, (30, 2)), chance.normal(1000, 5, (60, 2))
    lonely = np.array([[500.0, 500.0], [510.0, 500.0]])
    label = points.clusters(np.vstack((small, large, lonely)), 20, 10)
    assert set(label[:30]) == {1}
    assert set(label[30:90]) == {0}
    assert label[90:].tolist() == [-1, -1]


def test_every_cluster_has_the_least_size_and_a_hull_around_its_points() -> None:
    places = some(600, spread=0.2)
    label = points.clusters(places, 40, 8)
    assert (np.bincount(label[label >= 0]) >= 8).all()
    for i, hull in enumerate(points.hulls(places, label, margin_m=1)):
        assert shapely.contains(hull, shapely.points(places[label == i])).all()


def test_clusters_of_nothing_are_nothing_and_bad_numbers_refused() -> None:
    assert points.clusters(np.empty((0, 2)), 10, 3).tolist() == []
    with pytest.raises(ValueError, match="positive"):
        points.clusters([[0, 0]], 0, 3)


# Sectors


def off(sectors: points.Sectors, places: np.ndarray) -> np.ndarray:
    """How much farther (m²) each point is from its sector than from the nearest, in powers."""
    power = ((places[:, None] - sectors.centre[None]) ** 2).sum(axis=2) - sectors.power
    return power[np.arange(len(places)), sectors.label] - power.min(axis=1)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(6, 80), st.integers(0, 10_000), st.booleans())
@example(5, 6, 4, True)  # two sectors whose points all lie at one place
def test_labels_agree_with_the_cells_and_the_cells_tile_the_boundary(k: int, n: int, seed: int, grid: bool) -> None:
    places = some(n, seed)
    if grid:
        places = np.round(places / 500) * 500  # coinciding points and ties
    sectors = points.split(places, np.ones(n), BOX, k, seed)
    assert off(sectors, places).max() <= 1e-3
    assert sum(cell.area for cell in sectors.polygons) == pytest.approx(BOX.area)
    assert all(cell.area == pytest.approx(cell.convex_hull.area) for cell in sectors.polygons)
    inside = [sectors.polygons[j].distance(shapely.Point(p)) for p, j in zip(places, sectors.label, strict=True)]
    assert max(inside) < 1e-3
    counts = np.bincount(sectors.label, minlength=k)
    assert counts.max() - counts.min() <= 1


def test_five_thousand_sites_make_twelve_sectors_within_half_a_percent_and_a_third_of_a_second() -> None:
    chance = np.random.default_rng(3)
    dense = np.clip(np.vstack((chance.normal(1000, 200, (2500, 2)), some(2500))), 0, [5000, 4000])
    points.split(dense[:50], np.ones(50), BOX, 2, 0)  # compiled
    for places in (some(5000), dense):
        start = time.process_time()
        sectors = points.split(places, np.ones(5000), BOX, 12, 7)
        assert time.process_time() - start < 0.6  # twice the aim: the machine may be busy
        assert sectors.deviation <= 0.005
        assert off(sectors, places).max() <= 1e-3


def test_weights_are_balanced_as_far_as_heavy_points_allow_and_the_deviation_is_told() -> None:
    places = some(2000)
    weight = np.random.default_rng(1).lognormal(0, 1, 2000)
    sectors = points.split(places, weight, BOX, 8, 0)
    loads = np.bincount(sectors.label, weights=weight)
    assert sectors.load == pytest.approx(loads)
    assert sectors.deviation == pytest.approx(np.abs(loads / loads.mean() - 1).max())
    assert sectors.deviation < 0.015
    weight[0] = weight.sum()  # one point as heavy as all others
    assert points.split(places, weight, BOX, 8, 0).deviation >= 3


def test_the_same_seed_makes_the_same_sectors_from_west_to_east() -> None:
    places = some(500)
    one, other = (points.split(places, np.ones(500), BOX, 5, 11) for _ in range(2))
    assert one.label.tolist() == other.label.tolist()
    assert one.centre[:, 0].tolist() == sorted(one.centre[:, 0])


def test_impossible_splits_are_refused() -> None:
    for weight, k, match in (
        ([1, 1], 3, "sectors"),
        ([1, 0], 1, "positive"),
        ([1], 1, "weights"),
        ([1, 1], 0, "sectors"),
    ):
        with pytest.raises(ValueError, match=match):
            points.split([[1, 1], [2, 2]], weight, BOX, k, 0)
