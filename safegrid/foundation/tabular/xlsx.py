"""Streaming reader of .xlsx: expat over the first visible sheet, memory flat in the number of rows.

Measured on 100,000 rows x 15 columns: openpyxl's read-only mode 15-18 s; python-calamine 1.5 s, but 1.3 GB for
1,000,000 rows since it holds the sheet. This reader: 6-7 s, and 33 MB for 1,000,000 rows with
inline text, 165 MB with four million shared strings in shuffled order.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO
from xml.parsers.expat import XMLParserType

from .archive import BROKEN, DAMAGED, Archive, Workbook
from .cell import Cell, Limits, RawRow, TabularError, clean_text, column_letters
from .strings import SharedStrings, feed, new_parser, read_strings, unescape

_CHUNK = 1 << 17
_MAX_SERIAL = 2_958_465  # 9999-12-31
Convert = Callable[[str, str | None, str | None], Cell]


def from_serial(serial: float, *, date1904: bool = False) -> Cell:
    """An Excel date number as a date, a datetime when it carries a time of day, or 'HH:MM:SS' text below one day.

    What is no date in Excel (negative, after 9999) stays a number.
    """
    if serial < 0 or serial > _MAX_SERIAL:
        return serial
    days, seconds = divmod(round(serial * 86_400), 86_400)
    if days == 0 and not date1904:
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    # Excel counts a 29 February 1900 that never was: numbers up to 60 are one day behind.
    base = date(1904, 1, 1) if date1904 else date(1899, 12, 30) if days > 60 else date(1899, 12, 31)
    day = base + timedelta(days=days)
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds) if seconds else day  # noqa: DTZ001


def as_number(text: str) -> int | float:
    """Raises ValueError for what is no finite number."""
    number = float(text)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError(text)
    if number.is_integer() and abs(number) < 1e18:
        try:
            return int(text)
        except ValueError:
            return int(number)
    return number


def _converter(strings: SharedStrings | None, book: Workbook) -> Convert:
    date_styles, date1904 = book.date_styles, book.date1904

    def convert(text: str, kind: str | None, style: str | None) -> Cell:
        if kind == "s":
            if strings is None:
                raise TabularError(DAMAGED)
            return clean_text(strings[int(text)])
        if kind is None or kind == "n":
            if not text.strip():
                return None
            number = as_number(text)
            return from_serial(number, date1904=date1904) if style in date_styles else number
        if kind == "b":
            return "是" if text.strip() == "1" else "否"
        if kind == "d":
            moment = datetime.fromisoformat(text.strip())
            return moment if moment.time() != datetime.min.time() else moment.date()
        return clean_text(unescape(text))  # inline text, the text of a formula, or an error such as #N/A

    return convert


def _column(reference: str) -> int:
    """'C12' → 2. Raises ValueError."""
    index = 0
    for char in reference:
        if "A" <= char <= "Z":
            index = index * 26 + ord(char) - 64
        else:
            break
        if index > 20_000:
            break
    if not index:
        raise ValueError(reference)
    return index - 1


class _SheetHandler:
    """Collects finished rows in `rows` while expat walks over the sheet."""

    def __init__(self, convert: Convert, limits: Limits) -> None:
        self.rows: list[RawRow] = []
        self.expected_rows: int | None = None
        self._convert, self._limits = convert, limits
        self._columns: dict[str, int] = {}  # letters → index; never more than max_columns entries
        self._number = self._count = 0
        self._cells: list[Cell] = []
        self._refused: list[tuple[int, str]] = []
        self._in_row = self._in_cell = self._capture = self._formula = False
        self._at = -1
        self._kind: str | None = None
        self._style: str | None = None
        self._pieces: list[str] = []
        self._chars = self._depth = self._phonetic = 0

    def attach(self, parser: XMLParserType) -> None:
        """Bind to a parser. The prefix of the root (some producers write `x:worksheet`) holds for the whole part."""

        def root(name: str, _attributes: dict[str, str]) -> None:
            prefix = name.removesuffix("worksheet")
            self._c, self._v, self._f, self._t, self._row = (prefix + n for n in ("c", "v", "f", "t", "row"))
            self._rph, self._dimension = prefix + "rPh", prefix + "dimension"
            self._depth = 1
            parser.StartElementHandler, parser.EndElementHandler = self._start, self._end

        parser.StartElementHandler = root
        parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._c:
            self._start_cell(attributes)
        elif name == self._v:
            if self._capture:
                raise TabularError(DAMAGED)
            self._capture = self._in_cell
        elif name == self._row:
            self._start_row(attributes)
        elif name == self._f:
            self._formula = True
        elif name == self._t:
            self._capture = self._in_cell and not self._phonetic
        else:
            self._depth += 1
            if self._depth > 64:  # a sheet is a shallow tree; expat keeps every open tag in memory
                raise TabularError(DAMAGED)
            if name == self._rph:
                self._phonetic += 1
            elif name == self._dimension:
                last = attributes.get("ref", "").rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
                self.expected_rows = int(last) if last.isdecimal() else None

    def _start_row(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "")
        number = int(reference) if reference.isdecimal() and len(reference) < 10 else self._number + 1
        if self._in_row or number <= self._number:
            raise TabularError(DAMAGED)
        self._in_row, self._number, self._at = True, number, -1
        self._cells, self._refused = [], []

    def _start_cell(self, attributes: dict[str, str]) -> None:
        if self._in_cell or not self._in_row:
            raise TabularError(DAMAGED)
        self._in_cell, self._formula = True, False
        get = attributes.get
        self._kind, self._style = get("t"), get("s")
        reference = get("r")
        if reference is None:
            self._at += 1
        else:
            letters = reference.rstrip("0123456789")
            at = self._columns.get(letters)
            if at is None:
                try:
                    at = _column(letters)
                except ValueError as error:
                    raise TabularError(DAMAGED) from error
                if at < self._limits.max_columns:
                    self._columns[letters] = at
            self._at = at

    def _characters(self, data: str) -> None:
        if self._capture:
            self._chars += len(data)
            if self._chars > self._limits.max_text:
                raise TabularError(f"{self._name()} 的文字超过 {self._limits.max_text} 字，请缩短后再上传")
            self._pieces.append(data)

    def _end(self, name: str) -> None:
        if name == self._v or name == self._t:
            self._capture = False
        elif name == self._c:
            self._end_cell()
        elif name == self._row:
            self._in_row = False
            if any(cell is not None for cell in self._cells):
                self._count += 1
                if self._count > self._limits.max_rows:
                    raise TabularError(f"文件超过 {self._limits.max_rows} 行，请拆分成多个文件再上传")
                self.rows.append(RawRow(self._number, self._cells, self._refused))
        elif name != self._f:
            self._depth -= 1
            if name == self._rph:
                self._phonetic -= 1

    def _end_cell(self) -> None:
        self._in_cell = False
        value: Cell = None
        if self._pieces:
            try:
                value = self._convert("".join(self._pieces), self._kind, self._style)
            except (ValueError, IndexError, OverflowError) as error:
                raise TabularError(f"{self._name()} 的内容无法识别；{DAMAGED}") from error
            self._pieces.clear()
            self._chars = 0
        if self._formula:
            self._refused.append((self._at, f"{self._name()} 含公式，请粘贴为数值"))
        elif self._kind == "e":
            self._refused.append((self._at, f"{self._name()} 是错误值 {value}，请改正"))
        if value is None and not self._formula:
            return
        if self._at >= self._limits.max_columns:
            raise TabularError(f"列数超过 {self._limits.max_columns}，请删除多余的列再上传")
        cells = self._cells
        missing = self._at - len(cells)
        if missing < 0:
            raise TabularError(DAMAGED)  # two cells in one place, or cells out of order
        if missing:
            cells.extend([None] * missing)
        # A formula without a stored result still makes the row a row: it must be refused, not skipped.
        cells.append("" if value is None else value)

    def _name(self) -> str:
        return f"{column_letters(self._at)}{self._number}"


class XlsxSheet:
    """The first visible sheet of a workbook as `RawRow`s. Iterate once; close when done."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Raises TabularError."""
        self._limits = limits
        self._archive = Archive(path, limits)
        self._strings: SharedStrings | None = None
        try:
            self._book = Workbook(self._archive)
            if self._archive.has("xl/sharedStrings.xml"):
                with self._archive.open("xl/sharedStrings.xml") as part:
                    self._strings = read_strings(part, limits)
            self._handler = _SheetHandler(_converter(self._strings, self._book), limits)
        except (*BROKEN, TabularError) as error:
            self.close()
            raise error if isinstance(error, TabularError) else TabularError(DAMAGED) from error
        self.sheet_name, self.other_sheets = self._book.sheet_name, self._book.other_sheets

    @property
    def expected_rows(self) -> int | None:
        """What the sheet says of its size, once reading has begun; a hint for progress bars only."""
        return self._handler.expected_rows

    def __iter__(self) -> Iterator[RawRow]:
        parser = new_parser()
        self._handler.attach(parser)
        with self._archive.open(self._book.sheet_part) as part:
            fed = 0
            while chunk := _read(part):
                fed = feed(parser, chunk, fed)
                yield from self._take()
            feed(parser, b"", fed)
            yield from self._take()

    def _take(self) -> list[RawRow]:
        rows, self._handler.rows = self._handler.rows, []
        return rows

    def close(self) -> None:
        """Release the file and the temporary strings."""
        self._archive.close()
        if self._strings is not None:
            self._strings.close()


def _read(part: IO[bytes]) -> bytes:
    try:
        return part.read(_CHUNK)
    except BROKEN as error:
        raise TabularError(DAMAGED) from error
