"""Writes taken apart into plain tuples, table by table, in the order of the columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.core.command import Stream
from engine.store.records import HeldRow, MessageRow, RegisterRow, SignalRow, StreamRow, TaskRow, TimerRow, Write
from engine.store.schema import FOREVER
from engine.store.views import AnswerRow, EvidenceRow, Taken

#: What a stream that is no case says in the columns of registers, in the order of the table.
BLANK = ("", "", "", "", "", "", "", "", "", 0, FOREVER, "", FOREVER, False, 0, 0, "")


def rounds(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """The writes in order, cut where a stream comes a second time: what one wrote the next may build on."""
    if len(writes) == 1:
        yield [writes[0]]
        return
    batch: list[Write] = []
    streams: set[Stream] = set()
    for write in writes:
        if write.stream in streams:
            yield batch
            batch, streams = [], set()
        batch.append(write)
        streams.add(write.stream)
    if batch:
        yield batch


def chain(write: Write) -> tuple[int, bytes, bytes, int]:
    """seq, head, snapshot, fold_version after the write."""
    return (write.base + 1, write.entry.leaf, write.snapshot, write.fold_version)


def whole(row: RegisterRow) -> tuple[Any, ...]:
    """All columns of registers in the order of the table."""
    return (
        row.number, row.procedure, row.version, row.state, row.region, row.unit, row.place, row.industry, row.title,
        row.opened_at, FOREVER if row.due_at is None else row.due_at, row.closed,
        FOREVER if row.closed_at is None else row.closed_at, row.overdue, row.expiries, row.reopened, row.claim,
    )  # fmt: skip


def moving(row: RegisterRow) -> tuple[Any, ...]:
    """The columns of registers that move with a case."""
    return (
        row.version, row.state, FOREVER if row.due_at is None else row.due_at, row.closed,
        FOREVER if row.closed_at is None else row.closed_at, row.overdue, row.expiries, row.reopened, row.claim,
    )  # fmt: skip


def naming(row: RegisterRow) -> tuple[Any, ...]:
    """The columns of registers that hardly ever change."""
    return (row.number, row.procedure, row.region, row.unit, row.place, row.industry, row.title, row.opened_at)


def entry(write: Write) -> tuple[Any, ...]:
    """The entry's row."""
    row, stream = write.entry, write.stream
    return (stream.kind, stream.id, row.seq, row.command_id, row.bytes, row.leaf, row.request, row.recorded_at)


def timer(row: TimerRow) -> tuple[Any, ...]:
    """An armed timer."""
    return (row.stream.kind, row.stream.id, row.task, row.fire_at, row.rung, row.epoch)


def disarmed(write: Write) -> list[tuple[str, str, int]]:
    """Keys of the timers that go and are not armed anew by the same write."""
    if not write.disarm:
        return []
    armed = {row.task for row in write.arm}
    return [(write.stream.kind, write.stream.id, task) for task in write.disarm if task not in armed]


def task(row: TaskRow) -> tuple[Any, ...]:
    """An open task of one person."""
    due_at = FOREVER if row.due_at is None else row.due_at
    return (
        row.case, row.task, row.person, row.kind, row.state, row.party, row.queue, row.opened_at, due_at, row.overdue,
        row.role, row.asked_region, row.asked_unit, row.by_way_of,
    )  # fmt: skip


def held(row: HeldRow) -> tuple[Any, ...]:
    """That a person came to hold a task, or holds it no longer."""
    return (row.person, row.case, row.task, row.seq, row.change, row.kind, row.state, row.at, row.recorded_at)


def ended(write: Write) -> list[tuple[str, int]]:
    """Keys of the tasks all of whose rows go: ended ones and those whose rows are replaced."""
    keys = dict.fromkeys(write.end_tasks)
    keys.update((row.task, None) for row in write.open_tasks)
    return [(write.stream.id, number) for number in keys]


def message(row: MessageRow) -> tuple[Any, ...]:
    """A message that waits to be sent."""
    return (
        row.key, row.stream.kind, row.stream.id, row.seq, row.person, row.text, row.references, row.created_at,
        row.manner, row.task, FOREVER if row.due_at is None else row.due_at,
        "pending", row.created_at, 0, 0, "", "", "", "", "", "",
    )  # fmt: skip


def signal(row: SignalRow, at: int) -> tuple[Any, ...]:
    """A signal that waits to be delivered."""
    source, target = row.source, row.target
    return (row.id, source.kind, source.id, row.seq, row.n, target.kind, target.id, row.name, row.data, 0, at)


def values(write: Write) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """Keys (case, field) of the values that go, and the rows (field, value, case) that come."""
    case = write.stream.id
    gone = [(case, field) for field in write.values]
    return gone, [(field, value, case) for field, found in write.values.items() for value in dict.fromkeys(found)]


def stream_row(stream: Stream, row: Sequence[Any]) -> StreamRow:
    """The head of a stream from seq, head, snapshot, fold_version."""
    return StreamRow(stream=stream, seq=row[0], head=bytes(row[1]), snapshot=bytes(row[2]), fold_version=row[3])


def answer(row: Sequence[Any]) -> AnswerRow:
    """An answer from command_id, kind, id, seq, leaf, request."""
    return AnswerRow(
        command_id=row[0], stream=Stream(row[1], row[2]), seq=row[3], leaf=bytes(row[4]), request=bytes(row[5])
    )


def taken(stream: Stream, row: Sequence[Any]) -> Taken:
    """What one command needs, from the row of the statement of that name."""
    return Taken(
        answer=None if row[4] is None else answer(row[4:]),
        row=None if row[0] is None else stream_row(stream, row),
        directory_version=row[10] or 0,
        files=files(row[11]) if len(row) > 11 and row[11] else {},
    )


def files(told: Iterable[str]) -> dict[str, EvidenceRow]:
    """Files by content hash, from their columns joined by blanks."""
    rows = [one.split(" ", 3) for one in told]
    return {
        name: EvidenceRow(sha256=name, size=int(size), stored_at=int(stored_at), media_type=media_type)
        for name, size, stored_at, media_type in rows
    }
