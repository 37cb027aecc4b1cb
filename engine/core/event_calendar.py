"""Events of the working calendar: a year of it is in force, deadlines follow it."""

from __future__ import annotations

import msgspec

from engine.core.deadlines import Deadline
from engine.core.event_parts import Alarm, Event

#: Text of the message to those whose deadlines moved; its words stand in the catalogue.
MOVED = "calendar_moved"


class CalendarPublished(Event, frozen=True, kw_only=True, tag="calendar_published"):
    """A year of a calendar is in force; the file stands here whole."""

    v: int = 1
    calendar: str
    year: int
    version: str
    status: str
    title: str
    source: str
    digest: str
    body: str


class NoticeClosed(Event, frozen=True, kw_only=True, tag="notice_closed"):
    """All deadlines follow a year of a calendar; those whose deadlines moved were told how many."""

    v: int = 1
    calendar: str
    version: str
    title: str
    source: str
    moved: int
    holders: dict[str, int] = msgspec.field(default_factory=dict)


class DeadlineRedated(Event, frozen=True, kw_only=True, tag="deadline_redated"):
    """A running deadline was worked out again by a calendar published since; both workings stand here."""

    v: int = 1
    task: int
    deadline: Deadline
    was: Deadline
    #: the year of the calendar that is the reason: its version, title and source
    version: str
    title: str
    source: str
    alarm: Alarm | None = None
    #: rungs that do not fire for this deadline, and those among them whose moment has passed only because it moved
    skipped: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
