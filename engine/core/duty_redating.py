"""What a calendar published since makes of the open windows of a duty; pure, for preview and act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from engine.core.calendar import Calendar, CalendarYear
from engine.core.duty_state import DutyState, OpenWindow
from engine.core.duty_steps import asks_before, missed_at, reminder_at
from engine.core.event_duties import PeriodRedated
from engine.core.recurrence import Window, windows_between


def redated_windows(state: DutyState, calendar: Calendar, year: CalendarYear, now: datetime) -> Iterator[PeriodRedated]:
    """The windows whose end is another by that calendar; when they began stays, and that they were due does.

    A reminder that was sent is not sent again; one that asked to be in time and whose moment has passed by the move is
    passed over. Windows that count from what was done keep their end.
    """
    for one in state.windows:
        made = None if one.due else _again(state, one, calendar)
        if made is None or _same(made, one):
            continue
        lost = missed_at(state.spec, made.deadline.due_at, calendar)
        yield PeriodRedated(
            period=one.period,
            rhythm=one.rhythm,
            deadline=made.deadline,
            was=one.deadline,
            missed_at=lost,
            version=year.version,
            title=year.title,
            source=year.source,
            passed=_passed(state, one, made, calendar, now),
        )


def _again(state: DutyState, one: OpenWindow, calendar: Calendar) -> Window | None:
    """The window of the same key as it was worded when it began, by that calendar; None where there is none."""
    rhythm = one.told
    if rhythm is None or not rhythm.period:
        return None
    near = windows_between(rhythm, one.first, one.last, calendar)
    return next((window for window in near if window.key == one.period), None)


def _same(made: Window, one: OpenWindow) -> bool:
    told, was = made.deadline.derivation, one.deadline.derivation
    return (made.deadline.due_at, told.provisional) == (one.deadline.due_at, was.provisional)


def _passed(state: DutyState, one: OpenWindow, made: Window, calendar: Calendar, now: datetime) -> tuple[str, ...]:
    moved = replace(one, deadline=made.deadline)
    return tuple(
        reminder.id
        for reminder in state.spec.reminders
        if reminder.id not in one.reminded
        and asks_before(reminder)
        and reminder_at(reminder, moved, calendar) <= now < reminder_at(reminder, one, calendar)
    )
