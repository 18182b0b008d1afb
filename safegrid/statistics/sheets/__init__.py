"""The figures, sheet by sheet: each is a table with the chart drawn from it, the same on pages, in workbooks and in the API."""

from safegrid.statistics.sheets.asked import Asked
from safegrid.statistics.sheets.shape import Chart, Column, Line, Sheet

__all__ = ["Asked", "Chart", "Column", "Line", "Sheet"]
