"""Parsers of single cells: each takes a non-empty `Cell`, returns a value or raises CellError with a Chinese message.

Text that Excel turned into numbers (codes, phones) and dates typed as text are both expected.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .cell import Cell, shown
from .xlsx import from_serial


class CellError(ValueError):
    """The cell cannot be taken; the message is for the person who filled it in."""


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser with what a template needs to know: a hint, and the labels of a closed list."""

    parse: Callable[[Cell], Any]
    hint: str = ""
    labels: tuple[str, ...] = ()

    def __call__(self, cell: Cell) -> Any:
        return self.parse(cell)


def as_text(cell: Cell) -> str:
    """A cell as the text that was meant. Raises CellError for numbers too long for Excel to keep exactly."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int):
        if abs(cell) >= 10**15:
            raise CellError("数字超过 15 位，Excel 已丢失末尾数字，请把该列设为文本格式后重新填写")
        return str(cell)
    if isinstance(cell, float):
        return repr(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat() if cell is not None else ""


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # not NFKC, which would make ² a 2


def _folded(cell: Cell) -> str:
    """Full-width letters, digits and signs as half-width, without any spaces."""
    return "".join(as_text(cell).translate(_HALF_WIDTH).split())


# Control characters, and halves of characters (surrogates), which no database can store.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def text(*, max_length: int, min_length: int = 0, multiline: bool = False) -> Parser:
    """Text of at most `max_length` characters without control characters (line breaks and tabs if `multiline`)."""

    unwanted = _CONTROL_BUT_LINES if multiline else _CONTROL

    def parse(cell: Cell) -> str:
        value = as_text(cell)
        if found := unwanted.search(value):
            raise CellError("含换行，请合并为一行" if found[0] in "\r\n" else "含不可见的控制字符，请删除后重新填写")
        if len(value) > max_length:
            raise CellError(f"超过 {max_length} 字（现有 {len(value)} 字）")
        if len(value) < min_length:
            raise CellError(f"少于 {min_length} 字")
        return value

    return Parser(parse, f"文字，不超过 {max_length} 字")


def _within(value: Any, low: Any, high: Any) -> None:
    if low is not None and value < low:
        raise CellError(f"不能小于 {low}")
    if high is not None and value > high:
        raise CellError(f"不能大于 {high}")


def _range_hint(kind: str, low: object, high: object) -> str:
    parts = [f"不小于 {low}" if low is not None else "", f"不大于 {high}" if high is not None else ""]
    return "，".join([kind, *filter(None, parts)])


def _number(cell: Cell, message: str) -> Decimal:
    if isinstance(cell, date):
        raise CellError(message)
    digits = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", _folded(cell)) if isinstance(cell, str) else repr(cell)
    if len(digits) > 40 or not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", digits, re.ASCII):
        raise CellError(message)
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        raise CellError(message) from error


def integer(*, minimum: int | None = None, maximum: int | None = None) -> Parser:
    """A whole number; 12, "12", "12.0", "1,200" and full-width digits are read. Beyond 64 bits is refused."""

    def parse(cell: Cell) -> int:
        value = _number(cell, "应为整数")
        if value != value.to_integral_value() or abs(value) >= 2**63:
            raise CellError("应为整数")
        _within(int(value), minimum, maximum)
        return int(value)

    return Parser(parse, _range_hint("整数", minimum, maximum))


def decimal(
    *, places: int, digits: int = 15, minimum: Decimal | int | None = None, maximum: Decimal | int | None = None
) -> Parser:
    """A decimal number of at most `places` decimals and `digits` digits in all.

    A number (as opposed to text) is rounded to `places`, since Excel stores 0.1 + 0.2 as 0.30000000000000004.
    """
    step = Decimal(1).scaleb(-places)

    def parse(cell: Cell) -> Decimal:
        value = _number(cell, "应为数字")
        if abs(value) >= Decimal(10) ** (digits - places):
            raise CellError(f"整数部分不能超过 {digits - places} 位")
        rounded = value.quantize(step)
        if rounded != value and isinstance(cell, str):
            raise CellError(f"小数不能超过 {places} 位")
        _within(rounded, minimum, maximum)
        return rounded

    return Parser(parse, _range_hint(f"数字，最多 {places} 位小数", minimum, maximum))


_DATE = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})[日号]?|(\d{4})(\d{2})(\d{2})", re.ASCII
)
_DATE_FORMS = "应为日期，如 2024-01-31、2024/1/31、20240131 或 2024年1月31日"
_SERIALS = range(18_264, 73_051)  # 1950-01-01 … 2099-12-31: outside it a number is more likely a slip than a date


def day(*, earliest: date | None = None, latest: date | None = None) -> Parser:
    """A date: an Excel date, an Excel date number (1950-2099), or one of the written forms; a time 00:00 is dropped."""

    def parse(cell: Cell) -> date:
        value = _day(cell)
        _within(value, earliest, latest)
        return value

    return Parser(parse, _DATE_FORMS.removeprefix("应为"))


def _day(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and int(cell) in _SERIALS:
        moment = from_serial(int(cell))
        assert isinstance(moment, date)
        return moment
    plain = re.sub(r"[ T]0{1,2}:00(:00(\.0+)?)?$", "", as_text(cell).translate(_HALF_WIDTH))
    found = _DATE.fullmatch("".join(plain.split()))
    if found is None:
        raise CellError(_DATE_FORMS)
    parts = [part for part in found.groups() if part and part.isdigit()]
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError as error:
        raise CellError("没有这一天") from error


def choice(labels: Mapping[str, str], *, aliases: Mapping[str, str] | None = None) -> Parser:
    """One of a closed list: `labels` maps code → Chinese label; code, label and `aliases` (word → code) are read."""
    known = {_folded(word).casefold(): code for word, code in (aliases or {}).items()}
    for code, label in labels.items():
        known[_folded(label).casefold()] = code
    for code in labels:
        known[_folded(code).casefold()] = code
    listed = shown("、".join(labels.values()), 120)

    def parse(cell: Cell) -> str:
        found = known.get(_folded(cell).casefold())
        if found is None:
            raise CellError(f"应为其中之一：{listed}")
        return found

    return Parser(parse, f"从列表中选择：{listed}", tuple(labels.values()))


_YES = frozenset(("是", "有", "对", "√", "y", "yes", "true", "1"))
_NO = frozenset(("否", "无", "没有", "×", "n", "no", "false", "0"))


def boolean() -> Parser:
    """是/否 and what people write instead."""

    def parse(cell: Cell) -> bool:
        word = _folded(cell).casefold()
        if word in _YES or word in _NO:
            return word in _YES
        raise CellError("应为“是”或“否”")

    return Parser(parse, "填“是”或“否”", ("是", "否"))


_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})", re.ASCII)
_LANDLINE = re.compile(r"(?:\+?86-?)?(0\d{2,3})-?([2-9]\d{6,7})(?:(?:-|转|ext\.?)(\d{1,6}))?", re.ASCII)
_SHORT = re.compile(r"[48]00\d{7}|[2-9]\d{6,7}|1\d{2,5}|9[56]\d{3}", re.ASCII)


def phone() -> Parser:
    """A mainland phone number: mobile as 11 digits, land line as 0xxx-xxxxxxx[-extension], service and local numbers.

    Source of the rule: 电信网编号计划 (2017年版), MIIT.
    """

    def parse(cell: Cell) -> str:
        plain = _folded(cell).translate(str.maketrans("‐‑–—−", "-----")).replace("(", "").replace(")", "-").strip("-")
        bare = plain.replace("-", "")
        if mobile := _MOBILE.fullmatch(bare):
            return mobile[1]
        # Excel drops the leading zero of a land line that was typed as a number.
        if isinstance(cell, int | float) and len(bare) in (10, 11) and not _SHORT.fullmatch(bare):
            plain = "0" + bare
        if line := _LANDLINE.fullmatch(plain) or _LANDLINE.fullmatch(bare):
            return "-".join(part for part in line.groups() if part)
        if _SHORT.fullmatch(bare):
            return bare
        raise CellError("应为手机号（11 位）或带区号的固定电话，如 13800138000、0757-88888888")

    return Parser(parse, "手机号或带区号的固定电话")


def longitude(*, west: float = 73.0, east: float = 136.0) -> Parser:
    """Degrees east as float; by default within China (73-136). Says so when it looks like a latitude."""
    return _degrees("经度", "纬度", west, east, 3.0, 54.0)


def latitude(*, south: float = 3.0, north: float = 54.0) -> Parser:
    """Degrees north as float; by default within China (3-54). Says so when it looks like a longitude."""
    return _degrees("纬度", "经度", south, north, 73.0, 136.0)


def _degrees(name: str, other: str, low: float, high: float, other_low: float, other_high: float) -> Parser:
    def parse(cell: Cell) -> float:
        value = float(_number(cell, f"{name}应为十进制度数，如 {low + 40:.6f}"))
        if low <= value <= high:
            return value
        hint = f"，与{other}可能填反" if other_low <= value <= other_high else ""
        raise CellError(f"{name}应在 {low:g} 至 {high:g} 之间{hint}")

    return Parser(parse, f"{name}，十进制度数，{low:g} 至 {high:g}")


def pattern(regex: str, message: str, *, upper: bool = False) -> Parser:
    """Text (folded, without spaces) that matches `regex` as a whole: codes of every kind."""
    compiled = re.compile(regex, re.ASCII)

    def parse(cell: Cell) -> str:
        value = _folded(cell)
        value = value.upper() if upper else value
        if not compiled.fullmatch(value):
            raise CellError(message)
        return value

    return Parser(parse, message)
