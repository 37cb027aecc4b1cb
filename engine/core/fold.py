"""`fold`: what events make of a case. Pure, total over every released event, and tolerant of erased references."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from engine.core import event as ev
from engine.core import fold_clocks, fold_ladders, fold_people
from engine.core.case import Activation, Case, Claim, Issued, Obliged, Signed, Task
from engine.core.fold_links import case_linked, linked_back, linked_changed
from engine.core.fold_recall import recallable, resumed, with_left


class Head(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an entry says besides its events; `fold` needs it to know who and when."""

    id: str
    seq: int
    acted_by: str
    occurred_at: datetime
    recorded_at: datetime


def fold_entry(case: Case | None, head: Head, events: Iterable[ev.AnyEvent]) -> Case | None:
    """The case after one entry; None only if the entry is not of a case."""
    for event in events:
        case = fold(case, event, head)
    return case if case is None else at_seq(case, head.seq)


def at_seq(case: Case, seq: int) -> Case:
    """The case with that as its last entry."""
    return case if case.seq == seq else replace(case, seq=seq)


def fold(case: Case | None, event: ev.AnyEvent, head: Head) -> Case | None:
    """The case after one event; events that do not concern the state of a case change nothing."""
    if type(event) is ev.CaseOpened:
        return _case_opened(event, head)
    change = _CHANGES.get(type(event))
    if change is None or case is None:
        return case
    after = change(case, event, head)
    return after if after.left is None else recallable(after, event, head)


def _case_opened(event: ev.CaseOpened, head: Head) -> Case:
    return Case(
        id=head.id,
        seq=head.seq,
        procedure=event.procedure,
        version=event.version,
        number=event.number,
        region=event.region,
        unit=event.unit,
        place=event.place,
        industry=event.industry,
        title=event.title,
        opened_at=head.occurred_at,
    )


def _case_claimed(case: Case, event: ev.CaseClaimed, head: Head) -> Case:
    claim = Claim(number=event.claimed_number, opened_at=event.claimed_opened_at, closed_at=event.claimed_closed_at)
    return replace(case, claim=claim, opened_at=event.claimed_opened_at)


def _case_triaged(case: Case, event: ev.CaseTriaged, head: Head) -> Case:
    return replace(case, claim=replace(case.claim, triaged=True) if case.claim else None)


def _action_taken(case: Case, event: ev.ActionTaken, head: Head) -> Case:
    acted = fold_people.acted(case, event.task, event.action, event.party, head)
    return with_left(case, acted, event, head) if event.recall else acted


def _party_signed(case: Case, event: ev.PartySigned, head: Head) -> Case:
    case = replace(case, signing={**case.signing, event.party: "signed"})
    if not event.person or event.person == head.acted_by:
        return case
    # Who signs with who acts has signed the action; who signs for another side has only signed.
    own = any(one.action == event.action and one.party == event.party for one in case.signed)
    action = event.action if own else f"{event.action}.sign"
    kept = tuple(one for one in case.signed if (one.action, one.person) != (action, event.person))
    one = Signed(action=action, person=event.person, party=event.party, at=head.occurred_at)
    return replace(case, signed=(*kept, one))


def _signature_refused(case: Case, event: ev.SignatureRefused, head: Head) -> Case:
    return replace(case, signing={**case.signing, event.party: "refused"})


def _case_sealed(case: Case, event: ev.CaseSealed, head: Head) -> Case:
    return replace(case, sealed=True, creators=event.creators)


def _case_unsealed(case: Case, event: ev.CaseUnsealed, head: Head) -> Case:
    return replace(case, sealed=False)


def _case_seen(case: Case, event: ev.CaseSeen, head: Head) -> Case:
    return replace(case, seen=(*case.seen, event.person))


def _approval_answered(case: Case, event: ev.ApprovalAnswered, head: Head) -> Case:
    return fold_people.acted(case, event.task, f"{event.action}.approve", event.party, head)


def _fields_set(case: Case, event: ev.FieldsSet, head: Head) -> Case:
    touched = {**case.touched, **dict.fromkeys(event.values, head.seq)}
    return replace(case, fields={**case.fields, **event.values}, touched=touched)


def _state_left(case: Case, event: ev.StateLeft, head: Head) -> Case:
    return replace(case, active=tuple(stay for stay in case.active if stay.n != event.activation))


def _state_entered(case: Case, event: ev.StateEntered, head: Head) -> Case:
    count = max(case.activations, event.activation)
    if not event.leaf:
        return replace(case, activations=count)
    stay = Activation(n=event.activation, state=event.state, entered_at=event.since or head.occurred_at)
    visited = case.visited if event.state in case.visited else (*case.visited, event.state)
    return replace(case, activations=count, active=(*case.active, stay), visited=visited)


def _task_opened(case: Case, event: ev.TaskOpened, head: Head) -> Case:
    task = Task(
        n=event.task,
        kind=event.kind,
        state=event.state,
        activation=event.activation,
        spec=event.spec,
        holder=event.holder,
        opened_at=head.occurred_at,
        deadline=event.deadline,
        undated=event.undated,
        ladder=event.ladder,
        alarm=event.alarm,
        epoch=event.alarm.epoch if event.alarm else 0,
        skipped=event.skipped,
        draft=event.draft,
        asked=event.asked,
        period=event.period,
        handing=event.handing,
        voice=event.voice,
    )
    if event.kept is not None:
        task = resumed(task, event.kept)
    case = fold_clocks.taken_up(case, task)
    return replace(case, tasks=(*case.tasks, task), tasks_opened=max(case.tasks_opened, event.task))


def _task_ended(case: Case, event: ev.TaskEnded, head: Head) -> Case:
    return replace(case, tasks=tuple(task for task in case.tasks if task.n != event.task))


def _with_task(case: Case, n: int, change: Callable[[Task], Task], **rest: Any) -> Case:
    return replace(case, tasks=tuple(change(task) if task.n == n else task for task in case.tasks), **rest)


def _epoch(task: Task, alarm: ev.Alarm | None) -> int:
    return alarm.epoch if alarm else task.epoch


def _task_read(case: Case, event: ev.TaskRead, head: Head) -> Case:
    return _with_task(case, event.task, lambda task: replace(task, readers=(*task.readers, event.person)))


def _deadline_moved(case: Case, event: ev.DeadlineMoved, head: Head) -> Case:
    def move(task: Task) -> Task:
        if task.stopped is not None:
            return fold_clocks.moved_while_stopped(task, event)
        return replace(
            task,
            deadline=event.deadline,
            undated="",
            alarm=event.alarm,
            epoch=_epoch(task, event.alarm),
            fired=(),
            covered=(),
            skipped=event.skipped,
            counts_from=None,
            expired_at=task.expired_at if task.deadline == event.deadline else None,
            extensions=task.extensions + (event.cause == "extended"),
            first_due=fold_clocks.first_due(task, event),
        )

    return _with_task(case, event.task, move)


def _deadline_redated(case: Case, event: ev.DeadlineRedated, head: Head) -> Case:
    def move(task: Task) -> Task:
        epoch = _epoch(task, event.alarm)
        return replace(task, deadline=event.deadline, alarm=event.alarm, epoch=epoch, skipped=event.skipped)

    return _with_task(case, event.task, move)


def _deadline_expired(case: Case, event: ev.DeadlineExpired, head: Head) -> Case:
    def expire(task: Task) -> Task:
        return replace(task, expired_at=event.due_at, alarm=event.alarm, epoch=_epoch(task, event.alarm))

    return _with_task(case, event.task, expire, expiries=case.expiries + 1)


def _rung_fired(case: Case, event: ev.RungFired, head: Head) -> Case:
    def fire(task: Task) -> Task:
        fired = task.fired if event.rung in task.fired else (*task.fired, event.rung)
        covered = task.covered
        if event.coalesced:
            covered = (*(one for one in covered if one[0] != event.rung), (event.rung, head.recorded_at))
        return replace(task, fired=fired, covered=covered, alarm=event.alarm, epoch=_epoch(task, event.alarm))

    return _with_task(case, event.task, fire)


def _draft_issued(case: Case, event: ev.DraftIssued, head: Head) -> Case:
    task = case.task(event.task)
    draft = task.draft if task else None
    issued = Issued(
        task=event.task,
        of=draft.of if draft else 0,
        kind=event.kind,
        rung=draft.rung if draft else "",
        number=event.number,
        at=head.occurred_at,
        way=event.way,
        served_on=event.served_on,
    )
    return replace(case, issued=(*case.issued, issued))


def _obligation_taken(case: Case, event: ev.ObligationTaken, head: Head) -> Case:
    one = Obliged(
        duty=event.duty, period=event.period, subject=event.subject, done=event.done, by_engine=event.by_engine
    )
    return replace(case, obligation=one)


def _case_closed(case: Case, event: ev.CaseClosed, head: Head) -> Case:
    at = case.claim.closed_at if case.claim and case.claim.closed_at and not case.claim.triaged else head.occurred_at
    return replace(case, closed=event.how, closed_at=at)


def _case_reopened(case: Case, event: ev.CaseReopened, head: Head) -> Case:
    return replace(case, closed="", closed_at=None, reopened=case.reopened + 1)


_CHANGES = cast(
    "dict[type, Callable[[Case, Any, Head], Case]]",
    {
        ev.CaseClaimed: _case_claimed,
        ev.CaseTriaged: _case_triaged,
        ev.ActionTaken: _action_taken,
        ev.ApprovalAnswered: _approval_answered,
        ev.FieldsSet: _fields_set,
        ev.StateLeft: _state_left,
        ev.StateEntered: _state_entered,
        ev.TaskOpened: _task_opened,
        ev.TaskEnded: _task_ended,
        ev.TaskRead: _task_read,
        ev.DeadlineMoved: _deadline_moved,
        ev.DeadlineRedated: _deadline_redated,
        ev.DeadlineExpired: _deadline_expired,
        ev.RungFired: _rung_fired,
        ev.DraftIssued: _draft_issued,
        ev.CaseLinked: lambda case, event, head: case_linked(case, event),
        ev.LinkedBack: lambda case, event, head: linked_back(case, event),
        ev.LinkedChanged: lambda case, event, head: linked_changed(case, event),
        ev.ObligationTaken: _obligation_taken,
        ev.CaseClosed: _case_closed,
        ev.CaseReopened: _case_reopened,
        ev.PartySigned: _party_signed,
        ev.SignatureRefused: _signature_refused,
        ev.CaseSealed: _case_sealed,
        ev.CaseUnsealed: _case_unsealed,
        ev.CaseSeen: _case_seen,
        **fold_people.CHANGES,
        **fold_clocks.CHANGES,
        **fold_ladders.CHANGES,
    },
)
