"""What a person may do now about passing a task on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from engine.core.case import Case, Task
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.core.offer import Offer


def offers(
    machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date, at: datetime
) -> Iterator[Offer]:
    """What the person may do with an open task besides its actions."""
    yield from ()
