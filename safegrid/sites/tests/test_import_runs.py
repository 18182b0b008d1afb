"""Uploading a table in the console: checked in the queue, confirmed, imported; refused rows come back as a workbook."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from safegrid.foundation import queue
from safegrid.foundation.errors import InvalidInput, NotPermitted, WrongState
from safegrid.notices.models import Notice
from safegrid.sites import work
from safegrid.sites.models import ImportRun, RegisterDifference, Site
from safegrid.sites.selectors import runs
from safegrid.sites.services import cancel_import, confirm_import, start_import
from safegrid.sites.tests.conftest import COUNTY, TOWN
from tests.doors import signed_in

GOOD = "编码,名称,类型,乡镇\nA1,德清化工厂,企业,武康街道\n"
BAD = GOOD + "A2,某厂,轮船,武康街道\n"


@pytest.fixture(autouse=True)
def waiting(monkeypatch, settings, tmp_path):
    """Tasks put on the queue, carried out by ``work_off``; uploads in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    tasks: list[tuple[str, str, dict]] = []
    monkeypatch.setattr(
        queue, "async_task", lambda _, name, key, arguments, **more: tasks.append((name, key, arguments))
    )
    return tasks


def work_off(waiting):
    while waiting:
        queue.run(*waiting.pop(0))


def upload(words, name="台账.csv"):
    return SimpleUploadedFile(name, words.encode())


def test_a_table_is_checked_then_confirmed_then_imported(county, lead, waiting):
    browser = signed_in(lead)
    answer = browser.post("/sites/imports/new/", {"file": upload(GOOD), "datum": "wgs84", "mode": "all_or_nothing"})
    assert answer.status_code == 302
    assert "后台处理中" in browser.get(answer.url).content.decode()
    work_off(waiting)
    page = browser.get(answer.url).content.decode()
    assert "新增 1" in page
    assert "确认导入" in page
    assert '<span class="badge bg-blue-lt">已检查，待确认导入</span>' in page
    assert "已检查，待确认导入" in browser.get("/sites/imports/").content.decode()
    assert not Site.objects.filter(county=county).exists()
    form = browser.get(f"{answer.url}confirm/").context["form"]
    assert browser.post(f"{answer.url}confirm/", {"version": form["version"].value()}).status_code == 302
    work_off(waiting)
    assert Site.objects.get(county=county).source == "台账.csv"
    assert ImportRun.objects.get(county=county).state == "applied"
    assert Notice.objects.filter(county=county, recipient_id=lead.id, kind="sites.import").count() == 2


def test_refused_rows_can_be_downloaded(county, lead, waiting):
    browser = signed_in(lead)
    answer = browser.post("/sites/imports/new/", {"file": upload(BAD), "datum": "wgs84", "mode": "skip_bad"})
    work_off(waiting)
    assert "应为其中之一" in browser.get(answer.url).content.decode()
    book = load_workbook(io.BytesIO(b"".join(browser.get(f"{answer.url}refused.xlsx").streaming_content)))
    assert book.active.max_row == 2


def test_a_task_delivered_twice_imports_once(county, lead, waiting):
    run = start_import(acting_user=lead, county=county, file=upload(GOOD), datum="wgs84", mode="skip_bad")
    work_off(waiting)
    run.refresh_from_db()
    confirm_import(acting_user=lead, run=run)
    [task] = waiting
    work_off(waiting)
    queue.run(*task)
    # A worker that died in the middle leaves the state as it was: the next one starts anew.
    ImportRun.objects.filter(county=county).update(state="applying")
    work.apply(county, run.id)
    assert Site.objects.filter(county=county).count() == 1
    run.refresh_from_db()
    assert run.report["unchanged"] == 1


@pytest.mark.parametrize(
    ("file", "options", "field"),
    [
        (upload("x", "台账.pdf"), {}, "file"),
        (upload(""), {}, "file"),
        (upload(GOOD), {"datum": ""}, "datum"),
        (upload(GOOD), {"mode": "maybe"}, "mode"),
    ],
)
def test_what_cannot_be_imported_is_refused_at_once(county, lead, file, options, field):
    with pytest.raises(InvalidInput) as caught:
        start_import(acting_user=lead, county=county, file=file, **{"datum": "wgs84", "mode": "skip_bad", **options})
    assert field in caught.value.fields


def test_an_unreadable_file_ends_in_a_clear_message(county, lead, waiting):
    start_import(acting_user=lead, county=county, file=upload("%PDF-1.4"), datum="wgs84", mode="skip_bad")
    work_off(waiting)
    run = ImportRun.objects.get(county=county)
    assert (run.state, "不是 Excel" in run.message) == ("failed", True)


def test_only_the_uploader_confirms_and_only_after_the_check(county, lead, person, waiting):
    run = start_import(acting_user=lead, county=county, file=upload(GOOD), datum="wgs84", mode="skip_bad")
    with pytest.raises(WrongState):
        confirm_import(acting_user=lead, run=run)
    with pytest.raises(NotPermitted):
        cancel_import(acting_user=person("lead_officer"), run=run)
    cancel_import(acting_user=lead, run=run)
    work_off(waiting)
    assert ImportRun.objects.get(county=county).state == "cancelled"
    assert not runs(person("town_officer", TOWN)).filter(county=county).exists()


def test_an_extract_is_compared_in_the_queue(county, lead, waiting):
    browser = signed_in(lead)
    words = "统一社会信用代码,名称,住所,登记状态\n91110000600037341L,丁,科技路,存续\n"
    sent = {"file": upload(words), "taken_on": "2026-06-01", "is_complete": ""}
    answer = browser.post("/sites/imports/compare/", sent)
    work_off(waiting)
    assert "处理差异" in browser.get(answer.url).content.decode()
    row = RegisterDifference.objects.get(county=county)
    assert "丁" in browser.get("/sites/differences/").content.decode()
    address = f"/sites/differences/{COUNTY}/{row.id}/"
    assert browser.post(address, {"settle_as": "register", "site_type": "shop", "place": TOWN}).status_code == 302
    assert Site.objects.get(county=county).name == "丁"
    assert "登记入台账" in browser.get(address).content.decode()


def test_the_template_names_every_column(county, lead):
    answer = signed_in(lead).get("/sites/imports/template.xlsx")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.active.cell(1, 2).value == "名称*"
