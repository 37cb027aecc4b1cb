"""What people put into spreadsheets is read, or refused with row, column and reason; nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from adapters.spreadsheets import Header, RowProblem, load_mapping, read_table
from engine.errors import BadInput
from tests.workbooks import FRUIT, HEADER, even, read, refusal, told, workbook

# ---------------------------------------------------------------------------------------------- headers


def test_headers_stand_in_any_order_under_a_title_and_under_other_names(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ["2026年水果名册"],
        [],
        ["水果（名）", " 备 注 ", "个数", "日 期*"],
        ["梨", "好", 3, date(2026, 9, 30)],
        merge=["A1:D1"],
    )

    result = read(path)

    assert result.header_row == 3
    assert result.headers == (
        Header(column="A", title="水果（名）", field="name"),
        Header(column="B", title="备 注", field=""),
        Header(column="C", title="个数", field="count"),
        Header(column="D", title="日 期*", field="picked_on"),
    )
    assert result.ignored == (Header(column="B", title="备 注", field=""),)
    assert [(row.number, row.cells, row.problems) for row in result.rows] == [
        (4, ("梨", "好", 3.0, date(2026, 9, 30)), ())
    ]
    assert {field: value for field, value in result.rows[0].values.items() if value is not None} == {
        "name": "梨",
        "picked_on": date(2026, 9, 30),
        "count": 3,
    }


def test_a_missing_column_is_named_with_every_header_that_would_do(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["名称", "种类"], ["梨", "甜"])

    assert refusal(path) == (
        "header_missing",
        {"sheet": "表一", "row": 1, "missing": ({"header": "采摘日期", "accepted": ("采摘日期", "日期")},)},
    )


def test_a_sheet_without_any_header_says_what_was_looked_for(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", *[["x", "y"]] * 5, HEADER)

    assert refusal(path) == ("header_not_found", {"sheets": ("表一",), "within": 5, "expected": ("名称", "采摘日期")})


def test_two_columns_for_one_field_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["名称", "采摘日期", "品名"], ["梨", date(2026, 9, 1), "苹果"])

    assert refusal(path) == (
        "header_repeated",
        {
            "sheet": "表一",
            "row": 1,
            "columns": ({"column": "A", "header": "名称"}, {"column": "C", "header": "品名"}),
        },
    )


def test_of_several_sheets_the_first_visible_one_with_the_header_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book["说明"].append(["请填写"])
    for name, state, fruit in (("隐", "hidden", "隐梨"), ("深隐", "veryHidden", "深梨"), ("甲", "visible", "甲梨")):
        page = book.create_sheet(name)
        page.sheet_state = state
        page.append(HEADER)
        page.append([fruit, date(2026, 9, 1)])
    second = book.create_sheet("乙")
    second.append(HEADER)
    second.append(["乙梨", date(2026, 9, 1)])
    book.save(tmp_path / "a.xlsx")

    first, named = read(tmp_path / "a.xlsx"), read(tmp_path / "a.xlsx", sheet="乙")

    assert (first.sheet, first.rows[0].values["name"]) == ("甲", "甲梨")
    assert (first.other_sheets, first.hidden_sheets) == (("说明", "乙"), ("隐", "深隐"))
    assert (named.sheet, named.rows[0].values["name"]) == ("乙", "乙梨")
    present = ["说明", "甲", "乙"]
    assert refusal(tmp_path / "a.xlsx", sheet="隐") == ("sheet_hidden", {"sheet": "隐", "present": present})
    assert refusal(tmp_path / "a.xlsx", sheet="丙") == ("sheet_missing", {"sheet": "丙", "present": present})


# ---------------------------------------------------------------------------------------------- merged cells


def test_merged_cells_below_the_header_are_refused_with_their_ranges(tmp_path: Path) -> None:
    rows = [["名册"], HEADER, *[["梨", date(2026, 9, 1)]] * 4]
    path = workbook(tmp_path / "a.xlsx", *rows, merge=["A1:B1", "A3:A4", "B5:B6"])

    assert refusal(path) == ("merged_cells", {"sheet": "表一", "ranges": ("A3:A4", "B5:B6"), "count": 2})


def test_a_header_of_two_merged_rows_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", HEADER, [], ["梨", date(2026, 9, 1)], merge=["A1:A2"])

    assert refusal(path) == ("merged_cells", {"sheet": "表一", "ranges": ("A1:A2",), "count": 1})


# ---------------------------------------------------------------------------------------------- rows together


def test_a_repeated_row_points_to_the_first_one(tmp_path: Path) -> None:
    day = date(2026, 9, 1)
    path = workbook(
        tmp_path / "a.xlsx",
        [*HEADER, "代码"],
        ["梨", day, None],
        ["桃", day, "12"],
        ["梨", "2026/9/1", None],  # the same without a code
        ["杏", day, "12"],  # the same code
        ["桃", day, "14"],  # another code: another one, though all else agrees
    )

    problems = read(path).problems

    assert problems == (
        RowProblem(
            row=4,
            column="A",
            header="名称",
            field="name",
            code="row_repeated",
            data={"key": ("name", "picked_on"), "first_row": 2},
        ),
        RowProblem(
            row=5, column="C", header="代码", field="code", code="row_repeated", data={"key": ("code",), "first_row": 3}
        ),
    )


def test_what_ends_before_it_began_is_a_problem(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [*HEADER, "食用日期"], ["梨", date(2026, 9, 2), date(2026, 9, 1)])

    assert told(read(path)) == [(2, "C", "食用日期", "dates_out_of_order")]


BASKETS = load_mapping(
    {
        "import": "baskets",
        "title": "篮子",
        "columns": {
            "owner": {"title": "主人", "text": True},
            "number": {"title": "号码", "text": True},
            "note": {"title": "备注", "text": True},
        },
        "references": {"person": {"by": ["number", "owner"], "required": True}},
        "unique": [["person", "note"]],
    }
)


def known(reference: str, field: str, value: str) -> Sequence[str]:
    assert reference == "person"
    people = {("number", "1"): ["p1"], ("owner", "甲"): ["p1"], ("owner", "乙"): ["p2"], ("owner", "丙"): ["p3", "p4"]}
    return people.get((field, value), [])


def test_what_a_row_refers_to_is_found_by_number_or_by_name(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ["主人", "号码", "备注"],
        ["甲", "1", "a"],
        ["乙", None, "a"],
        ["甲的旧名", 1, "b"],
        ["丁", None, "a"],
        ["丙", None, "a"],
        ["乙", "1", "c"],
        [None, None, "a"],
        ["甲", None, "a"],
    )

    result = read(path, BASKETS, lookup=known)

    assert [dict(row.references) for row in result.rows] == [
        {"person": "p1"},
        {"person": "p2"},
        {"person": "p1"},
        {},
        {},
        {},
        {},
        {"person": "p1"},
    ]
    assert told(result) == [
        (5, "A", "主人", "reference_unknown"),
        (6, "A", "主人", "reference_ambiguous"),
        (7, "B", "号码", "reference_conflict"),
        (8, "B", "号码", "value_missing"),
        (9, "B", "号码", "row_repeated"),
    ]


def test_a_list_or_checker_that_nobody_handed_over_is_an_error_of_the_caller(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", HEADER, ["梨", date(2026, 9, 1)])

    with pytest.raises(BadInput) as no_list:
        read_table(path, FRUIT, identifiers={"even": even})
    with pytest.raises(BadInput) as no_checker:
        read_table(path, FRUIT, choices={"places": {}})

    assert (no_list.value.code, no_list.value.data) == ("choice_list_missing", {"field": "place", "list": "places"})
    assert (no_checker.value.code, no_checker.value.data) == (
        "identifier_missing",
        {"field": "code", "identifier": "even"},
    )
