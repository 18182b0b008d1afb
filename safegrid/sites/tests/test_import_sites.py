"""Tables of sites: what is taken, what is refused and why, and that the same file twice is once."""

from __future__ import annotations

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted
from safegrid.foundation.models import TraceRow
from safegrid.foundation.tabular import TabularError
from safegrid.regions.models import RegionShape
from safegrid.sites.imports import import_industries, import_sites
from safegrid.sites.models import DirectSupervision, Industry, Site, SiteContact
from safegrid.sites.tests.conftest import COUNTY, FAR_VILLAGE, OTHER_TOWN, TOWN, VILLAGE

CREDIT, OTHER_CREDIT = "91110000600037341L", "91330100799655058B"
TITLES = ["编码", "名称", "类型", "行业代码", "信用代码", "乡镇", "村", "地址", "经度", "纬度", "联系人", "联系电话"]


@pytest.fixture
def table(tmp_path):
    def write(*rows, titles=TITLES, name="台账.csv", encoding="utf-8"):
        path = tmp_path / name
        with path.open("w", newline="", encoding=encoding) as file:
            csv.writer(file).writerows([titles, *rows])
        return path

    return write


def load(path, **options):
    known = {"acting_user": None, "county": COUNTY, "datum": "wgs84"}
    return import_sites(path=path, **{**known, **options})


def row(**values):
    known = {"名称": "德清化工厂", "类型": "企业", "乡镇": "武康街道", "村": "对河口村"}
    return [({**known, **values}).get(title, "") for title in TITLES]


def problems(report):
    return [(problem.row, problem.column_title, problem.message) for problem in report.first_problems]


def test_a_table_comes_in_whole_with_contacts_trace_and_events(county, table, heard):
    path = table(
        row(
            编码="A1",
            行业代码="2631",
            信用代码=CREDIT,
            经度="119.97",
            纬度="30.54",
            联系人="李四",
            联系电话="13800138000",
        ),
        row(编码="A2", 名称="王建国", 类型="家庭户", 村=VILLAGE),
        encoding="gb18030",
    )
    report = load(path, datum="gcj02", source="2026 年台账")
    assert (report.created, report.refused, report.applied) == (2, 0, True)
    first = Site.objects.get(county=county, code="A1")
    assert (first.town, first.village, first.declared_datum, first.source) == (TOWN, VILLAGE, "gcj02", "2026 年台账")
    assert abs(first.longitude - 119.9655) < 0.001
    contact = SiteContact.objects.get(county=county)
    assert (contact.name, contact.phone, contact.phone_tail) == ("李四", "13800138000", "8000")
    traced = TraceRow.objects.filter(county=county, action="sites.register_site")
    assert {one.object_id for one in traced} == set(Site.objects.filter(county=county).values_list("id", flat=True))
    assert "13800138000" not in str([one.changes for one in traced])
    assert "建国" not in str([one.changes for one in traced])
    assert [(name, len(ids)) for name, ids in heard] == [("registered", 2)]


def test_a_workbook_reads_as_well_with_industry_codes_that_lost_their_zero(county, tmp_path):
    book = Workbook()
    book.active.append(["名称", "类型", "乡镇", "行业代码"])
    book.active.append(["林场", "enterprise", "武康街道", 220])
    book.save(tmp_path / "a.xlsx")
    assert load(tmp_path / "a.xlsx").created == 1
    assert Site.objects.get(county=county).industry == "0220"


@pytest.mark.parametrize(
    ("values", "column", "message"),
    [
        ({"乡镇": "武康镇子"}, "乡镇", "没有名为"),
        ({"乡镇": "330522100"}, "乡镇", "没有代码为"),
        ({"村": FAR_VILLAGE}, "村", "不在所填的乡镇内"),
        ({"村": "直街社区"}, "村", "所填乡镇内没有"),
        ({"乡镇": "", "村": ""}, "乡镇", "请填写乡镇"),
        ({"经度": "30.54", "纬度": "119.97"}, "纬度", "填反"),
        ({"经度": "30.54", "纬度": "75"}, "经度", "填反"),
        ({"经度": "119.97"}, "经度", "同时填写"),
        ({"信用代码": "911100006000373410"}, "信用代码", "校验位"),
        ({"行业代码": "9999"}, "行业代码", "不在 GB/T 4754"),
        ({"类型": "轮船"}, "类型", "应为其中之一"),
        ({"名称": ""}, "名称", "必填"),
        ({"联系电话": "13800138000"}, "联系人", "请同时填写联系人"),
    ],
)
def test_a_wrong_row_is_refused_with_its_column_and_reason(county, table, values, column, message):
    report = load(table(row(编码="A1"), row(编码="A2", **values)), mode="skip_bad")
    assert (report.created, report.refused) == (1, 1)
    [(number, title, words)] = problems(report)
    assert (number, title) == (3, column)
    assert message in words


def test_all_or_nothing_writes_nothing_when_one_row_is_refused(county, table):
    report = load(table(row(编码="A1"), row(编码="A2", 类型="轮船")))
    assert (report.applied, report.created, report.refused) == (False, 1, 1)
    assert not Site.objects.filter(county=county).exists()
    assert not TraceRow.objects.filter(county=county).exists()


def test_a_dry_run_decides_everything_and_writes_nothing(county, table, django_assert_max_num_queries):
    path = table(row(编码="A1", 联系人="李四"), row(信用代码=CREDIT), row(名称="乙"), row(编码="A1"))
    report = load(path, dry_run=True)
    assert (report.created, report.refused, report.applied) == (3, 1, False)
    assert not Site.objects.filter(county=county).exists()


def test_refused_rows_come_back_as_a_workbook_that_can_be_mended_and_imported(county, table, tmp_path):
    report = load(table(row(编码="A1"), row(编码="A2", 类型="轮船")), mode="skip_bad")
    report.write_refused_workbook(tmp_path / "拒绝.xlsx")
    book = load_workbook(tmp_path / "拒绝.xlsx")
    sheet = book.active
    titles = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, titles.index("编码") + 1).value == "A2"
    sheet.cell(2, titles.index("类型") + 1).value = "企业"
    book.save(tmp_path / "改好.xlsx")
    again = load(tmp_path / "改好.xlsx")
    assert (again.created, again.refused) == (1, 0)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ({"编码": "A1"}, {"编码": "A1", "名称": "乙"}, "与第 2 行重复"),
        ({"信用代码": CREDIT}, {"信用代码": CREDIT, "地址": "另一处"}, "与第 2 行信用代码相同"),
        ({"信用代码": CREDIT}, {"编码": "A1", "信用代码": CREDIT}, "与第 2 行信用代码相同"),
        ({"编码": "A1", "信用代码": CREDIT}, {"信用代码": CREDIT}, "与第 2 行信用代码相同"),
        ({}, {}, "与第 2 行名称、地址都相同"),
    ],
)
def test_what_is_twice_in_one_file_is_refused(county, table, first, second, message):
    report = load(table(row(**first), row(**second)), mode="skip_bad")
    assert (report.created, report.refused) == (1, 1)
    assert message in problems(report)[0][2]


def test_two_rows_about_one_site_of_the_register_are_refused_the_second_time(county, table):
    load(table(row(编码="A1", 信用代码=CREDIT)))
    report = load(table(row(编码="A1"), row(信用代码=CREDIT, 名称="另一个名")), mode="skip_bad")
    assert (report.unchanged, report.refused) == (1, 1)
    assert "同一个对象" in problems(report)[0][2]


def test_several_premises_of_one_enterprise_are_told_apart_by_their_codes(county, table):
    path = table(row(编码="A1", 信用代码=CREDIT), row(编码="A2", 信用代码=CREDIT, 地址="二厂"))
    assert load(path).created == 2
    assert load(path).unchanged == 2
    report = load(table(row(信用代码=CREDIT)), mode="skip_bad")
    assert "请填写对象编码" in problems(report)[0][2]


def test_a_second_import_updates_what_differs_and_an_empty_cell_says_nothing(county, table, heard):
    load(table(row(编码="A1", 行业代码="2631", 地址="一号"), row(信用代码=CREDIT), row(名称="丙")))
    heard.clear()
    report = load(
        table(row(编码="A1", 行业代码="5211"), row(信用代码=CREDIT, 名称="改名"), row(名称="丙", 联系人="李四"))
    )
    assert (report.created, report.updated, report.unchanged) == (0, 3, 0)
    first = Site.objects.get(county=county, code="A1")
    assert (first.industry, first.address, first.version) == ("5211", "一号", 2)
    assert Site.objects.get(county=county, credit_code=CREDIT).name == "改名"
    changed = TraceRow.objects.filter(county=county, action="sites.change_site").order_by("id")
    assert changed[0].changes["industry"] == ["2631", "5211"]
    assert heard == [("reclassified", [first.id])]


def test_a_new_phone_of_a_known_contact_replaces_the_old_one(county, table):
    load(table(row(编码="A1", 联系人="李四", 联系电话="13800138000")))
    report = load(table(row(编码="A1", 联系人="李四", 联系电话="13900139000")))
    assert report.updated == 1
    assert SiteContact.objects.get(county=county).phone == "13900139000"


def test_a_row_without_a_place_gets_it_from_its_position(county, table):
    from shapely import to_wkb
    from shapely.geometry import box

    for code, west in ((VILLAGE, 119.90), (FAR_VILLAGE, 119.95)):
        area = box(west, 30.50, west + 0.05, 30.55)
        bounds = dict(zip(("min_longitude", "min_latitude", "max_longitude", "max_latitude"), area.bounds, strict=True))
        RegionShape.objects.create(county=county, code=code, boundary=to_wkb(area), **bounds, updated_at=clock.now())
    bare = {"乡镇": "", "村": ""}
    report = load(
        table(
            row(编码="A1", **bare, 经度="119.96", 纬度="30.52"),
            row(编码="A2", **bare, 经度="121", 纬度="30.52"),
            row(编码="A3", 经度="121", 纬度="30.52"),
            row(编码="A4", 经度="119.96", 纬度="30.52"),
            row(编码="A5"),
        ),
        mode="skip_bad",
    )
    assert Site.objects.get(county=county, code="A1").village == FAR_VILLAGE
    assert [(number, "不在本县任何村内" in words) for number, _, words in problems(report)] == [(3, True)]
    assert report.remarks == {
        "坐标在本县各村范围之外": 1,
        "坐标所在的村与所填的村（社区）不一致": 1,
        "没有坐标，不能按位置划入网格": 1,
    }
    assert report.as_dict()["first_remarks"][0]["row"] == 4


def test_many_rows_on_one_point_are_remarked(county, table):
    rows = [row(编码=f"A{number}", 经度="119.96", 纬度="30.52") for number in range(10)]
    assert load(table(*rows)).remarks == {"与许多对象同一坐标，可能是按地名推算的位置": 10}


def test_direct_supervision_comes_with_its_authority_and_reason(county, table, person):
    titles = [*TITLES, "直接监管部门", "直接监管理由"]
    path = table([*row(编码="A1"), "县应急管理局", "危险化学品生产"], titles=titles)
    assert load(path).created == 1
    assert Site.objects.get(county=county).is_directly_supervised
    mark = DirectSupervision.objects.get(county=county)
    assert (mark.authority, mark.reason, mark.valid_from) == ("县应急管理局", "危险化学品生产", clock.today())
    assert load(path).unchanged == 1
    lone = table([*row(编码="A2"), "县应急管理局", "危险化学品生产"], titles=titles)
    report = load(lone, acting_user=person("town_officer", TOWN), mode="skip_bad")
    assert "只有牵头部门" in problems(report)[0][2]


def test_a_town_officer_imports_the_own_town_only(county, table, town_officer, person):
    load(table(row(编码="B1", 乡镇=OTHER_TOWN, 村="")))
    path = table(row(编码="A1"), row(编码="A2", 乡镇=OTHER_TOWN, 村=""), row(编码="B1"))
    report = load(path, acting_user=town_officer, mode="skip_bad")
    assert (report.created, report.refused) == (1, 2)
    assert {words for _, _, words in problems(report)} == {"不在您的管辖乡镇内"}
    with pytest.raises(NotPermitted):
        load(path, acting_user=person("grid_member", VILLAGE))


def test_an_undeclared_datum_or_an_unreadable_file_is_refused(county, table, tmp_path):
    with pytest.raises(InvalidInput):
        load(table(row()), datum="")
    (tmp_path / "x.csv").write_bytes(b"%PDF-1.4")
    with pytest.raises(TabularError):
        load(tmp_path / "x.csv")
    with pytest.raises(TabularError, match="名称"):
        load(table(["a", "b"], titles=["编码", "类型"]))


def test_a_code_registered_by_somebody_during_the_import_is_a_conflict(county, table, monkeypatch, site):
    site(code="A1")
    from safegrid.sites import intake

    class Blind(intake._Known):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.by_code = {}

    monkeypatch.setattr(intake, "_Known", Blind)
    with pytest.raises(Conflict):
        load(table(row(编码="A0"), row(编码="A1")))
    assert not Site.objects.filter(county=county, code="A0").exists()


names = st.sampled_from(["化工厂", "王家小店", "李四户", "KTV", "=1+1", "厂 房"])
lines = st.fixed_dictionaries(
    {"名称": names, "类型": st.sampled_from(["企业", "小商铺", "家庭户", "xx"])},
    optional={
        "编码": st.sampled_from(["A1", "A2", "A3", "001"]),
        "信用代码": st.sampled_from([CREDIT, OTHER_CREDIT]),
        "地址": st.sampled_from(["一号", "二号"]),
        "村": st.sampled_from(["对河口村", "城东社区", VILLAGE, "", "没有的村"]),
        "行业代码": st.sampled_from(["26", "2631", "C26", "99"]),
        "联系人": st.sampled_from(["李四", "张三"]),
        "经度": st.just("119.97"),
        "纬度": st.just("30.54"),
    },
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(lines, min_size=1, max_size=8))
def test_a_dry_run_foretells_the_import(county, table, drawn):
    path = table(*[row(**line) for line in drawn])
    dry = load(path, mode="skip_bad", dry_run=True, datum="bd09")
    before = Site.objects.filter(county=county).count()
    real = load(path, mode="skip_bad", datum="bd09")
    assert real.read == real.created + real.updated + real.unchanged + real.refused
    assert Site.objects.filter(county=county).count() == before + real.created
    assert [dry.created, dry.updated, dry.unchanged, problems(dry)] == [
        real.created, real.updated, real.unchanged, problems(real)]  # fmt: skip


good = lines.filter(lambda line: line["类型"] != "xx" and line.get("村") != "没有的村" and line.get("行业代码") != "99")


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(good, min_size=1, max_size=5))
def test_importing_the_same_file_again_changes_nothing(county, table, drawn):
    path = table(*[row(**{**line, "地址": f"{number}号"}) for number, line in enumerate(drawn)])
    first = load(path, datum="bd09")
    traced = TraceRow.objects.filter(county=county).count()
    again = load(path, datum="bd09")
    if first.applied:
        assert again.unchanged == again.read == len(drawn)
    assert TraceRow.objects.filter(county=county).count() == traced


def test_the_full_list_of_industries_makes_codes_strict(county, tmp_path, table):
    path = tmp_path / "行业.csv"
    path.write_text(
        "代码,名称\nC,制造业\n26,化学原料和化学制品制造业\n263,农药制造\n2631,化学农药制造\n", encoding="utf-8"
    )
    assert load(table(row(编码="A1", 行业代码="2699")), dry_run=True).created == 1
    assert import_industries(acting_user=None, path=path).created == 4
    assert Industry.objects.get(code="2631").parent == "263"
    assert "不在 GB/T 4754" in problems(load(table(row(行业代码="2699"))))[0][2]
    assert load(table(row(行业代码="C2631"))).created == 1
