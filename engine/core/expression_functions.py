"""The functions expressions may call: pure, total but for None, each bounded by the size of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from engine.core.expression_types import DATE, FLAG, NUMBER, TEXT, Kind, Unfit, ValueType

_WORDS: frozenset[Kind] = frozenset(("text", "choice"))
_SIZED: frozenset[Kind] = frozenset(("text", "choice", "list"))
_NUMBER: frozenset[Kind] = frozenset(("number",))
_DATE: frozenset[Kind] = frozenset(("date",))
_LIST: frozenset[Kind] = frozenset(("list",))
_ORDERED: frozenset[Kind] = frozenset(("number", "date"))
_ANYTHING: frozenset[Kind] = frozenset(("text", "number", "date", "flag", "choice", "entity", "list", "none"))

#: As many arguments as any call may have.
MOST_ARGUMENTS = 10
#: About two hundred years.
MOST_DAYS = 73_000


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """A function: the kinds each argument may have, what it returns and how it is computed."""

    parameters: tuple[frozenset[Kind], ...]
    #: how many of the parameters must be given
    needed: int
    #: the last parameter may be repeated, all arguments being of one kind
    repeated: bool = False
    #: None = the type of its arguments
    result: ValueType | None
    #: it may be given None
    takes_none: bool = False
    run: Callable[..., Any]

    @property
    def most(self) -> int:
        """The largest number of arguments."""
        return MOST_ARGUMENTS if self.repeated else len(self.parameters)


def _function(
    result: ValueType | None,
    run: Callable[..., Any],
    *parameters: frozenset[Kind],
    needed: int | None = None,
    repeated: bool = False,
    takes_none: bool = False,
) -> Function:
    needed = len(parameters) if needed is None else needed
    return Function(
        parameters=parameters, needed=needed, repeated=repeated, result=result, takes_none=takes_none, run=run
    )


def _length(value: Any) -> int:
    if not isinstance(value, str | list | tuple):
        raise Unfit("not_sized")
    return len(value)


def _round(number: int | Decimal, places: int | Decimal = 0) -> int | Decimal:
    if places not in range(7):
        raise Unfit("number_out_of_range")
    return Decimal(number).quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)


def _floor(number: int | Decimal) -> int:
    return int(Decimal(number).to_integral_value(rounding=ROUND_FLOOR))


def _ceiling(number: int | Decimal) -> int:
    return int(Decimal(number).to_integral_value(rounding=ROUND_CEILING))


def _days(first: date, last: date) -> int:
    return (last - first).days


def _add_days(day: date, count: int | Decimal) -> date:
    if count != int(count) or not -MOST_DAYS <= count <= MOST_DAYS:
        raise Unfit("number_out_of_range")
    return day + timedelta(int(count))


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _empty(value: Any) -> bool:
    return value is None or value in ("", (), [])


def _contains(text: str, part: str) -> bool:
    return part in text


def _any_of(given: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    return any(each in given for each in wanted)


def _all_of(given: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    return all(each in given for each in wanted)


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _least(*values: Any) -> Any:
    return min(values)


def _largest(*values: Any) -> Any:
    return max(values)


def _absolute(number: int | Decimal) -> int | Decimal:
    return number if number >= 0 else -number


FUNCTIONS: Mapping[str, Function] = {
    "len": _function(NUMBER, _length, _SIZED),
    "empty": _function(FLAG, _empty, _ANYTHING, takes_none=True),
    "filled": _function(FLAG, lambda value: not _empty(value), _ANYTHING, takes_none=True),
    "coalesce": _function(None, _coalesce, _ANYTHING, needed=2, repeated=True, takes_none=True),
    "min": _function(None, _least, _ORDERED, repeated=True),
    "max": _function(None, _largest, _ORDERED, repeated=True),
    "abs": _function(NUMBER, _absolute, _NUMBER),
    "round": _function(NUMBER, _round, _NUMBER, _NUMBER, needed=1),
    "floor": _function(NUMBER, _floor, _NUMBER),
    "ceil": _function(NUMBER, _ceiling, _NUMBER),
    "days": _function(NUMBER, _days, _DATE, _DATE),
    "add_days": _function(DATE, _add_days, _DATE, _NUMBER),
    "year": _function(NUMBER, lambda day: day.year, _DATE),
    "quarter": _function(NUMBER, _quarter, _DATE),
    "month": _function(NUMBER, lambda day: day.month, _DATE),
    "day": _function(NUMBER, lambda day: day.day, _DATE),
    "weekday": _function(NUMBER, date.isoweekday, _DATE),
    "contains": _function(FLAG, _contains, _WORDS, _WORDS),
    "startswith": _function(FLAG, str.startswith, _WORDS, _WORDS),
    "endswith": _function(FLAG, str.endswith, _WORDS, _WORDS),
    "lower": _function(TEXT, str.lower, _WORDS),
    "upper": _function(TEXT, str.upper, _WORDS),
    "any_of": _function(FLAG, _any_of, _LIST, _LIST),
    "all_of": _function(FLAG, _all_of, _LIST, _LIST),
}
