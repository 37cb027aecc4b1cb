"""Reads a spreadsheet by a mapping: finds its header, types its cells, keeps every row, good or bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from adapters.spreadsheets.checks import Lookup, check_rows
from adapters.spreadsheets.limits import DEFAULT_LIMITS, Limits
from adapters.spreadsheets.mapping import Column, TableMapping
from adapters.spreadsheets.sandbox import Cell, RawBook, RawRow, RawSheet, read_book
from adapters.spreadsheets.table import Header, Row, RowProblem, TableResult
from adapters.spreadsheets.text import column_letters, same
from adapters.spreadsheets.values import ChoiceLists, Identifier, Reading, Value, convert, prepare
from engine.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A header row: which field stands in which column of the sheet."""

    sheet: RawSheet
    row: RawRow
    places: Mapping[str, int]

    def missing(self, mapping: TableMapping) -> list[Column]:
        lacking = [column for column in mapping.columns if column.required and column.field not in self.places]
        return lacking + [
            mapping.column(reference.by[0])
            for reference in mapping.references
            if reference.required and not any(field in self.places for field in reference.by)
        ]


def read_table(
    path: Path,
    mapping: TableMapping,
    *,
    limits: Limits = DEFAULT_LIMITS,
    sheet: str | None = None,
    choices: ChoiceLists | None = None,
    identifiers: Mapping[str, Identifier] | None = None,
    lookup: Lookup | None = None,
    today: date | None = None,
) -> TableResult:
    """Every row of the table in the workbook at `path`; BadInput when the workbook as a whole cannot be read.

    `sheet` names the one to read, else it is the first visible one with the header. `choices` and `identifiers` hold
    the lists and checkers that the mapping names. Without `lookup` references stay open, without `today` no date
    counts as lying in the future.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise BadInput("file_too_large", size=size, limit=limits.file_bytes)
    book = read_book(path, limits, sheet)
    found = _find_header(book, mapping)
    _refuse_merged(found)
    reading = prepare(
        mapping,
        choices=choices or {},
        identifiers=identifiers or {},
        today=today,
        epoch_1904=book.epoch_1904,
    )

    def problem(row: int, field: str, code: str, data: Mapping[str, Any]) -> RowProblem:
        place = found.places.get(field)
        header = mapping.column(field).title if place is None else _title(found.row.cells[place])
        letters = "" if place is None else column_letters(place)
        return RowProblem(row=row, column=letters, header=header, field=field, code=code, data=data)

    rows = []
    for raw in found.sheet.rows:
        if raw.number > found.row.number:
            values, told = _values(raw, mapping, found.places, reading)
            problems = tuple(problem(raw.number, field, code, data) for field, code, data in told)
            rows.append(Row(number=raw.number, values=values, references={}, problems=problems, cells=raw.cells))
    return TableResult(
        mapping=mapping.id,
        sheet=found.sheet.name,
        header_row=found.row.number,
        headers=_headers(found),
        rows=check_rows(rows, mapping, lookup, problem),
        other_sheets=tuple(other.name for other in book.sheets if other.name != found.sheet.name),
        hidden_sheets=book.hidden,
    )


def _values(
    raw: RawRow, mapping: TableMapping, places: Mapping[str, int], reading: Reading
) -> tuple[dict[str, Value], list[tuple[str, str, Mapping[str, Any]]]]:
    values: dict[str, Value] = {}
    problems: list[tuple[str, str, Mapping[str, Any]]] = []
    for column in mapping.columns:
        place = places.get(column.field)
        cell = None if place is None or place >= len(raw.cells) else raw.cells[place]
        values[column.field] = None
        if cell is None:
            if column.required:
                problems.append((column.field, "value_missing", {}))
            continue
        try:
            values[column.field] = convert(column, cell, reading)
        except BadInput as wrong:
            data = {key: told for key, told in wrong.data.items() if key != "field"}
            problems.append((column.field, wrong.code, data))
    return values, problems


def _find_header(book: RawBook, mapping: TableMapping) -> _Found:
    accepted = {same(header): column.field for column in mapping.columns for header in column.accepted}
    best: _Found | None = None
    for sheet in book.sheets:
        here = _best_row(sheet, mapping, accepted)
        if here is not None and not here.missing(mapping):
            return here
        if here is not None and (best is None or len(here.places) > len(best.places)):
            best = here
    if best is None:
        raise BadInput(
            "header_not_found",
            sheets=tuple(sheet.name for sheet in book.sheets),
            within=mapping.header_within,
            expected=tuple(column.title for column in mapping.columns if column.required),
        )
    missing = tuple({"header": column.title, "accepted": column.accepted} for column in best.missing(mapping))
    raise BadInput("header_missing", sheet=best.sheet.name, row=best.row.number, missing=missing)


def _best_row(sheet: RawSheet, mapping: TableMapping, accepted: Mapping[str, str]) -> _Found | None:
    """The row near the top with most known headers; one known word alone is a title or a value, not a header."""
    best: _Found | None = None
    for row in sheet.rows:
        if row.number > mapping.header_within:
            break
        fields = [accepted.get(same(_title(cell)), "") for cell in row.cells]
        known = [field for field in fields if field]
        if len(set(known)) < min(2, len(mapping.columns)) or (best and len(set(known)) <= len(best.places)):
            continue
        places = {field: place for place, field in reversed(list(enumerate(fields))) if field}
        if len(known) > len(places):
            _refuse_repeated(sheet, row, fields)
        best = _Found(sheet=sheet, row=row, places=places)
    return best


def _refuse_repeated(sheet: RawSheet, row: RawRow, fields: Sequence[str]) -> None:
    twice = [place for place, field in enumerate(fields) if field and fields.count(field) > 1]
    columns = tuple({"column": column_letters(place), "header": _title(row.cells[place])} for place in twice)
    raise BadInput("header_repeated", sheet=sheet.name, row=row.number, columns=columns)


def _refuse_merged(found: _Found) -> None:
    """Merged titles above the header are usual; from the header on a merged cell leaves others without their value."""
    ranges = sorted((text for text in found.sheet.merged if _last_row(text) >= found.row.number), key=_last_row)
    if ranges:
        raise BadInput("merged_cells", sheet=found.sheet.name, ranges=tuple(ranges[:20]), count=len(ranges))


def _last_row(text: str) -> int:
    digits = "".join(letter for letter in text.rpartition(":")[2] if letter.isdigit())
    return int(digits or 0)


def _headers(found: _Found) -> tuple[Header, ...]:
    fields = {place: field for field, place in found.places.items()}
    return tuple(
        Header(column=column_letters(place), title=_title(cell), field=fields.get(place, ""))
        for place, cell in enumerate(found.row.cells)
    )


def _title(cell: Cell) -> str:
    return " ".join(cell.split()) if isinstance(cell, str) else ""
