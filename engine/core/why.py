"""Why is this mine: how a task came to a person, by which holding, before whom, and who was passed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from engine.core import parties, permission
from engine.core.case import Case, Task
from engine.core.definition import PartyKind, PartySpec
from engine.core.directory import END, Considered, Substitution
from engine.core.event import Holder
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.core.party_lookup import assigned_of

WhyKind = Literal[
    "role",  # their role reaches there
    "neighbour",  # as the people of a neighbouring region
    "unit",  # they are of the unit concerned, in a role or in any
    "named",  # the case names them
    "acted",  # they did before what makes one of the party
    "roster",  # they are on duty
    "queue",  # nobody is of the party, and they look after such cases
    "guest",  # they were invited
    "received",  # their office received the matter
    "designated",  # their office, or they, were designated
    "given",  # it was transferred to them, or came to them from who left
    "claimed",
    "delegated",
    "handed",  # the matter is on its way to their office, which must receive or refuse it
    "voice",  # their voice is asked
    "substitute",  # they stand in for whom the rest is said of
    "superior",  # they may act instead of those whom they supervise
    "copy",  # they were sent a copy
]


_KINDS: Mapping[PartyKind, WhyKind] = {
    "unit": "unit",
    "role": "role",
    "person": "named",
    "actor": "acted",
    "queue": "queue",
    "roster": "roster",
    "guest": "guest",
}


class PassedOver(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Somebody who is of the party and yet takes no part as such."""

    person: str
    how: Literal["recused", "except"]
    #: recused: self, kin, own_unit, superiors; except: the party they are of, or acted as
    ground: str


class Why(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One answer. Instants are UTC; days are the last ones on which it still holds."""

    kind: WhyKind
    #: the party reference that the task names
    party: str = ""
    #: the party that stands in because nobody of it is there
    by_way_of: str = ""
    #: what the directory was asked
    role: str = ""
    region: str = ""
    industry: str = ""
    unit: str = ""
    #: substitute: in whose place
    stands_for: str = ""
    #: last day of the substitution, else of the holding; None = no end is told
    until: date | None = None
    #: who gave, designated, received, sent or asked it, when and why
    by: str = ""
    at: datetime | None = None
    reason: str = ""
    #: id of the holding that won
    holding: str = ""
    #: holdings of the role that fit, best first: the same industry before none, the nearer region before the farther
    considered: tuple[Considered, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()


def why(machine: Machine, case: Case, facts: Facts, task: Task | None, person: str, day: date) -> Why | None:
    """Why an open task is a person's on a day; None = it is not. Without a task: why they know of the case."""
    if task is not None and (found := _of_task(machine, case, facts, task, person, day)) is not None:
        return found
    copied = next((one for one in case.copies if one.person == person), None)
    return Why(kind="copy", by=copied.by, at=copied.at) if copied is not None else None


def _of_task(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Why | None:
    holder = parties.holder_of(machine, case, facts, task, day)
    if person in holder.persons:
        return _held(machine, case, facts, task, holder, person, day)
    found = permission.standing(machine, case, facts, None, task, person, day)
    if found is None:
        return None
    if found.superior:
        return Why(kind="superior", party=holder.party, role=holder.role, region=holder.region)
    told = _held(machine, case, facts, task, holder, found.stands_for, day)
    row = _substitution(machine, case, facts, found, person, day)
    reason, until = (row.reason, _last(row.valid_to)) if row is not None else ("", None)
    return replace(told, kind="substitute", stands_for=found.stands_for, until=until, reason=reason)


def _substitution(
    machine: Machine, case: Case, facts: Facts, found: permission.Standing, person: str, day: date
) -> Substitution | None:
    rows = (one for one in facts.directory.stands_in(person, day) if one.person == found.stands_for)
    return next((one for one in rows if one.procedure in ("", case.procedure)), None)


def _held(machine: Machine, case: Case, facts: Facts, task: Task, holder: Holder, person: str, day: date) -> Why:
    """Why one of those who hold a task does so: by what was done, else by what the definition and directory say."""
    handing, given = task.handing, task.given
    if handing is not None and task.kind == "receipt":
        told = _by_office(machine, case, facts, handing.party, holder, person, day)
        return replace(told, kind="handed", by=handing.by, at=handing.at, reason=handing.reason)
    voice = next((v for r in case.rounds for v in r.voices if v.task == task.n), None)
    if voice is not None and voice.person:
        return Why(kind="voice", party=voice.party, by=voice.added_by)
    told = _by_party(machine, case, facts, task.holder.party, holder, person, day)
    if task.kind == "vote":
        return replace(told, kind="voice")
    if given is not None and person == given.person:
        kind: WhyKind = given.how if given.how in ("claimed", "delegated") else "given"
        return replace(told, kind=kind, by=given.by, at=given.at, reason=given.reason)
    return told


def _by_party(
    machine: Machine, case: Case, facts: Facts, reference: str, holder: Holder, person: str, day: date
) -> Why:
    """Why a person is of a party: who it was said to be in this case, else as what it is looked up."""
    name = reference.partition(".")[0]
    party = machine.parties[name]
    assigned = assigned_of(case, party, reference)
    passed = _passed_over(machine, case, facts, reference, day)
    if holder.queue or holder.by_way_of:
        other = holder.queue or holder.by_way_of
        base = parties.resolve(machine, case, facts, other, day)
        told = _by_office(machine, case, facts, other, base, person, day)
        kind: WhyKind = "queue" if holder.queue else told.kind
        passed = (*passed, *_passed_over(machine, case, facts, other, day))
        return replace(told, kind=kind, party=reference, by_way_of=other, passed_over=passed)
    told = replace(_by_office(machine, case, facts, reference, holder, person, day), passed_over=passed)
    if assigned is None:
        return replace(told, kind=_kind_of(party))
    how: WhyKind = assigned.how if assigned.how in ("received", "designated") else "given"
    return replace(told, kind=how, by=assigned.by, at=assigned.at, reason=assigned.reason)


def _kind_of(party: PartySpec) -> WhyKind:
    return "neighbour" if party.beside else _KINDS[party.kind]


def _by_office(
    machine: Machine, case: Case, facts: Facts, reference: str, holder: Holder, person: str, day: date
) -> Why:
    """Which holding made the person one of those who were found, and which others there were."""
    party = machine.parties[reference.partition(".")[0]]
    considered: tuple[Considered, ...] = ()
    if holder.role:
        region, industry = ("", "") if holder.unit else (holder.region, holder.industry)
        considered = facts.directory.explain(holder.role, region, industry, holder.unit, day)
    mine = next((one.holding for one in considered if one.holding.person == person), None)
    if mine is None and holder.unit:
        mine = next((one for one in facts.directory.held_by(person, day) if one.unit == holder.unit), None)
    return Why(
        kind=_kind_of(party),
        party=reference,
        role=holder.role,
        region=holder.region,
        industry=holder.industry,
        unit=holder.unit,
        until=_last(mine.valid_to) if mine is not None else None,
        holding=mine.id if mine is not None else "",
        considered=considered,
    )


def _passed_over(machine: Machine, case: Case, facts: Facts, reference: str, day: date) -> tuple[PassedOver, ...]:
    return tuple(
        PassedOver(person=person, how="recused" if how == "recused" else "except", ground=ground)
        for person, (how, ground) in parties.left_out(machine, case, facts, reference, day)
    )


def _last(valid_to: date) -> date | None:
    """The last day before an end; None where no end is told."""
    return None if valid_to >= END else valid_to - timedelta(days=1)
