"""Conversion between datums, against gcoord 1.0.7 (an extract here; all 203 vectors where the shared data is found)."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safegrid.regions.datum import CoordinateError, Datum, distance_m, from_wgs84, looks_swapped, to_wgs84

# (WGS 84, GCJ-02, BD-09); from npm gcoord 1.0.7, the last three outside China.
VECTORS = [
    ((100.0012053, 40.4152903), (100.00276933783168, 40.4162096062457), (100.00932692693773, 40.422016532936304)),
    ((120.2928401, 38.1481797), (120.29807810223865, 38.14897694851893), (120.30468156715995, 38.15461458105618)),
    ((116.0439884, 39.5570401), (116.05021040969152, 39.55832546176056), (116.0565927913088, 39.564619748482876)),
    ((107.3165762, 32.6332053), (107.32125955463621, 32.63107341229652), (107.32780536021865, 32.63689178348819)),
    ((117.4838642, 39.5511526), (117.49032444532004, 39.552395357611424), (117.49671125109299, 39.55869371178074)),
    ((116.7448122, 27.5084316), (116.74967615035621, 27.50519534822729), (116.756124253482, 27.511500101640532)),
    ((114.0125118, 40.4423407), (114.0192178180828, 40.44362635045298), (114.02565645875465, 40.44981062643398)),
    ((102.8767259, 35.7572357), (102.87846934321168, 35.75674300351291), (102.88501216259175, 35.76260946553102)),
    ((116.1676308, 28.7004524), (116.17268912354355, 28.697387089300353), (116.17913667792772, 28.70366526058568)),
    ((109.8267183, 25.3220237), (109.8311591619032, 25.319059941806117), (109.8376628103041, 25.32503973489642)),
    ((118.1030606, 40.3089308), (118.109605960076, 40.31041462756215), (118.1160943593049, 40.31641882969696)),
    ((104.4487921, 35.4982368), (104.45168046284857, 35.497942665375724), (104.45825968888613, 35.50365268662201)),
    ((103.7516343, 23.5615788), (103.75362286815171, 23.558911509472004), (103.76019373310729, 23.564680085301774)),
    ((121.1737741, 38.0191133), (121.17895806474115, 38.020012088105354), (121.18538998559674, 38.026171235503135)),
    ((107.8709908, 23.5842718), (107.87486788038406, 23.58147028023497), (107.88129817170953, 23.587781962102138)),
    ((119.221393, 27.4116578), (119.2262759879083, 27.408456785020125), (119.23286488955547, 27.414120791105443)),
    ((115.2429198, 39.9570096), (115.24923643651019, 39.958205318594935), (115.25583599890687, 39.96391242636835)),
    ((115.4547594, 36.673169), (115.46084799222231, 36.67352870956825), (115.4672848639109, 36.67968447632239)),
    ((117.7027609, 24.0930796), (117.7076166069479, 24.090328341040504), (117.71403941169358, 24.09660578984513)),
    ((120.696087, 39.3950813), (120.70118697915545, 39.396241693654844), (120.70763964798448, 39.402447750243866)),
    ((-87.6298, 41.8781), (-87.6298, 41.8781), (-87.6232995233672, 41.88409639056736)),
    ((139.69, 35.68), (139.69, 35.68), (139.6964240818885, 35.68636721162438)),
    ((0, 0), (0, 0), (0.0065, 0.006)),
]
SHARED = Path(os.environ.get("SAFEGRID_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
CHINA = {"longitude": st.floats(73.7, 134.7), "latitude": st.floats(18.2, 53.5)}


def all_vectors() -> list[tuple]:
    path = SHARED / "coords" / "gcoord_1.0.7_vectors.json"
    if not path.exists():
        return VECTORS
    return [(row["wgs84"], row["gcj02"], row["bd09"]) for row in json.loads(path.read_text())]


def columns(index: int) -> tuple[np.ndarray, np.ndarray]:
    places = np.array([vector[index] for vector in all_vectors()])
    return places[:, 0], places[:, 1]


@pytest.mark.parametrize(("datum", "index"), [(Datum.WGS84, 0), (Datum.CGCS2000, 0), (Datum.GCJ02, 1), (Datum.BD09, 2)])
def test_every_datum_agrees_with_gcoord_both_ways_within_a_centimetre(datum, index):
    wgs, declared = columns(0), columns(index)
    assert np.max(distance_m(*to_wgs84(*declared, datum), *wgs)) < 0.01
    assert np.max(distance_m(*from_wgs84(*wgs, datum), *declared)) < 0.01


def test_the_datums_really_differ_inside_china_by_hundreds_of_metres():
    wgs = (119.95, 30.65)
    assert 300 < distance_m(*wgs, *from_wgs84(*wgs, Datum.GCJ02)) < 700
    assert 500 < distance_m(*wgs, *from_wgs84(*wgs, Datum.BD09)) < 1500


@given(**CHINA)
def test_converting_there_and_back_returns_within_a_billionth_of_a_degree(longitude, latitude):
    for datum in Datum:
        back = to_wgs84(*from_wgs84(longitude, latitude, datum), datum)
        assert abs(back[0] - longitude) < 1e-9
        assert abs(back[1] - latitude) < 1e-9


@given(**CHINA)
def test_one_point_and_an_array_of_points_give_the_same(longitude, latitude):
    lon, lat = to_wgs84(np.array([longitude, 116.4]), np.array([latitude, 39.9]), Datum.BD09)
    one = to_wgs84(longitude, latitude, Datum.BD09)
    assert isinstance(one[0], float)
    assert one == pytest.approx((lon[0], lat[0]), abs=1e-9)


def test_no_points_convert_to_no_points():
    lon, lat = to_wgs84(np.array([]), np.array([]), "gcj02")
    assert lon.shape == lat.shape == (0,)


def test_outside_china_gcj02_is_wgs84():
    assert to_wgs84(-87.6298, 41.8781, "gcj02") == (-87.6298, 41.8781)


def test_the_input_array_is_left_alone():
    lon, lat = np.array([120.0]), np.array([30.0])
    to_wgs84(lon, lat, "wgs84")[0][0] = 0.0
    assert lon[0] == 120.0


def test_swapped_coordinates_are_refused_with_a_hint():
    with pytest.raises(CoordinateError, match="经纬度可能填反"):
        to_wgs84(30.65, 119.95, Datum.WGS84)
    assert looks_swapped(30.65, 79.95)
    assert not looks_swapped(119.95, 30.65)


@pytest.mark.parametrize("place", [(181.0, 30.0), (120.0, -91.0), (float("nan"), 30.0), (120.0, float("inf"))])
def test_impossible_coordinates_are_refused(place):
    with pytest.raises(CoordinateError, match="坐标超出范围"):
        to_wgs84(*place, Datum.WGS84)


def test_the_first_bad_point_of_an_array_is_named():
    with pytest.raises(CoordinateError) as caught:
        to_wgs84(np.array([120.0, 500.0]), np.array([30.0, 30.0]), Datum.GCJ02)
    assert caught.value.index == 1


def test_an_undeclared_datum_is_refused():
    with pytest.raises(ValueError, match="mars"):
        to_wgs84(120.0, 30.0, "mars")


def test_distances_are_metres_and_broadcast():
    assert distance_m(120.0, 30.0, 120.0, 31.0) == pytest.approx(111_195, abs=1)
    assert distance_m(120.0, 30.0, 120.0, 30.0) == 0.0
    assert distance_m(0.0, 0.0, 180.0, 0.0) == pytest.approx(20_015_115, abs=1)
    assert distance_m(np.array([120.0, 121.0]), 30.0, 120.0, 30.0) == pytest.approx([0.0, 96_297.3], rel=1e-4)
