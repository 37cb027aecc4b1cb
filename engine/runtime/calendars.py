"""Loads working calendars: our own yearly files first, the library behind them, the weekday rule for the rest.

A calendar is a file `ID.yaml` (calendar, title, timezone, library, hours) beside a folder `ID/` of one file per year.
Every scalar is read as the text that stands there, so that no date, number or truth value is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cache
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from engine.core.calendar import FIRST_YEAR, LAST_YEAR, Calendar, CalendarYear, Session, Status
from engine.errors import DefinitionError, Place

_HEAD = ("calendar", "title", "timezone", "library", "hours")
_YEAR = ("year", "version", "status", "title", "source", "holidays", "workdays")
_STATUSES: dict[str, Status] = {"official": "official", "provisional": "provisional"}
_LIBRARY = "chinesecalendar"
_SESSION = re.compile(r"([0-9]{2}:[0-9]{2}) to ([0-9]{2}:[0-9]{2})", re.ASCII)
_DATES = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?: to ([0-9]{4}-[0-9]{2}-[0-9]{2}))?", re.ASCII)


def load_calendars(*folders: Path) -> dict[str, Calendar]:
    """All calendars of some folders by id, those of a later folder in place of an earlier one's.

    DefinitionError with file, line and path for what a file gets wrong.
    """
    return {head.stem: load_calendar(head) for folder in folders for head in sorted(folder.glob("*.yaml"))}


def load_calendar(head: Path) -> Calendar:
    """One calendar: its head file and the yearly files in the folder of the same name."""
    file = _File(head)
    known = file.mapping(file.root, "", _HEAD, needed=_HEAD[:3])
    name = file.text(known["calendar"])
    if name != head.stem:
        raise file.wrong("calendar_id_differs", known["calendar"], f"the name of the file, {head.stem!r}")
    zone = _zone(file, known["timezone"])
    years = dict(library_years(name)) if _wants_library(file, known.get("library")) else {}
    years |= {
        year.year: year for year in (load_year(path, name) for path in sorted(head.with_suffix("").glob("*.yaml")))
    }
    return Calendar(name, zone, years, _hours(file, known.get("hours")))


def load_year(path: Path, calendar: str) -> CalendarYear:
    """One yearly file: what was published, by whom, and which days it names."""
    return _year(_File(path), calendar, path.stem)


def read_year(body: bytes, calendar: str, *, name: str) -> CalendarYear:
    """The same of a file's bytes; places in errors call the file by that name."""
    return _year(_File(Path(name), body), calendar)


def _year(file: _File, calendar: str, stem: str = "") -> CalendarYear:
    known = file.mapping(file.root, "", _YEAR, needed=_YEAR)
    year = file.number(known["year"])
    if stem and str(year) != stem:
        raise file.wrong("calendar_year_differs", known["year"], f"the name of the file, {stem!r}")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise file.wrong("calendar_year_differs", known["year"], f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    status = _STATUSES.get(file.text(known["status"]))
    if status is None:
        raise file.wrong("unknown_status", known["status"], " or ".join(_STATUSES))
    holidays = _days(file, known["holidays"], year)
    workdays = _days(file, known["workdays"], year, weekend_only=True, taken=holidays)
    return CalendarYear(
        year=year,
        version=f"{calendar}-{year}@{file.number(known['version'])}",
        status=status,
        title=file.text(known["title"]),
        source=file.text(known["source"]),
        holidays=holidays,
        workdays=workdays,
    )


@cache
def library_years(calendar: str) -> Mapping[int, CalendarYear]:
    """What the library knows of the State Council's notices, 2004 to the last year it was released for."""
    from chinese_calendar import constants  # 20 ms, for those who need it

    release = f"{_LIBRARY}-{metadata.version(_LIBRARY)}"
    names = {holiday.value: holiday.chinese for holiday in constants.Holiday}
    years: dict[int, CalendarYear] = {}
    for year in sorted({day.year for day in constants.holidays}):
        years[year] = CalendarYear(
            year=year,
            version=f"{calendar}-{year}@{release}",
            status="official",
            title=str(year),
            source=release,
            holidays={day: names[value] for day, value in constants.holidays.items() if day.year == year},
            workdays={day: names[value] for day, value in constants.workdays.items() if day.year == year},
        )
    return MappingProxyType(years)


class _File:
    """A YAML file as nodes with positions; every scalar is a text."""

    def __init__(self, path: Path, body: bytes | None = None) -> None:
        self.path = path
        try:
            text = (path.read_bytes() if body is None else body).decode("utf-8")
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            place = Place(
                file=str(path), line=mark.line + 1 if mark else 1, column=mark.column + 1 if mark else 1, path=""
            )
            problem = getattr(error, "problem", None) or str(error)
            raise DefinitionError("not_yaml", place=place, expected="a YAML file in UTF-8", got=problem) from error
        if root is None:
            place = Place(file=str(path), line=1, column=1, path="")
            raise DefinitionError("empty_file", place=place, expected="a mapping", got=None)
        self.root = root

    def mapping(self, node: Any, at: str, keys: tuple[str, ...], needed: tuple[str, ...]) -> dict[str, tuple[Any, str]]:
        """Value nodes by key, each with its path; unknown, doubled and missing keys are refused."""
        found = {key.value: (value, key.value) for key, value in self.pairs((node, at))}
        for key, _ in self.pairs((node, at)):
            if key.value not in keys:
                raise self.wrong("unknown_key", (key, key.value), "one of " + ", ".join(keys))
        for name in needed:
            if name not in found:
                raise self.wrong("missing_key", (node, at), f"the key {name}", got="nothing")
        return found

    def pairs(self, where: tuple[Any, str]) -> list[tuple[Any, Any]]:
        """Key and value nodes of a mapping, in order."""
        node, at = where
        if not isinstance(node, yaml.MappingNode):
            raise self.wrong("not_a_mapping", where, "a mapping of keys and values")
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.wrong("not_a_text", (key, at), "a key on one line")
            if key.value in seen:
                raise self.wrong("duplicate_key", (key, f"{at}.{key.value}".lstrip(".")), "each key once")
            seen.add(key.value)
        return list(node.value)

    def text(self, where: tuple[Any, str]) -> str:
        """The text of a scalar, not empty."""
        node, _ = where
        if not isinstance(node, yaml.ScalarNode) or not node.value:
            raise self.wrong("not_a_text", where, "a text")
        return str(node.value)

    def number(self, where: tuple[Any, str]) -> int:
        """A whole number from 1, written in plain digits."""
        text = self.text(where)
        if re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII) is None:
            raise self.wrong("not_a_number", where, "a whole number from 1")
        return int(text)

    def wrong(self, code: str, where: tuple[Any, str], expected: str, got: object = None) -> DefinitionError:
        """The error at a node."""
        node, at = where
        mark = node.start_mark
        place = Place(file=str(self.path), line=mark.line + 1, column=mark.column + 1, path=at)
        found = node.value if isinstance(node, yaml.ScalarNode) else node.id
        return DefinitionError(code, place=place, expected=expected, got=found if got is None else got)


def _zone(file: _File, where: tuple[Any, str]) -> ZoneInfo:
    try:
        return ZoneInfo(file.text(where))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise file.wrong("unknown_timezone", where, "a time zone like Asia/Shanghai") from error


def _wants_library(file: _File, where: tuple[Any, str] | None) -> bool:
    if where is not None and file.text(where) != _LIBRARY:
        raise file.wrong("unknown_library", where, _LIBRARY)
    return where is not None


def _hours(file: _File, where: tuple[Any, str] | None) -> tuple[Session, ...]:
    """Office hours of every workday, `09:00 to 12:00` each, one after the other."""
    if where is None:
        return ()
    if not isinstance(where[0], yaml.SequenceNode) or not where[0].value:
        raise file.wrong("not_office_hours", where, 'a list like ["09:00 to 12:00", "13:30 to 17:30"]')
    found: list[Session] = []
    for index, node in enumerate(where[0].value):
        at = (node, f"{where[1]}.{index}")
        begin, end = _session(file, at)
        if begin >= end or (found and found[-1][1] > begin):
            raise file.wrong("not_office_hours", at, "a later time than the one before")
        found.append((begin, end))
    return tuple(found)


def _session(file: _File, where: tuple[Any, str]) -> Session:
    found = _SESSION.fullmatch(file.text(where))
    try:
        if found is None:
            raise ValueError(where[1])
        return time.fromisoformat(found[1]), time.fromisoformat(found[2])
    except ValueError as error:
        raise file.wrong("not_office_hours", where, "times like 09:00 to 12:00") from error


def _days(
    file: _File,
    where: tuple[Any, str],
    year: int,
    *,
    weekend_only: bool = False,
    taken: Mapping[date, str] | None = None,
) -> Mapping[date, str]:
    """Days by name; a key is a date or `FIRST to LAST`, each day of the year once, makeup days on weekends only."""
    days: dict[date, str] = {}
    for key, value in file.pairs(where):
        at = (key, f"{where[1]}.{key.value}")
        name = file.text((value, at[1]))
        for day in _dates(file, at):
            if day.year != year:
                raise file.wrong("date_outside_year", at, f"a date of {year}")
            if day in days or day in (taken or {}):
                raise file.wrong("duplicate_date", at, "each date once", got=day.isoformat())
            if weekend_only and day.weekday() < 5:
                raise file.wrong("workday_on_a_weekday", at, "a Saturday or Sunday", got=day.isoformat())
            days[day] = name
    return MappingProxyType(days)


def _dates(file: _File, where: tuple[Any, str]) -> list[date]:
    found = _DATES.fullmatch(file.text(where))
    try:
        if found is None:
            raise ValueError(where[1])
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2] or found[1])
    except ValueError as error:
        raise file.wrong("not_a_date", where, 'a date like 2026-10-01 or "2026-10-01 to 2026-10-07"') from error
    length = (last - first).days
    if not 0 <= length <= 31 or (found[2] is not None and length == 0):
        raise file.wrong("not_a_range", where, "a later day within a month")
    return [first + timedelta(index) for index in range(length + 1)]
