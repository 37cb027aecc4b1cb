"""From what was decided to rows: pure functions of the case before and after and the events between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from engine.core import event as ev
from engine.core.administration_directory import held_until
from engine.core.case import FOLD_VERSION, Case, Task
from engine.core.command import Command, Stream
from engine.core.definition_links import RETURN_LATER
from engine.core.directory import Directory
from engine.core.directory_told import REPLACED
from engine.core.links import signal_id
from engine.core.machine import Machine
from engine.runtime.held import held_rows
from engine.runtime.hidden import hidden_values, named_in_registers
from engine.runtime.history import whole_history
from engine.runtime.manners import NO_MANNERS, Manners
from engine.runtime.personal import is_reference
from engine.store.records import (
    CLAIMED,
    ESCALATED,
    LONGEST_FILTER,
    WAS_ESCALATED,
    DirectoryRows,
    EntryRow,
    LinkRow,
    MessageRow,
    RegisterRow,
    SignalRow,
    TaskRow,
    TimerRow,
    VaultRow,
    Write,
)
from engine.store.views import DirectoryRow

#: Rows of a table that are believed now, by ids.
Believed = Callable[[str, list[str]], Iterable[DirectoryRow]]

#: Nothing changes in who is concerned by a case.
NOBODY: Mapping[str, tuple[str, ...]] = {}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_json = msgspec.json.Encoder()
_snapshot = msgspec.msgpack.Encoder()
_read_snapshot = msgspec.msgpack.Decoder(Case)


def micros(at: datetime) -> int:
    """Microseconds UTC since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The aware instant of microseconds UTC since 1970."""
    return _EPOCH + timedelta(microseconds=value)


def write_snapshot(case: Case) -> bytes:
    """The case as bytes for the next load."""
    return _snapshot.encode(case)


def read_snapshot(data: bytes) -> Case:
    """The case of a snapshot written with the present fold version."""
    return _read_snapshot.decode(data)


def case_write(
    machine: Machine,
    before: Case | None,
    after: Case,
    command: Command,
    events: Sequence[ev.AnyEvent],
    entry: EntryRow,
    vault: tuple[VaultRow, ...] = (),
    readers: tuple[str, ...] = (),
    concerned: Mapping[str, tuple[str, ...]] = NOBODY,
) -> Write:
    """Everything one decided command changes about a case.

    `readers` may find it while it is hidden, `concerned` tells who else may, where that changes.
    """
    stream = command.stream
    arm, disarm, opened, ended = _work(before, after, stream)
    messages, signals = mail_of(events, stream, entry.seq, entry.recorded_at, Manners(machine, before, after))
    values = _values(machine, events) | _escalation(machine, before, after)
    if after.sealed or (before is not None and before.sealed):
        whole = _values(machine, (ev.FieldsSet(values=after.fields),))
        values = hidden_values(before, after, values, whole, readers)
    settled = (command.id,) if command.medium == "signal" else ()
    return Write(
        stream=stream,
        base=entry.seq - 1,
        entry=entry,
        snapshot=write_snapshot(after),
        fold_version=FOLD_VERSION,
        register=register_of(after),
        renamed=before is None or _name(before) != _name(after),
        arm=arm,
        disarm=disarm,
        open_tasks=opened,
        end_tasks=ended,
        held=held_rows(before, after, entry.seq, micros(command.occurred_at), entry.recorded_at),
        messages=messages,
        signals=signals,
        links=_links(stream, events),
        counted=before is None or bool(values) or _counted(before) != _counted(after),
        deeds=any(type(event) is ev.ActionTaken for event in events),
        values={**values, **concerned} if concerned else values,
        vault=vault,
        settled=settled,
    )


def _name(case: Case) -> tuple[object, ...]:
    """What registers hold of a case and what hardly ever changes."""
    return (
        case.number, case.procedure, case.region, case.unit, case.place, case.industry, case.title, case.opened_at,
        case.sealed,
    )  # fmt: skip


def _counted(case: Case) -> tuple[object, ...]:
    """What cases are counted by, besides declared filters."""
    return (case.procedure, case.region, case.industry, case.closed, case.sealed, *(s.state for s in case.active))


def is_escalated(machine: Machine, case: Case) -> bool:
    """Whether a formal act was drafted because a deadline that still runs was not kept."""
    fired = {rung for task in case.tasks for rung in task.fired}
    if not fired:
        return False
    # Of whatever ladder: one that is climbed no longer has drafted what it has drafted.
    return any(rung.draft and rung.id in fired for ladder in machine.ladders.values() for rung in ladder.rungs)


def _escalation(machine: Machine, before: Case | None, after: Case) -> dict[str, tuple[str, ...]]:
    """The mark under which registers find cases that are escalated, where it changes."""
    now = is_escalated(machine, after)
    if now == (before is not None and is_escalated(machine, before)):
        return {}
    return {ESCALATED: ("true",), WAS_ESCALATED: ("true",)} if now else {ESCALATED: ()}


def register_of(case: Case) -> RegisterRow:
    """What registers read of a case."""
    due = [task.deadline.due_at for task in case.tasks if task.deadline is not None]
    return RegisterRow(
        number=case.number,
        procedure=case.procedure,
        version=case.version,
        state=" ".join(stay.state for stay in case.active),
        **named_in_registers(case),
        opened_at=micros(case.opened_at),
        due_at=micros(min(due)) if due else None,
        closed=case.closed,
        closed_at=micros(case.closed_at) if case.closed_at else None,
        overdue=any(task.expired_at is not None for task in case.tasks),
        expiries=case.expiries,
        reopened=case.reopened,
        claim="" if case.claim is None else "triaged" if case.claim.triaged else "claimed",
    )


def _work(
    before: Case | None, after: Case, stream: Stream
) -> tuple[tuple[TimerRow, ...], tuple[int, ...], tuple[TaskRow, ...], tuple[int, ...]]:
    """Timers to arm and disarm, tasks to (re)write and to end: the difference of two states."""
    old = {task.n: task for task in before.tasks} if before else {}
    arm: list[TimerRow] = []
    disarm: list[int] = []
    rows: list[TaskRow] = []
    for task in after.tasks:
        was = old.pop(task.n, None)
        if was is task:
            continue
        alarm = task.alarm
        if alarm is not None and (was is None or was.alarm != alarm):
            arm.append(
                TimerRow(stream=stream, task=task.n, fire_at=micros(alarm.at), rung=alarm.rung, epoch=alarm.epoch)
            )
        elif alarm is None and was is not None and was.alarm is not None:
            disarm.append(task.n)
        if was is None or _shown(was) != _shown(task):
            rows.extend(task_rows(stream.id, task))
    disarm.extend(task.n for task in old.values() if task.alarm is not None)
    return tuple(arm), tuple(disarm), tuple(rows), tuple(old)


def _shown(task: Task) -> tuple[object, ...]:
    return (task.holder, task.deadline, task.expired_at)


def task_rows(case: str, task: Task) -> Iterable[TaskRow]:
    """The rows of an open task, one for each who holds it."""
    return (task_row(case, task, person) for person in task.holder.persons or ("",))


def task_row(case: str, task: Task, person: str) -> TaskRow:
    """The row under which one person finds a task; person "" where nobody holds it."""
    return TaskRow(
        case=case,
        task=task.n,
        person=person,
        kind=task.kind,
        state=task.state,
        party=task.holder.party,
        queue=task.holder.queue,
        opened_at=micros(task.opened_at),
        due_at=micros(task.deadline.due_at) if task.deadline else None,
        overdue=task.expired_at is not None,
        role=task.holder.role,
        asked_region=task.holder.region,
        asked_unit=task.holder.unit,
        by_way_of=task.holder.by_way_of,
    )


def mail_of(
    events: Sequence[ev.AnyEvent], stream: Stream, seq: int, at: int, manners: Manners = NO_MANNERS
) -> tuple[tuple[MessageRow, ...], tuple[SignalRow, ...]]:
    messages: list[MessageRow] = []
    signals: list[SignalRow] = []
    for event in events:
        if type(event) is ev.MessageQueued:
            references = _json.encode({"task": event.task, "rung": event.rung})
            key = f"{stream}:{seq}:{event.n}"
            task, due_at = manners.asks_for(event)
            messages.append(
                MessageRow(
                    key=key,
                    stream=stream,
                    seq=seq,
                    person=event.to,
                    text=event.text,
                    references=references,
                    created_at=at,
                    manner=manners.manner(event),
                    task=task,
                    due_at=micros(due_at) if due_at else None,
                )
            )
        elif type(event) is ev.SignalSent:
            name = signal_id(stream, seq, event.n)
            signals.append(
                SignalRow(
                    id=name,
                    source=stream,
                    seq=seq,
                    n=event.n,
                    target=event.to,
                    name=event.name,
                    data=_json.encode(event.data),
                )
            )
    return tuple(messages), tuple(signals)


def _links(stream: Stream, events: Sequence[ev.AnyEvent]) -> tuple[LinkRow, ...]:
    """Links as the case that made them says; what the engine links back by itself the other end has said."""
    made = [event for event in events if type(event) is ev.CaseLinked and event.how != RETURN_LATER]
    return tuple(LinkRow(case=stream.id, how=event.how, other=event.to) for event in made)


def calendars_of(events: Sequence[ev.AnyEvent]) -> tuple[str, ...]:
    """Versions of the calendar years by which deadlines of these events were computed."""
    found: dict[str, None] = {}
    for event in events:
        if not isinstance(event, ev.TaskOpened | ev.DeadlineMoved | ev.DeadlineRedated | ev.ClockResumed):
            continue
        if (deadline := event.deadline) is not None:
            for one in (deadline, *deadline.derivation.whichever):
                found.update(dict.fromkeys(one.derivation.calendar))
    return tuple(found)


def _values(machine: Machine, events: Sequence[ev.AnyEvent]) -> dict[str, tuple[str, ...]]:
    """What registers may filter by and what makes cases the same; never personal or confidential values."""
    same = machine.procedure.same.fields if machine.procedure.same else ()
    changed: dict[str, tuple[str, ...]] = {}
    for event in events:
        if type(event) is ev.CaseClaimed and event.claimed_number:
            changed[CLAIMED] = filter_texts(event.claimed_number)
        if type(event) is not ev.FieldsSet:
            continue
        for name, value in event.values.items():
            spec = machine.fields.get(name)
            if spec is None or spec.personal or spec.confidential:
                continue
            if spec.filtered or name in same:
                changed[name] = filter_texts(value)
    return changed


def same_keys(case: Case, fields: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """(procedure, field, text) by which `find_same` may find the case once it is written."""
    for name in fields:
        for text in filter_texts(case.fields.get(name)):
            yield case.procedure, name, text


def filter_texts(value: Any) -> tuple[str, ...]:
    """The texts under which registers find a value."""
    if value is None or value == "":
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(one)[:LONGEST_FILTER] for one in value)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return (str(value)[:LONGEST_FILTER],)


def plain_write(
    command: Command,
    events: Sequence[ev.AnyEvent],
    entry: EntryRow,
    directory: Directory,
    believed: Believed,
    vault: tuple[VaultRow, ...] = (),
) -> Write:
    """Everything one decided command changes on a stream that is no case; `believed` tells rows as known now."""
    return Write(
        stream=command.stream,
        base=entry.seq - 1,
        entry=entry,
        directory=tuple(row for event in events if (row := _directory_rows(event, directory, believed))),
        vault=vault,
    )


def _directory_rows(event: ev.AnyEvent, directory: Directory, believed: Believed) -> DirectoryRows | None:
    match event:
        case ev.RowsRecorded(table=table, rows=rows) if table in REPLACED:
            # A certificate that was revoked is valid, and whose substitute left has one, on no day not told again.
            return DirectoryRows(table=table, rows=rows)
        case ev.RowsRecorded(table=table, rows=rows):
            told = [_referenced(row) for row in rows]
            return DirectoryRows(table=table, rows=whole_history(believed(table, [row["id"] for row in told]), told))
        case ev.RoleGranted():
            row = msgspec.structs.asdict(event)
            kept = {key: row[key] for key in _HELD}
            return DirectoryRows(table="holding", rows=({"id": event.holding, **kept},))
        case ev.RoleEnded(holding=name, valid_to=valid_to):
            holding = directory.holding(name)
            return DirectoryRows(table="holding", rows=(held_until(holding, valid_to),)) if holding else None
    return None


def _referenced(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose name column, which is text, holds the reference alone; attributes keep theirs whole."""
    name = row.get("name")
    return {**row, "name": name["vault"]} if isinstance(name, dict) and is_reference(name) else row


_HELD = ("person", "role", "region", "industry", "unit", "body", "valid_from", "valid_to")
