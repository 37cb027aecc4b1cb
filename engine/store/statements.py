"""The hot statements, built by SQLAlchemy from the tables and compiled once to text for a driver's cursor.

SQLAlchemy costs half of a transition when it runs a statement and nothing once it has written it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement

from engine.errors import Broken
from engine.store.schema import case_value, entry, message, signal, stream, task, timer

#: Columns of RegisterRow that move with a case, and those that name it and hardly ever change.
MOVING = ("version", "state", "due_at", "closed", "closed_at", "overdue", "expiries", "reopened", "claim")
NAMING = ("number", "procedure", "region", "unit", "place", "industry", "title", "opened_at")
CHAIN = ("seq", "head", "snapshot", "fold_version")
ENTRY = ("kind", "id", "seq", "command_id", "bytes", "leaf", "request", "recorded_at")
TIMER = ("kind", "id", "task", "fire_at", "rung", "epoch")
TASK = ("case", "task", "person", "kind", "state", "party", "queue", "opened_at", "due_at", "overdue")
MESSAGE = (
    "key", "kind", "id", "seq", "person", "text", "references", "created_at",
    "status", "next_at", "attempts", "epoch", "channel", "receipt", "reason",
)  # fmt: skip
SIGNAL = ("id", "source_kind", "source_id", "seq", "n", "target_kind", "target_id", "name", "data", "attempts",
          "next_at")  # fmt: skip
VALUE = ("field", "value", "case")


def text_of(statement: ClauseElement, dialect: Dialect, order: tuple[str, ...]) -> str:
    """The statement as text whose parameters stand in that order; Broken if they do not."""
    compiled: Any = statement.compile(dialect=dialect)
    if tuple(compiled.positiontup or ()) != order:
        raise Broken("statement_order", expected=order, got=compiled.positiontup)
    return str(compiled)


class SqliteTexts:
    """The hot statements as SQLite takes them; the comment above each names its parameters."""

    def __init__(self) -> None:
        dialect = sqlite.dialect(paramstyle="qmark")
        key = ("k_kind", "k_id")
        directory = select(stream.c.seq).where(stream.c.kind == "directory", stream.c.id == "main")
        self.directory_version = str(directory.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        self.load = text_of(select(*_columns(stream, CHAIN)).where(_key(stream)), dialect, key)
        self.answered = text_of(
            select(*_columns(entry, ("kind", "id", "seq", "leaf", "request"))).where(
                entry.c.command_id == bindparam("command_id")
            ),
            dialect,
            ("command_id",),
        )
        # chain, key, base
        guarded = update(stream).where(_key(stream), stream.c.seq == bindparam("base"))
        self.move = text_of(guarded.values(_binds(CHAIN)), dialect, (*CHAIN, *key, "base"))
        # chain, moving columns in the order of the table, key, base
        self.moving = tuple(c.name for c in stream.c if c.name in MOVING)
        self.move_case = text_of(guarded.values(_binds(CHAIN + MOVING)), dialect, (*CHAIN, *self.moving, *key, "base"))
        # naming columns, key, naming columns again: only a changed name touches the indices
        self.naming = tuple(c.name for c in stream.c if c.name in NAMING)
        changed = or_(*(stream.c[name] != bindparam(f"was_{name}") for name in self.naming))
        self.rename = text_of(
            update(stream).where(_key(stream), changed).values(_binds(NAMING)),
            dialect,
            (*self.naming, *key, *(f"was_{name}" for name in self.naming)),
        )
        self.born = _insert(stream, tuple(c.name for c in stream.c), dialect)
        self.entry = _insert(entry, ENTRY, dialect)
        self.arm = _insert(timer, TIMER, dialect, instead=("fire_at", "rung", "epoch"))
        self.disarm = text_of(
            delete(timer).where(_key(timer), timer.c.task == bindparam("k_task")), dialect, (*key, "k_task")
        )
        self.end_task = text_of(
            delete(task).where(task.c.case == bindparam("k_case"), task.c.task == bindparam("k_task")),
            dialect,
            ("k_case", "k_task"),
        )
        self.open_task = _insert(task, TASK, dialect)
        self.message = _insert(message, MESSAGE, dialect)
        self.signal = _insert(signal, SIGNAL, dialect)
        self.settle = text_of(delete(signal).where(signal.c.id == bindparam("k_id")), dialect, ("k_id",))
        self.forget_value = text_of(
            delete(case_value).where(
                and_(case_value.c.case == bindparam("k_case"), case_value.c.field == bindparam("k_field"))
            ),
            dialect,
            ("k_case", "k_field"),
        )
        self.value = _insert(case_value, VALUE, dialect)


def _columns(table: Table, names: tuple[str, ...]) -> list[Column[Any]]:
    return [table.c[name] for name in names]


def _binds(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def _key(table: Table) -> Any:
    return and_(table.c.kind == bindparam("k_kind"), table.c.id == bindparam("k_id"))


def _insert(table: Table, names: tuple[str, ...], dialect: Dialect, instead: tuple[str, ...] = ()) -> str:
    statement = sqlite.insert(table).values(_binds(names))
    if instead:
        statement = statement.on_conflict_do_update(
            index_elements=list(table.primary_key), set_={name: statement.excluded[name] for name in instead}
        )
    return text_of(statement, dialect, names)
