"""What a person may do now about votes and opinions.

A vote is one offer of kind "vote", answered with consent or refusal; changes of its voices, and taking it back, are
offered on the task from which it was asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from engine.core import permission, permission_votes, rounds
from engine.core.case import Case, Task
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.core.offer import Offer


def offers(
    machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date, at: datetime
) -> Iterator[Offer]:
    """What the person may do with an open task besides its actions."""
    match task.kind:
        case "vote":
            yield from _vote(machine, case, facts, task, person, day, at)
        case "opinion":
            yield from _opinion(machine, case, facts, task, person, day, at)
        case "own" | "extra":
            yield from _under_way(machine, case, facts, task, person, day)
        case _:
            pass


def _vote(
    machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date, at: datetime
) -> Iterator[Offer]:
    action = permission.asked_action(machine, case, task)
    found = permission.standing(machine, case, facts, None, task, person, day)
    if action is None or found is None:
        return
    if permission_votes.why_not_vote(machine, case, facts, action, task, person, day) is not None:
        return
    yield Offer(
        task=task.n,
        kind="vote",
        action=action.id,
        title=action.title,
        party=found.party,
        late=_is_late(task, at),
        late_entry=action.late_entry,
        stands_for=found.stands_for,
    )


def _is_late(task: Task, at: datetime) -> bool:
    return task.deadline is not None and at >= task.deadline.due_at


def _opinion(
    machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date, at: datetime
) -> Iterator[Offer]:
    found = permission.standing(machine, case, facts, None, task, person, day)
    if found is None or permission_votes.why_no_opinion(machine, case, facts, task, person, day) is not None:
        return
    title = machine.tasks[task.state, ""].title
    late, party = _is_late(task, at), found.party
    yield Offer(
        task=task.n, kind="opinion", action=task.spec, title=title, party=party, late=late, stands_for=found.stands_for
    )


def _under_way(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Iterator[Offer]:
    """Votes asked from a task: voices added and taken out, the whole taken back."""
    for one in case.rounds:
        asking, action = rounds.asked_in(case, one), rounds.action_of(machine, case, one)
        if one.of != task.n or asking is None or asking.asked is None or action is None or action.votes is None:
            continue
        party, title = task.holder.party, action.title
        at_hand = (machine, case, facts, one, asking.asked, person, day)
        if permission_votes.why_not_change(*at_hand) is None:
            if action.votes.add:
                yield Offer(
                    task=task.n,
                    kind="add_voice",
                    action=action.id,
                    title=title,
                    party=party,
                    parties=action.votes.add,
                    reason=True,
                )
            if voices := permission_votes.removable(one, asking.asked, person):
                among = tuple(str(voice.n) for voice in voices)
                yield Offer(
                    task=task.n,
                    kind="remove_voice",
                    action=action.id,
                    title=title,
                    party=party,
                    among=among,
                    reason=True,
                )
        if permission_votes.is_asker(asking.asked, person):
            yield Offer(task=task.n, kind="recall", action=action.id, title=title, party=party)
