"""Obligations examined: the rows of a duty against what its entries and those of cases say.

Who was obliged, entries tell by a version of the directory and a hash: the population is asked for again as it was
known then, so that neither a row nor the directory's history can be changed without being found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from engine.audit.entry import Entry, parse_entry
from engine.core import event_duties as ev
from engine.core.calendar import Calendar
from engine.core.case import Case
from engine.core.command import Stream
from engine.core.directory import Directory, Entity
from engine.core.duty_changes import duty_changes, obligation_changes
from engine.core.duty_facts import DutyFacts
from engine.core.duty_population import names_chained
from engine.core.duty_state import DutyState, fold_duty
from engine.core.fold import fold_entry
from engine.core.obligation_rows import ObligationChange, OpenRows, Rows, apply
from engine.core.upcast import decode_events
from engine.errors import Conflict
from engine.runtime.duty_facts import calendar_for
from engine.runtime.findings import Finding
from engine.runtime.projection import micros
from engine.runtime.replay import head_of
from engine.store.reader import Reader
from engine.store.records import EntryRow

#: Rows that are told one by one; beyond them only that there are more would help.
MOST = 100
_PAGE = 2_000


class Met(NamedTuple):
    """What an entry of a case says of obligations, and when that was recorded."""

    recorded_at: datetime
    changes: tuple[ObligationChange, ...]


def met_by(stream: Stream, rows: Sequence[EntryRow]) -> Iterator[Met]:
    """What the entries of a case say of the obligation that it meets; nothing for the many that meet none."""
    if not any(b'"obligation_taken"' in row.bytes for row in rows):
        return
    case: Case | None = None
    for row in rows:
        entry = parse_entry(row.bytes)
        head = head_of(entry)
        after = fold_entry(case, head, decode_events(entry.events))
        if after is not None and (changes := obligation_changes(case, after, head)):
            yield Met(head.recorded_at, changes)
        case = after


def obligation_findings(
    reader: Reader,
    stream: Stream,
    entries: Sequence[EntryRow],
    met: Iterable[Met],
    calendars: Mapping[str, Calendar],
) -> Iterator[Finding]:
    """Rows that are not as the entries say, and populations that the directory of that version does not have."""
    work = _Rebuilding(reader, stream, calendars)
    mine = [Met(one.recorded_at, kept) for one in met if (kept := _of_duty(one.changes, stream.id))]
    told = [(head_of(entry).recorded_at, 0, entry) for entry in (parse_entry(row.bytes) for row in entries)]
    steps: list[tuple[datetime, int, Any]] = [*told, *((one.recorded_at, 1, one.changes) for one in mine)]
    for _, kind, one in sorted(steps, key=lambda step: (step[0], step[1])):
        yield from work.entry(one) if kind == 0 else work.case(one)
    stored = {(row.duty, row.period, row.subject): row for row in reader.obligations.all_of(stream.id)}
    differing = sorted(key for key in stored.keys() | work.rows.keys() if stored.get(key) != work.rows.get(key))
    for _, period, subject in differing[:MOST]:
        yield Finding(code="obligation_differs", stream=str(stream), data={"period": period, "subject": subject})


def _of_duty(changes: Iterable[ObligationChange], duty: str) -> tuple[ObligationChange, ...]:
    return tuple(one for one in changes if not isinstance(one, OpenRows) and one.duty == duty)


class _Rebuilding:
    """Rows made anew, entry by entry."""

    def __init__(self, reader: Reader, stream: Stream, calendars: Mapping[str, Calendar]) -> None:
        self.rows: Rows = {}
        self._reader = reader
        self._stream = stream
        self._calendars = calendars
        self._state: DutyState | None = None
        self._directories: dict[int, Directory] = {}

    def case(self, changes: tuple[ObligationChange, ...]) -> Iterator[Finding]:
        """An entry of a case."""
        try:
            apply(self.rows, changes)
        except Conflict as taken:
            data = {key: str(value) for key, value in taken.data.items()}
            yield Finding(code="obligation_differs", stream=str(self._stream), data=data)

    def entry(self, entry: Entry) -> Iterator[Finding]:
        """An entry of the duty itself."""
        head = head_of(entry)
        for event in decode_events(entry.events):
            if self._state is not None:
                facts = self._facts(self._state, event)
                apply(self.rows, duty_changes(self._state, event, facts, head.recorded_at))
            self._state = fold_duty(self._state, head, (event,))
            if isinstance(event, ev.PeriodPopulated):
                yield from self._check(event)

    def _check(self, event: ev.PeriodPopulated) -> Iterator[Finding]:
        mine = [row for row in self.rows.values() if (row.rhythm, row.period) == (event.rhythm, event.period)]
        if (len(mine), names_chained("", sorted(row.subject for row in mine))) != (event.count, event.population):
            data = {"period": event.period, "count": str(event.count)}
            yield Finding(code="population_differs", stream=str(self._stream), data=data)

    def _facts(self, state: DutyState, event: Any) -> DutyFacts:
        """What the event was decided upon, asked for again."""
        calendar = calendar_for(self._calendars, state.spec)
        page: tuple[Entity, ...] = ()
        version, known_at, day = self._known(state, event)
        units = state.spec.population.kind == "units"
        if units and isinstance(event, ev.ObligationsOpened):
            page = self._page(event.after, event.through, day, known_at)
        elif units and isinstance(event, ev.ObligationsJoined | ev.ObligationsRolled):
            names = event.subjects if isinstance(event, ev.ObligationsJoined) else [name for name, _ in event.since]
            page = tuple(self._reader.directory.entities("unit", names, day, known_at=micros(known_at)).values())
        return DutyFacts(directory=self._directory(version, known_at), calendar=calendar, known_at=known_at, page=page)

    def _known(self, state: DutyState, event: Any) -> tuple[int, datetime, date]:
        if isinstance(event, ev.ObligationsJoined | ev.ObligationsRolled):
            return event.directory, event.known_at, event.day
        window = state.window(event.rhythm, event.period) if isinstance(event, ev.ObligationsOpened) else None
        if window is None:
            return 0, state.since, date.min
        return window.directory, window.known_at, window.day

    def _page(self, after: str, through: str, day: date, known_at: datetime) -> tuple[Entity, ...]:
        found: list[Entity] = []
        while True:
            last = found[-1].id if found else after
            some = self._reader.directory.page("unit", day, after=last, limit=_PAGE, known_at=micros(known_at))
            found += [one for one in some if not through or one.id <= through]
            if len(some) < _PAGE or (through and some[-1].id >= through):
                return tuple(found)

    def _directory(self, version: int, known_at: datetime) -> Directory:
        """The organisation as it was known at a version."""
        known = self._directories.get(version)
        if known is None:
            rows, at = self._reader.directory, micros(known_at)
            last = date.max - timedelta(1)
            known = self._directories[version] = Directory(
                version=version,
                holdings=rows.holdings(known_at=at),
                regions=rows.titles("region", min(known_at.date() + timedelta(2), last), known_at=at),
                **rows.arranged(known_at=at),
            )
        return known
