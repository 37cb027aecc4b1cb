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


def held(case: Case, event: ev.AnyEvent) -> ev.AnyEvent:
    """The event as it is recorded: where it would arm a rung of a paused ladder, it arms what is waited for.

    A clock that stands still arms nothing, and goes on doing so.
    """
    if isinstance(event, ev.LadderPaused | ev.LadderResumed):
        return event
    climbs = isinstance(event, ev.RungFired | ev.DeadlineExpired | ev.LadderChanged | ev.LadderCalmed)
    if not climbs and getattr(event, "alarm", None) is None:
        return event
    task = case.task(event.task)  # type: ignore[union-attr]
    if task is None or task.paused is None:
        return event
    deadline: Deadline | None = getattr(event, "deadline", task.deadline)
    passed = isinstance(event, ev.DeadlineExpired) or task.expired_at is not None
    moved = isinstance(event, ev.DeadlineMoved) and deadline != task.deadline
    alarm = waiting(task, deadline, task.paused.until, expired=passed and not moved)
    return replace(event, alarm=alarm)
