"""The day that a point names by itself, seen from the start of what is timed."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, assert_never

from engine.core.calendar import Calendar, StartRule
from engine.core.points import (
    ORDINALS,
    WEEKDAYS,
    DateOf,
    DayName,
    DayOf,
    DayPoint,
    EndOf,
    NthOf,
    OnDate,
    Ordinal,
    Period,
    Weekday,
    WeekOf,
)

MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_ONE_DAY = timedelta(1)
_WEEK = timedelta(7)


class Named(NamedTuple):
    """A day; the first day of its window, where it has one; the days the calendar was asked about to find it."""

    day: date
    opens: date | None = None
    asked: tuple[date, date] | None = None


def named_day(point: DayPoint, first: date, start: datetime, start_rule: StartRule, calendar: Calendar) -> Named:
    """What a point names; `first` is the local day of the start."""
    match point:
        case EndOf():
            return Named(_bounds(first, point.period, point.next)[1])
        case DayOf():
            return _numbered(point, *_bounds(first, point.period, point.next), calendar)
        case NthOf(name="workday"):
            begin, end = _bounds(first, point.period, point.next)
            day = calendar.workday_after(begin - _ONE_DAY, 1)
            if point.which == "last":
                day = calendar.workday_before(end + _ONE_DAY, 1)
            return Named(day, asked=(begin, day) if point.which == "first" else (day, max(day, end)))
        case NthOf(which=which, name=name):
            return Named(_nth(which, name, *_bounds(first, point.period, point.next)))
        case DateOf(month=month):
            year = first.year + point.next
            return Named(date(year, month, min(point.day, monthrange(year, month)[1])))
        case WeekOf(which=which):
            begin, end = _bounds(first, point.period, point.next)
            opens = begin if which == "first" else end - _WEEK + _ONE_DAY
            return Named(opens + _WEEK - _ONE_DAY, opens=opens)
        case Weekday():
            earliest = first if start_rule == "same_day" else first + _ONE_DAY
            day = earliest + timedelta((WEEKDAYS.index(point.name) - earliest.weekday()) % 7)
            past = point.at is not None and calendar.instant(day, point.at) <= start
            return Named(day + _WEEK if past else day)
        case OnDate():
            return Named(point.day)
        case _:
            assert_never(point)


def add_months(day: date, months: int) -> date:
    """The corresponding day of a later or earlier month, its last day if it has none (民法典 art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first_of_period(day: date, period: Period) -> date:
    """The first day of the week (a Monday), month, quarter, half-year or year that a day lies in."""
    if period == "week":
        return day - timedelta(day.weekday())
    return date(day.year, (day.month - 1) // MONTHS[period] * MONTHS[period] + 1, 1)


def _bounds(day: date, period: Period, following: bool) -> tuple[date, date]:
    """The first and last day of a day's period, or of the one that follows."""
    begin = first_of_period(day, period)
    begin = _next(begin, period) if following else begin
    return begin, _next(begin, period) - _ONE_DAY


def _next(begin: date, period: Period) -> date:
    return begin + _WEEK if period == "week" else add_months(begin, MONTHS[period])


def _numbered(point: DayOf, begin: date, end: date, calendar: Calendar) -> Named:
    if point.unit == "day":
        return Named(min(begin + timedelta(point.number - 1), end))
    day = calendar.workday_after(begin - _ONE_DAY, point.number)
    if day > end:  # it has fewer
        day = calendar.workday_before(end + _ONE_DAY, 1)
    return Named(day, asked=(min(begin, day), max(day, begin)))


def _nth(which: Ordinal, name: DayName | Literal["workday"], begin: date, end: date) -> date:
    weekday = WEEKDAYS.index(name)
    if which == "last":
        return end - timedelta((end.weekday() - weekday) % 7)
    return begin + timedelta((weekday - begin.weekday()) % 7 + 7 * ORDINALS.index(which))
