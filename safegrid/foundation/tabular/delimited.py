"""Streaming reader of .csv and tab-separated text in UTF-8, UTF-16 (with mark) or GB18030."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from .cell import Limits, RawRow, TabularError, clean_text

_CHUNK = 1 << 20
_DELIMITERS = ",;\t，；"


def encoding_of(path: Path) -> str:
    """Read the file once to find an encoding that fits all of it. Raises TabularError when none does."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]  # what Excel calls "Unicode text"
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise TabularError("文件编码无法识别或文件不完整，请另存为“CSV UTF-8”或 .xlsx 再上传")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                if "\0" in decoder.decode(chunk):
                    raise TabularError("这不是 Excel 或 CSV 文件，请上传 .xlsx 或 .csv 文件")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def delimiter_of(line: str) -> str:
    """The delimiter that occurs most in the header line outside quotes; a comma for a single column."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    quoted = False
    for char in line:
        if char == '"':
            quoted = not quoted
        elif char in counts and not quoted:
            counts[char] += 1
    best = max(counts, key=lambda char: counts[char])
    return best if counts[best] else ","


class DelimitedSheet:
    """A delimited text file as `RawRow`s of trimmed text. Row numbers count records, as a spreadsheet shows them."""

    sheet_name = ""
    expected_rows: int | None = None

    def __init__(self, path: Path, limits: Limits) -> None:
        """Raises TabularError."""
        self._limits = limits
        self.other_sheets: list[str] = []
        self._file = path.open(encoding=encoding_of(path), newline="")
        self._delimiter = self._find_delimiter()

    def _find_delimiter(self) -> str:
        best = ","
        for _ in range(10):  # a banner may stand before the header
            line = self._file.readline(self._limits.max_columns * 200)
            found = delimiter_of(line)
            if found in line:
                best = found
                break
        self._file.seek(0)
        return best

    def __iter__(self) -> Iterator[RawRow]:
        limits, count, number = self._limits, 0, 0
        reader = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)
        try:
            for number, record in enumerate(reader, start=1):
                cells = [clean_text(text) if text else None for text in record]
                while cells and cells[-1] is None:
                    cells.pop()
                if not cells:
                    continue
                count += 1
                if count > limits.max_rows:
                    raise TabularError(f"文件超过 {limits.max_rows} 行，请拆分成多个文件再上传")
                if len(cells) > limits.max_columns:
                    raise TabularError(f"第 {number} 行列数超过 {limits.max_columns}，请删除多余的列再上传")
                if any(len(cell) > limits.max_text for cell in cells if cell):
                    raise TabularError(f"第 {number} 行有文字超过 {limits.max_text} 字，请缩短后再上传")
                yield RawRow(number, list(cells))
        except csv.Error as error:
            raise TabularError(f"第 {number + 1} 行的引号不成对或文件不完整，请改正后再上传") from error

    def _lines(self) -> Iterator[str]:
        """Lines of bounded length, so that a file without line ends is refused instead of filling memory."""
        longest = self._limits.max_columns * 1_000 + self._limits.max_text * 8
        while line := self._file.readline(longest):
            if len(line) >= longest:
                raise TabularError("有一行文字过长，文件可能不是表格，请检查后再上传")
            yield line

    def close(self) -> None:
        self._file.close()
