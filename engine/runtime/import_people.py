"""Who is meant by a name in a spreadsheet: persons where whoever imports keeps the directory, by name and by id."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from engine.core.command import SYSTEM
from engine.core.directory import Holding, Scope
from engine.core.identifiers import is_id
from engine.errors import NotPermitted
from engine.runtime.import_planner import Importer, Planner, SheetRow, Unfit
from engine.runtime.organisation import KEEPS
from engine.runtime.personal import is_reference
from engine.runtime.service import Service
from engine.runtime.vault import Erased, Vault
from engine.store.directory import told_columns
from engine.store.session import Session
from engine.store.views import DirectoryRow

CONTACTS = ("phone", "mail")
#: Region and unit where somebody holds a role.
Where = tuple[str, str]


class People:
    """Persons of the directory by name, as far as they hold or held a role in reach."""

    def __init__(self, service: Service, session: Session, reach: Scope, regions: Mapping[str, str]) -> None:
        self._session = session
        self._vault = Vault(session.vault, service.master)
        self._where: defaultdict[str, set[Where]] = defaultdict(set)
        for holding in session.directory.holdings():
            region = regions.get(holding.unit, "") if holding.unit else holding.region
            if reach.covers(region=region, unit=holding.unit):
                self._where[holding.person].add((holding.region, holding.unit))
        self._named: defaultdict[str, list[str]] = defaultdict(list)
        for person, told in self.told(self._where).items():
            self._named[plain_name(told["name"])].append(person)

    def told(self, persons: Iterable[str]) -> dict[str, dict[str, str]]:
        """Names and contacts of persons by id, "" where there is none or it was erased; unknown ones are left out."""
        rows = self._session.directory.rows("person", list(persons))
        refs = [ref for row in rows for key in ("name", *CONTACTS) if (ref := _reference(row, key))]
        opened = self._vault.openings(refs)

        def value(row: DirectoryRow, key: str) -> str:
            found = opened.get(_reference(row, key))
            return "" if found is None or isinstance(found, Erased) else str(found.value)

        return {row.id: {key: value(row, key) for key in ("name", *CONTACTS)} for row in rows}

    def named(self, name: str) -> tuple[str, ...]:
        """Everybody in reach who bears the name."""
        return tuple(self._named.get(plain_name(name), ()))

    def at(self, persons: Iterable[str], where: Where) -> tuple[str, ...]:
        """Those of them who hold or held a role in exactly that region or unit."""
        return tuple(person for person in persons if where in self._where[person])

    def near(self, persons: Iterable[str], region: str) -> tuple[str, ...]:
        """Those of them who hold or held a role in a region that the region lies in, or that lies in it."""
        return tuple(
            person
            for person in persons
            if any(told.startswith(region) or region.startswith(told) for told, _ in self._where[person])
        )

    def reached(self, person: str) -> bool:
        """Whether the person holds or held a role in reach."""
        return person in self._where


class DirectoryPlanner(Planner):
    """Planning of rows that keep the directory: only where the person may keep it."""

    def __init__(self, importer: Importer, service: Service, session: Session) -> None:
        super().__init__(importer, service, session)
        #: region of each unit
        self.units = {row.id: row.columns["region"] for row in session.directory.rows("unit", day=self.today)}
        reach = Scope(person="", everything=True)
        if importer.person != SYSTEM:
            if not self.directory.may(importer.person, KEEPS, self.today):
                raise NotPermitted("permission_missing", permission=KEEPS)
            reach = self.directory.reach(importer.person, KEEPS, self.today)
        self.people = People(service, session, reach, self.units)

    def check_reach(self, column: str, region: str, unit: str = "") -> None:
        """Refuse a row about a region or unit where the person does not keep the directory."""
        for person in {self.importer.person, self.importer.entered_by or self.importer.person}:
            if person != SYSTEM and not self.directory.may(person, KEEPS, self.today, region, unit):
                raise Unfit((column, "out_of_reach", {}))

    def person_id(self, name: str, where: Where) -> str:
        """The id of somebody new: the same for the same row, and telling nobody who it is."""
        told = "\n".join(("imported person", plain_name(name), *where))
        return hmac.digest(self.service.master, told.encode(), "sha256").hex()[:24]

    def by_id(self, row: SheetRow, column: str, name_column: str) -> tuple[str, dict[str, str] | None]:
        """The id that a row gives, and what is known of the person; Unfit where that is another one's."""
        person, name = str(row.values.get(column) or ""), str(row.values[name_column])
        if not is_id(person) or person == SYSTEM:
            raise Unfit((column, "not_an_id", {"got": person}))
        known = self.people.told((person,)).get(person)
        if known is not None and plain_name(known["name"]) != plain_name(name):
            raise Unfit((name_column, "name_of_another", {"got": name}))
        return person, known


def _reference(row: DirectoryRow, key: str) -> str:
    """The reference to the vault that stands for a name or contact, "" where none is told."""
    told: Any = told_columns(row).get(key) or ""
    return str(told["vault"]) if is_reference(told) else str(told)


def plain_name(name: str) -> str:
    """A name as compared: without blanks, which people put between characters to align them."""
    return "".join(name.split())


def days_of(row: SheetRow, first: str, last: str) -> dict[str, str]:
    """The days of a row; it tells the last day, and validity ends on the next."""
    begins, ends = row.values.get(first) if first else None, row.values.get(last) if last else None
    told: dict[str, str] = {}
    if isinstance(begins, date):
        told["valid_from"] = begins.isoformat()
    if isinstance(ends, date):
        told["valid_to"] = (ends + timedelta(days=1)).isoformat()
    return told


def text_of(row: SheetRow, column: str) -> str:
    """What stands in a column, "" where nothing does or there is none."""
    value: Any = row.values.get(column) if column else None
    return "" if value is None else str(value)


def same_role(one: Holding, other: Holding) -> bool:
    """Whether two holdings are of the same role in the same place, on whatever days."""
    keys = ("role", "region", "industry", "unit", "body")
    return all(getattr(one, key) == getattr(other, key) for key in keys)
