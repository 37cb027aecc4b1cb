"""Conditions of the core in SQL: on `stream`, on the declared filters beside it, on open tasks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, true

from engine.core.conditions import Condition, Either, Every, Found, Held, Range, Same, Under
from engine.errors import Broken
from engine.store.queries import plain, under
from engine.store.records import ESCALATED, LONGEST_FILTER, WAS_ESCALATED
from engine.store.schema import CLOSED, FOREVER, OPEN, case_value, stream, task

_FIELD = "field:"
#: The name of a column in conditions -> the column; those of no name there are called the same.
_COLUMNS = {"due": "due_at", "opened": "opened_at", "closed": "closed_at", "ended": "closed"}
#: Columns in which an instant may be missing.
_OPEN_ENDED = frozenset(("due", "closed"))
#: Another name of the table, for questions that walk along it as well.
_value = case_value.alias("declared")
_MARKS = frozenset(("open", "overdue", "escalated", "was_escalated"))


def answered(condition: Condition) -> ColumnElement[bool]:
    """The condition, grounded before, as one on rows of `stream`."""
    match condition:
        case Every(parts=parts):
            return and_(true(), *(answered(part) for part in parts))
        case Either(parts=parts):
            return or_(false(), *(answered(part) for part in parts))
        case Same():
            return _same(condition)
        case Range():
            return _range(condition)
        case Under(prefix=prefix):
            return under(stream.c.region, plain(prefix, "region"))
        case Held(person=person):
            return exists().where(task.c.case == stream.c.id, task.c.person == person).correlate(stream)
        case Found(text=text, units=units):
            return _found(plain(text, "text"), units)
        case _:
            raise Broken("condition_not_grounded", condition=type(condition).__name__)


def column_of(name: str) -> ColumnElement[Any]:
    """The column of `stream` of that name in conditions."""
    return stream.c[_COLUMNS.get(name, name)]


def _same(wanted: Same) -> ColumnElement[bool]:
    for value in wanted.values:
        plain(value, wanted.column.removeprefix(_FIELD))
    if wanted.column.startswith(_FIELD):
        found = _valued(wanted.column.removeprefix(_FIELD), wanted.values)
    elif wanted.column in _MARKS:
        found = or_(false(), *(_marked(wanted.column, value == "true") for value in wanted.values))
    elif wanted.column == "state":
        found = or_(false(), *(_in_state(value) for value in wanted.values))
    else:
        column = column_of(wanted.column)
        found = column == wanted.values[0] if len(wanted.values) == 1 else column.in_(wanted.values)
    return not_(found) if wanted.negative else found


def _valued(field: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    told = [value[:LONGEST_FILTER] for value in values]
    same = _value.c.value == told[0] if len(told) == 1 else _value.c.value.in_(told)
    return exists().where(_value.c.field == field, same, _value.c.case == stream.c.id).correlate(stream)


def _marked(mark: str, value: bool) -> ColumnElement[bool]:
    if mark == "open":
        return OPEN if value else CLOSED
    if mark == "overdue":
        return stream.c.overdue.is_(value)
    found = _valued(ESCALATED if mark == "escalated" else WAS_ESCALATED, ("true",))
    return found if value else not_(found)


def _in_state(path: str) -> ColumnElement[bool]:
    """A leaf of that path or below it; several leaves are joined by blanks."""
    told = " " + stream.c.state
    whole = (told + " ").contains(f" {path} ", autoescape=True)
    return or_(stream.c.state == path, whole, told.contains(f" {path}.", autoescape=True))


def _range(wanted: Range) -> ColumnElement[bool]:
    if wanted.column.startswith(_FIELD):
        bounds = _bounds(_value.c.value, wanted)
        mine = (_value.c.field == wanted.column.removeprefix(_FIELD), _value.c.case == stream.c.id)
        found: ColumnElement[bool] = exists().where(*mine, *bounds).correlate(stream)
    else:
        column = column_of(wanted.column)
        bounds = _bounds(column, wanted)
        if wanted.column in _OPEN_ENDED and wanted.before is None:
            bounds.append(column < FOREVER)
        found = and_(true(), *bounds)
    return not_(found) if wanted.negative else found


def _bounds(column: ColumnElement[Any], wanted: Range) -> list[ColumnElement[bool]]:
    bounds = [column >= wanted.least] if wanted.least is not None else []
    return bounds + ([column < wanted.before] if wanted.before is not None else [])


def _found(text: str, units: tuple[str, ...]) -> ColumnElement[bool]:
    likely = [stream.c.number.contains(text, autoescape=True), stream.c.title.contains(text, autoescape=True)]
    return or_(*likely, stream.c.unit.in_(units)) if units else or_(*likely)
