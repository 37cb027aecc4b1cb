"""Conditions on cases that a store can answer: what registers list and what readers filter by.

A condition names a *column*: what every case has (`due`, `state`, see `register.CASE_COLUMNS`), or `field:x` for a
declared filter. Not to be set is a value like any other for `Same`, and lies in no `Range`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Literal, cast

import msgspec

Operator = Literal["<", "<=", ">", ">=", "==", "!="]
#: In place of a day: the day on which it is asked.
TODAY = "today"
_ONE_DAY = timedelta(days=1)
#: The same comparison of what is not so.
_OPPOSITE: Mapping[Operator, Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of conditions."""


class Same(_Part, frozen=True, kw_only=True, tag="same"):
    """The column has one of these values; negative: none of them."""

    column: str
    values: tuple[str, ...]
    negative: bool = False


class Compared(_Part, frozen=True, kw_only=True, tag="compared"):
    """The column, a day or a number, compared with one: ISO day, `today`, or a number."""

    column: str
    operator: Operator
    value: str | int


class Range(_Part, frozen=True, kw_only=True, tag="range"):
    """The column lies in [least, before): microseconds, numbers, or texts; negative: it does not, or is not set."""

    column: str
    least: int | str | None = None
    before: int | str | None = None
    negative: bool = False


class Under(_Part, frozen=True, kw_only=True, tag="under"):
    """The region is this one or below."""

    prefix: str


class Held(_Part, frozen=True, kw_only=True, tag="held"):
    """The person holds an open task of the case."""

    person: str


class Found(_Part, frozen=True, kw_only=True, tag="found"):
    """The text stands in number or title, or the unit is one of these."""

    text: str
    units: tuple[str, ...] = ()


class Every(_Part, frozen=True, kw_only=True, tag="every"):
    """All parts hold; without parts it holds of every case."""

    parts: tuple[Condition, ...] = ()


class Either(_Part, frozen=True, kw_only=True, tag="either"):
    """One part holds; without parts it holds of none."""

    parts: tuple[Condition, ...] = ()


Condition = Same | Compared | Range | Under | Held | Found | Every | Either
ALL = Every()


def negated(condition: Condition) -> Condition:
    """What holds where the condition does not; of days and numbers that are not set neither holds."""
    match condition:
        case Same():
            return msgspec.structs.replace(condition, negative=not condition.negative)
        case Compared():
            return msgspec.structs.replace(condition, operator=_OPPOSITE[condition.operator])
        case Every(parts=parts):
            return Either(parts=tuple(negated(part) for part in parts))
        case Either(parts=parts):
            return Every(parts=tuple(negated(part) for part in parts))
        case _:
            raise TypeError(type(condition).__name__)


def both(*conditions: Condition) -> Condition:
    """All of them hold, written as flat as it goes."""
    parts: list[Condition] = []
    for one in conditions:
        parts += one.parts if isinstance(one, Every) else [one]
    return parts[0] if len(parts) == 1 else Every(parts=tuple(parts))


#: What begins a local day, in microseconds UTC.
StartOf = Callable[[date], int]


def grounded(condition: Condition, today: date, start_of: StartOf) -> Condition:
    """The condition as it is on that day: comparisons become ranges."""
    match condition:
        case Every(parts=parts):
            return Every(parts=tuple(grounded(part, today, start_of) for part in parts))
        case Either(parts=parts):
            return Either(parts=tuple(grounded(part, today, start_of) for part in parts))
        case Compared(column=column, operator=operator, value=value):
            if isinstance(value, int):
                return compared(column, operator, value, value + 1)
            day = today if value == TODAY else date.fromisoformat(value)
            return days(column, operator, day, start_of)
        case _:
            return condition


def days(column: str, operator: Operator, day: date, start_of: StartOf) -> Range:
    """A day compared: instants by when local days begin, fields by their ISO text."""
    after = day + _ONE_DAY
    if column.startswith("field:"):
        return compared(column, operator, day.isoformat(), after.isoformat())
    # What is due at midnight is due on the day that then ends.
    shift = 1 if column == "due" else 0
    return compared(column, operator, start_of(day) + shift, start_of(after) + shift)


def compared(column: str, operator: Operator, first: Any, beyond: Any) -> Range:
    """The comparison with a value that takes up [first, beyond)."""
    match operator:
        case "<":
            return Range(column=column, before=first)
        case "<=":
            return Range(column=column, before=beyond)
        case ">":
            return Range(column=column, least=beyond)
        case ">=":
            return Range(column=column, least=first)
        case "==":
            return Range(column=column, least=first, before=beyond)
        case "!=":
            return Range(column=column, least=first, before=beyond, negative=True)


def holds(condition: Condition, values: Mapping[str, Any], *, unknown: bool | None = None) -> bool | None:
    """Whether it holds of something of which these columns are known; `unknown` where that takes more.

    `values`: column → text, number, a tuple of texts, or None where it is not set. `state` is one leaf of several.
    """
    match condition:
        case Every(parts=parts):
            return _all([holds(part, values, unknown=unknown) for part in parts])
        case Either(parts=parts):
            found = _all([_not(holds(part, values, unknown=unknown)) for part in parts])
            return _not(found)
        case Same(column=column, values=wanted, negative=negative) if column in values:
            return any(is_value(column, one, values[column]) for one in wanted) != negative
        case Range(column=column, negative=negative) if column in values:
            return _in_range(condition, values[column]) != negative
        case Under(prefix=prefix) if "region" in values:
            return str(values["region"]).startswith(prefix)
        case _:
            return unknown


def is_value(column: str, wanted: str, value: Any) -> bool:
    """Whether a column's value is the wanted one; a state is also what lies above an active leaf."""
    if isinstance(value, tuple):
        return wanted in value
    if column == "state":
        return any(leaf == wanted or leaf.startswith(f"{wanted}.") for leaf in str(value).split(" "))
    return cast("bool", value == wanted)


def _in_range(wanted: Range, value: Any) -> bool:
    if isinstance(value, tuple):
        return any(_in_range(wanted, one) for one in value)
    if value is None:
        return False
    return (wanted.least is None or value >= wanted.least) and (wanted.before is None or value < wanted.before)


def _all(answers: list[bool | None]) -> bool | None:
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer
