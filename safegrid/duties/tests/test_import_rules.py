"""Duty rules from a file: checked, imported, refused row by row, imported again; sites matched by what stands after."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from safegrid.duties.imports import import_rules
from safegrid.duties.models import DutyMatch, DutyRule
from safegrid.foundation import clock
from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.models import TraceRow
from safegrid.foundation.tabular import read_rows

COUNTY = 330521
HEAD = "部门,职责,指定对象编码,行业前缀,隐患类别,对象类型,乡镇,村（社区）,法律依据,条款,说明,开始日期,到期日期\n"


@pytest.fixture
def load(cast, tmp_path):
    _ = cast.kinds, cast.site, cast.household

    def load(text, actor=None, **more):
        path = tmp_path / "rules.csv"
        path.write_text(text, encoding="utf-8")
        return import_rules(acting_user=actor or cast.lead_officer, county=COUNTY, path=path, **more)

    return load


@pytest.fixture
def good(cast):
    return HEAD + (
        f"{cast.fire.name},,,,,家庭户,,,消防法,第四条,家庭户由消防指导,,\n"
        f"{cast.market.code},主管,,52,,,武康街道,,,,,2025-01-01,\n"
        f"{cast.fire.code},配合,{cast.site.code},,,,,,,,,,\n"
    )


def acts() -> list[str]:
    rows = TraceRow.objects.filter(county=COUNTY, action__startswith="duties.").order_by("id")
    return list(rows.values_list("action", flat=True))


def test_rules_are_added_each_in_the_trace_and_the_sites_follow(cast, load, good):
    report = load(good)
    assert (report.created, report.refused, report.applied) == (3, 0, True)
    assert acts() == ["duties.add_rule"] * 3
    rule = DutyRule.objects.get(county=COUNTY, site_type="household")
    assert (rule.department_id, rule.part, rule.valid_from) == (cast.fire.id, "main", clock.today())
    assert rule.legal_basis == {"law": "消防法", "article": "第四条"}
    assert DutyRule.objects.get(county=COUNTY, industry_prefix="52").town == cast.town
    assert DutyMatch.objects.get(county=COUNTY, site_id=cast.household.id).department_id == cast.fire.id
    assert DutyRule.objects.get(county=COUNTY, site_id=cast.site.id).part == "assisting"


def test_the_same_file_twice_is_once_and_a_changed_one_changes(cast, load, good):
    load(good)
    assert load(good).unchanged == 3
    report = load(good.replace("第四条", "第五条").replace("家庭户由消防指导", "由消防指导"))
    assert (report.created, report.updated, report.unchanged) == (0, 1, 2)
    rule = DutyRule.objects.get(county=COUNTY, site_type="household")
    assert (rule.legal_basis["article"], rule.words) == ("第五条", "由消防指导")
    assert acts()[-1] == "duties.change_rule"


def test_a_last_day_from_the_file_takes_its_sites_out_of_the_rule(cast, load, good):
    load(good)
    row = f"{HEAD}{cast.fire.name},,,,,家庭户,,,,,,,{clock.today()}\n"
    assert load(row).updated == 1
    assert DutyRule.objects.get(county=COUNTY, site_type="household").valid_to == clock.today()


def test_another_part_ends_the_rule_and_begins_one(cast, load, good):
    load(good)
    DutyRule.objects.filter(county=COUNTY, site_type="household").update(valid_from="2025-01-01")
    row = f"{HEAD}{cast.fire.name},配合,,,,家庭户,,,,,,,\n"
    assert load(row).updated == 1
    old, new = DutyRule.objects.filter(county=COUNTY, site_type="household").order_by("valid_from")
    assert (old.part, old.valid_to < clock.today(), new.part, new.valid_from) == (
        "main",
        True,
        "assisting",
        clock.today(),
    )
    assert new.words == "家庭户由消防指导"
    assert DutyMatch.objects.get(county=COUNTY, site_id=cast.household.id).state == "none"
    assert load(row).unchanged == 1


def bad(cast):
    name = cast.fire.name
    return HEAD + (
        f"没有的局,,,,,家庭户,,,,,,,\n{name},,NOSITE,,,,,,,,,,\n{name},,,,没有的类别,,,,,,,,\n"
        f"{name},,,C26,,,,,,,,,\n{name},,,,,,没有的镇,,,,,,\n{name},,,,,家庭户,,,,第一条,,,\n"
        f"{name},,,,,小商铺,,,,,,2026-01-02,2026-01-01\n{name},,,61,,,,,,,,,\n{name},,,61,,,,,,,重复,,\n"
    )


def test_refused_rows_say_why_and_come_back_as_a_workbook(cast, load, tmp_path):
    assert not load(bad(cast)).applied
    assert not DutyRule.objects.filter(county=COUNTY, industry_prefix="61").exists()
    report = load(bad(cast), mode="skip_bad")
    assert (report.created, report.refused) == (1, 8)
    words = " ".join(problem.message for problem in report.first_problems)
    for part in ("在用的部门“没有的局”", "NOSITE", "不在目录中", "GB/T 4754", "没有的镇", "也要填写法律依据",
                 "结束日期不能早于", "同一条规则"):  # fmt: skip
        assert part in words
    out = tmp_path / "refused.xlsx"
    report.write_refused_workbook(out)
    with read_rows(out) as rows:
        assert len(list(rows)) == 8


def test_a_dry_run_writes_nothing(cast, load, good):
    assert load(good, dry_run=True).created == 3
    assert not DutyRule.objects.filter(county=COUNTY, site_type="household").exists()
    assert acts() == []


@pytest.mark.parametrize("who", ["town_officer", "fire_officer", "system_admin", "grid_member", "outsider", "auditor"])
def test_nobody_but_the_lead_office_imports(cast, load, good, who):
    with pytest.raises(NotPermitted):
        load(good, actor=getattr(cast, who))


def test_the_page_checks_first_gives_the_refused_back_and_imports(cast, good, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    _ = cast.kinds, cast.site, cast.household
    client = cast.client(cast.lead_officer)
    assert client.get("/duties/rules/import/template.xlsx").status_code == 200

    def send(text, **more):
        file = SimpleUploadedFile("规则.csv", text.encode("gb18030"))
        return client.post("/duties/rules/import/", {"file": file, "mode": "skip_bad", **more}).content.decode()

    page = send(bad(cast), dry_run="on")
    link = page.split("refused.xlsx")[0].rsplit('"', 1)[1] + "refused.xlsx"
    assert b"".join(client.get(link).streaming_content)[:2] == b"PK"
    assert not DutyRule.objects.filter(county=COUNTY, industry_prefix="61").exists()
    send(good)
    assert DutyRule.objects.filter(county=COUNTY, site_type="household").exists()
    assert cast.client(cast.fire_officer).get("/duties/rules/import/").status_code == 404
    assert "/duties/rules/import/" in client.get("/duties/rules/").content.decode()
