"""A county's calendar, ladder and trace: read by those who may, changed by those who keep them, all of it in words."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from safegrid.accounts.services import change_account
from safegrid.cases.ladder import rungs
from safegrid.cases.services import set_ladder
from safegrid.console.county.history import history, in_words
from safegrid.console.county.labels import act
from safegrid.foundation import sealing, trace
from safegrid.foundation.cache import distrust_everything
from safegrid.foundation.calendar import work_calendar
from safegrid.foundation.models import TraceRow
from safegrid.foundation.testing import run_queue
from safegrid.foundation.tests.tampering import tampering
from safegrid.notices.models import Notice
from safegrid.orgs.services import change_department
from tests.cast import Cast

SOURCES = Path(__file__).resolve().parents[2]
ACTION = re.compile(r'action="([a-z]+\.[a-z_]+)"')


def test_every_act_of_the_trace_has_a_name() -> None:
    files = [
        one
        for one in SOURCES.rglob("*.py")
        if not {"tests", "migrations"} & set(one.parts) and one.name != "testing.py"
    ]
    named = {name for one in files for name in ACTION.findall(one.read_text("utf-8"))}
    named |= {"cases.timer", "cases.escalate", "cases.recompute_timer"}  # written by the limits' run, by its helper
    assert {name for name in named if act(name) == name} == set()


class TestCalendar:
    def test_a_day_is_declared_a_holiday_and_limits_count_anew(self, cast: Cast) -> None:
        browser, day = cast.client(cast.lead_officer), date(2026, 3, 11)
        assert work_calendar(cast.county).is_workday(day)
        answer = browser.post(
            f"/calendar/{cast.county}/day/", {"day": "2026-03-11", "is_workday": "no", "words": "台风停工"}
        )
        assert answer.status_code == 302
        assert not work_calendar(cast.county).is_workday(day)
        page = browser.get("/calendar/", {"year": "2026"}).content.decode()
        assert "台风停工" in page
        assert TraceRow.objects.filter(county=cast.county, action="foundation.set_day").count() == 1

    def test_hours_are_set_and_nonsense_is_refused(self, cast: Cast) -> None:
        browser, url = cast.client(cast.system_admin), f"/calendar/{cast.county}/hours/"
        assert browser.post(url, {"sessions": "九点到五点"}).status_code == 422
        assert browser.post(url, {"sessions": "9:00-12:00，13:00-12:30"}).status_code == 422
        assert browser.post(url, {"sessions": "9:00-12:00，13:30-17:30"}).status_code == 302
        assert "09:00–12:00" in browser.get("/calendar/").content.decode()

    def test_a_year_comes_from_a_workbook_whose_errors_are_told(self, cast: Cast) -> None:
        browser, url = cast.client(cast.lead_officer), f"/calendar/{cast.county}/import/"
        given = {"year": "2031", "source": "通知"}
        wrong = browser.post(url, {**given, "file": book(("2031-02-30", "否", ""))}).content.decode()
        assert "问题清单" in wrong or "refused" in wrong
        elsewhere = browser.post(url, {**given, "file": book(("2030-01-02", "否", "元旦"))})
        assert elsewhere.status_code == 422
        right = book(("2031-01-01", "否", "元旦"), ("2031-01-04", "是", "调休"))
        assert browser.post(url, {**given, "file": right, "dry_run": "on"}).status_code == 200
        assert work_calendar(cast.county).is_workday(date(2031, 1, 1))
        right = book(("2031-01-01", "否", "元旦"), ("2031-01-04", "是", "调休"))
        assert browser.post(url, {**given, "file": right}).status_code == 200
        assert not work_calendar(cast.county).is_workday(date(2031, 1, 1))
        assert work_calendar(cast.county).is_workday(date(2031, 1, 4))

    def test_a_town_officer_reads_and_changes_nothing(self, cast: Cast) -> None:
        browser = cast.client(cast.town_officer)
        assert "调整工作日" not in browser.get("/calendar/").content.decode()
        assert (
            browser.post(f"/calendar/{cast.county}/day/", {"day": "2026-03-11", "is_workday": "no"}).status_code == 404
        )


def book(*rows: tuple[str, str, str]) -> SimpleUploadedFile:
    made, file = Workbook(), BytesIO()
    sheet = made.active
    for row in (("日期", "上班", "说明"), *rows):
        sheet.append(row)
    made.save(file)
    return SimpleUploadedFile("year.xlsx", file.getvalue())


class TestLadder:
    def test_the_head_sets_the_rungs_of_a_severity(self, cast: Cast) -> None:
        browser, url = cast.client(cast.lead_chief), f"/ladder/{cast.county}/minor/"
        given = {"value_1": "2", "unit_1": "working_days", "roles_1": ["lead_officer", "leader"]}
        assert browser.post(url, given).status_code == 302
        (rung,) = rungs(cast.county, "minor")
        assert (str(rung.after), rung.roles) == ("2个工作日", ("lead_officer", "leader"))
        assert "2个工作日" in browser.get("/ladder/").content.decode()

    @pytest.mark.parametrize("given", [
        {"value_1": "2", "unit_1": "working_days"},
        {"value_2": "2", "unit_2": "working_days", "roles_2": ["leader"]},
    ])  # fmt: skip
    def test_half_a_rung_and_a_gap_are_refused(self, cast: Cast, given: dict) -> None:
        before = rungs(cast.county, "minor")
        assert cast.client(cast.lead_chief).post(f"/ladder/{cast.county}/minor/", given).status_code == 422
        assert rungs(cast.county, "minor") == before


class TestTrace:
    def test_an_auditor_reads_acts_in_words_and_finds_those_of_one_thing(self, cast: Cast) -> None:
        change_department(acting_user=cast.lead_officer, department=cast.fire, name="消防大队")
        set_ladder(acting_user=cast.lead_chief, county=cast.county, severity="minor", steps=[])
        browser = cast.client(cast.auditor)
        page = browser.get("/trace/").content.decode()
        assert "修改部门" in page
        assert "消防大队" in page
        only = browser.get("/trace/", {"object": str(cast.fire.pk)}).content.decode()
        assert "修改部门" in only
        assert "修改督办阶梯" not in only
        assert "修改部门" not in browser.get("/trace/", {"at_to": "2020-01-01"}).content.decode()
        assert "修改部门" in browser.get("/trace/", {"area": "orgs", "actor": "牵头经办"}).content.decode()

    def test_the_chain_is_verified_by_the_queue_and_the_result_told(self, cast: Cast) -> None:
        trace.record(acting_user=cast.lead_officer, action="sites.change_site", county=cast.county)
        sealing.seal(cast.county)
        assert cast.client(cast.auditor).post(f"/trace/{cast.county}/verify/").status_code == 302
        run_queue()
        told = Notice.objects.get(county=cast.county, recipient_id=cast.auditor.id, kind="console.trace_verified")
        assert told.title == "留痕核验：完好"
        with tampering():
            TraceRow.objects.filter(county=cast.county, action="sites.change_site").update(actor="别人")
        cast.client(cast.auditor).post(f"/trace/{cast.county}/verify/")
        run_queue()
        found = Notice.objects.filter(county=cast.county, recipient_id=cast.auditor.id).exclude(pk=told.pk).get()
        assert "发现" in found.title

    def test_the_list_keeps_to_its_queries(self, cast: Cast, django_assert_max_num_queries: object) -> None:
        trace.record(acting_user=cast.lead_officer, action="sites.change_site", county=cast.county)
        browser = cast.client(cast.auditor)
        browser.get("/trace/")
        distrust_everything()
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            browser.get("/trace/")


class TestHistory:
    def test_a_detail_tells_what_was_done_to_it(self, cast: Cast) -> None:
        change_department(acting_user=cast.lead_officer, department=cast.fire, name="消防大队")
        (entry,) = history(cast.fire)
        assert entry.title == "修改部门"
        page = cast.client(cast.lead_officer).get(f"/departments/{cast.county}/{cast.fire.pk}/").content.decode()
        assert "变更历史" in page
        assert "修改部门" in page

    def test_an_account_tells_what_was_done_to_it(self, cast: Cast) -> None:
        change_account(acting_user=cast.system_admin, user=cast.lead_officer, name="牵头经办二")
        assert "修改账号" in [one.title for one in history(cast.lead_officer)]
        page = cast.client(cast.system_admin).get(f"/accounts/{cast.lead_officer.pk}/").content.decode()
        assert "牵头经办 → 牵头经办二" in page

    @pytest.mark.parametrize(("changes", "words"), [
        ({"name": ["甲", "乙"]}, "名称：甲 → 乙"), ({"is_workday": [True, False]}, "上班：是 → 否"), ({"secret": "x"}, ""),
        ({"skills": ["电工", "畲语"]}, "语言与专长：电工、畲语"), ({"reason": "并"}, "理由：并"), ({"town": ""}, ""),
        ({"skills": [["电工"], ["电工", "畲语"]]}, "语言与专长：电工 → 电工、畲语"),
        ({"skills": [["电工"], []]}, "语言与专长：电工 → （空）"),
        ({"state": ["returned", "dispatched"], "severity": "major"}, "状态：已退回 → 待接收；严重程度：重大"),
        ({"state": ["handling", "handling"], "reason": "延"}, "理由：延"), ({"state": ["", "reported"]}, "状态：（空） → 待受理"),
        ({"level": ["county", "town"], "role": "lead"}, "层级：县级 → 乡镇（街道）；角色：牵头部门"),
        ({"kind": "lead_officer", "role": "primary"}, "类型：牵头部门经办；角色：主责"),
        ({"kind": "ELEC-EBIKE"}, "类型：ELEC-EBIKE"),
    ])  # fmt: skip
    def test_changes_are_told_by_their_labels(self, db: None, changes: dict, words: str) -> None:
        assert in_words(changes) == words
