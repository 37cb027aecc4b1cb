"""What people put into spreadsheets is read, or refused with row, column and reason; nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from adapters.spreadsheets import (
    Header,
    RowProblem,
    TableMapping,
    TableResult,
    load_mapping,
    read_table,
    write_error_workbook,
    write_table,
)
from engine.errors import BadInput
from tests.workbooks import FRUIT, archive, sheet_xml, workbook

HEADER = ("名称", "采摘日期")


def even(text: str) -> str:
    if int(text) % 2:
        raise BadInput("odd", got=text)
    return text


def read(path: Path, mapping: TableMapping = FRUIT, **more: Any) -> TableResult:
    lists = {"places": {"一镇": ("壹镇",), "二镇": ()}}
    return read_table(path, mapping, choices=lists, identifiers={"even": even}, today=date(2026, 11, 1), **more)


def told(result: TableResult) -> list[tuple[int, str, str, str]]:
    return [(problem.row, problem.column, problem.header, problem.code) for problem in result.problems]


def refusal(path: Path, **more: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises(BadInput) as refused:
        read(path, **more)
    return refused.value.code, {key: value for key, value in refused.value.data.items() if key != "field"}


def one(tmp_path: Path, title: str, cell: object, field: str) -> object:
    """What a single cell below that title is read as: its value, or its problem."""
    header = [*HEADER, title] if title not in HEADER else list(HEADER)
    row: list[object] = ["梨", date(2026, 9, 1)] + [None] * (len(header) - 2)
    row[header.index(title)] = cell
    read_row = read(workbook(tmp_path / "one.xlsx", header, row)).rows[0]
    return read_row.problems[0].code if read_row.problems else read_row.values[field]


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


# ---------------------------------------------------------------------------------------------- cells


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


# ---------------------------------------------------------------------------------------------- writing


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
