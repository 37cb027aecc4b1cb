"""What decisions stand on besides cases: compiled procedures, the directory, calendars; loaded once and shared."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

import msgspec
import orjson
from msgspec.structs import replace

from engine.audit.entry import parse_entry
from engine.core.administration import DIRECTORY
from engine.core.calendar import Calendar
from engine.core.compiler import compile_procedure
from engine.core.definition import Procedure
from engine.core.directory import END, Certificate, Directory, Entity, Holding, RolePower
from engine.core.directory_told import arranged_told, certificate_told
from engine.core.event import AnyEvent, RoleEnded, RoleGranted, RowsRecorded
from engine.core.machine import Machine
from engine.core.upcast import decode_events
from engine.errors import Broken, NotFound
from engine.runtime.calendar_years import following
from engine.store.reader import Reader
from engine.store.session import Session

#: Entries of the directory that are read to catch up; where there are more it is read anew.
MOST_CATCH_UP = 500
#: After so long calendars are looked up again: another process may have published a year.
LOOK_AGAIN = timedelta(seconds=30)
#: Units and places kept in memory at one version of the directory; more than one office sees in a day.
MOST_ENTITIES = 20_000


class Catalog:
    """Procedures by version; what a version means never changes, so machines are kept for ever."""

    def __init__(self, calendars: Mapping[str, Calendar]) -> None:
        self.calendars = dict(calendars)
        #: as the files say them
        self.files = dict(calendars)
        #: the entry of the library by which calendars last changed, and when that was last looked up
        self._followed = 0
        self._looked_at: datetime | None = None
        self._machines: dict[str, Machine] = {}
        self._lock = threading.Lock()

    def machine(self, session: Session | Reader, version: str) -> Machine:
        """The compiled procedure of that version; NotFound if it was never published here."""
        machine = self._machines.get(version)
        return machine if machine is not None else self._load(session, version)

    def _load(self, session: Session | Reader, version: str) -> Machine:
        row = session.definitions.get(version)
        if row is None:
            raise NotFound("version_not_found", version=version)
        machine = compile_procedure(read_procedure(row.body))
        if machine.version != version:
            raise Broken("definition_changed", version=version, found=machine.version)
        with self._lock:
            return self._machines.setdefault(version, machine)

    def follow(self, session: Session | Reader, now: datetime | None = None) -> None:
        """Take up years of calendars published since; with an instant only if none was looked up shortly before it."""
        if now is not None and self._looked_at is not None and abs(now - self._looked_at) < LOOK_AGAIN:
            return
        last = session.calendars.last_seq()
        if last != self._followed:
            self.calendars = following(self.files, session.calendars.published())
            self._followed = last
        self._looked_at = now or self._looked_at

    def calendar(self, machine: Machine | None = None) -> Calendar:
        """The working calendar that a procedure counts by."""
        name = machine.procedure.calendar if machine else next(iter(self.calendars))
        calendar = self.calendars.get(name)
        if calendar is None:
            raise NotFound("calendar_not_found", calendar=name)
        return calendar


def procedure_bytes(procedure: Procedure) -> bytes:
    """The canonical bytes of a resolved procedure; their SHA-256 is its version."""
    return orjson.dumps(msgspec.to_builtins(procedure), option=orjson.OPT_SORT_KEYS)


def read_procedure(body: bytes) -> Procedure:
    """A resolved procedure from its stored bytes."""
    return msgspec.json.decode(body, type=Procedure)


#: By table and id: what it is on which days. All days are kept, so that a new day asks nothing anew.
Histories = dict[tuple[str, str], tuple[tuple[date, date, Entity], ...]]


class Directories:
    """The directory at its present version; as its stream moves on, only what was recorded since is read."""

    def __init__(self, roles: Mapping[str, RolePower]) -> None:
        self.roles = dict(roles)
        self._present: tuple[Directory, Histories] | None = None

    def at(self, session: Session | Reader, version: int) -> Directory:
        """The snapshot of that version, which is the present one."""
        return self._state(session, version)[0]

    def after(self, version: int, events: Iterable[AnyEvent]) -> Directories:
        """The same after events that are not committed yet: for whoever wrote them, and nobody else."""
        mine = Directories(self.roles)
        if self._present is not None:
            mine._present = _told(*self._present, version, events)
        return mine

    def _state(self, session: Session | Reader, version: int) -> tuple[Directory, Histories]:
        present = self._present
        if present is not None and present[0].version == version:
            return present
        since = _since(session, present[0].version, version) if present is not None else None
        if present is not None and since is not None:
            present = self._present = _told(*present, version, since)
        else:
            present = self._present = (self._loaded(session, version), {})
        return present

    def _loaded(self, session: Session | Reader, version: int) -> Directory:
        rows = session.directory
        return Directory(
            version=version,
            holdings=rows.holdings(),
            certificates=rows.certificates(),
            roles=self.roles,
            regions={row.id: row.columns["title"] for row in rows.rows("region")},
            industries={row.id: row.columns["title"] for row in rows.rows("industry")},
            **rows.arranged(),
        )

    def entities(
        self, session: Session | Reader, version: int, table: str, ids: tuple[str, ...], day: date
    ) -> dict[str, Entity]:
        """Units or places as valid on a day, by id; unknown ones are left out."""
        cache = self._state(session, version)[1]
        known = {name: days for name in ids if (days := cache.get((table, name))) is not None}
        missing = [name for name in ids if name not in known]
        if missing:
            found = session.directory.histories(table, missing)
            known.update({name: found.get(name, ()) for name in missing})
            if len(cache) > MOST_ENTITIES:
                # Another thread may be reading it: it is replaced, never emptied under its hands.
                self._forget(version)
            cache.update({(table, name): known[name] for name in missing})
        return {name: entity for name in ids for first, end, entity in known[name] if first <= day < end}

    def _forget(self, version: int) -> None:
        present = self._present
        if present is not None and present[0].version == version:
            self._present = (present[0], {})


def _since(session: Session | Reader, known: int, version: int) -> list[AnyEvent] | None:
    """What the directory's stream tells between two versions; None if that is too much, or not there."""
    if not 0 < version - known <= MOST_CATCH_UP:
        return None
    rows = [row for row in session.record.entries(DIRECTORY, after=known, limit=MOST_CATCH_UP) if row.seq <= version]
    if len(rows) != version - known:
        return None
    return [event for row in rows for event in decode_events(parse_entry(row.bytes).events)]


def _told(
    directory: Directory, cache: Histories, version: int, events: Iterable[AnyEvent]
) -> tuple[Directory, Histories]:
    """The directory after events, and the days still known of its units and places."""
    listed = list(events)
    rows = [event for event in listed if isinstance(event, RowsRecorded)]
    changed = {(event.table, row["id"]) for event in rows for row in event.rows}
    titles = {
        table: {row["id"]: row["title"] for event in rows if event.table == table for row in event.rows}
        for table in ("region", "industry")
    }
    made = directory.changed(
        version,
        holdings=holdings_told(listed, directory.holding).values(),
        certificates=certificates_told(rows),
        regions=titles["region"],
        industries=titles["industry"],
        **arranged_told(lambda table: [row for event in rows if event.table == table for row in event.rows]),
    )
    return made, {key: days for key, days in list(cache.items()) if key not in changed}


def holdings_told(
    events: Iterable[AnyEvent], known: Callable[[str], Holding | None] = lambda name: None
) -> dict[str, Holding]:
    """The holdings that events grant or end, by id; `known` are those granted before."""
    holdings: dict[str, Holding] = {}
    for event in events:
        if isinstance(event, RoleGranted):
            holdings[event.holding] = _granted(event)
        elif isinstance(event, RoleEnded):
            held = holdings.get(event.holding) or known(event.holding)
            if held is not None:
                holdings[event.holding] = replace(held, valid_to=date.fromisoformat(event.valid_to))
    return holdings


def certificates_told(events: Iterable[RowsRecorded]) -> list[Certificate]:
    """The certificates that events record."""
    return [certificate_told(row) for event in events if event.table == "certificate" for row in event.rows]


def _granted(event: RoleGranted) -> Holding:
    return Holding(
        id=event.holding,
        person=event.person,
        role=event.role,
        region=event.region,
        industry=event.industry,
        unit=event.unit,
        body=event.body,
        valid_from=date.fromisoformat(event.valid_from),
        valid_to=date.fromisoformat(event.valid_to) if event.valid_to else END,
    )
