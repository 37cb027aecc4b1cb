"""Points and windows, named day-count rules, office hours, whichever comes first: by example, then by law."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core.calendar import Calendar, RollRule, StartRule
from engine.core.day_counts import CountedBy, DayCount, counts_workdays, in_force
from engine.core.deadlines import Deadline, derive, first_of, named_calendar, opening, rederived, shift
from engine.core.point_days import first_of_period
from engine.core.points import WEEKDAYS, AnyPoint, DayOf, EndOf, NthOf, Period, WeekOf, match_point, parse_point
from engine.core.spans import Span, match_span, parse_span
from engine.core.work_hours import after_work_time, before_work_time, work_time_through
from engine.errors import BadInput
from engine.runtime.calendars import load_calendar

CN = load_calendar(Path(__file__).resolve().parents[2] / "workflows/library/calendars/cn.yaml")
SESSIONS = ((time(9), time(12)), (time(13, 30), time(17, 30)))
PARK = Calendar("park", CN.zone, CN.years, SESSIONS)
BARE = Calendar("cn", CN.zone, {}, SESSIONS)
PENALTY = DayCount(id="penalty", title="x", workdays=(2, 3, 5, 7), basis=("law.1",), since="2021-07-15")
COMPULSION = DayCount(id="compulsion", title="x", up_to=10, basis=("law.2",), since="2012-01-01", until="2030-12-31")
PROCEDURE = DayCount(id="procedure", title="x", roll="next_workday", basis=("law.3",), since="1991-04-09")
PERIODS: tuple[Period, ...] = ("week", "month", "quarter", "half-year", "year")
days = st.dates(date(1984, 1, 1), date(2040, 12, 31))
moments = st.datetimes(datetime(1984, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CN.zone).astimezone(UTC)


def rule(phrase: str) -> Span | AnyPoint:
    return match_span(phrase) or parse_point(phrase)


def due(phrase: str, start: str, *, calendar: Calendar = CN, **how: Any) -> str:
    made = derive(rule(phrase), at(start), calendar, **how)
    assert rederived(made, calendar) == made
    local = (made.due_at - timedelta.resolution).astimezone(CN.zone)
    return f"{local:%Y-%m-%d}" if local.time() == time.max else f"{made.due_at.astimezone(CN.zone):%Y-%m-%d %H:%M}"


# points ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "start", "last"),
    [
        ("end of week", "2026-09-30T10:00", "2026-10-04"),
        ("end of week", "2026-10-04T10:00", "2026-10-04"),
        ("end of half-year", "2026-03-01T10:00", "2026-06-30"),
        ("end of half-year", "2026-09-30T10:00", "2026-12-31"),
        ("end of next month", "2026-01-31T10:00", "2026-02-28"),
        ("end of year", "2026-12-31T23:00", "2026-12-31"),  # C22: the day itself still counts
        ("12-31 of year 17:00", "2026-01-01T00:00", "2026-12-31 17:00"),
        ("01-31 of next year", "2026-12-31T23:59", "2027-01-31"),
        ("02-29 of next year", "2026-05-01T10:00", "2027-02-28"),
        ("day 15 of month", "2026-09-02T10:00", "2026-09-15"),
        ("day 15 of month", "2026-09-20T10:00", "2026-09-15"),  # of this month, though it has passed
        ("day 31 of month", "2026-09-02T10:00", "2026-09-30"),
        ("day 15 of next quarter", "2026-09-30T10:00", "2026-10-15"),
        ("workday 1 of next month", "2026-09-30T10:00", "2026-10-08"),
        ("workday 3 of next month", "2026-09-30T10:00", "2026-10-10"),  # a Saturday on which people work
        ("workday 31 of month", "2026-09-02T10:00", "2026-09-30"),
        ("workday 1 of year", "2026-05-02T10:00", "2026-01-04"),
        ("first workday of next quarter", "2026-09-30T10:00", "2026-10-08"),
        ("last workday of month", "2026-10-12T10:00", "2026-10-30"),
        ("last workday of week 17:30", "2026-09-29T10:00", "2026-09-30 17:30"),
        ("last monday of month", "2026-09-02T10:00", "2026-09-28"),
        ("first monday of next month", "2026-09-02T10:00", "2026-10-05"),
        ("second friday of next month", "2026-09-02T10:00", "2026-10-09"),
        ("fourth sunday of quarter", "2026-09-02T10:00", "2026-07-26"),
        ("last week of quarter", "2026-09-02T10:00", "2026-09-30"),
        ("first week of next month", "2026-09-02T10:00", "2026-10-07"),
    ],
)
def test_a_point_of_a_period_names_a_day_of_it(phrase: str, start: str, last: str) -> None:
    assert due(phrase, start) == last


def test_a_day_after_which_only_days_off_follow_rolls_where_the_rule_says_so() -> None:
    assert due("day 3 of next month", "2026-09-30T10:00", roll="next_workday") == "2026-10-08"
    assert due("day 3 of next month", "2026-09-30T10:00", roll="previous_workday") == "2026-09-30"


def test_the_last_week_of_a_quarter_is_a_window_of_its_last_seven_days() -> None:
    made = derive(parse_point("last week of quarter"), at("2026-09-02T10:00"), CN)

    assert (made.opens_at, made.due_at) == (at("2026-09-24T00:00"), at("2026-10-01T00:00"))


def test_a_deadline_becomes_a_window_that_opens_workdays_before_it() -> None:
    made = opening(derive(parse_point("2026-10-12"), at("2026-09-01T10:00"), CN), "15 workdays before", CN)

    assert made.opens_at == at("2026-09-15T00:00")
    assert (made.derivation.opens, made.derivation.calendar) == ("15 workdays before", ("cn-2026@1",))
    assert rederived(made, CN) == made
    assert rederived(made, BARE).opens_at == at("2026-09-21T00:00")  # by weekdays alone


@given(st.sampled_from(PERIODS), st.booleans(), days)
def test_a_period_contains_the_day_it_is_of_and_every_day_it_names(period: Period, following: bool, day: date) -> None:
    start = CN.instant(day)
    end = derive(EndOf(period=period, next=following), start, CN).derivation.due_on
    begin = first_of_period(end, period)

    assert begin <= end < first_of_period(end + timedelta(1), period)
    assert (begin <= day) if not following else (first_of_period(begin - timedelta(1), period) <= day < begin)
    if period != "week":
        first = DayOf(number=1, period=period, next=following)
        assert derive(first, start, CN).derivation.due_on == begin
        week = derive(WeekOf(which="last", period=period, next=following), start, CN)
        assert (week.derivation.due_on, week.opens_at) == (end, CN.instant(end - timedelta(6)))


@given(st.sampled_from(WEEKDAYS), st.sampled_from(PERIODS[1:]), st.booleans(), days)
def test_ordinals_of_a_weekday_are_a_week_apart_and_the_last_has_none_after_it(
    name: str, period: Period, following: bool, day: date
) -> None:
    def nth(which: str) -> date:
        point = NthOf(which=which, name=name, period=period, next=following)  # type: ignore[arg-type]
        return derive(point, CN.instant(day), CN).derivation.due_on

    first, last = nth("first"), nth("last")
    assert [nth(which) for which in ("second", "third", "fourth")] == [first + timedelta(7 * n) for n in (1, 2, 3)]
    assert {one.weekday() for one in (first, last)} == {WEEKDAYS.index(name)}
    assert first_of_period(first - timedelta(7), period) != first_of_period(first, period)
    assert first_of_period(last + timedelta(7), period) != first_of_period(last, period)


@given(st.integers(1, 30), st.booleans(), days)
def test_the_nth_workday_of_a_month_is_found_by_walking(number: int, following: bool, day: date) -> None:
    point = DayOf(unit="workday", number=number, period="month", next=following)
    end = derive(EndOf(period="month", next=following), CN.instant(day), CN).derivation.due_on
    walked = [one for n in range(1, end.day + 1) if CN.is_workday(one := end.replace(day=n))]

    assert derive(point, CN.instant(day), CN).derivation.due_on == walked[min(number, len(walked)) - 1]


# day-count rules -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "count", "last"),
    [
        ("7 days", PENALTY, "2026-10-13"),
        ("7 days", None, "2026-10-05"),
        ("6 days", PENALTY, "2026-10-04"),
        ("15 days", PENALTY, "2026-10-13"),
        ("10 days", COMPULSION, "2026-10-16"),
        ("11 days", COMPULSION, "2026-10-09"),
        ("6 days", PROCEDURE, "2026-10-08"),
        ("1 month", PROCEDURE, "2026-10-28"),
        ("1 week", PENALTY, "2026-10-05"),  # the law says days
        ("day 3 of next month", PROCEDURE, "2026-10-08"),
        ("24 hours", PENALTY, "2026-09-29 10:00"),
    ],
)
def test_a_law_reads_days_as_it_says(phrase: str, count: DayCount | None, last: str) -> None:
    assert due(phrase, "2026-09-28T10:00", count=count) == last


def test_a_derivation_keeps_the_rule_that_read_it_and_is_what_workdays_would_give() -> None:
    start = at("2026-09-28T10:00")
    read = derive(parse_span("7 days"), start, CN, basis=("plan.1",), count=PENALTY)
    plain = derive(parse_span("7 workdays"), start, CN, basis=("plan.1",))

    assert read.derivation.counted == CountedBy(rule="penalty", read_as="7 workdays", basis=("law.1",))
    assert read == replace(plain, derivation=replace(plain.derivation, rule="7 days", counted=read.derivation.counted))


@pytest.mark.parametrize(("start", "last"), [("2021-07-14T10:00", "2021-07-21"), ("2021-07-15T10:00", "2021-07-26")])
def test_a_rule_counts_from_the_day_on_which_it_came_into_force(start: str, last: str) -> None:
    assert due("7 days", start, count=PENALTY) == last


def test_a_rule_that_was_not_in_force_is_named_as_such() -> None:
    told = derive(parse_span("7 days"), at("2031-01-02T10:00"), CN, count=COMPULSION).derivation

    assert told.counted == CountedBy(rule="compulsion", basis=("law.2",), not_in_force=True)


@given(
    st.sampled_from((PENALTY, COMPULSION, PROCEDURE)),
    st.integers(1, 40),
    moments,
    st.sampled_from(("next_day", "same_day")),
)
def test_a_rule_counts_workdays_or_leaves_the_span_as_it_stands(
    count: DayCount, amount: int, start: datetime, start_rule: StartRule
) -> None:
    span, force = Span(amount, "day"), in_force(count, CN.local_day(start))
    read = Span(amount, "workday") if force and counts_workdays(count, span) else span

    made = derive(span, start, CN, start_rule=start_rule, count=count)

    roll = count.roll if force and count.roll else "none"
    assert made.due_at == derive(read, start, CN, start_rule=start_rule, roll=roll).due_at
    assert rederived(made, CN) == made


# office hours ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "start", "last"),
    [
        ("2 work hours", "2026-09-28T09:00", "2026-09-28 11:00"),
        ("4 work hours", "2026-09-28T16:30", "2026-09-29 12:00"),
        ("1 work hour", "2026-09-28T12:15", "2026-09-28 14:30"),  # the break does not count
        ("1 work hour", "2026-09-28T16:30", "2026-09-28 17:30"),  # at the close, not the next morning
        ("1 work hour", "2026-09-30T17:30", "2026-10-08 10:00"),
        ("14 work hours", "2026-10-09T09:00", "2026-10-10 17:30"),  # a Saturday on which people work
        ("7 work hours", "2026-10-11T20:00", "2026-10-12 17:30"),
    ],
)
def test_work_hours_run_over_office_hours_only(phrase: str, start: str, last: str) -> None:
    assert due(phrase, start, calendar=PARK) == last


def test_a_derivation_of_work_hours_says_which_hours_and_days_it_asked() -> None:
    told = derive(parse_span("4 work hours"), at("2026-09-30T16:30"), PARK).derivation

    assert (told.hours, told.due_on) == (("09:00-12:00", "13:30-17:30"), date(2026, 10, 8))
    assert told.calendar == ("cn-2026@1",)
    assert [(days.first.day, days.last.day, days.kind) for days in told.skipped] == [(1, 7, "holiday")]


def test_a_calendar_without_office_hours_cannot_count_them() -> None:
    with pytest.raises(BadInput) as refused:
        derive(parse_span("4 work hours"), at("2026-09-30T16:30"), CN)

    assert refused.value.code == "calendar_without_hours"


def test_a_rung_may_lie_work_hours_before_a_deadline() -> None:
    due_at = derive(parse_span("2 workdays"), at("2026-09-30T10:00"), PARK).due_at

    assert shift(due_at, parse_point("8 work hours before"), PARK) == at("2026-10-08T16:30")


lengths = st.integers(1, 4_000_000).map(lambda seconds: timedelta(seconds=seconds))


def walked(first: datetime, last: datetime) -> timedelta:
    """Office time between two instants, session by session."""
    total, day = timedelta(), PARK.local_day(first)
    while day <= PARK.local_day(last):
        for begin, end in SESSIONS if PARK.is_workday(day) else ():
            total += max(min(PARK.instant(day, end), last) - max(PARK.instant(day, begin), first), timedelta())
        day += timedelta(1)
    return total


# No office is open at an hour at which a clock has ever been put on or back.
@given(moments, lengths)
def test_office_time_after_an_instant_is_as_long_as_it_says(start: datetime, length: timedelta) -> None:
    end = after_work_time(start, length, PARK)

    assert work_time_through(end, PARK) - work_time_through(start, PARK) == length == walked(start, end)
    assert walked(start, end - timedelta(microseconds=1)) < length  # the first such instant


@given(moments, lengths)
def test_office_time_before_an_instant_is_as_long_as_it_says(end: datetime, length: timedelta) -> None:
    start = before_work_time(end, length, PARK)

    assert work_time_through(end, PARK) - work_time_through(start, PARK) == length == walked(start, end)
    assert walked(start + timedelta(microseconds=1), end) < length  # the last such instant


# whichever comes first -------------------------------------------------------------------------------------------


def made(*phrases: str, start: str = "2026-09-28T10:00") -> list[Deadline]:
    return [derive(rule(phrase), at(start), CN) for phrase in phrases]


def test_whichever_comes_first_counts_and_all_are_kept() -> None:
    candidates = made("15 days", "2026-11-30", "end of quarter")
    first = first_of(candidates)

    assert (first.due_at, first.derivation.rule) == (candidates[2].due_at, "end of quarter")
    assert first.derivation.whichever == tuple(candidates)
    assert rederived(first, CN) == first


def test_of_two_that_fall_together_the_one_written_first_counts() -> None:
    first = first_of(made("2 days", "2026-09-30", "1 month"))

    assert (first.derivation.rule, first.derivation.due_on) == ("2 days", date(2026, 9, 30))


def test_another_calendar_may_change_who_comes_first() -> None:
    first = first_of(made("5 workdays", "2026-10-08"))
    again = rederived(first, BARE)

    assert (first.derivation.rule, again.derivation.rule) == ("2026-10-08", "5 workdays")
    assert rederived(again, CN) == first


def test_what_names_another_calendar_is_left_alone() -> None:
    own = named_calendar(derive(parse_span("3 workdays"), at("2026-09-30T10:00"), PARK), "park")

    assert rederived(own, BARE) == own
    assert rederived(own, PARK) == own
    first = first_of([own, *made("20 days", start="2026-09-30T10:00")])
    assert rederived(first, BARE) == first


phrases = st.sampled_from(
    (
        *("3 days", "7 days", "10 workdays", "2 weeks", "1 month", "1 half-year", "24 hours", "5 work hours", "start"),
        *("end of quarter", "workday 5 of next month", "last workday of month 17:30", "last week of next quarter"),
        *("thursday 17:00", "monday", "01-31 of next year", "first friday of next month", "2 days after start"),
    )
)
ROLLS: tuple[RollRule, ...] = ("none", "next_workday", "previous_workday")
rolls = st.sampled_from(ROLLS)
counts = st.sampled_from((None, PENALTY, COMPULSION, PROCEDURE))
opens = st.sampled_from(("", "", "3 workdays before", "5 days before 09:00", "4 work hours before"))
PARK_AS_CN = Calendar("cn", CN.zone, CN.years, SESSIONS)


@st.composite
def deadlines(draw: st.DrawFn) -> Deadline:
    start = draw(moments)
    found = [
        derive(
            rule(phrase),
            start,
            PARK_AS_CN,
            start_rule=draw(st.sampled_from(("next_day", "same_day"))),
            roll=draw(rolls),
            count=draw(counts),
            basis=draw(st.sampled_from(((), ("plan.1",)))),
        )
        for phrase in draw(st.lists(phrases, min_size=1, max_size=3))
    ]
    return opening(first_of(found), draw(opens), PARK_AS_CN)


@given(deadlines())
def test_every_deadline_is_worked_out_again_from_its_own_data(deadline: Deadline) -> None:
    assert rederived(deadline, PARK_AS_CN) == deadline
    assert rederived(rederived(deadline, BARE), PARK_AS_CN) == deadline


@given(deadlines())
def test_a_window_opens_before_it_ends(deadline: Deadline) -> None:
    assert deadline.opens_at is None or deadline.opens_at < deadline.due_at


@given(st.text(max_size=40))
def test_no_text_is_both_a_span_and_a_point(text: str) -> None:
    assert match_span(text) is None or match_point(text) is None
