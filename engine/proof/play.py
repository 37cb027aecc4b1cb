"""A world in memory: cases, people and a virtual clock, decided by the very functions that decide in earnest.

Alarms go off in the order of (due instant, case, task), as the worker takes them; signals are delivered at once, in
the order they were sent. A world that slept catches up when it wakes: everything is due then, and still in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Any

import msgspec

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.cap_known import CapFact
from engine.core.case import Case, Task
from engine.core.decide import decide
from engine.core.definition_duties import DutySpec
from engine.core.definition_watches import Watch
from engine.core.directory import Directory, Entity
from engine.core.facts import Facts, KnownCase, cases_of_parties, needs, number_format
from engine.core.fold import Head, fold_entry
from engine.core.links import delivery, signal_id
from engine.core.machine import Machine
from engine.core.offers import Offer, allowed_actions
from engine.core.watches import WatchState
from engine.errors import Broken, NotFound
from engine.proof.duty_book import DutyBook
from engine.proof.records import Sent, Written, former_cases, known_cases, stored_file, timed
from engine.proof.watching import Scene, caps_of, done_of


class World:
    """Cases by id under one clock; `now` only goes forward."""

    def __init__(
        self,
        machines: Iterable[Machine],
        *,
        directory: Directory,
        calendar: Calendar,
        start: datetime,
        units: Mapping[str, Entity] | None = None,
        places: Mapping[str, Entity] | None = None,
        changes: Iterable[datetime] = (),
        calendars: Mapping[str, Calendar] | None = None,
        watches: Mapping[str, Watch] | None = None,
        duties: Iterable[DutySpec] = (),
    ) -> None:
        self.machines = {machine.version: machine for machine in machines}
        self.directory = directory
        self.calendar = calendar
        #: others by id: of procedures and deadlines that name one of their own
        self.calendars = dict(calendars or {})
        self.units = dict(units or {})
        self.places = dict(places or {})
        self.now = start.astimezone(UTC)
        self.cases: dict[str, Case] = {}
        self.log: list[Written] = []
        self.messages: list[Sent] = []
        #: (due instant, case, task, epoch) of every alarm ever armed; those no longer armed are passed over
        self._alarms: list[tuple[datetime, str, int, int]] = []
        #: names of cases that others started: the other's name and a number, "H.1"
        self.names: dict[str, str] = {}
        #: ids of persons who are called otherwise: guests
        self.persons: dict[str, str] = {}
        #: instants at which the directory says by itself that others hold roles or are on duty
        self._changes = sorted(changes)
        self._numbered: dict[tuple[str, int], int] = {}
        self._signals: list[tuple[cmd.Stream, int, ev.SignalSent]] = []
        self._files = 0
        self.watches = dict(watches or {})
        self.watch_states: dict[str, WatchState] = {}
        #: what watches found or found no more, in order, by the watch
        self.findings: list[tuple[str, ev.WatchFound | ev.WatchCleared]] = []
        self.duties = DutyBook(duties, calendar, self.calendars)
        self.duties.begin(self.now, self.directory, self.units)

    # what people do --------------------------------------------------------------------------------------------

    def start(
        self,
        person: str,
        procedure: str,
        action: str,
        data: Mapping[str, Any],
        *,
        case: str = "",
        evidence: tuple[cmd.EvidenceRef, ...] = (),
        **how: Any,
    ) -> str:
        """Open a case; returns its id, "C1", "C2" … unless one is given. `how`: see `do`."""
        name = case or f"C{len(self.cases) + 1}"
        act = cmd.StartCase(
            version=self.machine_of(procedure).version, action=action, data=dict(data), evidence=evidence
        )
        self.do(person, name, act, **how)
        return name

    def submit(
        self,
        person: str,
        case: str,
        action: str,
        data: Mapping[str, Any] | None = None,
        *,
        task: int | None = None,
        evidence: tuple[cmd.EvidenceRef, ...] = (),
        on_site: bool = False,
        batch: bool = False,
        seen: cmd.Seen | None = None,
        **how: Any,
    ) -> tuple[ev.AnyEvent, ...]:
        """Do an action of the first open task that has it (none: of a closed case). `how`: see `do`."""
        act = cmd.SubmitAction(
            task=self.task_with(case, action) if task is None else task,
            action=action,
            data=dict(data or {}),
            evidence=evidence,
            on_site=on_site,
            batch=batch,
            seen=seen or cmd.Seen(),
        )
        return self.do(person, case, act, **how)

    def do(
        self,
        person: str,
        case: str,
        act: cmd.AnyAct,
        *,
        occurred_at: datetime | None = None,
        entered_by: str = "",
        medium: cmd.Medium = "web",
    ) -> tuple[ev.AnyEvent, ...]:
        """Carry out what a person asks for now, with all signals that follow; a refusal changes nothing."""
        command = cmd.Command(
            id=f"play:{len(self.log) + 1}",
            stream=cmd.Stream(kind="case", id=case),
            act=act,
            acted_by=person,
            entered_by=entered_by or person,
            occurred_at=occurred_at.astimezone(UTC) if occurred_at else self.now,
            recorded_at=self.now,
            medium=medium,
        )
        events = self.carry_out(command)
        self.deliver()
        return events

    def file(self, kind: str, field: str = "") -> cmd.EvidenceRef:
        """A stored file of a kind, each another one."""
        self._files += 1
        return stored_file(kind, field, self._files)

    def offers(self, person: str, case: str) -> tuple[Offer, ...]:
        """What a person may do now."""
        state = self.case(case)
        facts = self.facts(self.machines[state.version], state, None)
        return allowed_actions(self.machines[state.version], state, facts, person, self.now)

    # the clock -------------------------------------------------------------------------------------------------

    def advance(self, until: datetime, *, asleep: bool = False) -> int:
        """Let time pass; alarms due go off on the way, or all at the end where the system was off. Returns how many."""
        until = until.astimezone(UTC)
        if until < self.now:
            raise Broken("time_goes_forward", now=self.now.isoformat(), until=until.isoformat())
        if asleep:
            self.now = until
        fired = 0
        while (at := self._next()) is not None and at <= until:
            if self._changes and self._changes[0] <= at:
                self.now = max(self.now, self._changes.pop(0))
                self.refresh()
                continue
            if (turns := self.duties.next()) is not None and turns <= at:
                self.now = max(self.now, turns)
                fired += self._turn_duties()
                continue
            _, case, number, epoch = heappop(self._alarms)
            task = self.cases[case].task(number)
            if task is None or task.alarm is None or task.alarm.epoch != epoch:
                continue
            self.now = max(self.now, at)
            self._fire(case, task, task.alarm)
            fired += 1
        self.now = until
        return fired

    def _next(self) -> datetime | None:
        """When something happens by itself next."""
        turns = self.duties.next()
        found = [*(one[0] for one in self._alarms[:1]), *self._changes[:1], *([turns] if turns is not None else [])]
        return min(found, default=None)

    def _turn_duties(self) -> int:
        """What the clock makes of duties now, and the cases that begin for who is late by one."""
        steps = self.duties.turn(self.now, self.directory, self.units)
        for name, case, procedure, act in self.duties.late_cases():
            begun = msgspec.structs.replace(act, version=self.machine_of(procedure).version)
            self.carry_out(timed(name, case, begun, self.now))
            self.deliver()
        return steps

    def reorganise(self, directory: Directory) -> None:
        """The directory is another from now on, and who holds open tasks is looked up anew."""
        self.directory = directory
        self.refresh()

    def refresh(self) -> None:
        """Look up anew who holds open tasks, as the engine does when roles or rosters change."""
        for name, case in list(self.cases.items()):
            if case.tasks:
                self.do(cmd.SYSTEM, name, cmd.RefreshHolder(), medium="system")

    def _fire(self, case: str, task: Task, alarm: ev.Alarm) -> None:
        act = cmd.FireTimer(task=task.n, rung=alarm.rung, epoch=alarm.epoch)
        command = timed(f"timer:{case}/{task.n}:{alarm.rung}:{alarm.epoch}", case, act, self.now)
        if not self.carry_out(command):
            raise Broken("alarm_without_effect", command=command.id)
        self.deliver()

    # the one door ----------------------------------------------------------------------------------------------

    def carry_out(self, command: cmd.Command) -> tuple[ev.AnyEvent, ...]:
        """Decide a command and write what follows; no entry where nothing does."""
        name = command.stream.id
        before = self.cases.get(name)
        machine = self._machine(before, command)
        facts = self.facts(machine, before, command)
        events = decide(machine, before, command, facts)
        if events:
            head = Head(
                id=name,
                seq=(before.seq if before else 0) + 1,
                acted_by=command.acted_by,
                occurred_at=command.occurred_at,
                recorded_at=command.recorded_at,
            )
            self._write(Written(command=command, head=head, events=events), before, machine)
        return events

    def facts(self, machine: Machine, case: Case | None, command: cmd.Command | None) -> Facts:
        """What a decision may know: the whole directory, and what the command needs besides."""
        former: tuple[str, ...] = ()
        number = ""
        named: dict[str, KnownCase] = {}
        obligation = ""
        machines: dict[str, Machine] = {}
        caps: dict[str, CapFact] = {}
        calendar = self.calendars.get(machine.procedure.calendar, self.calendar)
        if command is not None:
            wanted = needs(machine, case, command, calendar)
            former = former_cases(self.cases, wanted.same, calendar) if wanted.same else ()
            number = self._number(wanted.number)
            obligation = wanted.obligation
            named = known_cases(self.cases, wanted.cases)
            machines = {name: self.machine_of(name) for name in wanted.procedures}
            if wanted.caps:
                caps = caps_of(self.scene(), self.watches, wanted.caps, self.calendar.local_day(self.now))
        return Facts(
            directory=self.directory,
            calendar=calendar,
            calendars=self.calendars,
            at=command.occurred_at if command else self.now,
            units=self.units,
            places=self.places,
            number=number,
            former=former,
            cases=named,
            signed={
                name: tuple((one.action, one.person) for one in self.cases[name].signed)
                for name in cases_of_parties(machine, case)
                if name in self.cases
            },
            machines=machines,
            caps=caps,
            obligation=self.duties.known(obligation) if obligation else None,
        )

    def _machine(self, case: Case | None, command: cmd.Command) -> Machine:
        version = case.version if case else getattr(command.act, "version", "")
        if version not in self.machines:
            raise NotFound("case_not_found", stream=str(command.stream))
        return self.machines[version]

    def _write(self, written: Written, before: Case | None, machine: Machine) -> None:
        name = written.head.id
        after = fold_entry(before, written.head, written.events)
        if after is None:
            raise Broken("nothing_opened", command=written.command.id)
        if pattern := number_format(machine, before, written.command):
            series = (pattern, self.calendar.local_day(self.now).year)
            self._numbered[series] = self._numbered.get(series, 0) + 1
        self.cases[name] = after
        if after.obligation is not None:
            self.duties.met(before, after, written.command)
        self.log.append(written)
        for event in written.events:
            if (alarm := getattr(event, "alarm", None)) is not None:
                heappush(self._alarms, (alarm.at, name, event.task, alarm.epoch))  # type: ignore[union-attr]
            match event:
                case ev.MessageQueued():
                    self.messages.append(Sent(case=name, at=self.now, message=event))
                case ev.SignalSent():
                    self.owe(written.command.stream, written.head.seq, event)
                case _:
                    pass

    def owe(self, source: cmd.Stream, seq: int, signal: ev.SignalSent) -> None:
        """Remember what an entry of a stream owes another."""
        self._signals.append((source, seq, signal))

    def deliver(self) -> None:
        """Carry out what streams owe each other, in the order in which it was sent."""
        while self._signals:
            source, seq, signal = self._signals.pop(0)
            told = delivery(source, seq, signal.n, signal.name, signal.data)
            if isinstance(told.act, cmd.StartLinked):
                self._name(source.id, signal.to.id)
            command = cmd.Command(
                id=signal_id(source, seq, signal.n),
                stream=signal.to,
                act=told.act,
                acted_by=told.acted_by,
                entered_by=told.entered_by,
                occurred_at=told.occurred_at or self.now,
                recorded_at=self.now,
                medium="signal",
                caused_by=f"{source}:{seq}",
            )
            self.carry_out(command)

    def _name(self, source: str, child: str) -> None:
        parent = self.name_of(source)
        count = sum(1 for name in self.names if name.rpartition(".")[0] == parent)
        self.names[f"{parent}.{count + 1}"] = child

    def name_of(self, case: str) -> str:
        """What a case is called: by its id, or after the case that started it."""
        return next((name for name, one in self.names.items() if one == case), case)

    def person(self, name: str) -> str:
        """The id of who is called so: a guest has one that nobody chose."""
        return self.persons.get(name, name)

    def id_of(self, name: str) -> str:
        """The id of the case that is called so."""
        return self.names.get(name, name)

    def _number(self, pattern: str) -> str:
        year = self.calendar.local_day(self.now).year
        return pattern.format(year=year, seq=self._numbered.get((pattern, year), 0) + 1) if pattern else ""

    # looking ---------------------------------------------------------------------------------------------------

    def case(self, name: str) -> Case:
        """The case of that id."""
        if name not in self.cases:
            raise NotFound("case_not_found", stream=f"case/{name}")
        return self.cases[name]

    def machine_of(self, procedure: str) -> Machine:
        """The machine of a procedure by its id."""
        for machine in self.machines.values():
            if machine.procedure.id == procedure:
                return machine
        raise NotFound("procedure_not_found", procedure=procedure)

    def task_with(self, case: str, action: str) -> int:
        """The number of the first open task that offers an action, 0 if none does."""
        state = self.case(case)
        actions = self.machines[state.version].actions
        for task in state.tasks:
            if task.kind in ("own", "extra") and (task.state, task.spec, action) in actions:
                return task.n
        return 0

    def events(self, case: str) -> tuple[ev.AnyEvent, ...]:
        """All events of a case, in order."""
        return tuple(event for written in self.log if written.head.id == case for event in written.events)

    def scene(self) -> Scene:
        """What counts of watches look at."""
        return Scene(
            cases=self.cases,
            done=tuple(done_of(self.log, self.directory, self.calendar.local_day)),
            directory=self.directory,
            calendar=self.calendar,
            units=self.units,
        )
