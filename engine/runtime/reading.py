"""Reads as one person sees: what they may not see is NotFound, and is in no list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.core import parties
from engine.core.calendar import Calendar
from engine.core.case import Case
from engine.core.command import SYSTEM
from engine.core.directory import Scope
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.core.offers import Offer, allowed_actions
from engine.core.seals import BeforeOpening
from engine.errors import NotFound, NotPermitted
from engine.runtime.guest_names import guest_names
from engine.runtime.linked import LinkedCase, linked_cases
from engine.runtime.openings import Openings
from engine.runtime.personal import is_reference
from engine.runtime.projection import micros
from engine.runtime.vault import Erased, Vault
from engine.store.held import HeldView
from engine.store.queries import CaseFilter, Sort
from engine.store.reader import Reader
from engine.store.records import DefinitionRow
from engine.store.views import (  # fmt: skip
    BulkRow,
    CaseView,
    DirectoryRow,
    EntryView,
    IncidentRow,
    Lag,
    MessageView,
    Page,
    TaskView,
    TokenRow,
)

#: Tables of the directory that any member of the organisation may read: they say how it is ordered, not who is in it.
ORDER = ("region", "industry")
#: Tables of what a form may name by its title.
ENTITIES = ("unit", "place")
#: Persons whose names, which are sealed, are opened to find one.
MOST_NEAR = 500
#: Permission to see how the installation runs.
OPERATE = "operate"


@dataclass(frozen=True, kw_only=True)
class PageAsk:
    """Which rows: so many after a mark."""

    after: str = ""
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class SeenCase:
    """A case as one person may see it."""

    case: Case
    machine: Machine
    calendar: Calendar
    offers: Sequence[Offer] = ()
    #: names of the persons in it, as far as the reader may know them
    names: Mapping[str, str] = field(default_factory=dict)
    #: values of fields opened for this reader; those not here are withheld
    opened: Mapping[str, Any] = field(default_factory=dict)
    #: the world in which the offers were made: whom one may name, and why a task is whose, is asked of it
    facts: Facts | None = None


class Reading(Openings):
    """Queries on behalf of a person, each on a connection of its own that cannot write."""

    def token(self, digest: bytes) -> TokenRow | None:
        """The token of that digest, in force or not."""
        with self._store.read() as reader:
            return reader.tokens.get(digest)

    # cases ------------------------------------------------------------------------------------------------------

    def cases(self, person: str, wanted: CaseFilter, page: PageAsk, *, sort: Sort, down: bool) -> Page[CaseView]:
        """A page of a register."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            return reader.cases(scope, wanted, sort=sort, down=down, limit=page.limit, after=page.after)

    def case(self, person: str, case: str) -> SeenCase:
        """One case with what this person may do in it; NotFound if it is not for them to see.

        The first look of a person at a hidden case is recorded before they see anything of it.
        """
        seen = self._case(person, case)
        if seen is None:
            self._note_look(person, case)
            seen = self._case(person, case)
        if seen is None:
            raise NotPermitted("look_not_recorded")
        return seen

    def _case(self, person: str, case: str) -> SeenCase | None:
        """One case; None where it is hidden and this would be the person's first look at it."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            head = reader.case(scope, case)
            snapshot = reader.snapshot(scope, case) if head else None
            if head is None or snapshot is None:
                raise NotFound("case_not_found")
            found = self._state(reader, case, snapshot)
            machine = self._catalog.machine(reader, found.version)
            facts = self._facts(reader, machine, found)
            if self._is_first_look(machine, found, facts, person):
                return None
            offers = allowed_actions(machine, found, facts, person, self._clock.now())
            return SeenCase(
                case=found,
                machine=machine,
                calendar=facts.calendar,
                offers=offers,
                names=self._names(reader, _persons_of(found)) | guest_names(reader, self._master, machine, found),
                opened=self._opened(reader, machine, found, facts, person),
                facts=facts,
            )

    def _opened(self, reader: Reader, machine: Machine, case: Case, facts: Facts, person: str) -> dict[str, Any]:
        """Values of the case for this reader: sealed ones opened where their parties include the reader."""
        opened: dict[str, Any] = {}
        vault = Vault(reader.vault, self._master)
        for name, value in case.fields.items():
            spec = machine.fields.get(name)
            if spec is None:
                continue
            if spec.confidential and not any(
                parties.belongs(machine, case, facts, party, person, self.today()) for party in spec.confidential
            ):
                continue
            if is_reference(value):
                value = vault.open(value["vault"], value["commitment"])
            opened[name] = None if isinstance(value, Erased) else value
        return opened

    def told_before_opening(self, person: str, case: str) -> BeforeOpening:
        """Who knew of a case while it was hidden; nobody where it never was. NotFound as `case`."""
        seen = self.case(person, case)
        with self._store.read() as reader:
            return self._before_opening(reader, seen.machine, seen.case)

    def linked(self, person: str, case: str) -> tuple[LinkedCase, ...]:
        """The cases that a case has to do with; of one that is not for this person only that there is one."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            if reader.case(scope, case) is None:
                raise NotFound("case_not_found")
            return linked_cases(reader, self._catalog, scope, case)

    def entries(self, person: str, case: str, page: PageAsk) -> Page[EntryView]:
        """Entries of a case in order; the mark is the seq of the last one."""
        after = int(page.after) if page.after.isdecimal() else 0
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            head = reader.case(scope, case)
            if head is None:
                raise NotFound("case_not_found")
            rows = reader.entries(scope, case, after=after, limit=page.limit + 1)
        if not head.register.region:  # hidden: its entries are a look at it, too
            self.case(person, case)
        more = str(rows[page.limit - 1].seq) if len(rows) > page.limit else ""
        return Page(items=tuple(rows[: page.limit]), after=more)

    # work -------------------------------------------------------------------------------------------------------

    def tasks(self, person: str, page: PageAsk, *, drafts: bool = False) -> Page[TaskView]:
        """Open tasks the person holds, the earliest deadline first; with `drafts` only formal acts to issue."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            kind = "draft" if drafts else ""
            return reader.tasks(scope, kind=kind, limit=page.limit, after=page.after)

    def held_at(self, person: str, whom: str, at: datetime, known_at: datetime | None = None) -> list[HeldView]:
        """What somebody held at an instant of the past, of the cases that the asker sees; as known then or now."""
        with self._store.read() as reader:
            known = micros(known_at) if known_at else None
            return reader.held.by_person(self._scope(reader, person), whom, micros(at), known_at=known)

    def messages(self, person: str, page: PageAsk) -> Page[MessageView]:
        """Messages to the person, the latest first."""
        with self._store.read() as reader:
            return reader.messages(self._scope(reader, person), limit=page.limit, after=page.after)

    # directory and library --------------------------------------------------------------------------------------

    def rows(self, person: str, table: str, on: date, page: PageAsk) -> Page[DirectoryRow]:
        """Rows of the directory valid on a day, as far as the person may see them."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            match table:
                case "unit" | "place":
                    # Who may report about a unit must find it, also where they see no cases but their own.
                    scope = scope if scope.everything else self._present(reader).surroundings(person, self.today())
                    return reader.entities(scope, table, on, limit=page.limit, after=page.after)
                case "person":
                    return reader.persons(scope, on, limit=page.limit, after=page.after)
                case "holding":
                    return self._holdings(reader, scope, on, page)
                case "certificate":
                    return self._certificates(reader, scope, on, page)
                case _ if table in ORDER:
                    return _paged(reader.directory.rows(table, day=on), page)
        raise NotFound("table_not_found", table=table)

    def _holdings(self, reader: Reader, scope: Scope, on: date, page: PageAsk) -> Page[DirectoryRow]:
        seen = [
            row
            for row in reader.directory.rows("holding", day=on)
            if scope.covers(region=row.columns["region"], unit=row.columns["unit"], holders=(row.columns["person"],))
        ]
        return _paged(seen, page)

    def _certificates(self, reader: Reader, scope: Scope, on: date, page: PageAsk) -> Page[DirectoryRow]:
        directory = self._present(reader)

        def seen(person: str) -> bool:
            held = directory.held_by(person, on)
            near = (scope.covers(region=one.region, unit=one.unit) for one in held)
            return scope.everything or person == scope.person or any(near)

        rows = reader.directory.rows("certificate", day=on)
        return _paged([row for row in rows if seen(row.columns["person"])], page)

    def find(self, person: str, table: str, text: str, limit: int) -> Sequence[DirectoryRow]:
        """Units or places whose title or id holds the text, valid today, as far as the person may find them."""
        if table not in ENTITIES:
            raise NotFound("table_not_found", table=table)
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            scope = scope if scope.everything else self._present(reader).surroundings(person, self.today())
            return reader.entities(scope, table, self.today(), text=text, limit=limit).items

    def titles(self, table: str, ids: Iterable[str]) -> dict[str, str]:
        """Titles of units or places by id, as valid today; unknown ones are left out."""
        wanted = [name for name in dict.fromkeys(ids) if name]
        with self._store.read() as reader:
            found = reader.directory.rows(table, wanted, day=self.today()) if wanted else []
        return {row.id: row.columns["title"] for row in found}

    def find_cases(self, person: str, text: str, limit: int) -> list[tuple[str, str]]:
        """Id and name of cases whose number or title holds the text, as far as the person sees them; latest first."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            claimed = reader.finding.claimed(scope, text, limit=limit)
            found = [*claimed, *reader.cases(scope, CaseFilter(text=text), limit=limit).items]
        return list({one.id: _named(one) for one in found}.items())[:limit]

    def case_names(self, person: str, ids: Iterable[str]) -> dict[str, str]:
        """Names of cases by id; those that are not for this person to see are left out."""
        wanted = [name for name in dict.fromkeys(ids) if name]
        if not wanted:
            return {}
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            found = [view for name in wanted if (view := reader.case(scope, name)) is not None]
        return {one.id: _named(one) for one in found}

    def find_persons(self, person: str, text: str, limit: int) -> list[tuple[str, str]]:
        """Id and name of people in the person's regions or units whose name holds the text, or who bear that id."""
        with self._store.read() as reader:
            near = reader.persons(self._scope(reader, person), self.today(), limit=MOST_NEAR).items
            names = self._names(reader, [row.id for row in near])
        found = [(row.id, names.get(row.id, "")) for row in near]
        return [(one, name) for one, name in found if text == one or text in name][:limit]

    def names(self, persons: Iterable[str]) -> dict[str, str]:
        """Names of persons, for readers who may see the rows they stand in."""
        with self._store.read() as reader:
            return self._names(reader, persons)

    def procedures(self) -> Sequence[DefinitionRow]:
        """Published procedures, the latest version of each first."""
        with self._store.read() as reader:
            return reader.definitions.list()

    def machine(self, version: str) -> Machine:
        """One version of a procedure; NotFound."""
        with self._store.read() as reader:
            return self._catalog.machine(reader, version)

    # operations -------------------------------------------------------------------------------------------------

    def bulk(self, person: str, bulk: str) -> BulkRow:
        """How far a bulk operation is; NotFound if it is another's."""
        with self._store.read() as reader:
            row = reader.bulk(self._scope(reader, person), bulk)
        if row is None:
            raise NotFound("bulk_not_found")
        return row

    def incidents(self, person: str) -> list[IncidentRow]:
        """Open incidents; only for who operates the installation."""
        with self._store.read() as reader:
            directory = self._present(reader)
            if person != SYSTEM and not directory.may(person, OPERATE, self.today()):
                raise NotPermitted("permission_missing", permission=OPERATE)
            return reader.incidents(Scope(person=person, everything=True))

    def lag(self) -> Lag:
        """The oldest work that waits."""
        with self._store.read() as reader:
            return reader.lag()


def _persons_of(case: Case) -> Iterable[str]:
    for task in case.tasks:
        yield from task.holder.persons
        yield from task.readers
        if task.asked:
            yield task.asked.by
        yield from (one for given in (task.given, task.back_to) if given for one in (given.person, given.by))
        yield from (one.person for one in task.urged)
        if task.handing and task.handing.by:
            yield task.handing.by
    yield from (one.person for one in case.signed)
    yield from (one for copy in case.copies for one in (copy.person, copy.by))
    yield from case.recused
    yield from (one.person for one in case.opinions if one.person)
    voices = (voice for vote in case.rounds for voice in vote.voices)
    yield from (one for voice in voices for one in (voice.person, voice.added_by, voice.answered_by) if one)
    yield from (one.person for one in case.guests)


def _named(case: CaseView) -> str:
    """What people call a case: its number and title."""
    return f"{case.register.number} {case.register.title}".strip()


def _paged(rows: Sequence[DirectoryRow], page: PageAsk) -> Page[DirectoryRow]:
    """A page of rows ordered by id."""
    rest = [row for row in rows if row.id > page.after]
    more = rest[page.limit - 1].id if len(rest) > page.limit else ""
    return Page(items=tuple(rest[: page.limit]), after=more)
