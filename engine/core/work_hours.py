"""Time counted over office hours only: by arithmetic on how much of it has passed, never by walking minutes.

Times are those of the clock on the wall. The office hours of a calendar hold on each of its workdays.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from engine.core.calendar import Calendar, Session
from engine.errors import BadInput

_MICROSECOND, _MINUTE, _HOUR = timedelta.resolution, timedelta(minutes=1), timedelta(hours=1)


def work_time_through(instant: datetime, calendar: Calendar) -> timedelta:
    """The office time that has passed up to an instant; only differences mean something."""
    day, whole = calendar.local_day(instant), _whole(calendar)
    passed = whole * calendar.workdays_through(day - timedelta(1))
    if not calendar.is_workday(day):
        return passed
    now = _since_midnight(instant.astimezone(calendar.zone).time())
    return passed + sum(
        (min(max(now - begin, timedelta()), end - begin) for begin, end in _parts(calendar)), timedelta()
    )


def after_work_time(instant: datetime, length: timedelta, calendar: Calendar) -> datetime:
    """The first instant (UTC) at which so much office time has passed since another; at the close, not the reopening.

    BadInput `calendar_without_hours` where the calendar has no office hours.
    """
    whole, target = _whole(calendar), work_time_through(instant, calendar) + length
    days = (target - _MICROSECOND) // whole
    rest = target - days * whole
    for begin, end in _parts(calendar):
        if rest <= end - begin:
            return _at(calendar, calendar.workday_at(days + 1), begin + rest)
        rest -= end - begin
    raise AssertionError("more office time in a day than it has")


def before_work_time(instant: datetime, length: timedelta, calendar: Calendar) -> datetime:
    """The last instant (UTC) after which so much office time passes until another."""
    whole, target = _whole(calendar), work_time_through(instant, calendar) - length
    days = target // whole
    rest = target - days * whole
    for begin, end in _parts(calendar):
        if rest < end - begin:
            return _at(calendar, calendar.workday_at(days + 1), begin + rest)
        rest -= end - begin
    raise AssertionError("more office time in a day than it has")


def tell_hours(hours: tuple[Session, ...]) -> tuple[str, ...]:
    """Office hours as a derivation records them: `09:00-12:00`."""
    return tuple(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in hours)


def _whole(calendar: Calendar) -> timedelta:
    """The office time of one workday."""
    whole = _total(end - begin for begin, end in _parts(calendar))
    if not whole:
        raise BadInput("calendar_without_hours", calendar=calendar.id)
    return whole


def _parts(calendar: Calendar) -> list[tuple[timedelta, timedelta]]:
    return [(_since_midnight(begin), _since_midnight(end)) for begin, end in calendar.hours]


def _total(lengths: Iterable[timedelta]) -> timedelta:
    return sum(lengths, timedelta())


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


def _at(calendar: Calendar, day: date, passed: timedelta) -> datetime:
    hours, rest = divmod(passed, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    return calendar.instant(day, time(hours, minutes, rest.seconds, rest.microseconds))
