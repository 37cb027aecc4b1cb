"""Links by which somebody without an account takes part in one case: made, proved and read.

A link names the case and the guest and carries a proof, HMAC-SHA256 under a key derived from the master key (RFC 2104,
128 bits of it). It is kept nowhere, can be shown again, and admits only as long as the case says so.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from engine.core.case_people import Guest
from engine.core.command import SYSTEM
from engine.core.definition import ActionSpec
from engine.core.directory import Scope
from engine.core.machine import Machine
from engine.core.offers import allowed_actions
from engine.errors import NotFound
from engine.runtime.looking import Looking
from engine.runtime.personal import is_reference
from engine.runtime.reading import SeenCase

_PURPOSE = b"zhiben guest link v1"
_PROOF = 16
#: Whoever proves a link asks as the engine: the link itself is what admits.
_ALL = Scope(person=SYSTEM, everything=True)


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """A guest as those see who invited them."""

    guest: Guest
    #: title of the party, and the name the case holds for it ("" = withheld or erased)
    party: str
    name: str
    admitted: bool


class Guests(Looking):
    """Reads for guests, and of them."""

    def __init__(self, **read_from: Any) -> None:
        super().__init__(**read_from)
        self._key = hmac.new(self._master, _PURPOSE, sha256).digest()

    def proof(self, case: str, person: str) -> str:
        """What the link of a guest to a case proves itself by: 22 letters, digits, - and _."""
        mac = hmac.new(self._key, f"{case}\n{person}".encode(), sha256).digest()[:_PROOF]
        return urlsafe_b64encode(mac).decode("ascii").rstrip("=")

    def case(self, case: str, person: str, proof: str) -> SeenCase:
        """The case as a guest may see it, with what they may do; NotFound for a link that admits nobody (any more)."""
        if not hmac.compare_digest(proof.encode(), self.proof(case, person).encode()):
            raise NotFound("guest_link_over")
        now = self._clock.now()
        with self._store.read() as reader:
            snapshot = reader.snapshot(_ALL, case)
            if snapshot is None:
                raise NotFound("guest_link_over")
            found = self._state(reader, case, snapshot)
            if not any(one.person == person and _admits(one, now) for one in found.guests):
                raise NotFound("guest_link_over")
            machine = self._catalog.machine(reader, found.version)
            facts = self._facts(reader, machine, found)
            offers = tuple(one for one in allowed_actions(machine, found, facts, person, now) if one.kind == "act")
            forms = {item.field for offer in offers for item in offer.form}
            return SeenCase(
                case=found,
                machine=machine,
                calendar=facts.calendar,
                offers=offers,
                opened={
                    name: value
                    for name, value in found.fields.items()
                    if name in forms and not is_reference(value) and not machine.fields[name].confidential
                },
            )

    def invited(self, seen: SeenCase) -> tuple[Invited, ...]:
        """Everybody who was ever invited to a case that its reader sees, with the names that reader may know."""
        now = self._clock.now()
        return tuple(
            Invited(
                guest=one,
                party=seen.machine.parties[one.party].title,
                name=str(seen.opened.get(seen.machine.parties[one.party].field) or ""),
                admitted=_admits(one, now),
            )
            for one in seen.case.guests
            if one.party in seen.machine.parties
        )

    def may_invite(self, seen: SeenCase, person: str) -> bool:
        """Whether a person holds a task of the case, and so answers for those invited to it."""
        return any(person in task.holder.persons for task in seen.case.tasks)


def _admits(guest: Guest, now: datetime) -> bool:
    return guest.until is not None and now < guest.until


def acts_of_party(machine: Machine, party: str) -> tuple[ActionSpec, ...]:
    """The actions that name a party, for the notice that tells a guest what they are asked."""
    named = (
        action
        for action in machine.actions.values()
        if any(parties_named == party for parties_named in (one.partition(".")[0] for one in action.by))
    )
    return tuple({action.id: action for action in named}.values())
