"""One box: by number, by unit, by words; each as far as the person may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.directory import Scope
from engine.core.machine import Machine
from engine.errors import NotFound
from engine.runtime.looking import Looking
from engine.runtime.numbers import written_number
from engine.runtime.reading import PageAsk
from engine.store.queries import CaseFilter
from engine.store.reader import Reader
from engine.store.views import CaseView, DirectoryRow, Page

#: A number may be named by its count alone: in this year and so many before.
YEARS_BACK = 2
#: Rows of each kind.
MOST = 20
_COUNT = re.compile(r"[0-9]{1,7}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found, by how; a case stands in one group only."""

    #: the number itself
    numbered: Sequence[CaseView] = ()
    #: numbers that begin so
    beginning: Sequence[CaseView] = ()
    units: Sequence[DirectoryRow] = ()
    titled: Sequence[CaseView] = ()
    #: titles of the units of the cases, by id
    titles: Mapping[str, str] = field(default_factory=dict)
    machines: Mapping[str, Machine] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class UnitFound:
    """A unit with a page of its cases."""

    unit: DirectoryRow
    cases: Page[CaseView]
    machines: Mapping[str, Machine]


class Search(Looking):
    """Finds what a person looks for."""

    def find(self, person: str, text: str) -> Found:
        """Whatever the text may mean, in as many statements as there are ways to mean it."""
        text = " ".join(text.split())
        if not text:
            return Found()
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            machines = self._machines(reader)
            names = sorted({machine.procedure.id for machine in machines})
            exact = [text.upper(), text, *self._counted(machines, text)]
            numbered = reader.finding.numbered(scope, dict.fromkeys(exact), names, limit=MOST)
            numbered += reader.finding.claimed(scope, text, limit=MOST)
            beginning = reader.finding.beginning(scope, text.upper(), names, limit=MOST)
            titled = reader.finding.titled(scope, text.split(" "), limit=MOST)
            known = {case.id for case in numbered}
            beginning = [case for case in beginning if case.id not in known]
            known |= {case.id for case in beginning}
            titled = [case for case in titled if case.id not in known]
            cases = [*numbered, *beginning, *titled]
            return Found(
                numbered=numbered,
                beginning=beginning,
                units=self._units(reader, scope, person, text),
                titled=titled,
                titles=self._titles(reader, cases),
                machines=self._machines_of(reader, cases),
            )

    def unit(self, person: str, unit: str, page: PageAsk) -> UnitFound:
        """A unit's cases that the person may see, the latest first; NotFound for a unit they may not find."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            rows = reader.directory.rows("unit", [unit], day=self.today())
            wide = self._wide(reader, scope, person)
            if not rows or not (wide.everything or wide.covers(region=rows[0].columns["region"], unit=unit)):
                raise NotFound("unit_not_found", unit=unit)
            wanted = CaseFilter(unit=unit)
            cases = reader.cases(scope, wanted, sort="opened_at", down=True, limit=page.limit, after=page.after)
            return UnitFound(unit=rows[0], cases=cases, machines=self._machines_of(reader, cases.items))

    def _wide(self, reader: Reader, scope: Scope, person: str) -> Scope:
        """Who works somewhere finds the units there, also where they see no cases but their own."""
        return scope if scope.everything else self._present(reader).surroundings(person, self.today())

    def _units(self, reader: Reader, scope: Scope, person: str, text: str) -> Sequence[DirectoryRow]:
        wide = self._wide(reader, scope, person)
        return reader.entities(wide, "unit", self.today(), text=text, limit=MOST).items

    def _machines(self, reader: Reader) -> list[Machine]:
        latest = {row.procedure: row.version for row in reversed(reader.definitions.list())}
        return [self._catalog.machine(reader, version) for version in latest.values()]

    def _counted(self, machines: Sequence[Machine], text: str) -> Iterator[str]:
        if not _COUNT.fullmatch(text):
            return
        year = self.today().year
        for machine in machines:
            for back in range(YEARS_BACK + 1):
                yield written_number(machine.procedure.number, year - back, int(text))

    def _titles(self, reader: Reader, cases: Sequence[CaseView]) -> dict[str, str]:
        units = sorted({case.register.unit for case in cases if case.register.unit})
        rows = reader.directory.rows("unit", units, day=self.today()) if units else []
        return {row.id: row.columns["title"] for row in rows}

    def _machines_of(self, reader: Reader, cases: Sequence[CaseView]) -> dict[str, Machine]:
        versions = {case.register.version for case in cases}
        return {version: self._catalog.machine(reader, version) for version in versions}
