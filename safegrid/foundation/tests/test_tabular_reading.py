"""Reading tables from files: formats, dates, formulas, and everything that must be refused with advice."""

# ruff: noqa: DTZ001
import base64
import subprocess
import sys
import textwrap
import zipfile
import zlib
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from safegrid.foundation.tabular import Limits, TabularError, read_rows

# A small .xls (written with xlwt): a hidden sheet 藏, then 企业 whose header stands in row 2, then 说明.
OLD_XLS = (
    "c-rk)O-NKx6#nk@&7bHv+8AhHgOHW!BHgq|$AS`qCd;57g3@M+Fn<^dnigf+tRe_n6%h!wXk)eMKPYGs6ezU_g1{+SwJ9)Yq4PTD"
    "y!T+7EF3Ul;(fzC_nvd_xj*Ne`!jE9vT}OtUTp?>Xh#XMW&qwCnW7YMm=LJmG`Z;HeoCf`qC&t=j`Vu)r2LJKeaQaKK;y3Qf++Bb"
    "(jg2XHaL)oEF-qc9C{Sbp-p)y_B2K04WdER$jqvQ9u>Mm=pAYORA`4tE(>j=w$th$CZn;&P1F<r_Un473ldd$AUYpJvJusI#gTme"
    "in5~KgDuGuJtvE-qRuG8ILN7;iGf6t`3l@ZDUc#G_xCr)<I@O}!^iQ%i~uvv&VC+o<;yEqAo<Vva^D~1esW^I{Hiv9VVFl02XmU7"
    "yxHJLP--%rMj3`Y+)gXCt2V~`4xh!(TnZkWMXPLjuXVtmp&rWjeoImII5w1^>`P+xaRVxXmeV8M5#BBbVk6z9d>6>s5t?^)l*@i9"
    "BN|7Alq+Rdg=pflx4*yL+1nL8ERtclFD$I#1;E4w)*$6z-fh$<8XJU;NUy7;Tq`t8Ay0WjSG8T(J}PZ4N^Jv;(<*ouU7J&0N9FX_"
    "-4E;1pQG!kJkgms8=iO{9Ya0ca&h~d7)6t6QrE9B9z~s8*{9D(p*6pqMD4l?_hsfCIjdMYo2dnD#!~S#os`9AGrtbW3QAzw&y5Pq"
    "k<D0EDb(T|>sXv7uEf^X3utT6W=lPj@mae?ZjYNUHSw&+wK`AF5Iwf$In5mFy>>jSm)o;WjYW&mv)0__+ZbYF{B^&$aN)v*3l}by"
    "9!lOm){D`w-;exq@!8*X<|t*|&m{jX_F#~Hr|1vmHVjanM5>_pSqYDF`cjM3alRKa_R;7`^r2Vg(N}Q%(#uoju4mDTp{3hGg^r&s"
    "WS;+c{9mELFmn"
)
SHEET = "xl/worksheets/sheet1.xml"


def workbook(path, rows, **options):
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("企业")
    for number, row in enumerate(rows):
        for index, value in enumerate(row):
            if value is not None:
                sheet.write(number, index, value)
    book.close()
    return path


def rewrite(path, changes):
    """Replace parts of a workbook, as a hostile or sloppy producer might."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts |= {k: v if isinstance(v, bytes) else v.encode() for k, v in changes.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return path


def sheet_xml(body):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'


def values(path, **limits):
    return [row.values for row in read_rows(path, limits=Limits(**limits))]


@pytest.mark.parametrize("constant_memory", [True, False])
def test_an_excel_file_gives_trimmed_text_numbers_and_row_numbers(tmp_path, constant_memory):
    rows = [["名称", "人数", "比例"], ["\u3000甲厂\u200b ", 12, 0.5], [None, None, None], ["乙厂", None, -3]]
    path = workbook(tmp_path / "a.xlsx", rows, constant_memory=constant_memory)
    reader = read_rows(path)
    assert reader.header == ["名称", "人数", "比例"]
    assert reader.sheet_name == "企业"
    assert [(row.number, row.values) for row in reader] == [
        (2, {"名称": "甲厂", "人数": 12, "比例": 0.5}),
        (4, {"名称": "乙厂", "人数": None, "比例": -3}),
    ]


@pytest.mark.parametrize("date1904", [True, False])
def test_date_cells_become_dates_in_both_date_systems(tmp_path, date1904):
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"), {"date_1904": date1904})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["日期", "时刻", "普通数字"])
    sheet.write_datetime(1, 0, datetime(2024, 2, 29), book.add_format({"num_format": 'yyyy"年"m"月"d"日"'}))
    sheet.write_datetime(1, 1, datetime(2024, 2, 29, 8, 30), book.add_format({"num_format": 22}))
    sheet.write_number(1, 2, 45351, book.add_format({"num_format": '0.00"元"'}))
    book.close()
    (row,) = values(tmp_path / "a.xlsx")
    assert row == {"日期": date(2024, 2, 29), "时刻": datetime(2024, 2, 29, 8, 30), "普通数字": 45351}
    assert not isinstance(row["日期"], datetime)


def test_rich_text_is_read_without_its_phonetic_guide_and_escapes_are_undone(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "备注"], ["x", "y"]])
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>名称</t></si><si><t>备注</t></si>'
        "<si><r><t>红</t></r><r><t>星厂</t></r><rPh sb='0' eb='1'><t>hong</t></rPh></si><si><t>a_x000A_b</t></si></sst>"
    )
    assert values(rewrite(path, {"xl/sharedStrings.xml": strings})) == [{"名称": "红星厂", "备注": "a\nb"}]


def test_prefixed_tags_and_cells_without_references_are_read(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["x"]])
    xml = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row><x:c t="inlineStr"><x:is><x:t>甲</x:t></x:is></x:c><x:c t="str"><x:v>乙</x:v></x:c></x:row>'
        '<x:row><x:c><x:v>1</x:v></x:c><x:c t="b"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert values(rewrite(path, {SHEET: xml})) == [{"甲": 1, "乙": "是"}]


def test_a_formula_is_refused_by_the_name_of_its_cell_and_other_rows_are_not(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数"], ["甲", "=1+1"], ["乙", 3]])
    bad, good = list(read_rows(path))
    assert [problem.message for problem in bad.problems] == ["B2 含公式，请粘贴为数值"]
    assert bad.problems[0].column_title == "人数"
    assert good.problems == []


def test_a_row_of_nothing_but_an_uncalculated_formula_does_not_vanish(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数"], ["甲", 1]])
    head = '<row r="1"><c r="A1" t="str"><v>名称</v></c><c r="B1" t="str"><v>人数</v></c></row>'
    rows = list(read_rows(rewrite(path, {SHEET: sheet_xml(head + '<row r="2"><c r="B2"><f>A1</f></c></row>')})))
    assert [row.problems[0].message for row in rows] == ["B2 含公式，请粘贴为数值"]


def test_an_error_value_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数"], ["甲", 1]])
    head = '<row r="1"><c r="A1" t="str"><v>名称</v></c><c r="B1" t="str"><v>人数</v></c></row>'
    path = rewrite(path, {SHEET: sheet_xml(head + '<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row>')})
    assert "A2 是错误值 #N/A" in next(read_rows(path)).problems[0].message


def test_text_that_looks_like_a_formula_is_data(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    for index, (title, text) in enumerate([("甲", "=1+1"), ("乙", "@x"), ("丙", "-无-")]):
        sheet.write_string(0, index, title)
        sheet.write_string(1, index, text)
    book.close()
    assert values(tmp_path / "a.xlsx") == [{"甲": "=1+1", "乙": "@x", "丙": "-无-"}]


def test_the_first_visible_sheet_is_read_and_the_others_are_named(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "藏"
    book.active.sheet_state = "hidden"
    for title in ("企业", "说明"):
        book.create_sheet(title).append(["名称", title])
    book["企业"].append(["甲", 1])
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    reader = read_rows(tmp_path / "a.xlsx")
    assert (reader.sheet_name, reader.other_sheets) == ("企业", ["说明"])
    assert [row.values for row in reader] == [{"名称": "甲", "企业": 1}]


def test_a_banner_above_the_header_is_passed_over(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["某县企业名单"], [None], ["名称", "人数"], ["甲", 1]])
    reader = read_rows(path)
    assert reader.header_row == 3
    assert [row.number for row in reader] == [4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_files_are_read_in_every_usual_encoding_and_delimiter(tmp_path, encoding, delimiter):
    path = tmp_path / "a.csv"
    lines = [["名称", "备注"], ["甲厂", '"第一行\n第二行"'], [], ["乙厂", " =1+1 "]]
    path.write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    assert [(row.number, row.values) for row in read_rows(path)] == [
        (2, {"名称": "甲厂", "备注": "第一行\n第二行"}),
        (4, {"名称": "乙厂", "备注": "=1+1"}),
    ]


def test_a_comma_too_many_is_refused_in_its_row_instead_of_shifting_values(tmp_path):
    (tmp_path / "a.csv").write_text("名称,备注\n甲,一,二\n乙,三\n", encoding="utf-8")
    bad, good = list(read_rows(tmp_path / "a.csv"))
    assert "C2 所在的列没有表头" in bad.problems[0].message
    assert not good.problems


def refusal(path, **limits):
    with pytest.raises(TabularError) as caught:
        values(path, **limits)
    return str(caught.value)


def test_content_decides_not_the_extension(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数"], ["甲", 1]]).rename(tmp_path / "a.csv")
    assert values(path) == [{"名称": "甲", "人数": 1}]
    for data in (b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\x00\x01\x02\x03"):
        (tmp_path / "b.xlsx").write_bytes(data)
        assert "不是 Excel 或 CSV" in refusal(tmp_path / "b.xlsx")
    (tmp_path / "c.xls").write_text("<html><table></table></html>")
    assert "网页" in refusal(tmp_path / "c.xls")
    with zipfile.ZipFile(tmp_path / "d.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "不是 Excel 工作簿" in refusal(tmp_path / "d.xlsx")


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.999])
def test_half_a_file_is_refused(tmp_path, share):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数"], *([f"厂{i}", i] for i in range(2000))])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert "不完整" in refusal(path)


def test_bytes_altered_inside_are_noticed(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数"], *([f"厂{i}", i] for i in range(2000))])
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(SHEET).header_offset
    data = bytearray(path.read_bytes())
    data[start + 2000 : start + 2010] = b"\xff" * 10
    path.write_bytes(data)
    assert "不完整" in refusal(path)


def test_half_a_text_file_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes('名称,备注\n甲,"没有结尾'.encode())
    assert "第 2 行的引号不成对" in refusal(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_bytes("名称,备注\n甲,乙".encode()[:-1])
    assert "编码无法识别" in refusal(tmp_path / "b.csv")


def test_empty_files_and_empty_sheets_say_so(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    assert "空" in refusal(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_bytes(b"\xef\xbb\xbf\r\n,,\r\n")
    assert "没有内容" in refusal(tmp_path / "b.csv")
    assert "没有内容" in refusal(workbook(tmp_path / "c.xlsx", []))


def test_a_repeated_title_is_refused_with_both_places(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数", " 名 称*"], ["甲", 1, "乙"]])
    assert "A1 和 C1" in refusal(path)


def test_too_many_columns_rows_or_letters_are_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数", "备注"], ["甲", 1, "长" * 50], ["乙", 2, ""]])
    assert "列数超过 2" in refusal(path, max_columns=2)
    assert "超过 2 行" in refusal(path, max_rows=2)
    assert "C2 的文字超过 20 字" in refusal(
        workbook(tmp_path / "b.xlsx", [["a", "b", "c"], [1, 2, "长" * 50]], constant_memory=True), max_text=20
    )
    (tmp_path / "a.csv").write_text("名称,人数,备注\n甲,1," + "长" * 50 + "\n")
    assert "列数超过 2" in refusal(tmp_path / "a.csv", max_columns=2)
    assert "第 2 行有文字超过 20 字" in refusal(tmp_path / "a.csv", max_text=20)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数"]])
    rewrite(path, {SHEET: b" " * (40 * 1024**2)})
    assert path.stat().st_size < 100_000
    assert "压缩炸弹" in refusal(path)
    assert "解压后过大" in refusal(path, max_unpacked_bytes=1024**2)


@pytest.mark.parametrize(
    "xml",
    [
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData/></worksheet>',
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c>'),
        sheet_xml('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'),
        sheet_xml('<row r="1"><c r="A1"><v>一</v></c></row>'),
        sheet_xml('<row r="1"><c r="A1"><v>nan</v></c></row>'),
        sheet_xml('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>'),
        sheet_xml('<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'),
        sheet_xml("<row><c><v>1<c/></v></c></row>"),
        sheet_xml("<a>" * 100 + "</a>" * 100),
        sheet_xml('<row r="1"><c r="A1" s="' + "1" * 20_000_000 + '"/></row>'),
    ],
    ids=["doctype", "unclosed", "string", "digits", "nan", "order", "rows", "nested", "deep", "token"],
)
def test_malformed_sheets_are_refused_in_words(tmp_path, xml):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数"], ["甲", 1]])
    assert "再上传" in refusal(rewrite(path, {SHEET: xml}))


def test_an_entity_bomb_in_the_workbook_part_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["名称", "人数"], ["甲", 1]])
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cccc"><!ENTITY d "&b;&b;">]><workbook>&d;</workbook>'
    assert "不完整" in refusal(rewrite(path, {"xl/workbook.xml": bomb}))


def test_an_encrypted_workbook_is_refused(tmp_path):
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    (tmp_path / "a.xlsx").write_bytes(data)
    assert "已加密" in refusal(tmp_path / "a.xlsx")


def test_an_old_workbook_is_read_with_its_own_row_numbers(tmp_path):
    (tmp_path / "a.xls").write_bytes(zlib.decompress(base64.b85decode(OLD_XLS)))
    with read_rows(tmp_path / "a.xls") as reader:
        assert (reader.sheet_name, reader.other_sheets) == ("企业", ["说明"])
        assert [(row.number, row.values) for row in reader] == [
            (3, {"名称": "甲厂", "人数": 12, "日期": date(2024, 2, 29)}),
            (5, {"名称": "乙厂", "人数": 0.5, "日期": None}),
        ]


def test_a_damaged_old_workbook_is_refused(tmp_path):
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert "另存为 .xlsx" in refusal(tmp_path / "a.xls")


def test_a_large_sheet_is_read_in_flat_memory(tmp_path):
    """Ten times the rows must not cost much more memory (a list of the rows would cost some 60 MB more)."""
    script = textwrap.dedent(
        """
        import resource, sys
        from safegrid.foundation.tabular import read_rows
        count = sum(1 for _ in read_rows(sys.argv[1]))
        print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        """
    )
    used = []
    for count in (2_000, 40_000):
        rows = [["名称", "代码", "经度"], *([f"示范县第 {i} 机械厂", f"91{i:016d}", i / 7] for i in range(count))]
        path = workbook(tmp_path / f"{count}.xlsx", rows, constant_memory=True)
        root = Path(__file__).parents[3]
        done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=root, capture_output=True, text=True)
        read, megabytes = map(int, done.stdout.split())
        assert read == count
        used.append(megabytes)
    assert used[1] - used[0] < 15
