"""A sheet as a workbook: marked with who took it out and when, and in the trace."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, cast

from django.http import FileResponse, HttpResponse

from safegrid.foundation import clock, trace
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import write_workbook
from safegrid.foundation.web.export import MEDIA_TYPE
from safegrid.statistics.sheets import Asked, Column, Sheet
from safegrid.statistics.sheets.shape import Value


def workbook(user: Actor, asked: Asked, sheet: Sheet) -> HttpResponse:
    """Answer with the sheet, place and period beside every line; percentages as numbers out of a hundred."""
    at = clock.now().astimezone(clock.SHANGHAI)
    words = any(line.words for line in sheet.lines)
    heading = [
        sheet.head,
        *(_label(column) for column in sheet.columns),
        *(["说明"] if words else []),
        "地区",
        "起",
        "止",
    ]
    period = asked.period
    rows = [
        [line.label, *(_plain(line.values.get(column.key), column) for column in sheet.columns),
         *([line.words] if words else []), asked.place_name, period.since, period.until]
        for line in sheet.lines
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="safegrid-export-") as folder:
        path = Path(folder) / "figures.xlsx"
        write_workbook(path, heading, iter(rows), f"{user.label} {at:%Y-%m-%d %H:%M}", banner=True)
        changes: dict[str, Any] = {
            "rows": len(rows), "place": asked.place, "since": period.since, "until": period.until, "excused": asked.excused,
        }  # fmt: skip
        trace.record(acting_user=user, action="statistics.export", county=asked.county or trace.PLATFORM,
                     object_type=f"statistics.{sheet.name}", object_id=user.id, changes=changes)  # fmt: skip
        file = path.open("rb")  # outlives its name: gone when the last byte was sent
    name = f"{sheet.title}-{asked.place_name}-{at:%Y%m%d-%H%M}.xlsx"
    return cast(HttpResponse, FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE))


def _label(column: Column) -> str:
    return f"{column.label}（%）" if column.kind == "percent" else column.label


def _plain(value: Value, column: Column) -> Value:
    return round(value * 100, 1) if column.kind == "percent" and isinstance(value, int | float) else value
