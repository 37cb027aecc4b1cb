"""Points are phrases that name a moment: `3 workdays before`, `end of quarter`, `thursday 17:00`, `2026-10-12`.

They count from a deadline (`deadline`, `3 workdays before`, `7 workdays after`) or from the start of what is
timed (`start`, `2 days after start`, and all the others). `last week of quarter` names a window: it opens with its
first day and is due with its last. A time of day may end every phrase that names a day; a week begins on a Monday.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from functools import lru_cache
from typing import Any, Literal, get_args

import msgspec

from engine.core.spans import SPAN_SHAPE, UNIT_WORDS, Span, checked, in_range, match_span, nearest_phrase
from engine.errors import DefinitionError, Place

Period = Literal["week", "month", "quarter", "half-year", "year"]
Ordinal = Literal["first", "second", "third", "fourth", "last"]
DayName = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = get_args(DayName)
ORDINALS: tuple[str, ...] = get_args(Ordinal)
#: The largest number of a day or workday in each period; a shorter period ends with its last one.
_LAST_DAY: dict[str, int] = {"month": 31, "quarter": 92, "half-year": 184, "year": 366}
_LAST_WORKDAY: dict[str, int] = {"week": 7, "month": 31, "quarter": 92, "half-year": 184, "year": 366}
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


class InPeriod(Point, frozen=True, kw_only=True):
    """A day of the period that the start lies in, or of the next one; it may have passed before the start."""

    period: Period
    next: bool = False

    def ending(self) -> str:
        """The end of its phrase: `of quarter`, `of next quarter`."""
        return f"of next {self.period}" if self.next else f"of {self.period}"


class EndOf(InPeriod, frozen=True, kw_only=True, tag="end_of"):
    """`end of quarter`: its last day."""

    def phrase(self) -> str:
        """See Point."""
        return f"end {self.ending()}"


class DayOf(InPeriod, frozen=True, kw_only=True, tag="day_of"):
    """`day 15 of next quarter`, `workday 10 of month`: counted from its first day, its last if it has fewer."""

    number: int
    unit: Literal["day", "workday"] = "day"

    def phrase(self) -> str:
        """See Point."""
        return f"{self.unit} {self.number} {self.ending()}"


class NthOf(InPeriod, frozen=True, kw_only=True, tag="nth_of"):
    """`last monday of month`, `last workday of quarter`."""

    which: Ordinal
    name: DayName | Literal["workday"]

    def phrase(self) -> str:
        """See Point."""
        return f"{self.which} {self.name} {self.ending()}"


class DateOf(InPeriod, frozen=True, kw_only=True, tag="date_of"):
    """`01-31 of next year`, `12-31 of year`: a date without its year; 02-29 is the last day of February."""

    month: int
    day: int

    def phrase(self) -> str:
        """See Point."""
        return f"{self.month:02}-{self.day:02} {self.ending()}"


class WeekOf(InPeriod, frozen=True, kw_only=True, tag="week_of"):
    """`last week of quarter`: a window, the first or last seven days of the period."""

    which: Literal["first", "last"]

    def phrase(self) -> str:
        """See Point."""
        return f"{self.which} week {self.ending()}"


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


AnyPoint = Anchor | Offset | EndOf | DayOf | NthOf | DateOf | WeekOf | Weekday | OnDate
#: Points that name a day by themselves.
DayPoint = EndOf | DayOf | NthOf | DateOf | WeekOf | Weekday | OnDate


def parse_point(text: object, *, place: Place | None = None) -> AnyPoint:
    """Read a point phrase; DefinitionError `unknown_point` (with `nearest`) or `span_out_of_range`."""
    point = match_point(text) if isinstance(text, str) else None
    if point is None:
        nearest = nearest_phrase(text, WORDS, _point_in_range)
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
    if "next" in parts:
        parts["next"] = parts["next"] is not None
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


def _day_of(unit: Literal["day", "workday"], number: str, period: Period, **more: Any) -> AnyPoint | None:
    most = (_LAST_DAY if unit == "day" else _LAST_WORKDAY).get(period, 0)
    return DayOf(unit=unit, number=int(number), period=period, **more) if 1 <= int(number) <= most else None


def _nth_of(which: Ordinal, name: Any, period: Period, **more: Any) -> AnyPoint | None:
    if (name == "workday" and which not in ("first", "last")) or (name != "workday" and period == "week"):
        return None
    return NthOf(which=which, name=name, period=period, **more)


def _date_of(month: str, day: str, **more: Any) -> AnyPoint:
    date(2024, int(month), int(day))  # a leap year: ValueError for the 30th of February
    return DateOf(month=int(month), day=int(day), **more)


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern + r"(?: (?P<at>[0-9]{2}:[0-9]{2}))?", re.ASCII)


_PERIOD = r"of (?P<next>next )?(?P<period>week|month|quarter|half-year|year)"
_FORMS: tuple[tuple[re.Pattern[str], Callable[..., AnyPoint | None]], ...] = (
    (_form(r"(?P<of>deadline|start)"), _anchor),
    (_form(rf"(?P<span>{SPAN_SHAPE}) (?P<side>before|after)(?P<start> start)?"), _offset),
    (_form(rf"end {_PERIOD}"), EndOf),
    (_form(rf"(?P<unit>day|workday) (?P<number>[0-9]{{1,3}}) {_PERIOD}"), _day_of),
    (_form(rf"(?P<which>{'|'.join(ORDINALS)}) (?P<name>workday|{'|'.join(WEEKDAYS)}) {_PERIOD}"), _nth_of),
    (_form(r"(?P<month>[0-9]{2})-(?P<day>[0-9]{2}) of (?P<next>next )?(?P<period>year)"), _date_of),
    (_form(rf"(?P<which>first|last) week {_PERIOD.replace('week|', '')}"), WeekOf),
    (_form(rf"(?P<name>{'|'.join(WEEKDAYS)})"), Weekday),
    (_form(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"), lambda day, at: OnDate(day=date.fromisoformat(day), at=at)),
)
#: All words of phrases, for the nearest one to a slip.
WORDS = (*UNIT_WORDS, *ORDINALS, "deadline", "start", "before", "after", "end", "of", "next", *WEEKDAYS)
