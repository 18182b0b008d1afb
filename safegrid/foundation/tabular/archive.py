"""Opening an .xlsx container: checks against bombs and damage, then its sheet list and date styles."""

import re
import zipfile
import zlib
from pathlib import Path
from posixpath import join, normpath
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from .cell import Limits, TabularError

DAMAGED = "文件不完整或已损坏，请重新下载，或用 Excel/WPS 打开后另存为 .xlsx 再上传"
_SMALL_PART = 16 * 1024**2  # workbook, relations and styles; the demo of a real county needs some kilobytes
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ParseError, DefusedXmlException)


class Archive:
    """The parts of a workbook, each checked before it is unpacked."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Raises TabularError when the container is damaged, is a bomb, or is not a workbook."""
        self._limits = limits
        try:
            self._zip = zipfile.ZipFile(path)
        except BROKEN as error:
            raise TabularError(DAMAGED) from error
        try:
            self._check()
        except BaseException:
            self._zip.close()
            raise

    def _check(self) -> None:
        limits = self._limits
        infos = self._zip.infolist()
        # zipfile never unpacks more than the declared size, so the declared sizes can be trusted as upper bounds.
        if len(infos) > 10_000 or sum(info.file_size for info in infos) > limits.max_unpacked_bytes:
            raise TabularError("文件解压后过大，已拒绝读取；请拆分成多个文件，或删除多余的工作表和图片后再上传")
        for info in infos:
            if info.file_size > limits.ratio_free_bytes and info.file_size > info.compress_size * limits.max_ratio:
                raise TabularError("文件压缩比异常（疑似压缩炸弹），已拒绝读取；请把数据复制到新建的工作簿后再上传")
            if info.flag_bits & 0x1:
                raise TabularError("文件已加密，请取消密码后再上传")
        names = set(self._zip.namelist())
        if "xl/workbook.bin" in names:
            raise TabularError("不支持 .xlsb 二进制工作簿，请另存为 .xlsx 再上传")
        if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
            raise TabularError("这不是 Excel 工作簿，请上传 .xlsx 或 .csv 文件")

    def has(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def size(self, name: str) -> int:
        return self._zip.getinfo(name).file_size

    def open(self, name: str) -> IO[bytes]:
        """Raises TabularError when the part is missing or damaged."""
        try:
            return self._zip.open(name)
        except (KeyError, *BROKEN) as error:
            raise TabularError(DAMAGED) from error

    def tree(self, name: str) -> Element:
        """A small part as a tree; entity and external references are refused (defusedxml)."""
        with self.open(name) as part:
            try:
                data = part.read(_SMALL_PART + 1)
                if len(data) > _SMALL_PART:
                    raise TabularError("工作簿的样式或目录过大，请把数据复制到新建的工作簿后再上传")
                root: Element = fromstring(data, forbid_dtd=True)
            except BROKEN as error:
                raise TabularError(DAMAGED) from error
        return root

    def close(self) -> None:
        self._zip.close()


def local(tag: str) -> str:
    """The name of a tag without its namespace (strict and transitional workbooks differ only there)."""
    return tag.rsplit("}", 1)[-1]


class Workbook:
    """Which part holds the first visible sheet, the base year of dates, and which styles show dates."""

    def __init__(self, archive: Archive) -> None:
        root = archive.tree("xl/workbook.xml")
        self.date1904 = any(
            local(node.tag) == "workbookPr" and node.get("date1904") in ("1", "true") for node in root.iter()
        )
        targets = self._targets(archive)
        visible = [
            (node.get("name", ""), target)
            for node in root.iter()
            if local(node.tag) == "sheet" and node.get("state", "visible") == "visible"
            if (target := targets.get(next((v for k, v in node.items() if local(k) == "id"), ""))) is not None
        ]
        if not visible:
            raise TabularError("工作簿里没有可见的工作表，请检查后再上传")
        self.sheet_name, self.sheet_part = visible[0]
        self.other_sheets = [name for name, _ in visible[1:]]
        self.date_styles = _date_styles(archive)

    @staticmethod
    def _targets(archive: Archive) -> dict[str, str]:
        found = {}
        for node in archive.tree("xl/_rels/workbook.xml.rels"):
            if node.get("Type", "").endswith("/worksheet"):
                target = node.get("Target", "")
                found[node.get("Id", "")] = target[1:] if target.startswith("/") else normpath(join("xl", target))
        return found


_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DURATION = re.compile(r"\[(h+|m+|s+)\]")
# ECMA-376 part 1, 18.8.30: 27-36 and 50-58 are the dates and times of Chinese, Japanese and Korean editions.
_BUILT_IN = {*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)}


def _shows_date(code: str) -> bool:
    """Whether a number format code shows a date or a time of day (durations such as [h]:mm stay numbers)."""
    code = code.split(";")[0].lower()
    if code in ("general", "g/通用格式") or _DURATION.search(code):
        return False
    return re.search(r"[ydmhs]|e(?![+-])", _LITERAL.sub("", code)) is not None


def _date_styles(archive: Archive) -> frozenset[str]:
    """The style indexes (as written in cells) that show a date or a time of day."""
    if not archive.has("xl/styles.xml"):
        return frozenset()
    root = archive.tree("xl/styles.xml")
    shows = dict.fromkeys(map(str, _BUILT_IN), True)
    for node in root.iter():
        if local(node.tag) == "numFmt":
            shows[node.get("numFmtId", "")] = _shows_date(node.get("formatCode", ""))
    formats = [node for group in root.iter() if local(group.tag) == "cellXfs" for node in group]
    return frozenset(str(i) for i, node in enumerate(formats) if shows.get(node.get("numFmtId", "0"), False))
