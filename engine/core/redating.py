"""What a calendar published since makes of a running deadline, its ladder and its alarm; pure, for preview and act."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from msgspec.structs import replace

from engine.core import ladders
from engine.core.calendar import Calendar
from engine.core.case import Case, Task
from engine.core.deadlines import Deadline, rederived
from engine.core.definition import LadderSpec
from engine.core.event_parts import Alarm

#: Why a deadline stays where it is: that it passed is recorded, its clock is stopped, it counts no days of a calendar,
#: or the other calendar leads to the same instant.
Stays = Literal["expired", "stopped", "uncounted", "same"]


class Redating(NamedTuple):
    """A deadline worked out again, with what is armed for it."""

    deadline: Deadline
    alarm: Alarm | None
    #: rungs that do not fire, and those of them that only the move has passed over
    skipped: tuple[str, ...]
    passed: tuple[str, ...]


def redated(task: Task, calendar: Calendar) -> Deadline | Stays:
    """The deadline that a task has by that calendar, or why it keeps its own.

    It is another one where its instant differs, or where it is no longer provisional; one that only consulted another
    version of a year keeps the derivation it has, which is as true.
    """
    deadline = task.deadline
    if deadline is None or not deadline.derivation.calendar:
        return "uncounted"
    if task.expired_at is not None:
        return "expired"
    if is_stopped(task):
        return "stopped"
    made = rederived(deadline, calendar)
    told, was = made.derivation, deadline.derivation
    if (made.due_at, told.due_on, told.provisional) == (deadline.due_at, was.due_on, was.provisional):
        return "same"
    return made


def is_stopped(task: Task) -> bool:
    """Whether the clock of a task stands still: what is left of its time is counted when it goes on."""
    return getattr(task, "stopped", None) is not None


def redating(case: Case, task: Task, ladder: LadderSpec | None, calendar: Calendar, now: datetime) -> Redating | None:
    """What changes for a task, its alarm included; None = nothing.

    A rung that has fired never fires again. One whose moment lies in the past now, though it had not come before, is
    passed over; one that was passed over and lies ahead now will fire. That a deadline passed is always recorded.
    """
    if task.deadline is None or is_stopped(task):
        return None
    found = redated(task, calendar)
    deadline = task.deadline if isinstance(found, str) else found
    asleep = case.claim is not None and not case.claim.triaged
    if asleep or (task.alarm is None and task.expired_at is None):
        alarm, skipped = task.alarm, task.skipped
    else:
        alarm, skipped = _armed(task, ladder, deadline, calendar, now)
    if deadline is task.deadline and _moment(alarm) == _moment(task.alarm):
        return None
    passed = tuple(rung for rung in skipped if rung not in task.skipped)
    return Redating(deadline, alarm, skipped, passed)


def _armed(
    task: Task, ladder: LadderSpec | None, deadline: Deadline, calendar: Calendar, now: datetime
) -> tuple[Alarm | None, tuple[str, ...]]:
    """The next alarm by that calendar, and the rungs that will not fire."""
    moments = ladders.schedule(ladder, deadline.due_at, task.opened_at, calendar)
    due = task.alarm is not None and task.alarm.at <= now
    if due and task.alarm is not None and (task.alarm.rung != ladders.EXPIRY or deadline.due_at <= now):
        return task.alarm, task.skipped  # it has come already, and goes off as it was armed
    fired = task.fired if task.expired_at is None else (*task.fired, ladders.EXPIRY)
    past = [rung for at, rung in moments if at <= now and rung != ladders.EXPIRY]
    skipped = tuple(rung for rung in past if rung not in fired)
    last = Alarm(rung="", at=now, epoch=task.epoch)
    alarm, _ = ladders.next_alarm(ladder, moments, fired, skipped, dict(task.covered), last, calendar)
    if alarm is None or _moment(alarm) == _moment(task.alarm):
        return (None if alarm is None else task.alarm), skipped
    return replace(alarm, armed_at=now if alarm.at < now else None), skipped


def _moment(alarm: Alarm | None) -> tuple[str, datetime] | None:
    return None if alarm is None else (alarm.rung, alarm.at)
