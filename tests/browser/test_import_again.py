"""A table with mistakes is refused row by row, mended, and loaded: by the same person, in one sitting."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Download, Page, expect

from safegrid.grids.models import GridMember
from tests.browser.conftest import Open
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEAD = ("网格员编号", "姓名", "手机号", "用人单位", "所属乡镇")


def workbook(path: Path, *rows: tuple[str, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in (HEAD, *rows):
        book.active.append(row)
    book.save(path)
    return path


def opened(download: Download, folder: Path) -> openpyxl.Workbook:
    path = folder / "download.xlsx"
    download.save_as(path)
    return openpyxl.load_workbook(path)


def upload(page: Page, path: Path, *, only_check: bool) -> None:
    page.set_input_files("input[name=file]", path)
    page.set_checked("input[name=dry_run]", only_check)
    page.get_by_role("button", name="上传").click()
    page.wait_for_load_state()


def test_an_import_with_errors_is_mended_from_its_own_report_and_loaded(
    stage: Cast, open_page: Open, tmp_path: Path
) -> None:
    _ = stage.site  # places the county
    page = open_page(stage.lead_officer, "/members/")
    page.get_by_role("link", name="导入", exact=True).click()
    with page.expect_download() as template:
        page.get_by_role("link", name="下载模板").click()
    assert set(HEAD) <= {cell.value.rstrip("*＊ ") for cell in opened(template.value, tmp_path).active[1]
                         if cell.value}  # fmt: skip

    good, bad = (
        ("W901", "新网格员", "13800138001", "街道办", stage.town),
        ("W902", "错网格员", "123", "街道办", "没有这个镇"),
    )
    upload(page, workbook(tmp_path / "first.xlsx", good, bad), only_check=True)
    expect(page.locator("main")).to_contain_text("没有")
    assert not GridMember.objects.filter(county=stage.county, code__startswith="W90").exists()
    with page.expect_download() as refused:
        page.get_by_role("link", name="问题").first.click()
    told = opened(refused.value, tmp_path).active
    rows = [[str(cell or "") for cell in row] for row in told.iter_rows(values_only=True)]
    assert any("W902" in row for row in rows)
    assert not any("W901" in row for row in rows)

    mended = ("W902", "错网格员", "13800138002", "街道办", stage.town)
    upload(page, workbook(tmp_path / "second.xlsx", good, mended), only_check=False)
    assert sorted(GridMember.objects.filter(county=stage.county, code__startswith="W90").values_list("code", flat=True)) == [
        "W901", "W902",
    ]  # fmt: skip
    page.goto(page.url.split("/members/")[0] + "/members/?words=W902")
    expect(page.locator("tbody")).to_contain_text("错网格员")
