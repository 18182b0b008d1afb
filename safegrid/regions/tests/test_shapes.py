"""A county's points and areas: by hand, from files, as drawn cells; and who may keep and see them."""

from __future__ import annotations

import json
from datetime import date

import pytest
import shapely

from safegrid.accounts.models import Role, User
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.models import TraceRow
from safegrid.foundation.tabular import TabularError
from safegrid.regions import access, selectors, services
from safegrid.regions.datum import from_wgs84
from safegrid.regions.imports import import_shapes
from safegrid.regions.models import Region, RegionShape

pytestmark = pytest.mark.django_db
COUNTY = 330521
A, B, C = "330521001001", "330521001002", "330521101020"


@pytest.fixture(autouse=True)
def _tree(db):
    rows = [
        ("330521", "德清县"),
        ("330521001", "武康街道"),
        ("330521101", "乾元镇"),
        (A, "居仁社区"),
        (B, "中心村"),
        (C, "中心村"),
    ]
    level = {6: (3, 4), 9: (4, 6), 12: (5, 9)}
    Region.objects.bulk_create(
        Region(code=code, name=name, level=level[len(code)][0], parent_code=code[: level[len(code)][1]])
        for code, name in rows
    )


def person(kind: str, place: str) -> User:
    user = User.objects.create_user(f"{kind}-{place}", name=kind)
    Role.objects.create(user=user, kind=kind, place=place, valid_from=date(2020, 1, 1))
    return user


def square(number: float) -> shapely.Polygon:
    return shapely.box(120 + number * 0.02, 30.5, 120.02 + number * 0.02, 30.52)


def geojson(path, *features):
    rows = [{"type": "Feature", "properties": values, "geometry": json.loads(shapely.to_geojson(s)) if s else None}
            for values, s in features]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


def load(path, **more):
    return import_shapes(acting_user=None, county=COUNTY, path=path, **{"datum": "wgs84", **more})


def put(code, **values):
    return services.set_shape(acting_user=None, county=COUNTY, code=code, **values)


def test_a_shape_is_kept_in_wgs84_with_its_box_and_point_and_traced():
    shifted = shapely.transform(square(0), lambda x, y: from_wgs84(x, y, "bd09"), interleaved=False)
    row = put(A, boundary=shifted, datum="bd09", source="规划局")
    assert row.min_longitude == pytest.approx(120.0, abs=1e-6)
    assert row.max_latitude == pytest.approx(30.52, abs=1e-6)
    assert selectors.village_at(COUNTY, 120.01, 30.51) == A
    assert selectors.village_at(COUNTY, 121.0, 30.51) == ""
    assert selectors.locate_villages(COUNTY, [120.01, 119.0], [30.51, 30.51]) == [A, ""]
    assert TraceRow.objects.get(county=COUNTY, action="regions.set_shape").changes["code"] == A


@pytest.mark.parametrize(
    ("code", "values", "words"),
    [("330523001001", {"boundary": square(0)}, "不是本县"), (A, {}, "请给出边界或坐标点"),
     (A, {"longitude": 30.5, "latitude": 120.0}, "经纬度可能填反"),
     (A, {"boundary": shapely.LineString([(120, 30), (121, 30)])}, "必须是面"),
     (A, {"boundary": shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])}, "自相交")],
)  # fmt: skip
def test_a_wrong_shape_is_refused_with_what_is_wrong(code, values, words):
    with pytest.raises(InvalidInput, match=words):
        put(code, **values)


def test_the_lead_office_keeps_shapes_and_whoever_has_a_role_in_the_county_sees_them():
    put(A, boundary=square(0))
    with pytest.raises(NotPermitted):
        services.set_shape(acting_user=person("town_officer", "330521001"), county=COUNTY, code=A, boundary=square(1))
    services.set_shape(acting_user=person("lead_officer", "330521"), county=COUNTY, code=A, boundary=square(1))
    assert access.visible(person("grid_member", "330521001")).filter(county=COUNTY).count() == 1
    assert not access.visible(person("lead_officer", "330523")).filter(county=COUNTY).exists()
    with pytest.raises(NotPermitted):
        services.draw_cells(acting_user=person("lead_officer", "330502"), county=COUNTY)


def test_cells_cover_the_county_exactly_and_towns_are_their_villages_together():
    put("330521", boundary=shapely.box(120, 30.5, 120.06, 30.52))
    for number, code in enumerate((A, B, C)):
        put(code, longitude=120.01 + number * 0.02, latitude=30.51)
    assert services.draw_cells(acting_user=None, county=COUNTY) == 5
    villages = selectors.shapes(COUNTY, selectors.Level.VILLAGE)
    assert all(one.is_approximate for one in villages)
    assert shapely.union_all([one.area for one in villages]).area == pytest.approx(0.06 * 0.02, rel=1e-6)
    assert selectors.village_at(COUNTY, 120.05, 30.51) == C
    town = selectors.shape(COUNTY, "330521001")
    assert town.area.area == pytest.approx(0.04 * 0.02, rel=1e-6)
    assert services.draw_cells(acting_user=None, county=COUNTY) == 5


def test_cells_never_replace_real_boundaries_and_need_points():
    with pytest.raises(Refused, match="还没有村点"):
        services.draw_cells(acting_user=None, county=COUNTY)
    put(A, boundary=square(0))
    with pytest.raises(Refused, match="真实边界"):
        services.draw_cells(acting_user=None, county=COUNTY)


def test_features_are_matched_by_code_or_by_name_with_the_town(tmp_path):
    path = geojson(
        tmp_path / "v.geojson",
        ({"XZQDM": A, "XZQMC": "什么名"}, square(0)),
        ({"XZQMC": "中心村", "乡镇": "乾元镇"}, square(2)),
        ({"XZQDM": "330521001000"}, square(0)),
    )
    done = load(path)
    assert (done.created, done.refused) == (3, 0)
    assert selectors.village_at(COUNTY, 120.05, 30.51) == C
    assert selectors.shape(COUNTY, "330521001") is not None
    assert load(path).unchanged == 3
    moved = geojson(tmp_path / "w.geojson", ({"XZQDM": A}, square(1)))
    assert load(moved).updated == 1


def test_each_feature_that_fits_nothing_is_named(tmp_path):
    path = geojson(
        tmp_path / "v.geojson",
        ({"code": A}, square(0)),
        ({"code": A}, square(1)),
        ({"code": "330523001001"}, square(1)),
        ({"name": "中心村"}, square(1)),
        ({"name": "没有这村"}, square(1)),
        ({"code": B}, None),
        ({"remark": "什么也没写"}, square(1)),
        ({"code": C}, shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])),
    )
    dry = load(path, dry_run=True)
    assert (dry.created, dry.refused, dry.applied) == (1, 7, False)
    assert not RegionShape.objects.filter(county=COUNTY).exists()
    assert not load(path).applied
    assert not RegionShape.objects.filter(county=COUNTY).exists()
    done = load(path, mode="skip_bad")
    assert (done.created, done.applied) == (1, True)
    words = [problem.message for problem in done.first_problems]
    expected = ("第 1 个图形是同一区划", "不是本县", "有 2 个", "没有名为", "没有图形", "既没有区划代码", "自相交")
    for row, said in zip(words, expected, strict=True):
        assert said in row


def test_points_move_a_village_without_taking_its_area_away(tmp_path):
    put(A, boundary=square(0))
    points = ({"code": A}, shapely.Point(120.005, 30.505)), ({"code": B}, shapely.Point(120.03, 30.51))
    done = load(geojson(tmp_path / "p.geojson", *points))
    assert (done.updated, done.created) == (1, 1)
    assert selectors.village_at(COUNTY, 120.01, 30.51) == A
    assert selectors.shape(COUNTY, A).longitude == pytest.approx(120.005)
    refused = load(geojson(tmp_path / "q.geojson", ({"code": "330521001"}, shapely.Point(120, 30.5))))
    assert "只有村" in refused.first_problems[0].message


def test_columns_with_unusual_names_can_be_named_and_datums_must_be_known(tmp_path):
    path = geojson(tmp_path / "v.geojson", ({"ID_2024": A}, square(0)))
    assert load(path).refused == 1
    assert load(path, code_field="ID_2024").created == 1
    with pytest.raises(InvalidInput, match="坐标系"):
        load(path, datum="beijing54")
    with pytest.raises(NotPermitted):
        import_shapes(acting_user=person("town_officer", "330521001"), county=COUNTY, path=path, datum="wgs84")


def test_a_zip_bomb_and_a_zip_with_two_shapefiles_are_refused(tmp_path):
    import zipfile

    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * (64 << 20))
    with pytest.raises(TabularError, match="压缩炸弹"):
        load(bomb)
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("a.shp", b"x")
        archive.writestr("b.shp", b"x")
    with pytest.raises(TabularError, match="只有一个"):
        load(two)
    disguised = tmp_path / "vrt.zip"
    with zipfile.ZipFile(disguised, "w") as archive:
        for ending in ("shp", "shx", "dbf"):
            archive.writestr(f"a.{ending}", b"<OGRVRTDataSource></OGRVRTDataSource>")
    with pytest.raises(TabularError, match="不是有效"):
        load(disguised)
