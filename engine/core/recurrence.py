"""Rhythms and their windows: what comes again every day, week, quarter or year, or so long after it was last done.

The windows of a period partition the days: each day (for `workday` each workday) lies in exactly one. Weeks are ISO
weeks, from Monday on. No trigger of a scheduler is asked: those skip the months that have no 31st, and count week
days from different ends. Here a shorter month ends on its last day (民法典 art. 202) and week days have names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

import msgspec

from engine.core.calendar import FIRST_YEAR, LAST_YEAR, Calendar, RollRule
from engine.core.deadlines import Deadline, add_months, derive, due_day
from engine.core.definition_parts import Record
from engine.core.recurrence_points import due_in, opened
from engine.core.spans import parse_span
from engine.errors import BadInput, Broken

CalendarPeriod = Literal["day", "workday", "week", "month", "quarter", "half-year", "year"]
RhythmPeriod = Literal["", "day", "workday", "week", "month", "quarter", "half-year", "year"]

_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_ONE_DAY = timedelta(1)
_SINCE = "since:"
_KEY = re.compile(
    r"(?:(?P<since>since:)?(?P<day>\d{4}-\d\d-\d\d))(?(since)(?:T\d\d:\d\dZ)?|)"
    r"|(?P<year>\d{4})(?:-(?:W(?P<week>\d\d)|Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<month>\d\d)))?",
    re.ASCII,
)


class Rhythm(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How often something is due: in every period of the calendar, or a span after it was last done."""

    #: "" with a span: a rolling window
    period: RhythmPeriod = ""
    #: rolling: "30 days", counted from the last fulfilment or from the beginning
    span: str = ""
    #: by when (see recurrence_points.due_in): "thursday 17:00", "day 5 of next month"; "" = the last day of the period
    due: str = ""
    #: from when (see recurrence_points.opened): "7 days" before it is due, "day 20 of month"; "" = the first day of
    #: the week that `due` names, or of the period
    opens: str = ""
    #: what happens when the day it is due is a day off
    holiday: RollRule = "none"
    #: which period's matters it is about
    covers: Literal["this", "previous"] = "this"


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One period of a rhythm: which days, from when and by when, and about what."""

    #: "2026-03-05", "2026-W41", "2026-10", "2026-Q4", "2026-H2", "2026"; rolling "since:2026-03-05"
    key: str
    first: date
    #: the last day that lies in it; what is done may be due later
    last: date
    #: UTC; always before the deadline
    opens_at: datetime
    deadline: Deadline
    #: first and last day of the period it is about
    about: tuple[date, date]


def window_at(rhythm: Rhythm, day: date, calendar: Calendar) -> Window | None:
    """The window of the calendar that a day lies in; None on a day off where the period is a workday."""
    if _calendar_period(rhythm) == "workday" and not calendar.is_workday(day):
        return None
    return _window(rhythm, period_of(rhythm.period, day)[0], calendar)


def windows_between(rhythm: Rhythm, first: date, last: date, calendar: Calendar) -> Iterator[Window]:
    """The windows that have a day from first to last, in order."""
    day = calendar.roll(first, "next_workday") if _calendar_period(rhythm) == "workday" else first
    while day <= last:
        window = _window(rhythm, period_of(rhythm.period, day)[0], calendar)
        yield window
        day = _day_after(rhythm, window.last, calendar)


def next_window(rhythm: Rhythm, after: Window, calendar: Calendar) -> Window:
    """The window that follows; a rolling one has none before it is fulfilled (Broken `rolling_has_no_next`)."""
    _calendar_period(rhythm)
    return _window(rhythm, period_of(rhythm.period, _day_after(rhythm, after.last, calendar))[0], calendar)


def rolling_window(rhythm: Rhythm, since: datetime, calendar: Calendar) -> Window:
    """The window that begins when it was last done, or with the duty itself: it is due a span later.

    The day it was done does not count (民法典 art. 201). A second fulfilment on the same day gives the same key, since
    it is due the same day; of hours and minutes, which run from the instant, the key tells the minute (UTC). No roll
    takes the deadline back to a day that has passed: where it would, there is none.
    """
    if rhythm.period or not rhythm.span:
        raise Broken("rhythm_is_not_rolling", period=rhythm.period)
    span = parse_span(rhythm.span)
    begin = calendar.local_day(since)
    deadline = derive(span, since, calendar, roll=rhythm.holiday)
    if deadline.derivation.rolled_from is not None and deadline.derivation.due_on <= begin:
        deadline = derive(span, since, calendar)
    told = deadline.derivation
    first, last = begin if span.exact else begin + _ONE_DAY, told.rolled_from or told.due_on
    opens_at = opened(rhythm.opens, begin, last, deadline, calendar) if rhythm.opens else since
    return Window(
        key=f"{_SINCE}{since.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if span.exact else f"{_SINCE}{begin}",
        first=first,
        last=last,
        opens_at=max(opens_at, since.astimezone(UTC)),
        deadline=deadline,
        about=(first, last),
    )


def parse_key(key: str) -> tuple[date, date]:
    """First and last day of the window of that key; BadInput `unknown_window` for what is no key.

    A key `since:2026-03-05` tells only where its window began to count: that day is both.
    """
    found = _KEY.fullmatch(key)
    try:
        if found is None:
            raise ValueError(key)
        first, last = _days_of(found)
        if last.year < FIRST_YEAR or first.year > LAST_YEAR:  # a week may lie in two
            raise ValueError(key)
    except (ValueError, OverflowError) as error:
        raise BadInput("unknown_window", got=key) from error
    return first, last


def period_of(period: str, day: date) -> tuple[date, date]:
    """First and last day of the calendar's period that a day lies in."""
    if period in ("day", "workday"):
        return day, day
    if period == "week":
        monday = day - timedelta(day.weekday())
        return monday, monday + timedelta(6)
    months = _MONTHS[period]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, add_months(first, months) - _ONE_DAY


def key_of(period: str, first: date) -> str:
    """The key of the period that begins on that day."""
    match period:
        case "week":
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{first:%Y-%m}"
        case "quarter":
            return f"{first.year}-Q{(first.month + 2) // 3}"
        case "half-year":
            return f"{first.year}-H{(first.month + 5) // 6}"
        case "year":
            return f"{first.year}"
        case _:
            return first.isoformat()


@lru_cache(maxsize=4096)
def _window(rhythm: Rhythm, first: date, calendar: Calendar) -> Window:
    """Remembered, because a whole population shares it."""
    first, last = period_of(rhythm.period, first)
    deadline = due_in(rhythm.due, rhythm.period, first, last, rhythm.holiday, calendar)
    opens_at = opened(rhythm.opens, first, last, deadline, calendar)
    return Window(
        key=key_of(rhythm.period, first),
        first=first,
        last=last,
        opens_at=_before(opens_at, deadline, calendar),
        deadline=deadline,
        about=(first, last) if rhythm.covers == "this" else _previous(rhythm.period, first, calendar),
    )


def _previous(period: str, first: date, calendar: Calendar) -> tuple[date, date]:
    day = calendar.workday_before(first, 1) if period == "workday" else first - _ONE_DAY
    return period_of(period, day)


def _day_after(rhythm: Rhythm, last: date, calendar: Calendar) -> date:
    return calendar.workday_after(last, 1) if rhythm.period == "workday" else last + _ONE_DAY


def _before(opens_at: datetime, deadline: Deadline, calendar: Calendar) -> datetime:
    """The opening, or the same time of the day due where a roll back over a holiday left that day before it."""
    if opens_at < deadline.due_at:
        return opens_at
    day = due_day(deadline.due_at, calendar)
    same_time = calendar.instant(day, opens_at.astimezone(calendar.zone).time())
    return same_time if same_time < deadline.due_at else calendar.instant(day)


def _calendar_period(rhythm: Rhythm) -> str:
    if not rhythm.period:
        raise Broken("rolling_has_no_next", span=rhythm.span)
    return rhythm.period


def _days_of(found: re.Match[str]) -> tuple[date, date]:
    """The days that a key's parts name; ValueError for the 31st of February or a 53rd week that is none."""
    parts: dict[str, str] = {name: value for name, value in found.groupdict().items() if value}
    if "day" in parts:
        day = date.fromisoformat(parts["day"])
        return day, day
    year = int(parts["year"])
    begins: dict[str, Callable[[int], date]] = {
        "week": lambda n: date.fromisocalendar(year, n, 1),
        "month": lambda n: date(year, n, 1),
        "quarter": lambda n: date(year, 3 * n - 2, 1),
        "half": lambda n: date(year, 6 * n - 5, 1),
    }
    for name, begin in begins.items():
        if name in parts:
            return period_of("half-year" if name == "half" else name, begin(int(parts[name])))
    return period_of("year", date(year, 1, 1))
