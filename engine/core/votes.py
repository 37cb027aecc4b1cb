"""What voices come to: pure counting, which knows nobody and nothing of the case.

A vote is decided as soon as no answer still open can change how it ends, but not before its quorum has answered; the
refusal of a voice with a veto ends it at once, and as long as such a voice is open nothing has passed. Silence decides
nothing. Voices that were taken out do not count; those added count like others, but have no veto.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.core.case_people import Voice
from engine.core.definition import VotesSpec

Outcome = Literal["", "passed", "refused"]


def outcome(spec: VotesSpec, voices: Sequence[Voice]) -> Outcome:
    """How a vote has ended; "" = it has not."""
    counting = [one for one in voices if one.answer != "withdrawn"]
    vetoing = [one for one in counting if not one.person and one.party in spec.veto]
    if any(one.answer == "refuse" for one in vetoing):
        return "refused"
    consents = sum(one.answer == "consent" for one in counting)
    unanswered = sum(not one.answer for one in counting)
    if len(counting) - unanswered < spec.quorum:
        return ""
    wanted = needed(spec.rule, len(counting))
    if consents + unanswered < wanted:
        return "refused"
    return "passed" if consents >= wanted and all(one.answer for one in vetoing) else ""


def needed(rule: str, voices: int) -> int:
    """How many voices must consent; a share is rounded up."""
    if rule == "all":
        return voices
    if rule == "any":
        return 1
    part, _, whole = rule.partition("/")
    return -(-voices * int(part) // int(whole)) if whole else int(part)


def to_ask(spec: VotesSpec, voices: Sequence[Voice]) -> tuple[Voice, ...]:
    """The voices to be asked now: all that were not yet, or, one after the other, the next once nobody is asked."""
    waiting = [one for one in voices if not one.answer and not one.task]
    if spec.order == "parallel":
        return tuple(waiting)
    asked = any(not one.answer and one.task for one in voices)
    return () if asked else tuple(waiting[:1])


def with_added(spec: VotesSpec, voices: tuple[Voice, ...], party: str, person: str, by: str) -> tuple[Voice, ...]:
    """The voices with one more; in sequence it comes next, after others that were added and not yet asked."""
    added = Voice(n=max(one.n for one in voices) + 1, party=party, person=person, added_by=by)
    at = len(voices)
    if spec.order == "sequential":
        at = next((index for index, one in enumerate(voices) if _waits_its_turn(one)), at)
    return (*voices[:at], added, *voices[at:])


def _waits_its_turn(voice: Voice) -> bool:
    """Whether an original voice has not been asked yet."""
    return not voice.person and not voice.task


def has_spoken(voices: Sequence[Voice], *persons: str) -> bool:
    """Whether any of these persons has given a voice, or somebody in their place."""
    spoken = {name for one in voices for name in (one.answered_by, one.stands_for) if name}
    return not spoken.isdisjoint(persons)
