"""Deadlines with the data that explains them: when something is due, by which rule, over which days.

Day counting follows the Civil Code (民法典): the day of the event does not count (art. 201), a span of months or
years ends on the corresponding day, or on the last of a month that has none (art. 202), and its last day ends at
24:00 (art. 203). Rolling a day off to the next workday (art. 203) is done only where the rule says so. Hours and
minutes run from instant to instant (art. 201), whatever the day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, assert_never

import msgspec

from engine.core.calendar import Calendar, DayRange, RollRule
from engine.core.points import WEEKDAYS, Anchor, AnyPoint, DayOfNext, EndOf, Offset, OnDate, Weekday, parse_point
from engine.core.spans import Span, match_span, parse_span
from engine.errors import Broken, DefinitionError

StartRule = Literal["next_day", "same_day"]

#: A derivation lists its days off up to this many ranges; a longer one names the holidays only.
MOST_RANGES = 40
_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
_ONE_DAY = timedelta(1)
#: So long before it ends a deadline is near, on every page and in registers that do not say otherwise.
NEAR = "1 workday"


class Derivation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How a deadline came about: rule, calendar, inputs and basis, enough to tell it to a person and to redo it."""

    #: the phrase of the span or point: "2 workdays", "end of quarter"
    rule: str
    #: local date the count starts from
    start: date
    #: the starting instant (UTC), where the rule runs from it and not from its day
    start_at: datetime | None = None
    #: whether the day of the start counts; "none" where days are not counted (a point, hours)
    start_rule: Literal["next_day", "same_day", "none"]
    roll: RollRule
    #: versions of the calendar years that were consulted; () if none was
    calendar: tuple[str, ...] = ()
    #: days off passed over, the ones a rolled day passed included; of more than MOST_RANGES only the holidays
    skipped: tuple[DayRange, ...] = ()
    #: weekend days that counted as workdays
    worked: tuple[DayRange, ...] = ()
    #: local date of the last day; a day ends at 24:00
    due_on: date
    #: the day before the roll moved it
    rolled_from: date | None = None
    #: a consulted year is not published yet: the deadline may move
    provisional: bool = False
    #: ids of the legal clauses
    basis: tuple[str, ...] = ()


class Deadline(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An instant by which something must be done, and why then."""

    #: UTC, exclusive: at this instant it is late. A whole day ends where the next begins (local 24:00)
    due_at: datetime
    derivation: Derivation


def derive(
    rule: Span | AnyPoint,
    start: datetime,
    calendar: Calendar,
    *,
    start_rule: StartRule = "next_day",
    roll: RollRule = "none",
    basis: tuple[str, ...] = (),
) -> Deadline:
    """The deadline of a rule that starts at an instant; whole days end at local 24:00.

    The start rule is for spans in days and longer; a roll does not touch instants (hours, `start`).
    DefinitionError `point_needs_deadline` for points such as `3 workdays before`.
    """
    first = calendar.local_day(start)
    first_counted: Literal["next_day", "same_day", "none"] = start_rule
    asked: tuple[date, date] | None = None  # the days the calendar was asked about
    match rule:
        case Span() | Offset(of="start"):
            span = rule if isinstance(rule, Span) else rule.span
            if span.exact:
                return _exact(str(rule), start, _length(span), calendar, basis)
            named_on = _last_day(first, span, start_rule, calendar)
            if span.unit == "workday":
                asked = (first if start_rule == "same_day" else first + _ONE_DAY, named_on)
        case Anchor(of="start"):
            return _exact(str(rule), start, timedelta(), calendar, basis)
        case Anchor() | Offset():
            raise DefinitionError("point_needs_deadline", expected="a point that counts from the start", got=str(rule))
        case _:
            named_on = _named_day(rule, first, start, start_rule, calendar)
            if not isinstance(rule, Weekday):
                first_counted = "none"
    due_on = calendar.roll(named_on, roll)
    if asked is None and roll != "none":
        asked = min(named_on, due_on), max(named_on, due_on)
    derivation = Derivation(
        rule=str(rule),
        start=first,
        start_rule=first_counted,
        roll=roll,
        calendar=calendar.stamps(*asked) if asked else (),
        skipped=_passed_over(calendar, *asked) if asked else (),
        worked=calendar.makeup_days(*asked) if asked else (),
        due_on=due_on,
        rolled_from=named_on if due_on != named_on else None,
        provisional=calendar.provisional_between(*asked) if asked else False,
        basis=basis,
    )
    at = None if isinstance(rule, Span) else rule.at
    due_at = calendar.end_of(due_on) if at is None else calendar.instant(due_on, at)
    return Deadline(due_at=due_at, derivation=derivation)


def rederived(deadline: Deadline, calendar: Calendar) -> Deadline:
    """The same deadline worked out again, from what its derivation records, by another calendar or version of it."""
    told = deadline.derivation
    return derive(
        match_span(told.rule) or parse_point(told.rule),
        told.start_at or calendar.instant(told.start),
        calendar,
        start_rule="same_day" if told.start_rule == "same_day" else "next_day",
        roll=told.roll,
        basis=told.basis,
    )


def shift(due_at: datetime, point: AnyPoint, calendar: Calendar, *, start: datetime | None = None) -> datetime:
    """The instant (UTC) of a ladder's rung: a point seen from a deadline, or from the start of its task.

    `deadline` is the deadline's own instant; hours before or after are exact. A day before or after counts from
    the local day the deadline falls on and means 00:00 of the day it names, or the time of day it gives:
    `3 workdays after` Friday is the first moment of Wednesday, when two whole workdays have passed unused.
    DefinitionError `point_is_no_rung` for a point that names a day of its own.
    """
    if not isinstance(point, Anchor | Offset):
        raise DefinitionError("point_is_no_rung", expected="a point before or after the deadline", got=str(point))
    origin = due_at if point.of == "deadline" else start
    if origin is None:
        raise Broken("rung_without_start", got=str(point))
    if isinstance(point, Anchor):
        return origin.astimezone(UTC)
    sign = -1 if point.side == "before" else 1
    if point.span.exact:
        return origin.astimezone(UTC) + sign * _length(point.span)
    day = due_day(origin, calendar) if point.of == "deadline" else calendar.local_day(origin)
    return calendar.instant(add_span(day, point.span, sign, calendar), point.at or time())


def add_span(day: date, span: Span, sign: int, calendar: Calendar) -> date:
    """The day a span in whole days lies after (1) or before (-1) a day, which itself does not count."""
    if span.unit == "workday":
        return calendar.workday_after(day, span.amount) if sign > 0 else calendar.workday_before(day, span.amount)
    if span.unit in _MONTHS:
        return add_months(day, sign * span.amount * _MONTHS[span.unit])
    return day + sign * _length(span)


def add_months(day: date, months: int) -> date:
    """The corresponding day of a later or earlier month, its last day if it has none (民法典 art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_day(due_at: datetime, calendar: Calendar) -> date:
    """The local day a deadline falls on; local midnight ends the day before."""
    return calendar.local_day(due_at - timedelta.resolution)


def workdays_between(first: date, last: date, calendar: Calendar) -> int:
    """Workdays after first up to and including last; negative when last is the earlier one."""
    return calendar.workdays_through(last) - calendar.workdays_through(first)


def near_until(now: datetime, calendar: Calendar, span: str = NEAR) -> datetime:
    """What is due by this instant is due soon; a span of whole days ends with its last day."""
    near = parse_span(span)
    if near.unit in ("hour", "minute"):
        return now + _length(near)
    return calendar.instant(add_span(calendar.local_day(now), near, 1, calendar) + _ONE_DAY)


def workdays_left(now: datetime, due_at: datetime, calendar: Calendar) -> int:
    """Workdays from today to the day due: 0 on the day itself, negative when late.

    0 does not tell "today" from "late since a day off began": compare `now >= due_at` as well.
    """
    return workdays_between(calendar.local_day(now), due_day(due_at, calendar), calendar)


def _length(span: Span) -> timedelta:
    match span.unit:
        case "minute":
            return timedelta(minutes=span.amount)
        case "hour":
            return timedelta(hours=span.amount)
        case "week":
            return timedelta(weeks=span.amount)
        case _:
            return timedelta(days=span.amount)


def _exact(rule: str, start: datetime, length: timedelta, calendar: Calendar, basis: tuple[str, ...]) -> Deadline:
    due_at = start.astimezone(UTC) + length
    derivation = Derivation(
        rule=rule,
        start=calendar.local_day(start),
        start_at=start.astimezone(UTC),
        start_rule="none",
        roll="none",
        due_on=due_day(due_at, calendar),
        basis=basis,
    )
    return Deadline(due_at=due_at, derivation=derivation)


def _last_day(first: date, span: Span, start_rule: StartRule, calendar: Calendar) -> date:
    """The last day of a span of whole days."""
    if start_rule == "next_day":
        return add_span(first, span, 1, calendar)
    if span.unit not in _MONTHS:
        return add_span(first - _ONE_DAY, span, 1, calendar)
    last = add_span(first, span, 1, calendar)
    return last - _ONE_DAY if last.day == first.day else last  # a shorter month has already ended on its last day


def _named_day(
    point: EndOf | DayOfNext | Weekday | OnDate, first: date, start: datetime, start_rule: StartRule, calendar: Calendar
) -> date:
    """The day a point names by itself."""
    match point:
        case EndOf():
            return _next_period(first, point.period) - _ONE_DAY
        case DayOfNext():
            begin = _next_period(first, point.period)
            return min(begin + timedelta(point.day - 1), _next_period(begin, point.period) - _ONE_DAY)
        case Weekday():
            earliest = first if start_rule == "same_day" else first + _ONE_DAY
            day = earliest + timedelta((WEEKDAYS.index(point.name) - earliest.weekday()) % 7)
            past = point.at is not None and calendar.instant(day, point.at) <= start
            return day + timedelta(7) if past else day
        case OnDate():
            return point.day
        case _:
            assert_never(point)


def _next_period(day: date, period: str) -> date:
    """The first day of the period after the one a day lies in."""
    months = _MONTHS[period]
    return add_months(date(day.year, (day.month - 1) // months * months + 1, 1), months)


def _passed_over(calendar: Calendar, first: date, last: date) -> tuple[DayRange, ...]:
    off = calendar.days_off(first, last)
    return off if len(off) <= MOST_RANGES else tuple(days for days in off if days.kind == "holiday")
