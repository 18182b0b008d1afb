"""How the user arranged a list: by which column it is sorted and which columns are shown. All of it is in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from safegrid.foundation.web.columns import Column
from safegrid.foundation.web.saved import ALL

SORT, COLUMNS = "sort", "columns"
LATEST_FIRST = frozenset({"date", "time", "number"})


@dataclass(frozen=True)
class Heading:
    """The head of a column. ``url``: where a click leads, "" where one cannot sort; ``direction``: ascending, descending or ""."""

    label: str
    kind: str
    url: str = ""
    direction: str = ""


@dataclass(frozen=True)
class ColumnChoice:
    """One column to be shown or not; ``is_fixed``: it leads to the row and stays."""

    label: str
    is_shown: bool
    is_fixed: bool


@dataclass(frozen=True)
class Arrangement:
    """``order``: for ``read_slice``; ``shown`` and ``exported``: the columns of the page and of the workbook;
    ``kept``: the parameters to keep in every address of the list; ``problems``: what of the URL made no sense.
    """

    order: tuple[str, ...]
    shown: list[Column]
    exported: list[Column]
    kept: QueryDict
    choices: list[ColumnChoice]
    is_chosen: bool
    sort: str = ""
    problems: list[str] = field(default_factory=list)

    def headings(self, filters: QueryDict) -> list[Heading]:
        """Return the heads of the columns shown; ``filters``: the parameters that stay when the order changes."""
        return [self._heading(column, filters) for column in self.shown]

    def _heading(self, column: Column, filters: QueryDict) -> Heading:
        if not column.sort:
            return Heading(column.label, column.kind)
        first = f"-{column.sort}" if column.kind in LATEST_FIRST else column.sort
        second = column.sort if first.startswith("-") else f"-{column.sort}"
        following = {first: second, second: ""}.get(self.sort, first)
        now = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(self.sort, "")
        query = joined(filters, self.kept)
        query.pop(SORT, None)
        if following:
            query[SORT] = following
        # A click too many leads back to the list's own order.
        return Heading(column.label, column.kind, address(query), now)


def arrange(given: QueryDict, columns: Sequence[Column], order: Sequence[str]) -> Arrangement:
    """Read ``sort`` (a column's ``sort``, "-" for descending) and ``columns`` (labels) of the URL.

    Only what a column declares can be sorted by; after it comes the id, so that the order is exact. Columns that lead to the row
    always stay. What is not known is left out, and said in ``problems``.
    """
    kept, problems = QueryDict(mutable=True), []
    sort = given.get(SORT, "")
    if sort and sort.removeprefix("-") not in {column.sort for column in columns if column.sort}:
        problems.append("不能按这一列排序，已按默认顺序显示")
        sort = ""
    if sort:
        kept[SORT] = sort
        order = (sort, "-id" if sort.startswith("-") else "id")
    labels = {column.label for column in columns}
    wanted = {label for label in given.getlist(COLUMNS) if label}
    if wanted - labels:
        problems.append("有的列已不存在，已忽略")
    chosen = wanted & labels
    if chosen:
        kept.setlist(COLUMNS, [label for label in dict.fromkeys(column.label for column in columns) if label in chosen])
    return Arrangement(tuple(order), _shown(columns, chosen), _exported(columns, chosen), kept, _choices(columns, chosen),
                       bool(chosen), sort, problems)  # fmt: skip


def address(query: QueryDict) -> str:
    """Return "?…" with the parameters; without any, the list as it is even for whoever has a default view."""
    return f"?{query.urlencode()}" if query else f"?{ALL}=all"


def joined(*queries: QueryDict) -> QueryDict:
    """Return the parameters of several queries in one that may be changed."""
    whole = QueryDict(mutable=True)
    for query in queries:
        for name, values in query.lists():
            whole.setlist(name, values)
    return whole


def _shown(columns: Sequence[Column], chosen: set[str]) -> list[Column]:
    if not chosen:
        return [column for column in columns if column.on_page]
    # Of two columns with one label, one is made for the page and one for the workbook.
    on_page = {column.label for column in columns if column.on_page}
    return [column for column in columns
            if (column.label in chosen or column.link or not column.label)
            and (column.on_page or column.label not in on_page)]  # fmt: skip


def _exported(columns: Sequence[Column], chosen: set[str]) -> list[Column]:
    fixed = {column.label for column in columns if column.link}
    return [column for column in columns if column.in_export and (not chosen or column.label in chosen | fixed)]


def _choices(columns: Sequence[Column], chosen: set[str]) -> list[ColumnChoice]:
    shown = {column.label for column in _shown(columns, chosen)}
    fixed = {column.label for column in columns if column.link and column.on_page}
    return [ColumnChoice(label, label in shown, label in fixed)
            for label in dict.fromkeys(column.label for column in columns) if label]  # fmt: skip
