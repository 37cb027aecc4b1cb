"""What a change of the directory, a new day or another shift touches: of which open tasks the holders may differ now.

More may be touched than changes: whoever asks looks each of them up. Less never is, but for who supervises those
concerned by a case (recusal of superiors), which is asked anew at the moment of each act anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.core.directory import BEGINNING, END, Directory, Holding
from engine.core.event import AnyEvent, RoleEnded, RoleGranted, RowsRecorded


@dataclass(kw_only=True)
class Touched:
    """Persons, roles by region, units and places that changed; collected event by event."""

    persons: set[str] = field(default_factory=set)
    #: role -> regions in which, or below, somebody has or loses it
    roles: dict[str, set[str]] = field(default_factory=dict)
    #: whose people changed
    units: set[str] = field(default_factory=set)
    #: what is known of them changed: where they lie, their industry
    entities: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    #: regions in which who is on duty, or who stands in for neighbours, changed
    regions: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        found = (self.persons, self.roles, self.units, self.entities, self.places, self.regions)
        return any(found)

    def holding(self, one: Holding | Mapping[str, Any]) -> None:
        """A role that somebody got or lost."""
        told = one if isinstance(one, Mapping) else {name: getattr(one, name) for name in one.__struct_fields__}
        self.persons.add(told["person"])
        if told["unit"]:
            self.units.add(told["unit"])
        else:
            self.roles.setdefault(told["role"], set()).add(told["region"])

    def everything_of(self, person: str, directory: Directory) -> None:
        """Whatever a person holds or held: they may or must not take part any more."""
        self.persons.add(person)
        for one in directory.ever_held(person):
            self.holding(one)

    def row(self, table: str, row: Mapping[str, Any], directory: Directory) -> None:
        """A row of one of the other tables that was told, or whose day has come."""
        match table:
            case "recusal":
                for name in ("person", "other"):
                    if row.get(name):
                        self.everything_of(row[name], directory)
            case "succession":
                self.units.update(name for name in (row["id"], row.get("successor")) if name)
            case "unit":
                self.entities.add(row["id"])
            case "place":
                self.places.add(row["id"])
            case "shift":
                self.regions.add(row.get("region") or "")
            case "region":
                self.regions.add(row["id"])
            case _:
                pass

    def event(self, event: AnyEvent, directory: Directory) -> None:
        """What an event of the directory's stream touches; `directory` knows it already."""
        match event:
            case RoleGranted():
                self.holding({name: getattr(event, name) for name in ("person", "role", "region", "unit")})
            case RoleEnded(holding=name):
                if (one := directory.holding(name)) is not None:
                    self.holding(one)
            case RowsRecorded(table=table, rows=rows):
                for row in rows:
                    self.row(table, row, directory)
            case _:
                pass


def with_neighbours(regions: Iterable[str], directory: Directory) -> tuple[str, ...]:
    """The regions, and those that stand in together with one of them for a neighbour; none that lies in another."""
    found = set(regions)
    for home in directory.regions:
        beside = directory.neighbours(home)
        if beside and any(_comparable(one, other) for one in (home, *beside) for other in found):
            found.update(beside)
    return tuple(sorted(one for one in found if not any(one != other and one.startswith(other) for other in found)))


def peers(role: str, regions: Iterable[str], directory: Directory) -> tuple[str, ...]:
    """Everybody with whom tasks of that role in these regions may lie."""
    told = tuple(regions)
    held = directory.ever_in_role(role)
    return tuple(sorted({one.person for one in held if any(_comparable(one.region, region) for region in told)}))


def people_of(units: Iterable[str], directory: Directory, day: date) -> tuple[str, ...]:
    """Everybody with whom tasks of these units may lie, those of their successors among them."""
    named = {name for unit in units for name in (unit, directory.successor(unit, day)) if name}
    return tuple(sorted({one for name in named for one in directory.ever_within(name, BEGINNING, END)}))


def _comparable(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
