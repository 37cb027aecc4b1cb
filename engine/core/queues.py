"""Cases that nobody's office claims: while a party of one is in a queue, somebody must say whose it is (指定)."""

from __future__ import annotations

from typing import NamedTuple

from engine.core import event as ev
from engine.core import parties
from engine.core.case import Task
from engine.core.case_people import Handing
from engine.core.command import EvidenceRef
from engine.core.definition import DeadlineSpec
from engine.core.event import Holder, TaskKind
from engine.core.turn import Turn, why_undated

#: What waits for an office, and is not itself held by the party in question.
WAITING: tuple[TaskKind, ...] = ("receipt", "designation")


class Timed(NamedTuple):
    """By when something must be done, why it has no deadline, and the ladder that climbs from it."""

    deadline: DeadlineSpec | None
    undated: str = ""
    ladder: str = ""


def open_beside(
    turn: Turn,
    kind: TaskKind,
    beside: Task,
    holder: Holder,
    timed: Timed,
    handing: Handing,
    evidence: tuple[EvidenceRef, ...] = (),
) -> None:
    """Open a task that waits for an office, beside the task in question; one for each kind and party."""
    claimed = turn.case.claim is not None and not turn.case.claim.triaged
    deadline = turn.deadline(timed.deadline, turn.at)
    alarm, skipped = (None, ()) if claimed else turn.arm(timed.ladder, deadline, turn.at)
    turn.emit(
        ev.TaskOpened(
            task=turn.case.tasks_opened + 1,
            kind=kind,
            state=beside.state,
            activation=beside.activation,
            spec=handing.party,
            holder=holder,
            deadline=deadline,
            undated=why_undated(timed.deadline, timed.undated) if deadline is None else "",
            ladder=timed.ladder,
            alarm=alarm,
            skipped=skipped,
            handing=handing,
            evidence=evidence,
        )
    )


def end_beside(turn: Turn, task: Task) -> None:
    """Withdraw a task that waits for an office, with what was drafted because of it."""
    turn.emit(ev.TaskEnded(task=task.n, how="withdrawn"))
    withdraw_drafts(turn, task)


def withdraw_drafts(turn: Turn, task: Task) -> None:
    """Withdraw the formal acts drafted because a task that has ended was late."""
    turn.withdraw_drafts(task.n)


def settle(turn: Turn) -> None:
    """Ask whose the case is for every party that has come into such a queue, and no more for those that left it.

    While another office has been asked to receive it, nobody else is asked. An office that has nobody left besides the
    sender's own people is asked no more: the matter was the sender's all the while, who may hand it over elsewhere.
    """
    for task in turn.case.tasks:
        if task.kind == "receipt" and not _others_than_sender(turn, task):
            end_beside(turn, task)
    orphans: dict[str, Task] = {}
    for task in turn.case.tasks:
        if task.kind not in WAITING and task.holder.queue and _asks(turn, task.holder.queue):
            orphans.setdefault(task.holder.party, task)
    asked = {one.handing.party: one for one in turn.case.tasks if one.handing is not None}
    for party, task in asked.items():
        if task.handing is not None and task.handing.of == 0 and party not in orphans:
            end_beside(turn, task)
    for party, task in orphans.items():
        if party not in asked:
            _ask(turn, party, task)


def _others_than_sender(turn: Turn, receipt: Task) -> bool:
    """Whether anybody is asked to receive a matter who does not hold it already."""
    sender = turn.case.task(receipt.handing.of) if receipt.handing else None
    return bool(set(receipt.holder.persons) - set(sender.holder.persons if sender else ()))


def _asks(turn: Turn, queue: str) -> bool:
    party = turn.machine.parties[queue]
    return party.designate is not None or bool(party.designate_undated)


def _ask(turn: Turn, party: str, task: Task) -> None:
    queue = turn.machine.parties[task.holder.queue]
    spec = turn.machine.parties[party.partition(".")[0]]
    region, industry = parties.office(turn.machine, turn.case, turn.facts, spec)
    open_beside(
        turn,
        "designation",
        task,
        turn.resolve(queue.designate_by or queue.id),
        Timed(queue.designate, queue.designate_undated, queue.designate_ladder),
        Handing(party=party, region=region, industry=industry, at=turn.at),
    )
