"""What stopped time makes of a deadline: it is added back in the unit in which the deadline counts.

The day on which the clock stops is used up, the day on which it goes on is not: as many workdays (or days) are left
after the second as were left after the first. Hours and minutes are added to the second, work hours by office hours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from engine.core.calendar import Calendar
from engine.core.deadlines import Deadline, due_day, first_of, opening, opening_again, rederived, workdays_between
from engine.core.points import Anchor, Offset, match_point
from engine.core.spans import match_span
from engine.core.stops import Stop, StopUnit
from engine.core.work_hours import after_work_time, work_time_through

_SECOND = timedelta(seconds=1)
_ONE_DAY = timedelta(1)


def unit_of(deadline: Deadline) -> StopUnit:
    """In what the time stopped is added to a deadline: in days where its rule names a day by itself."""
    told = deadline.derivation
    rule = told.counted.read_as if told.counted is not None and told.counted.read_as else told.rule
    span = match_span(rule)
    if span is None:
        point = match_point(rule)
        if isinstance(point, Anchor):
            return "exact"
        span = point.span if isinstance(point, Offset) else None
    if span is None:
        return "day"
    if span.unit == "work hour":
        return "work hour"
    if span.exact:
        return "exact"
    return "workday" if span.unit == "workday" else "day"


def stop_between(unit: StopUnit, since: datetime, until: datetime, calendar: Calendar) -> Stop:
    """The stop from one instant to another, measured."""
    return Stop(since=since, until=until, unit=unit, amount=_amount(unit, since, until, calendar))


def _amount(unit: StopUnit, since: datetime, until: datetime, calendar: Calendar) -> int:
    first, last = calendar.local_day(since), calendar.local_day(until)
    match unit:
        case "workday":
            return workdays_between(first, last, calendar)
        case "day":
            return (last - first).days
        case "work hour":
            return (work_time_through(until, calendar) - work_time_through(since, calendar)) // _SECOND
        case "exact":
            return (until - since) // _SECOND


def stopped_for(deadline: Deadline, since: datetime, until: datetime, named: Callable[[str], Calendar]) -> Deadline:
    """The deadline after a stop; of several each is moved as it counts itself, and then the first counts.

    `named`: the calendar of that id; "" = the procedure's.
    """
    told = deadline.derivation
    if told.whichever:
        first = first_of([stopped_for(one, since, until, named) for one in told.whichever])
        return opening(first, told.opens, named(first.derivation.by_calendar))
    calendar = named(told.by_calendar)
    return with_stop(deadline, stop_between(unit_of(deadline), since, until, calendar), calendar)


def with_stop(deadline: Deadline, stop: Stop, calendar: Calendar) -> Deadline:
    """The deadline after a stop, which its derivation keeps; one that rolls to a workday rolls anew."""
    told = deadline.derivation
    stops = (*told.stops, stop)
    if stop.unit in ("exact", "work hour"):
        due_at = moved_instant(deadline.due_at, stop, calendar)
        due_on = due_day(due_at, calendar)
        moved = Deadline(due_at=due_at, derivation=replace(told, stops=stops, due_on=due_on))
        return opening(moved, told.opens, calendar)
    named = told.rolled_from or told.due_on
    if stop.unit == "workday":
        named = calendar.workday_after(named, stop.amount) if stop.amount > 0 else named
    else:
        named += timedelta(stop.amount)
    due_on = calendar.roll(named, told.roll)
    changes = {} if due_on == told.due_on else _asked(deadline, calendar, max(named, due_on))
    whole = deadline.due_at == calendar.end_of(told.due_on)
    at = deadline.due_at.astimezone(calendar.zone).time()
    moved = Deadline(
        due_at=calendar.end_of(due_on) if whole else calendar.instant(due_on, at),
        derivation=replace(told, stops=stops, due_on=due_on, rolled_from=named if named != due_on else None, **changes),
    )
    return opening(moved, told.opens, calendar)


def _asked(deadline: Deadline, calendar: Calendar, last: date) -> dict[str, Any]:
    """What the derivation of a deadline that consults the calendar says of the days it consults besides."""
    told = deadline.derivation
    if not told.calendar:
        return {}
    first = told.due_on + _ONE_DAY
    last = max(first, last)
    return {
        "calendar": tuple(dict.fromkeys((*told.calendar, *calendar.stamps(first, last)))),
        "skipped": (*told.skipped, *calendar.days_off(first, last)),
        "worked": (*told.worked, *calendar.makeup_days(first, last)),
        "provisional": told.provisional or calendar.provisional_between(first, last),
    }


def moved_instant(instant: datetime, stop: Stop, calendar: Calendar) -> datetime:
    """The instant that lies a stop later, counted as the stop is; days keep their time of day."""
    match stop.unit:
        case "exact":
            return instant + timedelta(seconds=stop.amount)
        case "work hour":
            length = timedelta(seconds=stop.amount)
            return after_work_time(instant, length, calendar) if length else instant
        case _:
            local = instant.astimezone(calendar.zone)
            day = local.date()
            if stop.unit == "day":
                return calendar.instant(day + timedelta(stop.amount), local.time())
            return calendar.instant(calendar.workday_after(day, stop.amount) if stop.amount else day, local.time())


def moved_day(day: date, stop: Stop, calendar: Calendar) -> date:
    """The day that lies a stop later; hours move it as far as they move its beginning."""
    return calendar.local_day(moved_instant(calendar.instant(day), stop, calendar))


def redone(deadline: Deadline, calendar: Calendar) -> Deadline:
    """The deadline worked out again by another calendar or version of it, its stops measured anew."""
    told = deadline.derivation
    if told.whichever:
        return opening_again(first_of([redone(one, calendar) for one in told.whichever]), deadline, calendar)
    made = rederived(deadline, calendar)
    if made.derivation.stops:
        return made  # it counts by another calendar and is left as it is
    for stop in told.stops:
        made = with_stop(made, stop_between(stop.unit, stop.since, stop.until, calendar), calendar)
    return made
