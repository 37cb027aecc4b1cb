"""While a ladder is paused, only its deadline and the end of the pause are waited for, whatever else happens."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from engine.core import event as ev
from engine.core.case import Case, Task
from engine.core.deadlines import Deadline
from engine.core.event import Alarm
from engine.core.ladders import EXPIRY, RESUME


def waiting(task: Task, deadline: Deadline | None, until: datetime, *, expired: bool) -> Alarm:
    """The alarm of a task whose ladder is paused until then."""
    if deadline is not None and not expired and deadline.due_at <= until:
        return Alarm(rung=EXPIRY, at=deadline.due_at, epoch=task.epoch + 1)
    return Alarm(rung=RESUME, at=until, epoch=task.epoch + 1)


def held(case: Case, event: ev.AnyEvent, now: datetime) -> ev.AnyEvent:
    """The event as it is recorded: where it would arm a rung of a paused ladder, it arms what is waited for.

    A clock that stands still arms nothing, and goes on doing so.
    """
    if isinstance(event, ev.LadderPaused | ev.LadderResumed):
        return event
    climbs = isinstance(event, ev.RungFired | ev.DeadlineExpired | ev.LadderChanged | ev.LadderCalmed)
    if not climbs and getattr(event, "alarm", None) is None:
        return event
    task = case.task(event.task)  # type: ignore[union-attr]
    if task is None or task.paused is None or (task.stopped is not None and not isinstance(event, ev.ClockResumed)):
        return event
    deadline: Deadline | None = getattr(event, "deadline", task.deadline)
    alarm = waiting(task, deadline, task.paused.until, expired=_passed(task, event, deadline))
    by_clock = isinstance(event, ev.RungFired | ev.DeadlineExpired)
    return replace(event, alarm=replace(alarm, armed_at=now if now > alarm.at and not by_clock else None))


def _passed(task: Task, event: ev.AnyEvent, deadline: Deadline | None) -> bool:
    """Whether it is recorded that the deadline passed which the task has after the event."""
    if isinstance(event, ev.DeadlineExpired):
        return True
    before, at = task.deadline, task.expired_at
    if task.stopped is not None:
        before, at = task.stopped.deadline, task.stopped.expired_at
    moved = isinstance(event, ev.DeadlineMoved | ev.ClockResumed) and (
        before is None or deadline is None or deadline.due_at != before.due_at
    )
    return at is not None and not moved
