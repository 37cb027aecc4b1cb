"""Work on one task by several offices: one concludes, the others give opinions on time or are late by name."""

from __future__ import annotations

from datetime import datetime

from engine.core.case import Case, Task
from engine.core.definition import JointSpec
from engine.core.machine import Machine


def opinions_asked(case: Case, activation: int) -> tuple[Task, ...]:
    """The tasks of those who have not yet given their opinion in an activation."""
    return tuple(task for task in case.tasks if task.kind == "opinion" and task.activation == activation)


def opinions_awaited(case: Case, joint: JointSpec, activation: int, at: datetime) -> tuple[str, ...]:
    """The parties without whose opinion the holder cannot conclude at an instant.

    Where only deadlines are waited for, whoever has none is not waited for.
    """
    if joint.wait == "none":
        return ()
    return tuple(
        task.spec
        for task in opinions_asked(case, activation)
        if joint.wait == "all" or (task.deadline is not None and at < task.deadline.due_at)
    )


def is_missed(task: Task, at: datetime) -> bool:
    """Whether the time for an opinion has passed."""
    return task.expired_at is not None or (task.deadline is not None and at >= task.deadline.due_at)


def leaves(machine: Machine, task: Task, action: str) -> bool:
    """Whether an action of a task leads out of its state, on any of its branches."""
    key = (task.state, task.spec, action)
    return any(branch.move.target for branch in machine.moves.get(key, ()))
