"""Deadlines of the hazard procedure and their explanations, by example."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from engine.core.calendar import Calendar, DayRange
from engine.core.deadlines import (
    Deadline,
    Derivation,
    derive,
    due_day,
    rederived,
    shift,
    workdays_between,
    workdays_left,
)
from engine.core.points import parse_point
from engine.core.spans import parse_span
from engine.errors import BadInput, Broken, DefinitionError
from engine.runtime.calendars import load_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
NATIONAL_DAY_2026 = DayRange(date(2026, 10, 1), date(2026, 10, 7), "holiday", "国庆节")


@pytest.fixture(scope="module")
def cn(root: Path) -> Calendar:
    return load_calendar(root / "workflows/library/calendars/cn.yaml")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def end_of(text: str) -> datetime:
    return (at(text) + timedelta(1)).astimezone(UTC)


EVE_OF_NATIONAL_DAY = at("2026-09-30T10:00")  # a Wednesday


def test_two_workdays_from_the_eve_of_national_day_end_on_the_ninth(cn: Calendar) -> None:
    deadline = derive(parse_span("2 workdays"), EVE_OF_NATIONAL_DAY, cn, basis=("jizhou.2.5.11",))

    assert deadline == Deadline(
        due_at=datetime(2026, 10, 9, 16, tzinfo=UTC),
        derivation=Derivation(
            rule="2 workdays",
            start=date(2026, 9, 30),
            start_rule="next_day",
            roll="none",
            calendar=("cn-2026@1",),
            skipped=(NATIONAL_DAY_2026,),
            due_on=date(2026, 10, 9),
            basis=("jizhou.2.5.11",),
        ),
    )


def test_rungs_before_the_report_lie_in_the_past_and_later_ones_fire_as_their_day_begins(cn: Calendar) -> None:
    due_at = derive(parse_span("2 workdays"), EVE_OF_NATIONAL_DAY, cn).due_at
    rungs = ("3 workdays before", "deadline", "3 workdays after", "7 workdays after", "3 workdays after 09:00")

    moments = {rung: shift(due_at, parse_point(rung), cn) for rung in rungs}

    assert moments == {
        "3 workdays before": at("2026-09-29"),  # 10-08, 09-30, 09-29
        "deadline": at("2026-10-10"),
        "3 workdays after": at("2026-10-13"),  # Saturday 10-10 is worked, 10-12, 10-13
        "7 workdays after": at("2026-10-19"),
        "3 workdays after 09:00": at("2026-10-13T09:00"),
    }
    fired = [rung for rung, moment in moments.items() if EVE_OF_NATIONAL_DAY < moment <= at("2026-10-15")]
    assert fired == ["deadline", "3 workdays after", "3 workdays after 09:00"]


def test_make_up_saturdays_count_and_are_told(cn: Calendar) -> None:
    deadline = derive(parse_span("4 workdays"), EVE_OF_NATIONAL_DAY, cn)

    assert deadline.due_at == end_of("2026-10-12")
    assert deadline.derivation.worked == (DayRange(date(2026, 10, 10), date(2026, 10, 10), "makeup", "国庆节"),)
    assert deadline.derivation.skipped == (
        NATIONAL_DAY_2026,
        DayRange(date(2026, 10, 11), date(2026, 10, 11), "weekend"),
    )


def test_before_spring_festival_three_workdays_reach_past_it(cn: Calendar) -> None:
    deadline = derive(parse_span("3 workdays"), at("2026-02-13T16:00"), cn)

    assert deadline.due_at == end_of("2026-02-25")  # 02-14 is worked, 02-24, 02-25


@pytest.mark.parametrize(
    ("rule", "start", "start_rule", "roll", "due"),
    [
        ("10 days", "2026-09-30T10:00", "next_day", "none", "2026-10-10"),
        ("10 days", "2026-09-30T10:00", "same_day", "none", "2026-10-09"),
        ("2 weeks", "2026-09-30T23:59", "next_day", "none", "2026-10-14"),
        ("3 days", "2026-09-30T10:00", "next_day", "none", "2026-10-03"),
        ("3 days", "2026-09-30T10:00", "next_day", "next_workday", "2026-10-08"),
        ("3 days", "2026-09-30T10:00", "next_day", "previous_workday", "2026-09-30"),
        ("1 workday", "2026-10-08T00:00", "same_day", "none", "2026-10-08"),
        ("1 workday", "2026-10-03T12:00", "same_day", "none", "2026-10-08"),
        ("1 workday", "2026-10-03T12:00", "next_day", "none", "2026-10-08"),
        ("1 month", "2025-01-31T10:00", "next_day", "none", "2025-02-28"),
        ("1 month", "2024-01-31T10:00", "next_day", "none", "2024-02-29"),
        ("1 month", "2025-01-31T10:00", "same_day", "none", "2025-02-28"),
        ("1 month", "2025-01-01T10:00", "same_day", "none", "2025-01-31"),
        ("1 month", "2025-02-28T10:00", "next_day", "none", "2025-03-28"),
        ("1 quarter", "2025-11-30T10:00", "next_day", "none", "2026-02-28"),
        ("1 year", "2024-02-29T10:00", "next_day", "none", "2025-02-28"),
        ("1 year", "2025-10-01T10:00", "next_day", "next_workday", "2026-10-08"),
    ],
)
def test_spans_end_with_their_last_day(
    cn: Calendar, rule: str, start: str, start_rule: str, roll: str, due: str
) -> None:
    deadline = derive(parse_span(rule), at(start), cn, start_rule=start_rule, roll=roll)  # type: ignore[arg-type]

    assert deadline.due_at == end_of(due)
    assert (deadline.derivation.due_on, deadline.derivation.rule) == (date.fromisoformat(due), rule)


@pytest.mark.parametrize(
    ("rule", "start", "start_rule", "due_at"),
    [
        ("end of month", "2026-09-30T10:00", "next_day", "2026-10-01T00:00"),
        ("end of quarter", "2026-07-01T00:00", "next_day", "2026-10-01T00:00"),
        ("end of quarter", "2026-11-30T10:00", "next_day", "2027-01-01T00:00"),
        ("end of year", "2026-01-01T00:00", "next_day", "2027-01-01T00:00"),
        ("end of year 17:00", "2026-12-31T18:00", "next_day", "2026-12-31T17:00"),
        ("day 15 of next month", "2026-12-31T10:00", "next_day", "2027-01-16T00:00"),
        ("day 31 of next month", "2026-01-05T10:00", "next_day", "2026-03-01T00:00"),
        ("day 15 of next quarter", "2026-08-20T10:00", "next_day", "2026-10-16T00:00"),
        ("day 92 of next quarter", "2026-11-20T10:00", "next_day", "2027-04-01T00:00"),
        ("day 5 of next year", "2026-08-20T10:00", "next_day", "2027-01-06T00:00"),
        ("thursday", "2026-10-12T10:00", "next_day", "2026-10-16T00:00"),
        ("thursday", "2026-10-15T10:00", "next_day", "2026-10-23T00:00"),
        ("thursday", "2026-10-15T10:00", "same_day", "2026-10-16T00:00"),
        ("thursday 17:00", "2026-10-15T16:59", "same_day", "2026-10-15T17:00"),
        ("thursday 17:00", "2026-10-15T17:00", "same_day", "2026-10-22T17:00"),
        ("2026-10-12", "2026-09-30T10:00", "next_day", "2026-10-13T00:00"),
        ("2026-10-12 17:00", "2026-09-30T10:00", "next_day", "2026-10-12T17:00"),
        ("start", "2026-09-30T10:00", "next_day", "2026-09-30T10:00"),
        ("2 days after start", "2026-09-30T10:00", "next_day", "2026-10-03T00:00"),
        ("2 workdays after start 12:00", "2026-09-30T10:00", "next_day", "2026-10-09T12:00"),
        ("24 hours after start", "2026-09-30T10:00", "next_day", "2026-10-01T10:00"),
    ],
)
def test_points_name_their_moment(cn: Calendar, rule: str, start: str, start_rule: str, due_at: str) -> None:
    deadline = derive(parse_point(rule), at(start), cn, start_rule=start_rule)  # type: ignore[arg-type]

    assert deadline.due_at == at(due_at)
    assert deadline.due_at.tzinfo is UTC


def test_a_weekly_thursday_on_a_holiday_rolls_and_remembers_where_it_stood(cn: Calendar) -> None:
    deadline = derive(parse_point("thursday 17:00"), at("2026-09-28T09:00"), cn, roll="next_workday")

    assert deadline == Deadline(
        due_at=at("2026-10-08T17:00").astimezone(UTC),
        derivation=Derivation(
            rule="thursday 17:00",
            start=date(2026, 9, 28),
            start_rule="next_day",
            roll="next_workday",
            calendar=("cn-2026@1",),
            skipped=(NATIONAL_DAY_2026,),
            due_on=date(2026, 10, 8),
            rolled_from=date(2026, 10, 1),
        ),
    )


def test_hours_run_through_holidays_to_the_minute(cn: Calendar) -> None:
    start = at("2026-09-30T10:07")

    assert derive(parse_span("24 hours"), start, cn, roll="next_workday") == Deadline(
        due_at=datetime(2026, 10, 1, 2, 7, tzinfo=UTC),
        derivation=Derivation(
            rule="24 hours",
            start=date(2026, 9, 30),
            start_at=start.astimezone(UTC),
            start_rule="none",
            roll="none",
            due_on=date(2026, 10, 1),
        ),
    )


def test_hours_are_hours_when_the_clocks_change(cn: Calendar) -> None:
    assert derive(parse_span("24 hours"), at("1986-05-03T12:00"), cn).due_at == at("1986-05-04T13:00")
    assert derive(parse_span("1 day"), at("1986-05-03T12:00"), cn).due_at == datetime(1986, 5, 4, 15, tzinfo=UTC)


def test_a_deadline_that_reaches_into_an_unpublished_year_is_provisional(cn: Calendar) -> None:
    into_2027 = derive(parse_span("3 workdays"), at("2026-12-30T10:00"), cn).derivation
    by_the_days = derive(parse_span("10 days"), at("2026-12-30T10:00"), cn).derivation
    rolled = derive(parse_span("3 days"), at("2026-12-30T10:00"), cn, roll="next_workday").derivation

    assert (into_2027.provisional, into_2027.calendar) == (True, ("cn-2026@1", "cn-2027@weekday"))
    assert (by_the_days.provisional, by_the_days.calendar) == (False, ())  # no calendar had a say
    assert (rolled.provisional, rolled.calendar) == (True, ("cn-2027@weekday",))


def test_a_deadline_of_years_names_its_holidays_only(cn: Calendar) -> None:
    derivation = derive(parse_span("700 workdays"), at("2024-01-02T10:00"), cn).derivation

    assert {days.kind for days in derivation.skipped} == {"holiday"}
    assert len(msgspec.json.encode(derivation)) < 4000


@pytest.mark.parametrize("rule", ["2 workdays", "24 hours", "4 workdays", "700 workdays"])
def test_a_deadline_survives_json(cn: Calendar, rule: str) -> None:
    deadline = derive(parse_span(rule), EVE_OF_NATIONAL_DAY, cn, basis=("a", "b"))

    assert msgspec.json.decode(msgspec.json.encode(deadline), type=Deadline) == deadline


def test_a_point_before_the_deadline_cannot_set_one(cn: Calendar) -> None:
    for phrase in ("3 workdays before", "3 workdays after", "deadline"):
        with pytest.raises(DefinitionError) as refused:
            derive(parse_point(phrase), EVE_OF_NATIONAL_DAY, cn)
        assert (refused.value.code, refused.value.got) == ("point_needs_deadline", phrase)


def test_a_rung_stands_before_or_after_a_deadline(cn: Calendar) -> None:
    with pytest.raises(DefinitionError) as refused:
        shift(EVE_OF_NATIONAL_DAY, parse_point("end of quarter"), cn)
    assert refused.value.code == "point_is_no_rung"

    with pytest.raises(Broken):
        shift(EVE_OF_NATIONAL_DAY, parse_point("2 days after start"), cn)


@pytest.mark.parametrize(
    ("rung", "moment"),
    [
        ("1 day before", "2026-10-08T00:00"),
        ("1 day after", "2026-10-10T00:00"),
        ("1 month after", "2026-11-09T00:00"),
        ("1 month before", "2026-09-09T00:00"),
        ("2 hours before", "2026-10-09T22:00"),
        ("30 minutes after", "2026-10-10T00:30"),
        ("2 days after start", "2026-10-02T00:00"),
        ("2 hours after start", "2026-09-30T12:00"),
        ("start", "2026-09-30T10:00"),
    ],
)
def test_rungs_in_every_unit(cn: Calendar, rung: str, moment: str) -> None:
    due_at = at("2026-10-10T00:00")  # the end of the ninth

    assert shift(due_at, parse_point(rung), cn, start=EVE_OF_NATIONAL_DAY) == at(moment)


def test_local_midnight_belongs_to_the_day_it_ends(cn: Calendar) -> None:
    assert due_day(at("2026-10-10T00:00"), cn) == date(2026, 10, 9)
    assert due_day(at("2026-10-10T00:01"), cn) == date(2026, 10, 10)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-09-30T10:00", 2),
        ("2026-10-05T10:00", 2),
        ("2026-10-08T10:00", 1),
        ("2026-10-09T23:59", 0),
        ("2026-10-10T08:00", -1),
        ("2026-10-11T08:00", -1),
        ("2026-10-13T09:02", -3),
    ],
)
def test_remaining_and_overdue_days_are_workdays(cn: Calendar, now: str, left: int) -> None:
    assert workdays_left(at(now), at("2026-10-10T00:00"), cn) == left


def test_workdays_between_count_the_last_day_and_not_the_first(cn: Calendar) -> None:
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 9), cn) == 2
    assert workdays_between(date(2026, 10, 9), date(2026, 9, 30), cn) == -2
    assert workdays_between(date(2026, 10, 1), date(2026, 10, 7), cn) == 0


def test_a_deadline_in_another_age_is_refused(cn: Calendar) -> None:
    with pytest.raises(BadInput):
        derive(parse_point("9999-12-31"), EVE_OF_NATIONAL_DAY, cn)
    with pytest.raises(BadInput):
        derive(parse_span("10 years"), at("2145-01-01T00:00"), cn)
    with pytest.raises(BadInput):
        derive(parse_span("2 workdays"), at("2149-12-31T00:00"), cn)


@pytest.mark.parametrize("rule", ["3 workdays", "10 days", "24 hours", "end of quarter", "2026-10-01", "start"])
def test_a_deadline_is_worked_out_again_from_its_own_derivation(cn: Calendar, rule: str):
    parsed = parse_span(rule) if rule[0].isdigit() and "-" not in rule else parse_point(rule)
    deadline = derive(parsed, EVE_OF_NATIONAL_DAY, cn, roll="next_workday", basis=("a",))

    assert rederived(deadline, cn) == deadline


def test_a_deadline_moves_with_the_calendar_it_was_counted_by(cn: Calendar):
    plain = Calendar("cn", cn.zone, {})
    deadline = derive(parse_span("2 workdays"), EVE_OF_NATIONAL_DAY, plain, basis=("a",))

    assert rederived(deadline, cn) == derive(parse_span("2 workdays"), EVE_OF_NATIONAL_DAY, cn, basis=("a",))
    assert rederived(rederived(deadline, cn), plain) == deadline
