"""What a calendar published since makes of a running deadline, its ladder and its alarm; pure, for preview and act."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from engine.core import ladders
from engine.core.calendar import Calendar
from engine.core.case import Case, Task
from engine.core.deadlines import Deadline, Derivation
from engine.core.definition import LadderSpec
from engine.core.event_parts import Alarm
from engine.core.pauses import waiting
from engine.core.stopped_time import redone

#: Why a deadline stays where it is: that it passed is recorded, it counts no days of that calendar, or the other
#: version of the year leads to the same instant.
Stays = Literal["expired", "uncounted", "same"]


class Redating(NamedTuple):
    """A deadline worked out again, with what is armed for it."""

    deadline: Deadline
    alarm: Alarm | None
    #: rungs that do not fire, and those of them that only the move has passed over
    skipped: tuple[str, ...]
    passed: tuple[str, ...]


def redated(task: Task, calendar: Calendar, main: str) -> Deadline | Stays:
    """The deadline that a task has by that calendar, or why it keeps its own; `main`: the procedure's calendar.

    It is another one where its instant differs, or where it is no longer provisional; one that only consulted another
    version of a year keeps the derivation it has, which is as true.
    """
    deadline = task.deadline
    if deadline is None or not _counts_by(deadline.derivation, calendar, main):
        return "uncounted"
    if task.expired_at is not None:
        return "expired"
    made = redone(deadline, calendar)
    told, was = made.derivation, deadline.derivation
    if (made.due_at, told.due_on, told.provisional) == (deadline.due_at, was.due_on, was.provisional):
        return "same"
    return made


def _counts_by(told: Derivation, calendar: Calendar, main: str) -> bool:
    """Whether days of that calendar were asked for; of several candidates, whether any may have."""
    if told.whichever:
        return calendar.id == main or any(_counts_by(one.derivation, calendar, main) for one in told.whichever)
    return bool(told.calendar) and (told.by_calendar or main) == calendar.id


def redating(
    case: Case, task: Task, ladder: LadderSpec | None, calendar: Calendar, main: Calendar, now: datetime
) -> Redating | None:
    """What changes for a task, its alarm included; None = nothing. Rungs count by `main`, the procedure's calendar.

    A rung that has fired never fires again. One whose moment lies in the past now, though it had not come before, is
    passed over; one that was passed over and lies ahead now will fire. That a deadline passed is always recorded.
    """
    if task.deadline is None:
        return None
    found = redated(task, calendar, main.id)
    deadline = task.deadline if isinstance(found, str) else found
    asleep = case.claim is not None and not case.claim.triaged
    if asleep or (task.alarm is None and task.expired_at is None):
        alarm, skipped = task.alarm, task.skipped
    elif task.paused is not None:
        waits = waiting(task, deadline, task.paused.until, expired=task.expired_at is not None)
        alarm, skipped = (task.alarm if _moment(waits) == _moment(task.alarm) else waits), task.skipped
    else:
        alarm, skipped = _armed(task, ladder, deadline, main, now)
    if deadline is task.deadline and _moment(alarm) == _moment(task.alarm) and set(skipped) == set(task.skipped):
        return None
    passed = tuple(rung for rung in skipped if rung not in task.skipped)
    return Redating(deadline, alarm, skipped, passed)


def _armed(
    task: Task, ladder: LadderSpec | None, deadline: Deadline, calendar: Calendar, now: datetime
) -> tuple[Alarm | None, tuple[str, ...]]:
    """The next alarm by that calendar, and the rungs that will not fire."""
    if (
        task.alarm is not None
        and task.alarm.at <= now
        and (task.alarm.rung != ladders.EXPIRY or deadline.due_at <= now)
    ):
        return task.alarm, task.skipped  # it has come already, and goes off as it was armed
    moments = ladders.schedule(ladder, deadline.due_at, task.began, calendar, task.counts_from)
    fired = task.fired if task.expired_at is None else (*task.fired, ladders.EXPIRY)
    past = [rung for at, rung in moments if at <= now and rung != ladders.EXPIRY]
    kept = task.skipped if task.counts_from else ()  # what a ladder that stepped down left out, it leaves out
    skipped = tuple(dict.fromkeys((*(rung for rung in past if rung not in fired), *kept)))
    alarm = ladders.rearmed(ladder, moments, fired, skipped, now, task.epoch + 1, calendar)
    return (task.alarm if _moment(alarm) == _moment(task.alarm) else alarm), skipped


def _moment(alarm: Alarm | None) -> tuple[str, datetime] | None:
    return None if alarm is None else (alarm.rung, alarm.at)
