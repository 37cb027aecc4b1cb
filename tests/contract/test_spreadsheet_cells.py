"""What stands in a cell is read as its column's kind, in every way people write it, or is a problem of that cell."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from adapters.spreadsheets import RowProblem
from tests.workbooks import HEADER, archive, read, sheet_xml, told, workbook


def one(tmp_path: Path, title: str, cell: object, field: str) -> object:
    """What a single cell below that title is read as: its value, or its problem."""
    header = [*HEADER, title] if title not in HEADER else list(HEADER)
    row: list[object] = ["梨", date(2026, 9, 1)] + [None] * (len(header) - 2)
    row[header.index(title)] = cell
    read_row = read(workbook(tmp_path / "one.xlsx", header, row)).rows[0]
    return read_row.problems[0].code if read_row.problems else read_row.values[field]


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 9, 30),
        datetime(2026, 9, 30, 17, 30),  # noqa: DTZ001 (cells have no zone)
        "2026-9-30",
        "2026/09/30",
        "2026年9月30日",
        " 2026 年 9 月 30 日 ",
        "２０２６－９－３０",
        "20260930",
        20260930,
        46295,
        "46295",
        "2026-09-30 08:15:00",
    ],
)
def test_a_day_is_understood_in_every_usual_form(tmp_path: Path, cell: object) -> None:
    assert one(tmp_path, "采摘日期", cell, "picked_on") == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2026-13-40", "date_unreadable"),
        ("下周", "date_unreadable"),
        ("2026年2月30日", "date_unreadable"),
        ("2026年9月", "date_unreadable"),
        ("20261340", "date_unreadable"),
        (12, "date_unreadable"),
        (True, "date_unreadable"),
        (1e300, "number_not_exact"),
        ("1926-03-05", "date_out_of_range"),
        (date(1999, 12, 31), "date_out_of_range"),
        ("2999-01-01", "date_out_of_range"),
        ("2026-11-02", "date_in_future"),
    ],
)
def test_a_wrong_date_is_a_problem_of_its_cell(tmp_path: Path, cell: object, code: str) -> None:
    assert one(tmp_path, "采摘日期", cell, "picked_on") == code


def test_serial_days_of_a_macintosh_workbook_count_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    page = book.active
    assert page is not None
    for row in (HEADER, ["梨", 44833], ["桃", date(2026, 9, 30)]):
        page.append(row)
    book.save(tmp_path / "a.xlsx")

    assert [row.values["picked_on"] for row in read(tmp_path / "a.xlsx").rows] == [date(2026, 9, 30)] * 2


@pytest.mark.parametrize(
    ("title", "cell", "field", "value"),
    [
        ("种类", "很甜", "kind", "甜"),
        ("种类", " 酸 的 ", "kind", "酸"),
        ("种类", "咸", "kind", "choice_unknown"),
        ("产地", "壹镇", "place", "一镇"),
        ("产地", "三镇", "place", "choice_unknown"),
        ("是否成熟", "√", "ripe", True),
        ("是否成熟", "否", "ripe", False),
        ("是否成熟", "半熟", "ripe", "choice_unknown"),
        ("个数", 12, "count", 12),
        ("个数", "1,000个", "count", 1000),
        ("个数", "１２", "count", 12),
        ("个数", "约12", "count", "number_unreadable"),
        ("个数", 1.5, "count", "number_unreadable"),
        ("个数", -1, "count", "number_out_of_range"),
        ("个数", date(2026, 1, 1), "count", "number_unreadable"),
        ("个数", "NaN", "count", "number_unreadable"),
        ("价格(万元)", 0.1, "price", Decimal("1000.0")),
        ("价格(万元)", "2.35万元", "price", Decimal("23500.00")),
        ("名称", 12, "name", "12"),
        ("名称", "0012", "name", "0012"),
        ("名称", "=1+1", "name", "value_missing"),  # a formula that was never calculated has no value
        ("名称", "一二三四五六七八九十十", "name", "text_too_long"),
        ("名称", "梨\u202eabc", "name", "text_forbidden"),
        ("名称", 913501001234567890, "name", "number_not_exact"),
        ("名称", "   ", "name", "value_missing"),
        ("代码", "12", "code", "12"),
        ("代码", 13, "code", "odd"),
    ],
)
def test_a_cell_is_read_as_its_columns_kind(
    tmp_path: Path, title: str, cell: object, field: str, value: object
) -> None:
    assert one(tmp_path, title, cell, field) == value


def test_a_formula_gives_the_value_last_seen_and_an_error_shown_in_a_cell_is_a_problem(tmp_path: Path) -> None:
    header = '<row r="1"><c r="A1" t="str"><v>名称</v></c><c r="B1" t="str"><v>采摘日期</v></c></row>'
    good = '<row r="2"><c r="A2" t="str"><f>"a"&amp;"b"</f><v>梨</v></c><c r="B2"><f>1+1</f><v>46295</v></c></row>'
    bad = '<row r="3"><c r="A3" t="str"><v>桃</v></c><c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'

    result = read(archive(tmp_path / "a.xlsx", sheet_xml(header + good + bad)))

    assert (result.good[0].values["name"], result.good[0].values["picked_on"]) == ("梨", date(2026, 9, 30))
    assert told(result) == [(3, "B", "采摘日期", "cell_error")]


def test_every_problem_of_a_row_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ["水果名册"],
        ["种类", "日期", "名称", "个数"],
        ["咸", "下周", None, "许多"],
        [None, None, None, None],
        ["甜", "2026-09-01", "梨", 1],
    )

    result = read(path)

    assert result.problems == (
        RowProblem(row=3, column="C", header="名称", field="name", code="value_missing"),
        RowProblem(row=3, column="B", header="日期", field="picked_on", code="date_unreadable", data={"got": "下周"}),
        RowProblem(
            row=3,
            column="A",
            header="种类",
            field="kind",
            code="choice_unknown",
            data={"got": "咸", "accepted": ("甜", "酸")},
        ),
        RowProblem(row=3, column="D", header="个数", field="count", code="number_unreadable", data={"got": "许多"}),
    )
    assert ([row.number for row in result.good], [row.number for row in result.bad]) == ([5], [3])
