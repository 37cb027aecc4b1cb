"""Whether a person may give a voice, change who has one, take back what they asked, or give an opinion."""

from __future__ import annotations

from datetime import date

from engine.core import parties, permission, rounds, seals, votes
from engine.core.case import Case, Task
from engine.core.case_people import Round, Voice
from engine.core.definition import ActionSpec, VotesSpec
from engine.core.event import Asked
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.errors import NotPermitted, Refusal


def why_not_vote(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec, task: Task, person: str, day: date
) -> Refusal | None:
    """The reason for which a person may not give the voice that a task asks for; None = they may."""
    if refusal := permission.why_not_answer(machine, case, facts, action, task, person, day):
        return refusal
    under_way = rounds.round_of(case, task)
    found = permission.standing(machine, case, facts, None, task, person, day)
    if under_way is None or found is None:
        return NotPermitted("not_your_task", action=action.id)
    if votes.has_spoken(under_way.voices, person, found.stands_for):
        return NotPermitted("voice_given_already", action=action.id, person=person)
    return None


def why_not_change(
    machine: Machine, case: Case, facts: Facts, under_way: Round, asked: Asked, person: str, day: date
) -> Refusal | None:
    """The reason for which a person has no say in who has a voice: neither asker nor voter; None = they have."""
    if is_asker(asked, person) or votes.has_spoken(under_way.voices, person):
        return None
    action = rounds.action_of(machine, case, under_way)
    for task in case.tasks:
        found = rounds.round_of(case, task) if action is not None else None
        if action is None or found is None or found.n != under_way.n:
            continue
        if why_not_vote(machine, case, facts, action, task, person, day) is None:
            return None
    return NotPermitted("neither_asker_nor_voter", action=under_way.action, person=person)


def is_asker(asked: Asked, person: str) -> bool:
    """Whether a person asked, or somebody asked in their place."""
    return person in filter(None, (asked.by, asked.stands_for))


def why_not_added(
    machine: Machine, case: Case, facts: Facts, spec: VotesSpec, under_way: Round, asked: Asked, person: str, day: date
) -> Refusal | None:
    """The reason for which a person gets no voice of their own; None = they do, as `party_added`."""
    action = rounds.action_of(machine, case, under_way)
    if is_asker(asked, person) or (action is not None and person in permission.askers(case, action, asked)):
        return NotPermitted("second_person_needed", action=under_way.action)
    hidden = case.sealed and seals.is_hidden_from(machine, case, facts, person, day)
    if hidden or party_added(machine, case, facts, spec, person, day) is None:
        return NotPermitted("not_to_be_added", action=under_way.action, person=person, parties=spec.add)
    if person in voters(machine, case, facts, under_way, day):
        return NotPermitted("has_a_voice_already", action=under_way.action, person=person)
    not_by = action.not_by if action else ()
    if (excluded := parties.excluded_by(machine, case, facts, not_by, person, day)) is not None:
        return NotPermitted("separation_of_duties", action=under_way.action, party=excluded)
    return None


def party_added(machine: Machine, case: Case, facts: Facts, spec: VotesSpec, person: str, day: date) -> str | None:
    """The party as whose member a person may be added to a vote."""
    return next((one for one in spec.add if parties.belongs(machine, case, facts, one, person, day)), None)


def voters(machine: Machine, case: Case, facts: Facts, under_way: Round, day: date) -> frozenset[str]:
    """Everybody who has given a voice of a vote, or may still give one."""
    found: set[str] = set()
    for voice in under_way.voices:
        if voice.answer == "withdrawn":
            continue
        if voice.answer:
            found.update(one for one in (voice.answered_by, voice.stands_for) if one)
        elif task := case.task(voice.task):
            found.update(parties.holder_of(machine, case, facts, task, day).persons)
        elif voice.person:
            found.add(voice.person)
        else:
            found.update(parties.resolve(machine, case, facts, voice.party, day).persons)
    return frozenset(found)


def removable(under_way: Round, asked: Asked, person: str) -> tuple[Voice, ...]:
    """The voices that a person may take out: added, not answered, by themself or of what they asked."""
    return tuple(
        one
        for one in under_way.voices
        if one.person and not one.answer and (person == one.added_by or is_asker(asked, person))
    )


def why_no_opinion(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Refusal | None:
    """The reason for which a person may not give the opinion that a task asks for; None = they may."""
    found = permission.standing(machine, case, facts, None, task, person, day)
    if found is None:
        return NotPermitted("not_your_task", task=task.n)
    given = {
        name for one in case.opinions if one.activation == task.activation for name in (one.person, one.stands_for)
    }
    if given.intersection(filter(None, (person, found.stands_for))):
        return NotPermitted("opinion_given_already", task=task.n, person=person)
    return None
