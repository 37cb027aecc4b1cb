"""A vote under way in a case: the tasks that ask for its voices, and how it ends with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from engine.core import event as ev
from engine.core.case import Case, Task
from engine.core.case_people import Round, Voice
from engine.core.definition import ActionSpec
from engine.core.machine import Machine


def round_of(case: Case, task: Task) -> Round | None:
    """The vote to which a task that asks for a voice belongs."""
    return next((one for one in case.rounds if any(voice.task == task.n for voice in one.voices)), None)


def voice_of(found: Round, task: Task) -> Voice | None:
    """The voice for which a task asks."""
    return next((one for one in found.voices if one.task == task.n), None)


def action_of(machine: Machine, case: Case, found: Round) -> ActionSpec | None:
    """The action on which a vote is held."""
    origin = case.task(found.of)
    return machine.actions.get((origin.state, origin.spec, found.action)) if origin else None


def asked_in(case: Case, found: Round) -> Task | None:
    """An open task that asks for a voice of a vote: each of them keeps what was asked, and by whom."""
    numbers = {one.task for one in found.voices}
    return next((task for task in case.tasks if task.kind == "vote" and task.n in numbers), None)


def ending(
    case: Case, found: Round, how: Literal["passed", "refused", "withdrawn"], reason: str = ""
) -> Iterator[ev.TaskEnded | ev.RoundClosed]:
    """What ends a vote: nobody is asked for a voice in it any more."""
    numbers = {one.task for one in found.voices}
    for task in case.tasks:
        if task.kind == "vote" and task.n in numbers:
            yield ev.TaskEnded(task=task.n, how="withdrawn", reason=reason)
    yield ev.RoundClosed(round=found.n, how=how)


def withdrawn_with(case: Case, origins: Iterable[int]) -> Iterator[ev.TaskEnded | ev.RoundClosed]:
    """What ends the votes that were asked from these tasks, because the tasks end."""
    numbers = set(origins)
    for found in case.rounds:
        if found.of in numbers:
            yield from ending(case, found, "withdrawn")
