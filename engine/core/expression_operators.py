"""The closures that compiled expressions consist of: each takes the scope and answers a value."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.core.expression_types import ARITHMETIC, COERCIONS, Kind, Scope, Unfit, as_flag, as_list, bounded

Run = Callable[[Scope], Any]
Number = int | Decimal
#: What a name of that kind usually is, taken without a look at anything else.
_PLAIN: Mapping[Kind, type] = {"text": str, "choice": str, "entity": str, "number": int, "flag": bool}

ORDER_OF: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def load(name: str, kind: Kind) -> Run:
    """Reads a name and makes sure that its value is of the declared kind or None."""
    plain, coerce = _PLAIN.get(kind), COERCIONS[kind]

    def run(scope: Scope) -> Any:
        value = scope[name]
        if value is None or (value.__class__ is plain and plain is not int):
            return value
        return coerce(value)

    return run


def both(parts: tuple[Run, ...]) -> Run:
    """True where all parts are; stops at the first that is not."""

    def run(scope: Scope) -> bool:
        for part in parts:  # noqa: SIM110 -- a generator would double the time
            if not part(scope):
                return False
        return True

    return run


def either(parts: tuple[Run, ...]) -> Run:
    """True where one part is; stops at the first that is."""

    def run(scope: Scope) -> bool:
        for part in parts:  # noqa: SIM110
            if part(scope):
                return True
        return False

    return run


def set_flag(inner: Run) -> Run:
    """An unset flag counts as not set."""
    return lambda scope: as_flag(inner(scope))


def equal(left: Run, right: Run, negative: bool) -> Run:
    """Equal values of one type; None equals None only."""
    if negative:
        return lambda scope: bool(left(scope) != right(scope))
    return lambda scope: bool(left(scope) == right(scope))


def equal_if_alike(left: Run, right: Run, negative: bool) -> Run:
    """Equal values whose types only show now: a flag is not a number, a number is not a text."""

    def run(scope: Scope) -> bool:
        one, other = left(scope), right(scope)
        if one is None or other is None:
            return (one is other) != negative
        if _sort(one) != _sort(other):
            raise Unfit("type_mismatch")
        return bool(one == other) != negative

    return run


def _sort(value: Any) -> type:
    return Decimal if isinstance(value, int | Decimal) and not isinstance(value, bool) else type(value)


def ordered(left: Run, right: Run, compare: Callable[[Any, Any], bool]) -> Run:
    """Order of two numbers or two dates; fails where one is unset."""

    def run(scope: Scope) -> bool:
        one, other = left(scope), right(scope)
        if one is None or other is None:
            raise Unfit("unset")
        if isinstance(one, str | bool) or isinstance(other, str | bool):
            raise Unfit("unordered_type")
        return compare(one, other)

    return run


def contained(left: Run, right: Run, negative: bool) -> Run:
    """Whether a list holds a value; nothing holds None."""
    return lambda scope: (left(scope) in as_list(right(scope))) != negative


def called(function: Callable[..., Any], arguments: tuple[Run, ...], takes_none: bool) -> Run:
    """The value of a function; most need all their arguments to be set."""

    def run(scope: Scope) -> Any:
        values = [argument(scope) for argument in arguments]
        if not takes_none and any(value is None for value in values):
            raise Unfit("unset")
        return function(*values)

    return run


def negated(inner: Run) -> Run:
    """Minus a number."""
    return lambda scope: _minus(0, inner(scope))


def _plus(one: Number | None, other: Number | None) -> Number:
    return _arithmetic(operator.add, ARITHMETIC.add, one, other)


def _minus(one: Number | None, other: Number | None) -> Number:
    return _arithmetic(operator.sub, ARITHMETIC.subtract, one, other)


def _times(one: Number | None, other: Number | None) -> Number:
    return _arithmetic(operator.mul, ARITHMETIC.multiply, one, other)


def _divided(one: Number | None, other: Number | None) -> Number:
    if one is None or other is None:
        raise Unfit("unset")
    if other == 0:
        raise Unfit("division_by_zero")
    return bounded(ARITHMETIC.divide(Decimal(one), Decimal(other)))


def _arithmetic(
    whole: Callable[[int, int], int],
    decimal: Callable[[Decimal, Decimal], Decimal],
    one: Number | None,
    other: Number | None,
) -> Number:
    if one is None or other is None:
        raise Unfit("unset")
    if isinstance(one, int) and isinstance(other, int):
        return bounded(whole(one, other))
    return bounded(decimal(Decimal(one), Decimal(other)))


ARITHMETIC_OF: Mapping[type[ast.operator], Callable[[Number | None, Number | None], Number]] = {
    ast.Add: _plus,
    ast.Sub: _minus,
    ast.Mult: _times,
    ast.Div: _divided,
}
