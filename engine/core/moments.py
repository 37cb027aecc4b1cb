"""Days and instants before and after others: what spans come to, where rungs lie, how far off a deadline is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from engine.core.calendar import Calendar
from engine.core.point_days import MONTHS, add_months
from engine.core.points import Anchor, AnyPoint, Offset
from engine.core.spans import Span, parse_span
from engine.core.work_hours import after_work_time, before_work_time
from engine.errors import Broken, DefinitionError

_ONE_DAY = timedelta(1)
#: So long before it ends a deadline is near, on every page and in registers that do not say otherwise.
NEAR = "1 workday"


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
        return add_exact(origin, point.span, sign, calendar)
    day = due_day(origin, calendar) if point.of == "deadline" else calendar.local_day(origin)
    return calendar.instant(add_span(day, point.span, sign, calendar), point.at or time())


def add_span(day: date, span: Span, sign: int, calendar: Calendar) -> date:
    """The day a span in whole days lies after (1) or before (-1) a day, which itself does not count."""
    if span.unit == "workday":
        return calendar.workday_after(day, span.amount) if sign > 0 else calendar.workday_before(day, span.amount)
    if span.unit in MONTHS:
        return add_months(day, sign * span.amount * MONTHS[span.unit])
    return day + sign * _length(span)


def add_exact(instant: datetime, span: Span, sign: int, calendar: Calendar) -> datetime:
    """The instant (UTC) a span of hours, minutes or work hours after (1) or before (-1) another."""
    if span.unit != "work hour":
        return instant.astimezone(UTC) + sign * _length(span)
    move = after_work_time if sign > 0 else before_work_time
    return move(instant, _length(span), calendar)


def due_day(due_at: datetime, calendar: Calendar) -> date:
    """The local day a deadline falls on; local midnight ends the day before."""
    return calendar.local_day(due_at - timedelta.resolution)


def workdays_between(first: date, last: date, calendar: Calendar) -> int:
    """Workdays after first up to and including last; negative when last is the earlier one."""
    return calendar.workdays_through(last) - calendar.workdays_through(first)


def near_until(now: datetime, calendar: Calendar, span: str = NEAR) -> datetime:
    """What is due by this instant is due soon; a span of whole days ends with its last day."""
    near = parse_span(span)
    if near.exact:
        return add_exact(now, near, 1, calendar)
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
        case "hour" | "work hour":
            return timedelta(hours=span.amount)
        case "week":
            return timedelta(weeks=span.amount)
        case _:
            return timedelta(days=span.amount)
