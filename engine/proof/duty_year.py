"""What duties ask of a population over days on which nobody acts: every window with how many are obliged, late, missed.

Decided by the very functions that decide in earnest (`duty_book`), one duty after another, under a virtual clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec
from msgspec.structs import replace

from engine.core import event_duties as ev
from engine.core.calendar import Calendar
from engine.core.deadlines import Deadline, due_day
from engine.core.definition_duties import DutySpec
from engine.core.directory import Directory, Entity
from engine.proof.duty_book import DutyBook


class WindowPlayed(msgspec.Struct, frozen=True, kw_only=True):
    """One window of a rhythm of a duty, and what became of its obligations."""

    duty: str
    rhythm: int
    period: str
    first: date
    last: date
    #: the period it is about
    about: tuple[date, date]
    due_on: date
    deadline: Deadline
    obliged: int = 0
    late: int = 0
    missed: int = 0


class DutiesPlayed(msgspec.Struct, frozen=True, kw_only=True):
    """All windows that opened, in the order in which they are due, and reminders by duty."""

    windows: tuple[WindowPlayed, ...]
    #: duty -> messages to persons
    reminders: Mapping[str, int]
    #: duty -> windows that count from what was done: how many began; nobody having acted, one for each of a population
    rolled: Mapping[str, int]


def play_duties(
    duties: Iterable[DutySpec],
    calendar: Calendar,
    directory: Directory,
    units: Mapping[str, Entity],
    *,
    start: datetime,
    until: datetime,
    calendars: Mapping[str, Calendar] | None = None,
) -> DutiesPlayed:
    """Let duties hold from an instant on and let the clock run up to another; what is due at that one is not done."""
    windows: list[WindowPlayed] = []
    reminders: dict[str, int] = {}
    rolled: dict[str, int] = {}
    for spec in duties:
        book = DutyBook([spec], calendar, calendars or {})
        book.begin(start, directory, units)
        while (at := book.next()) is not None and at < until:
            book.turn(at, directory, units)
            _forget(book, spec.id)
        played = _Tally(spec.id, book.calendar_of(spec))
        for _, _, event in book.log:
            played.hear(event)
        windows += played.windows.values()
        reminders[spec.id], rolled[spec.id] = played.reminders, played.rolled
    windows.sort(key=lambda one: (one.deadline.due_at, one.duty, one.rhythm))
    return DutiesPlayed(windows=tuple(windows), reminders=reminders, rolled=rolled)


def _forget(book: DutyBook, duty: str) -> None:
    """Drop rows that no step will read any more, so that a year costs what its days cost."""
    running = {(one.rhythm, one.period) for one in book.states[duty].windows}
    over = [key for key, row in book.rows.items() if (row.rhythm, row.period) not in running and not row.latest]
    for key in over:
        del book.rows[key]


class _Tally:
    """Windows of one duty as its events tell them."""

    def __init__(self, duty: str, calendar: Calendar) -> None:
        self.windows: dict[tuple[int, str], WindowPlayed] = {}
        self.reminders = 0
        self.rolled = 0
        self._duty = duty
        self._calendar = calendar

    def hear(self, event: object) -> None:
        """Count what an event says."""
        match event:
            case ev.PeriodOpened():
                self.windows[event.rhythm, event.period] = WindowPlayed(
                    duty=self._duty,
                    rhythm=event.rhythm,
                    period=event.period,
                    first=event.first,
                    last=event.last,
                    about=event.about,
                    due_on=due_day(event.deadline.due_at, self._calendar),
                    deadline=event.deadline,
                )
            case ev.ObligationsOpened():
                self._add(event, obliged=event.count - len(event.exempt))
            case ev.ObligationsDue():
                self._add(event, late=event.count)
            case ev.ObligationsMissed():
                self._add(event, missed=event.count)
            case ev.ObligationsReminded():
                self.reminders += event.persons
            case ev.ObligationsRolled():
                self.rolled += len(event.since)
            case _:
                pass

    def _add(self, event: ev.ObligationsOpened | ev.ObligationsDue | ev.ObligationsMissed, **more: int) -> None:
        key = (event.rhythm, event.period)
        if (window := self.windows.get(key)) is not None:
            self.windows[key] = replace(window, **{name: getattr(window, name) + n for name, n in more.items()})
