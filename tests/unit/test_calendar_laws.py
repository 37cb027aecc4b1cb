"""Laws of calendar arithmetic, on random days, spans, zones and years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.calendar import Calendar, CalendarYear, RollRule
from engine.core.deadlines import MOST_RANGES, add_span, derive, shift, workdays_between
from engine.core.points import Offset
from engine.core.spans import LARGEST, Span, Unit
from engine.runtime.calendars import load_calendar

CN = load_calendar(Path(__file__).resolve().parents[2] / "workflows/library/calendars/cn.yaml")
ZONES = (
    *("Asia/Shanghai", "America/Havana", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Asia/Tehran"),
    *("Australia/Lord_Howe", "America/St_Johns", "Europe/Dublin", "Pacific/Apia"),
)
WHOLE: tuple[Unit, ...] = ("workday", "day", "week", "month", "quarter", "year")
ROLLS: tuple[RollRule, ...] = ("none", "next_workday", "previous_workday")

days = st.dates(date(1984, 1, 1), date(2040, 12, 31))
small = st.integers(1, 400)
moments = st.datetimes(datetime(1984, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def spans(units: tuple[Unit, ...] = WHOLE) -> st.SearchStrategy[Span]:
    return st.sampled_from(units).flatmap(lambda u: st.builds(Span, st.integers(1, min(400, LARGEST[u])), st.just(u)))


def by_rule(day: date) -> bool:
    """Is it a workday? Asked of the published data alone, without the calendar's tables."""
    year = CN.years.get(day.year)
    if year is None:
        return day.weekday() < 5
    return day in year.workdays or (day.weekday() < 5 and day not in year.holidays)


@given(days)
def test_the_tables_say_what_the_data_says(day: date) -> None:
    assert CN.is_workday(day) == by_rule(day)
    assert CN.is_workday(day) == (CN.day_kind(day).kind in ("workday", "makeup"))


@given(days, st.integers(0, 800))
def test_counting_by_the_tables_is_counting_day_by_day(day: date, length: int) -> None:
    walked = sum(by_rule(day + timedelta(index)) for index in range(1, length + 1))

    assert workdays_between(day, day + timedelta(length), CN) == walked


@given(days, st.integers(1, 60))
def test_adding_workdays_is_walking_day_by_day(day: date, count: int) -> None:
    forward, backward = day, day
    for _ in range(count):
        forward += timedelta(1)
        while not by_rule(forward):
            forward += timedelta(1)
        backward -= timedelta(1)
        while not by_rule(backward):
            backward -= timedelta(1)

    assert (CN.workday_after(day, count), CN.workday_before(day, count)) == (forward, backward)


@given(days, small)
def test_from_a_workday_going_there_and_back_ends_where_it_began(day: date, count: int) -> None:
    begin = CN.roll(day, "next_workday")

    assert CN.workday_before(CN.workday_after(begin, count), count) == begin
    assert CN.workday_after(CN.workday_before(begin, count), count) == begin
    assert workdays_between(begin, CN.workday_after(begin, count), CN) == count


@given(days, days, days)
def test_workdays_between_add_up_and_turn_their_sign(a: date, b: date, c: date) -> None:
    assert workdays_between(a, b, CN) + workdays_between(b, c, CN) == workdays_between(a, c, CN)
    assert workdays_between(a, b, CN) == -workdays_between(b, a, CN)


@given(days, st.sampled_from(ROLLS))
def test_a_rolled_day_stays_where_it_is(day: date, rule: RollRule) -> None:
    rolled = CN.roll(day, rule)

    assert CN.roll(rolled, rule) == rolled
    assert rule == "none" or CN.is_workday(rolled)
    assert (rolled - day).days * {"none": 0, "next_workday": 1, "previous_workday": -1}[rule] >= 0


@given(moments, moments, spans((*WHOLE, "hour", "minute")), st.sampled_from(ROLLS))
def test_who_starts_later_is_never_due_earlier(a: datetime, b: datetime, span: Span, roll: RollRule) -> None:
    first, second = sorted((a, b))

    assert derive(span, first, CN, roll=roll).due_at <= derive(span, second, CN, roll=roll).due_at


@given(moments, spans(("workday", "day", "week", "hour", "minute")), st.sampled_from(("next_day", "same_day")))
def test_a_longer_span_is_due_later(start: datetime, span: Span, start_rule: str) -> None:
    longer = Span(span.amount + 1, span.unit)

    short = derive(span, start, CN, start_rule=start_rule)  # type: ignore[arg-type]
    assert short.due_at < derive(longer, start, CN, start_rule=start_rule).due_at  # type: ignore[arg-type]


@given(moments, spans(("month", "quarter", "year")))
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(start: datetime, span: Span) -> None:
    begin = CN.local_day(start)
    due = derive(span, start, CN).derivation.due_on
    months = span.amount * {"month": 1, "quarter": 3, "year": 12}[span.unit]

    assert (due.year * 12 + due.month) - (begin.year * 12 + begin.month) == months
    assert due.day == begin.day or (due.day < begin.day and (due + timedelta(1)).day == 1)


@given(moments, spans((*WHOLE, "hour")), st.sampled_from(("next_day", "same_day")), st.sampled_from(ROLLS))
def test_a_deadline_is_due_at_the_end_of_the_day_it_names(
    start: datetime, span: Span, start_rule: str, roll: RollRule
) -> None:
    deadline = derive(span, start, CN, start_rule=start_rule, roll=roll)  # type: ignore[arg-type]

    assert CN.local_day(deadline.due_at - timedelta.resolution) == deadline.derivation.due_on
    if not span.exact:
        assert CN.local_day(deadline.due_at) == deadline.derivation.due_on + timedelta(1)


@given(moments, st.integers(1, 60), st.sampled_from(("next_day", "same_day")))
def test_the_explanation_adds_up_to_the_deadline(start: datetime, count: int, start_rule: str) -> None:
    told = derive(Span(count, "workday"), start, CN, start_rule=start_rule).derivation  # type: ignore[arg-type]

    assert len(told.skipped) <= MOST_RANGES
    first = told.start if start_rule == "same_day" else told.start + timedelta(1)
    off = {days.first + timedelta(i) for days in told.skipped for i in range((days.last - days.first).days + 1)}
    worked = {days.first for days in told.worked}
    counted = {first + timedelta(i) for i in range((told.due_on - first).days + 1)} - off
    assert len(counted) == count
    assert worked <= counted
    assert all(day.weekday() < 5 for day in counted - worked)
    assert told.provisional == any(CN.provisional(day) for day in counted | off)
    assert told.calendar == CN.stamps(first, told.due_on)


@given(moments, spans(), st.sampled_from(("before", "after")))
def test_a_rung_lies_on_its_side_of_the_deadline(start: datetime, span: Span, side: str) -> None:
    due_at = derive(Span(3, "workday"), start, CN).due_at

    moment = shift(due_at, Offset(span=span, side=side), CN)  # type: ignore[arg-type]

    assert moment < due_at if side == "before" else moment >= due_at


@given(days, spans(("workday", "day", "week")))
def test_a_day_before_and_the_same_days_after_meet(day: date, span: Span) -> None:
    begin = CN.roll(day, "next_workday")

    assert add_span(add_span(begin, span, -1, CN), span, 1, CN) == begin


@pytest.fixture(scope="module")
def zones() -> dict[str, Calendar]:
    return {key: Calendar("x", ZoneInfo(key), {}) for key in ZONES}


@given(key=st.sampled_from(ZONES), day=days)
def test_days_follow_each_other_without_gap_or_overlap_in_every_zone(
    zones: dict[str, Calendar], key: str, day: date
) -> None:
    calendar = zones[key]
    begin, end = calendar.instant(day), calendar.end_of(day)

    assert calendar.instant(day + timedelta(1)) == end
    if (key, day) == ("Pacific/Apia", date(2011, 12, 30)):  # the day Samoa left out
        return
    assert timedelta(hours=22) <= end - begin <= timedelta(hours=26)
    assert calendar.local_day(begin) == day
    assert calendar.local_day(end - timedelta.resolution) == day


@pytest.mark.nightly
@pytest.mark.parametrize("key", ZONES)
def test_every_day_of_half_a_century_is_whole(key: str) -> None:
    calendar = Calendar("x", ZoneInfo(key), {})
    wrong = []
    day = date(1986, 1, 1)
    while day.year <= 2040:
        begin, end = calendar.instant(day), calendar.end_of(day)
        left_out = (key, day) == ("Pacific/Apia", date(2011, 12, 30))
        if not left_out and (calendar.local_day(begin), calendar.local_day(end - timedelta.resolution)) != (day, day):
            wrong.append(day)
        day += timedelta(1)

    assert wrong == []


@given(st.data(), st.integers(2020, 2030))
def test_any_published_year_is_counted_as_published(data: st.DataObject, year: int) -> None:
    inside = st.dates(date(year, 1, 1), date(year, 12, 31))
    off = data.draw(st.sets(inside, max_size=40))
    worked = {day for day in data.draw(st.sets(inside, max_size=20)) if day.weekday() >= 5 and day not in off}
    published = CalendarYear(
        year=year,
        version=f"x-{year}@1",
        status="official",
        title="",
        source="",
        holidays=dict.fromkeys(off, "h"),
        workdays=dict.fromkeys(worked, "w"),
    )
    calendar = Calendar("x", ZoneInfo("Asia/Shanghai"), {year: published})
    days = [date(year, 1, 1) + timedelta(index) for index in range(365)]

    expected = [day in worked or (day.weekday() < 5 and day not in off) for day in days]
    assert [calendar.is_workday(day) for day in days] == expected
    assert workdays_between(days[0] - timedelta(1), days[-1], calendar) == sum(expected)
    told = calendar.days_off(days[0], days[-1])
    assert sum((run.last - run.first).days + 1 for run in told) == 365 - sum(expected)
