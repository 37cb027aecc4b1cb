"""The directory of a scenario: rows of its people, organs, rosters and units, and how steps change them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from itertools import chain

import msgspec

from engine.core.directory import (
    BEGINNING,
    END,
    Certificate,
    Directory,
    Entity,
    Holding,
    Power,
    Recusal,
    RolePower,
    Shift,
    Substitution,
    Succession,
)
from engine.core.language.scenario import ScenarioDocument, Step
from engine.core.language.scenario_people import Person, PowerHeld, Role, ShiftHeld, StandIn, Unit
from engine.errors import BadInput

Moment = Callable[[str], datetime]


class Titles(msgspec.Struct, frozen=True, kw_only=True):
    """What the names of a scenario mean in the place where it plays."""

    #: region path -> title, industry id -> title
    regions: Mapping[str, str]
    industries: Mapping[str, str]
    roles: Mapping[str, RolePower]
    units: frozenset[str]

    def region(self, title: str | None, where: str) -> str:
        """The path of a region; "" = none given. BadInput where there is none of that title."""
        return _named(self.regions, title, f"{where}.region")

    def industry(self, title: str | None, where: str) -> str:
        """The id of an industry; "" = none given. BadInput where there is none of that title."""
        return _named(self.industries, title, f"{where}.industry")

    def unit(self, name: str | None, where: str) -> str:
        """A unit of the scenario; "" = none given. BadInput where it brings none of that name."""
        if name and name not in self.units:
            raise BadInput("unknown_unit", field=where, got=name)
        return name or ""


def entity(titles: Titles, name: str, unit: Unit) -> Entity:
    """A unit of a scenario."""
    where = f"units.{name}"
    return Entity(
        id=name,
        title=name,
        region=titles.region(unit.region, where),
        industry=titles.industry(unit.industry, where),
        attributes=unit.attributes,
    )


def directory_of(titles: Titles, document: ScenarioDocument, moment: Moment) -> Directory:
    """The directory with which a scenario begins; BadInput for what its place does not have."""
    people = document.people.items()
    return Directory(
        version=1,
        holdings=[holding(titles, name, name, one, f"people.{name}") for name, one in people],
        certificates=list(chain.from_iterable(_certificates(name, one) for name, one in people)),
        roles=titles.roles,
        regions=titles.regions,
        industries=titles.industries,
        substitutions=[
            substitution(f"{name} {n}", name, one) for name, who in people for n, one in enumerate(who.stands_in)
        ],
        recusals=list(chain.from_iterable(_recusals(name, one) for name, one in people)),
        powers=[_power(titles, n, one) for n, one in enumerate(document.powers)],
        shifts=[_shift(titles, n, one, moment) for n, one in enumerate(document.shifts)],
        successions=[
            Succession(
                id=titles.unit(one.unit, f"succession.{n}.unit"),
                successor=titles.unit(one.successor, f"succession.{n}.successor"),
                how=one.how,
                valid_from=date.fromisoformat(one.since),
            )
            for n, one in enumerate(document.succession)
        ],
        neighbours={
            titles.region(region, "neighbours"): tuple(titles.region(one, f"neighbours.{region}") for one in others)
            for region, others in document.neighbours.items()
        },
    )


def changes_of(document: ScenarioDocument, moment: Moment, start: datetime) -> list[datetime]:
    """The instants after the start at which the directory of a scenario, by itself, says something else."""
    days: set[str | None] = set()
    for person in document.people.values():
        days |= {person.since, person.until}
    days |= {one.since for one in document.succession}
    begun = (step.holds for step in (*document.given, *document.when) if step.holds)
    days |= {one.until for one in begun}
    instants = {moment(day) for day in days if day}
    instants |= {moment(text) for one in document.shifts for text in (one.from_, one.to)}
    return sorted(one for one in instants if one > start)


def changed(titles: Titles, directory: Directory, step: Step, day: date) -> Directory:
    """The directory after what a step says becomes of people on a day."""
    version = directory.version + 1
    if step.ends_role:
        held = directory.held_by(step.ends_role, day)
        role = step.role or ""
        ended = [msgspec.structs.replace(one, valid_to=day) for one in held if role in ("", one.role)]
        return directory.changed(version, holdings=ended)
    if step.begins_role and step.holds:
        begun = holding(titles, f"{step.begins_role} {version}", step.begins_role, step.holds, "holds")
        since = begun.valid_from if step.holds.since else day
        return directory.changed(version, holdings=[msgspec.structs.replace(begun, valid_from=since)])
    until = _day(step.until, END)
    row = Substitution(
        id=f"{step.stands_in} {version}",
        person=step.for_ or "",
        substitute=step.stands_in or "",
        valid_from=day,
        valid_to=until,
    )
    return directory.changed(version, substitutions=[row])


def holding(titles: Titles, row: str, name: str, person: Role, where: str) -> Holding:
    """A role that a person of a scenario holds."""
    if person.role not in titles.roles:
        raise BadInput("unknown_role", field=f"{where}.role", got=person.role)
    return Holding(
        id=row,
        person=name,
        role=person.role,
        region=titles.region(person.region, where),
        industry=titles.industry(person.industry, where),
        unit=titles.unit(person.unit, f"{where}.unit"),
        body=titles.unit(person.body, f"{where}.body"),
        valid_from=_day(person.since, BEGINNING),
        valid_to=_day(person.until, END),
    )


def substitution(row: str, name: str, told: StandIn) -> Substitution:
    """That a person of a scenario stands in for another."""
    return Substitution(
        id=row,
        person=told.for_,
        substitute=name,
        role=told.role or "",
        procedure=told.procedure or "",
        valid_from=_day(told.from_, BEGINNING),
        valid_to=_day(told.until, END),
    )


def _recusals(name: str, person: Person) -> list[Recusal]:
    """To whom a person is related; a scenario calls it kin, whatever it is."""
    return [
        Recusal(id=f"{name} {n}", person=name, kind="kin", unit=one.unit or "", other=one.person or "")
        for n, one in enumerate(person.related)
    ]


def _power(titles: Titles, n: int, told: PowerHeld) -> Power:
    where = f"powers.{n}"
    return Power(
        id=f"power {n}",
        body=titles.unit(told.body, f"{where}.body"),
        matter=told.matter,
        documents=tuple(told.document),
        region=titles.region(told.region, where),
        valid_from=_day(told.since, BEGINNING),
        valid_to=_day(told.until, END),
    )


def _shift(titles: Titles, n: int, told: ShiftHeld, moment: Moment) -> Shift:
    return Shift(
        id=f"shift {n}",
        roster=told.roster,
        person=told.person,
        region=titles.region(told.region, f"shifts.{n}"),
        begins=moment(told.from_),
        ends=moment(told.to),
    )


def _certificates(name: str, person: Person) -> list[Certificate]:
    """What a person of a scenario holds: since ever, up to the day before the one given."""
    return [
        Certificate(id=f"{name} {kind}", person=name, kind=kind, valid_to=date.fromisoformat(until))
        for kind, until in person.certificates.items()
    ]


def _day(text: str | None, otherwise: date) -> date:
    return date.fromisoformat(text) if text else otherwise


def _named(titles: Mapping[str, str], title: str | None, where: str) -> str:
    """The id of what has a title; "" where none is given."""
    if title is None:
        return ""
    for name, known in titles.items():
        if title in (known, name):
            return name
    raise BadInput("unknown_title", field=where, got=title)
