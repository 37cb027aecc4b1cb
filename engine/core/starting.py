"""A date that a deadline waits for starts its clock: once the field is filled the task is dated, whoever filled it.

Of several deadlines the first counts: one that only now can be told may come before the one that counted.
"""

from __future__ import annotations

from msgspec.structs import replace

from engine.core import event as ev
from engine.core import stopping
from engine.core.case import Task
from engine.core.case_people import Stopped
from engine.core.deadlines import Deadline, first_of, opening
from engine.core.definition import DeadlineSpec
from engine.core.extending import in_force
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
        made = _made(turn, task, spec.deadline, filled)
        if made is not None:
            _date(turn, task, made)
            stopping.settle(turn)  # a state beside may stop what only now runs


def _asked(spec: DeadlineSpec) -> set[str]:
    """The fields a rule reads, among its other words."""
    return {spec.since, spec.until}.union(*(_asked(one) for one in spec.whichever_first)) - {""}


def _made(turn: Turn, task: Task, spec: DeadlineSpec, filled: set[str]) -> Deadline | None:
    """The deadline that is the task's from now on: its first one, or an earlier one that could not be told before.

    One that was extended or has passed is not touched; a date that is corrected moves nothing. What stood still before
    is part of those that were known, as they record it.
    """
    made, present = turn.deadline(spec, task.began), in_force(task)
    if made is None or present is None:
        return made if present is None and task.undated.startswith(WAITS) else None
    known = present.derivation.whichever or (present,)
    passed = task.expired_at is not None or (task.stopped is not None and not _runs_on(task.stopped))
    if passed or task.first_due is not None or task.extensions or len(made.derivation.whichever) <= len(known):
        return None
    told = (turn.deadline(one, task.began) for one in spec.whichever_first if filled.intersection(_asked(one)))
    first = first_of([*known, *(one for one in told if one is not None)])
    first = opening(first, spec.opens, turn.facts.calendar_named(first.derivation.by_calendar))
    return first if first.due_at < present.due_at else None


def _runs_on(stopped: Stopped) -> bool:
    return not stopped.ran_out and stopped.expired_at is None


def _date(turn: Turn, task: Task, made: Deadline) -> None:
    present = in_force(task)
    runs = None if task.stopped else made
    alarm, skipped = turn.arm(task.ladder, runs, turn.at, task.epoch + 1, began=task.began)
    if task.stopped is not None:
        skipped = turn.passed_standing(task.ladder, replace(task.stopped, deadline=made), task.began, (), None)
    was = present.due_at if present else None
    cause = "came_first" if present else "started"
    turn.emit(ev.DeadlineMoved(task=task.n, deadline=made, was=was, cause=cause, alarm=alarm, skipped=skipped))
