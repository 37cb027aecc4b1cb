"""Whether a person may hand over, receive, refuse or designate, and to which offices: one set of rules for all."""

from __future__ import annotations

from datetime import date

from engine.core import parties, permission
from engine.core.case import Case, Task
from engine.core.definition import HandOverSpec, PartySpec
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.errors import NotPermitted, Refusal, Stale

#: No page shows more offices than these.
MOST_TARGETS = 200


def spec_of(machine: Machine, case: Case, task: Task) -> HandOverSpec | None:
    """How a task, or the one from which it was handed over, may be handed over; None = it may not."""
    if task.handing is not None:
        origin = case.task(task.handing.of)
        return spec_of(machine, case, origin) if origin is not None and origin.handing is None else None
    if task.kind not in ("own", "extra"):
        return None
    spec = machine.tasks[task.state, task.spec].handling.hand_over
    return spec if spec is not None and spec.party == task.holder.party else None


def party_of(machine: Machine, task: Task) -> PartySpec:
    """The party whose office is in question."""
    reference = task.handing.party if task.handing is not None else task.holder.party
    return machine.parties[reference.partition(".")[0]]


def why_not_hand_over(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Refusal | None:
    """The reason for which a person may not hand a task over; None = they may."""
    spec = spec_of(machine, case, task) if task.handing is None else None
    if spec is None:
        return NotPermitted("not_to_hand_over", task=task.n)
    if permission.standing(machine, case, facts, None, task, person, day) is None:
        return NotPermitted("not_your_task", task=task.n)
    if is_designated(case, spec.party) and not _designates(machine, case, facts, spec, person, day):
        return NotPermitted("designated", party=spec.party)
    if any(one.handing is not None and one.handing.party == spec.party for one in case.tasks):
        return NotPermitted("hand_over_under_way", party=spec.party)
    return None


def is_designated(case: Case, party: str) -> bool:
    """Whether somebody has designated who is the party in this case."""
    assigned = case.assigned.get(party)
    return assigned is not None and assigned.how == "designated"


def _designates(machine: Machine, case: Case, facts: Facts, spec: HandOverSpec, person: str, day: date) -> bool:
    """Whether a person is of those who say whose the matter is: only they may say otherwise."""
    by, party = {spec.designate_by}, machine.parties[spec.party]
    while party.none and party.kind != "queue":
        party = machine.parties[party.none.partition(".")[0]]
    if party.kind == "queue":
        by.add(party.designate_by or party.id)
    return any(parties.belongs(machine, case, facts, one, person, day) for one in by - {""})


def why_not_receive(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Refusal | None:
    """The reason for which a person may not receive what was handed over; None = they may."""
    return _why_not(machine, case, facts, task, "receipt", person, day)


def why_not_refuse(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Refusal | None:
    """The reason for which a person may not refuse what was handed over; None = they may."""
    if (refusal := why_not_receive(machine, case, facts, task, person, day)) is not None:
        return refusal
    if task.handing is not None and is_designated(case, task.handing.party):
        return NotPermitted("designated_cannot_refuse", party=task.handing.party)
    return None


def why_not_designate(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Refusal | None:
    """The reason for which a person may not say whose a matter is; None = they may."""
    return _why_not(machine, case, facts, task, "designation", person, day)


def _why_not(
    machine: Machine, case: Case, facts: Facts, task: Task, kind: str, person: str, day: date
) -> Refusal | None:
    if task.kind != kind:
        return Stale("task_not_open", task=task.n)
    if permission.standing(machine, case, facts, None, task, person, day) is None:
        return NotPermitted("not_your_task", task=task.n)
    return None


def hand_over_targets(
    machine: Machine, case: Case, facts: Facts, task: Task, day: date, region: str = ""
) -> tuple[tuple[str, str], ...]:
    """Offices (region, industry) in a region, the present one if none is said, that a task may go to.

    An industry counts where the role is held for it there; "" = by whoever has no industry of their own.
    """
    party = party_of(machine, task)
    if not party.role:
        return ()
    region = region or parties.office(machine, case, facts, party)[0]
    present = present_people(machine, case, facts, task, day) if task.handing is None else frozenset()
    common = parties.there(machine, case, facts, party, (region, ""), day)
    found = [(region, "")] if set(common) - present else []
    for industry in sorted(facts.directory.industries):
        people = parties.there(machine, case, facts, party, (region, industry), day)
        if people != common and set(people) - present:
            found.append((region, industry))
    return tuple(found[:MOST_TARGETS])


def present_people(machine: Machine, case: Case, facts: Facts, task: Task, day: date) -> frozenset[str]:
    """Who has the matter now, and so needs not be handed it."""
    party = parties.resolve(machine, case, facts, task.holder.party, day)
    return frozenset((*party.persons, *parties.holder_of(machine, case, facts, task, day).persons))
