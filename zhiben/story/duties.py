"""The duties of the story: most of those who must act in time, some late, some only after it was missed, some never."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from heapq import heappop, heappush
from random import Random
from typing import Any

from engine.core import command as cmd
from engine.core.calendar import Calendar
from engine.core.definition import ActionSpec
from engine.core.definition_duties import DutySpec
from engine.core.directory import Directory
from engine.core.duty_population import who_must
from engine.core.obligation_rows import ObligationRow, standing
from engine.core.obligations import ObligationKey, filled_in, made_up_until, read_key
from engine.runtime.duty_facts import stored_duty
from engine.runtime.duty_turning import turn_due
from engine.runtime.imports import current_machine
from engine.runtime.projection import from_micros
from engine.runtime.service import Service
from engine.store.session import Session
from zhiben.story.script import DutyWays
from zhiben.story.timing import in_office, workdays_after

_CASE_ID = 24
#: Those who are late act so many days after the moment due, or after it was missed, at most.
_LATE_DAYS = 6
_ONE_DAY = timedelta(1)


class DutyPlay:
    """Who acts on which obligation when; what is due of duties is turned by the worker's own step."""

    def __init__(
        self, ways: DutyWays | None, *, seed: int, one_in: int, evidence: Mapping[str, cmd.EvidenceRef]
    ) -> None:
        self._ways = ways
        self._seed = seed
        #: of so many units one acts at all
        self._one_in = one_in
        self._evidence = evidence
        self._known: set[str] = set()
        self._heap: list[tuple[datetime, str]] = []

    def next(self) -> datetime | None:
        """When somebody acts next; None = nobody means to."""
        return self._heap[0][0] if self._heap else None

    def turn(self, service: Service) -> None:
        """Do what is due, and let those who owe something new make up their minds."""
        turned = 0
        while turn_due(service):
            turned += 1
        if turned and self._ways is not None:
            self._look(service, self._ways)

    def _look(self, service: Service, ways: DutyWays) -> None:
        now = service.clock.now()
        with service.store.session() as session:
            for spec in _specs(session):
                calendar = service.catalog.calendars[spec.calendar]
                for row in session.obligations.standing(spec.id, ("open",)):
                    key = str(ObligationKey(row.duty, row.period, row.subject))
                    if key not in self._known:
                        self._known.add(key)
                        self._plan(key, row, spec, ways, calendar, now)

    def _plan(
        self, key: str, row: ObligationRow, spec: DutySpec, ways: DutyWays, calendar: Calendar, now: datetime
    ) -> None:
        if int(sha256(row.subject.encode()).hexdigest()[:8], 16) % self._one_in:
            return
        dice = Random(f"{self._seed} {key}")
        day = _day(row, spec, ways, calendar, now, dice)
        if day is not None:
            heappush(self._heap, (in_office(day, calendar, now, dice), key))

    def acts(self, service: Service) -> list[cmd.Request]:
        """What is done by now."""
        now, keys = service.clock.now(), list[str]()
        while self._heap and self._heap[0][0] <= now:
            keys.append(heappop(self._heap)[1])
        if not keys or self._ways is None:
            return []
        with service.store.session() as session:
            specs = {spec.id: spec for spec in _specs(session)}
            directory = service.directories.at(session, session.directory_version())
            found = [self._request(service, session, directory, specs, key, self._ways) for key in keys]
        return [one for one in found if one is not None]

    def _request(
        self,
        service: Service,
        session: Session,
        directory: Directory,
        specs: Mapping[str, DutySpec],
        key: str,
        ways: DutyWays,
    ) -> cmd.Request | None:
        spec, row = specs[read_key(key).duty], session.obligations.one(*read_key(key))
        calendar, now = service.catalog.calendars[spec.calendar], service.clock.now()
        if row is None or row.case or row.status not in ("open", "late", "missed"):
            return None
        today = calendar.local_day(now)
        persons = who_must(spec, directory, today, subject=row.subject, region=row.region, industry=row.industry)
        if not persons or now >= made_up_until(spec, from_micros(row.due_at), calendar) > from_micros(row.due_at):
            return None
        machine = current_machine(service, session, spec.procedure)
        action, dice = machine.starts[spec.action], Random(f"{self._seed} {key} form")
        asked = {item.field for item in action.form}
        told_by = ways.forms.get(action.id, {})
        data = {name: _value(told, today, calendar, dice) for name, told in told_by.items() if name in asked}
        act = cmd.StartCase(
            version=machine.version,
            action=action.id,
            data={**data, **filled_in(spec, standing(row), calendar)},
            evidence=self._files(action),
            obligation=key,
        )
        name = sha256(key.encode()).hexdigest()[:_CASE_ID]
        stream = cmd.Stream(kind="case", id=name)
        return cmd.Request(id=f"story:{name}", stream=stream, act=act, acted_by=persons[0], medium="web")

    def _files(self, action: ActionSpec) -> tuple[cmd.EvidenceRef, ...]:
        kinds = [*action.evidence, *(["signature"] if action.sign in ("hand", "certificate") else [])]
        return tuple(self._evidence[kind] for kind in dict.fromkeys(kinds))


def _specs(session: Session) -> list[DutySpec]:
    found = (stored_duty(session.record, name) for name in session.record.heads("duty"))
    return [one.spec for one in found if one is not None]


def _day(
    row: ObligationRow, spec: DutySpec, ways: DutyWays, calendar: Calendar, now: datetime, dice: Random
) -> date | None:
    """The day on which somebody acts; None = never."""
    drawn = dice.randrange(100)
    due, missed = from_micros(row.due_at), from_micros(row.missed_at)
    last = calendar.local_day(due - timedelta(microseconds=1))
    if drawn < ways.in_time:
        days = (last - calendar.local_day(now)).days
        day = calendar.roll(calendar.local_day(now) + _ONE_DAY * dice.randint(0, max(0, days)), "previous_workday")
        return max(day, calendar.local_day(now))
    if drawn < ways.in_time + ways.late:
        return workdays_after(calendar, last, dice.randint(1, _LATE_DAYS))
    if drawn < ways.in_time + ways.late + ways.made_up:
        day = workdays_after(calendar, calendar.local_day(missed), dice.randint(1, _LATE_DAYS))
        return day if calendar.instant(day + _ONE_DAY) < made_up_until(spec, due, calendar) else None
    return None


def _value(told: Any, today: date, calendar: Calendar, dice: Random) -> Any:
    """A value as the script writes it: itself, one of a list, a day counted in workdays."""
    match told:
        case [*several]:
            return _value(dice.choice(several), today, calendar, dice)
        case {"workdays": count}:
            return workdays_after(calendar, today, count).isoformat()
    return told
