"""Duties as one person reads them: who owes what, how it stands, what they themselves must, how one came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.audit.entry import parse_entry
from engine.core import event_duties as ev
from engine.core.calendar import Calendar
from engine.core.deadlines import due_day
from engine.core.definition_duties import SELF, DutySpec
from engine.core.directory import Directory
from engine.core.duty_population import may_act, who_must
from engine.core.duty_state import DutyState
from engine.core.obligation_rows import ObligationRow, Status, standing
from engine.core.obligations import ObligationKey, filled_in, made_up_until
from engine.core.recurrence import Window, windows_between
from engine.core.upcast import decode_events
from engine.errors import NotFound
from engine.runtime.duty_facts import calendar_for, duty_stream, stored_duty
from engine.runtime.looking import Looking
from engine.runtime.projection import from_micros, micros
from engine.store.obligations import DueCount, MatrixLine
from engine.store.reader import Reader
from engine.store.views import Page

_ONE_DAY = timedelta(1)
#: So long before a window opens it may be excused, and so long after it was missed something may become of it.
_AHEAD, _AFTERWARDS = timedelta(200), timedelta(400)


@dataclass(frozen=True, kw_only=True)
class DutyWindow:
    """A window of one rhythm of a duty, opened or not."""

    rhythm: int
    window: Window


@dataclass(frozen=True, kw_only=True)
class MatrixSeen:
    """A page of subjects with what they owe, and what they are called."""

    page: Page[MatrixLine]
    #: units by id; regions and persons are called as the directory and the vault say
    titles: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ToDo:
    """An obligation that a person may act on."""

    row: ObligationRow
    spec: DutySpec
    #: for whom they would stand in, "" = themselves
    stands_for: str
    #: what the subject is called, "" = it is no unit
    title: str
    #: what StartCase names, and what its form says of itself
    obligation: str
    data: Mapping[str, Any]
    #: from then on it is made up no more
    until: datetime

    @property
    def begun(self) -> bool:
        """Whether a case of it is under way."""
        return bool(self.row.case)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something that became of an obligation.

    What: opened, joined, reminded, due, missed, exempted, exemption_ended, lapsed, taken, called (the engine began a
    case for who was late), done.
    """

    at: datetime
    what: str
    #: when it ought to have happened, where the system was later
    due_at: datetime | None = None
    person: str = ""
    data: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class ObligationSeen:
    """One obligation with how it came about."""

    row: ObligationRow
    duty: DutyState
    title: str
    #: when its window opened: which days, about what, by when and why then; None where it rolls from what was done
    opened: ev.PeriodOpened | None
    #: who must, as of the day due, or of today where that is ahead
    persons: tuple[str, ...]
    names: Mapping[str, str]
    moments: tuple[Moment, ...]


class Duties(Looking):
    """Queries on behalf of a person; what they may not see is NotFound, and is in no list."""

    def duties(self) -> tuple[DutyState, ...]:
        """All duties that were published here, in order of their ids."""
        with self._store.read() as reader:
            return tuple(self._all(reader))

    def duty(self, duty: str) -> DutyState:
        """One duty; NotFound."""
        with self._store.read() as reader:
            return self._one(reader, duty)

    def calendar_of(self, spec: DutySpec) -> Calendar:
        """The calendar that a duty counts by."""
        return calendar_for(self._catalog.calendars, spec)

    def windows(self, spec: DutySpec, first: date, last: date) -> list[DutyWindow]:
        """The windows of all rhythms with a day from first to last, in order; rolling ones have none of their own."""
        calendar = self.calendar_of(spec)
        found = [
            DutyWindow(rhythm=n, window=window)
            for n, told in enumerate(spec.rhythms)
            if told.rhythm.period
            for window in windows_between(told.rhythm, first, last, calendar)
        ]
        return sorted(found, key=lambda one: (one.window.first, one.window.last, one.rhythm))

    def matrix(
        self, person: str, duty: str, periods: Sequence[str], *, region: str = "", limit: int = 50, after: str = ""
    ) -> MatrixSeen:
        """Subjects in order, each with what it owes in these periods."""
        with self._store.read() as reader:
            self._one(reader, duty)
            scope = self._scope(reader, person)
            page = reader.obligations.matrix(scope, duty, periods, region=region, limit=limit, after=after)
            return MatrixSeen(page=page, titles=self._titles(reader, [line.subject for line in page.items]))

    def counts(self, person: str, duty: str, period: str, *, region: str = "") -> dict[tuple[str, Status], int]:
        """How many obligations of a window stand how, by region and status."""
        with self._store.read() as reader:
            return reader.obligations.counts(self._scope(reader, person), duty, period, region=region)

    def calendar_between(self, person: str, first: date, last: date, *, duty: str = "") -> list[DueCount]:
        """What is due on the days from first to last, and how it stands."""
        calendar = self.calendar()
        # Whole days end at the first instant of the next.
        bounds = micros(calendar.instant(first)) + 1, micros(calendar.instant(last + _ONE_DAY)) + 1
        with self._store.read() as reader:
            return reader.obligations.calendar(self._scope(reader, person), *bounds, duty=duty)

    def of_subject(self, person: str, subject: str, first: date, last: date) -> list[ObligationRow]:
        """What one subject owes that is due on the days from first to last, the latest due first."""
        calendar = self.calendar()
        begin, end = micros(calendar.instant(first)) + 1, micros(calendar.instant(last + _ONE_DAY)) + 1
        with self._store.read() as reader:
            return reader.obligations.of_subject(self._scope(reader, person), subject, first=begin, before=end)

    def of_person(self, person: str, *, limit: int = 200) -> list[ToDo]:
        """What a person must, or may do in another's place, the earliest due first."""
        now = self._clock.now()
        with self._store.read() as reader:
            directory, day = self._present(reader), self.today()
            states = {state.id: state for state in self._all(reader)}
            asked = _answered_for(states.values(), directory, person, day)
            rows = reader.obligations.to_do(**asked, opened_by=micros(now), limit=limit)
            titles = self._titles(reader, [row.subject for row in rows])
        found = (self._to_do(states[row.duty].spec, row, directory, person, titles) for row in rows)
        return [one for one in found if one is not None and (one.begun or now < one.until)]

    def _to_do(
        self, spec: DutySpec, row: ObligationRow, directory: Directory, person: str, titles: Mapping[str, str]
    ) -> ToDo | None:
        calendar = self.calendar_of(spec)
        where = {"subject": row.subject, "region": row.region, "industry": row.industry}
        stands_for = may_act(spec, directory, self.today(), person, **where)
        if stands_for is None:
            return None
        return ToDo(
            row=row,
            spec=spec,
            stands_for=stands_for,
            title=titles.get(row.subject, ""),
            obligation=str(ObligationKey(row.duty, row.period, row.subject)),
            data=filled_in(spec, standing(row), calendar),
            until=made_up_until(spec, from_micros(row.due_at), calendar),
        )

    def timeline(self, person: str, duty: str, period: str, subject: str) -> ObligationSeen:
        """One obligation: who must have, when reminded, when late, excused by whom, done how; NotFound."""
        with self._store.read() as reader:
            state = self._one(reader, duty)
            row = reader.obligations.seen(self._scope(reader, person), duty, period, subject)
            if row is None:
                raise NotFound("obligation_not_found", obligation=str(ObligationKey(duty, period, subject)))
            told = list(self._told(reader, row))
            directory = self._present(reader)
            day = min(due_day(from_micros(row.due_at), self.calendar_of(state.spec)), self.today())
            persons = who_must(state.spec, directory, day, subject=subject, region=row.region, industry=row.industry)
            moments = tuple(_moments(row, told))
            names = self._names(reader, (*persons, row.person, *(one.person for one in moments)))
            titles = self._titles(reader, [subject])
        opened = next((event for _, _, event in told if isinstance(event, ev.PeriodOpened)), None)
        return ObligationSeen(
            row=row,
            duty=state,
            title=titles.get(subject, ""),
            opened=opened,
            persons=persons,
            names=names,
            moments=moments,
        )

    def _told(self, reader: Reader, row: ObligationRow) -> Iterator[tuple[datetime, str, Any]]:
        """What the duty's stream says of an obligation: when recorded, by whom, what."""
        first, last = from_micros(row.opens_at) - _AHEAD, from_micros(row.missed_at) + _AFTERWARDS
        for data in reader.record.between(duty_stream(row.duty), micros(first), micros(last)):
            entry = parse_entry(data)
            for event in decode_events(entry.events):
                if _concerns(event, row):
                    yield datetime.fromisoformat(entry.recorded_at), entry.acted_by, event

    def _all(self, reader: Reader) -> Iterator[DutyState]:
        for duty in reader.record.heads("duty"):
            if (state := stored_duty(reader.record, duty)) is not None:
                yield state

    def _one(self, reader: Reader, duty: str) -> DutyState:
        state = stored_duty(reader.record, duty)
        if state is None:
            raise NotFound("duty_not_found", duty=duty)
        return state

    def _titles(self, reader: Reader, subjects: Sequence[str]) -> dict[str, str]:
        rows = reader.directory.rows("unit", list(dict.fromkeys(subjects))) if subjects else []
        return {row.id: row.columns["title"] for row in rows}


def _answered_for(states: Any, directory: Directory, person: str, day: date) -> dict[str, dict[str, list[str]]]:
    """Where a person might have to: units, regions and persons by duty, those of whom they stand in for included."""
    places: dict[str, dict[str, list[str]]] = {"units": {}, "regions": {}, "persons": {}}
    persons = [person, *dict.fromkeys(one.person for one in directory.stands_in(person, day))]
    held = [one for name in persons for one in directory.held_by(name, day)]
    for state in states:
        by = state.spec.by
        place, _, role = by.partition(".")
        if by == SELF:
            places["persons"][state.id] = persons
        elif place == "unit":
            places["units"][state.id] = [one.unit for one in held if one.unit and one.role == role]
        else:
            places["regions"][state.id] = [one.region for one in held if not one.unit and one.role == role]
    return places


def _in_part(event: ev.ObligationsDue | ev.ObligationsMissed, row: ObligationRow) -> bool:
    return event.after < row.subject and (not event.through or row.subject <= event.through)


def _concerns(event: Any, row: ObligationRow) -> bool:
    """Whether an event of the duty's stream is about that obligation."""
    mine = (getattr(event, "period", None), getattr(event, "rhythm", None)) == (row.period, row.rhythm)
    match event:
        case ev.PeriodOpened():
            return mine
        case ev.ObligationsOpened(after=after, through=through):
            return mine and after < row.subject and (not through or row.subject <= through)
        case ev.ObligationsReminded(after=after, through=through):
            return mine and after < row.subject and (not through or row.subject <= through)
        case ev.ObligationsDue():
            return row.late and _in_part(event, row) and (mine or (not event.period and event.rhythm == row.rhythm))
        case ev.ObligationsMissed():
            return row.missed and _in_part(event, row) and (mine or (not event.period and event.rhythm == row.rhythm))
        case ev.ObligationsJoined(subjects=subjects):
            return mine and row.subject in subjects
        case ev.ObligationsRolled(since=since):
            return event.rhythm == row.rhythm and any(name == row.subject for name, _ in since)
        case ev.ObligationsLapsed(lapsed=lapsed):
            return any((period, name) == (row.period, row.subject) for period, name, _, _ in lapsed)
        case ev.ObligationExempted() | ev.ExemptionEnded():
            return event.subject == row.subject and (row.period in event.periods or event.period in ("", row.period))
    return False


def _moments(row: ObligationRow, told: Sequence[tuple[datetime, str, Any]]) -> Iterator[Moment]:
    """What became of an obligation, in order of time."""
    found: list[Moment] = []
    for at, person, event in told:
        found += _moment(row, at, person, event)
    if row.begun_at is not None:
        what = "taken" if row.person else "called"
        found.append(Moment(at=from_micros(row.begun_at), what=what, person=row.person, data={"case": row.case}))
    if row.done_at is not None:
        found.append(Moment(at=from_micros(row.done_at), what="done", data={"case": row.case}))
    yield from sorted(found, key=lambda one: one.at)


def _moment(row: ObligationRow, at: datetime, person: str, event: Any) -> list[Moment]:
    match event:
        case ev.ObligationsOpened() | ev.ObligationsRolled():
            return [Moment(at=at, what="opened", due_at=from_micros(row.opens_at))]
        case ev.ObligationsReminded():
            over = row.done_at is not None and from_micros(row.done_at) <= at
            return (
                [] if over else [Moment(at=at, what="reminded", due_at=event.due_at, data={"reminder": event.reminder})]
            )
        case ev.ObligationsDue():
            passed = at >= from_micros(row.due_at)
            return [Moment(at=at, what="due", due_at=from_micros(row.due_at))] if passed else []
        case ev.ObligationsMissed():
            passed = at >= from_micros(row.missed_at)
            return [Moment(at=at, what="missed", due_at=from_micros(row.missed_at))] if passed else []
        case ev.ObligationsJoined():
            return [Moment(at=at, what="joined")]
        case ev.ObligationsLapsed(lapsed=lapsed):
            why, heir = next((why, heir) for period, name, why, heir in lapsed if name == row.subject)
            return [Moment(at=at, what="lapsed", data={"why": why, "successor": heir})]
        case ev.ObligationExempted():
            told = {"reason": event.reason, "until": event.until.isoformat()}
            return [Moment(at=at, what="exempted", person=person, data=told)]
        case ev.ExemptionEnded():
            return [Moment(at=at, what="exemption_ended", person=person, data={"reason": event.reason})]
    return []
