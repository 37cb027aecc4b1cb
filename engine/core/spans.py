"""Spans are phrases such as `2 workdays` or `24 hours`: read here, written back letter for letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

import msgspec

from engine.errors import DefinitionError, Place

Unit = Literal["minute", "hour", "work hour", "workday", "day", "week", "month", "quarter", "half-year", "year"]

#: The largest amount of each unit: about ten years, so that a slip of the finger is seen (3660 days).
LARGEST: dict[Unit, int] = {
    "minute": 3660 * 24 * 60,
    "hour": 3660 * 24,
    "work hour": 2500 * 8,
    "workday": 2500,
    "day": 3660,
    "week": 522,
    "month": 120,
    "quarter": 40,
    "half-year": 20,
    "year": 10,
}
_UNITS: dict[str, Unit] = {word: unit for unit in LARGEST for word in (unit, unit + "s")}
UNIT_WORDS = ("work", *(word for word in _UNITS if " " not in word))
#: The shape of a span within a larger phrase.
SPAN_SHAPE = r"[0-9]+ (?:work )?[a-z]+(?:-[a-z]+)?"
_SPAN = re.compile(r"([0-9]{1,7}) ((?:work )?[a-z]+(?:-[a-z]+)?)", re.ASCII)
_EXPECTED = 'a span like "3 workdays"'


class Span(msgspec.Struct, frozen=True):
    """A length of time in one unit; how it is counted is said by the rules of `deadlines.derive`."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}" if self.amount == 1 else f"{self.amount} {self.unit}s"

    @property
    def exact(self) -> bool:
        """Whether it runs from instant to instant (hours, minutes, work hours) and not in whole days."""
        return self.unit in ("hour", "minute", "work hour")


def parse_span(text: object, *, place: Place | None = None) -> Span:
    """Read a span phrase; DefinitionError `unknown_span` (with `nearest`) or `span_out_of_range`."""
    span = match_span(text) if isinstance(text, str) else None
    if span is None:
        nearest = nearest_phrase(text, UNIT_WORDS, _span_in_range)
        raise DefinitionError("unknown_span", place=place, expected=_EXPECTED, got=text, nearest=nearest)
    return checked(span, text, place)


def checked(span: Span, text: object, place: Place | None) -> Span:
    """The same span, or DefinitionError `span_out_of_range` for nothing, or more than about ten years."""
    if not in_range(span):
        most = f"1 to {LARGEST[span.unit]} {span.unit}s"
        raise DefinitionError("span_out_of_range", place=place, expected=most, got=text)
    return span


def in_range(span: Span) -> bool:
    """Whether a span is at least one unit and at most LARGEST."""
    return 1 <= span.amount <= LARGEST[span.unit]


@lru_cache(maxsize=1024)
def match_span(text: str) -> Span | None:
    """The span a phrase names, its amount unchecked; None if it is not one, letter for letter."""
    found = _SPAN.fullmatch(text)
    if found is None or found[2] not in _UNITS:
        return None
    span = Span(int(found[1]), _UNITS[found[2]])
    return span if str(span) == text else None


def _span_in_range(text: str) -> Span | None:
    span = match_span(text)
    return span if span is not None and in_range(span) else None


def nearest_phrase(text: object, words: tuple[str, ...], match: Callable[[str], object | None]) -> str:
    """The phrase that was probably meant, "" if none is near: each word corrected, singular and plural agreed."""
    if not isinstance(text, str) or len(text) > 80:
        return ""
    found = re.findall(r"[0-9][0-9:\-]*|[^\W\d_]+(?:-[^\W\d_]+)*", text.lower())
    parts = _joined([_nearest_word(part, words) for part in found])
    for index in range(1, len(parts)):
        unit, amount = _UNITS.get(parts[index]), parts[index - 1]
        if unit and amount.isdecimal():
            parts[index - 1], parts[index] = str(int(amount)), unit if int(amount) == 1 else unit + "s"
    phrase = " ".join(parts)
    return phrase if match(phrase) is not None else ""


def _joined(parts: list[str]) -> list[str]:
    """The two words of `work hours` as one."""
    joined: list[str] = []
    for part in parts:
        if joined and f"{joined[-1]} {part}" in _UNITS:
            joined[-1] += f" {part}"
        else:
            joined.append(part)
    return joined


def _nearest_word(word: str, words: tuple[str, ...]) -> str:
    return (get_close_matches(word, words, n=1, cutoff=0.6) or [word])[0]
