"""The Chinese working calendar against three witnesses: the notices as typed here, chinesecalendar, holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays as holidays_package
import pytest

from engine.core.calendar import Calendar
from engine.errors import BadInput, Broken, DefinitionError
from engine.runtime.calendars import load_calendar, load_calendars, load_year

SHANGHAI = ZoneInfo("Asia/Shanghai")
# As the notices of the General Office of the State Council say it: days off (first, last) and weekend days worked.
NOTICES: dict[int, tuple[list[str], list[str]]] = {
    2024: (
        ["01-01 01-01", "02-10 02-17", "04-04 04-06", "05-01 05-05", "06-10 06-10", "09-15 09-17", "10-01 10-07"],
        ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    ),
    2025: (
        ["01-01 01-01", "01-28 02-04", "04-04 04-06", "05-01 05-05", "05-31 06-02", "10-01 10-08"],
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        ["01-01 01-03", "02-15 02-23", "04-04 04-06", "05-01 05-05", "06-19 06-21", "09-25 09-27", "10-01 10-07"],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}


def days_of(first_year: int, last_year: int) -> Iterator[date]:
    day = date(first_year, 1, 1)
    while day.year <= last_year:
        yield day
        day += timedelta(1)


@pytest.fixture(scope="module")
def cn(root: Path) -> Calendar:
    return load_calendar(root / "workflows/library/calendars/cn.yaml")


@pytest.mark.parametrize("year", NOTICES)
def test_the_year_is_what_the_notice_says(cn: Calendar, year: int) -> None:
    off, worked = NOTICES[year]

    def told(day: date) -> bool:
        written = day.isoformat()[5:]
        return written in worked or (day.weekday() < 5 and not any(run[:5] <= written <= run[6:] for run in off))

    assert [day for day in days_of(year, year) if cn.is_workday(day) != told(day)] == []
    assert [day for day in days_of(year, year) if cn.day_kind(day).kind == "makeup"] == [
        date.fromisoformat(f"{year}-{day}") for day in worked
    ]


def test_every_day_from_2004_to_2026_is_what_chinesecalendar_says(cn: Calendar) -> None:
    assert [day for day in days_of(2004, 2026) if cn.is_workday(day) != chinese_calendar.is_workday(day)] == []


def test_every_day_from_2008_to_2026_is_what_the_holidays_package_says(cn: Calendar) -> None:
    told = holidays_package.country_holidays("CN", years=range(2008, 2027))

    assert [day for day in days_of(2008, 2026) if cn.is_workday(day) != told.is_working_day(day)] == []


def test_a_day_knows_its_kind_and_the_name_of_its_holiday(cn: Calendar) -> None:
    kinds = {
        date(2026, 9, 30): ("workday", ""),
        date(2026, 10, 3): ("holiday", "国庆节"),
        date(2026, 10, 10): ("makeup", "国庆节"),
        date(2026, 10, 11): ("weekend", ""),
        date(2015, 9, 3): ("holiday", "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"),
    }

    assert {day: (cn.day_kind(day).kind, cn.day_kind(day).name) for day in kinds} == kinds


def test_our_own_file_stands_before_the_library(cn: Calendar) -> None:
    assert cn.stamps(date(2026, 1, 1), date(2026, 12, 31)) == ("cn-2026@1",)
    assert cn.years[2026].title == "国办2026"
    assert cn.stamps(date(2023, 12, 31), date(2024, 1, 1))[1] == "cn-2024@1"
    assert cn.stamps(date(2023, 12, 31), date(2024, 1, 1))[0].startswith("cn-2023@chinesecalendar-")


@pytest.mark.parametrize("year", [1990, 2003, 2027, 2100])
def test_a_year_nobody_published_follows_the_weekdays_and_says_so(cn: Calendar, year: int) -> None:
    days = list(days_of(year, year))

    assert [cn.is_workday(day) for day in days] == [day.weekday() < 5 for day in days]
    assert all(cn.provisional(day) for day in days)
    assert cn.stamps(days[0], days[-1]) == (f"cn-{year}@weekday",)


def test_a_published_year_is_not_provisional(cn: Calendar) -> None:
    assert [year for year in range(2004, 2027) if cn.provisional(date(year, 6, 1))] == []
    assert cn.provisional_between(date(2026, 12, 30), date(2027, 1, 4))


@pytest.mark.parametrize("day", [date(1948, 12, 31), date(2150, 1, 1), date(9999, 12, 31), date.min])
def test_a_date_outside_two_centuries_is_refused(cn: Calendar, day: date) -> None:
    for ask in (cn.is_workday, cn.end_of, cn.day_kind, cn.workdays_through, lambda far: cn.workday_after(far, 1)):
        with pytest.raises(BadInput) as refused:
            ask(day)
        assert refused.value.code == "date_outside_calendar"


def test_a_moment_without_a_zone_is_refused(cn: Calendar) -> None:
    with pytest.raises(Broken):
        cn.local_day(datetime(2026, 10, 9, 12))  # noqa: DTZ001


def test_a_day_in_a_summer_of_daylight_saving_ends_an_hour_earlier(cn: Calendar) -> None:
    assert cn.end_of(date(1986, 5, 3)) == datetime(1986, 5, 3, 16, tzinfo=UTC)  # the last day before, UTC+8
    assert cn.end_of(date(1986, 5, 4)) == datetime(1986, 5, 4, 15, tzinfo=UTC)  # 23 hours long
    assert cn.end_of(date(1991, 7, 1)) == datetime(1991, 7, 1, 15, tzinfo=UTC)
    assert cn.end_of(date(1991, 9, 15)) == datetime(1991, 9, 15, 16, tzinfo=UTC)  # 25 hours long
    assert cn.local_day(datetime(1990, 8, 1, 15, 30, tzinfo=UTC)) == date(1990, 8, 2)
    assert cn.local_day(datetime(1992, 8, 1, 15, 30, tzinfo=UTC)) == date(1992, 8, 1)


def test_a_local_time_that_does_not_exist_moves_by_the_gap_and_a_doubled_one_is_the_first() -> None:
    havana = Calendar("cu", ZoneInfo("America/Havana"), {})  # its clocks change at midnight

    assert havana.instant(date(2024, 3, 10)) == datetime(2024, 3, 10, 5, tzinfo=UTC)  # 00:00 is skipped: 01:00
    assert havana.instant(date(2024, 11, 3)) == datetime(2024, 11, 3, 4, tzinfo=UTC)  # 00:00 happens twice


def test_calendars_of_the_same_data_are_equal_and_one_changed_day_tells_them_apart(cn: Calendar) -> None:
    same = Calendar("cn", SHANGHAI, cn.years)
    less = Calendar("cn", SHANGHAI, {year: days for year, days in cn.years.items() if year != 2026})

    assert (same, hash(same), same.version) == (cn, hash(cn), cn.version)
    assert less != cn
    assert less.version != cn.version


def test_the_library_folder_holds_the_chinese_calendar(root: Path, cn: Calendar) -> None:
    assert load_calendars(root / "workflows/library/calendars") == {"cn": cn}


# ------------------------------------------------------------------------------------------------ broken files
HEAD = "calendar: cn\ntitle: 日历\ntimezone: Asia/Shanghai\n"
YEAR = "year: 2027\nversion: 1\nstatus: provisional\ntitle: 国办2027\nsource: 预计\n"
GOOD = YEAR + "holidays:\n  2027-01-01 to 2027-01-03: 元旦\nworkdays:\n  2027-01-09: 元旦\n"


def test_a_foreseen_year_is_used_and_stays_provisional(tmp_path: Path) -> None:
    (tmp_path / "cn").mkdir()
    (tmp_path / "cn.yaml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "cn/2027.yaml").write_text(GOOD, encoding="utf-8")

    cn = load_calendar(tmp_path / "cn.yaml")

    assert [cn.is_workday(date(2027, 1, day)) for day in (1, 4, 9)] == [False, True, True]
    assert cn.provisional(date(2027, 6, 1))
    assert cn.stamps(date(2027, 1, 1), date(2027, 1, 9)) == ("cn-2027@1",)
    assert cn.provisional(date(2026, 6, 1))  # no library was asked for


@pytest.mark.parametrize(
    ("text", "code", "line", "path"),
    [
        (GOOD + "notes: x\n", "unknown_key", 10, "notes"),
        (GOOD + "version: 2\n", "duplicate_key", 10, "version"),
        (GOOD + "  2027-01-09: 元旦\n", "duplicate_key", 10, "workdays.2027-01-09"),
        (YEAR, "missing_key", 1, ""),
        (GOOD.replace("2027-01-09", "2026-01-10"), "date_outside_year", 9, "workdays.2026-01-10"),
        (GOOD.replace("2027-01-09", "2027-01-03"), "duplicate_date", 9, "workdays.2027-01-03"),
        (GOOD.replace("2027-01-09", "2027-01-08"), "workday_on_a_weekday", 9, "workdays.2027-01-08"),
        (GOOD.replace("2027-01-09", "2027-02-30"), "not_a_date", 9, "workdays.2027-02-30"),
        (GOOD.replace("2027-01-09", "1月9日"), "not_a_date", 9, "workdays.1月9日"),
        (GOOD.replace("to 2027-01-03", "to 2026-12-31"), "not_a_range", 7, "holidays.2027-01-01 to 2026-12-31"),
        (GOOD.replace("year: 2027", "year: 2028"), "calendar_year_differs", 1, "year"),
        (GOOD.replace("version: 1", "version: one"), "not_a_number", 2, "version"),
        (GOOD.replace("version: 1", "version: 0x1"), "not_a_number", 2, "version"),
        (GOOD.replace("provisional", "yes"), "unknown_status", 3, "status"),
        (GOOD.replace("title: 国办2027", "title:"), "not_a_text", 4, "title"),
        (GOOD.replace("title: 国办2027", "title: [国办]"), "not_a_text", 4, "title"),
        (YEAR + "holidays: 元旦\nworkdays: {}\n", "not_a_mapping", 6, "holidays"),
        ("year: [\n", "not_yaml", 2, ""),
        ("", "empty_file", 1, ""),
        ("- 2027\n", "not_a_mapping", 1, ""),
    ],
)
def test_a_wrong_yearly_file_is_refused_with_its_place(
    tmp_path: Path, text: str, code: str, line: int, path: str
) -> None:
    file = tmp_path / "2027.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(DefinitionError) as refused:
        load_year(file, "cn")

    place = refused.value.place
    assert place is not None
    assert (refused.value.code, place.file, place.line, place.path) == (code, str(file), line, path)
    assert refused.value.expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD.replace(": cn", ": china"), "calendar_id_differs"),
        (HEAD.replace("Shanghai", "Peking"), "unknown_timezone"),
        (HEAD.replace("Asia/Shanghai", "../../etc/passwd"), "unknown_timezone"),
        (HEAD + "library: other\n", "unknown_library"),
        (HEAD + "weekend: sunday\n", "unknown_key"),
    ],
)
def test_a_wrong_head_file_is_refused(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "cn.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(DefinitionError) as refused:
        load_calendar(tmp_path / "cn.yaml")

    assert refused.value.code == code
    assert refused.value.place is not None


# ------------------------------------------------------------------------------------------------ office hours
def test_office_hours_stand_in_the_head_of_a_calendar_and_are_part_of_its_version(tmp_path: Path) -> None:
    for name, hours in (("with", 'hours: ["09:00 to 12:00", "13:30 to 17:30"]\n'), ("without", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cn.yaml").write_text(HEAD + hours, encoding="utf-8")

    open_, shut = (load_calendar(tmp_path / name / "cn.yaml") for name in ("with", "without"))

    assert open_.hours == ((time(9), time(12)), (time(13, 30), time(17, 30)))
    assert (shut.hours, shut == open_) == ((), False)


@pytest.mark.parametrize(
    "hours",
    [
        "09:00 to 12:00",
        "[]",
        "[9:00 to 12:00]",
        "[12:00 to 09:00]",
        "[09:00 to 09:00]",
        "[09:00 to 25:00]",
        "[09:00 to 12:00, 11:00 to 17:00]",
        "[13:00 to 17:00, 09:00 to 12:00]",
    ],
)
def test_wrong_office_hours_are_refused(tmp_path: Path, hours: str) -> None:
    (tmp_path / "cn.yaml").write_text(HEAD + f"hours: {hours}\n", encoding="utf-8")

    with pytest.raises(DefinitionError) as refused:
        load_calendar(tmp_path / "cn.yaml")

    assert refused.value.code == "not_office_hours"
    assert refused.value.place is not None
    assert refused.value.place.line == 4


def test_a_calendar_of_a_place_goes_before_the_one_of_that_name_in_the_library(tmp_path: Path) -> None:
    for folder, title in (("library", "日历"), ("place", "本地日历")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "cn.yaml").write_text(HEAD.replace("日历", title), encoding="utf-8")
    (tmp_path / "library/park.yaml").write_text(HEAD.replace(": cn", ": park"), encoding="utf-8")
    (tmp_path / "place/cn.yaml").write_text(HEAD + "hours: [09:00 to 17:00]\n", encoding="utf-8")

    found = load_calendars(tmp_path / "library", tmp_path / "place")

    assert {name: calendar.hours for name, calendar in found.items()} == {"cn": ((time(9), time(17)),), "park": ()}
