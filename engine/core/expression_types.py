"""The types that expressions are checked against, and how values of a case are read as them.

A name may always be None: nobody has filled it in. None equals None and nothing else, an unset flag counts as not
set, and everything else that needs a value (order, arithmetic, most functions) fails, which means deny.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Context, Decimal, InvalidOperation
from typing import Any, Literal

import msgspec

Kind = Literal["text", "number", "date", "flag", "choice", "entity", "list", "none", "any"]
Scope = Mapping[str, Any]

#: No number, given or computed, may be larger: sums of money fit, and nothing grows without bound.
LARGEST_NUMBER = 10**15
#: Digits kept by a division.
ARITHMETIC = Context(prec=28)


class ValueType(msgspec.Struct, frozen=True):
    """The type of a name or term: `choices` are the ids a choice may be, `item` says what a list holds."""

    kind: Kind
    choices: tuple[str, ...] = ()
    item: ValueType | None = None


TEXT = ValueType("text")
NUMBER = ValueType("number")
DATE = ValueType("date")
FLAG = ValueType("flag")
ENTITY = ValueType("entity")
NONE = ValueType("none")
#: Known only at run time (attributes of units and places): it takes the type of what it is compared with.
ANY = ValueType("any")


class Unfit(Exception):
    """A value cannot be used so; `code` says why. Never leaves `Expression.evaluate`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def as_number(value: Any) -> int | Decimal | None:
    """Ints as they are, decimals from their canonical strings; not flags."""
    if value is None or type(value) is int:
        number: int | Decimal | None = value
    elif isinstance(value, Decimal):
        number = value
    elif isinstance(value, str | float) and len(repr(value)) <= 40:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise Unfit("not_a_number") from None
    else:
        raise Unfit("not_a_number")
    return bounded(number) if number is not None else None


def bounded(number: int | Decimal) -> int | Decimal:
    """The same number, refused beyond LARGEST_NUMBER, infinite or undefined."""
    if isinstance(number, Decimal) and not number.is_finite():
        raise Unfit("not_a_number")
    if not -LARGEST_NUMBER <= number <= LARGEST_NUMBER:
        raise Unfit("number_out_of_range")
    return number


def as_date(value: Any) -> date | None:
    """Dates as they are, or from `yyyy-mm-dd`."""
    if value is None or type(value) is date:
        return value
    day = read_date(value) if isinstance(value, str) else None
    if day is None:
        raise Unfit("not_a_date")
    return day


def read_date(text: str) -> date | None:
    """The day of a `yyyy-mm-dd`, None for any other text (week dates and short forms, too)."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-" or not text.isascii():
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def as_flag(value: Any) -> bool:
    """True or False; an unset flag is not set."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Unfit("not_a_flag")
    return value


def as_text(value: Any) -> str | None:
    """Texts, choices and ids as they are."""
    if value is None or isinstance(value, str):
        return value
    raise Unfit("not_a_text")


def as_list(value: Any) -> tuple[Any, ...]:
    """Lists as tuples; an unset list fails."""
    if isinstance(value, list | tuple):
        return tuple(value)
    raise Unfit("not_a_list")


def as_plain(value: Any) -> Any:
    """A value of unknown type: floats as decimals, so that nothing compares nearly."""
    return as_number(value) if isinstance(value, float) else value


COERCIONS: Mapping[Kind, Callable[[Any], Any]] = {
    "number": as_number,
    "date": as_date,
    "flag": as_flag,
    "text": as_text,
    "choice": as_text,
    "entity": as_text,
    "list": as_list,
    "any": as_plain,
    "none": as_plain,
}


def to_json(value: Any) -> Any:
    """A computed value as entries keep it: dates and decimals as their canonical strings."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return canonical_number(value)
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    return value


def canonical_number(value: Decimal) -> int | str:
    """The one form of a number: an int where it is whole, else a plain decimal string without trailing zeros."""
    if value == value.to_integral_value():
        whole = int(value)
        return whole if abs(whole) <= 2**53 - 1 else str(whole)
    return format(value.normalize(Context(prec=60)), "f")
