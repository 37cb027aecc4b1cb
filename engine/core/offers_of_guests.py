"""What a person may do now about those without an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from engine.core import parties
from engine.core.acts_of_guests import invited_parties
from engine.core.case import Case, Task
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.core.offer import Offer


def offers(
    machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date, at: datetime
) -> Iterator[Offer]:
    """Who holds a task may invite each party without an account that has something to do in it and is named."""
    if case.sealed or person not in parties.holder_of(machine, case, facts, task, day).persons:
        return
    for party in invited_parties(machine, task):
        spec = machine.parties[party]
        if case.fields.get(spec.field):
            yield Offer(task=task.n, kind="invite", action=party, title=spec.title, party=task.holder.party)
