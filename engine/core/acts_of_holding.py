"""What people do about passing a task on: claim it, give it to others, for good or to come back, be recused.

None of it touches the deadline of the task, its ladder or its alarm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.acts_of_telling import DECIDERS as TELLING
from engine.core.case import Task
from engine.core.case_people import Given
from engine.core.command_parts import EvidenceRef
from engine.core.holding import (
    Naming,
    Now,
    before_delegation,
    still_given,
    why_not_claim,
    why_not_give_back,
    why_not_pass_on,
    why_not_recuse,
    why_not_release,
    why_not_take_back,
    why_not_to,
)
from engine.core.people_entries import check_passing_on, open_task, raise_if, reason_of
from engine.core.recalling import recall_action
from engine.core.turn import Turn
from engine.errors import BadInput, NotPermitted


def claim_task(turn: Turn, act: cmd.ClaimTask) -> None:
    """From now on it is theirs alone, until they release it."""
    task = open_task(turn, act.task)
    raise_if(why_not_claim(Now.of(turn), task, turn.command.acted_by))
    check_passing_on(turn, task)
    _lay(turn, task, "claimed", _given(turn, turn.command.acted_by, "claimed"))


def release_task(turn: Turn, act: cmd.ReleaseTask) -> None:
    """It lies with all who hold it again; a superior who does that says why."""
    task = open_task(turn, act.task)
    now, person = Now.of(turn), turn.command.acted_by
    raise_if(why_not_release(now, task, person))
    check_passing_on(turn, task)
    held = now.holder(task).persons
    above = person not in held
    reason = reason_of(act.reason, needed=above)
    if above:
        turn.emit(ev.ActedFor(task=task.n, persons=held, how="superior", reason=reason))
    _lay(turn, task, "released", None, reason=reason)


def transfer_task(turn: Turn, act: cmd.TransferTask) -> None:
    """It is another person's for good."""
    task, reason = _named(turn, act, "transfer")
    _lay(turn, task, "transferred", _given(turn, act.to, "transferred", reason), reason=reason)


def delegate_task(turn: Turn, act: cmd.DelegateTask) -> None:
    """Another person prepares it; it comes back to whoever held it."""
    task, reason = _named(turn, act, "delegate")
    back_to, _ = still_given(Now.of(turn), task)
    _lay(turn, task, "delegated", _given(turn, act.to, "delegated", reason), back_to=back_to, reason=reason)


def give_back_task(turn: Turn, act: cmd.GiveBackTask) -> None:
    """The delegate gives it back with an opinion; or who held it before takes it back."""
    task = open_task(turn, act.task)
    now, person = Now.of(turn), turn.command.acted_by
    delegate = person == now.delegate(task)
    raise_if((why_not_give_back if delegate else why_not_take_back)(now, task, person))
    check_passing_on(turn, task)
    opinion = reason_of(act.opinion, needed=delegate, field="opinion")
    given, back_to = still_given(now, before_delegation(task))
    how: Any = "given_back" if delegate else "taken_back"
    _lay(turn, task, how, given, back_to=back_to, reason=opinion, evidence=act.evidence)


def reassign_task(turn: Turn, act: cmd.ReassignTask) -> None:
    """It is a named person's in the place of somebody who leaves."""
    task, reason = _named(turn, act, "reassign")
    _lay(turn, task, "leaver", _given(turn, act.to, "leaver", reason), reason=reason)


def recuse_person(turn: Turn, act: cmd.RecusePerson) -> None:
    """Who says that they are biased takes no more part; what they held is looked up anew."""
    task = open_task(turn, act.task)
    person = turn.command.acted_by
    before = Now.of(turn)
    raise_if(why_not_recuse(before, task, person))
    check_passing_on(turn, task)
    held = [one.n for one in turn.case.tasks if person in before.holder(one).persons or person in one.holder.persons]
    turn.emit(ev.PersonRecused(person=person, reason=reason_of(act.reason)))
    for n in held:
        _look_up(turn, n, "recused")


def refresh_holder(turn: Turn, act: cmd.RefreshHolder) -> None:
    """Who holds open tasks now, where that is not what the record says."""
    if turn.command.acted_by != cmd.SYSTEM:
        raise NotPermitted("system_only", act="refresh_holder")
    for task in turn.case.tasks:
        if act.task in (0, task.n):
            _look_up(turn, task.n, "directory")


def _look_up(turn: Turn, n: int, how: Any) -> None:
    task = turn.case.task(n)
    if task is None:
        return
    given, back_to = still_given(Now.of(turn), task)
    holder = Now.of(turn).holder(replace(task, given=given, back_to=back_to))
    if (holder, given, back_to) != (task.holder, task.given, task.back_to):
        turn.emit(ev.HolderChanged(task=n, holder=holder, how=how, given=given, back_to=back_to))


def _named(turn: Turn, act: cmd.TransferTask | cmd.DelegateTask | cmd.ReassignTask, kind: Naming) -> tuple[Task, str]:
    """The task, and the reason for which the person named gets it; raises whatever is against it."""
    task, now, person = open_task(turn, act.task), Now.of(turn), turn.command.acted_by
    raise_if(why_not_pass_on(now, task, person, kind))
    check_passing_on(turn, task)
    reason = reason_of(act.reason)
    if act.to == person and kind != "reassign":
        raise BadInput("named_oneself", field="to")
    raise_if(why_not_to(now, task, kind, act.to))
    return task, reason


def _given(turn: Turn, person: str, how: Any, reason: str = "") -> Given:
    return Given(person=person, how=how, by=turn.command.acted_by, at=turn.at, reason=reason)


def _lay(
    turn: Turn,
    task: Task,
    how: Any,
    given: Given | None,
    *,
    back_to: Given | None = None,
    reason: str = "",
    evidence: tuple[EvidenceRef, ...] = (),
) -> None:
    """Say with whom it lies now; never with nobody."""
    holder = Now.of(turn).holder(replace(task, given=given, back_to=back_to))
    if not holder.persons and not holder.queue:
        raise NotPermitted("nobody_else", task=task.n)
    turn.emit(
        ev.HolderChanged(
            task=task.n, holder=holder, how=how, given=given, back_to=back_to, reason=reason, evidence=evidence
        )
    )


#: act -> what follows from it
DECIDERS: dict[type, Callable[[Turn, Any], None]] = {
    cmd.ClaimTask: claim_task,
    cmd.ReleaseTask: release_task,
    cmd.TransferTask: transfer_task,
    cmd.DelegateTask: delegate_task,
    cmd.GiveBackTask: give_back_task,
    cmd.ReassignTask: reassign_task,
    cmd.RefreshHolder: refresh_holder,
    cmd.RecusePerson: recuse_person,
    cmd.RecallAction: recall_action,
    **TELLING,
}
