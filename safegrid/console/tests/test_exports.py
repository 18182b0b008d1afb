"""Pages whose rows are no plain list hand them out too: a workbook marked with who took it, and a row in the trace."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from safegrid.cases import services
from safegrid.foundation import clock
from safegrid.foundation.models import TraceRow
from safegrid.handbook.models import VisitNorm
from safegrid.notices.models import Notice
from safegrid.regions import selectors as regions


def taken(client, address, **query):
    """The lines of the workbook behind a page, which offers it."""
    page = client.get(address, query)
    assert "导出 Excel" in page.content.decode()
    answer = client.get(address, {**query, "export": "xlsx"})
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")
    assert "attachment" in answer["Content-Disposition"]
    return list(load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)


def trace(cast, user, action, thing):
    return TraceRow.objects.get(county=cast.county, actor_id=user.id, action=action, object_type=thing)


def test_visit_norms_are_exported_a_line_to_each(cast):
    _ = cast.visit_norm
    lines = taken(cast.client(cast.town_officer), "/handbook/norms/")
    norms = VisitNorm.objects.filter(county=cast.county)
    assert lines[0][0].startswith(cast.town_officer.label)
    assert lines[1] == ("对象类型", "风险等级", "每年次数", "每次分钟")
    assert sorted(line[2:] for line in lines[2:]) == sorted(norms.values_list("visits_a_year", "minutes"))
    assert trace(cast, cast.town_officer, "handbook.export", "handbook.visit_norms").changes["rows"] == norms.count()


def test_duty_shifts_are_exported_as_the_desk_shows_them(cast):
    begins_at = clock.now() + timedelta(hours=2)
    shift = services.plan_shift(
        acting_user=cast.lead_chief, county=cast.county, user_id=cast.lead_officer.id, begins_at=begins_at,
        ends_at=begins_at + timedelta(hours=12), phone="0572-8000000",
    )  # fmt: skip
    address = f"/cases/{cast.county}/duty/"
    lines = taken(cast.client(cast.leader), address)
    assert lines[0][0].startswith(cast.leader.label)
    assert [line[0] for line in lines[2:]] == [cast.lead_officer.name]
    assert lines[2][3] == "0572-8000000"
    assert trace(cast, cast.leader, "cases.export", "cases.duty_shifts").changes["rows"] == 1
    services.withdraw_shift(acting_user=cast.lead_chief, shift=shift, reason="换班")
    assert "导出 Excel" not in cast.client(cast.leader).get(address).content.decode()


@pytest.mark.parametrize("digits", [6, 9])
def test_the_places_below_one_are_exported(cast, digits):
    code = cast.town[:digits]
    lines = taken(cast.client(cast.lead_officer), f"/regions/{code}/")
    below = regions.children(code)
    assert lines[0][0].startswith(cast.lead_officer.label)
    assert [line[:2] for line in lines[2:]] == [(one.code, one.name) for one in below]
    row = trace(cast, cast.lead_officer, "regions.export", "regions.regions")
    assert row.changes == {"rows": len(below), "filters": {"parent": code}}


def test_import_runs_are_exported(cast):
    columns = taken(cast.client(cast.lead_officer), "/sites/imports/")[1]
    assert columns[:3] == ("文件", "用途", "状态")
    assert trace(cast, cast.lead_officer, "sites.export", "sites.imports").changes["rows"] == 0


def test_everybody_takes_out_the_own_notices_only(cast):
    for person, title in ((cast.lead_officer, "本人的"), (cast.town_officer, "别人的")):
        Notice.objects.create(county=cast.county, recipient_id=person.id, kind="cases.dispatch", title=title, key=title,
                              created_at=clock.now())  # fmt: skip
    lines = taken(cast.client(cast.lead_officer), "/notices/")
    assert any("本人的" in line for line in lines[2:])
    assert not any("别人的" in line for line in lines)
    assert trace(cast, cast.lead_officer, "notices.export", "notices.inbox").changes["rows"] == 1


def test_nobody_takes_out_what_the_page_hides(cast):
    browser = cast.client(cast.outsider)
    for address in (
        f"/cases/{cast.county}/duty/",
        f"/regions/{cast.county}/",
        f"/handbook/norms/?county={cast.county}",
    ):
        answer = browser.get(address, {"export": "xlsx"})
        assert "spreadsheet" not in answer["Content-Type"]
    assert not TraceRow.objects.filter(county=cast.county, action__endswith=".export").exists()
