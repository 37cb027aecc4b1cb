"""Writes spreadsheets in which text stays text, whatever it begins with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import xlsxwriter

from adapters.spreadsheets.sandbox import CellError
from adapters.spreadsheets.table import RowProblem, TableResult

# A spreadsheet program, or one that a copy is pasted into, may take text that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\x00")
LONGEST = 32_767  # characters a cell can hold
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


class SheetWriter:
    """Writes rows into one sheet; a context manager, the file is complete when it closes."""

    def __init__(self, path: Path, *, sheet: str, created: datetime | None = None) -> None:
        self.book = xlsxwriter.Workbook(str(path), OPTIONS)
        if created is not None:  # the time a reproducible file claims, instead of that of writing
            self.book.set_properties({"created": created})
        self.sheet = self.book.add_worksheet(_sheet_name(sheet))
        self.styles = {
            "head": self.book.add_format({"bold": True, "bg_color": "#D9E1F2", "border": 1, "text_wrap": True}),
            "title": self.book.add_format({"bold": True, "font_size": 16, "align": "center"}),
            "date": self.book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "time": self.book.add_format({"num_format": "hh:mm:ss"}),
            "quoted": self.book.add_format({"quote_prefix": True}),
            "wrong": self.book.add_format({"font_color": "#C00000", "text_wrap": True, "quote_prefix": True}),
        }
        self.row = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.book.close()

    def title(self, text: str, width: int) -> None:
        """A title over `width` columns, in a merged cell as people do it."""
        self.sheet.merge_range(self.row, 0, self.row, width - 1, text, self.styles["title"])
        self.row += 1

    def header(self, titles: Sequence[str]) -> None:
        """The header row; it stays in sight when scrolling."""
        for column, text in enumerate(titles):
            self.sheet.write_string(self.row, column, text, self.styles["head"])
        self.row += 1
        self.sheet.freeze_panes(self.row, 0)

    def write(self, cells: Iterable[object], *, wrong: int | None = None) -> None:
        """The next row; `wrong` is the column that is set in red."""
        for column, value in enumerate(cells):
            self._cell(column, value, self.styles["wrong"] if column == wrong else None)
        self.row += 1

    def _cell(self, column: int, value: object, style: Any) -> None:
        match value:
            case None:
                return
            case bool():
                self.sheet.write_boolean(self.row, column, value, style)
            case datetime():
                self.sheet.write_datetime(self.row, column, value.replace(tzinfo=None), self.styles["datetime"])
            case date():
                self.sheet.write_datetime(self.row, column, value, self.styles["date"])
            case time() | timedelta():
                self.sheet.write_datetime(self.row, column, value, self.styles["time"])
            case int() | float() | Decimal() if math.isfinite(value):
                self.sheet.write_number(self.row, column, value, style)
            case _:
                text = "#N/A" if isinstance(value, CellError) else str(value)
                quoted = self.styles["quoted"] if text.startswith(FORMULA_STARTS) else None
                self.sheet.write_string(self.row, column, text[:LONGEST], style or quoted)


def write_table(path: Path, *, sheet: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A workbook with one sheet: a header and rows of texts, numbers, dates and None."""
    with SheetWriter(path, sheet=sheet) as writer:
        writer.header(header)
        for row in rows:
            writer.write(row)


def write_error_workbook(
    path: Path,
    result: TableResult,
    *,
    render: Callable[[RowProblem], str],
    column_title: str,
    only_bad: bool = False,
) -> None:
    """The rows of `result` as they were typed, with one more column that says what is wrong in each.

    The column stands first, where it is seen; `render` makes the sentence of a problem. Read again, it is ignored.
    """
    with SheetWriter(path, sheet=result.sheet) as writer:
        writer.header([column_title, *(header.title for header in result.headers)])
        for row in result.rows:
            if row.problems or not only_bad:
                told = "\n".join(render(problem) for problem in row.problems)
                writer.write([told or None, *row.cells], wrong=0)


def _sheet_name(name: str) -> str:
    return "".join("_" if letter in "[]:*?/\\" else letter for letter in name)[:31] or "Sheet1"
