"""What was done to one row, in words, for the pages of those who see the row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from safegrid.accounts.services.rules import chain
from safegrid.console.county.labels import FIELDS, LISTS, VALUES, act
from safegrid.foundation import trace
from safegrid.regions import selectors as regions

MOST = 50
LONGEST = 120  # letters of one value


@dataclass(frozen=True)
class Entry:
    """One act, as a timeline shows it."""

    at: datetime
    title: str
    words: str
    who: str
    tone: str


def history(row: Any) -> list[Entry]:
    """Return the latest acts upon a row that the caller has found visible, the latest first."""
    # An account has no county: its acts stand in the trace of its place's.
    county = row.county if hasattr(row, "county") else chain(row.place)
    return entries(reversed(trace.rows_about(county, [row.pk], limit=MOST)))


def entries(rows: Iterable[Any]) -> list[Entry]:
    """Return rows of the trace in words, in their order."""
    return [
        Entry(row.at, act(row.action), in_words(row.changes), row.actor, "orange" if "unmask" in row.action else "blue")
        for row in rows
    ]


def in_words(changes: Mapping[str, Any]) -> str:
    """Return what changed as "label：before → after"; what has no label, is empty or stayed as it was is left out."""
    told = []
    for name, value in changes.items():
        label = FIELDS.get(name)
        if label is None or value in (None, "", [], {}):
            continue
        if not _is_change(name, value):
            told.append(f"{label}：{_shown(name, value)}")
        elif value[0] != value[1]:
            told.append(f"{label}：{_shown(name, value[0])} → {_shown(name, value[1])}")
    return "；".join(told)


def _is_change(name: str, value: Any) -> bool:
    """Say whether a value is a pair of before and after."""
    if not isinstance(value, list) or len(value) != 2 or all(isinstance(one, dict) for one in value):
        return False
    return name not in LISTS or not any(isinstance(one, str) for one in value)


def _shown(name: str, value: Any) -> str:
    if value in (None, "", []):
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if name in ("town", "village", "home_village", "place") and str(value).isdigit():
        return regions.name_of(str(value))
    if isinstance(value, list):
        return "、".join(str(one) for one in value)[:LONGEST]
    return VALUES.get(name, {}).get(str(value)) or str(value)[:LONGEST]
