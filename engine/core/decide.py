"""`decide`: the one place that chooses what happens next in a case.

    decide(machine, case, command, facts) -> events

Pure: the same arguments give the same events. Raises Refusal (may not), BadInput (cannot be read), ExpressionError (a
guard failed, which denies). No events means that the command changes nothing: a timer that is no longer armed, a task
already read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from engine.core import (
    acts_by_people,
    acts_by_time,
    acts_of_calendar,
    acts_of_claims,
    acts_of_drafts,
    acts_of_guests,
    acts_of_hand_over,
    acts_of_holding,
    acts_of_ladders,
    acts_of_links,
    acts_of_sealing,
    acts_of_votes,
    queues,
    seals,
    starting,
)
from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case import Case
from engine.core.facts import Facts
from engine.core.fold import at_seq
from engine.core.machine import Machine
from engine.core.turn import Turn
from engine.errors import Conflict, NotFound


class Decided(NamedTuple):
    """Events, and the case that `fold_entry` makes of them: deciding folds them anyway."""

    events: tuple[ev.AnyEvent, ...]
    case: Case | None


def decide(machine: Machine, case: Case | None, command: cmd.Command, facts: Facts) -> tuple[ev.AnyEvent, ...]:
    """What follows from a command on a case stream."""
    return decide_and_fold(machine, case, command, facts).events


def decide_and_fold(machine: Machine, case: Case | None, command: cmd.Command, facts: Facts) -> Decided:
    """What follows from a command on a case stream, and the case after it."""
    act = command.act
    opens = isinstance(act, cmd.StartCase | cmd.ClaimCase)
    if opens and case is not None:
        raise Conflict("case_exists", stream=str(command.stream))
    if not opens and case is None:
        raise NotFound("case_not_found", stream=str(command.stream))
    turn = Turn(machine, case, command, facts)
    if case is not None and not all(
        seals.may_see(machine, case, facts, person, turn.day) for person in (command.acted_by, command.entered_by)
    ):
        raise NotFound("case_not_found", stream=str(command.stream))
    _DECIDERS[type(act)](turn, act)
    if not turn.events:
        return Decided((), case)
    starting.settle(turn)
    acts_of_ladders.settle(turn)
    queues.settle(turn)
    acts_of_links.tell_linking(turn)
    return Decided(tuple(turn.events), at_seq(turn.case, turn.head.seq))


_DECIDERS = cast(
    "dict[type, Callable[[Turn, Any], None]]",
    {
        cmd.StartCase: acts_by_people.start_case,
        cmd.SubmitAction: acts_by_people.submit_action,
        cmd.AnswerApproval: acts_by_people.answer_approval,
        cmd.ReadTask: acts_by_people.read_task,
        cmd.SeeCase: acts_of_sealing.look,
        cmd.FireTimer: acts_by_time.fire_timer,
        cmd.ClaimCase: acts_of_claims.claim_case,
        cmd.TriageCase: acts_of_claims.triage_case,
        cmd.StartLinked: acts_of_links.start_linked,
        cmd.ReceiveSignal: acts_of_links.receive_signal,
        **acts_of_calendar.DECIDERS,
        **acts_of_holding.DECIDERS,
        **acts_of_drafts.DECIDERS,
        **acts_of_ladders.DECIDERS,
        **acts_of_votes.DECIDERS,
        **acts_of_hand_over.DECIDERS,
        **acts_of_guests.DECIDERS,
    },
)
