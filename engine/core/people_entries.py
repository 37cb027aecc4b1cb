"""What acts of people that are no actions of a definition have in common: an open task, a reason, when and by whom."""

from __future__ import annotations

from engine.core import permission
from engine.core.case import Task
from engine.core.turn import Turn
from engine.errors import BadInput, Refusal, Stale

#: Reasons and opinions are kept whole in the record.
LONGEST_REASON = 500


def open_task(turn: Turn, n: int) -> Task:
    """The open task of that number; Stale if it is not open any more."""
    task = turn.case.task(n)
    if task is None:
        raise Stale("task_not_open", task=n)
    return task


def raise_if(refusal: Refusal | None) -> None:
    """Raise what stands in the way, if anything does."""
    if refusal is not None:
        raise refusal


def check_passing_on(turn: Turn, task: Task | None) -> None:
    """Refuse what is entered late, ahead, out of order or for another without the permission to."""
    permission.check_entry(turn.machine, turn.case, turn.facts, turn.command, "")
    permission.check_order(turn.case, turn.command, task)


def reason_of(text: str, *, needed: bool = True, field: str = "reason") -> str:
    """A reason without white space around it; BadInput if it is missing or too long."""
    reason = text.strip()
    if needed and not reason:
        raise BadInput("reason_missing", field=field)
    if len(reason) > LONGEST_REASON:
        raise BadInput("reason_too_long", field=field, most=LONGEST_REASON)
    return reason
