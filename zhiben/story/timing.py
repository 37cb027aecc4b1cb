"""When people of the story act: in office hours, on workdays, by slots of an hour."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from engine.core.calendar import Calendar
from engine.core.case import Task
from engine.core.deadlines import due_day
from zhiben.story.script import Choice

OPENS, SLOTS = time(8, 30), 9
SLOT = timedelta(hours=1)


def moment(task: Task, choice: Choice, calendar: Calendar, now: datetime, dice: Random) -> datetime:
    """When somebody who chose that does it: never before now."""
    day = _day(task, choice, calendar, calendar.local_day(now), dice)
    return in_office(day, calendar, now, dice)


def in_office(day: date, calendar: Calendar, now: datetime, dice: Random) -> datetime:
    """A slot of that day, if it is still to come, else of the next workday."""
    slot = dice.randrange(SLOTS)
    at = calendar.instant(calendar.roll(day, "next_workday"), OPENS) + slot * SLOT
    if at > now:
        return at
    today = calendar.local_day(now)
    if calendar.is_workday(today):
        first = calendar.instant(today, OPENS)
        rest = [at for n in range(SLOTS) if (at := first + n * SLOT) > now]
        if rest:
            return dice.choice(rest)
    return calendar.instant(calendar.workday_after(today, 1), OPENS) + slot * SLOT


def _day(task: Task, choice: Choice, calendar: Calendar, today: date, dice: Random) -> date:
    due = due_day(task.deadline.due_at, calendar) if task.deadline else None
    if due is not None and choice.before is not None:
        return max(today, calendar.workday_before(due + timedelta(days=1), 1 + dice.randint(*choice.before)))
    if due is not None and choice.late is not None:
        return max(today, calendar.workday_after(due, max(1, dice.randint(*choice.late))))
    return workdays_after(calendar, today, dice.randint(*choice.after))


def workdays_after(calendar: Calendar, day: date, count: int) -> date:
    """The count-th workday after a day; 0 = that day."""
    return calendar.workday_after(day, count) if count else day
