"""Imports as people do them on pages: a spreadsheet is read and kept, looked at, and only then imported."""

from __future__ import annotations

import dataclasses
import shutil
import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from adapters.spreadsheets import RowProblem, SheetWriter, write_error_workbook
from engine.core.ports import Dice
from engine.errors import NotFound
from engine.runtime.organisation import KEEPS
from web.catalogues import say, tell_row
from web.services import ImportColumn, ImportKind, ImportPreview, ImportState
from zhiben.importing import Kind, Sheet, SheetImports

#: Spreadsheets kept to be looked at; who uploads another one loses the oldest.
MOST_KEPT = 12


class SheetDesk:
    """Implements `web.services.ImportDesk`; what was read and not imported is gone when the process ends."""

    def __init__(self, imports: SheetImports, folder: Path, dice: Dice) -> None:
        self._imports = imports
        self._folder = folder
        self._dice = dice
        self._kept: dict[str, tuple[str, Sheet]] = {}
        self._lock = threading.Lock()

    def kinds(self) -> Sequence[ImportKind]:
        """What may be imported."""
        return [
            ImportKind(id=name, title=title, columns=_wanted(kind), needs="" if kind.into.case else KEEPS)
            for name, title in self._imports.kinds().items()
            for kind in (self._imports.kind(name),)
        ]

    def blank(self, kind: str) -> Path:
        """A spreadsheet with nothing but the heads of that kind's columns."""
        mapping = self._imports.kind(kind).mapping
        path = self._path(f"blank-{self._dice.token(12).hex()}")
        with SheetWriter(path, sheet=mapping.title) as sheet:
            sheet.header([column.title for column in mapping.columns])
        return path

    def preview(self, person: str, kind: str, source: BinaryIO, *, name: str) -> ImportPreview:
        """Read a spreadsheet and keep it; writes nothing."""
        token = self._dice.token(12).hex()
        self._imports.kind(kind)
        path = self._path(f"preview-{token}")
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(source, file)
            sheet = self._imports.read(kind, path, person=person, name=name)
        finally:
            path.unlink(missing_ok=True)
        with self._lock:
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[token] = (person, sheet)
        return _told(token, sheet)

    def previewed(self, person: str, token: str) -> ImportPreview:
        """What was read; NotFound for others than who uploaded it."""
        return _told(token, self._sheet(person, token))

    def wrong_rows(self, person: str, token: str) -> Path:
        """The rows with something wrong, in reading and in planning."""
        sheet = self._sheet(person, token)
        by_row: defaultdict[int, list[RowProblem]] = defaultdict(list)
        for problem in sheet.problems:
            by_row[problem.row].append(problem)
        rows = tuple(dataclasses.replace(row, problems=tuple(by_row[row.number])) for row in sheet.result.rows)
        path = self._path(f"wrong-{self._dice.token(12).hex()}")
        told = dataclasses.replace(sheet.result, rows=rows)
        write_error_workbook(path, told, render=tell_row, column_title=say("import_page.wrong_column"), only_bad=True)
        return path

    def begin(self, person: str, token: str) -> ImportState:
        """Import what was read; its id is the token, so that a second time is the same import."""
        try:
            sheet = self._sheet(person, token)
        except NotFound:
            return self._imports.progress(person, token)
        state = self._imports.carry_out(sheet, token)
        with self._lock:
            self._kept.pop(token, None)
        return state

    def progress(self, person: str, bulk: str) -> ImportState:
        """How far an import is."""
        return self._imports.progress(person, bulk)

    def stop(self, person: str, bulk: str) -> None:
        """End an import between two batches."""
        self._imports.stop(person, bulk)

    def go_on(self, person: str, bulk: str) -> None:
        """Go on with one that was stopped."""
        self._imports.go_on(person, bulk)

    def _sheet(self, person: str, token: str) -> Sheet:
        whose, sheet = self._kept.get(token, ("", None))
        if sheet is None or whose != person:
            raise NotFound("preview_not_found")
        return sheet

    def _path(self, name: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{name}.xlsx"


def _wanted(kind: Kind) -> list[ImportColumn]:
    return [
        ImportColumn(title=column.title, required=column.required, accepted=tuple(column.accepted))
        for column in kind.mapping.columns
    ]


def _told(token: str, sheet: Sheet) -> ImportPreview:
    titles = {column.field: column.title for column in sheet.kind.mapping.columns}
    required = {column.field for column in sheet.kind.mapping.columns if column.required}
    result = sheet.result
    return ImportPreview(
        token=token,
        kind=sheet.kind.mapping.id,
        title=sheet.kind.mapping.title,
        file=sheet.name,
        sheet=result.sheet,
        header_row=result.header_row,
        columns=[
            ImportColumn(
                letters=one.column,
                header=one.title,
                title=titles.get(one.field, ""),
                required=one.field in required,
            )
            for one in result.headers
            if one.title
        ],
        other_sheets=(*result.other_sheets, *result.hidden_sheets),
        rows=len(result.rows),
        ready=sheet.plan.rows,
        known=len(sheet.plan.known),
        wrong=len({one.row for one in sheet.problems}),
        problems=sheet.problems,
    )
