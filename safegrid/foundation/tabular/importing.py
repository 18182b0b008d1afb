"""`run_import`: rows through a table, in batches, into whatever the context does with them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Literal

from .cell import Cell, CellProblem, SourceRow, TabularError, shown
from .report import ImportReport, Outcome
from .table import Layout, ParsedRow, Table

Apply = Callable[[list[ParsedRow]], Sequence[Outcome]]
"""Takes a batch of parsed rows, writes them, and says for each in turn what became of it."""
Mode = Literal["all_or_nothing", "skip_bad"]


class ImportStopped(Exception):
    """Raised at the end of an import that must not stay; carries the full report. Roll back and show it."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(report.summary())
        self.report = report


class ImportRefused(ImportStopped):
    """An all-or-nothing import had refused rows."""


class DryRunDone(ImportStopped):
    """A dry run has ended; the report tells what an import would do."""


def run_import(
    table: Table,
    rows: Iterable[SourceRow],
    *,
    apply: Apply,
    mode: Mode = "all_or_nothing",
    dry_run: bool = False,
    batch_size: int = 1000,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Parse every row, apply the good ones batch by batch, and report on all of them.

    The transaction is the caller's: wrap the call in `transaction.atomic()` and catch ImportStopped outside it.
    `apply` runs in a dry run as well, so that the report is that of the real thing; the exception takes it back.
    With "skip_bad" the caller may instead commit inside `apply`, batch by batch.
    `progress` is called with the number of rows read so far, after each batch.

    Raises TabularError (unreadable file, required column missing, no rows), ImportRefused, DryRunDone, and whatever
    `apply` raises.
    """
    run = _Run(table, rows, apply)
    report = run.report
    try:
        for _ in run.parsed():
            if run.waiting >= batch_size:
                run.settle()
                if progress is not None:
                    progress(report.read)
        run.settle()
        if not report.read:
            raise TabularError("文件里没有数据行，请填写后再上传")
    except BaseException:
        report.close()
        raise
    if progress is not None:
        progress(report.read)
    if dry_run:
        raise DryRunDone(report)
    if mode == "all_or_nothing" and report.refused:
        raise ImportRefused(report)
    report.applied = True
    return report


class _Run:
    def __init__(self, table: Table, rows: Iterable[SourceRow], apply: Apply) -> None:
        self.report = ImportReport(other_sheets=tuple(getattr(rows, "other_sheets", ())))
        self._table, self._rows, self._apply = table, rows, apply
        self._layout: Layout | None = None
        self._batch: list[ParsedRow] = []
        self._bad: list[tuple[int, dict[str, Cell], list[CellProblem]]] = []
        self._seen: dict[int, int] = {}  # hash of the unique key → row; 64 bits, so a million rows stay small
        header = getattr(rows, "header", None)
        if header is not None:
            self._lay_out(header)

    def _lay_out(self, header: Iterable[str]) -> Layout:
        self.report.header = tuple(header)
        self._layout = self._table.layout(self.report.header)
        self.report.ignored_titles = self._layout.ignored
        return self._layout

    @property
    def waiting(self) -> int:
        return len(self._batch) + len(self._bad)

    def parsed(self) -> Iterator[None]:
        """Read rows one by one into the batch, or among the refused."""
        for row in self._rows:
            self.report.read += 1
            parsed = self._table.parse(row, self._layout or self._lay_out(row.values))
            if isinstance(parsed, ParsedRow):
                repeated = self._repeated(parsed)
                if repeated is None:
                    self._batch.append(parsed)
                else:
                    self._bad.append((row.number, row.values, [repeated]))
            else:
                self._bad.append((row.number, row.values, parsed))
            yield

    def _repeated(self, row: ParsedRow) -> CellProblem | None:
        """Two rows of one file about the same thing: which one holds is not ours to guess."""
        key = tuple(row.values[name] for name in self._table.unique)
        if not key or any(part is None for part in key):
            return None
        first = self._seen.setdefault(hash(key), row.number)
        if first == row.number:
            return None
        titles = "、".join(self._table.column(name).title for name in self._table.unique)
        return CellProblem(row.number, titles, shown("、".join(map(str, key))), f"与第 {first} 行重复")

    def settle(self) -> None:
        """Apply the batch, count, and record what was refused in the order of the file."""
        report, batch, bad = self.report, self._batch, self._bad
        outcomes = self._apply(batch) if batch else []
        if len(outcomes) != len(batch):
            raise RuntimeError(f"apply returned {len(outcomes)} outcomes for {len(batch)} rows")
        for row, outcome in zip(batch, outcomes, strict=True):
            if outcome.kind == "refused":
                bad.append((row.number, row.source, [self._problem(row, outcome)]))
            elif outcome.kind == "created":
                report.created += 1
            elif outcome.kind == "updated":
                report.updated += 1
            else:
                report.unchanged += 1
        for number, source, problems in sorted(bad, key=itemgetter(0)):
            report.refuse(number, source, problems)
        self._batch, self._bad = [], []

    def _problem(self, row: ParsedRow, outcome: Outcome) -> CellProblem:
        assert self._layout is not None
        title = next((title for column, title in self._layout.fields if column.name == outcome.column), "")
        return CellProblem(row.number, title, shown(row.source.get(title)), outcome.message)
