"""A year of the calendar that is published (放假安排通知): which deadlines it moves, seen before anything changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from engine.audit.entry import parse_entry
from engine.core.calendar import Calendar, CalendarYear
from engine.core.case import Case, Task
from engine.core.command import SYSTEM
from engine.core.deadlines import Deadline
from engine.core.directory import Scope
from engine.core.duty_redating import redated_windows
from engine.core.event import DeadlineRedated
from engine.core.machine import Machine
from engine.core.redating import Stays, redated, redating
from engine.core.upcast import decode_events
from engine.errors import BadInput, Conflict, NotFound, NotPermitted
from engine.runtime.calendar_years import following, number_of, proposed, with_year, year_of
from engine.runtime.duty_facts import calendar_for, stored_duty
from engine.runtime.looking import Looking
from engine.runtime.projection import micros
from engine.store.calendars import CalendarRow
from engine.store.reader import Reader

#: What publishing a year needs.
PUBLISH = "publish"
#: What became of a deadline: it is later, earlier, the same but certain now; or only its ladder moves.
How = Literal["later", "earlier", "confirmed", "rearmed"]
#: A count reaches back so far before a year begins: the last day of a deadline may be rolled back into the year before.
_MARGIN = timedelta(days=40)
_SLICE = 500
_EVERYTHING = Scope(person=SYSTEM, everything=True)
#: Whatever reads the same preview again this soon sees the same figures, and when they were counted.
KEPT = timedelta(minutes=2)
MOST_KEPT = 4


@dataclass(frozen=True, kw_only=True)
class Move:
    """What a year of the calendar does to one open deadline."""

    case: str
    number: str
    title: str
    procedure: str
    version: str
    region: str
    task: int
    state: str
    kind: str
    #: id of an extra task
    spec: str
    holders: tuple[str, ...]
    was: Deadline
    now: Deadline
    how: How
    #: it lies in the past by the new calendar, and did not by the old one
    late: bool
    #: rungs that have fired, which never fire again, and those whose moment has passed by the move
    fired: tuple[str, ...]
    passed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WindowMove:
    """What a year of the calendar does to a running window of a duty, and so to all obligations of it."""

    duty: str
    title: str
    period: str
    was: Deadline
    now: Deadline
    obligations: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Everything that a year would move, or has still to move, as counted at an instant."""

    row: CalendarRow
    year: CalendarYear
    #: what is in force for that year; None = nothing but weekdays
    present: CalendarYear | None
    at: datetime
    #: open deadlines, and those of them that were looked at: the others end before the year begins
    open: int
    read: int
    moves: tuple[Move, ...]
    #: running windows of duties that end at another time
    windows: tuple[WindowMove, ...] = ()
    #: why those that were looked at stay where they are
    stays: Mapping[Stays, int]
    #: cases of `moves` that whoever asks may see by name; the others only count
    visible: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases that have a deadline or a ladder to move, in order."""
        return tuple(dict.fromkeys(one.case for one in self.moves))

    def moved(self) -> list[Move]:
        """Those whose instant changes."""
        return [one for one in self.moves if one.how in ("later", "earlier")]


class Notices(Looking):
    """Reads years of calendars and what they move; only for those who may publish."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self._kept: dict[tuple[object, ...], Preview] = {}

    def years(self, person: str) -> tuple[Calendar, list[CalendarRow]]:
        """The calendar in force and every version that was put in, the latest first; NotPermitted."""
        with self._store.read() as reader:
            self._allowed(reader, person)
            self._catalog.follow(reader)
            return self._catalog.calendar(), reader.calendars.every()

    def calendars(self) -> Mapping[str, Calendar]:
        """The calendars in force by id."""
        return self._catalog.calendars

    def refresh(self) -> None:
        """Take up what was published since."""
        with self._store.read() as reader:
            self._catalog.follow(reader)

    def proposal(self, person: str, body: bytes, *, name: str, calendar: str = "") -> CalendarRow:
        """A yearly file as a row that may be published; BadInput, DefinitionError, Conflict for what is against it."""
        with self._store.read() as reader:
            self._allowed(reader, person)
            self._catalog.follow(reader)
        known = self._catalog.calendars
        wanted = calendar or self._catalog.calendar().id
        if wanted not in known:
            raise NotFound("calendar_not_found", calendar=wanted)
        row = proposed(body, wanted, name=name, person=person, at=micros(self._clock.now()))
        check_next(row, known[wanted])
        return row

    def row(self, person: str, row_id: str) -> CalendarRow:
        """One version of a year; NotPermitted, NotFound."""
        with self._store.read() as reader:
            self._allowed(reader, person)
            row = reader.calendars.get(row_id)
        if row is None:
            raise NotFound("calendar_year_not_found", id=row_id)
        return row

    def preview_kept(self, person: str, row: CalendarRow) -> Preview:
        """The same as counted a short while ago, so that pages of one list agree."""
        key, now = (person, row.id, row.seq, row.closed_at), self._clock.now()
        kept = self._kept.get(key)
        if kept is None or not timedelta() <= now - kept.at < KEPT or (row.seq and not row.closed_at):
            kept = self.preview(person, row)
            self._kept = {**dict(list(self._kept.items())[-MOST_KEPT:]), key: kept}
        return kept

    def preview(self, person: str, row: CalendarRow) -> Preview:
        """What that version of a year would move, or, once it is in force, has still to move."""
        with self._store.read() as reader:
            if person != SYSTEM:
                self._allowed(reader, person)
            files = following(self._catalog.files, reader.calendars.published())
            present = files[row.calendar]
            year = year_of(row)
            calendar = present if row.seq else with_year(present, year)
            found, stays, read = self._found(reader, calendar, row)
            moved = {one.case for one in found}
            seen = _visible(reader, self._scope(reader, person) if person != SYSTEM else _EVERYTHING, moved)
            return Preview(
                row=row,
                year=year,
                present=present.years.get(row.year) if not row.seq else None,
                at=self._clock.now(),
                open=reader.calendars.open_deadlines(),
                read=read,
                moves=tuple(sorted(found, key=lambda one: (one.was.due_at, one.number, one.task))),
                stays=stays,
                visible=frozenset(seen),
                names=self._names(reader, sorted({name for one in found for name in one.holders})),
                windows=tuple(self._windows(reader, calendar, year)),
            )

    def unsettled(self) -> list[CalendarRow]:
        """Years in force that some deadlines may not follow yet."""
        with self._store.read() as reader:
            return [row for row in reader.calendars.published() if not row.closed_at]

    def told(self, row: CalendarRow, entries: Iterable[tuple[str, int]]) -> tuple[int, Counter[str]]:
        """How many deadlines the entries (case, seq) moved for that year, and how many of them each person holds."""
        moved, holders = 0, Counter[str]()
        with self._store.read() as reader:
            written = reader.calendars.entries(entries)
            listed = sorted(written)
            for start in range(0, len(listed), _SLICE):
                part = listed[start : start + _SLICE]
                snapshots = reader.worklists.snapshots(_EVERYTHING, part)
                for name in part:
                    case = self._state(reader, name, snapshots[name])
                    tasks = {n for data in written[name] for n in _moved(data, row.version)}
                    moved += len(tasks)
                    for task in (case.task(n) for n in tasks):
                        holders.update(task.holder.persons if task is not None else ())
        return moved, holders

    def _allowed(self, reader: Reader, person: str) -> None:
        if person != SYSTEM and not self._present(reader).may(person, PUBLISH, self.today()):
            raise NotPermitted("permission_missing", permission=PUBLISH)

    def _found(self, reader: Reader, calendar: Calendar, row: CalendarRow) -> tuple[list[Move], Counter[Stays], int]:
        """What moves, what stays and why, and how many deadlines were looked at."""
        first = calendar.instant(date(row.year, 1, 1)) - _MARGIN
        moves: list[Move] = []
        stays: Counter[Stays] = Counter()
        read = 0
        for case, machine in self._cases(reader, reader.calendars.cases_from(micros(first))):
            for task in case.tasks:
                if task.deadline is None:
                    continue
                read += 1
                found = self._move(case, task, machine, calendar)
                if isinstance(found, Move):
                    moves.append(found)
                else:
                    stays[found] += 1
        return moves, stays, read

    def _windows(self, reader: Reader, calendar: Calendar, year: CalendarYear) -> Iterator[WindowMove]:
        """The running windows of duties that count by the calendar and end at another time by it."""
        for duty in reader.record.heads("duty"):
            state = stored_duty(reader.record, duty)
            if state is None or calendar_for(self._catalog.calendars, state.spec).id != calendar.id:
                continue
            for event in redated_windows(state, calendar, year, self._clock.now()):
                window = state.window(event.rhythm, event.period)
                yield WindowMove(
                    duty=duty,
                    title=state.spec.title,
                    period=event.period,
                    was=event.was,
                    now=event.deadline,
                    obligations=window.count if window else 0,
                )

    def duties(self) -> list[str]:
        """The duties there are."""
        with self._store.read() as reader:
            return list(reader.record.heads("duty"))

    def _move(self, case: Case, task: Task, machine: Machine, calendar: Calendar) -> Move | Stays:
        ladder = machine.ladders[task.ladder] if task.ladder else None
        now = self._clock.now()
        main = calendar if machine.procedure.calendar == calendar.id else self._catalog.calendar(machine)
        found = redating(case, task, ladder, calendar, main, now)
        if found is None or task.deadline is None:
            stays = redated(task, calendar, main.id)
            return stays if isinstance(stays, str) else "same"
        was, due_at = task.deadline, found.deadline.due_at
        how: How = "later" if due_at > was.due_at else "earlier" if due_at < was.due_at else "rearmed"
        if how == "rearmed" and found.deadline is not was:
            how = "confirmed"
        return Move(
            case=case.id,
            number="" if case.sealed else case.number,
            title="" if case.sealed else case.title,
            procedure=case.procedure,
            version=case.version,
            region=case.region,
            task=task.n,
            state=task.state,
            kind=task.kind,
            spec=task.spec,
            holders=task.holder.persons,
            was=was,
            now=found.deadline,
            how=how,
            late=due_at <= now < was.due_at,
            fired=task.fired,
            passed=found.passed,
        )

    def _cases(self, reader: Reader, ids: Iterable[str]) -> Iterator[tuple[Case, Machine]]:
        listed = list(ids)
        for start in range(0, len(listed), _SLICE):
            snapshots = reader.worklists.snapshots(_EVERYTHING, listed[start : start + _SLICE])
            for name, snapshot in sorted(snapshots.items()):
                case = self._state(reader, name, snapshot)
                yield case, self._catalog.machine(reader, case.version)


def _moved(data: bytes, version: str) -> Iterator[int]:
    """The tasks whose deadline an entry moved for that version of a year."""
    for event in decode_events(parse_entry(data).events):
        match event:
            case DeadlineRedated(version=found, task=task) if found == version:
                if event.was.due_at != event.deadline.due_at:
                    yield task
            case _:
                pass


def check_next(row: CalendarRow, calendar: Calendar) -> None:
    """Refuse a version that is not newer than the one in force, or that takes back what was announced for certain."""
    known = calendar.years.get(row.year)
    if known is None:
        return
    if number_of(row.version) <= number_of(known.version):
        raise Conflict(
            "calendar_version_not_newer", year=row.year, version=number_of(row.version), known=number_of(known.version)
        )
    if known.status == "official" and row.status == "provisional":
        raise BadInput("calendar_year_settled", field="status", year=row.year)


def _visible(reader: Reader, scope: Scope, cases: Collection[str]) -> set[str]:
    return set(reader.worklists.snapshots(scope, cases)) if cases else set()


def by_procedure(moves: Iterable[Move]) -> dict[str, Counter[How]]:
    """How many of each procedure move, and how."""
    found: dict[str, Counter[How]] = {}
    for one in moves:
        found.setdefault(one.procedure, Counter())[one.how] += 1
    return found


def by_holder(moves: Iterable[Move]) -> Counter[str]:
    """How many deadlines of each person move; "" = nobody holds them."""
    return Counter(holder for one in moves for holder in (one.holders or ("",)))
