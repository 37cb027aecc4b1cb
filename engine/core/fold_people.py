"""What events of passing on, standing in, voting and inviting make of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from engine.core import event_people as ev
from engine.core.case import Case, Signed
from engine.core.case_people import Copy, Guest, Opinion, Round, Urged
from engine.core.fold_clocks import held_again


class Head(Protocol):
    """Who acted and when, as the entry says."""

    @property
    def acted_by(self) -> str:
        """The signatory."""

    @property
    def occurred_at(self) -> datetime:
        """When it happened."""


def acted(case: Case, n: int, action: str, party: str, head: Head) -> Case:
    """The case in which somebody acted on a task as a party: they signed, and it is the last act of its activation."""
    kept = tuple(one for one in case.signed if (one.action, one.person) != (action, head.acted_by))
    signed = (*kept, Signed(action=action, person=head.acted_by, party=party, at=head.occurred_at))
    task = case.task(n)
    if task is None:
        return replace(case, signed=signed)
    active = tuple(
        replace(stay, acted_at=head.occurred_at) if stay.n == task.activation else stay for stay in case.active
    )
    return replace(case, signed=signed, active=active)


def _with_task(case: Case, n: int, **changes: Any) -> Case:
    return replace(case, tasks=tuple(replace(task, **changes) if task.n == n else task for task in case.tasks))


def holder_changed(case: Case, event: ev.HolderChanged, head: Head) -> Case:
    """A task lies with somebody else."""
    return _with_task(case, event.task, holder=event.holder, given=event.given, back_to=event.back_to)


def party_assigned(case: Case, event: ev.PartyAssigned, head: Head) -> Case:
    """A party means others."""
    return replace(case, assigned={**case.assigned, event.party: event.assigned})


def hand_over_answered(case: Case, event: ev.HandOverAnswered, head: Head) -> Case:
    """It was received or refused: what follows says so itself."""
    return case


def person_recused(case: Case, event: ev.PersonRecused, head: Head) -> Case:
    """A person takes no more part."""
    return case if event.person in case.recused else replace(case, recused=(*case.recused, event.person))


def task_urged(case: Case, event: ev.TaskUrged, head: Head) -> Case:
    """The last time each person urged."""
    task = case.task(event.task)
    if task is None:
        return case
    others = tuple(one for one in task.urged if one.person != head.acted_by)
    return _with_task(case, event.task, urged=(*others, Urged(person=head.acted_by, at=head.occurred_at)))


def case_copied(case: Case, event: ev.CaseCopied, head: Head) -> Case:
    """Persons who were sent a copy; a second copy is to be read again."""
    others = tuple(one for one in case.copies if one.person not in event.to)
    fresh = (Copy(person=one, by=head.acted_by, at=head.occurred_at) for one in event.to)
    return replace(case, copies=(*others, *fresh))


def copy_read(case: Case, event: ev.CopyRead, head: Head) -> Case:
    """A copy was read."""
    read = (replace(one, read_at=head.occurred_at) if one.person == event.person else one for one in case.copies)
    return replace(case, copies=tuple(read))


def round_opened(case: Case, event: ev.RoundOpened, head: Head) -> Case:
    """A vote is under way."""
    opened = Round(n=event.round, action=event.action, of=event.of, voices=event.voices)
    return replace(case, rounds=(*case.rounds, opened))


def voices_changed(case: Case, event: ev.VoicesChanged, head: Head) -> Case:
    """The voices of a vote as they now are; whoever answered has signed as the party whose voice it is."""
    changed = tuple(replace(one, voices=event.voices) if one.n == event.round else one for one in case.rounds)
    voted = replace(case, rounds=changed)
    before = next((one for one in case.rounds if one.n == event.round), None)
    if before is None or event.how != "answered":
        return voted
    open_before = {one.n for one in before.voices if not one.answer}
    for voice in event.voices:
        if voice.n in open_before and voice.answer:
            voted = acted(voted, voice.task, f"{before.action}.vote", voice.party, head)
    return voted


def round_closed(case: Case, event: ev.RoundClosed, head: Head) -> Case:
    """A vote is over."""
    return replace(case, rounds=tuple(one for one in case.rounds if one.n != event.round))


def opinion_given(case: Case, event: ev.OpinionGiven, head: Head) -> Case:
    """An opinion was given beside who holds the task."""
    task = case.task(event.task)
    given = Opinion(
        party=event.party,
        activation=task.activation if task else 0,
        task=event.task,
        person=head.acted_by,
        stands_for=event.stands_for,
        at=head.occurred_at,
        late=event.late,
    )
    return acted(replace(case, opinions=(*case.opinions, given)), event.task, "opinion", event.party, head)


def guest_invited(case: Case, event: ev.GuestInvited, head: Head) -> Case:
    """Somebody without an account takes part."""
    guest = Guest(
        person=event.person, party=event.party, invited_by=head.acted_by, at=head.occurred_at, until=event.until
    )
    return replace(case, guests=(*(one for one in case.guests if one.person != event.person), guest))


def guest_ended(case: Case, event: ev.GuestEnded, head: Head) -> Case:
    """A link admits nobody any more."""
    ended = (replace(one, until=None) if one.person == event.person else one for one in case.guests)
    return replace(case, guests=tuple(ended))


def acted_for(case: Case, event: ev.ActedFor, head: Head) -> Case:
    """Whom who signed stood in for: separation of duties is tested on both."""
    return case


def action_recalled(case: Case, event: ev.ActionRecalled, head: Head) -> Case:
    """It was taken back: it is as if nobody had signed it, and it cannot be taken back again."""
    left = case.left
    kept = [one for one in case.signed if (one.action, one.person) != (event.action, head.acted_by)]
    kept += left.signed if left else ()
    opinions = tuple(
        replace(one, activation=event.activation) if left and one.activation == left.activation else one
        for one in case.opinions
    )
    clocks = held_again(left.clocks, case.tasks) if left else ()
    return replace(
        case, signed=tuple(sorted(kept, key=lambda one: one.at)), opinions=opinions, left=None, clocks=clocks
    )


def open_round(case: Case, of: int) -> Round | None:
    """The vote under way that was asked from a task."""
    return next((one for one in case.rounds if one.of == of), None)


CHANGES: dict[type, Any] = {
    ev.HolderChanged: holder_changed,
    ev.PartyAssigned: party_assigned,
    ev.HandOverAnswered: hand_over_answered,
    ev.PersonRecused: person_recused,
    ev.TaskUrged: task_urged,
    ev.CaseCopied: case_copied,
    ev.CopyRead: copy_read,
    ev.ActionRecalled: action_recalled,
    ev.RoundOpened: round_opened,
    ev.VoicesChanged: voices_changed,
    ev.RoundClosed: round_closed,
    ev.OpinionGiven: opinion_given,
    ev.GuestInvited: guest_invited,
    ev.GuestEnded: guest_ended,
    ev.ActedFor: acted_for,
}
