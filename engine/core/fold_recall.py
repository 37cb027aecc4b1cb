"""What events make of an act that may be taken back: what it ended is remembered, until somebody builds on it."""

from __future__ import annotations

from typing import Protocol

from msgspec.structs import asdict, replace

from engine.core import event as ev
from engine.core.case import Case, Left, Task
from engine.core.case_people import Kept
from engine.core.definition_people import UNTIL_READ
from engine.core.fold_people import Head as Entry

#: Kinds of task that can go on as they were; the others belong to votes and hand-overs, which do not.
RESUMED = ("own", "extra", "approval", "draft", "opinion")
#: What cannot be undone, be it of the act itself or later.
_FOR_GOOD = (
    ev.CaseClosed,
    ev.CaseReopened,
    ev.CaseUnsealed,
    ev.CaseLinked,
    ev.SignalSent,
    ev.DraftIssued,
    ev.RoundOpened,
)
#: What somebody, or the clock, did after it.
_BUILT_ON = (
    ev.ActionTaken,
    ev.ApprovalAnswered,
    ev.DraftDeclined,
    ev.StateLeft,
    ev.StateEntered,
    ev.PartyAssigned,
    ev.HandOverAnswered,
    ev.PersonRecused,
    ev.CaseCopied,
    ev.VoicesChanged,
    ev.OpinionGiven,
    ev.GuestInvited,
)


class Head(Entry, Protocol):
    """Who acted when, in which entry."""

    @property
    def seq(self) -> int:
        """Its number."""


def with_left(before: Case, after: Case, event: ev.ActionTaken, head: Head) -> Case:
    """The case after an act that may be taken back, with what it is about to end."""
    task = before.task(event.task)
    tasks = tuple(one for one in before.tasks if task is not None and one.activation == task.activation)
    if task is None or any(one.kind not in RESUMED for one in tasks):
        return replace(after, left=None)
    left = Left(
        action=event.action,
        by=head.acted_by,
        at=head.occurred_at,
        seq=head.seq,
        until=event.recall,
        state=task.state,
        activation=task.activation,
        entered_at=next((stay.entered_at for stay in before.active if stay.n == task.activation), None),
        tasks=tasks,
        signed=tuple(one for one in before.signed if (one.action, one.person) == (event.action, head.acted_by)),
        clocks=before.clocks,
    )
    return replace(after, left=left)


def recallable(case: Case, event: ev.AnyEvent, head: Head) -> Case:
    """The case, with its last act no longer to be taken back if this event stands in the way."""
    left = case.left
    if left is None:
        return case
    if isinstance(event, _FOR_GOOD):
        return replace(case, left=None)
    if head.seq == left.seq:
        led = isinstance(event, ev.StateLeft) and event.activation == left.activation
        return replace(case, left=replace(left, gone=True)) if led else case
    match event:
        case ev.TaskRead(person=person):
            over = left.until == UNTIL_READ and person != left.by
        case ev.HolderChanged(how=how):
            over = how != "directory"
        case _:
            over = isinstance(event, _BUILT_ON)
    return replace(case, left=None) if over else case


def resumed(task: Task, kept: Kept) -> Task:
    """A task opened anew that goes on as far as it had come."""
    return replace(task, **asdict(kept) | {"epoch": max(task.epoch, kept.epoch)})
