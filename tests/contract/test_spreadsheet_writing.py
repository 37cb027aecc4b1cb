"""What we write into spreadsheets is text where it is text, and what was refused comes back whole."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from adapters.spreadsheets import RowProblem, write_error_workbook, write_table
from tests.workbooks import HEADER, read, workbook


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "http://"])
def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, start: str) -> None:
    text = f"{start}1+1"

    write_table(tmp_path / "a.xlsx", sheet="a/b", header=[text], rows=[[text, 1, None, Decimal("1.5")]])

    page = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    cells = [page["A1"], page["A2"]]
    assert page.title == "a_b"
    assert [(cell.value.replace("_x000D_", "\r"), cell.data_type, cell.hyperlink) for cell in cells] == [
        (text, "s", None),
        (text, "s", None),
    ]
    assert [page["B2"].value, page["C2"].value, page["D2"].value] == [1, None, 1.5]


def test_the_error_workbook_holds_the_rows_as_typed_and_reads_again(tmp_path: Path) -> None:
    rows: list[list[object]] = [["梨", "2026-13-40", "=x"], ["桃", date(2026, 9, 1), "0012"], [None, 46295, 3]]
    result = read(workbook(tmp_path / "a.xlsx", [*HEADER, "随便"], *rows))

    def render(problem: RowProblem) -> str:
        return f"{problem.column}{problem.row} {problem.code}"

    write_error_workbook(tmp_path / "b.xlsx", result, render=render, column_title="错误")
    write_error_workbook(tmp_path / "c.xlsx", result, render=render, column_title="错误", only_bad=True)

    again, bad = read(tmp_path / "b.xlsx"), read(tmp_path / "c.xlsx")
    assert [header.title for header in again.headers] == ["错误", "名称", "采摘日期", "随便"]
    assert [row.cells for row in again.rows] == [
        ("B2 date_unreadable", "梨", "2026-13-40"),
        (None, "桃", date(2026, 9, 1), "0012"),
        ("A4 value_missing", None, 46295.0, 3.0),
    ]
    assert [(problem.row, problem.field, problem.code) for problem in again.problems] == [
        (problem.row, problem.field, problem.code) for problem in result.problems
    ]
    assert [row.cells[0] for row in bad.rows] == ["B2 date_unreadable", "A4 value_missing"]
