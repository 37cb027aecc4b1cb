"""Years of calendars from the record: rows of what was published, and calendars that follow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import PurePath

import msgspec

from engine.core.calendar import Calendar, CalendarYear
from engine.core.event import CalendarPublished, NoticeClosed
from engine.core.event_calendar import MOVED
from engine.errors import BadInput
from engine.runtime.calendars import read_year
from engine.store.calendars import CalendarRow, in_force
from engine.store.records import EntryRow, MessageRow

_json = msgspec.json.Encoder()
#: A yearly file has some fifty lines.
MOST_BYTES = 65_536


def calendar_id(calendar: str, digest: str) -> str:
    """The id of a version of a year: the same file for the same calendar is the same version."""
    return sha256(f"{calendar}\n{digest}".encode()).hexdigest()[:24]


def number_of(version: str) -> int:
    """The number of a version such as "cn-2027@3"; 0 for what the library or the weekday rule says."""
    number = version.rpartition("@")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


def proposed(body: bytes, calendar: str, *, name: str, person: str, at: int) -> CalendarRow:
    """A row of a yearly file that may be published; DefinitionError with line and path for what it gets wrong."""
    if len(body) > MOST_BYTES:
        raise BadInput("file_too_large", field="file", most=MOST_BYTES)
    year = read_year(body, calendar, name=PurePath(name).name or "calendar.yaml")
    digest = sha256(body).hexdigest()
    return CalendarRow(
        id=calendar_id(calendar, digest),
        calendar=calendar,
        year=year.year,
        version=year.version,
        status=year.status,
        title=year.title,
        source=year.source,
        digest=digest,
        body=body,
        person=person,
        proposed_at=at,
    )


def published(event: CalendarPublished, *, person: str, at: int, seq: int) -> CalendarRow:
    """The row of a year that was put in force by that entry of the library."""
    return CalendarRow(
        id=calendar_id(event.calendar, event.digest),
        calendar=event.calendar,
        year=event.year,
        version=event.version,
        status=event.status,
        title=event.title,
        source=event.source,
        digest=event.digest,
        body=event.body.encode(),
        person=person,
        proposed_at=at,
        published_at=at,
        seq=seq,
    )


def messages_of(event: NoticeClosed, entry: EntryRow) -> tuple[MessageRow, ...]:
    """One message to each person whose deadlines moved, which can wait for others: how many, and why."""
    return tuple(
        MessageRow(
            key=f"{entry.stream}:{entry.seq}:{n}",
            stream=entry.stream,
            seq=entry.seq,
            person=person,
            text=MOVED,
            references=_json.encode({"count": count, "title": event.title, "source": event.source}),
            created_at=entry.recorded_at,
            manner="digest",
        )
        for n, (person, count) in enumerate(event.holders.items())
    )


def year_of(row: CalendarRow) -> CalendarYear:
    """What a row says of its year; it could be read when it was proposed."""
    return read_year(row.body, row.calendar, name=f"{row.year}.yaml")


def with_year(calendar: Calendar, year: CalendarYear) -> Calendar:
    """A calendar with another version of a year."""
    return Calendar(calendar.id, calendar.zone, {**calendar.years, year.year: year}, calendar.hours)


def following(files: Mapping[str, Calendar], rows: Iterable[CalendarRow]) -> dict[str, Calendar]:
    """The calendars of the files with what was published since; a file with a higher number goes before it."""
    made = dict(files)
    for row in in_force(list(rows)):
        calendar = made.get(row.calendar)
        if calendar is None:
            continue
        known = calendar.years.get(row.year)
        if known is None or number_of(known.version) <= number_of(row.version):
            made[row.calendar] = with_year(calendar, year_of(row))
    return made
