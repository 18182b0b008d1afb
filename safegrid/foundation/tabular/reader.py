"""`read_rows`: any supported file as a stream of `SourceRow`s keyed by header titles."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from .cell import Cell, CellProblem, Limits, RawRow, RawSheet, SourceRow, TabularError, column_letters, shown
from .delimited import DelimitedSheet
from .xls import XlsSheet
from .xlsx import XlsxSheet

_HEADER_SEARCH = 10
EXTRA_TITLES = ("行号", "问题")  # added by the workbook of refused rows, ignored when it comes back
_DROPPED = str.maketrans("", "", " *:_\t\r\n")


def normal_title(title: str) -> str:
    """A header title as compared: full-width folded, without spaces, colons, underscores and the mark of required."""
    return unicodedata.normalize("NFKC", title).translate(_DROPPED).casefold()


def read_rows(path: str | Path, *, limits: Limits | None = None) -> "RowReader":
    """Open a .xlsx, .xls, .csv or tab-separated file (told apart by content, not by name) and stream its data rows.

    The result is an iterator of `SourceRow` that also knows `header`, `sheet_name`, `other_sheets` (not read) and
    `expected_rows` (a hint), and is a context manager. Raises TabularError, here or while iterating.
    """
    path, limits = Path(path), limits or Limits()
    return RowReader(_open(path, limits))


def _open(path: Path, limits: Limits) -> RawSheet:
    size = path.stat().st_size
    if not size:
        raise TabularError("文件是空的，请检查后再上传")
    if size > limits.max_file_bytes:
        raise TabularError(f"文件超过 {limits.max_file_bytes // 1024**2} MB，请拆分成多个文件再上传")
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"PK"):
        return XlsxSheet(path, limits)
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return XlsSheet(path, limits)
    if start.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
    ):
        raise TabularError("这不是 Excel 或 CSV 文件，请上传 .xlsx 或 .csv 文件")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise TabularError(
            "这是网页或 XML 文件（有些系统导出的 .xls 其实是网页），请用 Excel/WPS 打开后另存为 .xlsx 再上传"
        )
    return DelimitedSheet(path, limits)


class RowReader(Iterator[SourceRow]):
    """The data rows of one sheet, streamed."""

    def __init__(self, sheet: RawSheet) -> None:
        self._sheet = sheet
        try:
            self._raw = iter(sheet)
            header, first = _find_header(self._raw)
            self.header_row = header.number
            self._titles = _titles(header)
        except BaseException:
            sheet.close()
            raise
        self._raw = chain(first, self._raw)
        self.header: list[str] = [title for title in self._titles if title]
        self._blank = dict.fromkeys(self.header)
        self.sheet_name, self.other_sheets = sheet.sheet_name, sheet.other_sheets

    @property
    def expected_rows(self) -> int | None:
        return self._sheet.expected_rows

    def __next__(self) -> SourceRow:
        try:
            raw = next(self._raw)
        except BaseException:  # StopIteration too: the file is done with either way
            self.close()
            raise
        titles, cells = self._titles, raw.cells
        values: dict[str, Cell] = {**self._blank, **dict(zip(titles, cells, strict=False))}
        values.pop("", None)
        row = SourceRow(raw.number, values)
        if raw.refused:
            row.problems.extend(self._refused(raw))
        if len(cells) > len(titles) or "" in titles:
            row.problems.extend(self._untitled(raw))
        return row

    def _refused(self, raw: RawRow) -> Iterator[CellProblem]:
        for index, message in raw.refused:
            title = self._titles[index] if index < len(self._titles) else ""
            yield CellProblem(raw.number, title, shown(raw.cells[index]), message)

    def _untitled(self, raw: RawRow) -> Iterator[CellProblem]:
        """Values under no title would vanish silently; and in CSV they are the sign of a comma inside a value."""
        for index, value in enumerate(raw.cells):
            if value not in (None, "") and (index >= len(self._titles) or not self._titles[index]):
                place = f"{column_letters(index)}{raw.number}"
                yield CellProblem(raw.number, "", shown(value), f"{place} 所在的列没有表头，请补上表头或清空该单元格")

    def close(self) -> None:
        self._sheet.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _find_header(rows: Iterator[RawRow]) -> tuple[RawRow, Sequence[RawRow]]:
    """The header is the first of the leading rows with two or more cells filled (a banner has one), else the first."""
    seen: list[RawRow] = []
    for row in rows:
        seen.append(row)
        if sum(cell not in (None, "") for cell in row.cells) > 1:
            return row, []
        if len(seen) == _HEADER_SEARCH:
            break
    if not seen:
        raise TabularError("文件里没有内容，请按模板填写后再上传")
    return seen[0], seen[1:]


def _titles(header: RawRow) -> list[str]:
    """Titles by position, '' where the header is blank. Raises TabularError for repeated titles."""
    places: dict[str, str] = {}
    titles: list[str] = []
    for index, cell in enumerate(header.cells):
        title = " ".join(str(cell).split()) if cell is not None else ""
        key, place = normal_title(title), f"{column_letters(index)}{header.number}"
        if key and key in places:
            raise TabularError(f"表头“{title}”重复（{places[key]} 和 {place}），请删除或改名其中一列")
        places[key] = place
        titles.append(title if key else "")
    return titles
