"""Registers as one person reads them: lines with names in place of ids, and counts of what they may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.core.administration import DIRECTORY
from engine.core.case import Case
from engine.core.conditions import Condition, Found, Same, both
from engine.core.directory import Directory, Scope
from engine.core.machine import Machine
from engine.core.register import COUNTED_KINDS, Column, Register
from engine.core.register_filters import Asked, Moment, filters, light_of, soon_after, sources, total_conditions
from engine.core.seals import masked
from engine.errors import BadInput, NotFound
from engine.runtime.counting import Counted, Test, Values, count, countable, partly, test_of
from engine.runtime.looking import Looking
from engine.runtime.personal import is_reference
from engine.runtime.projection import micros
from engine.store.queries import plain
from engine.store.reader import Reader
from engine.store.registers import Listed, Order
from engine.store.saved_views import SavedView
from engine.store.tallies import Cell
from engine.store.views import CaseView

#: Cases that are looked at one by one to be counted; where there are more, that many is said and nothing else.
MOST_SINGLE = 2_000
#: Where no more than so many may match, they are looked up and sorted; walking an index would pass over too many.
FEW = 5_000
#: Totals that a row of few tells by itself.
_TOLD: Mapping[str, Callable[[Any, Moment], bool]] = {
    "open": lambda row, moment: not row.closed,
    "ended": lambda row, moment: bool(row.closed),
    "soon": lambda row, moment: light_of(row.due_at, row.closed, moment) == "yellow",
    "overdue": lambda row, moment: light_of(row.due_at, row.closed, moment) == "red",
}
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


@dataclass(frozen=True, kw_only=True)
class RegisterCounts:
    """The numbers of a register; `capped`: those of them that say `at least`."""

    total: int
    totals: Mapping[str, int]
    by: Mapping[str, Mapping[str, int]]
    capped: frozenset[str] = frozenset()


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
            soon=micros(soon_after(now, register.yellow, calendar)),
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


class Numbers:
    """What one person asks of a register on one connection: how many cases match, and which where they are few."""

    def __init__(
        self,
        reader: Reader,
        scope: Scope,
        register: Register,
        moment: Moment,
        *,
        listed: Condition,
        asked: Mapping[str, Condition],
        texts: Sequence[Condition],
    ) -> None:
        self.scope = scope
        self.register = register
        self.moment = moment
        self.wanted = both(listed, *asked.values(), *texts)
        self._reader = reader
        self._asked = asked
        self._procedures = sorted({source.procedure for source in register.of})
        self._fields = reader.registers.counted_fields(self._procedures)
        self._listed = test_of(listed, self._fields)
        self._tests = {name: test_of(condition, self._fields) for name, condition in asked.items()}
        #: whether cells tell all that is asked
        self._told_by_cells = not texts and self._listed is not None and all(self._tests.values())
        #: what `few` found, once it has been asked
        self._few: tuple[Sequence[Any] | None] | None = None
        self._counted: list[Cell] | None = None
        if self._listed is not None:
            self._counted = reader.registers.cells(scope, self._procedures, listed)

    def few(self) -> Sequence[Any] | None:
        """All that match, as rows to sort; None where these may be many, or nobody knows."""
        if self._few is None:
            among = self._among()
            self._few = (None if among is None else self._reader.registers.few(self.scope, self.wanted, among),)
        return self._few[0]

    def _among(self) -> list[str] | None:
        """Cases among which are all that match, by what is told of them ahead."""
        if self._counted is None:
            return None
        test = partly(self.wanted, self._fields)
        cells = [cell for cell in self._counted if test(cell)]
        if sum(max(cell.count, 0) for cell in cells) > FEW:
            return None
        tallies = {cell.tally for cell in cells if cell.tally}
        return [*self._reader.registers.members(tallies, FEW), *(cell.case for cell in cells if cell.case)]

    def counts(self) -> RegisterCounts:
        """From what was counted ahead where that tells; else from the cases themselves, up to a bound."""
        every = total_conditions(self.moment)
        conditions: dict[str, Condition] = {name: every[name] for name in self.register.totals}
        totals = {name: test for name, told in conditions.items() if (test := test_of(told, self._fields)) is not None}
        others = {name: one for name, one in conditions.items() if name not in totals}
        if self._told_by_cells and self._counted is not None and self._listed is not None:
            known = {name: test for name, test in self._tests.items() if test is not None}
            found = count(self._counted, self._listed, known, self._columns(known), totals)
            return self._told(found, others)
        few = self.few()
        among = None if few is None else [row.id for row in few]
        if among is None or len(among) <= MOST_SINGLE:
            most = MOST_SINGLE + 1
            cells = self._reader.registers.single_cells(self.scope, self.wanted, most=most, among=among)
        else:
            return self._told(Counted(total=len(among)), conditions)
        if len(cells) > MOST_SINGLE:
            return RegisterCounts(total=MOST_SINGLE, totals={}, by={}, capped=frozenset({"total"}))
        # each of these cases matches already: nothing is asked of them again
        return self._told(count(cells, _always, {}, self._columns({}), totals), others)

    def _columns(self, known: Mapping[str, Test]) -> dict[str, Values]:
        """Filters whose choices can be counted: where one cannot be taken away again its numbers are not told."""
        columns = [one for one in self.register.filters if one.id not in self._asked or one.id in known]
        return countable(columns, self._fields)

    def _told(self, found: Counted, others: Mapping[str, Condition]) -> RegisterCounts:
        totals: dict[str, int] = {name: found.totals.get(name, 0) for name in self.register.totals}
        capped: set[str] = set()
        few = self.few()
        for name, condition in others.items():
            if few is not None and name in _TOLD:
                totals[name] = sum(_TOLD[name](row, self.moment) for row in few)
                continue
            totals[name] = self._count(both(self.wanted, condition), MOST_SINGLE)
            capped |= {name} if totals[name] >= MOST_SINGLE else set()
        return RegisterCounts(total=found.total, totals=totals, by=found.by, capped=frozenset(capped))

    def _count(self, wanted: Condition, most: int) -> int:
        return self._reader.registers.count(self.scope, wanted, most=most)


def _always(_: Cell) -> bool:
    return True


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
