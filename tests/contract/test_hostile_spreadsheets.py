"""Files that only pretend to be spreadsheets, or try to exhaust whoever opens them, are refused before they can."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.spreadsheets import DEFAULT_LIMITS, Limits, TableResult, read_table
from engine.errors import BadInput
from tests.workbooks import FRUIT, OFFICE, SPREADSHEET, archive, sheet_xml, workbook

HEADER = '<row r="1"><c r="A1" t="str"><v>名称</v></c><c r="B1" t="str"><v>采摘日期</v></c></row>'
ROW = '<row r="2"><c r="A2" t="str"><v>梨</v></c><c r="B2"><v>46295</v></c></row>'
GOOD = sheet_xml(HEADER + ROW)


def read(path: Path, limits: Limits = DEFAULT_LIMITS) -> TableResult:
    return read_table(path, FRUIT, choices={"places": {}}, identifiers={"even": str}, limits=limits)


def refusal(path: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[str, dict[str, Any]]:
    """The code and data with which the file is refused."""
    with pytest.raises(BadInput) as refused:
        read(path, limits)
    return refused.value.code, {key: value for key, value in refused.value.data.items() if key != "field"}


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as inner:
        inner.writestr("word/document.xml", "<w/>")
    return made.getvalue()


def test_the_smallest_workbook_made_by_hand_is_read(tmp_path: Path) -> None:
    assert [row.cells for row in read(archive(tmp_path / "a.xlsx", GOOD)).rows] == [("梨", 46295.0)]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "empty"),
        ("名称,采摘日期\n梨,2026-09-30\n".encode(), "text"),
        ("名称\t采摘日期".encode("gb18030"), "text"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "ole2"),  # .xls, or an .xlsx with a password
        (b"%PDF-1.7\n", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpeg"),
        (b"MZ\x90\x00\x03", "binary"),
        (zipped(), "zip"),
    ],
)
def test_a_disguised_file_is_not_a_spreadsheet_whatever_its_name_says(tmp_path: Path, data: bytes, found: str) -> None:
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(data)

    assert refusal(path) == ("not_a_spreadsheet", {"found": found})


def test_half_a_workbook_is_broken(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", GOOD)
    path.write_bytes(path.read_bytes()[:600])

    assert refusal(path) == ("spreadsheet_broken", {"reason": "archive"})


@pytest.mark.parametrize(
    "sheet", ["<worksheet>", "", GOOD.replace('r="A1"', 'r="1A"'), GOOD.replace('r="B2"', 'r="ZZZZ2"')]
)
def test_markup_that_is_no_sheet_is_broken(tmp_path: Path, sheet: str) -> None:
    path = archive(tmp_path / "a.xlsx", sheet)

    assert refusal(path) == ("spreadsheet_broken", {"reason": "markup", "part": "xl/worksheets/sheet1.xml"})


def test_an_oversize_file_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"\x00" * 2_000)

    limits = replace(DEFAULT_LIMITS, file_bytes=2_000)

    assert refusal(path, limits) == ("file_too_large", {"size": 2_004, "limit": 2_000})


def test_a_million_cells_are_too_many(tmp_path: Path) -> None:
    cells = "".join(f'<c r="{letter}{{0}}"><v>1</v></c>' for letter in "ABCDEFGHIJ")
    rows = "".join(f'<row r="{number}">{cells.format(number)}</row>' for number in range(2, 100_002))
    path = archive(tmp_path / "a.xlsx", sheet_xml(HEADER + rows))

    assert refusal(path) == ("too_many_cells", {"limit": 500_000, "area": ""})


def test_two_cells_at_opposite_corners_are_too_many(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = archive(tmp_path / "a.xlsx", sheet_xml(HEADER + ROW + far))

    assert refusal(path) == ("too_many_cells", {"limit": 500_000, "area": "A1:XFD1048576"})


def test_cells_that_are_only_coloured_do_not_count_as_filled(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{number}"><c r="A{number}" s="0"/></row>' for number in range(3, 30_000))
    limits = replace(DEFAULT_LIMITS, cells=20_000)

    assert len(read(archive(tmp_path / "a.xlsx", sheet_xml(HEADER + ROW + empty)), limits).rows) == 1
    limits = replace(limits, cells=10_000)
    assert refusal(tmp_path / "a.xlsx", limits) == ("too_many_cells", {"limit": 10_000, "area": ""})


def test_one_long_text_used_in_every_cell_is_too_much_text(tmp_path: Path) -> None:
    strings = f'<sst xmlns="{SPREADSHEET}"><si><t>{"长" * 30_000}</t></si></sst>'.encode()
    rows = "".join(f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>' for number in range(2, 5_002))
    relations = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    path = tmp_path / "a.xlsx"
    archive(path, sheet_xml(HEADER + rows), extra={"xl/sharedStrings.xml": strings})
    _replace_entry(path, "xl/_rels/workbook.xml.rels", relations.encode())

    assert refusal(path) == ("too_much_text", {"limit": 20_000_000})
    small = replace(DEFAULT_LIMITS, memory_bytes=300 << 20)
    assert refusal(path, small) == ("spreadsheet_too_costly", {"reason": "memory"})


def _replace_entry(path: Path, name: str, data: bytes) -> None:
    with zipfile.ZipFile(path) as old:
        parts = {entry: old.read(entry) for entry in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry, kept in (parts | {name: data}).items():
            new.writestr(entry, kept)


# ---------------------------------------------------------------------------------------------- archives


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    zeros = bytes(30 << 20)
    path = archive(tmp_path / "a.xlsx", GOOD, extra={f"xl/media/{number}.png": zeros for number in range(4)})

    code, data = refusal(path)

    assert (code, data["reason"], data["limit"]) == ("archive_unsafe", "too_large_unpacked", 100 << 20)


def test_one_entry_that_unpacks_a_hundredfold_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", GOOD, extra={"xl/media/1.png": bytes(30 << 20)})

    assert refusal(path) == ("archive_unsafe", {"reason": "compressed_too_well", "entry": "xl/media/1.png"})


def test_an_entry_that_lies_about_its_size_is_broken(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", sheet_xml(HEADER + ROW + "<!--" + "x" * 5_000_000 + "-->"))
    data = path.read_bytes()
    lie = struct.pack("<L", 500)
    record = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    path.write_bytes(data[: record + 24] + lie + data[record + 28 :])

    assert refusal(path) == ("spreadsheet_broken", {"reason": "markup", "part": "xl/worksheets/sheet1.xml"})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../etc/cron.d/x", "unsafe_name"),
        ("/etc/passwd", "unsafe_name"),
        ("xl\\..\\..\\x", "unsafe_name"),
        ("C:/windows/x", "unsafe_name"),
        ("xl/embeddings/inner.xlsx", "nested_archive"),
        ("xl/media/inner.ZIP", "nested_archive"),
    ],
)
def test_an_entry_with_a_dangerous_name_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    path = archive(tmp_path / "a.xlsx", GOOD, extra={name: b"x"})

    assert refusal(path) == ("archive_unsafe", {"reason": reason, "entry": name})


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", GOOD)
    link = zipfile.ZipInfo("xl/link.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as made:
        made.writestr(link, "/etc/passwd")

    assert refusal(path) == ("archive_unsafe", {"reason": "symbolic_link", "entry": "xl/link.xml"})


def test_an_entry_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", GOOD, extra={"XL/Worksheets/Sheet1.xml": GOOD.encode()})

    assert refusal(path) == ("archive_unsafe", {"reason": "repeated_entry"})


@pytest.mark.parametrize("count", [2_001, 20_000])
def test_thousands_of_entries_are_refused(tmp_path: Path, count: int) -> None:
    path = archive(tmp_path / "a.xlsx", GOOD, extra={f"xl/x{number}": b"" for number in range(count)})

    assert refusal(path) == ("archive_unsafe", {"reason": "too_many_entries", "limit": 2_000})


def test_macros_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", GOOD, extra={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})

    assert refusal(path) == ("macros_refused", {})


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declared", [LAUGHS, OUTSIDE, '<!DOCTYPE x SYSTEM "http://example.invalid/x.dtd">'])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_and_entities_are_refused(tmp_path: Path, declared: str, part: str, encoding: str) -> None:
    path = archive(tmp_path / "a.xlsx", GOOD)
    _replace_entry(path, part, f"{declared}<x/>".encode(encoding))

    assert refusal(path) == ("markup_refused", {"part": part, "reason": "document_type"})


def test_a_tag_without_end_is_refused(tmp_path: Path) -> None:
    endless = "<a " + " ".join(f'a{number}=""' for number in range(100_000)) + "/>"

    assert refusal(archive(tmp_path / "a.xlsx", sheet_xml(endless))) == (
        "markup_refused",
        {"part": "xl/worksheets/sheet1.xml", "reason": "long_tag"},
    )


def test_links_to_other_places_are_never_followed(tmp_path: Path) -> None:
    outside = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" '
        f'Type="{OFFICE}/externalLinkPath" Target="http://example.invalid/b.xlsx" TargetMode="External"/>'
        "</Relationships>"
    )
    extra = {"xl/worksheets/_rels/sheet1.xml.rels": outside.encode()}

    assert len(read(archive(tmp_path / "a.xlsx", GOOD, extra=extra)).rows) == 1


def test_a_parser_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="str"><v>x</v></c></row>' for n in range(2, 400_000))
    path = archive(tmp_path / "a.xlsx", sheet_xml(HEADER + rows))

    assert refusal(path, replace(DEFAULT_LIMITS, wall_seconds=0.2)) == ("spreadsheet_too_costly", {"reason": "time"})


def test_a_workbook_of_ten_thousand_rows_is_within_the_limits(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["名称", "采摘日期"], *[[f"梨{number}", 46295] for number in range(10_000)])

    assert len(read(path).good) == 10_000
