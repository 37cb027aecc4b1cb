"""The organisation as it was on a day, and as it was believed to be: regions, organs, who held what, who stood in.

Every read takes the day of which it is asked and, in `known_at`, when it is to have been known (by default now). What a
reader sees of people is what lies where they hold roles today; regions, powers and successions are for every member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.core.directory import Entity, Holding, Power, Recusal, Scope, Shift, Substitution, Succession
from engine.core.directory_told import (
    holding_told,
    neighbours_told,
    power_told,
    succession_told,
)
from engine.errors import NotFound
from engine.runtime.looking import Looking
from engine.runtime.projection import from_micros, micros
from engine.store.directory import told_columns
from engine.store.reader import Reader
from engine.store.schema import FOREVER

#: Permission to keep the directory, and with it to know who is recused.
KEEPS = "directory"


@dataclass(frozen=True, kw_only=True)
class Body:
    """A unit as which roles are held, on a day."""

    id: str
    #: "" = not recorded on that day
    title: str
    region: str
    #: as what it lives on by that day: itself, another unit, or "" = closed without one
    successor: str
    #: roles held as it on that day that the reader sees
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, kw_only=True)
class RegionNode:
    """A region, what is held and which organs lie there, and the regions below it."""

    path: str
    title: str
    neighbours: tuple[str, ...] = ()
    #: roles held for exactly this region as no organ
    holdings: tuple[Holding, ...] = ()
    bodies: tuple[Body, ...] = ()
    children: tuple[RegionNode, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """What one reader sees of the organisation on a day, as believed at an instant."""

    day: date
    known_at: datetime
    #: the topmost regions in sight; "" among them where something lies in no region
    regions: tuple[RegionNode, ...]
    #: all organs and roles in sight, also those that stand in the regions; within units only those of the reader's own
    bodies: tuple[Body, ...]
    holdings: tuple[Holding, ...]
    substitutions: tuple[Substitution, ...]
    powers: tuple[Power, ...]
    #: those that hold at some time of that day and reach where the reader works
    shifts: tuple[Shift, ...]
    #: all successions in force on that day
    successions: tuple[Succession, ...]
    #: how many recusals the reader may read
    recusals: int
    #: names of everybody who stands in the rows above, by id; whoever has none here has none recorded
    names: Mapping[str, str]
    #: titles on that day of every unit that stands in the rows above, by id
    units: Mapping[str, str]
    #: titles of industries by id
    industries: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RoleTime:
    """What was believed of one role of a person, from when to when it was believed."""

    holding: Holding
    recorded_from: datetime
    #: None = still believed
    recorded_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class _Told:
    """Rows from which an organisation is put together."""

    holdings: list[Holding]
    bodies: list[Body]
    titles: Mapping[str, str]
    neighbours: Mapping[str, tuple[str, ...]]


class Organisations(Looking):
    """The organisation as one person may see it."""

    def organisation(self, person: str, day: date, known_at: datetime | None = None) -> Organisation:
        """Everything of a day that the person may see."""
        known = micros(known_at) if known_at is not None else None
        with self._store.read() as reader:
            scope = self._surroundings(reader, person)
            holdings = reader.organisation.holdings(scope, day, known)
            successions = self._successions(reader, day, known)
            bodies = self._bodies(reader, scope, holdings, successions, day, known)
            regions = [told_columns(row) for row in reader.directory.rows("region", day=day, known_at=known)]
            told = _Told(
                holdings=holdings,
                bodies=bodies,
                titles={row["id"]: row["title"] for row in regions},
                neighbours=neighbours_told(regions),
            )
            substitutions = reader.organisation.substitutions(scope, day, known)
            powers = self._powers(reader, day, known)
            shifts = self._shifts(reader, scope, day, day, known)
            units = {*(one.unit for one in holdings), *(one.body for one in powers), *(one.id for one in bodies)}
            units |= {name for one in successions for name in (one.id, one.successor)}
            found = reader.directory.entities("unit", units - {""}, day, known_at=known)
            return Organisation(
                day=day,
                known_at=known_at or self._clock.now(),
                regions=_tree(told, scope),
                bodies=tuple(bodies),
                holdings=tuple(holdings),
                substitutions=tuple(substitutions),
                powers=powers,
                shifts=shifts,
                successions=successions,
                recusals=len(self._recusals(reader, person, day, known)),
                names=self._names(reader, _persons(holdings, substitutions, shifts)),
                units={name: unit.title for name, unit in found.items()},
                industries=reader.directory.titles("industry", day, known_at=known),
            )

    def person_history(self, reader_person: str, person: str) -> tuple[RoleTime, ...]:
        """Everything ever believed of the roles of a person, ended ones too; NotFound where none is in sight."""
        with self._store.read() as reader:
            scope = self._surroundings(reader, reader_person)
            rows = reader.organisation.ever_told(person)
        times = [
            RoleTime(
                holding=holding_told(told_columns(row)),
                recorded_from=from_micros(row.recorded_from),
                recorded_to=None if row.recorded_to == FOREVER else from_micros(row.recorded_to),
            )
            for row in rows
        ]
        seen = tuple(one for one in times if person == reader_person or _covers(scope, one.holding))
        if not seen:
            raise NotFound("person_not_found", person=person)
        return seen

    def shifts(
        self, person: str, roster: str, first: date, last: date, known_at: datetime | None = None
    ) -> tuple[Shift, ...]:
        """Shifts of a roster, "" = of all, that hold on some day from the first to the last and reach the person."""
        known = micros(known_at) if known_at is not None else None
        with self._store.read() as reader:
            found = self._shifts(reader, self._surroundings(reader, person), first, last, known)
        return tuple(one for one in found if roster in ("", one.roster))

    def powers(
        self, person: str, day: date, known_at: datetime | None = None, *, body: str = "", matter: str = ""
    ) -> tuple[Power, ...]:
        """Powers of a day, of one organ or in one matter or all; every member may read them."""
        known = micros(known_at) if known_at is not None else None
        with self._store.read() as reader:
            found = self._powers(reader, day, known)
        return tuple(one for one in found if body in ("", one.body) and matter in ("", one.matter))

    def successions(self, person: str, day: date, known_at: datetime | None = None) -> tuple[Succession, ...]:
        """What became of units by a day; every member may read it."""
        known = micros(known_at) if known_at is not None else None
        with self._store.read() as reader:
            return self._successions(reader, day, known)

    def substitutions(self, person: str, day: date, known_at: datetime | None = None) -> tuple[Substitution, ...]:
        """Who stands in for whom on a day, as far as either is in the person's sight."""
        known = micros(known_at) if known_at is not None else None
        with self._store.read() as reader:
            return tuple(reader.organisation.substitutions(self._surroundings(reader, person), day, known))

    def recusals(self, person: str, day: date, known_at: datetime | None = None) -> tuple[Recusal, ...]:
        """Who is recused on a day: the person, and whoever is where the person keeps the directory."""
        known = micros(known_at) if known_at is not None else None
        with self._store.read() as reader:
            return self._recusals(reader, person, day, known)

    # ----------------------------------------------------------------------------------------------------------

    def _surroundings(self, reader: Reader, person: str) -> Scope:
        return self._present(reader).surroundings(person, self.today())

    def _recusals(self, reader: Reader, person: str, day: date, known: int | None) -> tuple[Recusal, ...]:
        reach = self._present(reader).reach(person, KEEPS, self.today())
        scope = Scope(person=person, everything=reach.everything, regions=reach.regions, units=reach.units)
        return tuple(reader.organisation.recusals(scope, day, known))

    def _powers(self, reader: Reader, day: date, known: int | None) -> tuple[Power, ...]:
        return tuple(power_told(told_columns(row)) for row in reader.directory.rows("power", day=day, known_at=known))

    def _successions(self, reader: Reader, day: date, known: int | None) -> tuple[Succession, ...]:
        rows = reader.directory.rows("succession", day=day, known_at=known)
        return tuple(succession_told(told_columns(row)) for row in rows)

    def _shifts(self, reader: Reader, scope: Scope, first: date, last: date, known: int | None) -> tuple[Shift, ...]:
        calendar = self._catalog.calendar()
        found = reader.directory.shifts(calendar.instant(first), calendar.end_of(last), known_at=known)
        return tuple(one for one in found if _reaches(one, scope))

    def _bodies(
        self,
        reader: Reader,
        scope: Scope,
        holdings: list[Holding],
        successions: tuple[Succession, ...],
        day: date,
        known: int | None,
    ) -> list[Body]:
        after = {one.id: one.successor for one in successions}
        named = reader.organisation.bodies(known)
        units = reader.directory.entities("unit", named, day, known_at=known)
        nobody = Entity(id="", title="")
        bodies = []
        for name in named:
            unit = units.get(name, nobody)
            held = tuple(one for one in holdings if one.body == name)
            if held or (unit.id and scope.covers(region=unit.region, unit=name)):
                heir = _heir(name, after)
                bodies.append(Body(id=name, title=unit.title, region=unit.region, successor=heir, holdings=held))
        return bodies


def _heir(unit: str, after: Mapping[str, str]) -> str:
    seen = {unit}
    while unit in after and after[unit] not in seen:
        unit = after[unit]
        seen.add(unit)
    return unit


def _covers(scope: Scope, holding: Holding) -> bool:
    return scope.covers(region=holding.region, unit=holding.unit)


def _reaches(shift: Shift, scope: Scope) -> bool:
    """Whether it is in sight: of the reader, below them, or on duty for where they are."""
    inside = any(shift.region.startswith(one) or one.startswith(shift.region) for one in scope.regions)
    return scope.everything or inside or shift.region == "" or shift.person == scope.person


def _persons(holdings: Iterable[Holding], substitutions: Iterable[Substitution], shifts: Iterable[Shift]) -> list[str]:
    held = [one.person for one in holdings]
    told = [name for one in substitutions for name in (one.person, one.substitute)]
    return [*held, *told, *(one.person for one in shifts)]


def _tree(told: _Told, scope: Scope) -> tuple[RegionNode, ...]:
    """Regions in sight, and those in which something in sight lies, below each other."""
    held: dict[str, list[Holding]] = {}
    for holding in told.holdings:
        if not holding.unit and not holding.body:
            held.setdefault(holding.region, []).append(holding)
    bodies: dict[str, list[Body]] = {}
    for body in told.bodies:
        bodies.setdefault(body.region, []).append(body)
    wanted = {path for path in told.titles if scope.covers(region=path, unit="")} | {*held, *bodies}
    below: dict[str | None, list[str]] = {}
    for path in sorted(wanted):
        below.setdefault(_above(path, wanted), []).append(path)

    def nodes(top: str | None) -> tuple[RegionNode, ...]:
        return tuple(
            RegionNode(
                path=path,
                title=told.titles.get(path, ""),
                neighbours=told.neighbours.get(path, ()),
                holdings=tuple(held.get(path, ())),
                bodies=tuple(bodies.get(path, ())),
                children=nodes(path),
            )
            for path in below.get(top, ())
        )

    return nodes(None)


def _above(path: str, wanted: Iterable[str]) -> str | None:
    """The nearest of the wanted regions in which a region lies, None if none."""
    upper = path
    while len(upper) > 1:
        upper = upper[: upper.rstrip("/").rfind("/") + 1]
        if upper in wanted:
            return upper
    return None
