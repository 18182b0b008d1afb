"""The shared strings of a workbook, held compactly: a million rows may bring many millions of them."""

import os
import re
import tempfile
from array import array
from typing import IO
from xml.parsers import expat

from .archive import DAMAGED
from .cell import Limits, TabularError

_IN_MEMORY = 128 * 1024**2
_CHUNK = 1 << 18
_MAX_LAG = 4 * 1024**2
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Undo the _xHHHH_ writing of characters that XML cannot carry (ECMA-376 part 1, 22.9.2.19)."""
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def feed(parser: expat.XMLParserType, data: bytes, fed: int) -> int:
    """Parse one chunk and return the bytes fed so far.

    Raises TabularError for damaged XML, and for a single token of megabytes (expat would hold it and rescan it).
    """
    try:
        parser.Parse(data, not data)
    except expat.ExpatError as error:
        raise TabularError(DAMAGED) from error
    fed += len(data)
    if data and fed - parser.CurrentByteIndex > _MAX_LAG:
        raise TabularError(DAMAGED)
    return fed


def new_parser() -> expat.XMLParserType:
    """An expat parser that refuses document types, and with them every entity trick."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 16

    def refuse(*_: object) -> None:
        raise TabularError("工作簿含有不允许的外部定义，请把数据复制到新建的工作簿后再上传")

    parser.StartDoctypeDeclHandler = refuse
    return parser


class SharedStrings:
    """`strings[i]`: UTF-8 in one block of memory up to 128 MB, the rest in a temporary file."""

    def __init__(self) -> None:
        self._ends = array("Q", [0])
        self._head = bytearray()
        self._tail: IO[bytes] | None = None

    def add(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        if self._tail is None and len(self._head) + len(data) <= _IN_MEMORY:
            self._head += data
        else:
            if self._tail is None:
                self._tail = tempfile.TemporaryFile(prefix="safegrid-strings-")  # noqa: SIM115 - closed in close()
            self._tail.write(data)
        self._ends.append(self._ends[-1] + len(data))

    def flush(self) -> None:
        if self._tail is not None:
            self._tail.flush()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> str:
        """Raises IndexError outside 0 … len-1."""
        if not 0 <= index < len(self._ends) - 1:
            raise IndexError(index)
        start, end = self._ends[index], self._ends[index + 1]
        held = len(self._head)
        if start >= held and self._tail is not None:
            return os.pread(self._tail.fileno(), end - start, start - held).decode()
        return self._head[start:end].decode()

    def close(self) -> None:
        if self._tail is not None:
            self._tail.close()


def read_strings(part: IO[bytes], limits: Limits) -> SharedStrings:
    """Stream sharedStrings.xml. Phonetic guides (rPh) are not text. Raises TabularError."""
    strings = SharedStrings()
    pieces: list[str] = []
    state = {"text": False, "phonetic": 0, "chars": 0, "depth": 0}

    def start(name: str, _attributes: dict[str, str]) -> None:
        state["depth"] += 1
        if state["depth"] > 32:
            raise TabularError(DAMAGED)
        name = name.rpartition(":")[2]
        if name == "si":
            pieces.clear()
            state["chars"] = 0
        elif name == "rPh":
            state["phonetic"] += 1
        elif name == "t":
            state["text"] = not state["phonetic"]

    def end(name: str) -> None:
        state["depth"] -= 1
        name = name.rpartition(":")[2]
        if name == "t":
            state["text"] = False
        elif name == "rPh":
            state["phonetic"] -= 1
        elif name == "si":
            strings.add(unescape("".join(pieces)))
            if len(strings) > limits.max_strings:
                raise TabularError("文件里的文字单元格过多，请拆分成多个文件再上传")

    def characters(data: str) -> None:
        if state["text"]:
            state["chars"] += len(data)
            # One over the limit is kept, so that the reader of the cell sees that it is too long.
            if state["chars"] <= limits.max_text + len(data):
                pieces.append(data)

    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    fed = 0
    try:
        while chunk := part.read(_CHUNK):
            fed = feed(parser, chunk, fed)
        feed(parser, b"", fed)
    except BaseException:
        strings.close()
        raise
    strings.flush()
    return strings
