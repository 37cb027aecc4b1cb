"""Imports of spreadsheets: read by an adapter, planned and carried out by the engine, told by row and column."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from adapters.spreadsheets import RowProblem, TableMapping, TableResult, load_mapping, normal, read_table
from adapters.spreadsheets.table import Row
from engine.core.calendar import Calendar
from engine.core.command import Medium
from engine.core.identifiers import credit_code
from engine.core.ports import Clock
from engine.core.yaml_source import read
from engine.errors import BadInput, Busy, Conflict, NotFound
from engine.runtime.bulk import BulkResult, find_bulk, open_bulk, results, run_bulk, stop_bulk, unfinished
from engine.runtime.door import Door
from engine.runtime.imports import Importer, ImportPlan, Into, SheetRow, load_into, plan_import
from engine.runtime.service import Service
from engine.store.views import BulkRow
from web.services import ImportState

IDENTIFIERS = {"credit_code": credit_code}
#: Rows planned in one turn at the one door: clicks go between.
_SLICE = 500
_STATUS = {"open": "running", "stopped": "stopped"}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of spreadsheet: how it is read and what its rows become."""

    mapping: TableMapping
    into: Into


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A spreadsheet as it was read and what importing it would do; problems of reading and of planning together."""

    kind: Kind
    name: str
    #: hex SHA-256 of the file
    digest: str
    result: TableResult
    rows: tuple[SheetRow, ...]
    importer: Importer
    plan: ImportPlan
    problems: tuple[RowProblem, ...]

    @property
    def purpose(self) -> str:
        """By what an unfinished import of the same file is found."""
        return f"import {self.kind.mapping.id} {self.digest[:16]}"


class SheetImports:
    """Reads, plans, carries out; implements `web.services.Imports`."""

    def __init__(
        self, *, door: Door, clock: Clock, calendar: Calendar, mappings: Path, incoming: Path, batch: int
    ) -> None:
        self._door = door
        self._clock = clock
        self._calendar = calendar
        self._folder = mappings
        #: folder for files while they are read
        self._incoming = incoming
        self._batch = batch
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="import")
        self._stopping = False
        self._states: dict[str, ImportState] = {}
        #: imports that a person has told to stop
        self._halted: set[str] = set()

    # reading ---------------------------------------------------------------------------------------------------

    def kinds(self) -> dict[str, str]:
        """Titles of the kinds of spreadsheets by id."""
        return {path.stem: self.kind(path.stem).mapping.title for path in sorted(self._folder.glob("*.yaml"))}

    def kind(self, name: str) -> Kind:
        """The kind of that id; BadInput if there is none."""
        path = self._folder / f"{name}.yaml"
        if not name.isidentifier() or not path.is_file():
            raise BadInput("import_kind_unknown", field="kind", got=name)
        return load_kind(path)

    def read(self, kind: str, path: Path, *, person: str, name: str = "", medium: Medium = "import") -> Sheet:
        """Read a spreadsheet and plan its import; writes nothing. BadInput when it cannot be read as a whole."""
        told = self.kind(kind)
        digest = sha256(path.read_bytes()).hexdigest()
        result = self.table(told, path)
        rows = tuple(sheet_row(told.mapping, row) for row in result.good)
        source = f"{(name or path.name)[:80]}@{digest[:12]}"
        importer = Importer(mapping=kind, into=told.into, source=source, person=person, medium=medium)
        plan = self._plan(importer, rows)
        return Sheet(
            kind=told,
            name=name or path.name,
            digest=digest,
            result=result,
            rows=rows,
            importer=importer,
            plan=plan,
            problems=(*result.problems, *_placed(result, told.mapping, plan)),
        )

    def table(self, kind: Kind, path: Path, *, today: date | None = None) -> TableResult:
        """The rows of a spreadsheet, read against the directory as it is now; no date may lie after `today`."""
        lists, units = self._door.run(lambda service: self._known(service, kind))

        def lookup(reference: str, column: str, value: str) -> Sequence[str]:
            found = kind.into.finds.get(reference, {}).get(column)
            return units[found].get(normal(value), ()) if found else ()

        return read_table(
            path,
            kind.mapping,
            choices=lists,
            identifiers=IDENTIFIERS,
            lookup=lookup,
            today=today or self._calendar.local_day(self._clock.now()),
        )

    def _known(
        self, service: Service, kind: Kind
    ) -> tuple[dict[str, dict[str, tuple[str, ...]]], dict[str, dict[str, list[str]]]]:
        """The lists of the directory that the mapping names, and units by what they are found by."""
        today = self._calendar.local_day(service.clock.now())
        units: dict[str, dict[str, list[str]]] = {"credit_code": defaultdict(list), "title": defaultdict(list)}
        with service.store.session() as session:
            directory = service.directories.at(session, session.directory_version())
            if kind.into.finds:
                for row in session.directory.rows("unit", day=today):
                    for column, found in units.items():
                        found[normal(row.columns[column])].append(row.id)
        roles = {name: power.title for name, power in directory.roles.items()}
        titles = {"regions": directory.regions, "industries": directory.industries, "roles": roles}
        lists: dict[str, dict[str, tuple[str, ...]]] = {
            name: dict.fromkeys(titles[listed].values(), ()) for name, listed in kind.into.lists.items()
        }
        return lists, units

    def _plan(self, importer: Importer, rows: Sequence[SheetRow]) -> ImportPlan:
        # who is meant by a name, and what is told twice, shows only when all rows are seen together
        many = len(rows) if importer.into.arranged else _SLICE
        door = self._door
        starts = range(0, len(rows), many or 1)
        plans = [door.run(partial(plan_import, importer, rows[start : start + many])) for start in starts]
        return ImportPlan(
            items=tuple(item for plan in plans for item in plan.items),
            rows=sum(plan.rows for plan in plans),
            refused=tuple(one for plan in plans for one in plan.refused),
            known=tuple(row for plan in plans for row in plan.known),
        )

    # carrying out ----------------------------------------------------------------------------------------------

    def begin(self, sheet: Sheet, *, bulk: str = "") -> BulkRow | None:
        """Freeze what the sheet would do; None if that is nothing. Conflict if the same file was begun before."""
        door = self._door
        for before in [] if bulk else unfinished(door, sheet.purpose):
            raise Conflict("import_unfinished", bulk=before.id, done=before.done, items=before.items)
        if not sheet.plan.items:
            return None
        requests = [item.request for item in sheet.plan.items]
        return open_bulk(
            door, purpose=sheet.purpose, requests=requests, person=sheet.importer.person, reason=sheet.name, bulk=bulk
        )

    def unfinished(self, kind: str, path: Path) -> BulkRow:
        """The import of that file that was begun and not ended; NotFound if there is none."""
        digest = sha256(path.read_bytes()).hexdigest()
        begun = unfinished(self._door, f"import {kind} {digest[:16]}")
        if not begun:
            raise NotFound("import_not_begun", file=path.name)
        return begun[0]

    def take_up(self) -> int:
        """Go on in the background with every import that was not ended; how many."""
        begun = unfinished(self._door, "import ")
        for row in begun:
            self._threads.submit(self._go_on, row.id)
        return len(begun)

    def run(self, bulk: str, told: Callable[[BulkRow], None] | None = None) -> BulkRow:
        """Carry out what is left, batch by batch."""

        def stopped() -> bool:
            return self._stopping or bulk in self._halted

        return run_bulk(self._door, bulk, batch=self._batch, told=told, stopped=stopped)

    def failed(self, bulk: str) -> list[BulkResult]:
        """The items that the one door refused."""
        return list(results(self._door, bulk, status="failed"))

    # for the web -----------------------------------------------------------------------------------------------

    def start(self, person: str, kind: str, source: BinaryIO, *, name: str, dry_run: bool, command: str) -> ImportState:
        """Read and, unless dry, begin in the background; the same command id gives the import it began."""
        bulk = sha256(f"import\n{command}".encode()).hexdigest()[:24]
        if not dry_run and find_bulk(self._door, bulk) is not None:
            return self.progress(person, bulk)
        sheet = self._received(kind, source, person=person, name=name, bulk=bulk)
        good = len(sheet.rows) - len({one.row for one in sheet.plan.refused})
        state = ImportState(
            id=bulk,
            kind=kind,
            status="checked",
            rows=len(sheet.result.rows),
            good=good,
            problems=sheet.problems,
        )
        begun = None if dry_run else self.begin(sheet, bulk=bulk)
        if begun is not None:
            self._states[bulk] = state
            self._threads.submit(self._go_on, bulk)
            return self.progress(person, bulk)
        return state

    def _received(self, kind: str, source: BinaryIO, *, person: str, name: str, bulk: str) -> Sheet:
        self._incoming.mkdir(parents=True, exist_ok=True)
        path = self._incoming / f"{bulk}.xlsx"
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(source, file)
            return self.read(kind, path, person=person, name=name)
        finally:
            path.unlink(missing_ok=True)

    def _go_on(self, bulk: str) -> None:
        try:
            self.run(bulk)
            if bulk in self._halted:
                stop_bulk(self._door, bulk)
        except Busy:
            if not self._stopping:
                self._threads.submit(self._go_on, bulk)

    def progress(self, person: str, bulk: str) -> ImportState:
        """How far an import is; NotFound for others than who began it."""
        row = find_bulk(self._door, bulk)
        if row is None or row.person != person:
            raise NotFound("import_not_found", bulk=bulk)
        state = self._states.get(bulk)
        return ImportState(
            id=bulk,
            kind=row.purpose.split()[1],
            status="stopped" if bulk in self._halted else _STATUS.get(row.status, "done"),
            rows=state.rows if state else row.items,
            good=state.good if state else row.items,
            problems=state.problems if state else (),
            done=row.done,
            failed=row.failed,
        )

    def stop(self, person: str, bulk: str) -> None:
        """End an import between two batches; NotFound for others than who began it."""
        if self.progress(person, bulk).status == "running":
            self._halted.add(bulk)

    def go_on(self, person: str, bulk: str) -> None:
        """Go on with an import that was stopped."""
        if self.progress(person, bulk).status == "stopped":
            self._halted.discard(bulk)
            self._threads.submit(self._go_on, bulk)

    def carry_out(self, sheet: Sheet, bulk: str) -> ImportState:
        """Begin in the background what a sheet that was read would do; a second time it tells how far it is."""
        if find_bulk(self._door, bulk) is None and self.begin(sheet, bulk=bulk) is not None:
            self._states[bulk] = ImportState(
                id=bulk,
                kind=sheet.kind.mapping.id,
                status="running",
                rows=len(sheet.result.rows),
                good=sheet.plan.rows,
                problems=sheet.problems,
            )
            self._threads.submit(self._go_on, bulk)
        return self.progress(sheet.importer.person, bulk)

    def wait(self) -> None:
        """Wait until what was begun in the background has ended."""
        self._threads.submit(lambda: None).result()

    def close(self) -> None:
        """Stop between two batches; what is left is taken up again later."""
        self._stopping = True
        self._threads.shutdown(wait=True)


def load_kind(path: Path) -> Kind:
    """The kind of spreadsheet that a mapping describes; DefinitionError where it does not."""
    file = f"library/imports/{path.name}"
    data = read(path.read_text(encoding="utf-8"), file=file)[0].plain()
    mapping = load_mapping(data, file=file)
    known = {column.field for column in mapping.columns} | {one.name for one in mapping.references}
    return Kind(mapping=mapping, into=load_into(data.get("into") or {}, known, file=file))


def sheet_row(mapping: TableMapping, row: Row) -> SheetRow:
    return SheetRow(number=row.number, key=_key(mapping, row), values=row.values, references=row.references)


def _key(mapping: TableMapping, row: Row) -> str:
    """What tells a row from all others: the first key of the mapping that is filled, else all it says."""
    told = {**row.values, **row.references}
    for key in mapping.unique:
        if all(told.get(name) is not None for name in key):
            return "\n".join(f"{name}={normal(str(told[name]))}" for name in key)
    return "\n".join(f"{name}={value}" for name, value in row.values.items())


def _placed(result: TableResult, mapping: TableMapping, plan: ImportPlan) -> list[RowProblem]:
    """What planning refused, with the column and header of the sheet."""
    headers = {header.field: header for header in result.headers if header.field}
    problems = []
    for one in plan.refused:
        # a reference is told at the first column it is found by
        field = mapping.reference_fields(one.field)[0]
        header = headers.get(field)
        known = next((column.title for column in mapping.columns if column.field == field), field)
        problems.append(
            RowProblem(
                row=one.row,
                column=header.column if header else "",
                header=header.title if header else known,
                field=field,
                code=one.code,
                data=one.data,
            )
        )
    return problems
