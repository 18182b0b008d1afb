"""A list as a workbook: every filtered row, the user's name and the time on it, and a line in the trace."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect

from safegrid.foundation import clock, trace
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import write_workbook
from safegrid.foundation.web.columns import Column
from safegrid.foundation.web.handling import web_user

MOST = 200_000
BATCH = 1000
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export(
    request: HttpRequest,
    queryset: QuerySet[Any, Any],
    *,
    name: str,
    title: str,
    columns: Sequence[Column],
    order: Sequence[str],
    prepare: Callable[[list[Any]], None] | None,
    filters: dict[str, Any],
) -> HttpResponse:
    """Answer with the workbook; with a message and the list again where there are more than ``MOST`` rows."""
    if queryset.order_by()[: MOST + 1].count() > MOST:
        messages.error(request, f"符合条件的记录超过 {MOST:,} 条，请先缩小筛选范围再导出")
        query = request.GET.copy()
        query.pop("export", None)
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
    return export_rows(
        web_user(request), name=name, title=title, labels=[column.label for column in columns],
        rows=_rows(queryset.order_by(*order), columns, prepare), filters=filters,
    )  # fmt: skip


def export_rows(
    user: Actor,
    *,
    name: str,
    title: str,
    labels: Sequence[str],
    rows: Iterable[Sequence[Any]],
    filters: dict[str, Any],
    county: int | None = None,
) -> HttpResponse:
    """Answer with a workbook of rows that ``user`` was shown: marked with the user and the time, and in the trace.

    ``name``: ``context.things``, traced as ``context.export``; ``county``: whose trace tells of it, by default the user's own.
    """
    at = clock.now().astimezone(clock.SHANGHAI)
    with tempfile.TemporaryDirectory(prefix="safegrid-export-") as folder:
        path = Path(folder) / "export.xlsx"
        count = write_workbook(path, labels, iter(rows), f"{user.label} {at:%Y-%m-%d %H:%M}", banner=True)
        trace.record(
            acting_user=user,
            action=f"{name.split('.')[0]}.export",
            county=_county(user) if county is None else county,
            object_type=name,
            object_id=user.id,
            changes={"rows": count, "filters": filters},
        )
        # The open file outlives its name: it is gone when the last byte was sent.
        file = path.open("rb")
    name = f"{title}-{at:%Y%m%d-%H%M}.xlsx"
    # A streamed answer is no HttpResponse by type, but views and middleware treat it alike.
    return cast(HttpResponse, FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE))


def _rows(
    queryset: QuerySet[Any, Any], columns: Sequence[Column], prepare: Callable[[list[Any]], None] | None
) -> Iterator[list[Any]]:
    found = iter(queryset.iterator(chunk_size=BATCH))
    while batch := list(islice(found, BATCH)):
        if prepare is not None:
            prepare(batch)
        for row in batch:
            yield [column.read(row) for column in columns]


def _county(user: Actor) -> int:
    """Return the county whose trace tells of the export: the user's own, the platform's for those above counties."""
    counties = {holding.county for holding in user.holdings() if holding.county}
    return counties.pop() if len(counties) == 1 else trace.PLATFORM
