"""Parsers of single cells: what people and Excel write is read, what is wrong is named."""

# ruff: noqa: DTZ001
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safegrid.foundation.tabular import CellError, parsers
from safegrid.foundation.tabular.cell import clean_text, neutralise

JAN31 = date(2024, 1, 31)


def refusal(parser, cell):
    with pytest.raises(CellError) as caught:
        parser(cell)
    return str(caught.value)


@pytest.mark.parametrize(
    "cell",
    [
        JAN31,
        datetime(2024, 1, 31, 8),
        45322,
        45322.0,
        20240131,
        "2024-01-31",
        "2024/1/31",
        "2024.1.31",
        "20240131",
        "2024年1月31日",
        "2024年 1月31号",
        "２０２４－０１－３１",
        "2024-01-31 00:00:00",
        "2024-01-31T00:00",
    ],
)
def test_every_usual_form_of_a_date_is_read(cell):
    value = parsers.day()(cell)
    assert value == JAN31
    assert not isinstance(value, datetime)


@pytest.mark.parametrize("cell", ["2024-1/31", "31/1/2024", "明天", 12, 0.5, "2024-01-31 08:00", "2024"])
def test_what_is_no_date_is_refused_with_the_forms(cell):
    assert "应为日期，如 2024-01-31" in refusal(parsers.day(), cell)


def test_a_day_that_never_was_and_one_out_of_range_are_refused():
    assert refusal(parsers.day(), "2023-02-29") == "没有这一天"
    assert refusal(parsers.day(latest=JAN31), "2024-02-01") == "不能大于 2024-01-31"


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_date_is_the_same_however_it_is_written(value):
    serial = (value - date(1899, 12, 30)).days
    forms = [
        serial,
        value.isoformat(),
        f"{value:%Y%m%d}",
        int(f"{value:%Y%m%d}"),
        f"{value.year}年{value.month}月{value.day}日",
    ]
    assert {parsers.day()(form) for form in forms} == {value}


def test_text_keeps_codes_that_excel_made_numbers_and_refuses_those_it_has_cut():
    code = parsers.text(max_length=18)
    assert code(440000000001) == "440000000001"
    assert code(12.0) == "12"
    assert "Excel 已丢失末尾数字" in refusal(code, 330521199001011234)


def test_text_too_long_or_with_unseen_characters_is_refused():
    assert refusal(parsers.text(max_length=2), "三个字") == "超过 2 字（现有 3 字）"
    assert "控制字符" in refusal(parsers.text(max_length=9), "a\x00b")
    assert "换行" in refusal(parsers.text(max_length=9), "a\nb")
    assert parsers.text(max_length=9, multiline=True)("a\nb") == "a\nb"


@pytest.mark.parametrize(
    ("cell", "value"), [(12, 12), (12.0, 12), ("12", 12), ("１２", 12), ("1,200", 1200), ("-3", -3)]
)
def test_integers_are_read(cell, value):
    assert parsers.integer()(cell) == value


@pytest.mark.parametrize("cell", [1.5, "1.5", "十二", "1e30", JAN31, "1,2", "９" * 50, "0x10", "²"])
def test_what_is_no_integer_is_refused(cell):
    assert refusal(parsers.integer(), cell) == "应为整数"


def test_integers_out_of_range_are_refused():
    assert refusal(parsers.integer(minimum=0), -1) == "不能小于 0"
    assert refusal(parsers.integer(maximum=9), 10) == "不能大于 9"


def test_decimals_are_exact_and_excel_noise_is_rounded():
    money = parsers.decimal(places=2, digits=6)
    assert money(0.1 + 0.2) == Decimal("0.30")
    assert money("12.5") == Decimal("12.50")
    assert refusal(money, "0.305") == "小数不能超过 2 位"
    assert refusal(money, 10_000) == "整数部分不能超过 4 位"
    assert refusal(money, "一元") == "应为数字"


def test_a_choice_takes_label_code_or_alias_and_lists_the_labels_when_it_refuses():
    kind = parsers.choice({"enterprise": "生产经营单位", "household": "家庭户"}, aliases={"企业": "enterprise"})
    assert [kind(word) for word in ("生产经营单位", " Enterprise", "企业", "家庭 户")] == ["enterprise"] * 3 + [
        "household"
    ]
    assert refusal(kind, "工厂") == "应为其中之一：生产经营单位、家庭户"


def test_yes_and_no_are_read_as_people_write_them():
    assert [parsers.boolean()(word) for word in ("是", "√", 1, "Y")] == [True] * 4
    assert [parsers.boolean()(word) for word in ("否", "无", 0, "no")] == [False] * 4
    assert "“是”或“否”" in refusal(parsers.boolean(), "也许")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (13800138000, "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("0757-88888888", "0757-88888888"),
        ("(0757)88888888", "0757-88888888"),
        ("０７５７－８８８８８８８８", "0757-88888888"),
        ("075788888888", "0757-88888888"),
        (75788888888, "0757-88888888"),
        ("010-62345678转801", "010-62345678-801"),
        ("12350", "12350"),
        ("400-810-8888", "4008108888"),
        ("88888888", "88888888"),
    ],
)
def test_phone_numbers_are_brought_into_one_form(cell, value):
    assert parsers.phone()(cell) == value


@pytest.mark.parametrize("cell", ["1380013800", "12800138000", "无", "138001380001", "0757"])
def test_what_is_no_phone_number_is_refused(cell):
    assert "11 位" in refusal(parsers.phone(), cell)


def test_swapped_longitude_and_latitude_are_pointed_out():
    assert parsers.longitude()("119.95") == 119.95
    assert parsers.latitude()(30.65) == 30.65
    assert "与纬度可能填反" in refusal(parsers.longitude(), 30.65)
    assert "与经度可能填反" in refusal(parsers.latitude(), 119.95)
    assert "填反" not in refusal(parsers.longitude(), 0)
    assert "十进制度数" in refusal(parsers.longitude(), "119°57′")


def test_a_pattern_folds_width_and_spaces():
    code = parsers.pattern(r"[0-9A-Z]{4}", "应为 4 位代码", upper=True)
    assert code(" ａb 12") == "AB12"
    assert refusal(code, "AB1") == "应为 4 位代码"


@given(st.text())
def test_whatever_is_exported_is_safe_and_reads_back_the_same(raw):
    text = clean_text(raw)
    if text is None:
        return
    out = neutralise(text)
    assert out[0] not in "=+-@＝＋－＠\t\r\n"
    assert clean_text(out) == text
