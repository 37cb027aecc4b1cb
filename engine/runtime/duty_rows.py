"""From what was decided on a duty, or of an obligation by a case, to rows: pure functions of events and facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from engine.core import event_duties as ev
from engine.core.command import Command
from engine.core.deadlines import due_day
from engine.core.duties import reminded
from engine.core.duty_changes import duty_changes
from engine.core.duty_facts import DutyFacts
from engine.core.duty_state import DUTY_FOLD_VERSION, DutyState, fold_duty
from engine.core.fold import Head
from engine.core.obligation_rows import (
    ObligationChange,
)
from engine.runtime.duty_facts import write_duty
from engine.runtime.projection import micros
from engine.store.records import EntryRow, MessageRow, TimerRow, Write

_json = msgspec.json.Encoder()


def duty_write(
    before: DutyState | None,
    after: DutyState,
    command: Command,
    events: Sequence[Any],
    entry: EntryRow,
    facts: DutyFacts,
) -> Write:
    """Everything one decided command changes about a duty."""
    alarm, was = after.alarm, before.alarm if before else None
    arm: tuple[TimerRow, ...] = ()
    if alarm is not None:
        row = TimerRow(stream=command.stream, task=0, fire_at=micros(alarm.at), rung=alarm.rung, epoch=alarm.epoch)
        arm = (row,)
    changes: list[ObligationChange] = []
    messages: list[MessageRow] = []
    state = before
    head = Head(
        id=command.stream.id,
        seq=entry.seq,
        acted_by=command.acted_by,
        occurred_at=command.occurred_at,
        recorded_at=command.recorded_at,
    )
    for event in events:
        if state is not None:
            changes += duty_changes(state, event, facts, command.recorded_at)
            if isinstance(event, ev.ObligationsReminded) and event.obligations:
                messages += _messages(state, event, facts, command, entry)
        state = fold_duty(state, head, (event,))
    return Write(
        stream=command.stream,
        base=entry.seq - 1,
        entry=entry,
        snapshot=write_duty(after),
        fold_version=DUTY_FOLD_VERSION,
        arm=arm,
        disarm=(0,) if alarm is None and was is not None else (),
        messages=tuple(messages),
        obligations=tuple(changes),
    )


def calendars_of_duty(events: Sequence[Any]) -> tuple[str, ...]:
    """Versions of the calendar years by which the windows of these events were computed."""
    opened = (event for event in events if isinstance(event, ev.PeriodOpened | ev.PeriodRedated))
    return tuple(dict.fromkeys(year for event in opened for year in event.deadline.derivation.calendar))


def _messages(
    state: DutyState, event: ev.ObligationsReminded, facts: DutyFacts, command: Command, entry: EntryRow
) -> Iterator[MessageRow]:
    """One message to each who must, whatever they must it for."""
    reminder = next(one for one in state.spec.reminders if one.id == event.reminder)
    window = state.window(event.rhythm, event.period)
    day = facts.calendar.local_day(command.recorded_at)
    due_at = window.deadline.due_at if window else event.due_at
    due_on = due_day(due_at, facts.calendar).isoformat()
    told = {"rung": reminder.id, "period": event.period, "rhythm": event.rhythm, "due_on": due_on}
    references = _json.encode(told)
    for n, person in enumerate(reminded(state, facts, day)):
        yield MessageRow(
            key=f"{command.stream}:{entry.seq}:{n}",
            stream=command.stream,
            seq=entry.seq,
            person=person,
            text=reminder.text,
            references=references,
            created_at=entry.recorded_at,
            manner="digest",
            due_at=micros(due_at),
        )
