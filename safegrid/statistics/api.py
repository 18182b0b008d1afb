"""The figures over the API: the same sheets as on the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from safegrid.foundation.api import current_user
from safegrid.foundation.errors import NotVisible
from safegrid.statistics import selectors

router = Router()


class ColumnOut(Schema):
    """``kind``: text, number, percent (a share: 0.93) or days."""

    key: str
    label: str
    kind: str


class LineOut(Schema):
    """``values`` by the columns' keys; null where there is nothing to take a share of. ``place``: the part that it speaks of."""

    key: str
    label: str
    place: str
    words: str
    values: dict[str, int | float | str | None]


class SheetOut(Schema):
    """One sheet of figures. ``as_of``: they say what the rows said then; null where nothing was summed yet."""

    name: str
    title: str
    place: str
    place_name: str
    since: date
    until: date
    excused: bool
    as_of: datetime | None
    note: str
    columns: list[ColumnOut]
    lines: list[LineOut]


class SheetName(Schema):
    name: str


@router.get("/statistics", response=list[SheetName], summary="统计表名录")
def list_sheets(request: HttpRequest) -> Any:
    """The names under which figures are to be had. Raises 403 for roles that read none."""
    selectors.asked(current_user(request))
    return [{"name": name} for name in selectors.SHEETS]


@router.get("/statistics/{name}", response=SheetOut, summary="统计表")
def get_sheet(
    request: HttpRequest, name: str, place: str | None = None, since: date | None = None, until: date | None = None,
    excused: bool = False,
) -> Any:  # fmt: skip
    """``place``: a code of 2, 4, 6, 9 or 12 digits, "" for the nation; by default the user's own. Periods include both days."""
    if name not in selectors.SHEETS:
        raise NotVisible("没有这张统计表")
    asked = selectors.asked(current_user(request), place, since, until, excused=excused)
    sheet = selectors.sheets(asked, name)[name]
    return {
        "name": name,
        "title": sheet.title,
        "place": asked.place,
        "place_name": asked.place_name,
        "since": asked.period.since,
        "until": asked.period.until,
        "excused": excused,
        "as_of": selectors.as_of(asked),
        "note": sheet.note,
        "columns": [{"key": one.key, "label": one.label, "kind": one.kind} for one in sheet.columns],
        "lines": [
            {"key": one.key, "label": one.label, "place": one.place, "words": one.words, "values": dict(one.values)}
            for one in sheet.lines
        ],
    }
