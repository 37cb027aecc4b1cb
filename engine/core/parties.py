"""Who is meant: references of a definition resolved to people, through the case, its acts and the directory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from engine.core.case import Case, Task
from engine.core.case_people import Assigned
from engine.core.definition import PartySpec
from engine.core.event import Holder
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.core.party_lookup import assigned_of, assigned_to, named, place_of
from engine.core.party_lookup import entity_of as entity_of
from engine.core.party_lookup import named_persons as named_persons
from engine.core.party_lookup import signatories as signatories
from engine.core.party_lookup import value_at as value_at

#: Reserved references: who holds the task at hand, and who supervises them.
HOLDER = "holder"
SUPERIOR = "holder.superior"


# who a reference means ---------------------------------------------------------------------------------------------


def resolve(machine: Machine, case: Case, facts: Facts, reference: str, day: date) -> Holder:
    """The people that a reference means on a day; where there are none, those of the party that takes their place.

    Whoever takes the place of another party is left out for that one's reasons, too.
    """
    first: Holder | None = None
    asked: list[PartySpec] = []
    link = reference
    while link:
        party = machine.parties[link.partition(".")[0]]
        if party in asked:
            break
        asked.append(party)
        holder = _present(machine, case, facts, link, asked, day)
        first = first or holder
        if party.kind == "queue" and link != reference:
            return replace(first, persons=holder.persons, queue=link)
        if holder.persons:
            return holder if link == reference else replace(holder, party=reference, by_way_of=link)
        link = party.none
    return first or Holder(party=reference, persons=())


def _present(
    machine: Machine, case: Case, facts: Facts, reference: str, asked: Iterable[PartySpec], day: date
) -> Holder:
    """Whom a party means, without those who take no part as any of the parties asked."""
    parties = [party for party in asked if party.excepts or party.recused is not None]

    def takes_part(person: str) -> bool:
        return person not in case.recused and all(
            why_not_of_party(machine, case, facts, party, person, day) is None for party in parties
        )

    holder = named(machine, case, facts, reference, day, takes_part)
    persons = tuple(filter(takes_part, holder.persons))
    return holder if persons == holder.persons else replace(holder, persons=persons)


def left_out(
    machine: Machine, case: Case, facts: Facts, reference: str, day: date
) -> tuple[tuple[str, tuple[str, str]], ...]:
    """Persons whom a party means and who take no part, each with why not."""
    party = machine.parties[reference.partition(".")[0]]
    found = (
        (person, why_not_of_party(machine, case, facts, party, person, day))
        for person in named(machine, case, facts, reference, day).persons
    )
    return tuple((person, reason) for person, reason in found if reason is not None)


def office(machine: Machine, case: Case, facts: Facts, party: PartySpec) -> tuple[str, str]:
    """The region and the industry in which a party's role is looked up in this case."""
    assigned = assigned_of(case, party, party.id)
    if assigned is not None and not assigned.person:
        return assigned.region, assigned.industry
    return place_of(machine, case, facts, party)


def there(
    machine: Machine, case: Case, facts: Facts, party: PartySpec, place: tuple[str, str], day: date
) -> tuple[str, ...]:
    """Who would be of a party if its role were looked up in another region and industry."""
    found = facts.directory.holders(party.role, place[0], place[1], "", day) if party.role else ()
    return tuple(one for one in found if why_not_of_party(machine, case, facts, party, one, day) is None)


def holder_of(machine: Machine, case: Case, facts: Facts, task: Task, day: date) -> Holder:
    """Who holds an open task on a day: whom it was given to, as long as they are there; else whom its party means."""
    voice = next((v for r in case.rounds for v in r.voices if v.task == task.n), None) if task.kind == "vote" else None
    if voice is not None and voice.person and _may_hold(machine, case, facts, task, voice.person, day):
        return replace(task.holder, persons=(voice.person,))
    given = task.given
    if given is not None and _may_hold(machine, case, facts, task, given.person, day):
        if given.how != "claimed":
            return replace(task.holder, persons=(given.person,), queue="", by_way_of="")
        group = _group(machine, case, facts, task, day)
        return replace(group, persons=(given.person,)) if given.person in group.persons else group
    if given is not None and given.how == "delegated":
        # Whoever was to prepare it is gone: as if it had been given back.
        return holder_of(machine, case, facts, replace(task, given=task.back_to, back_to=None), day)
    return _group(machine, case, facts, task, day)


def _group(machine: Machine, case: Case, facts: Facts, task: Task, day: date) -> Holder:
    """All who hold a task that is not given to one: the office it was handed over to, else whom its party means."""
    handing = task.handing
    if handing is None or task.kind != "receipt":
        return resolve(machine, case, facts, task.holder.party, day)
    party = machine.parties[handing.party]
    asked = Assigned(how="received", region=handing.region, industry=handing.industry, by=handing.by, at=handing.at)
    holder = assigned_to(facts, handing.party, party, asked, day)
    return replace(holder, persons=there(machine, case, facts, party, (handing.region, handing.industry), day))


def delegate_of(machine: Machine, case: Case, facts: Facts, task: Task, day: date) -> str:
    """Who prepares a task that was delegated, as long as they are there; "" = nobody."""
    given = task.given
    if given is None or given.how != "delegated" or not _may_hold(machine, case, facts, task, given.person, day):
        return ""
    return given.person


def _may_hold(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> bool:
    """Whether whom a task was given to is still there, and may take part as what they hold it."""
    party = machine.parties[task.holder.party.partition(".")[0]]
    left = why_not_of_party(machine, case, facts, party, person, day) is not None
    return not left and bool(facts.directory.held_by(person, day))


# who is of a party, and who is not ---------------------------------------------------------------------------------


def belongs(machine: Machine, case: Case, facts: Facts, reference: str, person: str, day: date) -> bool:
    """Whether a person is of a party on a day, be others of it nearer or not."""
    party = machine.parties[reference.partition(".")[0]]
    if why_not_of_party(machine, case, facts, party, person, day) is not None:
        return False
    if _is_of(machine, case, facts, reference, person, day):
        return True
    # Whoever takes the place of a party that has nobody is of it.
    return bool(party.none) and person in resolve(machine, case, facts, reference, day).persons


def _is_of(machine: Machine, case: Case, facts: Facts, reference: str, person: str, day: date) -> bool:
    directory = facts.directory
    party_id, _, role = reference.partition(".")
    party = machine.parties[party_id]
    if party.kind == "unit" and reference not in case.assigned:
        unit = str(case.fields.get(party.field) or "")
        for name in dict.fromkeys((unit, directory.successor(unit, day) if unit else "")):
            if name and (
                directory.fits(person, role, "", "", name, day) if role else person in directory.within(name, day)
            ):
                return True
        return False
    if party.beside:
        return person in _present(machine, case, facts, reference, (party,), day).persons
    found = named(machine, case, facts, reference, day)
    if party.kind in ("role", "queue") and not _one_person(case, party, reference):
        return directory.fits(person, party.role, found.region, found.industry, "", day)
    return person in found.persons


def _one_person(case: Case, party: PartySpec, reference: str) -> bool:
    assigned = assigned_of(case, party, reference)
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
    if "superiors" in spec.grounds and any(person in directory.superiors(one, day, case.region) for one in persons):
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
            persons.update(dict.fromkeys(named(machine, case, facts, reference, day).persons))
        elif party.kind == "guest" and party.field:
            kind = machine.fields[party.field].kind
            if kind in ("unit", "person"):
                into = units if kind == "unit" else persons
                into.update(dict.fromkeys(named_persons(case.fields.get(party.field))))
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
