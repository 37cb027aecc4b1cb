"""Rows for tests of the store: a write with everything that a test does not care about filled in."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from engine.core.command import Stream
from engine.core.directory import Scope
from engine.store.records import EntryRow, MessageRow, RegisterRow, SignalRow, TaskRow, TimerRow, Write
from engine.store.store import Store

EVERYTHING = Scope(person="", everything=True)


def case(name: str) -> Stream:
    """The stream of a case."""
    return Stream("case", name)


def register(name: str, **told: Any) -> RegisterRow:
    """What registers read of a case."""
    row: dict[str, Any] = {
        "number": f"N-{name}", "procedure": "hazard", "version": "v1", "state": "reported", "region": "/county/east/",
        "unit": "unit1", "place": "", "industry": "mining", "title": f"title of {name}", "opened_at": 100,
        "due_at": None, "closed": "", "closed_at": None, "overdue": False, "expiries": 0, "reopened": 0, "claim": "",
    }  # fmt: skip
    return RegisterRow(**(row | told))


def write(stream: Stream, base: int, *, command: str = "", at: int = 1000, **told: Any) -> Write:
    """One entry on a stream; a case has a register row unless told otherwise."""
    body = f"{stream} {base + 1} {command}".encode()
    entry = EntryRow(
        stream=stream,
        seq=base + 1,
        command_id=command or f"command {stream} {base + 1}",
        leaf=sha256(body).digest(),
        recorded_at=at,
        request=b"request",
        bytes=body,
    )
    if stream.kind == "case":
        told.setdefault("register", register(stream.id))
    return Write(stream=stream, base=base, entry=entry, snapshot=b"snapshot " + body, fold_version=1, **told)


def timer(stream: Stream, task: int, fire_at: int, rung: str = "remind", epoch: int = 1) -> TimerRow:
    """An armed timer."""
    return TimerRow(stream=stream, task=task, fire_at=fire_at, rung=rung, epoch=epoch)


def task(name: str, number: int, person: str, **told: Any) -> TaskRow:
    """An open task of a person."""
    row: dict[str, Any] = {
        "kind": "own", "state": "reported", "party": "supervisor", "queue": "", "opened_at": 100, "due_at": None,
        "overdue": False,
    }  # fmt: skip
    return TaskRow(case=name, task=number, person=person, **(row | told))


def message(stream: Stream, seq: int, n: int, person: str, at: int = 1000) -> MessageRow:
    """A message in the outbox."""
    return MessageRow(
        key=f"{stream}:{seq}:{n}",
        stream=stream,
        seq=seq,
        person=person,
        text="reminder",
        references=b'{"task":1}',
        created_at=at,
    )


def signal(source: Stream, seq: int, n: int, target: Stream) -> SignalRow:
    """A signal from one stream to another."""
    return SignalRow(
        id=f"signal:{source}:{seq}:{n}", source=source, seq=seq, n=n, target=target, name="closed", data=b"{}"
    )


def save(store: Store, *writes: Write) -> None:
    """Write in a transaction of its own."""
    with store.session() as session:
        session.write(writes)
