"""The Chinese calendar against what the State Council published, typed here from its notices, and against the law.

No library is asked: holidays by the notices of the General Office for 2018 to 2023 (2024 to 2026 stand in
test_calendar.py), how many there are by 《全国年节及纪念日放假办法》 (国务院令第513号, 第644号, 第795号).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.core.calendar import Calendar
from engine.runtime.calendars import load_calendar

#: Days off (first, last) and weekend days worked, as the notice of the year says it; December days belong to the
#: notice of the next year.
NOTICES: dict[int, tuple[list[str], list[str]]] = {
    2018: (
        [
            *("01-01 01-01", "02-15 02-21", "04-05 04-07", "04-29 05-01", "06-16 06-18", "09-22 09-24", "10-01 10-07"),
            "12-30 12-31",
        ],
        ["02-11", "02-24", "04-08", "04-28", "09-29", "09-30", "12-29"],
    ),
    2019: (  # May as changed on 2019-03-22
        ["01-01 01-01", "02-04 02-10", "04-05 04-07", "05-01 05-04", "06-07 06-09", "09-13 09-15", "10-01 10-07"],
        ["02-02", "02-03", "04-28", "05-05", "09-29", "10-12"],
    ),
    2020: (  # Spring Festival as prolonged on 2020-01-26, so that 1 February was no longer worked
        ["01-01 01-01", "01-24 02-02", "04-04 04-06", "05-01 05-05", "06-25 06-27", "10-01 10-08"],
        ["01-19", "04-26", "05-09", "06-28", "09-27", "10-10"],
    ),
    2021: (
        ["01-01 01-03", "02-11 02-17", "04-03 04-05", "05-01 05-05", "06-12 06-14", "09-19 09-21", "10-01 10-07"],
        ["02-07", "02-20", "04-25", "05-08", "09-18", "09-26", "10-09"],
    ),
    2022: (
        [
            *("01-01 01-03", "01-31 02-06", "04-03 04-05", "04-30 05-04", "06-03 06-05", "09-10 09-12", "10-01 10-07"),
            "12-31 12-31",
        ],
        ["01-29", "01-30", "04-02", "04-24", "05-07", "10-08", "10-09"],
    ),
    2023: (
        ["01-01 01-02", "01-21 01-27", "04-05 04-05", "04-29 05-03", "06-22 06-24", "09-29 10-06"],
        ["01-28", "01-29", "04-23", "05-06", "06-25", "10-07", "10-08"],
    ),
}
#: 正月初一
NEW_YEARS = (
    *("2008-02-07", "2009-01-26", "2010-02-14", "2011-02-03", "2012-01-23", "2013-02-10", "2014-01-31"),
    *("2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12"),
    *("2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17"),
)
#: More or fewer days off than the law gives: a Saturday of 2011 worked for a day of 2012, the parade of 2015, two
#: days by which the Spring Festival of 2020 was prolonged.
BESIDES = {2011: -1, 2012: 1, 2015: 1, 2020: 2}


@pytest.fixture(scope="module")
def cn(root: Path) -> Calendar:
    return load_calendar(root / "workflows/library/calendars/cn.yaml")


def days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(1)


@pytest.mark.parametrize("year", NOTICES)
def test_a_year_is_what_its_notice_says(cn: Calendar, year: int) -> None:
    runs, worked = NOTICES[year]
    off = {day.isoformat()[5:] for day in days_of(year) for run in runs if run[:5] <= day.isoformat()[5:] <= run[6:]}

    assert [day.isoformat()[5:] for day in days_of(year) if cn.day_kind(day).kind == "makeup"] == worked
    told = [day for day in days_of(year) if cn.is_workday(day)]
    assert told == [
        day
        for day in days_of(year)
        if day.isoformat()[5:] in worked or (day.weekday() < 5 and day.isoformat()[5:] not in off)
    ]


@pytest.mark.parametrize("year", range(2008, 2027))
def test_a_year_has_as_many_days_off_as_the_law_gives(cn: Calendar, year: int) -> None:
    by_law = (11 if year < 2025 else 13) + BESIDES.get(year, 0)

    weekdays_off = sum(day.weekday() < 5 and not cn.is_workday(day) for day in days_of(year))
    weekends_worked = sum(day.weekday() >= 5 and cn.is_workday(day) for day in days_of(year))

    assert weekdays_off - weekends_worked == by_law


@pytest.mark.parametrize("new_year", NEW_YEARS)
def test_the_days_that_the_law_names_are_days_off(cn: Calendar, new_year: str) -> None:
    first = date.fromisoformat(new_year)
    by_law = {first + timedelta(index) for index in range(3)}
    by_law |= {date(first.year, month, day) for month, day in ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))}
    if first.year >= 2025:
        by_law |= {first - timedelta(1), date(first.year, 5, 2)}

    assert [day for day in sorted(by_law) if cn.day_kind(day).kind != "holiday"] == []
