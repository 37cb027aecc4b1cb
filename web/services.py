"""What the faces need of the application, in one record; the composition root fills it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.machine import Machine
from engine.core.ports import Clock, Dice, EvidenceFiles, StoredFile
from engine.core.seals import BeforeOpening
from engine.runtime.accounts import Accounts, SessionSeen
from engine.runtime.boards import Boards
from engine.runtime.bulk_runs import BulkRuns
from engine.runtime.calendar_notice import Notices
from engine.runtime.calendar_runs import NoticeRuns
from engine.runtime.desk import Desk
from engine.runtime.devices import Devices
from engine.runtime.door import Door
from engine.runtime.duty_views import DutyViews
from engine.runtime.guests import Guests
from engine.runtime.leavers import Leavers
from engine.runtime.linked import LinkedCase
from engine.runtime.message_desk import MessageDesk
from engine.runtime.organisation import Organisations
from engine.runtime.reading import PageAsk, SeenCase
from engine.runtime.registers import Registers
from engine.runtime.searching import Search
from engine.runtime.triage import Triage
from engine.runtime.watches import Watches
from engine.store.held import HeldView
from engine.store.queries import CaseFilter, Sort
from engine.store.records import DefinitionRow
from engine.store.views import CaseView, DirectoryRow, EntryView, MessageView, Page, TaskView, TokenRow
from web.catalogues.told_rows import RowProblem
from web.passing import Passing
from web.settings import WebSettings


class Reader(Protocol):
    """Reads as one person sees; what they may not see is NotFound, and not in any list."""

    def token(self, digest: bytes) -> TokenRow | None:
        """The token of that digest, in force or not."""

    def directory(self) -> Directory:
        """The organisation as known now."""

    def calendar(self) -> Calendar:
        """The calendar of the place."""

    def case(self, person: str, case: str) -> SeenCase:
        """One case."""

    def cases(self, person: str, wanted: CaseFilter, page: PageAsk, *, sort: Sort, down: bool) -> Page[CaseView]:
        """A register."""

    def told_before_opening(self, person: str, case: str) -> BeforeOpening:
        """Who knew of a case while it was hidden."""

    def entries(self, person: str, case: str, page: PageAsk) -> Page[EntryView]:
        """Entries of a case in order."""

    def tasks(self, person: str, page: PageAsk, *, drafts: bool) -> Page[TaskView]:
        """Open tasks the person holds, the earliest deadline first; with `drafts` only formal acts to issue."""

    def held_at(self, person: str, whom: str, at: datetime, known_at: datetime | None = None) -> list[HeldView]:
        """What somebody held at an instant of the past, of the cases that the asker sees."""

    def messages(self, person: str, page: PageAsk) -> Page[MessageView]:
        """Messages to the person, the latest first."""

    def rows(self, person: str, table: str, on: date, page: PageAsk) -> Page[DirectoryRow]:
        """Rows of the directory valid on a day."""

    def find(self, person: str, table: str, text: str, limit: int) -> Sequence[DirectoryRow]:
        """Units or places whose title or id holds the text, as far as the person may find them."""

    def titles(self, table: str, ids: Iterable[str]) -> Mapping[str, str]:
        """Titles of units or places by id; unknown ones are left out."""

    def linked(self, person: str, case: str) -> Sequence[LinkedCase]:
        """The cases that a case has to do with; of one that is not for this person only that there is one."""

    def find_cases(self, person: str, text: str, limit: int) -> list[tuple[str, str]]:
        """Id and name of cases whose number or title holds the text, as far as the person sees them."""

    def case_names(self, person: str, ids: Iterable[str]) -> Mapping[str, str]:
        """Names of cases by id; those that are not for this person to see are left out."""

    def find_persons(self, person: str, text: str, limit: int) -> list[tuple[str, str]]:
        """Id and name of people near the person whose name holds the text."""

    def names(self, persons: Iterable[str]) -> Mapping[str, str]:
        """Names of persons, for readers who may see the rows they stand in."""

    def procedures(self) -> Sequence[DefinitionRow]:
        """Published procedures, the latest version of each first."""

    def machine(self, version: str) -> Machine:
        """One version of a procedure; NotFound."""


class Uploads(Protocol):
    """Takes files and records that they are durable."""

    def take(self, source: BinaryIO, *, limit: int) -> StoredFile:
        """Store a file and its row."""


@dataclass(frozen=True, kw_only=True)
class ImportState:
    """How an import stands; a dry run ends at `checked`."""

    id: str
    kind: str
    #: refused, checked, running, stopped, done
    status: str
    rows: int
    good: int
    problems: Sequence[RowProblem] = ()
    done: int = 0
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class ImportColumn:
    """One column of a spreadsheet, or one that a kind of spreadsheet asks for."""

    #: letters; "" = of the kind
    letters: str = ""
    #: the header as it stands there
    header: str = ""
    #: what it is read as; "" = it is not read
    title: str = ""
    required: bool = False
    accepted: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ImportKind:
    """One kind of spreadsheet that may be imported."""

    id: str
    title: str
    columns: Sequence[ImportColumn]
    #: permission without which nothing of it can be imported
    needs: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportPreview:
    """A spreadsheet that was read and not yet imported; kept for a while for whoever uploaded it."""

    token: str
    kind: str
    title: str
    file: str
    sheet: str
    header_row: int
    columns: Sequence[ImportColumn]
    other_sheets: Sequence[str]
    rows: int
    #: rows that would be imported, and those that are there already
    ready: int
    known: int
    #: rows with something wrong
    wrong: int
    problems: Sequence[RowProblem]


class ImportDesk(Protocol):
    """Imports as a person does them on pages: look first, then begin, stop, go on."""

    def kinds(self) -> Sequence[ImportKind]:
        """What may be imported."""

    def blank(self, kind: str) -> Path:
        """A spreadsheet with nothing but the heads of that kind's columns; who asks removes it. BadInput."""

    def preview(self, person: str, kind: str, source: BinaryIO, *, name: str) -> ImportPreview:
        """Read a spreadsheet and keep it; writes nothing. BadInput when it cannot be read as a whole."""

    def previewed(self, person: str, token: str) -> ImportPreview:
        """What was read; NotFound."""

    def wrong_rows(self, person: str, token: str) -> Path:
        """A spreadsheet of the rows with something wrong, as typed, each with what it is; who asks removes it."""

    def begin(self, person: str, token: str) -> ImportState:
        """Import what was read; a second time it tells how far it is."""

    def progress(self, person: str, bulk: str) -> ImportState:
        """How far an import is; NotFound."""

    def stop(self, person: str, bulk: str) -> None:
        """End an import between two batches."""

    def go_on(self, person: str, bulk: str) -> None:
        """Go on with one that was stopped."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A spreadsheet to be written: a title, lines beneath it, and the heads of its columns."""

    title: str
    notes: Sequence[str] = ()
    header: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ExportState:
    """How an export stands."""

    id: str
    title: str
    #: running, done, failed
    status: str
    rows: int = 0


class Exports(Protocol):
    """Writes spreadsheets in which text stays text."""

    def write(self, sheet: Sheet, rows: Iterable[Sequence[object]]) -> Path:
        """A file, complete; whoever asks for it removes it."""

    def start(self, person: str, sheet: Sheet, rows: Iterable[Sequence[object]]) -> str:
        """Begin in the background; the id of the export."""

    def state(self, person: str, name: str) -> ExportState:
        """How far an export of the person is; NotFound."""

    def file(self, person: str, name: str) -> Path:
        """The file of a finished export; NotFound."""


class Sessions(Protocol):
    """Sessions of people who signed in."""

    def seen(self, token: str, *, quiet: bool = False) -> SessionSeen | None:
        """The session of a cookie, noted as used now unless `quiet`; None if there is none in force."""


class Imports(Protocol):
    """Reads spreadsheets into commands."""

    def start(self, person: str, kind: str, source: BinaryIO, *, name: str, dry_run: bool, command: str) -> ImportState:
        """Read and, unless dry, begin; the same command id gives the import it began."""

    def progress(self, person: str, bulk: str) -> ImportState:
        """How far it is; NotFound."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything a face may use."""

    door: Door
    reader: Reader
    registers: Registers
    boards: Boards
    watches: Watches
    duties: DutyViews
    desk: Desk
    search: Search
    organisations: Organisations
    triage: Triage
    leavers: Leavers
    guests: Guests
    bulk_runs: BulkRuns
    notices: Notices
    notice_runs: NoticeRuns
    files: EvidenceFiles
    uploads: Uploads
    imports: Imports
    import_desk: ImportDesk
    exports: Exports
    accounts: Accounts
    devices: Devices
    sessions: Sessions
    clock: Clock
    dice: Dice
    #: None = nobody said how much may leave the product
    message_desk: MessageDesk | None = None
    #: clauses that definitions cite: id -> as people cite it
    clauses: Mapping[str, str] = field(default_factory=dict)
    settings: WebSettings = field(default_factory=WebSettings)
    #: lets the clock run ahead; None = it is the machine's
    passing: Passing | None = None
    #: the door answers in the thread that asks (PostgreSQL), so the event loop must not ask it
    blocking_door: bool = False
