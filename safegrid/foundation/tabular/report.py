"""What an import did, row by row where rows were refused; memory stays flat however many there are."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from .cell import Cell, CellProblem
from .reader import EXTRA_TITLES
from .workbook import write_workbook

Kind = Literal["created", "updated", "unchanged", "refused"]
_IN_MEMORY = 1024**2
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What applying one row did. `message` and `column` (a column name, may be empty) belong to refusals."""

    kind: Kind
    message: str = ""
    column: str = ""


CREATED, UPDATED, UNCHANGED = Outcome("created"), Outcome("updated"), Outcome("unchanged")


def refused(message: str, column: str = "") -> Outcome:
    """An outcome that refuses the row for a reason the person who filled it in can act on (Chinese)."""
    return Outcome("refused", message, column)


@dataclass
class ImportReport:
    """Counts that add up (read = created + updated + unchanged + refused) and the refused rows with their problems.

    `applied` is False after a dry run and after an all-or-nothing import with refusals: the counts then tell what
    would have happened. Close it (or use it as a context manager) to drop the temporary file of refused rows.
    """

    header: Sequence[str] = ()
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    problem_count: int = 0
    first_problems: list[CellProblem] = field(default_factory=list)
    ignored_titles: Sequence[str] = ()
    other_sheets: Sequence[str] = ()
    applied: bool = False
    remarks: dict[str, int] = field(default_factory=dict)  # what was taken all the same, but wants a look: words → rows
    first_remarks: list[tuple[int, str]] = field(default_factory=list)  # (row number, words), the first 200

    def __post_init__(self) -> None:
        # Spooled: in memory up to a megabyte, in an unnamed temporary file beyond.
        self._spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, mode="w+", encoding="utf-8", newline="\n")  # noqa: SIM115

    def refuse(self, number: int, source: dict[str, Cell], problems: Sequence[CellProblem]) -> None:
        """Record one refused row with everything that is wrong with it."""
        self.refused += 1
        self.problem_count += len(problems)
        self.first_problems.extend(problems[: max(0, _SHOWN - len(self.first_problems))])
        line = [
            number,
            {k: _pack(v) for k, v in source.items()},
            [[p.column_title, p.value, p.message] for p in problems],
        ]
        self._spool.write(json.dumps(line, ensure_ascii=True) + "\n")

    def refused_rows(self) -> Iterator[tuple[int, dict[str, Cell], list[CellProblem]]]:
        """Row number, original values by title, problems; in the order of the file. One reader at a time."""
        self._spool.seek(0)
        try:
            for line in self._spool:
                number, source, problems = json.loads(line)
                values = {title: _unpack(value) for title, value in source.items()}
                yield number, values, [CellProblem(number, *problem) for problem in problems]
        finally:
            self._spool.seek(0, 2)

    def write_refused_workbook(self, path: str | Path, *, watermark: str | None = None) -> int:
        """Write the refused rows as .xlsx: the original columns, then 行号 and 问题. Returns the number of rows.

        Fixed in place, the file can be imported as it is: the two extra columns are ignored.
        """
        titles = [title for title in self.header if title not in EXTRA_TITLES]
        rows = (
            [*(source.get(title) for title in titles), number, "；".join(map(_sentence, problems))]
            for number, source, problems in self.refused_rows()
        )
        return write_workbook(path, [*titles, *EXTRA_TITLES], rows, watermark=watermark)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data, with the first 200 problems; the rest is in the workbook of refused rows."""
        return {
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "applied": self.applied,
            "problem_count": self.problem_count,
            "problems": [
                {"row": p.row, "column": p.column_title, "value": p.value, "message": p.message}
                for p in self.first_problems
            ],
            "remarks": dict(self.remarks),
            "first_remarks": [{"row": row, "message": words} for row, words in self.first_remarks[:_SHOWN]],
            "ignored_columns": list(self.ignored_titles),
            "other_sheets": list(self.other_sheets),
        }

    def summary(self) -> str:
        """One Chinese line for people."""
        verb = "" if self.applied else "（未写入）"
        return (
            f"共读取 {self.read} 行{verb}：新增 {self.created}，更新 {self.updated}，"
            f"无变化 {self.unchanged}，拒绝 {self.refused}"
        )

    def close(self) -> None:
        self._spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _sentence(problem: CellProblem) -> str:
    return f"{problem.column_title}：{problem.message}" if problem.column_title else problem.message


def _pack(value: Cell) -> Any:
    return {"d": value.isoformat()} if isinstance(value, date) else value


def _unpack(value: Any) -> Cell:
    if isinstance(value, dict):
        text = str(value["d"])
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    cell: Cell = value
    return cell
