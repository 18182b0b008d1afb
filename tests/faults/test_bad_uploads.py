"""Bad tables through the doors of import: the words say what is wrong in which row, never a fault, and nothing is written."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from safegrid.foundation import clock
from safegrid.foundation.testing import run_queue
from safegrid.grids.models import Grid, GridMember
from safegrid.sites.models import ImportRun, Site

COUNTY = 330521
HEAD = "编码,名称,类型,行业代码,乡镇,经度,纬度\n"
GOOD = "A1,德清化工厂,企业,2641,武康街道,120.01,30.51\n"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """Return a workbook of some 100 kB whose sheet unpacks to 100 MB of blanks."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["编码", "名称"]))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            blank = b" " * 100_000_000 if name.endswith("sheet1.xml") else b""
            target.writestr(name, source.read(name) + blank)
    return out.getvalue()


def entity_bomb() -> bytes:
    out = io.BytesIO()
    lol = (
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'
    )
    with zipfile.ZipFile(io.BytesIO(workbook(["编码", "名称"]))) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, lol if name.endswith("sheet1.xml") else source.read(name))
    return out.getvalue()


SHEET = (["编码", "名称", "类型", "乡镇"], ["A1", "德清化工厂", "企业", "武康街道"])
UNREADABLE = {
    "垃圾.csv": bytes(range(256)) * 40,
    "空.csv": b"",
    "只有表头.csv": HEAD.encode(),
    "没有表头.csv": GOOD.encode(),
    "引号.csv": (HEAD + 'A1,"德清化工厂,企业,2641,武康街道,120.01,30.51\n').encode(),
    "重复表头.csv": ("编码,名称,名称,类型\nA1,甲,乙,企业\n").encode(),
    "图片.xlsx": b"\x89PNG\r\n\x1a\n" + b"\x00" * 500,
    "半份.xlsx": workbook(*SHEET)[:2000],
    "空.xlsx": workbook(),
    "炸弹.xlsx": bomb(),
    "实体.xlsx": entity_bomb(),
    "文档.docx": b"PK\x03\x04" + b"\x00" * 100,
    "程序.exe": b"MZ" + b"\x00" * 500,
    "网页.html": b"<html><script>alert(1)</script></html>",
}  # fmt: skip
DOORS = {
    "sites": ("/sites/imports/new/", {"datum": "wgs84", "mode": "skip_bad"}),
    "grids": ("/grids/import/", {"datum": "wgs84", "mode": "skip_bad", "valid_from": clock.today().isoformat()}),
    "members": ("/members/import/", {"mode": "skip_bad"}),
}


def upload(browser: Any, door: str, name: str, data: bytes) -> tuple[int, str, str]:
    """Send a file to a door and let the worker look at it; return status, page, and what is said of the file as a whole."""
    path, more = DOORS[door]
    answer = browser.post(path, {"file": SimpleUploadedFile(name, data), **more})
    if answer.status_code == 302:
        run_queue()
        answer = browser.get(answer.url)
        return answer.status_code, _words(answer.content.decode()), answer.context["run"].message
    errors = answer.context["form"].errors if "form" in answer.context else {}
    return answer.status_code, _words(answer.content.decode()), "".join(errors.get("file", []))


def _words(page: str) -> str:
    main = page[page.find("<main") :] if "<main" in page else page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def counted() -> tuple[int, ...]:
    return tuple(model.objects.filter(county=COUNTY).count() for model in (Site, Grid, GridMember))


ADVICE = ("请", "空文件", "应为")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_table_is_refused_with_advice(cast, door, name):
    _ = cast.grid, cast.town_officer
    browser, before = cast.client(cast.lead_officer), counted()
    status, words, said = upload(browser, door, name, UNREADABLE[name])
    assert status == (200 if ImportRun.objects.filter(county=COUNTY).exists() else 422)
    assert any(part in said for part in ADVICE), words
    assert said[:20] in words
    assert counted() == before
    run = ImportRun.objects.filter(county=COUNTY).first()
    assert run is None or (run.state == "failed" and run.message)


ROWS = {
    "A2,某厂,轮船,2641,武康街道,120.01,30.51": "类型",
    "A2,某厂,企业,2641,安吉街道,120.01,30.51": "乡镇",
    "A2,某厂,企业,9999,武康街道,120.01,30.51": "行业",
    "A2,,企业,2641,武康街道,120.01,30.51": "名称",
    "A2,某厂,企业,2641,武康街道,30.51,120.01": "纬度",
    "A2,某厂,企业,2641,武康街道,东经120度,30.51": "经度",
    "A2,某厂,企业,2641,武康街道,120.01,": "经度",
    "A2,某厂,企业,2641,武康街道,999,30.51": "经度",
    f"A2,{'厂' * 201},企业,2641,武康街道,120.01,30.51": "名称",
    "A2,某\x07厂,企业,2641,武康街道,120.01,30.51": "名称",
    f"{'A' * 60},某厂,企业,2641,武康街道,120.01,30.51": "编码",
    "A1,某厂,企业,2641,武康街道,120.01,30.51": "编码",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("row", ROWS)
def test_a_wrong_row_is_named_with_its_number_and_column_and_the_good_ones_can_go_in(cast, row, encoding):
    _ = cast.grid, cast.town_officer
    browser, before = cast.client(cast.lead_officer), counted()
    status, words, _ = upload(browser, "sites", "台账.csv", (HEAD + GOOD + row + "\n").encode(encoding))
    assert status == 200
    assert re.search(rf"问题 3 (对象)?{ROWS[row]}", words), words  # the row's number and its column
    assert counted() == before  # so far only looked at
    run = ImportRun.objects.get(county=COUNTY)
    book = load_workbook(
        io.BytesIO(b"".join(browser.get(f"/sites/imports/{COUNTY}/{run.id}/refused.xlsx").streaming_content))
    )
    assert book.active.max_row == 2
    form = browser.get(f"/sites/imports/{COUNTY}/{run.id}/confirm/").context["form"]
    browser.post(f"/sites/imports/{COUNTY}/{run.id}/confirm/", {"version": form["version"].value()})
    run_queue()
    assert list(Site.objects.filter(county=COUNTY).values_list("code", "name")) == [("A1", "德清化工厂")]


def test_a_formula_in_a_cell_is_read_as_what_it_shows_and_leaves_as_text(cast):
    """What Excel would run is neither run on the way in nor handed on: CSV injection ends here."""
    _ = cast.grid
    browser = cast.client(cast.lead_officer)
    evil = "=HYPERLINK(1+1)"
    data = workbook([*SHEET[0]], ["A1", "=1+1", "企业", "武康街道"], ["A2", "德清化工厂", "企业", "武康街道"])
    status, words, _ = upload(browser, "sites", "台账.xlsx", data)
    assert status == 200
    assert "公式" in words  # a formula without a kept result cannot be read
    status, words, _ = upload(browser, "sites", "台账.csv", (HEAD + f"A3,{evil},轮船,,武康街道,,\n").encode())
    run = ImportRun.objects.filter(county=COUNTY).latest("started_at")
    book = load_workbook(
        io.BytesIO(b"".join(browser.get(f"/sites/imports/{COUNTY}/{run.id}/refused.xlsx").streaming_content))
    )
    kept = [cell for line in book.active.iter_rows() for cell in line if cell.value and "HYPERLINK" in str(cell.value)]
    assert kept
    assert all(cell.data_type == "s" for cell in kept)


def test_an_upload_beyond_all_bounds_is_refused(cast, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    browser = cast.client(cast.lead_officer)
    answer = browser.post("/sites/register/", {"name": "厂" * 2000})
    assert answer.status_code in {400, 413}
    assert re.search("[\u4e00-\u9fff]", _words(answer.content.decode()))
    answer = browser.post(f"/api/v1/sites/{COUNTY}", {"name": "厂" * 2000}, content_type="application/json",
                          headers={"Idempotency-Key": "k"})  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert counted() == (0, 0, 0)
