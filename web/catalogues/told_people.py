"""Events of people in words: who passed on, stood in, voted, handed over, was told; everybody by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

from engine.core import event as ev
from engine.core.case_people import Assigned, Voice
from web.catalogues.sentences import say
from web.catalogues.titles import Titles
from web.catalogues.told_time import tell_instant

#: Changes of a holder that follow from what an event before them gave the reason for.
_TOLD_BEFORE = ("received", "designated", "recused")
#: What is said of the reason, where it is not called one.
_REASONS = {"given_back": "with_opinion", "taken_back": "with_note"}


def name_in(person: str, titles: Titles) -> str:
    """A name; of somebody without an account that they are one; the id where no name may be known."""
    if person.startswith("guest-"):
        return titles.persons.get(person) or say("event.guest")
    return titles.persons.get(person) or person


def names_in(persons: Iterable[str], titles: Titles) -> str:
    """Several names in one text, "" for nobody."""
    return say("values.joint").join(name_in(one, titles) for one in persons)


def whom(holder: ev.Holder, titles: Titles) -> str:
    """Who holds something: their names, else the queue in which it waits, else that nobody was found."""
    if holder.queue:
        return say("event.in_queue", queue=titles.party(holder.queue))
    return names_in(holder.persons, titles) or say("event.nobody")


def task_called(number: int, titles: Titles) -> str:
    """What people call a task."""
    return titles.tasks.get(number) or say("event.task_title.number", task=number)


def because(sentence: str, reason: str, code: str = "because") -> str:
    """A sentence with the reason that was given, where one was."""
    return say(f"event.{code}", sentence=sentence, reason=reason) if reason else sentence


def assigned_to(assigned: Assigned, titles: Titles) -> str:
    """Whom a party was said to mean: a person, else the office of a region and industry."""
    if assigned.person:
        return name_in(assigned.person, titles)
    return office_called(assigned.region, assigned.industry, titles)


def office_called(region: str, industry: str, titles: Titles) -> str:
    """An office by where it is and what for."""
    where = (titles.regions.get(region, region), titles.industries.get(industry, industry))
    return say("case_page.dot").join(one for one in where if one)


def voice_called(voice: Voice, titles: Titles) -> str:
    """Whose voice it is: the person who was added or who answered, else the party."""
    if voice.person:
        return name_in(voice.person, titles)
    party = titles.party(voice.party)
    return f"{party}（{name_in(voice.answered_by, titles)}）" if voice.answered_by else party


def _holder_changed(event: ev.HolderChanged, titles: Titles, who: str) -> str:
    told = say(
        f"event.holder_changed.{event.how}",
        person=who,
        task=task_called(event.task, titles),
        to=whom(event.holder, titles),
    )
    reason = "" if event.how in _TOLD_BEFORE else event.reason
    return because(told, reason, _REASONS.get(event.how, "because"))


def _party_assigned(event: ev.PartyAssigned, titles: Titles, who: str) -> str:
    how = "designated" if event.assigned.how == "designated" else "person" if event.assigned.person else "office"
    told = say(f"event.party_assigned.{how}", party=titles.party(event.party), whom=assigned_to(event.assigned, titles))
    return because(told, event.assigned.reason)


def _hand_over_answered(event: ev.HandOverAnswered, titles: Titles, who: str) -> str:
    if event.received:
        return say("event.hand_over_answered.received", person=who)
    ground = titles.grounds.get(event.ground, event.ground)
    return because(say("event.hand_over_answered.refused", person=who, ground=ground), event.reason)


def _recused(event: ev.PersonRecused, titles: Titles, who: str) -> str:
    return because(say("event.person_recused", who=name_in(event.person, titles)), event.reason)


def _urged(event: ev.TaskUrged, titles: Titles, who: str) -> str:
    return because(say("event.task_urged", person=who, task=task_called(event.task, titles)), event.note, "with_note")


def _copied(event: ev.CaseCopied, titles: Titles, who: str) -> str:
    return because(say("event.case_copied", person=who, to=names_in(event.to, titles)), event.note, "with_note")


def _copy_read(event: ev.CopyRead, titles: Titles, who: str) -> str:
    return say("event.copy_read", who=name_in(event.person, titles))


def _recalled(event: ev.ActionRecalled, titles: Titles, who: str) -> str:
    told = say("event.action_recalled", person=who, action=titles.actions.get(event.action, event.action))
    return because(told, event.reason)


def _round_opened(event: ev.RoundOpened, titles: Titles, who: str) -> str:
    action = titles.actions.get(event.action, event.action)
    return say("event.round_opened", person=who, action=action, voices=_voices(event.voices, titles))


def _voices(voices: Iterable[Voice], titles: Titles) -> str:
    return say("values.joint").join(voice_called(one, titles) for one in voices)


def _voices_changed(event: ev.VoicesChanged, titles: Titles, who: str) -> str:
    """Which voice changed stands in `titles.voices`, as the round was told before."""
    changed = _changed(event, titles)
    if event.how != "answered" or not changed:
        told = say(f"event.voices_changed.{event.how}", person=who, voices=_voices(changed, titles))
        return because(told, event.reason)
    (voice, *_) = changed
    answer = "consent" if voice.answer == "consent" else "refuse"
    alone = "alone_" if voice.person else ""
    told = say(f"event.voices_changed.answered_{alone}{answer}", person=who, voices=titles.party(voice.party))
    if voice.late:
        told = say("event.voices_changed.answered_late", sentence=told)
    return because(told, event.reason)


def _changed(event: ev.VoicesChanged, titles: Titles) -> tuple[Voice, ...]:
    before = {one.n: one for one in titles.voices.get(event.round, ())}
    if not before:
        return ()
    changed = tuple(one for one in event.voices if before.get(one.n) != one)
    if event.how == "answered":
        return tuple(one for one in changed if one.answer)
    gone = set(before) - {one.n for one in event.voices}
    return changed or tuple(one for one in before.values() if one.n in gone)


def _round_closed(event: ev.RoundClosed, titles: Titles, who: str) -> str:
    return say(f"event.round_closed.{event.how}")


def _opinion(event: ev.OpinionGiven, titles: Titles, who: str) -> str:
    party = titles.party(event.party)
    if not isinstance(event.opinion, str):
        return say("event.opinion_given_sealed", person=who, party=party)
    code = "event.opinion_given_late" if event.late else "event.opinion_given"
    return say(code, person=who, party=party, opinion=event.opinion)


def _invited(event: ev.GuestInvited, titles: Titles, who: str) -> str:
    return say(
        "event.guest_invited",
        person=who,
        party=titles.party(event.party),
        until=tell_instant(event.until, ends_day=True),
        way=say(f"event.invited_way.{event.way}"),
    )


def _guest_ended(event: ev.GuestEnded, titles: Titles, who: str) -> str:
    return because(say("event.guest_ended", who=name_in(event.person, titles)), event.reason)


def _acted_for(event: ev.ActedFor, titles: Titles, who: str) -> str:
    told = say(f"event.acted_for.{event.how}", person=who, persons=names_in(event.persons, titles))
    return because(told, event.reason)


def tell_task_opened(event: ev.TaskOpened, titles: Titles, holder: str) -> str | None:
    """That somebody is asked for a voice, an opinion, a receipt or a designation; None for other tasks."""
    if event.kind not in ("vote", "opinion", "receipt", "designation"):
        return None
    handing = event.handing if event.kind == "receipt" else None
    told = say(
        f"event.task_opened_{event.kind}",
        holder=holder,
        action=action_of(event.spec, event.asked, titles),
        state=titles.states.get(event.state, event.state),
        office=office_called(handing.region, handing.industry, titles) if handing else "",
    )
    if handing is not None:
        told = because(told, handing.reason)
    return with_due(told, event.deadline.due_at) if event.deadline else told


def with_due(sentence: str, due_at: datetime) -> str:
    """A sentence with the instant until which it must be done."""
    return say("event.until_due", sentence=sentence, due_at=tell_instant(due_at, ends_day=True))


def action_of(spec: str, asked: ev.Asked | None, titles: Titles) -> str:
    """The action about which voices are asked."""
    action = asked.action if asked else spec
    return titles.actions.get(action, action)


def task_kind_called(kind: str, spec: str, asked: ev.Asked | None, state: str, titles: Titles) -> str:
    """What a task asked of people besides the holder is called; "" for other tasks."""
    if kind not in ("vote", "opinion", "receipt", "designation"):
        return ""
    state = titles.states.get(state, state)
    return say(f"event.task_kind.{kind}", action=action_of(spec, asked, titles), state=state)


TELLERS = cast(
    "dict[type, Callable[[Any, Titles, str], str]]",
    {
        ev.HolderChanged: _holder_changed,
        ev.PartyAssigned: _party_assigned,
        ev.HandOverAnswered: _hand_over_answered,
        ev.PersonRecused: _recused,
        ev.TaskUrged: _urged,
        ev.CaseCopied: _copied,
        ev.CopyRead: _copy_read,
        ev.ActionRecalled: _recalled,
        ev.RoundOpened: _round_opened,
        ev.VoicesChanged: _voices_changed,
        ev.RoundClosed: _round_closed,
        ev.OpinionGiven: _opinion,
        ev.GuestInvited: _invited,
        ev.GuestEnded: _guest_ended,
        ev.ActedFor: _acted_for,
    },
)
