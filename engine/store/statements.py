"""The hot statements, built by SQLAlchemy from the tables and compiled once to text for a driver's cursor.

SQLAlchemy costs half of a transition when it runs a statement and nothing once it has written it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)  # fmt: skip
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement

from engine.errors import Broken
from engine.store.schema import (
    case_value,
    entry,
    evidence,
    held,
    message,
    signal,
    stream,
    task,
    timer,
    uncounted,
    undeeded,
)

#: Columns of RegisterRow that move with a case, and those that name it and hardly ever change.
MOVING = ("version", "state", "due_at", "closed", "closed_at", "overdue", "expiries", "reopened", "claim")
NAMING = ("number", "procedure", "region", "unit", "place", "industry", "title", "opened_at")
CHAIN = ("seq", "head", "snapshot", "fold_version")
ANSWER = ("command_id", "kind", "id", "seq", "leaf", "request")
ENTRY = ("kind", "id", "seq", "command_id", "bytes", "leaf", "request", "recorded_at")
TIMER = ("kind", "id", "task", "fire_at", "rung", "epoch")
TASK = (
    "case", "task", "person", "kind", "state", "party", "queue", "opened_at", "due_at", "overdue",
    "role", "asked_region", "asked_unit", "by_way_of",
)  # fmt: skip
MESSAGE = (
    "key", "kind", "id", "seq", "person", "text", "references", "created_at", "manner", "task", "due_at",
    "status", "next_at", "attempts", "epoch", "channel", "receipt", "reason", "digest", "why", "counted_on",
)  # fmt: skip
SIGNAL = ("id", "source_kind", "source_id", "seq", "n", "target_kind", "target_id", "name", "data", "attempts",
          "next_at")  # fmt: skip
HELD = ("person", "case", "task", "seq", "change", "kind", "state", "at", "recorded_at")
VALUE = ("field", "value", "case")
UNCOUNTED = ("case",)
#: Columns without blanks before the one that may have some.
FILE = ("sha256", "size", "stored_at", "media_type")


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
        version = directory_version()
        self.directory_version = text_of(select(version), dialect, ())
        # kind, JSON array of ids; JSON array of command ids
        mine = (stream.c.kind == bindparam("k_kind"), stream.c.id.in_(listed("ids")))
        self.load = text_of(select(stream.c.id, *_columns(stream, CHAIN)).where(*mine), dialect, ("k_kind", "ids"))
        answers = select(*_columns(entry, ANSWER)).where(entry.c.command_id.in_(listed("command_ids")))
        self.answered = text_of(answers, dialect, ("command_ids",))
        # key, command id
        self.take = text_of(taken(version), dialect, (*key, "command_id"))
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
        self.held = _insert(held, HELD, dialect)
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
        self.uncounted = _insert(uncounted, UNCOUNTED, dialect)
        self.undeeded = _insert(undeeded, UNCOUNTED, dialect)


class PostgresTexts:
    """The hot statements that read, as PostgreSQL takes them; keys come as arrays of kinds and ids."""

    def __init__(self) -> None:
        dialect_of: Any = postgresql.dialect
        dialect = dialect_of(paramstyle="numeric_dollar")
        version = directory_version()
        self.directory_version = text_of(select(version), dialect, ()).encode()
        self.take = text_of(taken(version), dialect, ("k_kind", "k_id", "command_id")).encode()
        names = cast(bindparam("names"), ARRAY(Text))
        told = func.concat_ws(literal_column("' '"), *_columns(evidence, FILE))
        files = select(func.array_agg(told)).where(evidence.c.sha256 == func.any(names)).scalar_subquery()
        order = ("names", "k_kind", "k_id", "command_id")
        self.take_with_files = text_of(taken(version, files), dialect, order).encode()
        asked = func.unnest(cast(bindparam("kinds"), ARRAY(Text)), cast(bindparam("ids"), ARRAY(Text)))
        keys = asked.table_valued(column("kind", Text), column("id", Text), name="asked").render_derived()
        heads = select(*_columns(stream, ("kind", "id", *CHAIN)), version).select_from(
            stream.join(keys, (stream.c.kind == keys.c.kind) & (stream.c.id == keys.c.id))
        )
        # sorted before they are locked, so that two batches never wait for each other in a circle
        locked = heads.order_by(stream.c.kind, stream.c.id).with_for_update(of=stream)
        self.lock = text_of(locked, dialect, ("kinds", "ids")).encode()
        self.load = text_of(heads, dialect, ("kinds", "ids")).encode()
        command_ids = cast(bindparam("command_ids"), ARRAY(Text))
        answers = select(*_columns(entry, ANSWER)).where(entry.c.command_id == func.any(command_ids))
        self.answered = text_of(answers, dialect, ("command_ids",)).encode()


def directory_version() -> Any:
    """Seq of the directory's stream, as part of a statement."""
    known = stream.alias("known")
    main = (known.c.kind == literal_column("'directory'"), known.c.id == literal_column("'main'"))
    return select(known.c.seq).where(*main).scalar_subquery()


def taken(version: Any, *more: Any) -> Any:
    """What one command needs: chain of its stream, answer to its id, version of the directory; always one row."""
    asked = {"k_kind": "kind", "k_id": "id", "command_id": "command_id"}
    one = select(*(cast(bindparam(name), Text).label(label) for name, label in asked.items())).subquery("one")
    answer = _columns(entry, ANSWER)
    heads = one.outerjoin(stream, (stream.c.kind == one.c.kind) & (stream.c.id == one.c.id))
    return select(*_columns(stream, CHAIN), *answer, version, *more).select_from(
        heads.outerjoin(entry, entry.c.command_id == one.c.command_id)
    )


def listed(name: str) -> Any:
    """The texts of a JSON array, as a query: one statement and one text of it for any number of them."""
    return select(func.json_each(bindparam(name, type_=Text)).table_valued("value", name=name).c.value)


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
