"""The domain-free half of every import and export: reading tables, parsing rows, reporting, writing workbooks."""

from . import parsers
from .cell import Cell, CellProblem, Limits, SourceRow, TabularError, neutralise
from .importing import Apply, DryRunDone, ImportRefused, ImportStopped, Mode, run_import
from .parsers import CellError, Parser
from .reader import RowReader, read_rows
from .report import CREATED, UNCHANGED, UPDATED, ImportReport, Outcome, refused
from .table import Column, ParsedRow, Table
from .workbook import template_workbook, write_csv, write_workbook

__all__ = [
    "CREATED",
    "UNCHANGED",
    "UPDATED",
    "Apply",
    "Cell",
    "CellError",
    "CellProblem",
    "Column",
    "DryRunDone",
    "ImportRefused",
    "ImportReport",
    "ImportStopped",
    "Limits",
    "Mode",
    "Outcome",
    "ParsedRow",
    "Parser",
    "RowReader",
    "SourceRow",
    "Table",
    "TabularError",
    "neutralise",
    "parsers",
    "read_rows",
    "refused",
    "run_import",
    "template_workbook",
    "write_csv",
    "write_workbook",
]
