"""Rhythms as plans write them: which period, due when, from when on, about what."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.calendarinterval import CalendarIntervalTrigger
from apscheduler.triggers.cron import CronTrigger

from engine.core.calendar import Calendar, DayRange
from engine.core.deadlines import Deadline, Derivation
from engine.core.recurrence import Rhythm, Window, next_window, parse_key, rolling_window, window_at, windows_between
from engine.core.recurrence_checks import check_rhythm
from engine.errors import BadInput, Broken, DefinitionError, Place
from engine.runtime.calendars import load_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def cn(root: Path) -> Calendar:
    return load_calendar(root / "workflows/library/calendars/cn.yaml")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def at(rhythm: Rhythm, day: str, calendar: Calendar) -> Window:
    window = window_at(rhythm, date.fromisoformat(day), calendar)
    assert window is not None
    return window


def when(window: Window) -> tuple[str, str, str]:
    """Key, opening and deadline as the district's clocks show them."""
    return (
        window.key,
        f"{window.opens_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        f"{window.deadline.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    )


def test_a_weekly_report_falls_on_a_holiday_and_is_due_on_the_first_workday_after(cn: Calendar) -> None:
    weekly = Rhythm(period="week", due="thursday 17:00", holiday="next_workday")

    window = at(weekly, "2026-10-02", cn)

    assert window == Window(
        key="2026-W40",
        first=date(2026, 9, 28),
        last=date(2026, 10, 4),
        opens_at=local("2026-09-28"),
        deadline=Deadline(
            due_at=local("2026-10-08 17:00"),
            derivation=Derivation(
                rule="thursday 17:00",
                start=date(2026, 9, 28),
                start_at=local("2026-09-28"),
                start_rule="same_day",
                roll="next_workday",
                calendar=("cn-2026@1",),
                skipped=(DayRange(date(2026, 10, 1), date(2026, 10, 7), "holiday", "国庆节"),),
                due_on=date(2026, 10, 8),
                rolled_from=date(2026, 10, 1),
            ),
        ),
        about=(date(2026, 9, 28), date(2026, 10, 4)),
    )


def test_last_quarters_matters_are_reported_in_the_last_week_of_this_quarter(cn: Calendar) -> None:
    report = Rhythm(period="quarter", due="last week of quarter", covers="previous")

    window = at(report, "2026-11-22", cn)

    assert when(window) == ("2026-Q4", "2026-12-25 00:00", "2027-01-01 00:00")
    assert window.about == (date(2026, 7, 1), date(2026, 9, 30))
    assert at(Rhythm(period="quarter"), "2026-11-22", cn).about == (date(2026, 10, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("period", "due", "opens", "day", "told"),
    [
        ("day", "", "", "2026-10-03", ("2026-10-03", "2026-10-03 00:00", "2026-10-04 00:00")),
        ("day", "18:00", "08:00", "2026-10-03", ("2026-10-03", "2026-10-03 08:00", "2026-10-03 18:00")),
        ("workday", "17:30", "", "2026-10-10", ("2026-10-10", "2026-10-10 00:00", "2026-10-10 17:30")),
        ("workday", "1 workday after", "", "2026-09-30", ("2026-09-30", "2026-09-30 00:00", "2026-10-09 00:00")),
        ("week", "", "", "2026-12-31", ("2026-W53", "2026-12-28 00:00", "2027-01-04 00:00")),
        ("week", "", "", "2027-01-03", ("2026-W53", "2026-12-28 00:00", "2027-01-04 00:00")),
        ("week", "", "", "2024-12-30", ("2025-W01", "2024-12-30 00:00", "2025-01-06 00:00")),
        ("week", "monday", "", "2026-11-22", ("2026-W47", "2026-11-16 00:00", "2026-11-17 00:00")),
        ("week", "sunday", "1 day", "2026-11-22", ("2026-W47", "2026-11-21 00:00", "2026-11-23 00:00")),
        ("month", "", "", "2026-02-14", ("2026-02", "2026-02-01 00:00", "2026-03-01 00:00")),
        ("month", "day 5 of next month", "", "2026-12-09", ("2026-12", "2026-12-01 00:00", "2027-01-06 00:00")),
        ("month", "day 31 of month", "", "2026-02-01", ("2026-02", "2026-02-01 00:00", "2026-03-01 00:00")),
        ("month", "workday 3 of month", "", "2026-10-31", ("2026-10", "2026-10-01 00:00", "2026-10-11 00:00")),
        ("month", "5 workdays after start", "", "2026-10-31", ("2026-10", "2026-10-01 00:00", "2026-10-14 00:00")),
        ("month", "", "day 25 of month", "2026-10-31", ("2026-10", "2026-10-25 00:00", "2026-11-01 00:00")),
        ("month", "thursday", "", "2026-11-30", ("2026-11", "2026-11-01 00:00", "2026-11-06 00:00")),
        ("quarter", "day 5 of next month", "", "2026-07-01", ("2026-Q3", "2026-07-01 00:00", "2026-10-06 00:00")),
        ("quarter", "10 days after", "7 days", "2026-12-31", ("2026-Q4", "2027-01-03 00:00", "2027-01-11 00:00")),
        ("quarter", "5 workdays before 17:00", "", "2026-09-01", ("2026-Q3", "2026-07-01 00:00", "2026-09-22 17:00")),
        ("quarter", "5 days before", "", "2026-12-31", ("2026-Q4", "2026-10-01 00:00", "2026-12-27 00:00")),
        ("quarter", "", "last week of quarter", "2026-05-01", ("2026-Q2", "2026-06-24 00:00", "2026-07-01 00:00")),
        ("half-year", "", "1 month", "2026-07-01", ("2026-H2", "2026-11-30 00:00", "2027-01-01 00:00")),
        ("half-year", "day 15 of next month", "", "2026-06-30", ("2026-H1", "2026-01-01 00:00", "2026-07-16 00:00")),
        ("year", "03-31 of year 12:00", "", "2026-11-22", ("2026", "2026-01-01 00:00", "2026-03-31 12:00")),
        ("year", "02-29 of year", "", "2026-11-22", ("2026", "2026-01-01 00:00", "2026-03-01 00:00")),
        ("year", "01-31 of next year", "3 days before", "2026-11-22", ("2026", "2027-01-28 00:00", "2027-02-01 00:00")),
    ],
)  # fmt: skip
def test_a_period_opens_and_is_due_as_its_rhythm_says(
    cn: Calendar, period: str, due: str, opens: str, day: str, told: tuple[str, str, str]
) -> None:
    rhythm = Rhythm(period=period, due=due, opens=opens)  # type: ignore[arg-type]
    check_rhythm(rhythm)

    assert when(at(rhythm, day, cn)) == told


def test_a_workday_rhythm_has_no_window_on_a_day_off_and_one_on_a_make_up_saturday(cn: Calendar) -> None:
    daily = Rhythm(period="workday")

    keys = [window.key for window in windows_between(daily, date(2026, 9, 30), date(2026, 10, 12), cn)]

    assert keys == ["2026-09-30", "2026-10-08", "2026-10-09", "2026-10-10", "2026-10-12"]
    assert window_at(daily, date(2026, 10, 1), cn) is None
    assert next_window(daily, at(daily, "2026-09-30", cn), cn).key == "2026-10-08"


def test_a_week_of_holidays_alone_that_is_due_before_them_opens_on_the_workday_before(cn: Calendar) -> None:
    early = Rhythm(period="week", due="thursday", holiday="previous_workday")

    assert when(at(early, "2026-02-19", cn)) == ("2026-W08", "2026-02-14 00:00", "2026-02-15 00:00")


def test_a_saturday_that_is_due_on_friday_opens_with_friday(cn: Calendar) -> None:
    daily = Rhythm(period="day", due="17:00", opens="08:30", holiday="previous_workday")

    assert [when(at(daily, day, cn))[1:] for day in ("2026-11-20", "2026-11-21", "2026-11-22")] == [
        ("2026-11-20 08:30", "2026-11-20 17:00")
    ] * 3


def test_what_is_due_on_the_31st_is_due_in_every_month_where_a_scheduler_skips_five(cn: Calendar) -> None:
    monthly = Rhythm(period="month", due="day 31 of month")
    trigger = CalendarIntervalTrigger(months=1, start_date=date(2026, 1, 31), timezone=SHANGHAI)
    fired: list[int] = []
    fire = trigger.get_next_fire_time(None, local("2026-01-01"))
    while fire is not None and fire.year == 2026:
        fired.append(fire.month)
        fire = trigger.get_next_fire_time(fire, fire)

    days = [
        window.deadline.derivation.due_on.isoformat()[5:]
        for window in windows_between(monthly, date(2026, 1, 1), date(2026, 12, 31), cn)
    ]

    assert fired == [1, 3, 5, 7, 8, 10, 12]
    assert days == [
        *("01-31", "02-28", "03-31", "04-30", "05-31", "06-30"),
        *("07-31", "08-31", "09-30", "10-31", "11-30", "12-31"),
    ]


def test_week_days_have_names_where_a_scheduler_counts_them_from_elsewhere(cn: Calendar) -> None:
    trigger = CronTrigger.from_crontab("0 9 * * 1", timezone=SHANGHAI)  # elsewhere 1 is Monday
    monday = at(Rhythm(period="week", due="monday 09:00"), "2026-11-22", cn)

    assert trigger.get_next_fire_time(None, local("2026-11-16")).weekday() == 1
    assert monday.deadline.due_at == local("2026-11-16 09:00")
    with pytest.raises(DefinitionError) as refused:
        check_rhythm(Rhythm(period="week", due="1 09:00"))
    assert refused.value.code == "unknown_point"


@pytest.mark.parametrize(
    ("rhythm", "code", "got"),
    [
        (Rhythm(), "rhythm_unclear", ""),
        (Rhythm(period="month", span="30 days"), "rhythm_unclear", "month 30 days"),
        (Rhythm(period="year", due="02-31 of year"), "unknown_point", "02-31 of year"),
        (Rhythm(period="year", due="02-30 of next year"), "unknown_point", "02-30 of next year"),
        (Rhythm(period="month", due="day 32 of month"), "unknown_point", "day 32 of month"),
        (Rhythm(period="day", due="24:00"), "unknown_point", "24:00"),
        (Rhythm(period="year", due="2026-10-12"), "never_due", "2026-10-12"),
        (Rhythm(period="year", opens="2026-10-12"), "never_due", "2026-10-12"),
        (Rhythm(period="month", due="deadline"), "never_due", "deadline"),
        (Rhythm(period="month", due="start"), "never_due", "start"),
        (Rhythm(period="month", opens="start"), "never_due", "start"),
        (Rhythm(period="week", due="24 hours after"), "due_in_hours", "24 hours after"),
        (Rhythm(period="quarter", due="15 days before start"), "unknown_point", "15 days before start"),
        (Rhythm(period="month", due="40 days before"), "due_before_period", "40 days before"),
        (Rhythm(period="month", due="day 15 of quarter"), "due_before_period", "day 15 of quarter"),
        (Rhythm(period="half-year", due="03-31 of year"), "due_before_period", "03-31 of year"),
        (Rhythm(period="month", due="day 5 of month", opens="day 6 of month"), "opens_after_due", "day 6 of month"),
        (Rhythm(period="day", due="08:00", opens="08:00"), "opens_after_due", "08:00"),
        (Rhythm(period="month", opens="9999 days"), "span_out_of_range", "9999 days"),
        (Rhythm(span="30 dayz"), "unknown_span", "30 dayz"),
        (Rhythm(span="0 days"), "span_out_of_range", "0 days"),
        (Rhythm(span="30 days", due="thursday"), "rolling_due", "thursday"),
        (Rhythm(span="30 days", covers="previous"), "rolling_due", "previous"),
        (Rhythm(span="30 days", opens="end of month"), "unknown_span", "end of month"),
    ],
)
def test_a_rhythm_that_is_never_due_or_due_before_it_opens_is_refused_with_its_place(
    rhythm: Rhythm, code: str, got: str
) -> None:
    place = Place(file="weekly.yaml", line=4, column=3, path="every")

    with pytest.raises(DefinitionError) as refused:
        check_rhythm(rhythm, place)

    assert (refused.value.code, refused.value.got, refused.value.place) == (code, got, place)
    assert refused.value.expected


# ------------------------------------------------------------------------------------------------ rolling
def test_a_rolling_window_counts_from_the_day_after_it_was_done(cn: Calendar) -> None:
    patrol = Rhythm(span="30 days", holiday="next_workday")

    window = rolling_window(patrol, local("2026-09-02 15:20"), cn)

    assert when(window) == ("since:2026-09-02", "2026-09-02 15:20", "2026-10-09 00:00")
    assert (window.first, window.last) == window.about == (date(2026, 9, 3), date(2026, 10, 2))
    assert window.deadline.derivation.rolled_from == date(2026, 10, 2)


def test_a_rolling_window_may_open_a_span_before_it_is_due_but_never_before_it_was_last_done(cn: Calendar) -> None:
    done = local("2026-03-05 16:00")

    assert when(rolling_window(Rhythm(span="1 month", opens="7 days"), done, cn))[1] == "2026-03-29 00:00"
    assert when(rolling_window(Rhythm(span="1 month", opens="2 months"), done, cn))[1] == "2026-03-05 16:00"


def test_hours_roll_from_the_minute_so_that_twice_a_day_are_two_windows(cn: Calendar) -> None:
    watch = Rhythm(span="8 hours")

    morning = rolling_window(watch, local("2026-03-05 08:10"), cn)
    evening = rolling_window(watch, local("2026-03-05 16:00"), cn)

    assert when(morning) == ("since:2026-03-05T00:10Z", "2026-03-05 08:10", "2026-03-05 16:10")
    assert when(evening) == ("since:2026-03-05T08:00Z", "2026-03-05 16:00", "2026-03-06 00:00")
    assert (morning.first, morning.last) == (date(2026, 3, 5), date(2026, 3, 5))


def test_no_roll_takes_a_rolling_deadline_back_to_a_day_that_has_passed(cn: Calendar) -> None:
    daily = Rhythm(span="1 day", holiday="previous_workday")

    assert when(rolling_window(daily, local("2026-10-03 09:00"), cn))[2] == "2026-10-05 00:00"
    assert when(rolling_window(daily, local("2026-09-30 09:00"), cn))[2] == "2026-10-02 00:00"


def test_a_rolling_rhythm_has_no_calendar_window_and_a_calendar_one_does_not_roll(cn: Calendar) -> None:
    rolling, monthly = Rhythm(span="30 days"), Rhythm(period="month")
    asked = [
        (lambda: window_at(rolling, date(2026, 3, 5), cn), "rolling_has_no_next"),
        (lambda: list(windows_between(rolling, date(2026, 3, 5), date(2026, 3, 6), cn)), "rolling_has_no_next"),
        (lambda: next_window(rolling, at(monthly, "2026-03-05", cn), cn), "rolling_has_no_next"),
        (lambda: rolling_window(monthly, local("2026-03-05"), cn), "rhythm_is_not_rolling"),
    ]

    for ask, code in asked:
        with pytest.raises(Broken) as refused:
            ask()
        assert refused.value.code == code


# ------------------------------------------------------------------------------------------------ keys
@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2026-03-05", "2026-03-05", "2026-03-05"),
        ("2026-W53", "2026-12-28", "2027-01-03"),
        ("2025-W01", "2024-12-30", "2025-01-05"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-H1", "2026-01-01", "2026-06-30"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("since:2026-03-05", "2026-03-05", "2026-03-05"),
        ("since:2026-03-05T00:10Z", "2026-03-05", "2026-03-05"),
        ("1948-W53", "1948-12-27", "1949-01-02"),
    ],
)
def test_a_key_tells_the_days_of_its_window(key: str, first: str, last: str) -> None:
    assert parse_key(key) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "key",
    [
        *("", "2026-", "2026-13", "2026-00", "2026-W00", "2025-W53", "2026-W54", "2026-W1", "2026-Q0", "2026-Q5"),
        *("2026-H0", "2026-H3", "2026-02-29", "2026-3-5", "since:", "since:2026", "since:2026-02-30", "1948", "2150"),
        *("0000", "9999-W52", "２０２６", "2026-03-05T00:10Z", "2026-w41", " 2026", "2026\n", "since:2026-03-05T00:10"),
    ],
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_key(key)

    assert (refused.value.code, refused.value.data["got"]) == ("unknown_window", key)


# ------------------------------------------------------------------------------------------------ odd zones
def test_what_is_due_on_the_day_that_samoa_left_out_is_due_with_the_day_after() -> None:
    apia = Calendar("x", ZoneInfo("Pacific/Apia"), {})
    daily = Rhythm(period="day")

    windows = list(windows_between(daily, date(2011, 12, 28), date(2012, 1, 1), apia))

    assert [window.key[5:] for window in windows] == ["12-28", "12-29", "12-30", "12-31", "01-01"]
    assert [window.deadline.due_at for window in windows] == [
        datetime(2011, 12, 29, 10, tzinfo=UTC),
        datetime(2011, 12, 30, 10, tzinfo=UTC),
        *[datetime(2011, 12, 31, 10, tzinfo=UTC)] * 2,
        datetime(2012, 1, 1, 10, tzinfo=UTC),
    ]


def test_a_daily_window_of_a_changing_clock_is_as_long_as_its_day() -> None:
    lord_howe = Calendar("x", ZoneInfo("Australia/Lord_Howe"), {})

    lengths = [
        (window.deadline.due_at - window.opens_at).total_seconds() / 3600
        for window in windows_between(Rhythm(period="day"), date(2026, 4, 4), date(2026, 4, 6), lord_howe)
    ]

    assert lengths == [24, 24.5, 24]


def test_a_daily_moment_comes_once_a_day_where_the_clocks_change() -> None:
    new_york = Calendar("x", ZoneInfo("America/New_York"), {})

    def due(clock: str, first: date, last: date) -> list[str]:
        windows = windows_between(Rhythm(period="day", due=clock), first, last, new_york)
        return [f"{window.deadline.due_at:%m-%d %H:%M}" for window in windows]

    assert due("02:30", date(2026, 3, 7), date(2026, 3, 9)) == ["03-07 07:30", "03-08 07:30", "03-09 06:30"]  # no 02:30
    assert due("01:30", date(2026, 10, 31), date(2026, 11, 2)) == ["10-31 05:30", "11-01 05:30", "11-02 06:30"]  # twice
