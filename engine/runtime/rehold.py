"""Who holds open tasks is looked up anew after the directory changed, as days begin and as shifts change.

A round leads from what was looked at last to the present: the cases that what changed in between may concern, each
asked once by a command that says nothing where nothing changed. Its progress is a row of the database, so that any
worker goes on where another was stopped. The first round of a database looks at every open task, and writes the rows
of those that were opened by an older program as they are written now.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from engine.audit.entry import parse_entry
from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, RefreshHolder, Request, Stream
from engine.core.directory import Directory
from engine.core.touched import Touched, peers, people_of, with_neighbours
from engine.core.upcast import decode_events
from engine.errors import ZhibenError
from engine.runtime.carrying import carry_out, leave_incident
from engine.runtime.concerned import concerned_by
from engine.runtime.projection import from_micros, micros, task_rows
from engine.runtime.service import Service
from engine.store.records import CONCERNED
from engine.store.reholds import ReholdRow
from engine.store.session import Session

#: Cases looked at in one transaction.
TOGETHER = 200
#: Entries of the directory that are read to know what changed; after more, every open task is looked at.
MOST_ENTRIES = 2000
#: Shifts are known so far ahead without asking again.
_AHEAD = timedelta(days=1)
#: Tables of the directory whose rows begin and end on days, and count from then on.
_DAILY = ("holding", "recusal", "succession")


class Rehold:
    """One worker's part: what it remembers spares it questions, and is worth nothing to others."""

    def __init__(self, *, together: int = TOGETHER) -> None:
        self._together = together
        #: the round whose cases are known, and they in order
        self._round: tuple[ReholdRow, list[str]] | None = None
        #: version of the directory, until when shifts are known, and when they change
        self._shifts: tuple[int, datetime, datetime, list[datetime]] | None = None

    def step(self, service: Service) -> int:
        """Look at the next cases in one transaction; how many were looked at."""
        with service.store.session() as session:
            row = session.reholds.claim()
            if row is None or (row.idle and not self._is_due(service, session, row)):
                return 0
            if row.idle:
                row = self._begin(service, session, row)
            known = self._cases(service, session, row)
            first = bisect_right(known, row.after)
            cases = known[first : first + self._together]
            self._look(service, session, row, cases)
            self._note(session, row, cases)
            return len(cases)

    # whether there is anything -------------------------------------------------------------------------------------

    def _is_due(self, service: Service, session: Session, row: ReholdRow) -> bool:
        now, version = service.clock.now(), session.directory_version()
        if row.version != version:
            return True
        day_of = service.catalog.calendar().local_day
        since = from_micros(row.at)
        return day_of(now) > day_of(since) or any(
            since < at <= now for at in self._changes(session, version, since, now)
        )

    def _changes(self, session: Session, version: int, since: datetime, now: datetime) -> Sequence[datetime]:
        """When shifts begin and end, from an instant on."""
        known = self._shifts
        if known is None or known[0] != version or known[1] > since or known[2] < now:
            until = now + _AHEAD
            found = session.directory.shifts(since - timedelta(microseconds=1), until)
            known = self._shifts = (version, since, until, [at for one in found for at in (one.begins, one.ends)])
        return known[3]

    def _begin(self, service: Service, session: Session, row: ReholdRow) -> ReholdRow:
        now = micros(service.clock.now())
        begun = replace(row, to_version=session.directory_version(), to_at=max(now, row.at), after="", found=0, done=0)
        begun = replace(begun, found=len(self._cases(service, session, begun)))
        session.reholds.save(row, begun)
        return begun

    # which cases -----------------------------------------------------------------------------------------------------

    def _cases(self, service: Service, session: Session, row: ReholdRow) -> list[str]:
        """The cases of a round, in order; told again after a crash they are those that are left, and perhaps others."""
        of = replace(row, after="", found=0, done=0)
        if self._round is None or self._round[0] != of:
            self._round = (of, self._found(service, session, of))
        return self._round[1]

    def _found(self, service: Service, session: Session, row: ReholdRow) -> list[str]:
        entries = session.record.entries(DIRECTORY, after=row.version, limit=MOST_ENTRIES + 1) if row.version else []
        if not row.version or len(entries) > MOST_ENTRIES:
            return session.reholds.all_cases()
        directory = service.directories.at(session, session.directory_version())
        touched = Touched()
        for entry in entries:
            for event in decode_events(parse_entry(entry.bytes).events):
                touched.event(event, directory)
        self._turn(service, session, row, touched, directory)
        return sorted(_concerned(session, touched, directory, service)) if touched else []

    def _turn(self, service: Service, session: Session, row: ReholdRow, touched: Touched, directory: Directory) -> None:
        """What the passing of time alone has touched."""
        since, until = from_micros(row.at), from_micros(row.to_at)
        day_of = service.catalog.calendar().local_day
        if day_of(until) > day_of(since):
            for table in _DAILY:
                for told in session.reholds.turning(table, day_of(since), day_of(until)):
                    touched.holding(told) if table == "holding" else touched.row(table, told, directory)
        for shift in session.directory.shifts(since - timedelta(microseconds=1), until + timedelta(microseconds=1)):
            if since < shift.begins <= until or since < shift.ends <= until:
                touched.regions.add(shift.region)

    # each case -------------------------------------------------------------------------------------------------------

    def _look(self, service: Service, session: Session, row: ReholdRow, cases: Sequence[str]) -> None:
        requests = [_refresh(name, row) for name in cases]
        for request, outcome in zip(requests, carry_out(service, session, requests), strict=True):
            if isinstance(outcome, ZhibenError):
                leave_incident(service, session, request, outcome)
        if not row.version:
            _rewrite(service, session, cases)

    def _note(self, session: Session, row: ReholdRow, cases: Sequence[str]) -> None:
        known = self._round[1] if self._round else []
        if not cases or cases[-1] == known[-1]:
            told = {"version": row.to_version, "at": row.to_at, "after": "", "found": 0, "done": 0}
            self._round = None
        else:
            told = {"after": cases[-1], "done": row.done + len(cases)}
        session.reholds.save(row, replace(row, **told))


def _concerned(session: Session, touched: Touched, directory: Directory, service: Service) -> set[str]:
    """Cases with an open task that what was touched may concern."""
    asks, day = session.reholds, service.catalog.calendar().local_day(service.clock.now())
    # Whose tasks nobody holds are few, and whatever changed may bring them somebody.
    found = asks.held_by(["", *touched.persons])
    loose = set(touched.regions)
    for role, told in touched.roles.items():
        regions = with_neighbours(told, directory)
        loose.update(regions)
        found |= asks.held_as(peers(role, regions, directory), role, regions)
    if touched.units:
        named = {name for unit in touched.units for name in (unit, directory.successor(unit, day)) if name}
        found |= asks.held_in(people_of(touched.units, directory, day), named)
    if touched.units or touched.entities or touched.places:
        found |= asks.about({*touched.units, *touched.entities}, touched.places)
    if loose:
        found |= asks.loose(with_neighbours(loose, directory))
    return found


def _refresh(case: str, row: ReholdRow) -> Request:
    return Request(
        id=f"rehold:{case}:{row.to_version}:{row.to_at}",
        stream=Stream("case", case),
        act=RefreshHolder(),
        acted_by=SYSTEM,
        medium="system",
    )


def _rewrite(service: Service, session: Session, cases: Sequence[str]) -> None:
    """Write rows that an older program wrote as they are written now."""
    directory = service.directories.at(session, session.directory_version())
    for stream, head in session.load([Stream("case", name) for name in cases]).items():
        case = service.case_of(session, head)
        machine = service.catalog.machine(session, case.version)
        rows = [one for task in case.tasks for one in task_rows(case.id, task)]
        session.reholds.rewrite(stream.id, rows, CONCERNED, concerned_by(machine, case, directory))
