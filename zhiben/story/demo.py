"""The whole demonstration: spreadsheets, an installation, imports, triage, the year, and what the record says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

import msgspec

from adapters.spreadsheets import RowProblem
from engine.core import command as cmd
from engine.core.command import SYSTEM
from engine.errors import Conflict
from engine.runtime.bulk import open_bulk, run_bulk
from engine.runtime.clock import VirtualClock
from engine.runtime.imports import case_data
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.runtime.verification import Verification, verify_all
from engine.store import migrate
from engine.store.migrations import HEAD
from engine.store.queries import CaseFilter
from engine.store.views import BulkRow
from zhiben.composition import Application
from zhiben.importing import Sheet, sheet_row
from zhiben.publishing import publish, record_regions
from zhiben.settings import Settings
from zhiben.story.files import store_files
from zhiben.story.people import make_people, record_people
from zhiben.story.player import Player
from zhiben.story.samples import make_carried_over, make_samples
from zhiben.story.script import Script, TriageWay, load_script
from zhiben.story.stage import Report, Stage
from zhiben.story.tally import Tally, count
from zhiben.story.timing import OPENS, SLOT, SLOTS
from zhiben.uploads import StoredUploads

#: The story ends on its last day when the offices close, not at midnight: what falls due then is still to come.
_CLOSES = time(17, 30)


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one spreadsheet."""

    title: str
    rows: int
    good: int
    problems: tuple[RowProblem, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the demonstration found out."""

    script: Script
    imported: tuple[Imported, ...]
    triaged: dict[str, int]
    tally: Tally
    verified: Verification
    #: requests that the engine refused, by code
    refused: dict[str, int]
    #: open at the end, and of those overdue
    still_open: int
    overdue: int


class SeededDice:
    """Dice for a story that must come out the same: never for keys that protect anything."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)

    def token(self, size: int) -> bytes:
        """Bytes that follow from the seed."""
        return self._dice.randbytes(size)


class Demo:
    """One demonstration in a folder of its own."""

    def __init__(
        self,
        settings: Settings,
        *,
        seed: int | None = None,
        one_in: int = 1,
        told: Callable[[str], None],
        month: Callable[[date], None] = lambda month: None,
    ) -> None:
        script = load_script(settings.workflows / "plans" / settings.place / "story.yaml")
        self.script = script if seed is None else msgspec.structs.replace(script, seed=seed)
        self.clock = VirtualClock(_begin(self.script))
        self.application = Application(settings, what="demo", clock=self.clock, dice=SeededDice(self.script.seed))
        self._told = told
        self._month = month
        #: of so many rows of the ledger one is played, for a look in a hurry
        self._one_in = one_in

    def run(self) -> Told:
        """Play it all; the application stays open, so that the record can be read."""
        made, script = self.application, self.script
        folder = made.settings.data / "spreadsheets"
        make_samples(folder)
        make_carried_over(folder / "carried_over.xlsx")
        migrate.upgrade(made.settings.database_url)
        publish(made.door, made.place, person=SYSTEM)
        record_regions(made.door, made.place, person=SYSTEM)
        people = make_people(script.people, made.place.regions, made.place.industries, Random(script.seed))
        record_people(made.door, people, script.begins - timedelta(days=365))
        self._told("prepared")
        imported = [
            self._import(script.sheets.units, folder / "units.xlsx"),
            self._import(script.sheets.ledger, folder / "carried_over.xlsx"),
        ]
        self._told("imported")
        triaged = self._triage()
        reports, read = self._reports(folder / "ledger.xlsx")
        self._told("playing")
        player = self._play(reports)
        self._told("played")
        with made.store.read() as reader:
            tally = count(reader.record, made.calendar, script.procedure)
        directory = made.operating.directory()
        verified = verify_all(made.store, made.catalog, made.files, directory, made.operating.today())
        still_open, overdue = self._left()
        return Told(
            script=script,
            imported=(*imported, read),
            triaged=triaged,
            tally=tally,
            verified=verified,
            refused=dict(sorted(player.refused.items())),
            still_open=still_open,
            overdue=overdue,
        )

    # imports ---------------------------------------------------------------------------------------------------

    def _import(self, kind: str, path: Path) -> Imported:
        sheet: Sheet = self.application.imports.read(kind, path, person=SYSTEM)
        begun = self.application.imports.begin(sheet)
        if begun is not None:
            self.application.imports.run(begun.id)
        return Imported(
            title=sheet.kind.mapping.title,
            rows=len(sheet.result.rows),
            good=sheet.plan.rows,
            problems=sheet.problems,
        )

    def _triage(self) -> dict[str, int]:
        """The office says once where the ladders of the claimed cases start."""
        made, way = self.application, self.script.triage
        now = micros(self.clock.now())
        late: list[str] = []
        other: list[str] = []
        for view in made.operating.every(SYSTEM, CaseFilter(claim="claimed", closed=False)):
            due_at = view.register.due_at
            (late if due_at is not None and due_at <= now else other).append(view.id)
        by = made.door.run(self._holder_of(way.by))
        done = {}
        for name, cases, how in (("overdue", late, way.overdue), ("others", other, way.others)):
            done[name] = self._decide(cases, how, by).done if cases else 0
        return done

    def _decide(self, cases: list[str], how: TriageWay, by: str) -> BulkRow:
        act = cmd.TriageCase(start=how.start, until=how.until, reason=how.reason)
        requests = [
            cmd.Request(id="", stream=cmd.Stream(kind="case", id=case), act=act, acted_by=by, medium="bulk")
            for case in cases
        ]
        door = self.application.door
        begun = open_bulk(door, purpose="triage", requests=requests, person=by, reason=how.reason)
        return run_bulk(door, begun.id)

    def _holder_of(self, role: str) -> Callable[[Service], str]:
        top = min(self.application.place.regions, key=len)
        day = self.application.calendar.local_day(self.clock.now())

        def find(service: Service) -> str:
            with service.store.session() as session:
                directory = service.directories.at(session, session.directory_version())
            return directory.holders(role, top, "", "", day)[0]

        return find

    def _reports(self, path: Path) -> tuple[list[Report], Imported]:
        """The rows of the year's ledger as reports on the days on which it says they were found."""
        made = self.application
        kind = made.imports.kind(self.script.sheets.ledger)
        result = made.imports.table(kind, path, today=self.script.ends)
        rows = [sheet_row(kind.mapping, row) for row in result.good]
        assert kind.into.case is not None
        places = made.door.run(_places)
        reports = []
        for row in rows[:: self._one_in]:
            dice = Random(f"{self.script.seed} report {row.key}")
            day = row.values[kind.into.case.opened]
            at = made.calendar.instant(day, OPENS) + dice.randrange(SLOTS) * SLOT
            case = dice.randbytes(12).hex()
            reports.append(Report(at=at, case=case, data=case_data(kind.into.case, row, places)))
        read = Imported(
            title=kind.mapping.title, rows=len(result.rows), good=len(result.good), problems=result.problems
        )
        return reports, read

    # the year --------------------------------------------------------------------------------------------------

    def _play(self, reports: list[Report]) -> Player:
        made, script = self.application, self.script
        evidence = store_files(StoredUploads(made.files, made.door))
        stage = Stage(script=script, store=made.store, calendar=made.calendar, clock=self.clock, evidence=evidence)
        # in a hurry fewer units act by duty, too, but not as few as rows are played
        some = max(1, self._one_in // 3)
        player = Player(script=script, door=made.door, clock=self.clock, stage=stage, evidence=evidence, one_in=some)
        player.month_begins = self._month
        standing = [view.id for view in made.operating.every(SYSTEM, CaseFilter(closed=False))]
        player.play(reports, standing, made.calendar.instant(script.ends, _CLOSES))
        return player

    def _left(self) -> tuple[int, int]:
        """How many cases are open at the end, and how many of them late."""
        now = micros(self.clock.now())
        wanted = CaseFilter(procedure=self.script.procedure, closed=False)
        rows = [view.register for view in self.application.operating.every(SYSTEM, wanted)]
        return len(rows), sum(1 for row in rows if row.due_at is not None and row.due_at <= now)


def _places(service: Service) -> dict[str, str]:
    """The place of each unit."""
    with service.store.session() as session:
        return {row.columns["unit"]: row.id for row in session.directory.rows("place")}


def _begin(script: Script) -> datetime:
    return datetime.combine(script.begins, time(0, 30), UTC)  # half past eight in the morning in China


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What the folder of a demonstration says about itself once its story is told."""

    #: revision of the database's schema
    schema: str
    seed: int
    one_in: int


_MARK = ".demo"


def wiped(folder: Path) -> Path:
    """The folder, empty: a former demonstration goes, anything else stays."""
    mark = folder / _MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise Conflict("folder_in_use", folder=str(folder))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
    return folder


def completed(folder: Path, mark: Mark) -> None:
    """Say that the story of a folder was told to its end."""
    (folder / _MARK).write_bytes(msgspec.json.encode(mark))


def told_before(folder: Path) -> Mark | None:
    """What a complete demonstration of this program says of itself; None where there is none to go on with."""
    try:
        mark = msgspec.json.decode((folder / _MARK).read_bytes(), type=Mark)
    except (OSError, msgspec.DecodeError):
        return None
    return mark if mark.schema == HEAD else None
