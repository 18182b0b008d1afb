"""Existing grids and their members from files."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pyogrio
import pytest
import shapely

from safegrid.accounts.models import User
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.tabular import TabularError, read_rows, write_csv
from safegrid.grids import selectors
from safegrid.grids.imports import import_grids
from safegrid.grids.member_imports import import_members
from safegrid.grids.models import Grid, GridMember, GridVersion
from safegrid.grids.tests.conftest import COUNTY, OTHER_TOWN, TOWN, A, B, inside, square
from safegrid.regions.datum import from_wgs84
from safegrid.sites.models import Site

pytestmark = pytest.mark.django_db


def geojson(path, *features):
    rows = [
        {"type": "Feature", "properties": values, "geometry": json.loads(shapely.to_geojson(shape)) if shape else None}
        for values, shape in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False), encoding="utf-8")
    return path


def load(path, **more):
    return import_grids(acting_user=None, county=COUNTY, path=path, **{"datum": "wgs84", **more})


def problems(done) -> list[str]:
    return [problem.message for problem in done.report.first_problems]


def test_grids_keep_their_codes_find_their_villages_and_take_their_sites(county, site, tmp_path):
    one = site(0)
    path = geojson(
        tmp_path / "g.geojson",
        ({"网格编码": "330521-01", "网格名称": "第一网格"}, square(0)),
        ({"网格编码": "330521-02", "网格名称": "跨村网格", "网格类型": "工商业聚集区网格"}, square(1, 2)),
    )
    done = load(path)
    assert (done.report.created, done.report.applied) == (2, True)
    first, second = Grid.objects.filter(county=COUNTY).order_by("code")
    assert (first.code, first.town, first.village) == ("330521-01", TOWN, A)
    assert (second.kind, second.village) == ("cluster", "")
    assert Site.objects.get(county=COUNTY, id=one.id).grid_id == first.id
    assert load(path).report.unchanged == 2


def test_overlaps_gaps_and_what_lies_outside_are_told(county, tmp_path):
    path = geojson(
        tmp_path / "g.geojson",
        ({"code": "A", "name": "甲"}, square(0)),
        ({"code": "B", "name": "乙"}, square(0.5, 1)),
        ({"code": "C", "name": "丙", "village": "丙村"}, square(2, 0.5, 1.5)),
        ({"code": "D", "name": "无图形"}, None),
    )
    done = load(path, mode="skip_bad")
    assert (done.report.created, done.report.refused) == (2, 2)
    assert any("与网格 A（" in words and "重叠" in words for words in problems(done))
    assert any("丙村还有" in words for words in done.warnings)
    assert any(words.startswith("C：超出所属村（社区）丙村") for words in done.warnings)
    refused_whole = load(path)
    assert not refused_whole.report.applied


def test_all_or_nothing_and_dry_runs_leave_nothing(county, tmp_path):
    path = geojson(
        tmp_path / "g.geojson", ({"code": "A", "name": "甲"}, square(0)), ({"code": "B", "name": ""}, square(1))
    )
    assert load(path).report.refused == 1
    good = geojson(tmp_path / "h.geojson", ({"code": "A", "name": "甲"}, square(0)))
    assert load(good, dry_run=True).report.created == 1
    assert not Grid.objects.filter(county=COUNTY).exists()
    assert selectors.grid_at(COUNTY, *inside(0)) is None


def test_a_shared_border_may_move_in_one_file(grid, tmp_path):
    grid(0), grid(1)
    path = geojson(
        tmp_path / "g.geojson",
        ({"code": "G0", "name": "网格0"}, square(0, 1.5)),
        ({"code": "G1", "name": "网格1"}, square(1.5, 0.5)),
    )
    assert load(path).report.updated == 2
    assert selectors.grid_at(COUNTY, *inside(0.7)) == selectors.by_code(COUNTY, "G0").id
    assert GridVersion.objects.filter(county=COUNTY).count() == 4


def test_a_refused_row_keeps_its_old_boundary_and_stops_others_from_taking_it(grid, tmp_path):
    grid(0), grid(1), grid(2)
    path = geojson(
        tmp_path / "g.geojson",
        ({"code": "G0", "name": "网格0"}, square(0, 1.5)),
        ({"code": "G1", "name": "网格1"}, square(1.5, 1.5)),
    )
    done = load(path, mode="skip_bad")
    assert done.report.refused == 2
    assert GridVersion.objects.filter(county=COUNTY).count() == 3


def test_grids_for_a_coming_day_wait(county, tmp_path):
    path = geojson(tmp_path / "g.geojson", ({"code": "A", "name": "甲"}, square(0)))
    load(path, valid_from=clock.today() + timedelta(days=3))
    assert selectors.grid_at(COUNTY, *inside(0)) is None
    assert selectors.grid_at(COUNTY, *inside(0), on=clock.today() + timedelta(days=3)) is not None
    with pytest.raises(InvalidInput):
        load(path, valid_from=clock.today() - timedelta(days=1))


def test_a_spreadsheet_takes_wkt_or_the_village_itself(county, tmp_path):
    path = tmp_path / "网格.csv"
    path.write_bytes(
        "网格编码,网格名称,所属乡镇,所属村（社区）,边界\n"
        f"A,甲,武康街道,甲村,\n"
        f"B,乙,,{B},\"{square(1, 0.5).wkt}\"\n"
        "C,丙,武康街道,丙村,\n"
        "D,丁,,,POLYGON((1 2\n".encode("gb18030")
    )  # fmt: skip
    done = load(path, mode="skip_bad")
    assert (done.report.created, done.report.refused) == (2, 2)
    assert selectors.grid_at(COUNTY, *inside(0)) == selectors.by_code(COUNTY, "A").id
    assert any("本县没有村（社区）“丙村”" in words for words in problems(done))
    out = tmp_path / "refused.xlsx"
    assert done.report.write_refused_workbook(out) == 2
    with read_rows(out) as rows:
        assert "问题" in rows.header


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_a_zipped_shapefile_is_read_in_its_encoding_and_datum(county, tmp_path, encoding, datum):
    import zipfile

    folder = tmp_path / "shp"
    folder.mkdir()
    shape = shapely.transform(square(0), lambda x, y: from_wgs84(x, y, datum), interleaved=False)
    pyogrio.raw.write(
        folder / "g.shp", np.array([shapely.to_wkb(shape)], dtype=object), [np.array(["A"]), np.array(["第一网格"])],
        ["wgbm", "wgmc"], geometry_type="Polygon", crs="EPSG:4326", driver="ESRI Shapefile", encoding=encoding,
    )  # fmt: skip
    path = tmp_path / "g.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in folder.iterdir():
            if one.suffix != ".cpg":
                archive.write(one, f"网格/{one.name}")
    assert load(path, datum=datum).report.created == 1
    assert selectors.by_code(COUNTY, "A").name == "第一网格"
    assert selectors.grid_at(COUNTY, *inside(0)) is not None


def test_a_geopackage_is_read(county, tmp_path):
    path = tmp_path / "g.gpkg"
    pyogrio.raw.write(
        path, np.array([shapely.to_wkb(square(0))], dtype=object), [np.array(["A"]), np.array(["第一网格"])],
        ["网格编码", "网格名称"], geometry_type="Polygon", crs="EPSG:4490", driver="GPKG",
    )  # fmt: skip
    assert load(path).report.created == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("g.geojson", b"", "空的"), ("g.geojson", b'{"type": "FeatureCollection", "features": [', "损坏"),
     ("g.geojson", b"<OGRVRTDataSource></OGRVRTDataSource>", "应为 GeoJSON"), ("g.zip", b"PK\x03\x04 no", "损坏"),
     ("g.gpkg", b"SQLite format 3\0" + b"x" * 200, "损坏")],
)  # fmt: skip
def test_a_file_that_is_none_of_these_is_refused_as_a_whole(county, tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TabularError, match=words):
        load(path)


def test_projected_coordinates_are_refused_with_what_to_do(county, tmp_path):
    path = geojson(tmp_path / "g.geojson", ({"code": "A", "name": "甲"}, shapely.box(500000, 3300000, 500100, 3300100)))
    with pytest.raises(TabularError, match="转换为经纬度"):
        load(path)


def test_only_the_lead_office_imports_grids(county, town_officer, tmp_path):
    path = geojson(tmp_path / "g.geojson", ({"code": "A", "name": "甲"}, square(0)))
    with pytest.raises(NotPermitted):
        import_grids(acting_user=town_officer, county=COUNTY, path=path, datum="wgs84")


HEADER = ["网格员编号", "姓名", "手机号", "用人单位", "所属乡镇", "可派任务部门", "网格编码", "上岗考试合格证编号",
          "上岗考试合格证日期", "保密承诺书编号", "保密承诺书日期", "防护用品发放单编号", "防护用品发放单日期"]  # fmt: skip
WHOLE = ["E1", "2026-01-05", "U1", "2026-01-05", "P1", "2026-01-05"]


def people(path, *rows):
    write_csv(path, HEADER, [[*row, *[None] * (len(HEADER) - len(row))] for row in rows])
    return path


def test_members_come_with_accounts_papers_and_postings_and_again_update(grid, department, town_officer, tmp_path):
    first = grid(0)
    row = ["M1", "王网格", "13800138000", "武康街道办事处", "武康街道", "应急管理局", "G0", *WHOLE]
    done = import_members(acting_user=town_officer, county=COUNTY, path=people(tmp_path / "a.csv", row))
    assert (done.created, done.applied) == (1, True), done.first_problems
    one = GridMember.objects.get(county=COUNTY, code="M1")
    assert (one.town, one.task_givers, one.phone_tail) == (TOWN, ["EMB"], "8000")
    assert selectors.member_answering(COUNTY, first.id) == one
    assert not User.objects.get(pk=one.user_id).has_usable_password()
    again = import_members(acting_user=town_officer, county=COUNTY, path=people(tmp_path / "b.csv", row))
    assert again.unchanged == 1
    row[3] = "武康街道综合服务中心"
    changed = import_members(acting_user=town_officer, county=COUNTY, path=people(tmp_path / "c.csv", row))
    assert changed.updated == 1
    assert User.objects.filter(name="王网格").count() == 1


def test_a_member_whose_gates_are_shut_is_refused_whole(grid, tmp_path):
    grid(0)
    row = ["M1", "王网格", "13800138000", "武康街道办事处", "武康街道", None, "G0", "E1", "2026-01-05"]
    other = ["M2", "李网格", "13800138001", "武康街道办事处", "没有这个镇"]
    path = people(tmp_path / "a.csv", row, other)
    done = import_members(acting_user=None, county=COUNTY, path=path, mode="skip_bad")
    assert done.refused == 2
    assert "不能上岗" in done.first_problems[0].message
    assert done.first_problems[0].column_title == "网格编码"
    assert "本县没有乡镇" in done.first_problems[1].message
    assert not GridMember.objects.filter(county=COUNTY).exists()
    assert not User.objects.filter(name="王网格").exists()


def test_a_town_officer_imports_own_members_only(county, town_officer, person, tmp_path):
    row = ["M1", "王网格", "13800138000", "乾元镇人民政府", OTHER_TOWN]
    done = import_members(acting_user=town_officer, county=COUNTY, path=people(tmp_path / "a.csv", row))
    assert (done.refused, done.applied) == (1, False)
    with pytest.raises(NotPermitted):
        import_members(acting_user=person("leader"), county=COUNTY, path=tmp_path / "a.csv")
