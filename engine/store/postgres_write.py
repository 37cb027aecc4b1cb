"""The write of PostgreSQL as one statement: streams, entries, timers, tasks, messages and values in one round trip.

Every part depends on all streams having been where their writes expect them: a statement whose guard fails changes
nothing else, and alone in its transaction it changes nothing at all. Parts of one statement see the tables as they
were before it, so no part may delete a row that another inserts: replaced rows are updated in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    LargeBinary,
    Table,
    Text,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    type_coerce,
    update,
)  # fmt: skip
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.selectable import CTE
from sqlalchemy.types import TypeEngine

from engine.store import flat
from engine.store.arrays import Bigints, Flags, Octets, Texts
from engine.store.records import Write
from engine.store.schema import case_value, entry, held, message, stream, task, timer, uncounted, undeeded
from engine.store.statements import CHAIN, ENTRY, HELD, MESSAGE, TASK, TIMER, UNCOUNTED, VALUE

#: Between and around persons who keep their row of a replaced task; no id contains it.
_SEPARATOR = "\x1f"
_REGISTER = tuple(c.name for c in stream.c)[6:]
_WRITE = ("kind", "id", "base", "leaf", "snapshot", "fold_version", "command_id", "bytes", "request", "recorded_at")
_SENT = MESSAGE[:11]
#: What a message says that has just been queued.
_QUEUED = ("'pending'", "created_at", "0", "0", "''", "''", "''", "''", "''", "''")

_PARTS: dict[str, tuple[str, ...]] = {
    "w": _WRITE,
    "case": _WRITE + _REGISTER,
    "arm": TIMER,
    "disarm": ("kind", "id", "task"),
    "open": TASK,
    "end": ("case", "task", "keep"),
    "held": HELD,
    "message": _SENT,
    "value": VALUE,
    "forget": ("case", "field"),
    "uncounted": UNCOUNTED,
    "undeeded": UNCOUNTED,
}
_NUMBERS = {
    "base", "fold_version", "recorded_at", "opened_at", "due_at", "closed_at", "expiries", "reopened", "task",
    "fire_at", "epoch", "seq", "created_at", "change", "at",
}  # fmt: skip
_OCTETS = {"leaf", "snapshot", "bytes", "request", "references"}

#: A constant in the text, where SQLAlchemy would make it a parameter.
_ONE: ColumnElement[int] = literal_column("1", BigInteger)

Rows = list[tuple[Any, ...]]


class _Shape(NamedTuple):
    """Which parts a statement has, and whether one row or many; as few texts as there are shapes of writes."""

    #: part -> 1 or 2, in the order of _PARTS
    parts: tuple[tuple[str, int], ...]
    born: bool
    moved: bool


class Prepared(NamedTuple):
    """A statement as text, and how its parameters are picked from all values of all parts, one after the other."""

    text: bytes
    pick: Callable[[Sequence[Any]], tuple[Any, ...]]


def statement(batch: Sequence[Write]) -> tuple[bytes, tuple[Any, ...]]:
    """Text and parameters that write a batch of different streams, all cases or none; it returns how many passed."""
    rows = _rows(batch)
    shape = _Shape(
        parts=tuple((part, 1 if len(found) == 1 else 2) for part, found in rows.items() if found),
        born=any(write.base == 0 for write in batch),
        moved=any(write.base != 0 for write in batch),
    )
    prepared = _prepared(shape)
    values: list[Any] = [len(batch)]
    for part, many in shape.parts:
        if many == 1:
            values += rows[part][0]
        else:
            values += [wrap(told) for wrap, told in zip(_WRAPS[part], zip(*rows[part], strict=True), strict=True)]
    return prepared.text, prepared.pick(values)


def _rows(batch: Sequence[Write]) -> dict[str, Rows]:
    rows: dict[str, Rows] = {part: [] for part in _PARTS}
    streams = rows["case" if batch[0].register else "w"]
    for write in batch:
        streams.append(_stream(write))
        rows["arm"].extend(flat.timer(row) for row in write.arm)
        rows["open"].extend(flat.task(row) for row in write.open_tasks)
        rows["held"].extend(flat.held(row) for row in write.held)
        rows["message"].extend(flat.message(row)[:11] for row in write.messages)
        gone, come = flat.values(write) if write.values else ((), ())
        rows["value"].extend(come)
        if write.counted:
            rows["uncounted"].append((write.stream.id,))
        if write.deeds:
            rows["undeeded"].append((write.stream.id,))
        if write.base:
            rows["disarm"].extend(flat.disarmed(write))
            rows["end"].extend(_ended(write))
            rows["forget"].extend(gone)
    return rows


def _stream(write: Write) -> tuple[Any, ...]:
    row, address = write.entry, write.stream
    told = (
        address.kind, address.id, write.base, row.leaf, write.snapshot, write.fold_version,
        row.command_id, row.bytes, row.request, row.recorded_at,
    )  # fmt: skip
    return told + flat.whole(write.register) if write.register else told


def _ended(write: Write) -> list[tuple[str, int, str]]:
    if not write.open_tasks:
        return [(write.stream.id, number, _SEPARATOR) for number in write.end_tasks]
    keep: dict[int, str] = {}
    for row in write.open_tasks:
        keep[row.task] = keep.get(row.task, _SEPARATOR) + row.person + _SEPARATOR
    return [(case_id, number, keep.get(number, _SEPARATOR)) for case_id, number in flat.ended(write)]


# -------------------------------------------------------------------------------------------- building the text
@cache
def _prepared(shape: _Shape) -> Prepared:
    given = {part: _given(part, _PARTS[part], many) for part, many in shape.parts}
    written = given["case"] if "case" in given else given["w"]
    head, passed = _streams(written, shape, cases="case" in given)
    many = dict(shape.parts)["case" if "case" in given else "w"] == 2
    expected = bindparam("expected", type_=BigInteger) if many else literal_column("1")
    guard = passed == expected
    changes = [_entries(written, guard)]
    if "arm" in given:
        changes.append(_upsert(timer, TIMER, given["arm"], guard))
    if "disarm" in given:
        changes.append(_delete(timer, ("kind", "id", "task"), given["disarm"], guard))
    if "open" in given:
        changes.append(_upsert(task, TASK, given["open"], guard))
    if "end" in given:
        end = given["end"]
        around = literal_column(f"'{_SEPARATOR}'", Text)
        kept = func.strpos(end.c.keep, around + task.c.person + around) >= _ONE
        changes.append(_delete(task, ("case", "task"), end, guard, ~kept))
    if "held" in given:
        changes.append(insert(held).from_select(list(HELD), select(*given["held"].c).where(guard)))
    if "message" in given:
        changes.append(_messages(given["message"], guard))
    if "value" in given:
        changes.append(_upsert(case_value, VALUE, given["value"], guard))
    if "forget" in given:
        changes.append(_forget(given["forget"], given.get("value"), guard))
    for table in (uncounted, undeeded):
        if table.name in given:
            noted = given[table.name]
            changes.append(insert(table).from_select(list(UNCOUNTED), select(*noted.c).where(guard)))
    ctes = [change.cte(f"c{n}") for n, change in enumerate(changes)]
    dialect_of: Any = postgresql.dialect
    statement = select(passed).add_cte(*head, *ctes)
    compiled: Any = statement.compile(dialect=dialect_of(paramstyle="numeric_dollar"))
    # the count of the batch comes first, then each part's columns
    places = {"expected": 0}
    for part, _ in shape.parts:
        places |= {f"{part}__{name}": len(places) + n for n, name in enumerate(_PARTS[part])}
    return Prepared(text=str(compiled).encode(), pick=itemgetter(*(places[name] for name in compiled.positiontup)))


def _kind(name: str) -> tuple[TypeEngine[Any], Callable[[Any], Any]]:
    if name in _NUMBERS:
        return BigInteger(), Bigints
    if name in _OCTETS:
        return LargeBinary(), Octets
    return (Boolean(), Flags) if name == "overdue" else (Text(), Texts)


#: part -> what makes an array of each of its columns
_WRAPS = {part: tuple(_kind(name)[1] for name in names) for part, names in _PARTS.items()}


def _given(part: str, names: tuple[str, ...], many: int) -> CTE:
    """The rows of a part: one as parameters, many as arrays."""
    if many == 1:
        told = [cast(bindparam(f"{part}__{name}"), _kind(name)[0]).label(name) for name in names]
        return select(*told).cte(f"g_{part}")
    arrays = [cast(bindparam(f"{part}__{name}"), ARRAY(_kind(name)[0])) for name in names]
    rows = func.unnest(*arrays).table_valued(*(column(name, _kind(name)[0]) for name in names), name=f"u_{part}")
    return select(*rows.render_derived().c).cte(f"g_{part}")


def _streams(written: CTE, shape: _Shape, *, cases: bool) -> tuple[list[CTE], ColumnElement[int]]:
    """Streams that move and streams that begin, and the count of those that could."""
    chain = {"seq": written.c.base + _ONE, "head": written.c.leaf, "snapshot": written.c.snapshot,
             "fold_version": written.c.fold_version}  # fmt: skip
    head: list[CTE] = []
    if shape.moved:
        told = chain | ({name: written.c[name] for name in _REGISTER} if cases else {})
        same = (stream.c.kind == written.c.kind, stream.c.id == written.c.id, stream.c.seq == written.c.base)
        head.append(update(stream).values(told).where(*same).returning(stream.c.seq).cte("moved"))
    if shape.born:
        blank = dict(zip(_REGISTER, (_constant(value) for value in flat.BLANK), strict=True))
        register = [written.c[name] if cases else blank[name] for name in _REGISTER]
        begun = select(written.c.kind, written.c.id, *chain.values(), *register).where(written.c.base < _ONE)
        rows = postgresql.insert(stream).from_select(["kind", "id", *CHAIN, *_REGISTER], begun)
        key = rows.on_conflict_do_nothing(index_elements=["kind", "id"])
        head.append(key.returning(stream.c.seq).cte("born"))
    counts = [select(func.count()).select_from(cte).scalar_subquery() for cte in head]
    return head, counts[0] if len(counts) == 1 else type_coerce(counts[0] + counts[1], BigInteger)


def _constant(value: object) -> ColumnElement[Any]:
    if isinstance(value, bool):
        return literal_column(str(value).lower())
    return literal_column(f"'{value}'" if isinstance(value, str) else str(value))


def _entries(written: CTE, guard: ColumnElement[bool]) -> Any:
    told = {**{name: written.c[name] for name in ENTRY if name in written.c}, "seq": written.c.base + _ONE}
    return insert(entry).from_select(list(ENTRY), select(*(told[name] for name in ENTRY)).where(guard))


def _messages(given: CTE, guard: ColumnElement[bool]) -> Any:
    queued = [given.c.created_at if told == "created_at" else literal_column(told) for told in _QUEUED]
    return insert(message).from_select(list(MESSAGE), select(*given.c, *queued).where(guard))


def _upsert(table: Table, names: tuple[str, ...], given: CTE, guard: ColumnElement[bool]) -> Any:
    key = [column.name for column in table.primary_key]
    rows = postgresql.insert(table).from_select(list(names), select(*(given.c[name] for name in names)).where(guard))
    others = {name: rows.excluded[name] for name in names if name not in key}
    if not others:
        return rows.on_conflict_do_nothing(index_elements=key)
    return rows.on_conflict_do_update(index_elements=key, set_=others)


def _delete(
    table: Table, key: tuple[str, ...], given: FromClause, guard: ColumnElement[bool], *more: ColumnElement[bool]
) -> Any:
    return delete(table).where(*(table.c[name] == given.c[name] for name in key), guard, *more)


def _forget(given: CTE, value: CTE | None, guard: ColumnElement[bool]) -> Any:
    if value is None:
        return _delete(case_value, ("case", "field"), given, guard)
    again = exists().where(*(value.c[name] == case_value.c[name] for name in VALUE))
    return _delete(case_value, ("case", "field"), given, guard, ~again)
