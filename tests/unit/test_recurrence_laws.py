"""Laws of rhythms: their windows partition the days, agree with each other, and are due after they opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import groupby, pairwise, product
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.core.calendar import Calendar, RollRule
from engine.core.deadlines import rederived
from engine.core.recurrence import Rhythm, Window, next_window, parse_key, rolling_window, window_at, windows_between
from engine.core.recurrence_checks import check_rhythm
from engine.errors import DefinitionError
from engine.runtime.calendars import load_calendar

CN = load_calendar(Path(__file__).resolve().parents[2] / "workflows/library/calendars/cn.yaml")
#: the second leaves out 2011-12-30, the clocks of the third change by half an hour, of the fourth at midnight
CALENDARS = (
    CN,
    *(Calendar("x", ZoneInfo(key), {}) for key in ("Pacific/Apia", "Australia/Lord_Howe", "America/Sao_Paulo")),
)
PERIODS = ("day", "workday", "week", "month", "quarter", "half-year", "year")
DUES = (
    *("", "17:00", "thursday", "monday 09:00", "3 workdays after start", "10 days after start 12:00"),
    *("end of month", "end of half-year", "day 5 of next month", "day 31 of next month", "day 92 of next quarter"),
    *("last week of quarter", "workday 3 of month", "last friday of month", "last workday of year", "02-29 of year"),
    *(
        "7 workdays after",
        "1 month after 09:00",
        "1 day before",
        "6 workdays before",
        "01-31 of next year",
        "first week of next month",
    ),
)
OPENS = (
    "",
    "08:30",
    "1 day",
    "7 days",
    "3 workdays before",
    "24 hours",
    "2 days after start",
    "end of month",
    "1 month",
)
ROLLS: tuple[RollRule, ...] = ("none", "next_workday", "previous_workday")

days = st.dates(date(1985, 1, 1), date(2040, 12, 31))
calendars = st.sampled_from(CALENDARS)
moments = st.datetimes(datetime(1985, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@cache
def accepted(rhythm: Rhythm) -> bool:
    try:
        check_rhythm(rhythm)
    except DefinitionError:
        return False
    return True


plain = st.sampled_from(PERIODS).map(lambda period: Rhythm(period=period))  # type: ignore[arg-type]
any_rhythm = st.builds(
    Rhythm,
    period=st.sampled_from(PERIODS),
    due=st.sampled_from(DUES),
    opens=st.sampled_from(OPENS),
    holiday=st.sampled_from(ROLLS),
    covers=st.sampled_from(("this", "previous")),
).filter(accepted)

#: The key of a day told by the standard library's own formats.
NAMED: dict[str, Callable[[date], str]] = {
    "day": lambda day: day.isoformat(),
    "workday": lambda day: day.isoformat(),
    "week": lambda day: day.strftime("%G-W%V"),
    "month": lambda day: day.strftime("%Y-%m"),
    "quarter": lambda day: f"{day.year}-Q{'111222333444'[day.month - 1]}",
    "half-year": lambda day: f"{day.year}-H{'111111222222'[day.month - 1]}",
    "year": lambda day: day.strftime("%Y"),
}


def walked(period: str, first: date, last: date, calendar: Calendar) -> list[tuple[str, date, date]]:
    """Key, first and last day of the periods, found by walking the days one by one."""
    all_days = [first + timedelta(index) for index in range((last - first).days + 1)]
    if period == "workday":
        all_days = [day for day in all_days if calendar.is_workday(day)]
    runs = [(key, list(run)) for key, run in groupby(all_days, key=NAMED[period])]
    return [(key, run[0], run[-1]) for key, run in runs]


@pytest.mark.parametrize("period", PERIODS)
def test_the_windows_of_a_rhythm_partition_the_days_of_half_a_century(period: str) -> None:
    first, last = date(1986, 1, 1), date(2040, 12, 31)
    if period == "week":
        first, last = date(1985, 12, 30), date(2041, 1, 6)  # a Monday and a Sunday
    rhythm = Rhythm(period=period)  # type: ignore[arg-type]

    told = [(window.key, window.first, window.last) for window in windows_between(rhythm, first, last, CN)]

    assert told == walked(period, first, last, CN)
    assert sorted({key for key, _, _ in told}) == [key for key, _, _ in told]  # unique, and in order as texts too
    assert [parse_key(key) for key, _, _ in told] == [(begin, end) for _, begin, end in told]


@given(any_rhythm, days, calendars)
def test_every_day_lies_in_the_one_window_that_is_asked_for_it(rhythm: Rhythm, day: date, calendar: Calendar) -> None:
    window = window_at(rhythm, day, calendar)

    if rhythm.period == "workday" and not calendar.is_workday(day):
        assert window is None
        assert list(windows_between(rhythm, day, day, calendar)) == []
        return
    assert window is not None
    assert window.first <= day <= window.last
    assert list(windows_between(rhythm, day, day, calendar)) == [window]
    assert parse_key(window.key) == (window.first, window.last)


@given(any_rhythm, days, st.integers(0, 500), calendars)
def test_one_window_after_the_other_is_what_lies_between_two_days(
    rhythm: Rhythm, day: date, length: int, calendar: Calendar
) -> None:
    windows = list(windows_between(rhythm, day, day + timedelta(length), calendar))

    assert [next_window(rhythm, one, calendar) for one in windows[:-1]] == windows[1:]
    assert all(
        window_at(rhythm, one.last, calendar) == one == window_at(rhythm, one.first, calendar) for one in windows
    )
    touched = {window_at(rhythm, day + timedelta(index), calendar) for index in range(length + 1)} - {None}
    assert touched == set(windows)


@given(any_rhythm, days, calendars)
def test_a_window_is_due_after_it_opened_and_never_before_the_one_before_it(
    rhythm: Rhythm, day: date, calendar: Calendar
) -> None:
    windows = list(windows_between(rhythm, day, day + timedelta(40), calendar))

    assert all(window.opens_at < window.deadline.due_at for window in windows)
    assert all(one.deadline.due_at <= other.deadline.due_at for one, other in pairwise(windows))
    assert all(one.opens_at <= other.opens_at for one, other in pairwise(windows))


@given(any_rhythm, days)
def test_no_deadline_lies_before_its_period_unless_a_roll_took_it_there(rhythm: Rhythm, day: date) -> None:
    window = window_at(rhythm, day, CN)
    assume(window is not None)
    assert window is not None
    told = window.deadline.derivation

    assert (told.rolled_from or told.due_on) >= window.first
    assert rhythm.holiday == "none" or CN.is_workday(told.due_on)


@given(any_rhythm, days)
def test_what_a_window_is_about_is_its_own_period_or_the_one_before(rhythm: Rhythm, day: date) -> None:
    window = window_at(rhythm, day, CN)
    assume(window is not None)
    assert window is not None
    own = msgspec.structs.replace(rhythm, covers="this")
    before = msgspec.structs.replace(rhythm, covers="previous")

    this, following = _at(own, window.first), next_window(before, window, CN)

    assert this.about == (window.first, window.last) == following.about
    assert this.deadline == window.deadline


@given(any_rhythm, days, calendars)
def test_a_deadline_is_worked_out_again_from_what_it_tells(rhythm: Rhythm, day: date, calendar: Calendar) -> None:
    window = window_at(rhythm, day, calendar)
    assume(window is not None)
    assert window is not None

    assert rederived(window.deadline, calendar) == window.deadline


@given(
    st.builds(
        Rhythm,
        span=st.sampled_from(("1 day", "30 days", "1 month", "5 workdays", "1 quarter", "24 hours", "90 minutes")),
        opens=st.sampled_from(("", "7 days", "1 workday", "2 hours")),
        holiday=st.sampled_from(ROLLS),
    ).filter(accepted),
    moments,
    moments,
    calendars,
)
def test_a_rolling_window_opens_no_earlier_than_it_was_done_and_is_due_later(
    rhythm: Rhythm, one: datetime, other: datetime, calendar: Calendar
) -> None:
    assume(date(2011, 12, 30) not in (calendar.local_day(one), calendar.local_day(other)))
    sooner, later = sorted((one, other))
    first, second = rolling_window(rhythm, sooner, calendar), rolling_window(rhythm, later, calendar)

    assert sooner <= first.opens_at < first.deadline.due_at
    assert first.first <= first.last
    assert parse_key(first.key) == (calendar.local_day(sooner),) * 2 or "T" in first.key
    if rhythm.holiday != "previous_workday":
        assert first.deadline.due_at <= second.deadline.due_at


@pytest.mark.nightly
@pytest.mark.parametrize("period", PERIODS)
def test_every_rhythm_of_these_phrases_keeps_its_order_for_years(period: str) -> None:
    daily = period in ("day", "workday")
    first, last = (date(2019, 6, 1), date(2021, 6, 1)) if daily else (date(2008, 1, 1), date(2027, 12, 31))
    wrong = []
    for due, opens, holiday in product(DUES, OPENS, ROLLS):
        rhythm = Rhythm(period=period, due=due, opens=opens, holiday=holiday)  # type: ignore[arg-type]
        windows = list(windows_between(rhythm, first, last, CN)) if accepted(rhythm) else []
        wrong += [(rhythm, one.key) for one in windows if one.opens_at >= one.deadline.due_at]
        wrong += [
            (rhythm, other.key)
            for one, other in pairwise(windows)
            if one.opens_at > other.opens_at or one.deadline.due_at > other.deadline.due_at
        ]

    assert wrong == []


def _at(rhythm: Rhythm, day: date) -> Window:
    window = window_at(rhythm, day, CN)
    assert window is not None
    return window
