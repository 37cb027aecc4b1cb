"""Somebody in every role of a place, one unit and one premises: the people of whatever is played without real ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import msgspec

from engine.core.definition import FieldSpec
from engine.core.directory import Certificate, Directory, Entity, Holding, Power
from engine.core.machine import Machine
from engine.core.resolve import ResolvedPlace

#: Persons in each role: a second one must be there to approve.
PAIR = 2
UNIT, PREMISES = "unit", "place"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """People, organs and one unit with its premises."""

    directory: Directory
    #: person -> role
    persons: Mapping[str, str]
    units: Mapping[str, Entity]
    places: Mapping[str, Entity]


def standing(place: ResolvedPlace, machines: Mapping[str, Machine], attributes: Mapping[str, Any] = {}) -> Standing:
    """Two people in every role, with every certificate and power that the procedures ask; `attributes` of the unit."""
    root = min(place.regions, key=len, default="/")
    region = max(place.regions, key=len, default="/")
    industry = min(place.industries, default="")
    unit = Entity(id=UNIT, title=UNIT, region=region, industry=industry, attributes=dict(attributes))
    premises = Entity(id=PREMISES, title=PREMISES, region=region, industry=industry, unit=UNIT)
    bodies = {f"body.{role}": role for role, power in place.roles.items() if power.sees != "unit"}
    persons = {f"{role}.{n}": role for role in place.roles for n in range(1, PAIR + 1)}
    used = machines.values()
    actions = [action for machine in used for action in (*machine.actions.values(), *machine.starts.values())]
    kinds = {action.certificate for action in actions}
    kinds |= {spec.certificate for spec in chain.from_iterable(_fields(machine) for machine in used)}
    matters = {action.power.matter for action in actions if action.power}
    directory = Directory(
        version=1,
        roles=place.roles,
        regions=place.regions,
        industries=place.industries,
        holdings=[_holding(place, person, role, root) for person, role in persons.items()],
        certificates=[
            Certificate(id=f"{person}.{kind}", person=person, kind=kind) for person in persons for kind in kinds - {""}
        ],
        powers=[Power(id=f"{body}.{matter}", body=body, matter=matter) for body in bodies for matter in matters],
    )
    organs = {body: Entity(id=body, title=body, region=root) for body in bodies}
    return Standing(directory=directory, persons=persons, units={UNIT: unit, **organs}, places={PREMISES: premises})


def _fields(machine: Machine) -> Iterator[FieldSpec]:
    for spec in machine.fields.values():
        yield spec
        yield from spec.columns


def _holding(place: ResolvedPlace, person: str, role: str, root: str) -> Holding:
    if place.roles[role].sees == "unit":
        return Holding(id=person, person=person, role=role, unit=UNIT)
    return Holding(id=person, person=person, role=role, region=root, body=f"body.{role}")
