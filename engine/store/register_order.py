"""In which orders a register is read: along which index, and where a row stands in it."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Select, and_, exists, not_, select

from engine.store.conditions import column_of
from engine.store.queries import beyond
from engine.store.schema import CASES, CLOSED, OPEN, case_value, stream
from engine.store.schema.base import fixed

_FIELD = "field:"


class Order(NamedTuple):
    """Sorted by that column of conditions; down = the largest first."""

    column: str
    down: bool = False


class Way(NamedTuple):
    """Rows of one kind in the order of two keys, the case's id last."""

    what: str
    keys: tuple[ColumnElement[Any], ColumnElement[Any]]
    wanted: Select[Any]


#: What a row is placed by: its way, its key, its id.
Row = tuple[str, Any, str]


def ways_of(order: Order, seen: Sequence[ColumnElement[bool]]) -> list[Way]:
    """First the cases that have what they are sorted by, along an index of it; then those that have not."""
    what = f"register {order.column} {order.down:d}"
    bare = f"{what} bare"
    opened, closed = (stream.c.opened_at, stream.c.id), (stream.c.closed_at, stream.c.id)
    match order.column:
        case "due":
            # what has ended is due no more, and an index holds only what is open
            due = (stream.c.due_at, stream.c.id)
            return [
                Way(what, due, select(*due).where(OPEN, *seen)),
                Way(bare, closed, select(*closed).where(CLOSED, *seen)),
            ]
        case "closed":
            return [
                Way(what, closed, select(*closed).where(CLOSED, *seen)),
                Way(bare, opened, select(*opened).where(OPEN, *seen)),
            ]
        case "number":
            number, has = (stream.c.number, stream.c.id), stream.c.number != fixed("")
            return [
                Way(what, number, select(*number).where(has, *seen)),
                Way(bare, opened, select(*opened).where(not_(has), *seen)),
            ]
    if not order.column.startswith(_FIELD):
        keys = (column_of(order.column), stream.c.id)
        return [Way(what, keys, select(*keys).where(*seen))]
    mine = case_value.c.field == order.column.removeprefix(_FIELD)
    joined = case_value.join(stream, and_(CASES, stream.c.id == case_value.c.case))
    valued = (case_value.c.value, case_value.c.case)
    has_one = exists().where(case_value.c.case == stream.c.id, mine).correlate(stream)
    return [
        Way(what, valued, select(*valued).select_from(joined).where(mine, *seen)),
        Way(bare, opened, select(*opened).where(*seen, not_(has_one))),
    ]


def placed(ways: Sequence[Way], order: Order, row: Any, value: str | None) -> Row:
    """The way and the keys by which a case stands in an order: what `ways_of` says, said of one row."""
    what = ways[0].what
    match order.column:
        case "due":
            return (ways[1].what, row.closed_at, row.id) if row.closed else (what, row.due_at, row.id)
        case "closed":
            return (what, row.closed_at, row.id) if row.closed else (ways[1].what, row.opened_at, row.id)
        case "number":
            return (what, row.number, row.id) if row.number else (ways[1].what, row.opened_at, row.id)
        case "opened":
            return (what, row.opened_at, row.id)
    return (ways[1].what, row.opened_at, row.id) if value is None else (what, value, row.id)


def begin(ways: Sequence[Way], mark: str) -> Row:
    """The row of a mark; BadInput for that of another list."""
    way = next((one for one in ways if is_mark_of(mark, one.what)), ways[0])
    beyond(way.keys, mark, what=way.what, down=False)
    what, key, name = orjson.loads(urlsafe_b64decode(mark.encode()))
    return what, key, name


def is_beyond(row: Row, begin: Row, places: Mapping[str, int], *, down: bool, back: bool) -> bool:
    """Whether a row lies behind the mark in the direction that is walked."""
    if row[0] != begin[0]:
        return (places[row[0]] < places[begin[0]]) if back else (places[row[0]] > places[begin[0]])
    return row[1:] < begin[1:] if down else row[1:] > begin[1:]


def is_mark_of(mark: str, what: str) -> bool:
    """Whether a mark was made for rows of that kind; what is no mark at all is refused where it is read."""
    try:
        told = orjson.loads(urlsafe_b64decode(mark.encode()))
    except ValueError:
        return False
    return isinstance(told, list) and told[:1] == [what]
