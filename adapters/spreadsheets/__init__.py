"""Spreadsheets in and out: read by a mapping under limits, write without formulas."""

from adapters.spreadsheets.checks import Lookup
from adapters.spreadsheets.limits import DEFAULT_LIMITS, Limits
from adapters.spreadsheets.mapping import TableMapping, load_mapping
from adapters.spreadsheets.reader import read_table
from adapters.spreadsheets.table import Header, Row, RowProblem, TableResult
from adapters.spreadsheets.text import normal
from adapters.spreadsheets.writer import SheetWriter, write_error_workbook, write_table

__all__ = [
    "DEFAULT_LIMITS",
    "Header",
    "Limits",
    "Lookup",
    "Row",
    "RowProblem",
    "SheetWriter",
    "TableMapping",
    "TableResult",
    "load_mapping",
    "normal",
    "read_table",
    "write_error_workbook",
    "write_table",
]
