"""The indices of a period by town, department or kind, each figure leading to the cases behind it."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.cases import indices, words
from safegrid.cases.web.common import refuse_strangers, to_one_county
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import write_workbook
from safegrid.foundation.web import web_user
from safegrid.foundation.web.export import MEDIA_TYPE
from safegrid.handbook import selectors as handbook
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions

# How figures may be grouped on the page, and by which filter of the list a line's cases are found.
GROUPS = {"town": ("乡镇（街道）", "place"), "department": ("主办部门", "department"), "kind": ("隐患类别", "kind"),
          "severity": ("严重程度", "severity"), "channel": ("来源渠道", "channel")}  # fmt: skip


@login_required
@require_GET
def somewhere(request: HttpRequest) -> HttpResponse:
    return to_one_county(request, web_user(request), "cases:indices", "案件指标", *indices.READERS)


@login_required
@require_GET
def figures(request: HttpRequest, county: int) -> HttpResponse:
    """The page; with ``?export=xlsx`` the workbook."""
    user = web_user(request)
    refuse_strangers(user, county, *indices.READERS)
    since, until, problem = _period(request)
    by = request.GET.get("by", "town")
    by = by if by in GROUPS else "town"
    excused = request.GET.get("excused") == "yes"
    try:
        lines = indices.indices(user, county, since=since, until=until, by=by, excused=excused)
        total = indices.indices(user, county, since=since, until=until, excused=excused)[0]
    except InvalidInput as error:
        lines, total, problem = [], None, error.message
    names = _names(county, by, [line.key for line in lines])
    rows = [(names.get(str(line.key), str(line.key or "未定")), line, _link(county, by, line.key, since, until))
            for line in lines]  # fmt: skip
    if total is not None:
        rows.append(("合计", total, _link(county, "", None, since, until)))
    if request.GET.get("export") == "xlsx":
        return _export(user, county, by, rows, {"since": since, "until": until, "excused": excused})
    query = {"by": by, "since": since, "until": until, **({"excused": "yes"} if excused else {}), "export": "xlsx"}
    context = {
        "county": county, "since": since, "until": until, "by": by, "excused": excused, "problem": problem,
        "groups": [(name, label) for name, (label, _) in GROUPS.items()], "heading": GROUPS[by][0],
        "indices": indices.INDICES, "rows": [_row(*row) for row in rows], "export_url": "?" + urlencode(query),
    }  # fmt: skip
    return render(request, "cases/indices.html", context)


def _period(request: HttpRequest) -> tuple[date, date, str]:
    """Return the days asked for: by default from the first of last month to today."""
    today = clock.today()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    try:
        since = date.fromisoformat(request.GET.get("since") or first.isoformat())
        until = date.fromisoformat(request.GET.get("until") or today.isoformat())
    except ValueError:
        return first, today, "日期应如 2025-03-01，已按默认时段显示"
    if since > until:
        return first, today, "开始日期晚于结束日期，已按默认时段显示"
    return since, until, ""


def _names(county: int, by: str, keys: list[Any]) -> dict[str, str]:
    if by == "town":
        return dict(regions.names_of(str(key) for key in keys))
    if by == "department":
        return {str(key): name for key, name in orgs.names_of(county, keys).items()}
    return {"kind": handbook.kind_names(county), "severity": words.SEVERITIES, "channel": words.CHANNELS}[by]


def _link(county: int, by: str, key: Any, since: date, until: date) -> str:
    """Return the address of the list with the cases of a line."""
    query: dict[str, Any] = {"reported_at_from": since, "reported_at_to": until}
    if by and key:
        query[GROUPS[by][1]] = key
    return reverse("cases:county", args=[county]) + "?" + urlencode(query)


def _percent(rate: float | None) -> str:
    return "—" if rate is None else f"{rate * 100:.1f}%"


def _row(label: str, line: indices.Line, url: str) -> dict[str, Any]:
    cells = []
    for index in indices.INDICES:
        over, under = line.counts[index.over], line.counts[index.under]
        cells.append((index.label, _percent(line.rate(index.name)), f"{over}/{under}"))
    return {"label": label, "url": url, "reported": line.counts["reported"], "cells": cells,
            "overdue": line.counts[indices.OVERDUE_NOW]}  # fmt: skip


def _export(user: Actor, county: int, by: str, rows: list[Any], given: dict[str, Any]) -> HttpResponse:
    """Return the figures as a marked and traced workbook."""
    at = clock.now().astimezone(clock.SHANGHAI)
    heading = [GROUPS[by][0], "上报数", *(one.label for one in indices.INDICES), "当前超期数"]
    table = [[label, line.counts["reported"], *(_percent(line.rate(one.name)) for one in indices.INDICES),
              line.counts[indices.OVERDUE_NOW]] for label, line, _ in rows]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="safegrid-export-") as folder:
        path = Path(folder) / "indices.xlsx"
        write_workbook(path, heading, iter(table), f"{user.label} {at:%Y-%m-%d %H:%M}", banner=True)
        trace.record(acting_user=user, action="cases.export", county=county, object_type="cases.indices",
                     object_id=user.id, changes={**given, "by": by, "rows": len(table)})  # fmt: skip
        file = path.open("rb")  # outlives its name: gone when the last byte was sent
    name = f"案件指标-{at:%Y%m%d-%H%M}.xlsx"
    return cast(HttpResponse, FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE))
