"""Departments and their named officers from a file: checked, imported, refused row by row, imported again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from safegrid.foundation import clock
from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.models import TraceRow
from safegrid.foundation.tabular import read_rows
from safegrid.orgs import selectors
from safegrid.orgs.imports import import_departments
from safegrid.orgs.models import Department, NamedOfficer

COUNTY = 330521
HEAD = "部门代码,部门名称,层级,角色,乡镇,值班电话,责任人,责任人职务,责任人电话,责任人结束日期\n"
GOOD = HEAD + (
    "WATER,水利局,县级,配合部门,,0572-8061234,钱科长,科长,13800138001,\n"
    "WATER,水利局,,,,,孙科员,科员,,\n"
    "TEAM,武康街道综合执法队,乡镇（街道）,,武康街道,,,,,\n"
)


@pytest.fixture
def load(cast, tmp_path):
    def load(text, actor=None, **more):
        path = tmp_path / "departments.csv"
        path.write_text(text, encoding="utf-8")
        return import_departments(acting_user=actor or cast.lead_officer, county=COUNTY, path=path, **more)

    return load


def problems(report) -> list[str]:
    return [problem.message for problem in report.first_problems]


def acts() -> list[str]:
    return list(TraceRow.objects.filter(county=COUNTY).order_by("id").values_list("action", flat=True))


def test_a_file_opens_departments_and_names_their_officers_each_in_the_trace(cast, load):
    report = load(GOOD)
    assert (report.created, report.updated, report.refused, report.applied) == (2, 1, 0, True)
    water = selectors.by_code(COUNTY, "WATER")
    assert (water.name, water.duty_phone) == ("水利局", "0572-8061234")
    assert [one.name for one in selectors.officers_of(COUNTY, water.pk)] == ["钱科长", "孙科员"]
    assert selectors.by_code(COUNTY, "TEAM").town == cast.town
    assert acts() == ["orgs.open_department", "orgs.name_officer", "orgs.name_officer", "orgs.open_department"]


def test_the_same_file_twice_is_once_and_a_changed_one_changes(cast, load):
    load(GOOD)
    again = load(GOOD)
    assert (again.unchanged, again.created, again.updated) == (3, 0, 0)
    last = clock.today() + timedelta(days=30)
    changed = GOOD.replace("0572-8061234", "0572-8069999").replace("13800138001,", f"13900139001,{last}")
    report = load(changed)
    assert (report.created, report.updated, report.unchanged) == (0, 1, 2)
    water = selectors.by_code(COUNTY, "WATER")
    assert water.duty_phone == "0572-8069999"
    officer = NamedOfficer.objects.get(county=COUNTY, department=water, name="钱科长")
    assert (officer.phone, officer.title, officer.valid_to) == ("13900139001", "科长", last)
    told = TraceRow.objects.get(county=COUNTY, action="orgs.change_officer").changes
    assert "13900139001" not in str(told)
    assert told["valid_to"] == [None, last.isoformat()]


def test_an_empty_cell_says_nothing_and_nobody_ends_by_being_left_out(cast, load):
    load(GOOD)
    report = load("部门代码,部门名称,值班电话,责任人,责任人电话\nWATER,水利局,,钱科长,\n")
    assert report.unchanged == 1
    water = selectors.by_code(COUNTY, "WATER")
    assert water.duty_phone == "0572-8061234"
    assert len(selectors.officers_of(COUNTY, water.pk)) == 2


BAD = HEAD + (
    "WATER,水利局,,,,,钱科长,,,\n"
    "WATER,水务局,,,,,李科长,,,\n"
    "BOSS,第二牵头局,,牵头部门,,,,,,\n"
    "TEAM,执法队,,,没有的镇,,,,,\n"
    "SPORT,体育局,,,,拨打,,,,\n"
    "CULT,文旅局,,,,,,科长,,\n"
    "LATE,档案局,,,,,周科长,,,2001-01-01\n"
)


def test_refused_rows_say_why_and_the_workbook_of_them_is_mended_and_imported(cast, load, tmp_path):
    assert not load(BAD).applied
    assert not Department.objects.filter(county=COUNTY, code="WATER").exists()
    assert "orgs.open_department" not in acts()
    report = load(BAD, mode="skip_bad")
    assert (report.created, report.refused) == (1, 6)
    words = " ".join(problems(report))
    for part in (
        "不一致",
        "本县已有牵头部门",
        "没有乡镇（街道）“没有的镇”",
        "固定电话",
        "也要填写责任人姓名",
        "不能早于",
    ):
        assert part in words
    out = tmp_path / "refused.xlsx"
    assert report.write_refused_workbook(out) == 6
    with read_rows(out) as rows:
        assert {row.values["部门代码"] for row in rows} == {"WATER", "BOSS", "TEAM", "SPORT", "CULT", "LATE"}
    assert not selectors.by_code(COUNTY, "LATE")  # a row refused for its officer opens no department either


def test_a_dry_run_writes_nothing(cast, load):
    report = load(GOOD, dry_run=True)
    assert (report.created, report.applied) == (2, False)
    assert not Department.objects.filter(county=COUNTY, code="WATER").exists()
    assert acts() == []
    assert selectors.by_code(COUNTY, "WATER") is None


@pytest.mark.parametrize("who", ["town_officer", "fire_officer", "lead_chief", "grid_member", "outsider", "auditor"])
def test_nobody_else_imports(cast, load, who):
    with pytest.raises(NotPermitted):
        load(GOOD, actor=getattr(cast, who))


def test_the_page_checks_first_gives_the_refused_back_and_takes_them_mended(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = cast.client(cast.lead_officer)
    assert client.get("/departments/import/template.xlsx").status_code == 200

    def send(text, **more):
        file = SimpleUploadedFile("部门.csv", text.encode("gb18030"))
        return client.post("/departments/import/", {"file": file, "mode": "skip_bad", **more})

    page = send(BAD, dry_run="on").content.decode()
    assert "本县已有牵头部门" in page
    assert not Department.objects.filter(county=COUNTY, code="WATER").exists()
    link = page.split("refused.xlsx")[0].rsplit('"', 1)[1] + "refused.xlsx"
    assert b"".join(client.get(link).streaming_content)[:2] == b"PK"
    assert cast.client(cast.second_lead_officer).get(link).status_code == 404
    assert send(GOOD).status_code == 200
    assert Department.objects.filter(county=COUNTY, code="WATER").exists()
    for who, status in (("fire_officer", 404), ("town_officer", 404), ("lead_chief", 404), ("system_admin", 200)):
        other = cast.client(getattr(cast, who))
        assert other.get("/departments/import/").status_code == status
        assert ("/departments/import/" in other.get("/departments/").content.decode()) == (status == 200)


def test_the_list_of_officers_is_filtered_masked_and_exported(cast, load):
    load(GOOD)
    NamedOfficer.objects.create(county=COUNTY, department=cast.fire, name="老队长", valid_from="2020-01-01",
                                valid_to="2020-12-31")  # fmt: skip
    client = cast.client(cast.town_officer)

    def rows(**query):
        return client.get("/departments/officers/", query).content.decode().split("<tbody>")[1]

    everyone = rows()
    assert all(name in everyone for name in ("钱科长", "孙科员", "老队长"))
    assert "13800138001" not in everyone
    assert "老队长" not in rows(standing="now")
    assert "钱科长" not in rows(standing="past")
    assert "钱科长" not in rows(department=str(cast.fire.id))
    assert "孙科员" in rows(words="孙")
    assert client.get("/departments/officers/", {"export": "xlsx"}).status_code == 200
    assert "orgs.export" in acts()
    assert "钱科长" not in cast.client(cast.outsider).get("/departments/officers/").content.decode()
