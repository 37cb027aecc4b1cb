"""A column mapping that does not mean one thing is refused with its path."""

from __future__ import annotations

import copy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.spreadsheets import TableMapping, load_mapping
from adapters.spreadsheets.mapping import Column, Reference
from adapters.spreadsheets.sandbox import CellError
from adapters.spreadsheets.text import column_letters
from adapters.spreadsheets.values import convert, prepare
from engine.errors import BadInput, DefinitionError, Place
from tests.workbooks import FRUIT

TOLD: dict[str, Any] = {
    "import": "fruit",
    "title": "水果",
    "columns": {
        "name": {"title": "名称", "aliases": ["品名"], "text": True, "required": True},
        "kind": {"title": "种类", "choice": {"甜": ["甘"]}},
        "day": {"title": "日期", "date": True, "from": "2020-01-01"},
        "eaten": {"title": "食用", "date": True},
    },
    "references": {"owner": {"by": ["name"], "required": True}},
    "unique": [["owner", "day"]],
    "order": [["day", "eaten"]],
}


def changed(path: str, value: object) -> dict[str, Any]:
    told = copy.deepcopy(TOLD)
    *way, last = path.split(".")
    inner = told
    for key in way:
        inner = inner[key]
    inner[last] = value
    return told


def test_a_mapping_is_loaded_whole() -> None:
    assert load_mapping(TOLD) == TableMapping(
        id="fruit",
        title="水果",
        columns=(
            Column(field="name", title="名称", aliases=("品名",), kind="text", required=True, maximum=Decimal(500)),
            Column(field="kind", title="种类", kind="choice", choices={"甜": ("甘",)}),
            Column(field="day", title="日期", kind="date", first=date(2020, 1, 1)),
            Column(field="eaten", title="食用", kind="date"),
        ),
        references=(Reference(name="owner", by=("name",), required=True),),
        unique=(("owner", "day"),),
        order=(("day", "eaten"),),
    )


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("colums", {}, "colums"),
        ("columns", {}, "columns"),
        ("columns", [], "columns"),
        ("title", "", "title"),
        ("header_within", True, "header_within"),
        ("dates", ["{y}-{m}"], "dates"),
        ("columns.name.text", 1, "columns.name.text"),
        ("columns.name.date", True, "columns.name"),
        ("columns.name.maximum", 3, "columns.name.maximum"),
        ("columns.name.required", "yes", "columns.name.required"),
        ("columns.name.max", "many", "columns.name.max"),
        ("columns.name.aliases", "品名", "columns.name.aliases"),
        ("columns.kind.aliases", ["品 名"], "columns.kind"),
        ("columns.kind.choice", {"甜": ["甘"], "酸": ["甘"]}, "columns.kind.choice.酸"),
        ("columns.kind.choice", {True: []}, "columns.kind.choice"),
        ("columns.day.from", "2020", "columns.day.from"),
        ("references.owner.by", ["nam"], "references.owner.by"),
        ("references", {"name": {"by": ["name"]}}, "references.name"),
        ("unique", [["weight"]], "unique"),
        ("unique", [[]], "unique"),
        ("order", [["day", "name"]], "order"),
        ("order", [["day"]], "order"),
    ],
)
def test_what_a_mapping_does_not_mean_is_refused_with_its_path(path: str, value: object, where: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        load_mapping(changed(path, value), file="fruit.yaml")

    assert (refused.value.code, refused.value.place) == (
        "mapping_refused",
        Place(file="fruit.yaml", line=0, column=0, path=where),
    )


def test_a_reader_that_kept_positions_lends_them_to_refusals() -> None:
    with pytest.raises(DefinitionError) as refused:
        load_mapping(changed("title", 7), locate=lambda path: Place(file="f", line=2, column=8, path=path))

    assert str(refused.value) == "f:2 title: mapping_refused: expected text, got 7"


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("2026-03-02 08:30", "2026-03-02T08:30:00"),
        ("2026年3月2日8:05", "2026-03-02T08:05:00"),
        ("2026-03-02", "2026-03-02T00:00:00"),
        ("2026-03-02 24:00", "2026-03-03T00:00:00"),
        (datetime.fromisoformat("2026-03-02 20:00:00"), "2026-03-02T20:00:00"),
        (46083.75, "2026-03-02T18:00:00"),
    ],
)
def test_a_moment_is_read_to_the_minute(cell: Any, told: str) -> None:
    assert _moment(cell).isoformat() == told


@pytest.mark.parametrize("cell", ["08:00", "2026-03-02 25:00", "2026-03-02 08:60", "2026-03-02 24:01", "晚八点"])
def test_what_is_no_moment_is_refused(cell: str) -> None:
    with pytest.raises(BadInput) as refused:
        _moment(cell)
    assert refused.value.code in ("moment_unreadable", "date_unreadable")


def _moment(cell: Any) -> Any:
    mapping = load_mapping(
        {
            "import": "watch",
            "title": "班次",
            "dates": ["{y}-{m}-{d}", "{y}年{m}月{d}日"],
            "columns": {"begins": {"title": "开始", "moment": True}, "day": {"title": "日期", "date": True}},
        }
    )
    reading = prepare(mapping, choices={}, identifiers={}, today=None, epoch_1904=False)
    return convert(mapping.columns[0], cell, reading)


def test_an_order_compares_dates_with_dates_and_moments_with_moments() -> None:
    columns = {"begins": {"title": "开始", "moment": True}, "day": {"title": "日期", "date": True}}
    with pytest.raises(DefinitionError):
        load_mapping({"import": "watch", "title": "班次", "columns": columns, "order": [["day", "begins"]]})


def test_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


cells = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"\d{1,8}[-/年.]?\d{0,8}[-/月.]?\d{0,8}[日]?", fullmatch=True),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000)),
    st.just(CellError()),
)


@given(cells, st.sampled_from(FRUIT.columns))
def test_whatever_stands_in_a_cell_is_a_value_of_its_kind_or_a_problem(
    cell: str | float | bool | date | datetime | time | timedelta | CellError, column: Column
) -> None:
    reading = prepare(
        FRUIT, choices={"places": {}}, identifiers={"even": str}, today=date(2026, 11, 1), epoch_1904=False
    )
    kinds: dict[str, type] = {"integer": int, "money": Decimal, "date": date, "flag": bool}

    try:
        value = convert(column, cell, reading)
    except BadInput:
        return

    assert type(value) is kinds.get(column.kind, str)
    if isinstance(value, date):
        assert date(2000, 1, 1) <= value <= date(2100, 12, 31)
