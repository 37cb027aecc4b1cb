"""Windows of watches: a period of the calendar that has ended, or a span up to yesterday that moves on every day."""

from __future__ import annotations

from datetime import date, timedelta

from engine.core.calendar import Calendar
from engine.core.deadlines import add_months
from engine.core.definition_watches import Watch
from engine.core.recurrence import key_of, parse_key, period_of
from engine.core.spans import Span as Length
from engine.core.spans import parse_span
from engine.core.watches import Span
from engine.errors import BadInput

_ONE_DAY = timedelta(1)
_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
#: Periods that are made up for after the system was off; of a rolling watch only the last window matters.
MOST_MADE_UP = 24


def last_ended(watch: Watch, today: date, calendar: Calendar) -> Span:
    """The last window that has ended before today."""
    if watch.every is None:
        return _rolling(watch, today - _ONE_DAY, calendar)
    first, _ = period_of(watch.every.period, today)
    return _calendar(watch, _day_before(watch, first, calendar), calendar)


def running(watch: Watch, today: date, calendar: Calendar) -> Span:
    """The window that today lies in: a period that has not ended, or the span up to and with today."""
    return _rolling(watch, today, calendar) if watch.every is None else _calendar(watch, today, calendar)


def previous(watch: Watch, span: Span, calendar: Calendar) -> Span:
    """The window that ends where this one begins."""
    first = calendar.local_day(span.first)
    return (
        _rolling(watch, first - _ONE_DAY, calendar)
        if watch.every is None
        else _calendar(watch, _day_before(watch, first, calendar), calendar)
    )


def longer(span: Span, length: str, calendar: Calendar) -> Span:
    """The span of that length that ends with the window."""
    first = _back(parse_span(length), span.last + _ONE_DAY, calendar)
    return Span(period=span.period, first=calendar.instant(first), before=span.before, last=span.last)


def of_key(watch: Watch, key: str, calendar: Calendar) -> Span:
    """The window of a key; BadInput `unknown_window` for one that is not of this watch."""
    first, last = parse_key(key)
    if watch.every is None:
        return _rolling(watch, last, calendar)
    span = _calendar(watch, first, calendar)
    if span.period != key:
        raise BadInput("unknown_window", got=key)
    return span


def due(watch: Watch, through: str, today: date, calendar: Calendar) -> list[Span]:
    """The windows to look at, in order: those that ended since `through`; the last one alone where there was none."""
    found = [last_ended(watch, today, calendar)]
    if through and found[0].before.isoformat() <= through:
        return []
    if watch.every is not None and through:
        while len(found) < MOST_MADE_UP:
            before = previous(watch, found[0], calendar)
            if before.before.isoformat() <= through:
                break
            found.insert(0, before)
    return found


def _calendar(watch: Watch, day: date, calendar: Calendar) -> Span:
    assert watch.every is not None
    first, last = period_of(watch.every.period, day)
    return Span(
        period=key_of(watch.every.period, first),
        first=calendar.instant(first),
        before=calendar.instant(last + _ONE_DAY),
        last=last,
    )


def _rolling(watch: Watch, last: date, calendar: Calendar) -> Span:
    first = _back(parse_span(watch.window), last + _ONE_DAY, calendar)
    return Span(
        period=last.isoformat(), first=calendar.instant(first), before=calendar.instant(last + _ONE_DAY), last=last
    )


def _back(length: Length, end: date, calendar: Calendar) -> date:
    """The day so long before another."""
    if length.unit in _MONTHS:
        return add_months(end, -_MONTHS[length.unit] * length.amount)
    if length.unit == "workday":
        return calendar.workday_before(end, length.amount)
    return end - timedelta(length.amount * (7 if length.unit == "week" else 1))


def _day_before(watch: Watch, first: date, calendar: Calendar) -> date:
    assert watch.every is not None
    return calendar.workday_before(first, 1) if watch.every.period == "workday" else first - _ONE_DAY
