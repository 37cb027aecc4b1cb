"""Who is meant: references of a definition resolved to people, through the case, its acts and the directory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from msgspec.structs import replace

from engine.core.case import Case, Task
from engine.core.case_people import Assigned
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


# who a reference means ---------------------------------------------------------------------------------------------


def resolve(machine: Machine, case: Case, facts: Facts, reference: str, day: date) -> Holder:
    """The people that a reference means on a day; where there are none, those of the party that takes their place."""
    party_id, _, role = reference.partition(".")
    party = machine.parties[party_id]
    holder = _named(machine, case, facts, reference, party, role, day)
    persons = tuple(one for one in holder.persons if why_not_of_party(machine, case, facts, party, one, day) is None)
    if persons != holder.persons:
        holder = replace(holder, persons=persons)
    if persons or not party.none:
        return holder
    other = resolve(machine, case, facts, party.none, day)
    if machine.parties[party.none].kind == "queue":
        return replace(holder, persons=other.persons, queue=party.none)
    return replace(other, party=reference, by_way_of=other.by_way_of or (party.none if not other.queue else ""))


def _named(
    machine: Machine, case: Case, facts: Facts, reference: str, party: PartySpec, role: str, day: date
) -> Holder:
    """Whom a party means by itself, or whom it was said to mean in this case; nobody is left out yet."""
    assigned = case.assigned.get(party.id)
    if assigned is not None and not role:
        return _assigned(facts, reference, party, assigned, day)
    match party.kind:
        case "unit":
            return _of_unit(case, facts, reference, party, role, day)
        case "role" | "queue":
            return _of_role(machine, case, facts, reference, party, day)
        case "roster":
            region = str(_value(machine, case, facts, party.region) or case.region)
            persons = facts.directory.on_duty(party.roster, region, facts.at or facts.calendar.instant(day))
            return Holder(party=reference, persons=persons, region=region)
        case "person":
            return Holder(party=reference, persons=named_persons(case.fields.get(party.field)))
        case "actor":
            return Holder(party=reference, persons=signatories(case, party.actions))
        case "guest":
            admitted = (one for one in case.guests if one.party == party.id and one.until is not None)
            at = facts.at
            return Holder(
                party=reference,
                persons=tuple(one.person for one in admitted if one.until and (at is None or at < one.until)),
            )
    raise Broken("party_kind_unknown", kind=party.kind)


def _assigned(facts: Facts, reference: str, party: PartySpec, assigned: Assigned, day: date) -> Holder:
    if assigned.person:
        known = bool(facts.directory.held_by(assigned.person, day))
        return Holder(party=reference, persons=(assigned.person,) if known else (), role=party.role)
    persons = facts.directory.holders(party.role, assigned.region, assigned.industry, "", day)
    return Holder(party=reference, persons=persons, role=party.role, region=assigned.region, industry=assigned.industry)


def _of_unit(case: Case, facts: Facts, reference: str, party: PartySpec, role: str, day: date) -> Holder:
    """The people of a unit; where a unit is no more, those of its successor."""
    unit = str(case.fields.get(party.field) or "")
    if not unit:
        return Holder(party=reference, persons=(), role=role)
    for name in dict.fromkeys((unit, facts.directory.successor(unit, day))):
        persons = _within(facts, name, role, day) if name else ()
        if persons:
            return Holder(party=reference, persons=persons, role=role, unit=name)
    return Holder(party=reference, persons=(), role=role, unit=unit)


def _within(facts: Facts, unit: str, role: str, day: date) -> tuple[str, ...]:
    directory = facts.directory
    return directory.holders(role, "", "", unit, day) if role else directory.within(unit, day)


def _of_role(machine: Machine, case: Case, facts: Facts, reference: str, party: PartySpec, day: date) -> Holder:
    # A case without a place of its own lies where its unit lies.
    region = str(_value(machine, case, facts, party.region) or case.region)
    industry = str(_value(machine, case, facts, party.industry) or "")
    directory = facts.directory
    regions = directory.neighbours(region) if party.beside else (region,)
    for one in regions:
        # A neighbour's own people come, not those above both.
        found = directory.holders(party.role, one, industry, "", day)
        persons = tuple(
            person
            for person in found
            if not (party.beside and directory.fits(person, party.role, region, industry, "", day))
        )
        if persons:
            return Holder(party=reference, persons=persons, role=party.role, region=one, industry=industry)
    return Holder(party=reference, persons=(), role=party.role, region=region, industry=industry)


def _value(machine: Machine, case: Case, facts: Facts, path: str) -> Any:
    return value_at(machine, case, facts, path) if path else ""


def named_persons(value: Any) -> tuple[str, ...]:
    """The persons that a field names, one or many."""
    named = value if isinstance(value, list | tuple) else (value,)
    return tuple(one for one in named if isinstance(one, str) and one)


def signatories(case: Case, actions: Iterable[str]) -> tuple[str, ...]:
    """Who signed any of these actions, without repetition."""
    wanted = set(actions)
    return tuple(dict.fromkeys(one.person for one in case.signed if one.action in wanted and one.person != SYSTEM))


def holder_of(machine: Machine, case: Case, facts: Facts, task: Task, day: date) -> Holder:
    """Who holds an open task on a day: whom it was given to, as long as they are there; else whom its party means."""
    handing = task.handing
    if handing is not None and task.kind == "receipt":
        party = machine.parties[handing.party]
        asked = Assigned(how="received", region=handing.region, industry=handing.industry, by=handing.by, at=handing.at)
        return _assigned(facts, handing.party, party, asked, day)
    voice = next((v for r in case.rounds for v in r.voices if v.task == task.n), None) if task.kind == "vote" else None
    if voice is not None and voice.person:
        return replace(task.holder, persons=(voice.person,))
    given = task.given
    if given is not None and _still_here(facts, given.person, day) and given.person not in case.recused:
        if given.how != "claimed":
            return replace(task.holder, persons=(given.person,), queue="", by_way_of="")
        group = resolve(machine, case, facts, task.holder.party, day)
        return replace(group, persons=(given.person,)) if given.person in group.persons else group
    return resolve(machine, case, facts, task.holder.party, day)


def _still_here(facts: Facts, person: str, day: date) -> bool:
    return bool(facts.directory.held_by(person, day))


# who is of a party, and who is not ---------------------------------------------------------------------------------


def belongs(machine: Machine, case: Case, facts: Facts, reference: str, person: str, day: date) -> bool:
    """Whether a person is of a party on a day, be others of it nearer or not."""
    party_id, _, role = reference.partition(".")
    party = machine.parties[party_id]
    if why_not_of_party(machine, case, facts, party, person, day) is not None:
        return False
    if _is_of(machine, case, facts, reference, party, role, person, day):
        return True
    # Whoever takes the place of a party that has nobody is of it.
    return bool(party.none) and person in resolve(machine, case, facts, reference, day).persons


def _is_of(
    machine: Machine, case: Case, facts: Facts, reference: str, party: PartySpec, role: str, person: str, day: date
) -> bool:
    directory = facts.directory
    if party.kind == "unit":
        unit = str(case.fields.get(party.field) or "")
        for name in dict.fromkeys((unit, directory.successor(unit, day) if unit else "")):
            if name and (
                directory.fits(person, role, "", "", name, day) if role else person in directory.within(name, day)
            ):
                return True
        return False
    found = _named(machine, case, facts, reference, party, role, day)
    if party.kind in ("role", "queue") and not party.beside and not _one_person(case, party):
        return directory.fits(person, party.role, found.region, found.industry, "", day)
    return person in found.persons


def _one_person(case: Case, party: PartySpec) -> bool:
    assigned = case.assigned.get(party.id)
    return assigned is not None and bool(assigned.person)


def why_not_of_party(
    machine: Machine, case: Case, facts: Facts, party: PartySpec, person: str, day: date
) -> tuple[str, str] | None:
    """Why a person takes no part as that party though they are of it: (recused, ground) or (except, party)."""
    if person in case.recused:
        return "recused", "self"
    if party.recused is not None and (ground := _recused(machine, case, facts, party, person, day)):
        return "recused", ground
    if party.excepts and (other := excluded_by(machine, case, facts, party.excepts, person, day)):
        return "except", other
    return None


def _recused(machine: Machine, case: Case, facts: Facts, party: PartySpec, person: str, day: date) -> str:
    """The ground on which a person is too near to those concerned; "" = none."""
    spec = party.recused
    assert spec is not None
    directory = facts.directory
    units, persons = concerned(machine, case, facts, spec.of, day)
    if person in persons:
        return "own_unit"
    if "own_unit" in spec.grounds and any(person in directory.within(unit, day) for unit in units):
        return "own_unit"
    if "superiors" in spec.grounds and any(person in directory.superiors(one, day) for one in persons):
        return "superiors"
    if "kin" in spec.grounds and directory.related(person, units, persons, day) is not None:
        return "kin"
    return ""


def concerned(
    machine: Machine, case: Case, facts: Facts, references: Iterable[str], day: date
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Units and persons of parties that are concerned by a case."""
    units: dict[str, None] = {}
    persons: dict[str, None] = {}
    for reference in references:
        party = machine.parties[reference.partition(".")[0]]
        if party.kind == "unit":
            unit = str(case.fields.get(party.field) or "")
            units.update({one: None for one in (unit, facts.directory.successor(unit, day) if unit else "") if one})
        elif party.kind in ("person", "actor"):
            persons.update(dict.fromkeys(_named(machine, case, facts, reference, party, "", day).persons))
    return tuple(units), tuple(persons)


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


# who is told -------------------------------------------------------------------------------------------------------


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
    holder = holder_of(machine, case, facts, task, day)
    return holder.persons if reference == HOLDER else superiors_of(case, facts, holder, day)


def superiors_of(case: Case, facts: Facts, holder: Holder, day: date) -> tuple[str, ...]:
    """Who supervises the holders of a task: the holders of the superior role, there or above."""
    power = facts.directory.roles.get(holder.role)
    if power is None or not power.superior:
        return ()
    return facts.directory.holders(
        power.superior, holder.region or case.region, holder.industry or case.industry, "", day
    )
