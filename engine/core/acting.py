"""Whoever acts in the place of another: that they may, for whom, and that the record says so."""

from __future__ import annotations

from engine.core import event as ev
from engine.core import parties, permission
from engine.core.case import Task
from engine.core.definition import ActionSpec
from engine.core.turn import Turn
from engine.errors import BadInput


def say_for_whom(turn: Turn, action: ActionSpec | None, task: Task | None, reason: str = "") -> None:
    """Note for whom who signs this entry stands in; nothing where they act for themself. No task: they begin or reopen.

    Raises BadInput where a superior gives no reason.
    """
    person = turn.command.acted_by
    found = permission.standing(turn.machine, turn.case, turn.facts, action, task, person, turn.day)
    if found is not None:
        say(turn, found, task, reason)


def say(turn: Turn, found: permission.Standing, task: Task | None, reason: str = "") -> None:
    """The same where it is known how they act."""
    if found.stands_for:
        turn.emit(ev.ActedFor(task=task.n if task else 0, persons=(found.stands_for,), how="substitution"))
    elif found.superior and task is not None:
        if not reason.strip():
            raise BadInput("reason_missing", field="instead")
        holder = parties.holder_of(turn.machine, turn.case, turn.facts, task, turn.day)
        turn.emit(ev.ActedFor(task=task.n, persons=holder.persons, how="superior", reason=reason.strip()))
