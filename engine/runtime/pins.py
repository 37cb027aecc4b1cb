"""PINs: six to eight digits for devices that several share; elsewhere they open nothing."""

from __future__ import annotations

import re
from itertools import pairwise

from engine.errors import BadInput
from engine.runtime.passwords import common_passwords

LEAST, MOST = 6, 8
#: Fewer different digits than this are a pattern.
_LEAST_DIFFERENT = 3
_DIGITS = re.compile(r"[0-9]+")
_DOUBLES = re.compile(r"(?:([0-9])\1+)+")
#: Rows, columns and diagonals of a keypad, and what sounds like words (520, 521, 1314, 168).
_KNOWN = re.compile("(?:147|258|369|741|852|963|159|357|951|753|456|789|654|987|520|521|1314|168)+")


def check_pin(pin: str, *, login: str = "", field: str = "pin") -> None:
    """BadInput unless the PIN may be chosen."""
    if not _DIGITS.fullmatch(pin):
        raise BadInput("pin_digits", field=field)
    if not LEAST <= len(pin) <= MOST:
        raise BadInput("pin_length", field=field, least=LEAST, most=MOST)
    if len(set(pin)) < _LEAST_DIFFERENT or _steps(pin) or _repeats(pin) or _doubles(pin) or _there_and_back(pin):
        raise BadInput("pin_simple", field=field)
    if pin in common_passwords() or _KNOWN.fullmatch(pin):
        raise BadInput("pin_common", field=field)
    if login and pin in login:
        raise BadInput("pin_like_login", field=field)


def _steps(pin: str) -> bool:
    """Whether each digit is as far from the one before: 345678, 98765432, 135791."""
    return len({(int(after) - int(before)) % 10 for before, after in pairwise(pin)}) == 1


def _repeats(pin: str) -> bool:
    """Whether it is one part again and again: 123123, 24242424."""
    return any(len(pin) % n == 0 and pin == pin[:n] * (len(pin) // n) for n in range(1, len(pin) // 2 + 1))


def _doubles(pin: str) -> bool:
    """Whether no digit stands alone: 112233, 11144477."""
    return bool(_DOUBLES.fullmatch(pin))


def _there_and_back(pin: str) -> bool:
    """Whether it steps up and down again: 123321, 12344321."""
    half = pin[: (len(pin) + 1) // 2]
    return pin == pin[::-1] and _steps(half)
