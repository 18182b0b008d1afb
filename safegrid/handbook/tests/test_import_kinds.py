"""Hazard kinds with their limits from a file: checked, imported, refused row by row, imported again."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.models import TraceRow
from safegrid.foundation.tabular import read_rows
from safegrid.handbook import selectors
from safegrid.handbook.imports import import_kinds
from safegrid.handbook.models import HazardKind

COUNTY = 330521
HEAD = "编码,上级编码,名称,性质,等级,职业健康,可当场整改,处置时限,整改指令最长时限\n"
GOOD = HEAD + (
    "BAMBOO,,竹木加工,事故隐患,一般,,,,\nBAMBOO-DUST,BAMBOO,木粉尘积聚,,重大,否,,3个工作日,10日\n"
    "BAMBOO-SAW,竹木加工,锯机无防护罩,,轻微,,是,,\n"
)
BAD = HEAD + (
    "A1,没有的上级,甲,,,,,,\nFIRE,BAMBOO,消防,,,,,,\nB1,FIRE,乙,坏性质,,,,,\nC1,FIRE,丙,,,,,三天,\nD1,FIRE,丁,,,,,,\n"
)


@pytest.fixture
def load(cast, tmp_path):
    _ = cast.kinds

    def load(text, actor=None, **more):
        path = tmp_path / "kinds.csv"
        path.write_text(text, encoding="utf-8")
        return import_kinds(acting_user=actor or cast.lead_officer, county=COUNTY, path=path, **more)

    return load


def acts() -> list[str]:
    rows = TraceRow.objects.filter(county=COUNTY, action__startswith="handbook.").order_by("id")
    return list(rows.values_list("action", flat=True))


def test_new_kinds_take_their_place_under_a_code_or_a_name_with_their_limits(cast, load):
    before = len(acts())
    report = load(GOOD)
    assert (report.created, report.refused, report.applied) == (3, 0, True)
    dust, saw = selectors.hazard_kind(COUNTY, "BAMBOO-DUST"), selectors.hazard_kind(COUNTY, "BAMBOO-SAW")
    assert (dust.parent_code, dust.severity, saw.parent_code, saw.may_settle_on_spot) == (
        "BAMBOO",
        "major",
        "BAMBOO",
        True,
    )
    assert str(selectors.limit(COUNTY, "BAMBOO-DUST", "major", "handle")) == "3个工作日"
    assert str(selectors.handle_max(COUNTY, "BAMBOO-DUST", "major")) == "10日"
    assert not selectors.hazard_kind(COUNTY, "BAMBOO").is_leaf
    assert acts()[before:] == ["handbook.add_kind", "handbook.add_kind", "handbook.change_limits", "handbook.add_kind"]


def test_the_same_file_twice_is_once_and_a_changed_one_changes(cast, load):
    load(GOOD)
    assert load(GOOD).unchanged == 3
    report = load(GOOD.replace("锯机无防护罩", "锯机缺防护罩").replace("3个工作日", "2个工作日"))
    assert (report.created, report.updated, report.unchanged) == (0, 2, 1)
    assert selectors.hazard_kind(COUNTY, "BAMBOO-SAW").name == "锯机缺防护罩"
    told = TraceRow.objects.get(county=COUNTY, action="handbook.change_kind").changes
    assert told == {"name": ["锯机无防护罩", "锯机缺防护罩"]}
    assert HazardKind.objects.filter(county=COUNTY, code__startswith="BAMBOO").count() == 3


def test_an_empty_cell_says_nothing(cast, load):
    load(GOOD)
    assert load("编码,名称,等级,处置时限\nBAMBOO-DUST,木粉尘积聚,,\n").unchanged == 1
    assert selectors.hazard_kind(COUNTY, "BAMBOO-DUST").severity == "major"


def test_refused_rows_say_why_and_come_back_as_a_workbook(cast, load, tmp_path):
    load(GOOD)
    assert not load(BAD).applied
    assert "D1" not in selectors.kind_names(COUNTY)
    report = load(BAD, mode="skip_bad")
    assert (report.created, report.refused) == (1, 4)
    words = " ".join(problem.message for problem in report.first_problems)
    for part in ("没有上级类别“没有的上级”", "不能改上级", "应为其中之一", "看不懂的时限"):
        assert part in words
    out = tmp_path / "refused.xlsx"
    report.write_refused_workbook(out)
    with read_rows(out) as rows:
        assert [row.values["编码"] for row in rows] == ["A1", "FIRE", "B1", "C1"]


def test_a_dry_run_writes_nothing(cast, load):
    assert load(GOOD, dry_run=True).created == 3
    assert "BAMBOO" not in selectors.kind_names(COUNTY)


@pytest.mark.parametrize("who", ["town_officer", "fire_officer", "system_admin", "grid_member", "outsider", "auditor"])
def test_nobody_but_the_lead_office_imports(cast, load, who):
    with pytest.raises(NotPermitted):
        load(GOOD, actor=getattr(cast, who))


def test_the_pages_check_import_and_change(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    _ = cast.kinds
    client = cast.client(cast.lead_officer)
    assert client.get("/handbook/kinds/import/template.xlsx").status_code == 200

    def send(text, **more):
        file = SimpleUploadedFile("类别.csv", text.encode("gb18030"))
        return client.post("/handbook/kinds/import/", {"file": file, "mode": "skip_bad", **more}).content.decode()

    page = send(BAD, dry_run="on")
    assert "看不懂的时限" in page
    link = page.split("refused.xlsx")[0].rsplit('"', 1)[1] + "refused.xlsx"
    assert b"".join(client.get(link).streaming_content)[:2] == b"PK"
    send(GOOD)
    given = {"name": "木粉尘", "nature": "hazard", "severity": "major"}
    assert client.post(f"/handbook/kinds/{COUNTY}/BAMBOO-DUST/change/", given).status_code == 302
    assert selectors.hazard_kind(COUNTY, "BAMBOO-DUST").name == "木粉尘"
    other = cast.client(cast.fire_officer)
    assert other.get("/handbook/kinds/import/").status_code == 404
    assert other.post(f"/handbook/kinds/{COUNTY}/BAMBOO-DUST/change/", {**given, "name": "改"}).status_code == 403
