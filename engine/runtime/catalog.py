"""What decisions stand on besides cases: compiled procedures, the directory, calendars; loaded once and shared."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date

import msgspec
import orjson

from engine.core.calendar import Calendar
from engine.core.compiler import compile_procedure
from engine.core.definition import Procedure
from engine.core.directory import Directory, Entity, RolePower
from engine.core.machine import Machine
from engine.errors import Broken, NotFound
from engine.store.reader import Reader
from engine.store.session import Session

#: Units and places kept in memory at one version of the directory; more than one office sees in a day.
MOST_ENTITIES = 20_000


class Catalog:
    """Procedures by version; what a version means never changes, so machines are kept for ever."""

    def __init__(self, calendars: Mapping[str, Calendar]) -> None:
        self.calendars = dict(calendars)
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
    """The directory at its present version: read again only when its stream has moved on."""

    def __init__(self, roles: Mapping[str, RolePower]) -> None:
        self.roles = dict(roles)
        self._present: tuple[Directory, Histories] | None = None

    def at(self, session: Session | Reader, version: int) -> Directory:
        """The snapshot of that version, which is the present one."""
        return self._state(session, version)[0]

    def _state(self, session: Session | Reader, version: int) -> tuple[Directory, Histories]:
        present = self._present
        if present is not None and present[0].version == version:
            return present
        rows = session.directory
        loaded = Directory(
            version=version,
            holdings=rows.holdings(),
            roles=self.roles,
            regions={row.id: row.columns["title"] for row in rows.rows("region")},
            industries={row.id: row.columns["title"] for row in rows.rows("industry")},
        )
        self._present = (loaded, {})
        return self._present

    def entities(
        self, session: Session | Reader, version: int, table: str, ids: tuple[str, ...], day: date
    ) -> dict[str, Entity]:
        """Units or places as valid on a day, by id; unknown ones are left out."""
        cache = self._state(session, version)[1]
        missing = [name for name in ids if (table, name) not in cache]
        if missing:
            if len(cache) > MOST_ENTITIES:
                cache.clear()
            found = session.directory.histories(table, missing)
            cache.update({(table, name): found.get(name, ()) for name in missing})
        return {
            name: entity for name in ids for first, end, entity in cache.get((table, name), ()) if first <= day < end
        }
