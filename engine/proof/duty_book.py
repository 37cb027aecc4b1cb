"""Duties of a world in memory: decided by the very functions that decide in earnest, their rows in a map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.core import command as cmd
from engine.core.calendar import Calendar
from engine.core.case import Case
from engine.core.command_duties import PublishDuty, TurnDuty
from engine.core.definition_duties import DutySpec
from engine.core.directory import Entity
from engine.core.duties import decide_duty
from engine.core.duty_changes import duty_changes, obligation_changes
from engine.core.duty_facts import DutyFacts, NamesWanted, duty_needs
from engine.core.duty_state import DutyState, fold_duty
from engine.core.fold import Head
from engine.core.links import child_id
from engine.core.obligation_known import KnownObligation
from engine.core.obligation_rows import ObligationRow, Rows, apply, instant, micros, standing
from engine.core.obligations import ObligationKey, filled_in, made_up_until, read_key
from engine.errors import NotFound

if TYPE_CHECKING:
    from engine.core.directory import Directory

#: What is asked of rows when so much of a window has come.
_OF: Mapping[str, tuple[str, ...]] = {
    "due": ("open", "acted"),
    "missed": ("open", "late"),
}


class DutyBook:
    """Duties by id and the obligations of all of them."""

    def __init__(self, specs: Iterable[DutySpec], calendar: Calendar, calendars: Mapping[str, Calendar]) -> None:
        self.specs = {spec.id: spec for spec in specs}
        self.states: dict[str, DutyState] = {}
        self.rows: Rows = {}
        #: events of all duties, in order: duty, when, what
        self.log: list[tuple[str, datetime, Any]] = []
        self._calendar = calendar
        self._calendars = dict(calendars)
        self._commands = 0
        #: duty -> day on which, directory and units as they were compared last
        self._compared: dict[str, tuple[date, Directory, dict[str, Entity]]] = {}
        #: entries written
        self.entries = 0

    def calendar_of(self, spec: DutySpec) -> Calendar:
        """The calendar that a duty counts by."""
        return self._calendars.get(spec.calendar, self._calendar)

    def begin(self, now: datetime, directory: Directory, units: Mapping[str, Entity]) -> None:
        """Let all duties hold from now on, and open what runs already."""
        for spec in self.specs.values():
            self.do(spec.id, PublishDuty(version="", spec=spec), cmd.SYSTEM, now, directory, units)
        self.turn(now, directory, units)

    def next(self) -> datetime | None:
        """When something happens by itself next."""
        alarms = [state.alarm.at for state in self.states.values() if state.alarm is not None]
        return min(alarms, default=None)

    def turn(self, now: datetime, directory: Directory, units: Mapping[str, Entity]) -> int:
        """Do whatever is due, in the order of its moments; how many steps."""
        steps = 0
        while (at := self.next()) is not None and at <= now:
            name = min(
                (name for name, state in self.states.items() if state.alarm is not None and state.alarm.at == at)
            )
            alarm = self.states[name].alarm
            assert alarm is not None
            act = TurnDuty(rung=alarm.rung, epoch=alarm.epoch)
            self.do(name, act, cmd.SYSTEM, now, directory, units, medium="timer")
            steps += 1
        return steps

    def do(
        self,
        duty: str,
        act: cmd.DutyAct,
        by: str,
        now: datetime,
        directory: Directory,
        units: Mapping[str, Entity],
        *,
        medium: cmd.Medium = "web",
    ) -> None:
        """Carry out an act on a duty; raises what refuses it."""
        self._commands += 1
        command = cmd.Command(
            id=f"duty:{self._commands}",
            stream=cmd.Stream(kind="duty", id=duty),
            act=act,
            acted_by=by,
            entered_by=by,
            occurred_at=now,
            recorded_at=now,
            medium=medium,
        )
        before = self.states.get(duty)
        spec = before.spec if before else self.specs.get(duty)
        if spec is None:
            raise NotFound("duty_not_found", duty=duty)
        facts = self._facts(before, command, spec, directory, units)
        decided = decide_duty(before, command, facts)
        if decided.state is None or not decided.events:
            return
        head = Head(
            id=duty,
            seq=(before.seq if before else 0) + 1,
            acted_by=by,
            occurred_at=now,
            recorded_at=now,
        )
        self.entries += 1
        state = before
        for event in decided.events:
            self.log.append((duty, now, event))
            if state is not None:
                apply(self.rows, duty_changes(state, event, facts, now))
            state = fold_duty(state, head, (event,))
        self.states[duty] = decided.state

    def _facts(
        self,
        state: DutyState | None,
        command: cmd.Command,
        spec: DutySpec,
        directory: Directory,
        units: Mapping[str, Entity],
    ) -> DutyFacts:
        calendar = self.calendar_of(spec)
        wanted, now = duty_needs(state, command, calendar), micros(command.recorded_at)
        mine = sorted((row for row in self.rows.values() if row.duty == spec.id), key=lambda row: row.subject)
        page = tuple(units[name] for name in sorted(units)) if wanted.page else ()
        rows: list[ObligationRow] = []
        if wanted.waiting is not None:
            rhythm, period, _ = wanted.waiting
            rows = [
                row for row in mine if (row.rhythm, row.period) == (rhythm, period) and row.status in ("open", "late")
            ]
        elif wanted.rows:
            rows = mine
        subjects = set(units) if wanted.rows else set()
        if wanted.changed is not None:
            subjects = {*wanted.subjects, *self._changed(spec.id, wanted.changed.day, directory, units)}
            rows = [row for row in rows if row.subject in subjects or (wanted.latest and row.latest)]
        if wanted.latest:
            subjects |= {row.subject for row in rows if row.latest and row.status in ("done", "missed")}
        return DutyFacts(
            directory=directory,
            calendar=calendar,
            known_at=command.recorded_at,
            page=page,
            entities=units,
            subjects=tuple(sorted(subjects)),
            names={one: tuple(_names(mine, one, now)) for one in wanted.names},
            rows=tuple(standing(row) for row in rows),
        )

    def _changed(self, duty: str, day: date, directory: Directory, units: Mapping[str, Entity]) -> set[str]:
        """Units that are others, or passed on, since this was asked last; all where the directory is another."""
        before, self._compared[duty] = self._compared.get(duty), (day, directory, dict(units))
        if before is None or before[1] is not directory:
            return set(units)
        then, _, were = before
        changed = {name for name in {*were, *units} if were.get(name) is not units.get(name)}
        if then == day:
            return changed
        passing = [name for name in units if directory.succession(name) is not None]
        return changed | {one for one in passing if directory.successor(one, then) != directory.successor(one, day)}

    # cases -------------------------------------------------------------------------------------------------------

    def known(self, text: str) -> KnownObligation | None:
        """The obligation that a command names, as it stands."""
        key = read_key(text)
        row, state = self.rows.get((key.duty, key.period, key.subject)), self.states.get(key.duty)
        if row is None or state is None:
            return None
        until = made_up_until(state.spec, instant(row.due_at), self.calendar_of(state.spec))
        return KnownObligation(spec=state.spec, row=standing(row), made_up_until=until)

    def met(self, before: Case | None, after: Case, command: cmd.Command) -> None:
        """Take note of what an entry of a case makes of the obligation that it meets."""
        apply(self.rows, obligation_changes(before, after, command))

    def late_cases(self) -> list[tuple[str, str, str, cmd.StartCase]]:
        """Cases that the engine begins for who is late: command id, case, procedure, act without its version."""
        found = []
        for row in self.rows.values():
            spec = self.states[row.duty].spec
            if row.status == "late" and not row.case and spec.late_action:
                key = str(ObligationKey(row.duty, row.period, row.subject))
                data = filled_in(spec, standing(row), self.calendar_of(spec))
                act = cmd.StartCase(version="", action=spec.late_action, data=data, obligation=key)
                found.append((f"late:{key}", child_id(f"late:{key}"), spec.procedure, act))
        return found


def _names(rows: Iterable[ObligationRow], wanted: NamesWanted, now: int) -> Iterable[str]:
    for row in rows:
        of_window = row.period == wanted.period if wanted.period else row.latest
        if row.rhythm != wanted.rhythm or not of_window or row.status not in _OF[wanted.what]:
            continue
        if wanted.what == "due" and (row.due_at > now or row.late):
            continue
        if wanted.what == "missed" and row.missed_at > now:
            continue
        yield row.subject
