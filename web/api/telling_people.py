"""Who passed a task on, votes, was sent a copy: records of a case as responses of the interface."""

from __future__ import annotations

from engine.core.case_people import Copy, Given, Handing, Opinion, Round, Voice
from web.api import shown
from web.catalogues import Titles


def person_ref(person: str, titles: Titles) -> shown.PersonRef:
    """A person with the name by which the caller may know them."""
    return shown.PersonRef(id=person, name=titles.persons.get(person, ""))


def _maybe(person: str, titles: Titles) -> shown.PersonRef | None:
    return person_ref(person, titles) if person else None


def given_out(given: Given, titles: Titles) -> shown.GivenOut:
    """With whom a task lies."""
    return shown.GivenOut(
        person=person_ref(given.person, titles),
        how=given.how,
        by=person_ref(given.by, titles),
        at=given.at,
        reason=given.reason,
    )


def handing_out(handing: Handing, titles: Titles) -> shown.HandingOut:
    """A matter on its way."""
    return shown.HandingOut(
        party=handing.party,
        region=handing.region,
        industry=handing.industry,
        by=person_ref(handing.by, titles),
        at=handing.at,
        reason=handing.reason,
        refused=[titles.grounds.get(one, one) for one in handing.refused],
    )


def round_out(asked: Round, titles: Titles) -> shown.RoundOut:
    """A vote under way."""
    return shown.RoundOut(
        round=asked.n, action=asked.action, of=asked.of, voices=[_voice_out(one, titles) for one in asked.voices]
    )


def _voice_out(voice: Voice, titles: Titles) -> shown.VoiceOut:
    return shown.VoiceOut(
        voice=voice.n,
        party=voice.party,
        title=titles.party(voice.party) if voice.party else "",
        person=_maybe(voice.person, titles),
        task=voice.task,
        answer=voice.answer,
        answered_by=_maybe(voice.answered_by, titles),
        answered_at=voice.answered_at,
        late=voice.late,
    )


def opinion_out(opinion: Opinion, titles: Titles) -> shown.OpinionOut:
    """An opinion given, or let pass."""
    return shown.OpinionOut(
        party=opinion.party,
        title=titles.party(opinion.party),
        person=_maybe(opinion.person, titles),
        at=opinion.at,
        late=opinion.late,
    )


def copy_out(copy: Copy, titles: Titles) -> shown.CopyOut:
    """A copy and whether it was read."""
    return shown.CopyOut(
        person=person_ref(copy.person, titles),
        by=person_ref(copy.by, titles),
        at=copy.at,
        read_at=copy.read_at,
    )
