"""Who is meant: references of a definition resolved to people, through the case, its acts and the directory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from engine.core.case import Case, Task
from engine.core.command import SYSTEM
from engine.core.definition import PartySpec
from engine.core.directory import Entity
from engine.core.event import Holder
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.errors import Broken

#: Reserved references: who holds the task at hand, and who supervises them.
HOLDER = "holder"
SUPERIOR = "holder.superior"


def entity_of(machine: Machine, case: Case, facts: Facts, field: str) -> Entity | None:
    """The unit or place that a field names."""
    name = case.fields.get(field)
    if not isinstance(name, str):
        return None
    return facts.units.get(name) or facts.places.get(name)


def value_at(machine: Machine, case: Case, facts: Facts, path: str) -> Any:
    """The value of a path: a field, or a property of the unit or place that a field names."""
    field, _, name = path.partition(".")
    if not name:
        return case.fields.get(field)
    entity = entity_of(machine, case, facts, field)
    return entity.get(name) if entity else None


def resolve(machine: Machine, case: Case, facts: Facts, reference: str, day: date) -> Holder:
    """The people that a reference means on a day; where there are none, its queue's people."""
    party_id, _, role = reference.partition(".")
    party = machine.parties[party_id]
    holder = _resolve_party(machine, case, facts, reference, party, role, day)
    if holder.persons or not party.none:
        return holder
    queue = resolve(machine, case, facts, party.none, day)
    return Holder(
        party=reference,
        persons=queue.persons,
        queue=party.none,
        role=holder.role,
        region=holder.region,
        industry=holder.industry,
        unit=holder.unit,
    )


def _resolve_party(
    machine: Machine, case: Case, facts: Facts, reference: str, party: PartySpec, role: str, day: date
) -> Holder:
    directory = facts.directory
    match party.kind:
        case "unit":
            unit = str(case.fields.get(party.field) or "")
            if not unit:
                return Holder(party=reference, persons=(), role=role)
            persons = directory.holders(role, "", "", unit, day) if role else directory.within(unit, day)
            return Holder(party=reference, persons=persons, role=role, unit=unit)
        case "role" | "queue":
            # A case without a place of its own lies where its unit lies.
            region = str((value_at(machine, case, facts, party.region) if party.region else "") or case.region)
            industry = str(value_at(machine, case, facts, party.industry) or "") if party.industry else ""
            persons = directory.holders(party.role, region, industry, "", day)
            return Holder(party=reference, persons=persons, role=party.role, region=region, industry=industry)
        case "person":
            return Holder(party=reference, persons=named_persons(case.fields.get(party.field)))
        case "actor":
            return Holder(party=reference, persons=signatories(case, party.actions))
    raise Broken("party_kind_unknown", kind=party.kind)


def named_persons(value: Any) -> tuple[str, ...]:
    """The persons that a field names, one or many."""
    named = value if isinstance(value, list | tuple) else (value,)
    return tuple(one for one in named if isinstance(one, str) and one)


def signatories(case: Case, actions: Iterable[str]) -> tuple[str, ...]:
    """Who signed any of these actions, without repetition."""
    wanted = set(actions)
    return tuple(dict.fromkeys(one.person for one in case.signed if one.action in wanted and one.person != SYSTEM))


def belongs(machine: Machine, case: Case, facts: Facts, reference: str, person: str, day: date) -> bool:
    """Whether a person is of a party on a day, be others of it nearer or not."""
    party_id, _, role = reference.partition(".")
    party = machine.parties[party_id]
    directory = facts.directory
    if party.kind == "unit":
        unit = str(case.fields.get(party.field) or "")
        if not unit:
            return False
        return directory.fits(person, role, "", "", unit, day) if role else person in directory.within(unit, day)
    if party.kind in ("role", "queue"):
        asked = _resolve_party(machine, case, facts, reference, party, role, day)
        return directory.fits(person, party.role, asked.region, asked.industry, "", day)
    return person in _resolve_party(machine, case, facts, reference, party, role, day).persons


def acted_as(case: Case, reference: str) -> tuple[str, ...]:
    """Who signed anything in this case as that party."""
    party = reference.partition(".")[0]
    return tuple(dict.fromkeys(one.person for one in case.signed if one.party.partition(".")[0] == party))


def excluded_by(
    machine: Machine, case: Case, facts: Facts, references: Iterable[str], person: str, day: date
) -> str | None:
    """The first of these parties that the person is of, or acted as in this case; separation of duties."""
    for reference in references:
        party = machine.parties[reference.partition(".")[0]]
        if person in acted_as(case, reference):
            return reference
        if party.kind in ("unit", "actor", "person") and belongs(machine, case, facts, reference, person, day):
            return reference
    return None


def recipients(
    machine: Machine, case: Case, facts: Facts, references: Iterable[str], task: Task | None, day: date
) -> tuple[str, ...]:
    """The persons that a list of references means, in order, without repetition."""
    found: dict[str, None] = {}
    for reference in references:
        for person in _recipients(machine, case, facts, reference, task, day):
            found.setdefault(person)
    return tuple(found)


def _recipients(
    machine: Machine, case: Case, facts: Facts, reference: str, task: Task | None, day: date
) -> tuple[str, ...]:
    if reference not in (HOLDER, SUPERIOR):
        return resolve(machine, case, facts, reference, day).persons
    if task is None:
        return ()
    holder = resolve(machine, case, facts, task.holder.party, day)
    if reference == HOLDER:
        return holder.persons
    power = facts.directory.roles.get(holder.role)
    if power is None or not power.superior:
        return ()
    return facts.directory.holders(
        power.superior, holder.region or case.region, holder.industry or case.industry, "", day
    )
