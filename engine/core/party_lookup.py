"""Whom a party means by itself: through the case, its acts and the directory; nobody is left out here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from engine.core.case import Case
from engine.core.case_people import Assigned
from engine.core.command import SYSTEM
from engine.core.definition import PartySpec
from engine.core.directory import Entity
from engine.core.event import Holder
from engine.core.facts import Facts, linked_as
from engine.core.machine import Machine
from engine.errors import Broken

#: Whether a person may take part; where several regions are asked in turn, the first with somebody who may wins.
TakesPart = Callable[[str], bool]


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


def named(
    machine: Machine,
    case: Case,
    facts: Facts,
    reference: str,
    day: date,
    takes_part: TakesPart | None = None,
) -> Holder:
    """Whom a party means by itself, or whom it was said to mean in this case; nobody is left out yet."""
    name, _, role = reference.partition(".")
    party = machine.parties[name]
    assigned = assigned_of(case, party, reference)
    if assigned is not None:
        return assigned_to(facts, reference, party, assigned, day)
    match party.kind:
        case "unit":
            return _of_unit(case, facts, reference, party, role, day)
        case "role" | "queue":
            return _of_role(machine, case, facts, reference, party, day, takes_part)
        case "roster":
            region = str(_value(machine, case, facts, party.region) or case.region)
            persons = facts.directory.on_duty(party.roster, region, facts.at or facts.calendar.instant(day))
            return Holder(party=reference, persons=persons, region=region)
        case "person":
            return Holder(party=reference, persons=named_persons(case.fields.get(party.field)))
        case "actor":
            return Holder(party=reference, persons=_actors(case, facts, party))
        case "guest":
            admitted = (one for one in case.guests if one.party == party.id and one.until is not None)
            at = facts.at
            return Holder(
                party=reference,
                persons=tuple(one.person for one in admitted if one.until and (at is None or at < one.until)),
            )
    raise Broken("party_kind_unknown", kind=party.kind)


def assigned_of(case: Case, party: PartySpec, reference: str) -> Assigned | None:
    """To whom a party was assigned in this case, or the one that it follows; its neighbours stay neighbours."""
    if (own := case.assigned.get(reference)) is not None or party.beside:
        return own
    return followed_office(case, party)


def followed_office(case: Case, party: PartySpec) -> Assigned | None:
    """Which office the party that another one follows was assigned to; one person is no office."""
    followed = case.assigned.get(party.follows) if party.follows else None
    return followed if followed is not None and not followed.person else None


def assigned_to(facts: Facts, reference: str, party: PartySpec, assigned: Assigned, day: date) -> Holder:
    """Whom a party means where it was said to be one person, or an office elsewhere."""
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


def _actors(case: Case, facts: Facts, party: PartySpec) -> tuple[str, ...]:
    """Who signed the party's actions in this case, or in the cases that have to do with it."""
    if not party.of:
        return signatories(case, party.actions)
    told = (one for other in linked_as(case, party.of) for one in facts.signed.get(other, ()))
    return tuple(dict.fromkeys(person for action, person in told if action in party.actions and person != SYSTEM))


def _within(facts: Facts, unit: str, role: str, day: date) -> tuple[str, ...]:
    directory = facts.directory
    return directory.holders(role, "", "", unit, day) if role else directory.within(unit, day)


def _of_role(
    machine: Machine,
    case: Case,
    facts: Facts,
    reference: str,
    party: PartySpec,
    day: date,
    takes_part: TakesPart | None,
) -> Holder:
    region, industry = place_of(machine, case, facts, party)
    directory = facts.directory
    if not party.beside:
        persons = directory.holders(party.role, region, industry, "", day)
        return Holder(party=reference, persons=persons, role=party.role, region=region, industry=industry)
    for one in directory.neighbours(region):
        # A neighbour's own people come, not those above both.
        persons = tuple(
            person
            for person in directory.holders(party.role, one, industry, "", day)
            if not directory.fits(person, party.role, region, industry, "", day)
        )
        if any(takes_part is None or takes_part(person) for person in persons):
            return Holder(party=reference, persons=persons, role=party.role, region=one, industry=industry)
    return Holder(party=reference, persons=(), role=party.role, region=region, industry=industry)


def place_of(machine: Machine, case: Case, facts: Facts, party: PartySpec) -> tuple[str, str]:
    """The region and the industry in which a party's role is looked up, as its definition says."""
    if (followed := followed_office(case, party)) is not None:
        return followed.region, followed.industry
    # A case without a place of its own lies where its unit lies.
    region = str(_value(machine, case, facts, party.region) or case.region)
    return region, str(_value(machine, case, facts, party.industry) or "")


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
