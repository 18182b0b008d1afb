"""Exports: safe to open, marked, whole or absent; templates that can be filled in and imported."""

# ruff: noqa: DTZ001
import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import openpyxl
import pytest

from safegrid.foundation.tabular import (
    CREATED,
    Column,
    Table,
    parsers,
    read_rows,
    run_import,
    template_workbook,
    write_csv,
    write_workbook,
)

DANGEROUS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", "\r=1", "'=1"]


def cells(path):
    return [list(row) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]


def test_text_that_could_run_as_a_formula_is_neutralised_in_excel_and_csv(tmp_path):
    assert write_workbook(tmp_path / "a.xlsx", ["=题", "值"], ([text, 1] for text in DANGEROUS)) == len(DANGEROUS)
    write_csv(tmp_path / "a.csv", ["=题", "值"], ([text, 1] for text in DANGEROUS))
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        from_csv = [row[0] for row in csv.reader(file)]
    for texts in (from_csv, [row[0] for row in cells(tmp_path / "a.xlsx")]):
        assert len(texts) == len(DANGEROUS) + 1
        assert all(text.startswith("'") for text in texts)


@pytest.mark.parametrize("write", [write_workbook, write_csv])
def test_an_export_reads_back_as_it_was(tmp_path, write):
    texts = ["=1+1", "-无-", "'=1", "甲\n乙"]
    write(tmp_path / "a", ["名称", "值"], ([text, 1] for text in texts))
    assert [row.values["名称"] for row in read_rows(tmp_path / "a")] == texts


def test_values_keep_their_kind(tmp_path):
    moment = datetime(2024, 1, 31, 16, 30, tzinfo=UTC)
    row = [date(2024, 1, 31), moment, Decimal("1.50"), True, None, 91330521123456789, -3, UUID(int=1), float("nan")]
    write_workbook(tmp_path / "a.xlsx", [f"列{i}" for i in range(len(row))], [row])
    (back,) = read_rows(tmp_path / "a.xlsx")
    assert list(back.values.values()) == [
        date(2024, 1, 31),
        datetime(2024, 2, 1, 0, 30),
        1.5,
        "是",
        None,
        "91330521123456789",
        -3,
        "00000000-0000-0000-0000-000000000001",
        None,
    ]


def test_the_watermark_is_on_every_page_and_on_the_first_line_if_asked(tmp_path):
    mark = "张三 & 李四 2024-01-31 08:00"
    write_workbook(tmp_path / "a.xlsx", ["名称", "值"], [["甲", 1]], mark, banner=True)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet.oddHeader.center.text.replace("&&", "&") == mark
    assert sheet.oddFooter.left.text.replace("&&", "&") == mark
    assert sheet["A1"].value == mark
    assert [row.values for row in read_rows(tmp_path / "a.xlsx")] == [{"名称": "甲", "值": 1}]


def test_a_failing_export_leaves_neither_half_a_file_nor_litter_and_keeps_the_old_one(tmp_path):
    def broken():
        yield ["甲", 1]
        raise OSError("disk")

    (tmp_path / "a.xlsx").write_bytes(b"old")
    for write in (write_workbook, write_csv):
        with pytest.raises(OSError, match="disk"):
            write(tmp_path / "a.xlsx", ["名称", "值"], broken())
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
    assert (tmp_path / "a.xlsx").read_bytes() == b"old"


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("safegrid.foundation.tabular.workbook._SHEET_ROWS", 11)
    assert write_workbook(tmp_path / "a.xlsx", ["名称", "值"], ([f"厂{i}", i] for i in range(25))) == 25
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [sheet.max_row for sheet in book] == [11, 11, 6]
    assert all(sheet["A1"].value == "名称" for sheet in book)


def test_text_longer_than_a_cell_is_cut_visibly_instead_of_dropped(tmp_path):
    write_workbook(tmp_path / "a.xlsx", ["名称", "值"], [["长" * 40_000, 1]])
    text = cells(tmp_path / "a.xlsx")[1][0]
    assert len(text) == 32_767
    assert text.endswith("…")


def test_a_template_has_titles_help_and_lists_and_can_be_filled_in_and_imported(tmp_path):
    kinds = {f"k{i}": f"这是一个名字相当长的类别第{i}号" for i in range(60)}  # more than 255 characters in all
    table = Table(
        [
            Column("name", ("名称", "单位名称"), parsers.text(max_length=20), required=True, help="营业执照上的全称"),
            Column("kind", ("类型",), parsers.choice(kinds)),
            Column("major", ("重点",), parsers.boolean()),
        ]
    )
    template_workbook(table, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["名称*", "类型", "重点"]
    note = sheet["A1"].comment.text
    assert all(part in note for part in ("必填", "营业执照上的全称", "不超过 20 字", "单位名称"))
    assert {str(v.sqref).split(":")[0]: v.formula1 for v in sheet.data_validations.dataValidation} == {
        "B2": "选项!$B$1:$B$60",
        "C2": "选项!$C$1:$C$2",
    }
    assert [cell.value for cell in book["选项"]["B"]] == list(kinds.values())
    sheet.append(["甲厂", kinds["k7"], "是"])
    book.save(tmp_path / "filled.xlsx")
    got = []
    run_import(
        table, read_rows(tmp_path / "filled.xlsx"), apply=lambda batch: got.extend(batch) or [CREATED] * len(batch)
    )
    assert [row.values for row in got] == [{"name": "甲厂", "kind": "k7", "major": True}]
