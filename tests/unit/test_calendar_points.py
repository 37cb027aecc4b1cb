"""Days that points name in a period, against walking the period's days one by one; and the arithmetic of months."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.core.deadlines import add_months, add_span, derive
from engine.core.points import WEEKDAYS, parse_point
from engine.core.spans import Span, Unit
from engine.runtime.calendars import load_calendar

CN = load_calendar(Path(__file__).resolve().parents[2] / "workflows/library/calendars/cn.yaml")
DAY = timedelta(1)
ORDINALS = ("first", "second", "third", "fourth")
#: Which period a day lies in, by the formats of the standard library.
PERIODS: dict[str, Callable[[date], str]] = {
    "week": lambda day: day.strftime("%G-%V"),
    "month": lambda day: day.strftime("%Y-%m"),
    "quarter": lambda day: f"{day.year}-{'111222333444'[day.month - 1]}",
    "half-year": lambda day: f"{day.year}-{'111111222222'[day.month - 1]}",
    "year": lambda day: day.strftime("%Y"),
}
LONGEST = {"week": 7, "month": 31, "quarter": 92, "half-year": 184, "year": 366}

days = st.dates(date(1986, 1, 1), date(2040, 12, 31))
periods = st.sampled_from(sorted(PERIODS))
longer = st.sampled_from(sorted(set(PERIODS) - {"week"}))
following = st.booleans()


def walked(day: date, period: str, *, following: bool = False) -> list[date]:
    """The days of the period a day lies in, or of the one after it."""
    key = PERIODS[period]
    if following:
        here = key(day)
        while key(day) == here:
            day += DAY
    name, first = key(day), day
    while key(first - DAY) == name:
        first -= DAY
    found = [first]
    while key(found[-1] + DAY) == name:
        found.append(found[-1] + DAY)
    return found


def of(period: str, *, following: bool) -> str:
    return f"of next {period}" if following else f"of {period}"


def named(phrase: str, day: date) -> date:
    return derive(parse_point(phrase), CN.instant(day) + timedelta(hours=9), CN).derivation.due_on


@given(days, periods, following)
def test_a_period_ends_with_its_last_day(day: date, period: str, following: bool) -> None:
    assert named(f"end {of(period, following=following)}", day) == walked(day, period, following=following)[-1]


@given(days, longer, following, st.integers(1, 366))
def test_the_nth_day_is_the_last_of_a_period_that_has_fewer(day: date, period: str, following: bool, n: int) -> None:
    assume(n <= LONGEST[period])
    inside = walked(day, period, following=following)

    assert named(f"day {n} {of(period, following=following)}", day) == inside[min(n, len(inside)) - 1]


@given(days, periods, following, st.integers(1, 366))
def test_the_nth_workday_is_the_last_of_a_period_that_has_fewer(
    day: date, period: str, following: bool, n: int
) -> None:
    assume(n <= LONGEST[period])
    inside = [one for one in walked(day, period, following=following) if CN.is_workday(one)]
    assume(inside)  # the week of a Spring Festival may have none

    end = of(period, following=following)

    assert named(f"workday {n} {end}", day) == inside[min(n, len(inside)) - 1]
    assert (named(f"first workday {end}", day), named(f"last workday {end}", day)) == (inside[0], inside[-1])


@given(days, longer, following, st.sampled_from(WEEKDAYS), st.integers(0, 3))
def test_the_nth_week_day_is_found_by_its_name(day: date, period: str, following: bool, name: str, index: int) -> None:
    inside = [one for one in walked(day, period, following=following) if f"{one:%A}".lower() == name]
    end = of(period, following=following)

    assert named(f"{ORDINALS[index]} {name} {end}", day) == inside[index]
    assert named(f"last {name} {end}", day) == inside[-1]


@given(days, longer, following, st.sampled_from(("first", "last")))
def test_a_week_of_a_period_is_a_window_of_seven_days(day: date, period: str, following: bool, which: str) -> None:
    inside = walked(day, period, following=following)
    seven = inside[:7] if which == "first" else inside[-7:]

    window = derive(parse_point(f"{which} week {of(period, following=following)}"), CN.instant(day), CN)

    assert (window.opens_at, window.due_at) == (CN.instant(seven[0]), CN.end_of(seven[-1]))


@given(days, following, st.dates(date(2024, 1, 1), date(2024, 12, 31)))
def test_a_date_without_its_year_is_the_last_of_february_where_there_is_no_29th(
    day: date, following: bool, told: date
) -> None:
    inside = [one for one in walked(day, "year", following=following) if one.month == told.month]

    assert named(f"{told:%m-%d} {of('year', following=following)}", day) == inside[min(told.day, len(inside)) - 1]


@given(days, st.sampled_from(WEEKDAYS), st.sampled_from(("", " 08:00", " 17:30")))
def test_a_week_day_is_the_first_of_its_name_after_the_day_of_the_start(day: date, name: str, clock: str) -> None:
    ahead = [day + DAY * index for index in range(1, 8)]

    assert named(name + clock, day) == next(one for one in ahead if f"{one:%A}".lower() == name)


# ------------------------------------------------------------------------------------------------ months
@given(days, st.integers(-400, 400))
def test_months_there_and_back_end_on_the_same_day_or_on_the_last_of_the_shorter_month(day: date, count: int) -> None:
    there = add_months(day, count)
    back = add_months(there, -count)

    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == count
    assert (back.year, back.month) == (day.year, day.month)
    assert back.day == there.day == min(day.day, there.day)
    assert there.day == day.day or (there + DAY).day == 1


@given(days, days, st.integers(-400, 400), st.integers(-400, 400))
def test_a_later_day_and_more_months_never_lead_to_an_earlier_day(one: date, other: date, a: int, b: int) -> None:
    first, last = sorted((one, other))
    fewer, more = sorted((a, b))

    assert add_months(first, fewer) <= add_months(last, fewer)
    assert add_months(first, fewer) <= add_months(first, more)
    assert add_months(first.replace(day=1), a + b) == add_months(add_months(first.replace(day=1), a), b)


@given(days, st.integers(1, 20), st.sampled_from((-1, 1)))
def test_quarters_half_years_and_years_are_months(day: date, count: int, sign: int) -> None:
    lengths: dict[Unit, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}

    told = {unit: add_span(day, Span(count, unit), sign, CN) for unit in lengths}

    assert told == {unit: add_months(day, sign * count * months) for unit, months in lengths.items()}


@given(days, st.integers(1, 400), st.sampled_from(("day", "week")))
def test_days_and_weeks_there_and_back_end_where_they_began(day: date, count: int, unit: Unit) -> None:
    span = Span(count, unit)

    assert add_span(add_span(day, span, 1, CN), span, -1, CN) == day
    assert (add_span(day, span, 1, CN) - day).days == count * (7 if unit == "week" else 1)


@given(days, st.integers(1, 60))
def test_adding_then_taking_away_workdays_ends_on_the_day_or_the_nearest_workday(day: date, count: int) -> None:
    span = Span(count, "workday")

    assert add_span(add_span(day, span, 1, CN), span, -1, CN) == CN.roll(day, "previous_workday")
    assert add_span(add_span(day, span, -1, CN), span, 1, CN) == CN.roll(day, "next_workday")


@given(st.datetimes(datetime(1986, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_named_day_is_that_of_the_local_date_and_not_of_utc(moment: datetime) -> None:
    local = moment.astimezone(CN.zone).date()

    assert derive(parse_point("end of month"), moment, CN).derivation.due_on == walked(local, "month")[-1]
