"""What queries are made of: the scope's predicate, filters of cases, sorting and the marks between pages."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Table, and_, exists, false, not_, or_, select, true, tuple_

from engine.core.command import SYSTEM
from engine.core.directory import Scope
from engine.errors import BadInput
from engine.store.records import CONCERNED, LONGEST_FILTER, SEALED, RegisterRow, Row
from engine.store.schema import CASES, CLAIMED, CLOSED, FOREVER, OPEN, case_value, stream, task
from engine.store.schema.base import fixed
from engine.store.views import CaseView

Sort = Literal["opened_at", "due_at", "closed_at", "number"]
Group = Literal["procedure", "state", "region", "unit", "industry", "closed", "claim"]
_SORTS = ("opened_at", "due_at", "closed_at", "number")
_GROUPS = ("procedure", "state", "region", "unit", "industry", "closed", "claim")


class CaseFilter(Row, frozen=True, kw_only=True):
    """What cases are asked for; what is not stated does not matter. Intervals are [from, before) in microseconds."""

    procedure: str = ""
    version: str = ""
    state: str = ""
    #: None = any; False = open; True = closed in any way; else the kind of closing
    closed: bool | str | None = None
    #: prefix of the region's path
    region: str = ""
    unit: str = ""
    place: str = ""
    industry: str = ""
    number: str = ""
    claim: str = ""
    overdue: bool | None = None
    due_from: int | None = None
    due_before: int | None = None
    opened_from: int | None = None
    opened_before: int | None = None
    closed_from: int | None = None
    closed_before: int | None = None
    #: found in the title or number
    text: str = ""
    #: declared filters: field -> value
    values: Mapping[str, str] = {}


def visible(scope: Scope) -> ColumnElement[bool]:
    """Rows of `stream` that the actor may see: `Scope.covers`, said in SQL, and what they are concerned by; cases only.

    A hidden case lies in no region and concerns no unit: it is there for who holds a task of it, and for its readers.
    """
    if scope.everything and scope.person == SYSTEM:
        return CASES
    allowed = [*_by_region(scope), *_by_name(scope)]
    return and_(CASES, or_(*allowed)) if allowed else false()


def visible_apart(scope: Scope) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The same rows in two parts that have none in common: those seen by their region, and the few seen otherwise.

    An index that holds the region answers the first part alone; together they are what `visible` says.
    """
    if scope.everything and scope.person == SYSTEM:
        return CASES, false()
    near, named = _by_region(scope), _by_name(scope)
    beside = and_(CASES, or_(*named), not_(or_(*near)) if near else true()) if named else false()
    return and_(CASES, or_(*near)) if near else false(), beside


def _by_region(scope: Scope) -> list[ColumnElement[bool]]:
    if scope.everything:
        return [stream.c.region != fixed("")]
    return [under(stream.c.region, prefix) for prefix in scope.regions]


def _by_name(scope: Scope) -> list[ColumnElement[bool]]:
    allowed: list[ColumnElement[bool]] = []
    if not scope.everything and (units := [unit for unit in scope.units if unit]):
        allowed.append(stream.c.unit.in_(units))
    if scope.person:
        # Whoever sees every region needs to be found in hidden cases alone.
        marks = (SEALED,) if scope.everything else (SEALED, CONCERNED)
        readers = select(case_value.c.case).where(case_value.c.field.in_(marks), case_value.c.value == scope.person)
        allowed.append(stream.c.id.in_(select(task.c.case).where(task.c.person == scope.person)))
        allowed.append(stream.c.id.in_(readers))
        allowed += [_in_place_of(one) for one in _stand_ins(scope)]
    return allowed


class _Place(NamedTuple):
    """One person's place, taken by the actor in all roles and procedures, or in those pairs of them ("" = all)."""

    person: str
    limits: tuple[tuple[str, str], ...]


def _stand_ins(scope: Scope) -> tuple[_Place, ...]:
    found: dict[str, list[tuple[str, str]]] = {}
    for one in scope.stands_for:
        if one.person != scope.person:
            found.setdefault(one.person, []).append((one.role, one.procedure))
    return tuple(_Place(person, ((("", ""),) if ("", "") in told else tuple(told))) for person, told in found.items())


def _in_place_of(place: _Place) -> ColumnElement[bool]:
    """Cases of which the actor sees a task because they stand in for whom it lies with; hidden ones never."""
    told = []
    for role, procedure in place.limits:
        mine = [task.c.person == place.person, *([task.c.role == role] if role else [])]
        there = stream.c.id.in_(select(task.c.case).where(*mine))
        told.append(and_(there, stream.c.procedure == procedure) if procedure else there)
    return and_(stream.c.region != fixed(""), or_(*told))


def waits_for(scope: Scope) -> ColumnElement[bool]:
    """Rows of `task` that are the actor's work: their own, and those of whom they stand in for; each task once."""
    places = _stand_ins(scope)
    parts = [task.c.person == scope.person]
    for n, place in enumerate(places):
        before = task.alias("before")
        others = [before.c.person == scope.person, *(_taken(before, one) for one in places[:n])]
        same = (before.c.case == task.c.case, before.c.task == task.c.task)
        parts.append(and_(_taken(task, place), not_(exists().where(*same, or_(*others)))))
    return or_(*parts)


def _taken(rows: Any, place: _Place) -> ColumnElement[bool]:
    """Rows of tasks that lie with a person in whose place the actor may act."""
    head = stream.alias("head")
    # A value of one row, which no planner turns into a table of all cases.
    here = (head.c.kind == fixed("case"), head.c.id == rows.c.case, head.c.region != fixed(""))
    runs = select(head.c.procedure).where(*here).correlate(rows).scalar_subquery()
    told = []
    for role, procedure in place.limits:
        there = runs == procedure if procedure else runs.is_not(None)
        told.append(and_(rows.c.role == role, there) if role else there)
    return and_(rows.c.person == place.person, or_(*told))


def visible_rows(table: Table, scope: Scope, *, unit_column: str) -> ColumnElement[bool]:
    """Rows of the directory in the actor's regions or units."""
    if scope.everything:
        return true()
    allowed: list[ColumnElement[bool]] = []
    if "region" in table.c:
        allowed += [under(table.c.region, prefix) for prefix in scope.regions]
    if units := [unit for unit in scope.units if unit]:
        allowed.append(table.c[unit_column].in_(units))
    return or_(*allowed) if allowed else false()


def _check_words(wanted: CaseFilter) -> None:
    for name in wanted.__struct_fields__:
        if isinstance(value := getattr(wanted, name), str):
            plain(value, name)
    for name, value in wanted.values.items():
        plain(name, "values")
        plain(value, name)


def plain(text: str, field: str) -> str:
    """A text that both databases can look for; BadInput for one with characters that nobody sees."""
    if not text.isprintable():
        raise BadInput("control_character", field=field)
    return text


def under(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Values that begin with the prefix, as a range that an index can follow; an empty prefix is everything."""
    if not prefix:
        return true()
    return and_(column >= prefix, column < prefix[:-1] + chr(ord(prefix[-1]) + 1))


def matching(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """The filter as conditions on `stream`; BadInput for words that stand nowhere."""
    columns = stream.c
    _check_words(wanted)
    equal = ("procedure", "version", "unit", "place", "industry", "number")
    found = [columns[name] == value for name in equal if (value := getattr(wanted, name))]
    if wanted.claim:
        # said in the statement itself, so that the index of those that wait for triage may be followed
        found.append(CLAIMED if wanted.claim == "claimed" else columns.claim == wanted.claim)
    if wanted.state:
        # several leaves are joined by blanks; a blank around both finds whole ones only
        found.append((" " + columns.state + " ").contains(f" {wanted.state} ", autoescape=True))
    match wanted.closed:
        case True:
            found.append(CLOSED)
        case False:
            found.append(OPEN)
        case str(how):
            found.append(columns.closed == how)
        case None:
            pass
    if wanted.region:
        found.append(under(columns.region, wanted.region))
    if wanted.overdue is not None:
        found.append(columns.overdue.is_(wanted.overdue))
    for column, least, before in (
        (columns.due_at, wanted.due_from, wanted.due_before),
        (columns.opened_at, wanted.opened_from, wanted.opened_before),
        (columns.closed_at, wanted.closed_from, wanted.closed_before),
    ):
        found += [column >= least] if least is not None else []
        found += [column < before] if before is not None else []
    if wanted.text:
        likely = (columns.title.contains(wanted.text, autoescape=True),)
        found.append(or_(*likely, columns.number.contains(wanted.text, autoescape=True)))
    return found + [_declared(field, value) for field, value in wanted.values.items()]


def _declared(field: str, value: str) -> ColumnElement[bool]:
    same = (
        (case_value.c.case == stream.c.id)
        & (case_value.c.field == field)
        & (case_value.c.value == value[:LONGEST_FILTER])
    )
    return exists().where(same)


def sort_column(name: str) -> ColumnElement[Any]:
    """The column of `stream` to sort by; BadInput for others."""
    if name not in _SORTS:
        raise BadInput("unknown_sort", field="sort", sort=name)
    return stream.c[name]


def group_column(name: str) -> ColumnElement[Any]:
    """The column of `stream` to count by; BadInput for others."""
    if name not in _GROUPS:
        raise BadInput("unknown_group", field="by", by=name)
    return stream.c[name]


def beyond(keys: tuple[ColumnElement[Any], ...], mark: str, *, what: str, down: bool) -> list[ColumnElement[bool]]:
    """Rows after the mark in that order; the mark of another query is BadInput."""
    if not mark:
        return []
    try:
        told = orjson.loads(urlsafe_b64decode(mark.encode()))
        values = tuple(told[1:]) if told[0] == what and len(told) == len(keys) + 1 else ()
    except (binascii.Error, ValueError, TypeError, LookupError) as error:
        raise BadInput("bad_mark", field="after") from error
    if not values or not all(_fits(value, key) for value, key in zip(values, keys, strict=True)):
        raise BadInput("bad_mark", field="after")
    return [tuple_(*keys) < values if down else tuple_(*keys) > values]


def _fits(value: object, key: ColumnElement[Any]) -> bool:
    if isinstance(value, str):
        return key.type.python_type is str and value.isprintable()
    return type(value) is int and key.type.python_type is int and abs(value) <= FOREVER


def mark_of(what: str, *values: str | int) -> str:
    """The mark behind a row with those keys."""
    return urlsafe_b64encode(orjson.dumps([what, *values])).decode()


def case_view(row: Any) -> CaseView:
    """A row of `stream` as told outside."""
    told = {name: getattr(row, name) for name in RegisterRow.__struct_fields__}
    for name in ("due_at", "closed_at"):
        if told[name] == FOREVER:
            told[name] = None
    return CaseView(id=row.id, seq=row.seq, register=RegisterRow(**told))
