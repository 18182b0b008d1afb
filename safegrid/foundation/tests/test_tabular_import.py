"""Declared tables and whole imports: counts that add up, refusals row by row, dry runs, and the way back."""

from datetime import date

import pytest

from safegrid.foundation.tabular import (
    CREATED,
    UNCHANGED,
    UPDATED,
    CellProblem,
    Column,
    DryRunDone,
    ImportRefused,
    SourceRow,
    Table,
    TabularError,
    parsers,
    read_rows,
    refused,
    run_import,
)

TABLE = Table(
    [
        Column("name", ("名称", "单位名称"), parsers.text(max_length=20), required=True),
        Column("staff", ("人数",), parsers.integer(minimum=0)),
        Column("opened", ("成立日期",), parsers.day()),
        Column("major", ("重点",), parsers.boolean(), default=False),
    ],
    unique=("name",),
    check=lambda v: [("staff", "重点单位须填人数")] if v["major"] and v["staff"] is None else [],
)


def rows(*cells, header=("名称", "人数")):
    return [SourceRow(n, dict(zip(header, row, strict=True))) for n, row in enumerate(cells, start=2)]


class Register:
    """A stand-in for a context: a dictionary of what is stored."""

    def __init__(self):
        self.stored, self.batches = {}, []

    def __call__(self, batch):
        self.batches.append(len(batch))
        return [self.one(row) for row in batch]

    def one(self, row):
        name = row.values["name"]
        if "违禁" in name:
            return refused("名称不允许", "name")
        before = self.stored.get(name)
        self.stored[name] = row.values
        return CREATED if before is None else UNCHANGED if before == row.values else UPDATED


def test_titles_are_matched_by_alias_width_spaces_and_the_mark_of_required():
    layout = TABLE.layout(["单位 名称*", "ＳＴＡＦＦ", "别的", "行号", "问题"])
    assert [(column.name, title) for column, title in layout.fields] == [
        ("name", "单位 名称*"),
        ("staff", "ＳＴＡＦＦ"),
    ]
    assert layout.ignored == ("别的",)


def test_a_missing_required_column_is_named_with_its_aliases():
    with pytest.raises(TabularError, match="缺少必填的列：名称（也可写作 单位名称）"):
        TABLE.layout(["人数"])


def test_two_titles_for_one_column_are_refused():
    with pytest.raises(TabularError, match="“名称”和“单位名称”是同一列"):
        TABLE.layout(["名称", "单位名称"])


def test_a_table_whose_columns_share_a_title_cannot_be_declared():
    with pytest.raises(ValueError, match="cannot claim"):
        Table([Column("a", ("甲",), parsers.boolean()), Column("b", ("甲",), parsers.boolean())])
    with pytest.raises(ValueError, match="cannot claim"):
        Table([Column("a", ("问题",), parsers.boolean())])


def test_every_problem_of_a_row_is_reported_at_once():
    problems = TABLE.parse(
        SourceRow(7, {"名称": None, "人数": "几个", "成立日期": "2023-02-29"}),
        TABLE.layout(["名称", "人数", "成立日期"]),
    )
    assert problems == [
        CellProblem(7, "名称", "", "必填，不能为空"),
        CellProblem(7, "人数", "几个", "应为整数"),
        CellProblem(7, "成立日期", "2023-02-29", "没有这一天"),
    ]


def test_absent_columns_give_defaults_and_are_told_apart_from_empty_cells():
    parsed = TABLE.parse(SourceRow(2, {"名称": "甲", "人数": None}), TABLE.layout(["名称", "人数"]))
    assert parsed.values == {"name": "甲", "staff": None, "opened": None, "major": False}
    assert parsed.given == {"name", "staff"}


def test_a_check_over_the_row_names_its_column():
    problems = TABLE.parse(SourceRow(2, {"名称": "甲", "重点": "是"}), TABLE.layout(["名称", "重点"]))
    assert problems == [CellProblem(2, "", "", "重点单位须填人数")]


def test_reimport_updates_instead_of_duplicating():
    register = Register()
    first = run_import(TABLE, rows(("甲", 1), ("乙", 2)), apply=register)
    again = run_import(TABLE, rows(("甲", 1), ("乙", 3)), apply=register)
    assert (first.created, first.applied) == (2, True)
    assert (again.read, again.created, again.updated, again.unchanged, again.refused) == (2, 0, 1, 1, 0)
    assert len(register.stored) == 2


def test_all_or_nothing_reports_everything_and_raises_at_the_end():
    register = Register()
    with pytest.raises(ImportRefused) as caught:
        run_import(TABLE, rows(("甲", 1), ("乙", "x"), ("违禁品店", 2), ("甲", 4)), apply=register)
    report = caught.value.report
    assert [(p.row, p.column_title, p.message) for p in report.first_problems] == [
        (3, "人数", "应为整数"),
        (4, "名称", "名称不允许"),
        (5, "名称", "与第 2 行重复"),
    ]
    assert not report.applied
    assert report.summary() == "共读取 4 行（未写入）：新增 1，更新 0，无变化 0，拒绝 3"


def test_skip_bad_keeps_the_good_rows_and_every_row_is_accounted_for():
    register = Register()
    report = run_import(TABLE, rows(("甲", 1), ("乙", -1), ("丙", 2)), apply=register, mode="skip_bad")
    assert set(register.stored) == {"甲", "丙"}
    assert report.applied
    assert report.read == 3 == report.created + report.updated + report.unchanged + report.refused
    assert report.as_dict()["problems"] == [{"row": 3, "column": "人数", "value": "-1", "message": "不能小于 0"}]


@pytest.mark.parametrize("mode", ["skip_bad", "all_or_nothing"])
def test_a_dry_run_tells_what_would_happen_and_always_raises(mode):
    with pytest.raises(DryRunDone) as caught:
        run_import(TABLE, rows(("甲", 1), ("乙", "x")), apply=Register(), mode=mode, dry_run=True)
    assert (caught.value.report.created, caught.value.report.refused) == (1, 1)
    assert not caught.value.report.applied


def test_rows_go_in_batches_with_progress_and_refusals_keep_the_order_of_the_file():
    register, seen = Register(), []
    cells = [("违禁" + str(i) if i % 3 == 0 else f"厂{i}", "x" if i % 5 == 0 else i) for i in range(25)]
    report = run_import(TABLE, rows(*cells), apply=register, mode="skip_bad", batch_size=10, progress=seen.append)
    assert max(register.batches) <= 10
    assert seen == [10, 20, 25]
    numbers = [number for number, _, _ in report.refused_rows()]
    assert numbers == sorted(numbers)
    assert len(numbers) == report.refused == 12


def test_a_file_without_rows_is_refused():
    with pytest.raises(TabularError, match="没有数据行"):
        run_import(TABLE, rows(), apply=Register())


def test_an_apply_that_forgets_a_row_is_a_fault_not_a_wrong_count():
    with pytest.raises(RuntimeError, match="0 outcomes for 1 rows"):
        run_import(TABLE, rows(("甲", 1)), apply=lambda _batch: [])


def test_the_workbook_of_refused_rows_can_be_fixed_and_imported_again(tmp_path):
    (tmp_path / "a.csv").write_text(
        "单位名称,人数,成立日期,备注\n甲,1,2024-01-31,=危险\n乙,x,2024-02-30,\n=丙,-1,,\n", encoding="gb18030"
    )
    report = run_import(TABLE, read_rows(tmp_path / "a.csv"), apply=Register(), mode="skip_bad")
    assert report.ignored_titles == ("备注",)
    assert report.write_refused_workbook(tmp_path / "bad.xlsx") == 2
    back = list(read_rows(tmp_path / "bad.xlsx"))
    assert back[0].values == {
        "单位名称": "乙",
        "人数": "x",
        "成立日期": "2024-02-30",
        "备注": None,
        "行号": 3,
        "问题": "人数：应为整数；成立日期：没有这一天",
    }
    assert back[1].values["单位名称"] == "=丙"
    for row in back:
        row.values |= {"人数": 5, "成立日期": date(2024, 2, 29)}
    register = Register()
    fixed = run_import(TABLE, back, apply=register)
    assert (fixed.created, fixed.ignored_titles) == (2, ("备注",))
    assert set(register.stored) == {"乙", "=丙"}


def test_a_formula_cell_is_refused_and_its_shown_value_is_given_back(tmp_path):
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["名称", "人数"])
    sheet.write_string(1, 0, "甲")
    sheet.write_formula(1, 1, "=40+2", None, 42)
    book.close()
    with pytest.raises(ImportRefused) as caught:
        run_import(TABLE, read_rows(tmp_path / "a.xlsx"), apply=Register())
    ((number, source, problems),) = caught.value.report.refused_rows()
    assert (number, source["人数"]) == (2, 42)
    assert problems == [CellProblem(2, "人数", "42", "B2 含公式，请粘贴为数值")]


def test_twenty_thousand_refusals_spill_to_disk_and_keep_only_the_first_for_the_page():
    many = (SourceRow(n, {"名称": "厂" * 30, "成立日期": date(2024, 1, 31)}) for n in range(2, 20_002))
    report = run_import(TABLE, many, apply=Register(), mode="skip_bad")
    assert report.refused == report.problem_count == 20_000
    assert len(report.first_problems) == 200
    last = list(report.refused_rows())[-1]
    assert (last[0], last[1]["成立日期"]) == (20_001, date(2024, 1, 31))
