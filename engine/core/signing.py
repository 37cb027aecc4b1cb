"""Signatures of several persons and parties under one act, given on one device or on one paper.

The side that acts signs with as many distinct persons as the action needs, each of whom may do the action and holds the
certificate it asks for. Another party signs by a person of it, or by somebody without an account whose name is typed;
or its refusal is recorded before a witness, with the reason, where the action allows that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.core import command as cmd
from engine.core import event as ev
from engine.core import parties, permission
from engine.core.case import Task
from engine.core.definition import ActionSpec, SignSpec
from engine.core.turn import Turn
from engine.errors import BadInput

#: A signature level is met by these kinds of evidence; paper always by a scan.
SIGNATURE_EVIDENCE = {"hand": ("signature", "scan"), "scan": ("scan",), "certificate": ("signature",)}
WITNESS_EVIDENCE = ("signature", "photo", "scan")
_LONGEST_NAME, _LONGEST_REASON = 60, 500

Given = tuple[int, cmd.Signature]
Fault = dict[str, Any]


def signed_by(
    turn: Turn, action: ActionSpec, task: Task | None, act: cmd.SubmitAction, party: str
) -> tuple[ev.PartySigned | ev.SignatureRefused, ...]:
    """The events of all signatures and refusals under an act; BadInput `signatures_refused` tells all that is wrong."""
    check = _Check(turn, action, task, act, party)
    faults = list(check.faults())
    if faults:
        raise BadInput("signatures_refused", field="signatures", problems=faults)
    return tuple(check.events())


class _Check:
    """The signatures of one act against what its action asks for."""

    def __init__(self, turn: Turn, action: ActionSpec, task: Task | None, act: cmd.SubmitAction, party: str) -> None:
        self._turn = turn
        self._action = action
        self._task = task
        self._party = party
        self._given = tuple(enumerate(act.signatures))
        self._files = {one.sha256: one.kind for one in act.evidence}
        self._specs = {one.party: one for one in action.signs}

    def faults(self) -> Iterator[Fault]:
        """Everything that is missing or does not fit."""
        for at, one in self._given:
            if one.party not in self._specs:
                yield _fault(at, "party", "signature_not_asked", party=one.party)
        for spec in self._specs.values():
            given = [(at, one) for at, one in self._given if one.party == spec.party]
            yield from self._own(spec, given) if spec.party == "" else self._other(spec, given)
        drawn: set[str] = set()
        for at, one in self._given:
            # One paper may bear many signatures, one drawing is one person's.
            if one.file in drawn:
                yield _fault(at, "file", "signature_repeated", party=self._named(one.party))
            if self._files.get(one.file) == "signature":
                drawn.add(one.file)

    def _own(self, spec: SignSpec, given: Sequence[Given]) -> Iterator[Fault]:
        """The side that acts: distinct persons, whoever acts among them, each able to and certified."""
        persons = dict.fromkeys(one.person for _, one in given if one.person)
        if len(persons) < spec.count:
            told = {"party": self._party, "needed": spec.count, "got": len(persons)}
            yield {"field": "signatures", "code": "signers_missing", **told}
        actor = self._turn.command.acted_by
        if persons and actor not in persons:
            yield {"field": "signatures", "code": "actor_has_not_signed", "person": actor}
        for at, one in given:
            if not one.person or one.name or one.refused:
                yield _fault(at, "person", "signer_unnamed", party=self._party)
                continue
            if one.person != actor:
                yield from self._unable(at, one.person)
            yield from self._file(at, spec, one)

    def _unable(self, at: int, person: str) -> Iterator[Fault]:
        turn, action = self._turn, self._action
        at_hand = (turn.machine, turn.case, turn.facts)
        if permission.party_as(*at_hand, action, self._task, person, turn.day) is None:
            yield _fault(at, "person", "signer_not_of_party", party=self._party, person=person)
        elif (excluded := parties.excluded_by(*at_hand, action.not_by, person, turn.day)) is not None:
            yield _fault(at, "person", "separation_of_duties", party=excluded, person=person)
        if refusal := permission.why_not_certified(turn.facts, action, person, turn.day):
            yield _fault(at, "person", refusal.code, **refusal.data)

    def _other(self, spec: SignSpec, given: Sequence[Given]) -> Iterator[Fault]:
        """Another party: as many signatures as it owes, or one refusal before a witness."""
        refused = [(at, one) for at, one in given if one.refused or one.witness or one.witness_file]
        if refused and len(given) > 1:
            yield _fault(refused[0][0], "refused", "signed_and_refused", party=spec.party)
        if not refused and len(given) < spec.count:
            told = {"party": spec.party, "needed": spec.count, "got": len(given)}
            yield {"field": "signatures", "code": "signers_missing", **told}
        for at, one in given:
            yield from self._refusal(at, spec, one) if (at, one) in refused else self._signature(at, spec, one)

    def _signature(self, at: int, spec: SignSpec, one: cmd.Signature) -> Iterator[Fault]:
        turn = self._turn
        if bool(one.person) == bool(one.name.strip()):
            yield _fault(at, "name", "signer_unnamed", party=spec.party)
        elif one.person:
            if not parties.belongs(turn.machine, turn.case, turn.facts, spec.party, one.person, turn.day):
                yield _fault(at, "person", "signer_not_of_party", party=spec.party, person=one.person)
        else:
            yield from _text(at, "name", one.name, _LONGEST_NAME)
        yield from self._file(at, spec, one)

    def _refusal(self, at: int, spec: SignSpec, one: cmd.Signature) -> Iterator[Fault]:
        if not spec.refused:
            yield _fault(at, "refused", "refusal_not_recordable", party=spec.party)
            return
        for field, value, most in (
            ("refused", one.refused, _LONGEST_REASON),
            ("witness", one.witness, _LONGEST_NAME),
        ):
            yield from _text(at, field, value, most)
        if self._files.get(one.witness_file) not in WITNESS_EVIDENCE:
            yield _fault(at, "witness_file", "witness_proof_missing", party=spec.party)

    def _file(self, at: int, spec: SignSpec, one: cmd.Signature) -> Iterator[Fault]:
        """A click is a signature only of who clicks: everybody else's is drawn, or stands on a scanned paper."""
        paper = self._turn.command.medium == "paper"
        accepted = ("scan",) if paper else SIGNATURE_EVIDENCE.get(spec.level, ())
        if self._files.get(one.file) not in accepted:
            yield _fault(at, "file", "signature_missing", level=spec.level, party=self._named(spec.party))

    def _named(self, party: str) -> str:
        return party or self._party

    def events(self) -> Iterator[ev.PartySigned | ev.SignatureRefused]:
        """What is recorded of signatures that are as they must be."""
        task = self._task.n if self._task else 0
        for _, one in self._given:
            party = self._named(one.party)
            if one.refused:
                yield ev.SignatureRefused(
                    action=self._action.id,
                    task=task,
                    party=party,
                    reason=one.refused.strip(),
                    witness=one.witness.strip(),
                    file=one.witness_file,
                )
                continue
            yield ev.PartySigned(
                action=self._action.id,
                task=task,
                party=party,
                level=self._specs[one.party].level,
                person=one.person,
                name=one.name.strip(),
                file=one.file,
            )


def _fault(at: int, field: str, code: str, **told: Any) -> Fault:
    return {"field": f"signatures.{at}.{field}", "code": code, **told}


def _text(at: int, field: str, value: str, most: int) -> Iterator[Fault]:
    if not value.strip():
        yield _fault(at, field, "missing")
    elif len(value) > most:
        yield _fault(at, field, "too_long", maximum=most)
    elif not value.isprintable():
        yield _fault(at, field, "control_character")
