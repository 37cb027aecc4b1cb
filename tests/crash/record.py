"""The database read whole, by plain SQL on the bare drivers: what the checks judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy.engine import make_url

from tests.verifier import Row

Query = Callable[[str], list[Any]]


@dataclass(frozen=True, kw_only=True)
class Head:
    """The row of a stream."""

    seq: int
    leaf: bytes
    snapshot: bytes
    number: str
    state: str
    closed: str
    due_at: int


@dataclass(kw_only=True)
class Whole:
    """All rows that matter."""

    #: in order of stream and seq
    entries: list[Row] = field(default_factory=list)
    #: (kind, id, seq) -> command id beside the bytes
    commands: dict[tuple[str, str, int], str] = field(default_factory=dict)
    heads: dict[tuple[str, str], Head] = field(default_factory=dict)
    #: case, task, fire_at, rung, epoch
    timers: list[tuple[str, int, int, str, int]] = field(default_factory=list)
    #: case, task, person, due_at, overdue
    tasks: list[tuple[str, int, str, int, bool]] = field(default_factory=list)
    #: key, person, status
    messages: list[tuple[str, str, str]] = field(default_factory=list)
    signals: list[str] = field(default_factory=list)
    #: SHA-256 and size
    evidence: list[tuple[str, int]] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)
    #: code and data of open incidents
    incidents: list[tuple[str, str]] = field(default_factory=list)


def read_whole(url: str) -> Whole:
    """Read a database at a moment when nobody writes it."""
    if url.startswith("sqlite"):
        held = sqlite.connect(make_url(url).database)
        try:
            return _read(lambda text: list(held.execute(text)))
        finally:
            held.close()
    with psycopg.connect(url) as connection:
        return _read(lambda text: connection.execute(text.encode()).fetchall())


def unsound(url: str) -> list[str]:
    """What SQLite itself finds wrong with its file."""
    held = sqlite.connect(make_url(url).database)
    try:
        return [told for (told,) in held.execute("PRAGMA integrity_check") if told != "ok"]
    except sqlite.DatabaseError as error:
        return [str(error)]
    finally:
        held.close()


def _read(query: Query) -> Whole:
    rows = query("SELECT kind, id, seq, command_id, bytes, leaf FROM entry ORDER BY kind, id, seq")
    heads = query("SELECT kind, id, seq, head, snapshot, number, state, closed, due_at FROM stream")
    tasks = query('SELECT "case", task, person, due_at, overdue FROM task')
    return Whole(
        entries=[Row(kind, name, seq, bytes(data), bytes(leaf)) for kind, name, seq, _, data, leaf in rows],
        commands={(kind, name, seq): command for kind, name, seq, command, _, _ in rows},
        heads={(row[0], row[1]): Head(**_named(row)) for row in heads},
        timers=[tuple(row) for row in query("SELECT id, task, fire_at, rung, epoch FROM timer WHERE kind = 'case'")],
        tasks=[(case, task, person, due_at, bool(overdue)) for case, task, person, due_at, overdue in tasks],
        messages=[tuple(row) for row in query("SELECT key, person, status FROM message")],
        signals=[name for (name,) in query("SELECT id FROM signal")],
        evidence=[tuple(row) for row in query("SELECT sha256, size FROM evidence")],
        # caps keep a counter, too, that numbers nothing
        counters=dict(query("SELECT series, value FROM counter WHERE series NOT LIKE 'cap:%'")),
        incidents=[(code, bytes(data).decode()) for code, data in query("SELECT code, data FROM incident")],
    )


def _named(row: Any) -> dict[str, Any]:
    _, _, seq, leaf, snapshot, number, state, closed, due_at = row
    return {
        "seq": seq,
        "leaf": bytes(leaf),
        "snapshot": bytes(snapshot),
        "number": number,
        "state": state,
        "closed": closed,
        "due_at": due_at,
    }
