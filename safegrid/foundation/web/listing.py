"""Pages of lists: filters kept in the URL, pages by key, and the same rows as a marked and traced workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.keyset import Slice, read_slice
from safegrid.foundation.web.columns import Cell, Column
from safegrid.foundation.web.export import export
from safegrid.foundation.web.filters import Filter, FilterField, UnreadableError

PAGE = 50
Prepare = Callable[[list[Any]], None]


@dataclass(frozen=True)
class ListRow:
    """One line: its cells, and the row they come from."""

    cells: list[Cell]
    row: Any


@dataclass(frozen=True)
class ListPage:
    """Everything ``console/list.html`` prints. URLs are empty where there is nothing to go to; they begin with "?"."""

    title: str
    columns: list[Column]
    rows: list[ListRow]
    fields: list[FilterField]
    problems: list[str]
    is_filtered: bool
    next_url: str
    previous_url: str
    first_url: str
    export_url: str
    empty: str
    extra: dict[str, Any] = field(default_factory=dict)


def list_page(
    request: HttpRequest,
    queryset: QuerySet[Any, Any],
    *,
    title: str,
    columns: Sequence[Column],
    order: Sequence[str],
    filters: Sequence[Filter] = (),
    export_name: str = "",
    prepare: Prepare | None = None,
    page_size: int = PAGE,
    empty: str = "没有符合条件的记录",
    template: str = "console/list.html",
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    """Answer a request for a list: the page, or with ``?export=xlsx`` the workbook of all filtered rows.

    ``queryset``: what the user may see (``visible(user)``). ``order``: unique, as in ``paginate``. ``export_name``:
    ``context.things``, traced as ``context.export``; empty means no export. ``prepare`` gets every batch of rows before it
    is shown, to fetch names and such for all of them at once. The template gets ``page`` (``ListPage``) and ``extra``.
    """
    given = request.GET
    kept, narrowed, problems = _narrow(queryset, filters, given)
    if export_name and given.get("export") == "xlsx":
        return export(
            request,
            narrowed,
            name=export_name,
            title=title,
            columns=[column for column in columns if column.in_export],
            order=order,
            prepare=prepare,
            filters=kept.dict(),
        )
    page = list_context(
        narrowed,
        given,
        kept,
        title=title,
        columns=[column for column in columns if column.on_page],
        order=order,
        filters=filters,
        problems=problems,
        can_export=bool(export_name),
        prepare=prepare,
        page_size=page_size,
        empty=empty,
        extra=extra or {},
    )
    return render(request, template, {"page": page, **page.extra})


def list_context(
    queryset: QuerySet[Any, Any],
    given: QueryDict,
    kept: QueryDict,
    *,
    title: str,
    columns: list[Column],
    order: Sequence[str],
    filters: Sequence[Filter],
    problems: list[str],
    can_export: bool,
    prepare: Prepare | None,
    page_size: int,
    empty: str,
    extra: dict[str, Any],
) -> ListPage:
    """Return one page of rows already narrowed. ``kept``: the parameters of the filters alone."""
    try:
        part: Slice[Any] = read_slice(queryset, order=order, limit=page_size, cursor=given.get("cursor", ""))
    except InvalidInput as error:
        problems = [*problems, error.message]
        part = read_slice(queryset, order=order, limit=page_size)
    if prepare is not None and part.items:
        prepare(part.items)
    return ListPage(
        title=title,
        columns=columns,
        rows=[ListRow([column.cell(row) for column in columns], row) for row in part.items],
        fields=[shown for one in filters for shown in one.fields(given)],
        problems=problems,
        is_filtered=bool(kept),
        next_url=_url(kept, cursor=part.next) if part.next else "",
        previous_url=_url(kept, cursor=part.previous) if part.previous else "",
        first_url=_url(kept) if part.previous else "",
        export_url=_url(kept, export="xlsx") if can_export else "",
        empty=empty,
        extra=extra,
    )


def _narrow(
    queryset: QuerySet[Any, Any], filters: Sequence[Filter], given: QueryDict
) -> tuple[QueryDict, QuerySet[Any, Any], list[str]]:
    kept, problems = QueryDict(mutable=True), []
    for one in filters:
        try:
            queryset = one.narrow(queryset, given)
        except UnreadableError as error:
            problems.append(str(error))
            continue
        for name in one.names:
            values = [value for value in given.getlist(name) if value]
            if values:
                kept.setlist(name, values)
    return kept, queryset, problems


def _url(kept: QueryDict, **more: str) -> str:
    query = kept.copy()
    for name, value in more.items():
        query[name] = value
    return f"?{query.urlencode()}"
