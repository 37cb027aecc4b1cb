"""A date that a deadline waits for starts its clock: once the field is filled the task is dated, whoever filled it.

Of several deadlines the first counts: one that only now can be told may come before the one that counted.
"""

from __future__ import annotations

from engine.core import event as ev
from engine.core.case import Task
from engine.core.deadlines import Deadline
from engine.core.definition import DeadlineSpec
from engine.core.stops import WAITS
from engine.core.turn import Turn


def settle(turn: Turn) -> None:
    """Date the open tasks of states that waited for a field of this decision; claimed cases wait for triage."""
    filled = {name for event in turn.events if isinstance(event, ev.FieldsSet) for name in event.values}
    if not filled or turn.state is None or (turn.state.claim is not None and not turn.state.claim.triaged):
        return
    for task in turn.case.tasks:
        spec = turn.machine.tasks.get((task.state, task.spec)) if task.kind in ("own", "extra") else None
        if spec is None or spec.deadline is None or spec.every or not filled.intersection(_asked(spec.deadline)):
            continue
        made = turn.deadline(spec.deadline, task.began)
        if made is not None and _counts_now(task, made):
            _date(turn, task, made)


def _asked(spec: DeadlineSpec) -> set[str]:
    """The fields a rule reads, among its other words."""
    return {spec.since, spec.until}.union(*(_asked(one) for one in spec.whichever_first)) - {""}


def _counts_now(task: Task, made: Deadline) -> bool:
    """Whether a deadline is the task's from now on: its first one, or an earlier one that could not be told before.

    One that was extended, has passed or stands still is not touched; a date that is corrected moves nothing.
    """
    if task.deadline is None:
        return task.stopped is None and task.undated.startswith(WAITS)
    known = max(len(task.deadline.derivation.whichever), 1)
    more = len(made.derivation.whichever) > known
    untouched = task.expired_at is None and task.first_due is None and task.extensions == 0
    return more and untouched and made.due_at < task.deadline.due_at


def _date(turn: Turn, task: Task, made: Deadline) -> None:
    alarm, skipped = turn.arm(task.ladder, made, turn.at, task.epoch + 1, began=task.began)
    was = task.deadline.due_at if task.deadline else None
    cause = "came_first" if task.deadline else "started"
    turn.emit(ev.DeadlineMoved(task=task.n, deadline=made, was=was, cause=cause, alarm=alarm, skipped=skipped))
