"""What every read on behalf of a person begins with: who asks, what they may see, cases as they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from engine.core.administration import DIRECTORY
from engine.core.calendar import Calendar
from engine.core.case import FOLD_VERSION, Case
from engine.core.command import SYSTEM, Stream
from engine.core.directory import Directory, Scope
from engine.core.facts import Facts, cases_of_parties
from engine.core.machine import Machine
from engine.core.ports import Clock
from engine.runtime.catalog import Catalog, Directories
from engine.runtime.projection import read_snapshot
from engine.runtime.replay import replay
from engine.runtime.signatories import signed_in
from engine.runtime.vault import Erased, Vault
from engine.store.reader import Reader
from engine.store.store import Store


class Looking:
    """Base of what reads, each query on a connection of its own that cannot write."""

    def __init__(
        self, *, store: Store, catalog: Catalog, directories: Directories, clock: Clock, master: bytes
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._directories = directories
        self._clock = clock
        self._master = master

    def today(self) -> date:
        """The local day."""
        return self._catalog.calendar().local_day(self._clock.now())

    def calendar(self) -> Calendar:
        """The calendar of the place."""
        return self._catalog.calendar()

    def directory(self) -> Directory:
        """The organisation as known now."""
        with self._store.read() as reader:
            return self._present(reader)

    def _present(self, reader: Reader) -> Directory:
        return self._directories.at(reader, reader.record.seq_of(DIRECTORY))

    def _scope(self, reader: Reader, person: str) -> Scope:
        return self._present(reader).scope(person, self.today())

    def _state(self, reader: Reader, case: str, snapshot: tuple[bytes, int]) -> Case:
        data, fold_version = snapshot
        return read_snapshot(data) if fold_version == FOLD_VERSION else replay(reader.record, Stream("case", case))

    def _facts(self, reader: Reader, machine: Machine, case: Case) -> Facts:
        calendar = self._catalog.calendar(machine)
        version, day = reader.record.seq_of(DIRECTORY), self.today()
        find = self._directories.entities
        return Facts(
            directory=self._directories.at(reader, version),
            calendar=calendar,
            at=self._clock.now(),
            units=find(reader, version, "unit", (case.unit,), day) if case.unit else {},
            places=find(reader, version, "place", (case.place,), day) if case.place else {},
            signed=signed_in(reader, cases_of_parties(machine, case)),
        )

    def _names(self, reader: Reader, persons: Iterable[str]) -> dict[str, str]:
        wanted = [person for person in dict.fromkeys(persons) if person and person != SYSTEM]
        rows = {row.id: row.columns["name"] for row in reader.directory.rows("person", wanted)} if wanted else {}
        opened = Vault(reader.vault, self._master).openings(ref for ref in rows.values() if ref)
        names: dict[str, str] = {}
        for person, ref in rows.items():
            opening = opened.get(ref)
            if opening is not None and not isinstance(opening, Erased):
                names[person] = str(opening.value)
        return names
