"""When a period's matter is due and from when it may be done: phrases seen from the period, not from an event."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from engine.core.calendar import Calendar, RollRule
from engine.core.deadlines import Deadline, derive, derive_before, shift
from engine.core.points import Anchor, AnyPoint, Offset, OnDate, Weekday, parse_point
from engine.core.spans import match_span, parse_span
from engine.errors import DefinitionError, Place

_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
#: The end of each period, as a phrase seen from its first day.
_ENDS = {
    "day": "1 day",
    "workday": "1 workday",
    "week": "end of week",
    "month": "end of month",
    "quarter": "end of quarter",
    "half-year": "end of half-year",
    "year": "end of year",
}


def due_in(phrase: str, period: str, first: date, last: date, roll: RollRule, calendar: Calendar) -> Deadline:
    """The deadline of the period from first to last; its derivation can be told, and worked out again.

    - "" or `17:00`: its last day, or a time of that day;
    - `thursday 17:00`: the first such day from the first day on; `5 workdays after start`: the fifth of its workdays;
    - `10 days after`, `7 workdays after`, `5 workdays before`: so long after or before the period's last day;
    - `last week of quarter`, `day 5 of next month`, `workday 3 of month`, `03-31 of year`: of the quarter, month or
      year that the last day lies in.
    """
    if not phrase:
        return _at_its_end(period, first, roll, calendar)
    point = named(phrase, last)
    if isinstance(point, Offset) and point.of == "deadline":
        return _offset_from(point, last, roll, calendar)
    return _named(point, first, last, roll, calendar)


def opened(phrase: str, first: date, last: date, deadline: Deadline, calendar: Calendar) -> datetime:
    """The instant (UTC) from which it may be done: a span before it is due, or the beginning of the day named.

    Without a phrase it is the first day of the week that the deadline names (`last week of quarter`), or of the period.

    Days are named as for `due_in`, a week by its first; before and after count from the day due (`3 workdays before`).
    """
    if not phrase:
        return deadline.opens_at or calendar.instant(first)
    if _CLOCK.fullmatch(phrase):
        return calendar.instant(first, time.fromisoformat(phrase))
    span = match_span(phrase)
    point = Offset(span=span, side="before") if span else named(phrase, last)
    if isinstance(point, Offset):
        return shift(deadline.due_at, point, calendar, start=calendar.instant(first))
    day = _named(point, first, last, "none", calendar)
    return day.opens_at or calendar.instant(day.derivation.due_on, point.at or time())


def named(phrase: str, last: date, place: Place | None = None) -> AnyPoint:
    """The point of a phrase for the period that ends on that day; DefinitionError for what never comes again."""
    if _CLOCK.fullmatch(phrase):
        return OnDate(day=last, at=time.fromisoformat(phrase))
    point = parse_point(phrase, place=place)
    if isinstance(point, OnDate | Anchor):
        raise DefinitionError("never_due", place=place, expected="a day that comes again in every period", got=phrase)
    return point


def check_phrases(due: str, opens: str, place: Place | None = None) -> None:
    """Refuse phrases that no period has a day for; DefinitionError."""
    sample = date(2024, 12, 31)
    if due:
        point = named(due, sample, place)
        if isinstance(point, Offset) and point.span.exact:
            raise DefinitionError("due_in_hours", place=place, expected="whole days or a time of day", got=due)
    span = match_span(opens)
    if span:
        parse_span(opens, place=place)
    elif opens:
        named(opens, sample, place)


def _at_its_end(period: str, first: date, roll: RollRule, calendar: Calendar) -> Deadline:
    end = _ENDS[period]
    rule = match_span(end) or parse_point(end)
    return derive(rule, calendar.instant(first), calendar, start_rule="same_day", roll=roll)


def _offset_from(point: Offset, last: date, roll: RollRule, calendar: Calendar) -> Deadline:
    """So long before or after the last day, which itself does not count."""
    if point.side == "before":
        return derive_before(point, last, calendar, roll=roll)
    rule = point.span if point.at is None else Offset(span=point.span, side="after", of="start", at=point.at)
    return derive(rule, calendar.instant(last), calendar, roll=roll)


def _named(point: AnyPoint, first: date, last: date, roll: RollRule, calendar: Calendar) -> Deadline:
    """A week day and days after the start count from the first day, all others from the last."""
    begin = first if isinstance(point, Weekday | Offset) else last
    return derive(point, calendar.instant(begin), calendar, start_rule="same_day", roll=roll)
