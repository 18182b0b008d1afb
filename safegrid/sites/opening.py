"""Hours in which somebody is to be met at a site, the same every day: written as "08:00-11:30 13:00-20:00"."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

DAY = 24 * 60
MOST_SPANS = 3
FORM = "营业时间应写成 08:00-18:00，分段用空格隔开，如 08:00-11:30 13:00-20:00；过午夜写成 18:00-02:00；不清楚的留空"
_ALL_DAY = {"全天", "24小时", "24小时营业", "全天营业"}
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
# As people type them: full-width signs, words for "to", signs and spaces between two spans.
_SIGNS = str.maketrans({"：": ":", "～": "-", "~": "-", "—": "-", "–": "-", "－": "-", "至": "-", "到": "-", "，": " ", ",": " ",
                        "；": " ", ";": " ", "、": " ", "\u3000": " "})  # fmt: skip


def read_opening_hours(given: Any) -> str:
    """Return opening hours in the form in which they are kept; "" for unknown. Raises ``ValueError`` (Chinese)."""
    written = re.sub(r"\s*([:-])\s*", r"\1", re.sub(r"-+", "-", str(given or "").strip().translate(_SIGNS)))
    if written in _ALL_DAY:
        return "00:00-24:00"
    kept = []
    for part in written.split():
        match = _SPAN.fullmatch(part)
        if match is None:
            raise ValueError(FORM)
        hours, minutes = [int(match[1]), int(match[3])], [int(match[2]), int(match[4])]
        begins, ends = (60 * hour + minute for hour, minute in zip(hours, minutes, strict=True))
        if max(minutes) > 59 or begins >= DAY or ends > DAY or begins == ends:
            raise ValueError(FORM)
        kept.append((begins, ends))
    if len(kept) > MOST_SPANS:
        raise ValueError(f"营业时间最多分 {MOST_SPANS} 段")
    kept.sort()
    pieces = sorted(piece for span in kept for piece in _pieces(*span))
    if any(ends > begins for (_, ends), (begins, _) in pairwise(pieces)):
        raise ValueError("营业时间的各段互相重叠，请核对")
    return " ".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in kept)


def spans(opening_hours: str) -> tuple[tuple[int, int], ...]:
    """Return kept hours as (from, to) in minutes after midnight, one that passes midnight in two; none for unknown."""
    found = []
    for part in opening_hours.split():
        begins, ends = (int(one[:2]) * 60 + int(one[3:]) for one in part.split("-"))
        found += _pieces(begins, ends)
    return tuple(sorted(found))


def _pieces(begins: int, ends: int) -> list[tuple[int, int]]:
    return [(begins, ends)] if begins < ends else [piece for piece in ((begins, DAY), (0, ends)) if piece[0] < piece[1]]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
