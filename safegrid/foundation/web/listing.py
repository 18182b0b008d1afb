"""Pages of lists: filters, order and columns kept in the URL, pages by key, and the same rows as a marked and traced workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render

from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.keyset import Slice, read_slice
from safegrid.foundation.web import bulk
from safegrid.foundation.web.arranging import Arrangement, ColumnChoice, Heading, address, arrange, joined
from safegrid.foundation.web.bulk import BulkAction
from safegrid.foundation.web.columns import Cell, Column
from safegrid.foundation.web.export import export
from safegrid.foundation.web.filters import Filter, FilterField, UnreadableError
from safegrid.foundation.web.handling import web_user
from safegrid.foundation.web.saved import SavedView, views_of

PAGE = 50
Prepare = Callable[[list[Any]], None]


@dataclass(frozen=True)
class ListRow:
    """One line: its cells, and the row they come from."""

    cells: list[Cell]
    row: Any


@dataclass(frozen=True)
class ViewLink:
    """A saved view above the list: its address, and whether the list is shown as it says now."""

    view: SavedView
    url: str
    is_current: bool


@dataclass(frozen=True)
class ListPage:
    """Everything ``console/list.html`` prints. URLs are empty where there is nothing to go to; they begin with "?".

    ``kept``: (name, value) of order and columns, which the filters' form sends along; ``narrowing``: those of the filters and
    the order, which the columns' form sends along; ``query``: all of them, as a saved view keeps them.
    """

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
    headings: list[Heading] = field(default_factory=list)
    choices: list[ColumnChoice] = field(default_factory=list)
    is_arranged: bool = False
    kept: list[tuple[str, str]] = field(default_factory=list)
    narrowing: list[tuple[str, str]] = field(default_factory=list)
    query: str = ""
    clear_url: str = ""
    default_columns_url: str = ""
    views: list[ViewLink] = field(default_factory=list)
    actions: list[BulkAction] = field(default_factory=list)

    @property
    def is_sortable(self) -> bool:
        return any(heading.url for heading in self.headings)


def list_page(
    request: HttpRequest,
    queryset: QuerySet[Any, Any],
    *,
    title: str,
    columns: Sequence[Column],
    order: Sequence[str],
    filters: Sequence[Filter] = (),
    export_name: str = "",
    bulk_name: str = "",
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

    ``?sort=`` and ``?columns=`` arrange it (``arranging``). Opened without any parameter it is the user's default view, where
    there is one. Where ``bulk`` offers actions for ``bulk_name`` (by default ``export_name``), rows can be ticked; the view must
    then let POST through.
    """
    given = request.GET
    views = views_of(web_user(request), request.path)
    register = bulk_name or export_name
    default = next((view.query for view in views if view.is_default), "")
    if default and request.method == "GET" and not given:
        return HttpResponseRedirect(f"{request.path}?{default}")
    kept, narrowed, problems = _narrow(queryset, filters, given)
    arranged = arrange(given, columns, order)
    if request.method == "POST" and "bulk" in request.POST:
        back = f"{request.path}{address(joined(kept, arranged.kept))}"
        return bulk.start(request, narrowed, register, back, problems)
    if export_name and given.get("export") == "xlsx":
        return export(
            request,
            narrowed, name=export_name, title=title,
            columns=arranged.exported, order=arranged.order, prepare=prepare, filters=kept.dict(),
        )  # fmt: skip
    page = list_context(
        narrowed,
        given,
        kept,
        title=title,
        arranged=arranged,
        filters=filters,
        problems=problems,
        can_export=bool(export_name),
        prepare=prepare,
        page_size=page_size,
        empty=empty,
        views=views,
        actions=bulk.offered(web_user(request), register),
        extra=extra or {},
    )
    return render(request, template, {"page": page, **page.extra})


def list_context(
    queryset: QuerySet[Any, Any],
    given: QueryDict,
    kept: QueryDict,
    *,
    title: str,
    arranged: Arrangement,
    filters: Sequence[Filter],
    problems: list[str],
    can_export: bool,
    prepare: Prepare | None,
    page_size: int,
    empty: str,
    views: Sequence[SavedView],
    actions: list[BulkAction],
    extra: dict[str, Any],
) -> ListPage:
    """Return one page of rows already narrowed. ``kept``: the parameters of the filters alone."""
    problems = [*problems, *arranged.problems]
    try:
        part: Slice[Any] = read_slice(queryset, order=arranged.order, limit=page_size, cursor=given.get("cursor", ""))
    except InvalidInput as error:
        problems = [*problems, error.message]
        part = read_slice(queryset, order=arranged.order, limit=page_size)
    if prepare is not None and part.items:
        prepare(part.items)
    all_kept = joined(kept, arranged.kept)
    query = all_kept.urlencode()
    return ListPage(
        title=title,
        columns=arranged.shown,
        rows=[ListRow([column.cell(row) for column in arranged.shown], row) for row in part.items],
        fields=[shown for one in filters for shown in one.fields(given)],
        problems=problems,
        is_filtered=bool(kept),
        next_url=_url(all_kept, cursor=part.next) if part.next else "",
        previous_url=_url(all_kept, cursor=part.previous) if part.previous else "",
        first_url=_url(all_kept) if part.previous else "",
        export_url=_url(all_kept, export="xlsx") if can_export else "",
        empty=empty,
        extra=extra,
        headings=arranged.headings(kept),
        choices=arranged.choices,
        is_arranged=arranged.is_chosen,
        kept=_pairs(arranged.kept),
        narrowing=_pairs(joined(kept, _only(arranged.kept, "sort"))),
        query=query,
        clear_url=_url(arranged.kept),
        default_columns_url=_url(joined(kept, _only(arranged.kept, "sort"))),
        actions=actions,
        views=[ViewLink(view, address(QueryDict(view.query)), view.query == query) for view in views],
    )


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]


def _only(query: QueryDict, name: str) -> QueryDict:
    found = QueryDict(mutable=True)
    if name in query:
        found.setlist(name, query.getlist(name))
    return found


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
    return address(query)
