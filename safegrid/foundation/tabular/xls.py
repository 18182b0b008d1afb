"""Reader of the old binary .xls through calamine, in a child process with bounded memory.

calamine unfolds every sheet of the file as soon as it opens it, so a small hostile file could fill the memory of the
server; in a child it can only end the child. Formulas cannot be told from values here: their stored results are read.
"""

import json
import subprocess  # our own module run by our own interpreter, without a shell
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, time
from pathlib import Path
from typing import Any

from .cell import Cell, Limits, RawRow, TabularError, clean_text

_MEMORY = 1536 * 1024**2
_ENCRYPTED = "文件已加密，请取消密码后再上传"
_DAMAGED = "这个 .xls 文件无法读取，请用 Excel/WPS 打开后另存为 .xlsx 再上传"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


class XlsSheet:
    """The first visible sheet of an .xls file as `RawRow`s. Also the place where encrypted .xlsx files end up."""

    expected_rows: int | None = None

    def __init__(self, path: Path, limits: Limits) -> None:
        """Raises TabularError: encrypted, too large, damaged."""
        self._limits = limits
        if path.stat().st_size > limits.max_xls_bytes:
            raise TabularError(".xls 文件过大，请另存为 .xlsx 再上传")
        if _ENCRYPTED_STREAM in path.read_bytes():
            raise TabularError(_ENCRYPTED)
        self._child = subprocess.Popen(  # noqa: S603
            [sys.executable, str(Path(__file__).with_name("xls_child.py")), str(path), str(_MEMORY)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            head = self._line()
            if head is None or "failed" in head:
                raise TabularError(_ENCRYPTED if head and head["failed"] == "password" else _DAMAGED)
        except BaseException:
            self.close()
            raise
        self.sheet_name: str = head["sheet"]
        self.other_sheets: list[str] = head["others"]

    def _line(self) -> Any:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        try:
            return json.loads(line) if line else None
        except ValueError as error:  # the child ended in the middle of a line
            raise TabularError(_DAMAGED) from error

    def __iter__(self) -> Iterator[RawRow]:
        while (row := self._line()) is not None:
            if row == "end":
                return
            number, cells = row
            if len(cells) > self._limits.max_columns:
                raise TabularError(f"列数超过 {self._limits.max_columns}，请删除多余的列再上传")
            yield RawRow(number, [_cell(cell) for cell in cells])
        raise TabularError(_DAMAGED)

    def close(self) -> None:
        with suppress(OSError):
            self._child.kill()
        self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        moment = datetime.fromisoformat(value["at"])
        return moment.date() if moment.time() == time.min else moment
    return int(value) if isinstance(value, float) and value.is_integer() else value
