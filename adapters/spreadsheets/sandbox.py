"""Parses a workbook in a process of its own, with bounded memory and time."""

from __future__ import annotations

import io
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec

from adapters.spreadsheets.container import open_container
from adapters.spreadsheets.limits import Limits
from adapters.spreadsheets.scan import CellCounter, feed, markup_parts, workbook_sheets
from engine.errors import BadInput

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class CellError:
    """A cell that shows an error of its formula, such as #N/A."""


Cell = str | float | bool | date | datetime | time | timedelta | CellError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawRow:
    """One row that is not blank; `number` is the one the spreadsheet shows."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RawSheet:
    """One visible worksheet."""

    name: str
    rows: tuple[RawRow, ...]
    merged: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RawBook:
    """A workbook as it was typed: visible sheets in the order of their tabs, the names of the hidden ones."""

    sheets: tuple[RawSheet, ...]
    hidden: tuple[str, ...]
    epoch_1904: bool


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the parsing process is asked for."""

    path: str
    sheet: str | None
    limits: Limits


def read_book(path: Path, limits: Limits, sheet: str | None = None) -> RawBook:
    """The workbook at `path`, or of it only `sheet`; BadInput when it is refused or needs too much memory or time."""
    request = msgspec.json.encode(Request(path=str(path.resolve()), sheet=sheet, limits=limits))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "adapters.spreadsheets"],
            input=request,
            capture_output=True,
            timeout=limits.wall_seconds,
            env={"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "RUST_BACKTRACE": "0"},
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise BadInput("spreadsheet_too_costly", reason="time") from slow
    if done.returncode != 0:
        raise _death(done.returncode)
    answer = msgspec.json.decode(done.stdout)
    if "refused" in answer:
        raise BadInput(answer["refused"], **answer["data"])
    return RawBook(
        sheets=tuple(
            RawSheet(
                name=told["name"],
                rows=tuple(RawRow(number=number, cells=tuple(map(_cell, cells))) for number, cells in told["rows"]),
                merged=tuple(told["merged"]),
            )
            for told in answer["sheets"]
        ),
        hidden=tuple(answer["hidden"]),
        epoch_1904=answer["epoch_1904"],
    )


def _death(returncode: int) -> BadInput:
    match -returncode:
        case signal.SIGXCPU:
            return BadInput("spreadsheet_too_costly", reason="time")
        case signal.SIGABRT | signal.SIGKILL:  # how Rust and the kernel answer when no memory is left
            return BadInput("spreadsheet_too_costly", reason="memory")
        case _:
            return BadInput("spreadsheet_broken", reason="parser")


def _cell(told: Any) -> Cell:
    if not isinstance(told, list):
        return float(told) if type(told) is int else told
    kind, value = told
    match kind:
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case "time":
            return time.fromisoformat(value)
        case "span":
            return timedelta(seconds=value)
        case _:
            return CellError()


def parse(data: bytes, sheet: str | None, limits: Limits) -> dict[str, Any]:
    """What the parsing process answers, as plain data; BadInput when the workbook is refused."""
    with open_container(data, limits) as archive:
        for part in markup_parts(archive):
            if "/worksheets/" not in part:
                feed(archive, part)
        entries, epoch_1904 = workbook_sheets(archive)
        hidden = [entry.name for entry in entries if not entry.visible]
        wanted = [entry for entry in entries if entry.visible and sheet in (None, entry.name)]
        if sheet is not None and not wanted:
            present = [entry.name for entry in entries if entry.visible]
            raise BadInput("sheet_hidden" if sheet in hidden else "sheet_missing", sheet=sheet, present=present)
        counter = CellCounter(limits)
        scans = {entry.name: counter.scan(archive, entry.part) for entry in wanted}
    budget = limits.characters
    sheets = []
    for name, rows in _grids(data, list(scans)):
        told = []
        for index, cells in enumerate(rows):
            packed, length = _packed(cells, scans[name].errors.get(index, []))
            budget -= length
            if budget < 0:
                raise BadInput("too_much_text", limit=limits.characters)
            if packed:
                told.append((index + 1, packed))
        sheets.append({"name": name, "rows": told, "merged": scans[name].merged})
    return {"sheets": sheets, "hidden": hidden, "epoch_1904": epoch_1904}


def _grids(data: bytes, names: list[str]) -> Iterator[tuple[str, list[list[Any]]]]:
    import python_calamine  # only the parsing process may need it

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in names:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, python_calamine.WorksheetNotFound, ValueError, OSError) as broken:
        raise BadInput("spreadsheet_broken", reason="cells") from broken


def _packed(cells: list[Any], errors: list[int]) -> tuple[list[Any], int]:
    """The cells as JSON without the blank ones at the end, and how many characters of text they hold."""
    packed: list[Any] = []
    length = 0
    for value in cells:
        if isinstance(value, str):
            length += len(value)
            packed.append(value if value.strip() else None)
        elif isinstance(value, datetime):
            packed.append(("datetime", value.isoformat()))
        elif isinstance(value, date):
            packed.append(("date", value.isoformat()))
        elif isinstance(value, time):
            packed.append(("time", value.isoformat()))
        elif isinstance(value, timedelta):
            packed.append(("span", value.total_seconds()))
        else:
            packed.append(value)
    for column in errors:
        packed.extend([None] * (column + 1 - len(packed)))
        packed[column] = ("error", 0)
    while packed and packed[-1] is None:
        packed.pop()
    return packed, length


def main() -> None:
    """Read a Request on standard input, answer on standard output, under limits set before the file is opened."""
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    limits = request.limits
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        with open(request.path, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > limits.file_bytes:
                raise BadInput("file_too_large", size=size, limit=limits.file_bytes)
            data = stream.read(limits.file_bytes)
        answer = parse(data, request.sheet, limits)
    except BadInput as refused:
        answer = {"refused": refused.code, "data": {key: told for key, told in refused.data.items() if key != "field"}}
    except MemoryError:
        answer = {"refused": "spreadsheet_too_costly", "data": {"reason": "memory"}}
    except OSError as unreadable:
        answer = {"refused": "file_unreadable", "data": {"errno": unreadable.errno}}
    sys.stdout.buffer.write(msgspec.json.encode(answer))
