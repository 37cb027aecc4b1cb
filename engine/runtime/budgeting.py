"""Lets a claimed message go, wait, or join a digest, by the rules of the place; counted in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from engine.core.budget import (
    Merge,
    Person,
    Rules,
    Send,
    Verdict,
    Wait,
    decide,
    decide_digest,
    heeded,
    is_quiet,
    next_digest,
)
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.store.digests import DIGEST
from engine.store.session import Session
from engine.store.views import ClaimedMessage

#: A digest that is under way is passed over for a later one; so many are tried.
_MOST_MOMENTS = 20
#: After this time it is looked anew whether the last digest of a day, which is under way, has gone.
_SOON = timedelta(minutes=1)


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a message goes now, and by which channel."""

    #: "" = it does not
    channel: str = ""
    #: the person gets nothing more today
    last: bool = False


class Budgeting:
    """Applies the rules of a place to messages that would leave the product."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def admit(self, service: Service, claim: ClaimedMessage, outside: tuple[str, ...]) -> Admission:
        """Count a claimed message and let it go, or hold it back; `outside`: where the person can be reached."""
        now, calendar = service.clock.now(), service.catalog.calendar()
        day = calendar.local_day(now).isoformat()
        with service.store.session() as session:
            counted = session.message_days.lock(claim.person, day)
            if claim.counted_on == day and claim.channel in outside:
                return Admission(channel=claim.channel)  # a worker died with it: it has its place
            if _is_over(session, claim, now):
                return Admission()
            person = self._person(service, session, claim.person, now)
            told = decide_digest if claim.stream.kind == DIGEST else decide
            verdict = told(person, counted, claim.manner, outside, now)
            if not isinstance(verdict, Send):
                self._hold_back(session, claim, verdict, person, now)
                return Admission()
            if not session.outbox.count(claim, day, verdict.channel):
                return Admission()
            session.message_days.take(claim.person, day, verdict.channel, urgent=claim.manner == "urgent")
            return Admission(channel=verdict.channel, last=verdict.last)

    def _person(self, service: Service, session: Session, name: str, now: datetime) -> Person:
        wish = heeded(self._rules, session.message_days.wish(name))
        person = Person(rules=self._rules, calendar=service.catalog.calendar(), wish=wish)
        if self._rules.duty_excepted and is_quiet(person, now):
            directory = service.directories.at(session, session.directory_version())
            return replace(person, on_duty=directory.is_on_duty(name, now))
        return person

    def _hold_back(
        self, session: Session, claim: ClaimedMessage, verdict: Verdict, person: Person, now: datetime
    ) -> None:
        match verdict:
            case Wait(until=until, why=why) if claim.stream.kind == DIGEST:
                session.digests.put_off(claim, micros(until), why)
            case Wait(until=until, why=why):
                session.digests.wait(claim, micros(until), why, (claim.manner,))
            case Merge() if claim.manner == "urgent":
                self._join_last(session, claim, verdict, person, now)
            case Merge():
                self._join(session, claim, verdict, person, now)

    def _join(self, session: Session, claim: ClaimedMessage, merge: Merge, person: Person, now: datetime) -> None:
        at, key = merge.at, ""
        for _ in range(_MOST_MOMENTS):
            key = session.digests.open(claim.person, str(micros(at)), micros(at), micros(now), "digest")
            if key:
                break
            at = next_digest(person, at)
        if not key:
            session.digests.wait(claim, micros(next_digest(person, at)), merge.why, (claim.manner,))
        elif session.digests.join(claim, key, micros(at), merge.why):
            # what is decided of one holds for all that came with it
            both = merge.why != "digest" or person.wish.digest_only
            session.digests.join_others(claim, key, micros(at), merge.why, ("", "digest") if both else ("digest",))

    def _join_last(self, session: Session, claim: ClaimedMessage, merge: Merge, person: Person, now: datetime) -> None:
        """The last message of the day tells everything that waits, and goes at once."""
        name = f"{person.calendar.local_day(now).isoformat()}:last"
        key = session.digests.open(claim.person, name, micros(now), micros(now), "urgent")
        if not key:
            session.digests.wait(claim, micros(now + _SOON), merge.why, ("urgent",))
        elif session.digests.join(claim, key, micros(now), merge.why):
            session.digests.join_others(claim, key, micros(now), merge.why, ("urgent",))
            session.digests.take_over(claim.person, key, micros(now))


def _is_over(session: Session, claim: ClaimedMessage, now: datetime) -> bool:
    """Whether nothing is left to be told: what asks in vain by now is overtaken, in a digest or by itself."""
    if claim.stream.kind == DIGEST:
        session.digests.take_over(claim.person, claim.key, micros(now), due_by=micros(now))
        if session.digests.overtake(claim.person, claim.key, micros(now)):
            return False
        session.outbox.overtake(claim, "empty", micros(now))
        return True
    reason = session.digests.is_moot(claim) if claim.why else ""
    return bool(reason) and session.outbox.overtake(claim, reason, micros(now))
