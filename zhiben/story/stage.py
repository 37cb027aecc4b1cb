"""What the player sees of the world: cases as they stand, what is offered to whom, who holds a role."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from engine.core import command as cmd
from engine.core.calendar import Calendar
from engine.core.case import Case, Task
from engine.core.directory import Directory, Entity, Scope
from engine.core.facts import Facts, cases_of_parties
from engine.core.machine import Machine
from engine.core.offers import Offer, allowed_actions
from engine.core.permission import guard_holds
from engine.core.ports import Clock
from engine.runtime.imports import current_machine
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.runtime.signatories import signed_in
from engine.store.queries import CaseFilter
from engine.store.session import Session
from engine.store.store import Store
from engine.store.views import Lag
from zhiben.story.script import About, Opening, Script
from zhiben.story.timing import workdays_after

#: What the story's people take up of all they are offered; they pass nothing on and give no voices.
_TAKEN_UP = frozenset({"act", "consent", "refuse", "issue", "decline"})


@dataclass(frozen=True, kw_only=True)
class Report:
    """A row of the ledger that is reported at a moment."""

    at: datetime
    case: str
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A case with all that is needed to ask what somebody may do in it."""

    case: Case
    machine: Machine
    facts: Facts
    now: datetime

    def offered(self, action: str, task: Task | None, *, reopens: str = "") -> tuple[Offer, str] | None:
        """The offer of that action (or kind of answer) and the first holder of the task to whom it is made."""
        if reopens:
            persons = self.facts.directory.holders(reopens, self.case.region, "", "", self._day())
        else:
            persons = task.holder.persons if task else ()
        for person in turned(persons, self.case.id):
            for offer in allowed_actions(self.machine, self.case, self.facts, person, self.now):
                if reopens and offer.kind == "reopen":
                    return offer, person
                of_task = task is not None and offer.task == task.n and offer.kind in _TAKEN_UP
                if of_task and action in (offer.action, offer.kind):
                    return offer, person
        return None

    def holds(self, guard: str) -> bool:
        """Whether a guard of the definition holds for the case as it stands; "" never does."""
        return guard != "" and guard_holds(self.machine, self.case, self.facts, guard, self._day())

    def _day(self) -> date:
        return self.facts.calendar.local_day(self.now)


class Stage:
    """Reads within the one door's own turn; what it returns is immutable."""

    def __init__(
        self,
        *,
        script: Script,
        store: Store,
        calendar: Calendar,
        clock: Clock,
        evidence: Mapping[str, cmd.EvidenceRef],
    ) -> None:
        self.calendar = calendar
        self.evidence = evidence
        self._script = script
        self._store = store
        self._clock = clock
        self._directory: Directory | None = None

    def lag(self) -> Lag:
        """When the next timer and the next signal are due, in microseconds."""
        with self._store.read() as reader:
            return reader.lag()

    def due_cases(self, service: Service) -> list[str]:
        """Cases of the timers that are due now."""
        with service.store.session() as session:
            return [timer.stream.id for timer in session.timers.claim(micros(self._clock.now()), 100_000)]

    def cases(self, service: Service, names: Collection[str]) -> dict[str, Case]:
        """Cases by id; those that were never opened are left out."""
        streams = [cmd.Stream(kind="case", id=name) for name in names]
        with service.store.session() as session:
            return {stream.id: service.case_of(session, row) for stream, row in session.load(streams).items()}

    def standings(self, service: Service, names: Iterable[str]) -> dict[str, Standing]:
        """Cases with their machines and facts."""
        found: dict[str, Standing] = {}
        now = self._clock.now()
        with service.store.session() as session:
            version = session.directory_version()
            directory = service.directories.at(session, version)
            rows = session.load([cmd.Stream(kind="case", id=name) for name in sorted(names)])
            for stream, row in rows.items():
                case = service.case_of(session, row)
                machine = service.catalog.machine(session, case.version)
                facts = Facts(
                    directory=directory,
                    calendar=service.catalog.calendar(machine),
                    at=now,
                    units=self._entities(service, session, version, "unit", case.unit),
                    places=self._entities(service, session, version, "place", case.place),
                    signed=signed_in(session, cases_of_parties(machine, case)),
                )
                found[stream.id] = Standing(case=case, machine=machine, facts=facts, now=now)
        self._directory = directory
        return found

    def _entities(self, service: Service, session: Session, version: int, kind: str, name: str) -> dict[str, Entity]:
        today = self.calendar.local_day(self._clock.now())
        return service.directories.entities(session, version, kind, (name,), today) if name else {}

    def holder(self, role: str, region: str) -> str:
        """Somebody who holds a role for a region."""
        assert self._directory is not None
        found = self._directory.holders(role, region, "", "", self.calendar.local_day(self._clock.now()))
        return found[0] if found else ""

    def reports(self, service: Service, reports: Sequence[Report]) -> list[cmd.Request]:
        """The requests by which rows of the ledger become cases; who reports, the script says."""
        if not reports:
            return []
        who = self._script.reports.who
        today = self.calendar.local_day(self._clock.now())
        requests = []
        with service.store.session() as session:
            machine = current_machine(service, session, self._script.procedure)
            action = machine.starts[self._script.reports.action]
            asked = {item.field for item in action.form}
            version = session.directory_version()
            directory = service.directories.at(session, version)
            for report in reports:
                name = str(report.data.get(machine.procedure.unit_field, ""))
                unit = service.directories.entities(session, version, "unit", (name,), today).get(name)
                role = who.are[str(report.data[who.field])]
                person = _holder(directory, role, unit, report.case, today)
                data = {field: value for field, value in report.data.items() if field in asked}
                act = cmd.StartCase(version=machine.version, action=action.id, data=data)
                stream = cmd.Stream(kind="case", id=report.case)
                requests.append(
                    cmd.Request(id=f"story:{report.case}", stream=stream, act=act, acted_by=person, medium="web")
                )
        return requests

    def signalled(self, service: Service) -> list[str]:
        """Cases that are about to hear of others."""
        with service.store.session() as session:
            waiting = session.signals.claim(micros(self._clock.now()), 1_000)
            return [signal.target.id for signal in waiting if signal.target.kind == "case"]

    def opening(self, service: Service, opening: Opening, dice: Random) -> cmd.Request | None:
        """The request that opens a case of another procedure; None where nothing fits it on that day."""
        today = self.calendar.local_day(self._clock.now())
        with service.store.session() as session:
            machine = current_machine(service, session, opening.procedure)
            version = session.directory_version()
            directory = service.directories.at(session, version)
            data: dict[str, Any] = {}
            if opening.about is not None:
                subject = self._subject(service, session, opening.about, dice)
                if subject is None:
                    return None
                data = {new: subject[1].fields.get(old) for new, old in opening.about.copied.items()}
                data = {name: value for name, value in data.items() if value is not None}
                data[opening.about.field] = [subject[0]]
            unit_field = machine.procedure.unit_field
            for name, told in opening.form.items():
                if isinstance(told, dict) and "unit" in told:
                    rows = session.directory.rows("unit", day=today)
                    data[name] = dice.choice([row.id for row in rows if row.columns["industry"] == told["unit"]])
            unit = service.directories.entities(session, version, "unit", (data[unit_field],), today)[data[unit_field]]
            for name, told in opening.form.items():
                match told:
                    case {"unit": _}:
                        pass
                    case {"people": role, "count": count}:
                        data[name] = list(directory.holders(role, unit.region, unit.industry, "", today))[:count]
                    case {"place": True}:
                        near = [row.id for row in session.directory.rows("place") if row.columns["unit"] == unit.id]
                        data[name] = near[0]
                    case {"workdays": days}:
                        data[name] = workdays_after(self.calendar, today, days).isoformat()
                    case _:
                        data[name] = told
            name = dice.randbytes(12).hex()
            person = _holder(directory, opening.by, unit, name, today)
            files = tuple(self.evidence[kind] for kind in machine.starts[opening.action].evidence)
        act = cmd.StartCase(version=machine.version, action=opening.action, data=data, evidence=files)
        stream = cmd.Stream(kind="case", id=name)
        return cmd.Request(id=f"story:{name}", stream=stream, act=act, acted_by=person, medium="web")

    def _subject(self, service: Service, session: Session, about: About, dice: Random) -> tuple[str, Case] | None:
        everything = Scope(person=cmd.SYSTEM, everything=True)
        wanted = CaseFilter(procedure=about.procedure, closed=False, values=about.where)
        with self._store.read() as reader:
            views = reader.cases(everything, wanted, sort="number", limit=500).items
        ids = [view.id for view in views if not set(about.states).isdisjoint(view.register.state.split())]
        if not ids:
            return None
        chosen = dice.choice(ids)
        stream = cmd.Stream(kind="case", id=chosen)
        return chosen, service.case_of(session, session.load([stream])[stream])


def _holder(directory: Directory, role: str, unit: Entity | None, case: str, day: date) -> str:
    """Who holds a role in the unit, else where the unit lies."""
    if unit is None:
        return cmd.SYSTEM
    inside = directory.holders(role, "", "", unit.id, day)
    near = inside or directory.holders(role, unit.region, unit.industry, "", day)
    return turned(near, case)[0] if near else cmd.SYSTEM


def turned(persons: Sequence[str], case: str) -> Sequence[str]:
    """The same persons, another one first for another case: colleagues share the work."""
    first = int(case[:8], 16) % len(persons) if persons else 0
    return (*persons[first:], *persons[:first])
