"""What people do about those without an account: invite them to act as a party, end that before its time.

A guest (外部当事方) never holds a task: whoever holds it answers for it, and the guest may do those of its actions that
name their party. On a link they act themselves; what they said on paper a clerk enters for them with its scan.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from engine.core import command as cmd
from engine.core import event as ev
from engine.core import parties, permission
from engine.core.case import Task
from engine.core.case_people import GUEST
from engine.core.machine import Machine
from engine.core.turn import Turn
from engine.errors import BadInput, NotFound, NotPermitted, Stale

#: The furthest day until which somebody may be invited.
LONGEST = timedelta(days=366)
_ID = 20


def invited_parties(machine: Machine, task: Task) -> tuple[str, ...]:
    """The parties without accounts that may do something with a task."""
    if task.kind not in ("own", "extra"):
        return ()
    named = (one.partition(".")[0] for action in machine.tasks[task.state, task.spec].actions for one in action.by)
    return tuple(dict.fromkeys(one for one in named if machine.parties[one].kind == "guest"))


def may_invite(turn: Turn, task: Task, person: str) -> bool:
    """Whether a person may invite guests to a task: whoever holds it may."""
    return person in parties.holder_of(turn.machine, turn.case, turn.facts, task, turn.day).persons


def invite(turn: Turn, act: cmd.InviteGuest) -> None:
    """Let somebody without an account act as a party until the end of a day."""
    task = turn.case.task(act.task)
    if task is None:
        raise Stale("task_not_open", task=act.task)
    if not may_invite(turn, task, turn.command.acted_by):
        raise NotPermitted("not_your_task", task=task.n)
    if turn.case.sealed:
        raise NotPermitted("sealed_case", case=turn.case.id)
    if act.party not in invited_parties(turn.machine, task):
        raise BadInput("guest_party_unknown", field="party", got=act.party)
    if not turn.case.fields.get(turn.machine.parties[act.party].field):
        raise BadInput("guest_without_name", field="party", named=turn.machine.parties[act.party].field)
    permission.check_entered_by(turn.facts, turn.command, turn.case)
    permission.check_not_ahead(turn.command)
    turn.emit(
        ev.GuestInvited(
            # A child id derives from the command id: a repeat invites the same guest.
            person=GUEST + sha256(f"guest\n{turn.command.id}".encode()).hexdigest()[:_ID],
            party=act.party,
            way=act.way,
            until=turn.facts.calendar.end_of(_until(turn, act.until)),
        )
    )


def _until(turn: Turn, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as exc:
        raise BadInput("not_a_date", field="until", got=text[:40]) from exc
    if not turn.day <= day <= turn.day + LONGEST:
        raise BadInput("guest_until", field="until", got=text, latest=(turn.day + LONGEST).isoformat())
    return day


def end(turn: Turn, act: cmd.EndGuest) -> None:
    """End an invitation: the link admits nobody from then on, what was done stays."""
    guest = next((one for one in turn.case.guests if one.person == act.person), None)
    if guest is None:
        raise NotFound("guest_not_found", person=act.person)
    if guest.until is None or turn.at >= guest.until:
        return
    if not act.reason.strip():
        raise BadInput("reason_missing", field="reason")
    if not _may_end(turn, guest.invited_by):
        raise NotPermitted("not_your_task")
    permission.check_entered_by(turn.facts, turn.command, turn.case)
    permission.check_not_ahead(turn.command)
    turn.emit(ev.GuestEnded(person=act.person, reason=act.reason.strip()))


def _may_end(turn: Turn, invited_by: str) -> bool:
    person = turn.command.acted_by
    return person == invited_by or any(may_invite(turn, task, person) for task in turn.case.tasks)


#: act -> what follows from it
DECIDERS: dict[type, Callable[[Turn, Any], None]] = {cmd.InviteGuest: invite, cmd.EndGuest: end}
