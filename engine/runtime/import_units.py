"""Rows of a register become units with their places and people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from engine.core import command as cmd
from engine.core.administration import DIRECTORY, MOST_ROWS
from engine.runtime.import_planner import Importer, ImportPlan, Planned, Planner, SheetRow, plain
from engine.runtime.import_target import UnitInto
from engine.runtime.service import Service
from engine.store.session import Session
from engine.store.views import DirectoryRow


class UnitsPlanner(Planner):
    """Rows as units with their places and people."""

    def __init__(self, importer: Importer, service: Service, session: Session, into: UnitInto) -> None:
        super().__init__(importer, service, session)
        self.into = into

    def plan(self, rows: Sequence[SheetRow]) -> ImportPlan:
        found = list(self.sift(rows, self._unit))
        ids = [unit["id"] for _, unit in found]
        recorded = {row.id: row for row in self.session.directory.rows("unit", ids, day=self.today)}
        named = {row.id for row in self.session.directory.rows("person", self._person_ids(ids))}
        fresh = [(row, unit) for row, unit in found if not _same(unit, recorded.get(unit["id"]))]
        kept = {row.number for row, _ in fresh}
        return ImportPlan(
            items=tuple(self._items(fresh, named)),
            rows=len(fresh),
            refused=tuple(self.refused),
            known=tuple(row.number for row, _ in found if row.number not in kept),
        )

    def _unit(self, row: SheetRow) -> dict[str, Any]:
        into, values = self.into, row.values
        unit = {
            "id": str(values[into.id]),
            "title": str(values[into.title]),
            "region": self.listed(row, into.region, "regions"),
            "industry": self.listed(row, into.industry, "industries"),
            "attributes": {
                name: plain(values[column])
                for name, column in into.attributes.items()
                if values.get(column) is not None
            },
        }
        if into.credit_code:
            unit["credit_code"] = str(values[into.credit_code])
        self.rehearse(cmd.RecordUnits(units=(unit,)), {"id": into.id, "title": into.title})
        return unit

    def _person_ids(self, units: Iterable[str]) -> list[str]:
        return [_person_id(unit, key) for unit in units for key in self.importer.into.persons]

    def _items(self, found: Sequence[tuple[SheetRow, dict[str, Any]]], named: set[str]) -> Iterator[Planned]:
        for start in range(0, len(found), MOST_ROWS):
            some = found[start : start + MOST_ROWS]
            rows = tuple(row.number for row, _ in some)
            yield self._item(rows, cmd.RecordUnits(units=tuple(unit for _, unit in some)))
            places = tuple(place for row, unit in some if (place := self._place(row, unit)))
            if places:
                yield self._item(rows, cmd.RecordPlaces(places=places))
            persons = [one for row, unit in some for one in self._persons(row, unit) if one[1]["id"] not in named]
            for first in range(0, len(persons), MOST_ROWS):
                told = persons[first : first + MOST_ROWS]
                yield self._item(rows, cmd.RecordPersons(persons=tuple(person for _, person, _ in told)))
            for number, person, role in persons:
                yield self._item((number,), self._grant(person, role))

    def _item(self, rows: tuple[int, ...], act: cmd.AnyAct) -> Planned:
        return Planned(rows=rows, request=self.importer.request(DIRECTORY, act))

    def _place(self, row: SheetRow, unit: Mapping[str, Any]) -> dict[str, Any] | None:
        into = self.importer.into.place
        title = row.values.get(into.title) if into else None
        if title is None:
            return None
        kept = {key: unit[key] for key in ("region", "industry")}
        return {"id": place_id(unit["id"]), "title": str(title), "unit": unit["id"], **kept}

    def _persons(self, row: SheetRow, unit: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any], str]]:
        """Whoever the row names, with the role; the name leaves for the vault at the one door."""
        for key, into in self.importer.into.persons.items():
            if (name := row.values.get(into.name)) is not None:
                person = {"id": _person_id(unit["id"], key), "name": str(name), "unit": unit["id"]}
                yield row.number, person, into.role

    def _grant(self, person: Mapping[str, Any], role: str) -> cmd.GrantRole:
        return cmd.GrantRole(
            person=person["id"],
            role=role,
            unit=person["unit"],
            valid_from=self.today.isoformat(),
            reason=self.importer.source,
        )


def place_id(unit: str) -> str:
    """The place at which a unit is registered."""
    return f"{unit}-1"


def _person_id(unit: str, key: str) -> str:
    """An id that does not tell who it is; who it is stands in the vault."""
    return sha256(f"person\n{unit}\n{key}".encode()).hexdigest()[:24]


def _same(unit: Mapping[str, Any], row: DirectoryRow | None) -> bool:
    """Whether a recorded row says the same."""
    if row is None:
        return False
    told = {name: value for name, value in unit.items() if name not in ("id", "attributes")}
    return all(row.columns.get(name, "") == value for name, value in told.items()) and all(
        row.attributes.get(name) == value for name, value in unit["attributes"].items()
    )
