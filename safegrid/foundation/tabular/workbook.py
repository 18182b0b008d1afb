"""Excel and CSV exports, streamed row by row, safe to open, and marked with who took them out."""

import csv
import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from .cell import column_letters, neutralise
from .parsers import Parser
from .table import Column, Table

_SHEET_ROWS = 1_048_576
_CELL_CHARS = 32_767
_ZONE = ZoneInfo("Asia/Shanghai")  # the one legal time of the country
_TEMPLATE_ROWS = 100_000


@contextmanager
def _whole(path: str | Path) -> Iterator[Path]:
    """A temporary name beside `path`, moved there only when everything was written: no half files."""
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o640)
        part.replace(target)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def plain(value: object) -> str | int | float | date | None:
    """A value as an export shows it: text neutralised, booleans as 是/否, times as legal time without a zone mark."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.astimezone(_ZONE).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**15 else str(value)  # Excel keeps 15 digits
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    text = neutralise(str(value))
    return text if len(text) <= _CELL_CHARS else text[: _CELL_CHARS - 1] + "…"


class _Sheets:
    """Writes rows below a banner and a header, and begins another sheet when one is full."""

    def __init__(self, book: Any, titles: Sequence[str], watermark: str | None, banner: str | None) -> None:
        self._book, self._titles, self._watermark, self._banner = book, titles, watermark, banner
        self._head = book.add_format({"bold": True, "bg_color": "#DDE7F3", "border": 1})
        self._note = book.add_format({"italic": True, "font_color": "#9C0006"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._begin()

    def _begin(self) -> None:
        sheet = self._sheet = self._book.add_worksheet()
        self._row = 0
        if self._watermark:
            mark = self._watermark.replace("&", "&&")[:200]
            sheet.set_header(f"&C{mark}")
            sheet.set_footer(f"&L{mark}&R&P / &N")
        if self._banner:
            sheet.write_string(0, 0, neutralise(self._banner), self._note)
            self._row = 1
        for index, title in enumerate(self._titles):
            sheet.set_column(index, index, min(40, max(10, 2 * len(title) + 4)))
            sheet.write_string(self._row, index, neutralise(title), self._head)
        self._row += 1
        sheet.freeze_panes(self._row, 0)
        sheet.repeat_rows(self._row - 1)

    def write(self, values: Iterable[object]) -> None:
        if self._row >= _SHEET_ROWS:
            self._begin()
        sheet, row = self._sheet, self._row
        for index, value in enumerate(map(plain, values)):
            if isinstance(value, str):
                sheet.write_string(row, index, value)
            elif isinstance(value, datetime):
                sheet.write_datetime(row, index, value, self._moment)
            elif isinstance(value, date):
                sheet.write_datetime(row, index, value, self._date)
            elif value is not None:
                sheet.write_number(row, index, value)
        self._row += 1


def write_workbook(
    path: str | Path,
    titles: Sequence[str],
    rows: Iterable[Sequence[object]],
    watermark: str | None = None,
    *,
    banner: bool = False,
) -> int:
    """Stream `rows` into an .xlsx under `titles`; return how many were written.

    `watermark` (who, when) stands in the header and footer of every printed page, and with `banner` also in a line
    above the titles. Memory is constant; more rows than a sheet holds go on in further sheets. Nothing is left at
    `path` when `rows` raises.
    """
    count = 0
    with _whole(path) as part:
        book = xlsxwriter.Workbook(str(part), {"constant_memory": True})
        try:
            sheets = _Sheets(book, titles, watermark, watermark if banner else None)
            for row in rows:
                sheets.write(row)
                count += 1
        finally:
            book.close()
    return count


def write_csv(path: str | Path, titles: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Stream `rows` into a CSV (UTF-8 with mark, as Excel expects it); return how many were written."""
    count = 0
    with _whole(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([neutralise(title) for title in titles])
        for row in rows:
            writer.writerow(["" if value is None else value for value in map(plain, row)])
            count += 1
    return count


def template_workbook(table: Table, path: str | Path) -> None:
    """An empty .xlsx to fill in: titles (required ones marked *), help as comments, drop-down lists for closed choices.

    Columns of text are formatted as text, so that Excel keeps long codes and leading zeros.
    """
    with _whole(path) as part:
        book = xlsxwriter.Workbook(str(part))
        sheet = book.add_worksheet("数据")
        lists = book.add_worksheet("选项")
        lists.hide()
        bold = {"bold": True, "bg_color": "#DDE7F3", "border": 1}
        head, must = book.add_format(bold), book.add_format({**bold, "font_color": "#9C0006"})
        text, general = book.add_format({"num_format": "@"}), book.add_format()
        for index, column in enumerate(table.columns):
            labels = column.parse.labels if isinstance(column.parse, Parser) else ()
            hint = column.parse.hint if isinstance(column.parse, Parser) else ""
            is_text = hint.startswith(("文字", "手机号")) or not hint
            sheet.set_column(index, index, max(12, 2 * len(column.title) + 4), text if is_text else general)
            sheet.write_string(
                0, index, column.title + ("*" if column.required else ""), must if column.required else head
            )
            sheet.write_comment(0, index, _comment(column, hint), {"x_scale": 2})
            if labels:
                lists.write_column(0, index, labels)
                letters = column_letters(index)
                source = f"=选项!${letters}$1:${letters}${len(labels)}"
                sheet.data_validation(1, index, _TEMPLATE_ROWS, index, {"validate": "list", "source": source})
        sheet.freeze_panes(1, 0)
        book.close()


def _comment(column: Column, hint: str) -> str:
    also = "、".join(column.titles[1:])
    lines = ["必填" if column.required else "选填", column.help, hint, f"表头也可写作：{also}" if also else ""]
    return "\n".join(filter(None, lines))
