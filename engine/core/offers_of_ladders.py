"""What a person may do now about the ladder of a task."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from engine.core.acts_of_ladders import why_not_pause, why_not_resume
from engine.core.case import Case, Task
from engine.core.facts import Facts
from engine.core.holding import Now
from engine.core.machine import Machine
from engine.core.offer import Offer


def offers(
    machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date, at: datetime
) -> Iterator[Offer]:
    """To pause it, or to let it go on."""
    now, party = Now(machine, case, facts, day, at), task.holder.party
    if why_not_pause(now, task, person) is None:
        yield Offer(task=task.n, kind="pause_ladder", action="", title="", party=party, reason=True, batch=False)
    if why_not_resume(now, task, person) is None:
        yield Offer(task=task.n, kind="resume_ladder", action="", title="", party=party, reason=True, batch=False)
