"""Registers as one person reads them: lines with names in place of ids, and counts of what they may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.core.administration import DIRECTORY
from engine.core.case import Case
from engine.core.conditions import Condition, Found, Same, both
from engine.core.deadlines import near_until
from engine.core.directory import Directory, Scope
from engine.core.machine import Machine
from engine.core.register import COUNTED_KINDS, Column, Register
from engine.core.register_filters import Asked, Moment, filters, light_of, sources
from engine.core.seals import masked
from engine.errors import BadInput, NotFound
from engine.runtime.looking import Looking
from engine.runtime.personal import is_reference
from engine.runtime.projection import micros
from engine.runtime.register_numbers import Numbers, RegisterCounts
from engine.store.queries import plain
from engine.store.reader import Reader
from engine.store.register_order import Order
from engine.store.registers import Listed
from engine.store.saved_views import SavedView
from engine.store.views import CaseView

#: Units whose name holds a searched text.
MOST_UNITS = 200
#: Lines read at once for an export.
EXPORT_LINES = 500
LONGEST_TEXT = 100


@dataclass(frozen=True, kw_only=True)
class RegisterAsk:
    """What of a register is asked for."""

    filters: Asked = field(default_factory=dict)
    text: str = ""
    #: a column to sort by; "" = as the register says
    sort: str = ""
    down: bool = False
    #: marks of the page before, or behind
    after: str = ""
    before: str = ""
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class Line:
    """One case of a register: what its columns show, in raw values."""

    head: CaseView
    light: str
    #: column id → what stands there: text, number, list of texts; None = nothing
    values: Mapping[str, Any]
    #: persons and offices that hold its open tasks, by name
    holders: Sequence[str] = ()
    #: the party of each open task, as its definition calls it
    parties: Sequence[str] = ()
    #: titles of the active leaves
    states: Sequence[str] = ()
    machine: Machine
    case: Case


@dataclass(frozen=True, kw_only=True)
class Names:
    """Titles by id of what lines name."""

    units: Mapping[str, str]
    places: Mapping[str, str]
    persons: Mapping[str, str]
    regions: Mapping[str, str]
    industries: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RegisterPage:
    """Some lines, and the marks behind the last and before the first of them; "" = there are no more that way."""

    lines: Sequence[Line]
    names: Names
    after: str
    before: str
    moment: Moment
    #: column and direction it is sorted by
    sort: Column
    down: bool


class Registers(Looking):
    """Queries of the registers of the place, each on a connection of its own that cannot write."""

    def __init__(self, *, registers: Mapping[str, Register], **looking: Any) -> None:
        super().__init__(**looking)
        self.registers = dict(registers)

    def register(self, name: str) -> Register:
        """The register of that id; NotFound."""
        found = self.registers.get(name)
        if found is None:
            raise NotFound("register_not_found")
        return found

    def machines(self, register: Register) -> list[Machine]:
        """The present versions of the procedures that the register is about; those never published are left out."""
        with self._store.read() as reader:
            rows = [reader.definitions.list(name)[:1] for name in dict.fromkeys(one.procedure for one in register.of)]
            return [self._catalog.machine(reader, row.version) for found in rows for row in found]

    def moment(self, register: Register, person: str, now: datetime) -> Moment:
        """When and for whom a register is read."""
        calendar = self._catalog.calendar()
        return Moment(
            now=micros(now),
            soon=micros(near_until(now, calendar, register.yellow)),
            today=calendar.local_day(now),
            start_of=lambda day: micros(calendar.instant(day)),
            person=person,
        )

    # pages ------------------------------------------------------------------------------------------------------

    def page(self, person: str, name: str, ask: RegisterAsk) -> RegisterPage:
        """A page of a register; BadInput for a filter or a sort that it has not."""
        with self._store.read() as reader:
            return self._page(reader, self._asked(reader, person, name, ask), ask)

    def counts(self, person: str, name: str, ask: RegisterAsk) -> RegisterCounts:
        """How many cases match, the register's totals of them, and by filter what each choice would give."""
        with self._store.read() as reader:
            return self._asked(reader, person, name, ask).counts()

    def both(self, person: str, name: str, ask: RegisterAsk) -> tuple[RegisterPage, RegisterCounts]:
        """Page and numbers, from one look at what was counted ahead."""
        with self._store.read() as reader:
            asked = self._asked(reader, person, name, ask)
            return self._page(reader, asked, ask), asked.counts()

    def _asked(self, reader: Reader, person: str, name: str, ask: RegisterAsk) -> Numbers:
        register = self.register(name)
        moment = self.moment(register, person, self._clock.now())
        scope = self._scope(reader, person)
        return Numbers(
            reader,
            scope,
            register,
            moment,
            listed=sources(register, moment),
            asked=filters(register, ask.filters, moment),
            texts=self._texts(reader, scope, ask.text),
        )

    def _page(self, reader: Reader, asked: Numbers, ask: RegisterAsk) -> RegisterPage:
        register = asked.register
        sort, down = order_of(register, ask)
        page = reader.registers.page(
            asked.scope,
            asked.wanted,
            Order(sort.key, down),
            limit=ask.limit,
            after=ask.after,
            before=ask.before,
            few=asked.few(),
        )
        lines, names = self._lines(reader, register, page.items, asked.moment)
        return RegisterPage(
            lines=lines, names=names, after=page.after, before=page.before, moment=asked.moment, sort=sort, down=down
        )

    def line(self, person: str, name: str, case: str) -> RegisterPage:
        """A page of one case; NotFound if the register does not list it for the person."""
        register, moment = self.register(name), self.moment(self.register(name), person, self._clock.now())
        with self._store.read() as reader:
            wanted = both(sources(register, moment), Same(column="id", values=(case,)))
            page = reader.registers.page(self._scope(reader, person), wanted, Order("opened"), limit=1)
            if not page.items:
                raise NotFound("case_not_found")
            lines, names = self._lines(reader, register, page.items, moment)
        return RegisterPage(
            lines=lines, names=names, after="", before="", moment=moment, sort=register.sort, down=register.down
        )

    def every_page(self, person: str, name: str, ask: RegisterAsk) -> Iterator[RegisterPage]:
        """All pages from the first on, for an export; each is read when it is asked for."""
        after = ""
        while True:
            page = self.page(person, name, replace(ask, after=after, before="", limit=EXPORT_LINES))
            yield page
            if not (after := page.after):
                return

    def _texts(self, reader: Reader, scope: Scope, text: str) -> list[Condition]:
        """What is searched for: each word in number or title, or in the name of the unit."""
        words = plain(text, "q").split()
        if len(text) > LONGEST_TEXT:
            raise BadInput("search_too_long", field="q", most=LONGEST_TEXT)
        found: list[Condition] = []
        for word in words:
            units = reader.entities(scope, "unit", self.today(), text=word, limit=MOST_UNITS).items
            found.append(Found(text=word, units=tuple(row.id for row in units)))
        return found

    def _lines(
        self, reader: Reader, register: Register, items: Sequence[Listed], moment: Moment
    ) -> tuple[list[Line], Names]:
        version = reader.record.seq_of(DIRECTORY)
        directory = self._directories.at(reader, version)
        found = [
            (item.head, masked(self._state(reader, item.head.id, told)), item.head.register)
            for item in items
            for told in ((item.snapshot, item.fold_version),)
        ]
        machines = {row.version: self._catalog.machine(reader, row.version) for _, _, row in found}
        lines = [
            _line(register, head, case, machines[row.version], light_of(row.due_at, row.closed, moment))
            for head, case, row in found
        ]
        names = self._named(reader, directory, version, lines)
        return [_with_holders(line, names) for line in lines], names

    def _named(self, reader: Reader, directory: Directory, version: int, lines: Sequence[Line]) -> Names:
        wanted: dict[str, dict[str, None]] = {"unit": {}, "place": {}, "person": {}}
        for line in lines:
            row = line.head.register
            wanted["unit"][row.unit] = None
            wanted["place"][row.place] = None
            wanted["person"].update(dict.fromkeys(person for task in line.case.tasks for person in task.holder.persons))
            for spec in line.machine.procedure.fields:
                if spec.kind in wanted and spec.id in line.values:
                    wanted[spec.kind].update(dict.fromkeys(_listed(line.values[spec.id])))
        day = self.today()
        titles = {
            kind: {
                name: entity.title
                for name, entity in self._directories.entities(
                    reader, version, kind, tuple(one for one in wanted[kind] if one), day
                ).items()
            }
            for kind in ("unit", "place")
        }
        return Names(
            units=titles["unit"],
            places=titles["place"],
            persons=self._names(reader, wanted["person"]),
            regions=directory.regions,
            industries=directory.industries,
        )

    # views ------------------------------------------------------------------------------------------------------

    def saved(self, person: str, name: str) -> list[SavedView]:
        """The views that a person keeps of a register."""
        with self._store.read() as reader:
            return reader.saved_views.of(person, name)


def order_of(register: Register, ask: RegisterAsk) -> tuple[Column, bool]:
    """The column and direction asked for, or the register's own."""
    if not ask.sort:
        return register.sort, register.down
    column = register.sortable(ask.sort)
    if column is None:
        raise BadInput("unknown_sort", field="sort", sort=ask.sort)
    return column, ask.down


def counted_fields(machine: Machine) -> tuple[str, ...]:
    """The declared filters of a procedure of which there are few values: those that cases are counted by."""
    return tuple(
        spec.id
        for spec in machine.procedure.fields
        if spec.filtered and spec.kind in COUNTED_KINDS and not (spec.personal or spec.confidential)
    )


def _line(register: Register, head: CaseView, case: Case, machine: Machine, light: str) -> Line:
    values = {column.id: _value(column, case, machine) for column in register.columns if not column.case}
    states = tuple(machine.states[stay.state].title for stay in case.active if stay.state in machine.states)
    return Line(head=head, light=light, values=values, states=states, machine=machine, case=case)


def _value(column: Column, case: Case, machine: Machine) -> Any:
    """What a field holds; never what is sealed, also where an older version said that it is not."""
    spec = machine.fields.get(column.id)
    value = case.fields.get(column.id)
    if spec is None or spec.personal or spec.confidential or is_reference(value):
        return None
    return value


def _with_holders(line: Line, names: Names) -> Line:
    persons: dict[str, None] = {}
    parties: dict[str, None] = {}
    for task in line.case.tasks:
        party = line.machine.parties.get(task.holder.party.partition(".")[0])
        if party is not None:
            parties[party.title] = None
        persons.update(dict.fromkeys(names.persons[one] for one in task.holder.persons if one in names.persons))
    return replace(line, holders=tuple(persons), parties=tuple(parties))


def _listed(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else ()
