"""What reading a spreadsheet gives: every row, with its values, its problems and its cells as typed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.spreadsheets.sandbox import Cell
from adapters.spreadsheets.values import Value


@dataclass(frozen=True, kw_only=True, slots=True)
class RowProblem:
    """What is wrong in one row, named as the user sees it: row number, column letters, header as typed."""

    row: int
    column: str  # letters, "" when the sheet lacks the column
    header: str
    field: str
    code: str
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row below the header; `values` has every field of the mapping, None where blank or not readable."""

    number: int
    values: Mapping[str, Value]
    references: Mapping[str, str]  # name → id of what was found
    problems: tuple[RowProblem, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """One header cell: `field` is empty when no column of the mapping answers to it."""

    column: str
    title: str
    field: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TableResult:
    """All of a sheet: nothing that stood in it is missing here, good or bad."""

    mapping: str
    sheet: str
    header_row: int
    headers: tuple[Header, ...]
    rows: tuple[Row, ...]
    other_sheets: tuple[str, ...]  # visible, not read
    hidden_sheets: tuple[str, ...]  # never read

    @property
    def good(self) -> tuple[Row, ...]:
        """Rows without a problem."""
        return tuple(row for row in self.rows if not row.problems)

    @property
    def bad(self) -> tuple[Row, ...]:
        """Rows with at least one problem."""
        return tuple(row for row in self.rows if row.problems)

    @property
    def ignored(self) -> tuple[Header, ...]:
        """Headers that mean nothing to the mapping; their cells stay in `Row.cells`."""
        return tuple(header for header in self.headers if header.title and not header.field)

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """All problems in the order of rows."""
        return tuple(problem for row in self.rows for problem in row.problems)
