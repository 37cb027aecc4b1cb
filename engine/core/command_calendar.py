"""Commands about the working calendar: a year of it is published, and cases follow it."""

from __future__ import annotations

from typing import Literal

from engine.core.command_parts import Act


class PublishCalendar(Act, frozen=True, kw_only=True, tag="publish_calendar"):
    """Put a year of a calendar in force, as its file says it."""

    calendar: str
    year: int
    #: what derivations record: "cn-2027@1"
    version: str
    status: Literal["official", "provisional"]
    title: str
    source: str
    #: SHA-256 of the file's bytes, hex
    digest: str
    #: the file, whole: what is counted by can be read from the record alone
    body: str


class RedateCase(Act, frozen=True, kw_only=True, tag="redate_case"):
    """Work the deadlines of a case's open tasks out again by the calendar in force; the engine's own act."""

    calendar: str
    #: the year whose publication is the reason
    year: int


class CloseNotice(Act, frozen=True, kw_only=True, tag="close_notice"):
    """Say that all deadlines follow a year of a calendar, and tell those whose did move."""

    calendar: str
    version: str
    title: str
    source: str
    #: how many deadlines moved
    moved: int
    #: person -> how many of theirs
    holders: dict[str, int]


CalendarAct = PublishCalendar | RedateCase | CloseNotice
