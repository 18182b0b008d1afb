"""A declared table: which columns an import knows, under which titles, and how their cells are read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .cell import Cell, CellProblem, SourceRow, TabularError, shown
from .parsers import CellError
from .reader import EXTRA_TITLES, normal_title


@dataclass(frozen=True, slots=True)
class Column:
    """One field: `titles` are the header words read for it (the first is written in templates), `name` the key."""

    name: str
    titles: tuple[str, ...]
    parse: Callable[[Cell], Any]
    required: bool = False
    help: str = ""
    default: Any = None

    @property
    def title(self) -> str:
        return self.titles[0]


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row whose cells were all accepted. `given` names the fields whose column is present in the file."""

    number: int
    values: dict[str, Any]
    source: dict[str, Cell]
    given: frozenset[str]


Check = Callable[[dict[str, Any]], Iterable[tuple[str, str]]]
"""Looks at the values of a whole row and yields (column name or '', message) for what does not fit together."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of one file map to a table."""

    fields: tuple[tuple[Column, str], ...]  # column, title as written in the file
    absent: tuple[Column, ...]
    ignored: tuple[str, ...]
    given: frozenset[str]


@dataclass(frozen=True)
class Table:
    """Columns of an import. `unique` names fields that together occur once in a file (rows lacking one: any times)."""

    columns: Sequence[Column]
    unique: tuple[str, ...] = ()
    check: Check | None = None
    _by_title: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError when two columns claim one title, or `unique` names no column: a slip of the programmer."""
        for column in self.columns:
            for title in (column.name, *column.titles):
                owner = self._by_title.setdefault(normal_title(title), column)
                if owner is not column or title in EXTRA_TITLES:
                    raise ValueError(
                        f"{column.name} cannot claim {title}: {owner.name} or the report of refusals has it"
                    )
        if missing := set(self.unique) - {column.name for column in self.columns}:
            raise ValueError(f"unique names unknown columns: {sorted(missing)}")

    def column(self, name: str) -> Column:
        """Raises KeyError for an unknown name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def layout(self, header: Iterable[str]) -> Layout:
        """Map the titles of a file. Raises TabularError when a required column is absent or two titles mean one."""
        found: dict[str, str] = {}
        ignored: list[str] = []
        for title in header:
            column = self._by_title.get(normal_title(title))
            if column is None:
                if title not in EXTRA_TITLES:
                    ignored.append(title)
            elif column.name in found:
                raise TabularError(f"表头“{found[column.name]}”和“{title}”是同一列“{column.title}”，请删除其中一列")
            else:
                found[column.name] = title
        missing = [column for column in self.columns if column.required and column.name not in found]
        if missing:
            words = "、".join(_with_aliases(column) for column in missing)
            raise TabularError(f"缺少必填的列：{words}。请对照模板补上表头后再上传")
        return Layout(
            tuple((column, found[column.name]) for column in self.columns if column.name in found),
            tuple(column for column in self.columns if column.name not in found),
            tuple(ignored),
            frozenset(found),
        )

    def parse(self, row: SourceRow, layout: Layout) -> ParsedRow | list[CellProblem]:
        """The values of a row by column name, or everything that is wrong with it (never an empty list)."""
        problems = list(row.problems)
        refused = {problem.column_title for problem in problems}
        values: dict[str, Any] = {column.name: column.default for column in layout.absent}
        for column, title in layout.fields:
            cell = row.values.get(title)
            if title in refused:
                continue
            if cell is None or cell == "":
                values[column.name] = column.default
                if column.required:
                    problems.append(CellProblem(row.number, title, "", "必填，不能为空"))
                continue
            try:
                values[column.name] = column.parse(cell)
            except CellError as error:
                problems.append(CellProblem(row.number, title, shown(cell), str(error)))
        if not problems and self.check is not None:
            titles = {column.name: title for column, title in layout.fields}
            for name, message in self.check(values):
                title = titles.get(name, "")
                problems.append(CellProblem(row.number, title, shown(row.values.get(title)), message))
        return problems or ParsedRow(row.number, values, row.values, layout.given)


def _with_aliases(column: Column) -> str:
    others = column.titles[1:]
    return f"{column.title}（也可写作 {'、'.join(others)}）" if others else column.title
