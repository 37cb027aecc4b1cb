"""Streams through the XML of a workbook, counting, before a parser builds anything from it."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from adapters.spreadsheets.limits import Limits
from adapters.spreadsheets.text import column_letters
from engine.errors import BadInput

CHUNK = 1 << 16
LONGEST_TAG = 1 << 19  # bytes; text between tags is not counted
MOST_MERGED = 1_000  # more are not told
ROOMY = 2  # empty formatted cells and the rectangle around the filled ones may be this many times `limits.cells`
Start = Callable[[str, dict[str, str]], None]


@dataclass(frozen=True, kw_only=True)
class SheetScan:
    """What one worksheet holds, as counted from its XML."""

    merged: list[str]  # ranges as the spreadsheet shows them
    errors: dict[int, list[int]]  # row → columns, counted from 0, of cells showing #N/A and the like


@dataclass(frozen=True, kw_only=True)
class SheetEntry:
    """A worksheet as the workbook names it."""

    name: str
    visible: bool
    part: str  # its file within the archive


def feed(archive: zipfile.ZipFile, part: str, start: Start | None = None) -> None:
    """Parse one XML part with a handler of start tags; document types and broken markup are refused."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise BadInput("markup_refused", part=part, reason="document_type")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    if start is not None:
        parser.StartElementHandler = start
    try:
        with archive.open(part) as stream:
            fed = 0
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > LONGEST_TAG:  # read anew with every chunk, so its cost is quadratic
                    raise BadInput("markup_refused", part=part, reason="long_tag")
        parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, OSError, ValueError) as broken:
        raise BadInput("spreadsheet_broken", reason="markup", part=part) from broken


def markup_parts(archive: zipfile.ZipFile) -> Iterator[str]:
    """The XML parts that a reader of cells may open."""
    for name in archive.namelist():
        folded = name.replace("\\", "/").casefold()
        if folded.endswith((".xml", ".rels")) and folded.startswith(("xl/", "_rels/", "[content_types]")):
            yield name


def workbook_sheets(archive: zipfile.ZipFile) -> tuple[tuple[SheetEntry, ...], bool]:
    """The worksheets in the order of their tabs, and whether dates count from 1904 (old Macintosh files)."""
    names = {name.replace("\\", "/").casefold(): name for name in archive.namelist()}
    targets: dict[str, str] = {}
    found: list[tuple[str, bool, str]] = []
    epoch: list[bool] = []

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship" and _local(attributes.get("Type", ""), "/") == "worksheet":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def book(tag: str, attributes: dict[str, str]) -> None:
        local = _local(tag)
        if local == "sheet":
            key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            found.append((attributes.get("name", ""), attributes.get("state", "visible") == "visible", key))
        elif local == "workbookPr" and attributes.get("date1904", "0") in ("1", "true"):
            epoch.append(True)

    if "xl/_rels/workbook.xml.rels" not in names:
        raise BadInput("spreadsheet_broken", reason="relations")
    feed(archive, names["xl/_rels/workbook.xml.rels"], relation)
    feed(archive, names["xl/workbook.xml"], book)
    sheets: list[SheetEntry] = []
    for name, visible, key in found:
        if key not in targets:  # a chart or dialog sheet
            continue
        part = posixpath.normpath(posixpath.join("/xl", targets[key])).lstrip("/").casefold()
        if part not in names:
            raise BadInput("spreadsheet_broken", reason="relations", part=part)
        if name in {sheet.name for sheet in sheets}:
            raise BadInput("spreadsheet_broken", reason="repeated_sheet", part=part)
        sheets.append(SheetEntry(name=name, visible=visible, part=names[part]))
    return tuple(sheets), bool(epoch)


def _local(tag: str, mark: str = ":") -> str:
    return tag.rpartition(mark)[2]


class CellCounter:
    """Counts cells over all sheets that are read and stops the scan as soon as there are too many."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.filled = 0
        self.seen = 0
        self.area = 0

    def scan(self, archive: zipfile.ZipFile, part: str) -> SheetScan:
        """What the sheet in that part holds; BadInput `too_many_cells` once the limit is passed."""
        handler = _SheetHandler(self)
        feed(archive, part, handler.start)
        self.area += (handler.bottom + 1) * (handler.right + 1)
        if self.area > ROOMY * self.limits.cells:  # few cells far apart: a parser would lay out the whole rectangle
            self.refuse(f"A1:{column_letters(handler.right)}{handler.bottom + 1}")
        return SheetScan(merged=handler.merged, errors=handler.errors)

    def refuse(self, area: str = "") -> NoReturn:
        """Too many cells; `area` says up to where when they are few, but lie far apart."""
        raise BadInput("too_many_cells", limit=self.limits.cells, area=area)


class _SheetHandler:
    """Receives the start tags of one sheet."""

    def __init__(self, counter: CellCounter) -> None:
        self.counter = counter
        self.row = self.column = -1
        self.bottom = self.right = -1
        self.columns: dict[str, int] = {}
        self.merged: list[str] = []
        self.errors: dict[int, list[int]] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = _local(tag) if ":" in tag else tag
        if local == "c":
            self.cell(attributes)
        elif local in ("v", "is"):
            self.value()
        elif local == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif local == "mergeCell" and len(self.merged) < MOST_MERGED:
            self.merged.append(attributes.get("ref", ""))

    def cell(self, attributes: dict[str, str]) -> None:
        self.counter.seen += 1
        if self.counter.seen > ROOMY * self.counter.limits.cells:
            self.counter.refuse()
        reference = attributes.get("r")
        if reference is None:  # allowed: the cell stands right of the one before
            self.column += 1
        else:
            letters = reference.rstrip("0123456789")
            if letters not in self.columns:
                self.columns[letters] = column_index(letters)
            self.column = self.columns[letters]
            self.row = int(reference[len(letters) :]) - 1
        if attributes.get("t") == "e":
            self.errors.setdefault(self.row, []).append(self.column)

    def value(self) -> None:
        self.counter.filled += 1
        if self.counter.filled > self.counter.limits.cells:
            self.counter.refuse()
        if self.row > self.bottom:
            self.bottom = self.row
        if self.column > self.right:
            self.right = self.column


def column_index(letters: str) -> int:
    """The column, counted from 0, above which a spreadsheet shows these letters."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter.upper()) - ord("A") + 1
    if not 0 < index <= 16_384:
        raise ValueError(letters)
    return index - 1
