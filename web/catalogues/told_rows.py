"""Problems of spreadsheet rows as sentences; the row is whatever has row, column, header, code and data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from web.catalogues.sentences import fill, sentences
from web.catalogues.told_errors import tell_problem


class RowProblem(Protocol):
    """What a reader of spreadsheets says is wrong in a row."""

    @property
    def row(self) -> int:
        """Number of the row as the user sees it."""

    @property
    def column(self) -> str:
        """Letters of the column, "" where the sheet has none."""

    @property
    def header(self) -> str:
        """The header as typed."""

    @property
    def code(self) -> str:
        """What is wrong."""

    @property
    def data(self) -> Mapping[str, Any]:
        """What fills the sentence."""


def tell_row(problem: RowProblem) -> str:
    """Row, column, header and what is wrong there."""
    known = sentences()
    told = tell_problem(problem.code, problem.data, kind="row")
    code = "row.at" if problem.column else "row.without_column"
    parts = {"row": str(problem.row), "column": problem.column, "header": problem.header, "sentence": told}
    return fill(known[code], parts)
