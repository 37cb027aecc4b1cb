"""What events of clocks make of a case: a clock that stands still leaves its task without a deadline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol, cast

from msgspec.structs import replace

from engine.core import event as ev
from engine.core.case import Case, Task
from engine.core.case_people import HeldClock, Stopped
from engine.core.stops import STOPPED


class Head(Protocol):
    """Who acted when."""

    @property
    def acted_by(self) -> str:
        """The signatory."""

    @property
    def occurred_at(self) -> datetime:
        """When it happened."""


def clock_stopped(case: Case, event: ev.ClockStopped, head: Head) -> Case:
    """The task stands still, or, where it has ended, its clock is held."""
    if event.held is not None:
        return replace(case, clocks=(*case.clocks, event.held))

    def stop(task: Task) -> Task:
        if task.stopped is not None:
            return replace(task, stopped=replace(task.stopped, by_act=True))
        if task.deadline is None:
            return task
        stopped = Stopped(
            deadline=task.deadline,
            since=event.since,
            by=head.acted_by,
            state=event.state,
            by_act=not event.state,
            reason=event.reason,
            basis=event.basis,
            alarm=task.alarm,
            expired_at=task.expired_at,
        )
        return replace(task, deadline=None, undated=STOPPED, alarm=None, expired_at=None, stopped=stopped)

    return _with_task(case, event.task, stop)


def clock_resumed(case: Case, event: ev.ClockResumed, head: Head) -> Case:
    """The task has a deadline again; rungs that had fired stay fired."""

    def go_on(task: Task) -> Task:
        stopped = task.stopped
        if stopped is None:
            return task
        if event.deadline is None:
            return replace(task, stopped=replace(stopped, by_act=False))
        moved = event.deadline.due_at != stopped.deadline.due_at
        return replace(
            task,
            deadline=event.deadline,
            undated="",
            alarm=event.alarm,
            epoch=event.alarm.epoch if event.alarm else task.epoch,
            expired_at=None if moved else stopped.expired_at,
            stopped=None,
            runs_from=event.runs_from,
            first_due=event.first_due,
        )

    return _with_task(case, event.task, go_on)


def clock_dropped(case: Case, event: ev.ClockDropped, head: Head) -> Case:
    """A held clock is held no longer."""
    return replace(case, clocks=tuple(one for one in case.clocks if one.task != event.task))


def taken_up(case: Case, task: Task) -> Case:
    """A task opened where a clock was held takes it up."""
    if task.stopped is None or not case.clocks:
        return case
    kept = tuple(one for one in case.clocks if (one.state, one.spec) != (task.state, task.spec))
    return replace(case, clocks=kept)


def held_again(clocks: tuple[HeldClock, ...], tasks: tuple[Task, ...]) -> tuple[HeldClock, ...]:
    """Clocks that are held as before, since the way back was taken back: what fired or passed meanwhile has."""
    return tuple(
        _gone_on(one, next((task for task in tasks if (task.state, task.spec) == (one.state, one.spec)), None))
        for one in clocks
    )


def _gone_on(held: HeldClock, task: Task | None) -> HeldClock:
    kept = held.kept
    if task is None or kept.stopped is None:
        return held
    stopped = kept.stopped
    if task.expired_at is not None and task.deadline is not None:
        stopped = replace(stopped, deadline=task.deadline, ran_out=True, alarm=task.alarm, expired_at=task.expired_at)
    fired = (*kept.fired, *(rung for rung in task.fired if rung not in kept.fired))
    kept = replace(kept, fired=fired, covered=task.covered, epoch=max(kept.epoch, task.epoch), stopped=stopped)
    return replace(held, kept=kept, skipped=task.skipped)


def first_due(task: Task, event: ev.DeadlineMoved) -> date | None:
    """The last day before any extension, once there is one."""
    if event.cause != "extended" or task.first_due is not None or task.deadline is None:
        return task.first_due
    return task.deadline.derivation.due_on


def moved_while_stopped(task: Task, event: ev.DeadlineMoved) -> Task:
    """Another deadline for a task whose clock stands still: the stopped time will be added to that one."""
    assert task.stopped is not None
    extended = event.cause == "extended"
    return replace(
        task,
        stopped=replace(task.stopped, deadline=event.deadline, expired_at=None, ran_out=False),
        fired=(),
        covered=(),
        counts_from=None,
        skipped=event.skipped,
        extensions=task.extensions + extended,
        first_due=task.first_due or (task.stopped.deadline.derivation.due_on if extended else None),
    )


def _with_task(case: Case, n: int, change: Callable[[Task], Task]) -> Case:
    return replace(case, tasks=tuple(change(task) if task.n == n else task for task in case.tasks))


CHANGES = cast(
    "dict[type, Callable[[Case, Any, Any], Case]]",
    {
        ev.ClockStopped: clock_stopped,
        ev.ClockResumed: clock_resumed,
        ev.ClockDropped: clock_dropped,
    },
)
