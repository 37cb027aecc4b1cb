"""Workbooks for tests: small tables by openpyxl, and archives put together by hand where a library would refuse."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from adapters.spreadsheets import TableMapping, TableResult, load_mapping, read_table
from engine.errors import BadInput

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

FRUIT: TableMapping = load_mapping(
    {
        "import": "fruit",
        "title": "水果",
        "header_within": 5,
        "dates": ["{y}-{m}-{d}", "{y}/{m}/{d}", "{y}年{m}月{d}日", "{y}{mm}{dd}"],
        "columns": {
            "name": {"title": "名称", "aliases": ["品名", "水果(名)"], "text": True, "max": 10, "required": True},
            "picked_on": {"title": "采摘日期", "aliases": ["日期"], "date": True, "required": True, "past": True},
            "eaten_on": {"title": "食用日期", "date": True},
            "kind": {"title": "种类", "choice": {"甜": ["很甜", "甘"], "酸": ["酸的"]}},
            "place": {"title": "产地", "choice": "places"},
            "count": {"title": "个数", "integer": True, "min": 0, "max": 1000, "suffixes": ["个"]},
            "price": {"title": "价格(万元)", "money": "CNY", "times": 10000, "suffixes": ["万元"]},
            "ripe": {"title": "是否成熟", "flag": {"set": ["是", "√"], "unset": ["否"]}},
            "code": {"title": "代码", "identifier": "even"},
        },
        "unique": [["code"], ["name", "picked_on"]],
        "order": [["picked_on", "eaten_on"]],
    },
    file="fruit.yaml",
)


HEADER = ("名称", "采摘日期")


def workbook(path: Path, *rows: Sequence[object], sheet: str = "表一", merge: Iterable[str] = ()) -> Path:
    """A workbook with one sheet of these rows."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for cells in merge:
        page.merge_cells(cells)
    book.save(path)
    return path


def archive(path: Path, sheet: str, *, extra: Mapping[str, bytes] | None = None, book: str = "") -> Path:
    """The smallest workbook there is around the XML of one sheet, deflated, with further entries."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": book
        or f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, text in parts.items():
            made.writestr(name, text)
        for name, data in (extra or {}).items():
            made.writestr(name, data)
    return path


def sheet_xml(cells: str) -> str:
    """The XML of a sheet around its rows."""
    return f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{cells}</sheetData></worksheet>'


def even(text: str) -> str:
    """A checker of numbers: even ones are right."""
    if int(text) % 2:
        raise BadInput("odd", got=text)
    return text


def read(path: Path, mapping: TableMapping = FRUIT, **more: Any) -> TableResult:
    """The table of fruit, or of another mapping, at that path."""
    lists = {"places": {"一镇": ("壹镇",), "二镇": ()}}
    return read_table(path, mapping, choices=lists, identifiers={"even": even}, today=date(2026, 11, 1), **more)


def told(result: TableResult) -> list[tuple[int, str, str, str]]:
    """Row, column, header and code of every problem."""
    return [(problem.row, problem.column, problem.header, problem.code) for problem in result.problems]


def refusal(path: Path, **more: Any) -> tuple[str, dict[str, Any]]:
    """The code and data with which the whole workbook is refused."""
    with pytest.raises(BadInput) as refused:
        read(path, **more)
    return refused.value.code, {key: value for key, value in refused.value.data.items() if key != "field"}
