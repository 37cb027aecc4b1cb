"""Points are phrases that name a moment: `3 workdays before`, `end of quarter`, `thursday 17:00`, `2026-10-12`.

They count from a deadline (`deadline`, `3 workdays before`, `7 workdays after`) or from the start of what is
timed (`start`, `2 days after start`, and all the others). A time of day may end every phrase that names a day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from functools import lru_cache
from typing import Any, Literal, get_args

import msgspec

from engine.core.spans import UNIT_WORDS, Span, checked, in_range, match_span, nearest_phrase
from engine.errors import DefinitionError, Place

Period = Literal["month", "quarter", "year"]
DayName = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = get_args(DayName)
_LAST_DAY: dict[str, int] = {"month": 31, "quarter": 92, "year": 366}
_EXPECTED = 'a point like "3 workdays before", "end of quarter" or "thursday 17:00"'


class Point(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="point"):
    """Base of the points; `at` is a local time of day, None where the phrase names a whole day."""

    at: time | None = None

    def phrase(self) -> str:
        """The phrase without its time of day."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.phrase() if self.at is None else f"{self.phrase()} {self.at:%H:%M}"


class Anchor(Point, frozen=True, kw_only=True, tag="anchor"):
    """`deadline` or `start`: that very instant."""

    of: Literal["deadline", "start"]

    def phrase(self) -> str:
        """See Point."""
        return self.of


class Offset(Point, frozen=True, kw_only=True, tag="offset"):
    """`3 workdays before`, `7 workdays after` (the deadline), `2 days after start`."""

    span: Span
    side: Literal["before", "after"]
    of: Literal["deadline", "start"] = "deadline"

    def phrase(self) -> str:
        """See Point."""
        return f"{self.span} {self.side}" + (" start" if self.of == "start" else "")


class EndOf(Point, frozen=True, kw_only=True, tag="end_of"):
    """`end of quarter`: the last day of the period the start lies in."""

    period: Period

    def phrase(self) -> str:
        """See Point."""
        return f"end of {self.period}"


class DayOfNext(Point, frozen=True, kw_only=True, tag="day_of_next"):
    """`day 15 of next quarter`: counted from the first day of the next period, its last day if it is shorter."""

    day: int
    period: Period

    def phrase(self) -> str:
        """See Point."""
        return f"day {self.day} of next {self.period}"


class Weekday(Point, frozen=True, kw_only=True, tag="weekday"):
    """`thursday 17:00`: the first such day after the start (on it with start rule same_day, if still ahead)."""

    name: DayName

    def phrase(self) -> str:
        """See Point."""
        return self.name


class OnDate(Point, frozen=True, kw_only=True, tag="on_date"):
    """`2026-10-12`: that day, as a form's date field gives it."""

    day: date

    def phrase(self) -> str:
        """See Point."""
        return self.day.isoformat()


AnyPoint = Anchor | Offset | EndOf | DayOfNext | Weekday | OnDate


def parse_point(text: object, *, place: Place | None = None) -> AnyPoint:
    """Read a point phrase; DefinitionError `unknown_point` (with `nearest`) or `span_out_of_range`."""
    point = match_point(text) if isinstance(text, str) else None
    if point is None:
        nearest = nearest_phrase(text, _WORDS, _point_in_range)
        raise DefinitionError("unknown_point", place=place, expected=_EXPECTED, got=text, nearest=nearest)
    if isinstance(point, Offset):
        checked(point.span, text, place)
    return point


@lru_cache(maxsize=1024)
def match_point(text: str) -> AnyPoint | None:
    """The point a phrase names, or None; what is returned is written back letter for letter."""
    for pattern, build in _FORMS:
        found = pattern.fullmatch(text)
        if found is not None:
            point = _built(build, found.groupdict())
            return point if point is not None and str(point) == text else None
    return None


def _point_in_range(text: str) -> AnyPoint | None:
    point = match_point(text)
    return None if isinstance(point, Offset) and not in_range(point.span) else point


def _built(build: Callable[..., AnyPoint | None], parts: dict[str, Any]) -> AnyPoint | None:
    at = parts.pop("at", None)
    try:
        return build(**parts, at=time.fromisoformat(at) if at else None)
    except ValueError:  # the 31st of February, 25:00
        return None


def _anchor(of: Literal["deadline", "start"], at: time | None) -> AnyPoint | None:
    return Anchor(of=of) if at is None else None


def _offset(span: str, side: Literal["before", "after"], start: str | None, at: time | None) -> AnyPoint | None:
    length = match_span(span)
    if length is None or (length.exact and at) or (start and side == "before"):
        return None
    return Offset(span=length, side=side, of="start" if start else "deadline", at=at)


def _day_of_next(day: str, period: Period, at: time | None) -> AnyPoint | None:
    number = int(day)
    return DayOfNext(day=number, period=period, at=at) if 1 <= number <= _LAST_DAY[period] else None


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern + r"(?: (?P<at>[0-9]{2}:[0-9]{2}))?", re.ASCII)


_FORMS: tuple[tuple[re.Pattern[str], Callable[..., AnyPoint | None]], ...] = (
    (_form(r"(?P<of>deadline|start)"), _anchor),
    (_form(r"(?P<span>[0-9]+ [a-z]+) (?P<side>before|after)(?P<start> start)?"), _offset),
    (_form(r"end of (?P<period>month|quarter|year)"), EndOf),
    (_form(r"day (?P<day>[0-9]{1,3}) of next (?P<period>month|quarter|year)"), _day_of_next),
    (_form(rf"(?P<name>{'|'.join(WEEKDAYS)})"), Weekday),
    (_form(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"), lambda day, at: OnDate(day=date.fromisoformat(day), at=at)),
)
_WORDS = (*UNIT_WORDS, "deadline", "start", "before", "after", "end", "of", "next", *WEEKDAYS)
