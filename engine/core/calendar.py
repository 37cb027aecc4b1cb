"""The working calendar: which days are workdays, by whose word, counted in constant time.

A calendar is data: what was published for each year (public holidays and make-up workdays), a time zone, and
for every other year the plain weekday rule (Monday to Friday), which is always marked *provisional*.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import accumulate, compress, groupby
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from engine.errors import BadInput, Broken

Status = Literal["official", "provisional"]
DayKind = Literal["workday", "weekend", "holiday", "makeup"]
RollRule = Literal["none", "next_workday", "previous_workday"]
StartRule = Literal["next_day", "same_day"]
#: Local times at which work begins and ends without a break.
Session = tuple[time, time]

#: A calendar answers for these years only; a date outside of them is a slip of the finger.
FIRST_YEAR, LAST_YEAR = 1949, 2149
_BASE = date(FIRST_YEAR, 1, 1).toordinal()
_LENGTH = date(LAST_YEAR, 12, 31).toordinal() - _BASE + 1
_MIDNIGHT = time()
_ONE_DAY = timedelta(1)


class CalendarYear(msgspec.Struct, frozen=True, kw_only=True):
    """What was published for one year."""

    year: int
    #: what a derivation records, such as "cn-2026@1"
    version: str
    status: Status
    title: str
    source: str
    #: days off by name, the weekend days among them included
    holidays: Mapping[date, str]
    #: weekend days on which people work, by the name of the holiday they make up for
    workdays: Mapping[date, str]


class DayRange(msgspec.Struct, frozen=True, omit_defaults=True):
    """Consecutive days of one kind and name, first and last included."""

    first: date
    last: date
    kind: DayKind
    name: str = ""


class _Ranges:
    """Ranges in order, found by the days they touch."""

    __slots__ = ("_firsts", "_lasts", "_ranges")

    def __init__(self, ranges: list[DayRange]) -> None:
        self._ranges = ranges
        self._firsts = array("I", [days.first.toordinal() for days in ranges])
        self._lasts = array("I", [days.last.toordinal() for days in ranges])

    def touching(self, first: date, last: date) -> list[DayRange]:
        """Those with a day from first to last."""
        begin = bisect_left(self._lasts, first.toordinal())
        return self._ranges[begin : bisect_right(self._firsts, last.toordinal(), begin)]


class Calendar:
    """Workdays, rolls and local days of one zone; immutable, equal by id and version.

    Local times follow one rule: a time that does not exist (clocks went forward) is read with the offset before
    the change, a time that occurs twice is the first of the two. A day ends where the next one begins.
    """

    __slots__ = (
        "_before",
        "_flags",
        "_makeup",
        "_off",
        "_settled",
        "_stamps",
        "_workdays",
        "hours",
        "id",
        "version",
        "years",
        "zone",
    )

    def __init__(
        self,
        id: str,  # noqa: A002
        zone: ZoneInfo,
        years: Mapping[int, CalendarYear],
        hours: tuple[Session, ...] = (),
    ) -> None:
        self.id = id
        self.zone = zone
        self.years = dict(sorted(years.items()))
        #: office hours of every workday, in order; () = none are known
        self.hours = hours
        self.version = f"{id}@{_content_hash(zone, self.years, hours)}"
        self._stamps = {
            year: self.years[year].version if year in self.years else f"{id}-{year}@weekday"
            for year in range(FIRST_YEAR, LAST_YEAR + 1)
        }
        self._settled = frozenset(year for year, days in self.years.items() if days.status == "official")
        self._flags = _flags(self.years)
        self._before = array("I", accumulate(self._flags, initial=0))
        self._workdays = array("I", compress(range(_BASE, _BASE + _LENGTH), self._flags))
        self._off = _Ranges(_days_off(self.years, self._flags))
        self._makeup = _Ranges(_makeup_days(self.years))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and (self.id, self.version) == (other.id, other.version)

    def __hash__(self) -> int:
        return hash((self.id, self.version))

    def __repr__(self) -> str:
        return f"Calendar({self.version})"

    def is_workday(self, day: date) -> bool:
        """Whether people work that day."""
        return bool(self._flags[_index(day)])

    def provisional(self, day: date) -> bool:
        """Whether the answer for that day may still change: its year is not published, or only foreseen."""
        return day.year not in self._settled

    def day_kind(self, day: date) -> DayRange:
        """The kind of one day and the name of its holiday."""
        works = self._flags[_index(day)]
        year = self.years.get(day.year)
        if year is not None and day in year.holidays:
            return DayRange(day, day, "holiday", year.holidays[day])
        if year is not None and day in year.workdays:
            return DayRange(day, day, "makeup", year.workdays[day])
        return DayRange(day, day, "workday" if works else "weekend")

    def workdays_through(self, day: date) -> int:
        """How many workdays there are up to and including that day; only differences mean something."""
        return self._before[_index(day) + 1]

    def workday_at(self, count: int) -> date:
        """The workday with which `workdays_through` reaches that number."""
        return self._nth(count - 1, date.fromordinal(_BASE))

    def workday_after(self, day: date, count: int) -> date:
        """The count-th workday after that day, which itself does not count."""
        return self._nth(self._before[_index(day) + 1] + count - 1, day)

    def workday_before(self, day: date, count: int) -> date:
        """The count-th workday before that day, which itself does not count."""
        return self._nth(self._before[_index(day)] - count, day)

    def roll(self, day: date, rule: RollRule) -> date:
        """The day itself if it is a workday or the rule is none, else the nearest workday in the rule's direction."""
        if rule == "none" or self.is_workday(day):
            return day
        return self.workday_after(day, 1) if rule == "next_workday" else self.workday_before(day, 1)

    def days_off(self, first: date, last: date) -> tuple[DayRange, ...]:
        """Weekends and holidays that touch the days from first to last, cut to them."""
        found = self._off.touching(first, last)
        if found and found[0].first < first:
            found[0] = DayRange(first, found[0].last, found[0].kind, found[0].name)
        if found and found[-1].last > last:
            found[-1] = DayRange(found[-1].first, last, found[-1].kind, found[-1].name)
        return tuple(found)

    def makeup_days(self, first: date, last: date) -> tuple[DayRange, ...]:
        """Weekend days from first to last on which people work."""
        return tuple(self._makeup.touching(first, last))

    def stamps(self, first: date, last: date) -> tuple[str, ...]:
        """The versions of the years that the days from first to last lie in."""
        if first.year == last.year:
            return (self._stamps[first.year],)
        return tuple(self._stamps[year] for year in range(first.year, last.year + 1))

    def provisional_between(self, first: date, last: date) -> bool:
        """Whether any year that the days from first to last lie in may still change."""
        if first.year == last.year:
            return first.year not in self._settled
        return any(year not in self._settled for year in range(first.year, last.year + 1))

    def local_day(self, instant: datetime) -> date:
        """The local date of an aware instant; Broken `naive_instant` for one without a zone."""
        if instant.tzinfo is None:
            raise Broken("naive_instant", got=instant.isoformat())
        try:
            day = instant.astimezone(self.zone).date()
        except OverflowError as exc:  # the first and last hours that a datetime can tell
            raise _outside(instant.date()) from exc
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise _outside(day)
        return day

    def instant(self, day: date, at: time = _MIDNIGHT) -> datetime:
        """The instant (UTC) of a local date and time of day; without a time the start of the day."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR + 1:  # the last day ends in the year after
            raise _outside(day)
        return datetime.combine(day, at.replace(fold=0), self.zone).astimezone(UTC)  # the first of two, whoever asks

    def end_of(self, day: date) -> datetime:
        """The instant in UTC at which a local day is over (24:00): it no longer belongs to the day."""
        _index(day)  # refuses a date so far off that it has no next one
        return self.instant(day + _ONE_DAY)

    def _nth(self, index: int, near: date) -> date:
        if not 0 <= index < len(self._workdays):
            raise _outside(near)
        return date.fromordinal(self._workdays[index])


def _index(day: date) -> int:
    index = day.toordinal() - _BASE
    if not 0 <= index < _LENGTH:
        raise _outside(day)
    return index


def _outside(day: date) -> BadInput:
    return BadInput("date_outside_calendar", got=day.isoformat(), first=FIRST_YEAR, last=LAST_YEAR)


def _flags(years: Mapping[int, CalendarYear]) -> bytes:
    """One byte a day, 1 for a workday: the weekday rule, then what was published."""
    monday = (_BASE - 1) % 7  # ordinal 1 was a Monday
    flags = bytearray((b"\1\1\1\1\1\0\0" * (_LENGTH // 7 + 2))[monday : monday + _LENGTH])
    for year in years.values():
        for day in year.holidays:
            flags[_index(day)] = 0
        for day in year.workdays:
            flags[_index(day)] = 1
    return bytes(flags)


def _days_off(years: Mapping[int, CalendarYear], flags: bytes) -> list[DayRange]:
    """All days off as ranges of one kind and name, in order."""
    names = {day: name for year in years.values() for day, name in year.holidays.items()}
    days = (date.fromordinal(_BASE + index) for index, works in enumerate(flags) if not works)
    ranges = []
    for (_, name), run in groupby(enumerate(days), key=lambda at: (at[1].toordinal() - at[0], names.get(at[1]))):
        together = [day for _, day in run]
        ranges.append(DayRange(together[0], together[-1], "holiday" if name else "weekend", name or ""))
    return ranges


def _makeup_days(years: Mapping[int, CalendarYear]) -> list[DayRange]:
    named = sorted((day, name) for year in years.values() for day, name in year.workdays.items())
    return [DayRange(day, day, "makeup", name) for day, name in named]


def _content_hash(zone: ZoneInfo, years: Mapping[int, CalendarYear], hours: tuple[Session, ...]) -> str:
    days = [
        [sorted((day.isoformat(), name) for day, name in kind.items()) for kind in (year.holidays, year.workdays)]
        for year in years.values()
    ]
    told: list[object] = [zone.key, [[year.version, year.status] for year in years.values()], days]
    if hours:
        told.append([[begin.isoformat(), end.isoformat()] for begin, end in hours])
    return sha256(msgspec.json.encode(told)).hexdigest()[:12]
