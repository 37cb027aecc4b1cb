"""Rows of people with their roles: known persons are recognised, others recorded, roles granted or ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from engine.core import command as cmd
from engine.core.administration import DIRECTORY, MOST_ROWS
from engine.core.directory import END, Holding
from engine.runtime.import_people import CONTACTS, DirectoryPlanner, Where, days_of, plain_name, same_role, text_of
from engine.runtime.import_planner import Importer, ImportPlan, Planned, SheetRow, Unfit
from engine.runtime.import_target import HoldingInto
from engine.runtime.service import Service
from engine.store.session import Session


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a row asks for: a person recorded, a role granted or ended, both, or nothing that is not so already."""

    #: None = as recorded
    person: dict[str, str] | None
    act: cmd.GrantRole | cmd.EndRole | None


class HoldingsPlanner(DirectoryPlanner):
    """Rows as people with their roles: one row, one role of one person."""

    def __init__(self, importer: Importer, service: Service, session: Session, into: HoldingInto) -> None:
        super().__init__(importer, service, session)
        self.into = into
        #: persons that rows above record, by id, and by name
        self._fresh: dict[str, dict[str, str]] = {}
        self._named: dict[str, str] = {}
        self._told: dict[tuple[str, ...], int] = {}

    def plan(self, rows: Sequence[SheetRow]) -> ImportPlan:
        found = list(self.sift(rows, self._given))
        fresh = [(row, given) for row, given in found if given.person or given.act]
        return ImportPlan(
            items=tuple(self._items(fresh)),
            rows=len(fresh),
            refused=tuple(self.refused),
            known=tuple(row.number for row, given in found if not given.person and not given.act),
        )

    def _given(self, row: SheetRow) -> Given:
        into = self.into
        role, region, industry = (
            self.listed(row, into.role, "roles"),
            self.listed(row, into.region, "regions"),
            self.listed(row, into.industry, "industries"),
        )
        unit, body = row.references.get(into.unit, ""), row.references.get(into.body, "")
        if not region and not unit:
            raise Unfit((into.region, "value_missing", {}))
        within = self.units.get(unit, "") if unit else region
        self.check_reach(into.unit if unit else into.region, within, unit)
        where = ("", unit) if unit else (region, "")
        person, told = self._person(row, where)
        grant = cmd.GrantRole(
            person=person,
            role=role,
            region=where[0],
            industry="" if unit else industry,
            unit=unit,
            body=body,
            reason=self.importer.source,
            **{"valid_from": self.today.isoformat(), **days_of(row, into.first, into.last)},
        )
        if told:
            self.rehearse(cmd.RecordPersons(persons=(told,)), self._columns())
        self.rehearse(grant, self._columns())
        self._check_once(row, grant)
        given = Given(person=told, act=self._change(row, grant))
        if told and person not in self._fresh:
            self._fresh[person] = told
            self._named.setdefault(plain_name(told["name"]), person)
        return given

    def _columns(self) -> dict[str, str]:
        into = self.into
        told = {"id": into.id, "name": into.name, "phone": into.phone, "mail": into.mail, "role": into.role}
        told |= {"region": into.region, "industry": into.industry, "unit": into.unit, "body": into.body}
        return {**told, "person": into.id or into.name, "valid_from": into.first, "valid_to": into.last}

    # whom a row means ----------------------------------------------------------------------------------------------

    def _person(self, row: SheetRow, where: Where) -> tuple[str, dict[str, str] | None]:
        """The person's id, and what is to be recorded of them; Unfit where it is not clear who is meant."""
        into, name = self.into, str(row.values[self.into.name])
        contacts = {key: text for key in CONTACTS if (text := text_of(row, getattr(into, key)))}
        if text_of(row, into.id):
            person, known = self.by_id(row, into.id, into.name)
            if known is None and person in self._fresh:
                self._check_again(row, person, contacts)
                return person, None
            return person, self._fresh_or_changed(person, name, where, contacts, known)
        namesakes = self.people.named(name)
        here = self.people.at(namesakes, where)
        if len(here) == 1:
            return here[0], self._fresh_or_changed(here[0], name, where, contacts, self.people.told(here)[here[0]])
        if namesakes:
            raise Unfit((into.name, "person_namesake", {"got": name, "count": len(namesakes)}))
        person = self.person_id(name, where)
        above = self._named.get(plain_name(name), person)
        if above != person:
            raise Unfit((into.name, "person_namesake", {"got": name, "count": 1}))
        if person in self._fresh:
            self._check_again(row, person, contacts)
            return person, None
        return person, self._fresh_or_changed(person, name, where, contacts, None)

    def _check_again(self, row: SheetRow, person: str, contacts: dict[str, str]) -> None:
        """Refuse a row that tells of a person of a row above what is not the same."""
        above = self._fresh[person]
        if plain_name(above["name"]) != plain_name(str(row.values[self.into.name])):
            raise Unfit((self.into.name, "name_of_another", {"got": row.values[self.into.name]}))
        for key, text in contacts.items():
            if above.get(key, text) != text:
                raise Unfit((getattr(self.into, key), "told_differently", {"got": text}))

    def _fresh_or_changed(
        self, person: str, name: str, where: Where, contacts: dict[str, str], known: dict[str, str] | None
    ) -> dict[str, str] | None:
        if known is None:
            return {"id": person, "name": name, **({"unit": where[1]} if where[1] else {}), **contacts}
        if not self.people.reached(person) or all(known[key] == text for key, text in contacts.items()):
            return None
        kept = {key: text for key in ("name", *CONTACTS) if (text := known[key])}
        return {"id": person, **kept, **self._unit_of(person), **contacts}

    def _unit_of(self, person: str) -> dict[str, str]:
        rows = self.session.directory.rows("person", (person,))
        return {"unit": unit} if rows and (unit := rows[-1].columns.get("unit")) else {}

    # what a row changes --------------------------------------------------------------------------------------------

    def _check_once(self, row: SheetRow, grant: cmd.GrantRole) -> None:
        key = (grant.person, grant.role, grant.region, grant.industry, grant.unit, grant.body, grant.valid_from)
        first = self._told.setdefault(key, row.number)
        if first != row.number:
            raise Unfit((self.into.role, "row_repeated", {"first_row": first}))

    def _change(self, row: SheetRow, grant: cmd.GrantRole) -> cmd.GrantRole | cmd.EndRole | None:
        """The act that makes it as the row says; None if it is so already."""
        days = {"valid_from": date.fromisoformat(grant.valid_from), "valid_to": _end(grant.valid_to)}
        wanted = Holding(
            id="",
            person=grant.person,
            role=grant.role,
            region=grant.region,
            industry=grant.industry,
            unit=grant.unit,
            body=grant.body,
            **days,
        )
        since, until = text_of(row, self.into.first), text_of(row, self.into.last)
        for held in self.directory.ever_held(grant.person):
            if not same_role(held, wanted):
                continue
            if held.valid_from == wanted.valid_from or (not since and held.holds_on(self.today)):
                if not until or held.valid_to == wanted.valid_to:
                    return None
                if held.valid_from < wanted.valid_to:
                    return cmd.EndRole(holding=held.id, valid_to=grant.valid_to, reason=self.importer.source)
            if held.valid_from < wanted.valid_to and wanted.valid_from < held.valid_to:
                got = held.valid_from.isoformat()
                raise Unfit((self.into.first or self.into.role, "role_held_already", {"got": got}))
        return grant

    def _items(self, found: Sequence[tuple[SheetRow, Given]]) -> Iterator[Planned]:
        """Persons first: a role is held by somebody known."""
        persons = {given.person["id"]: (row.number, given.person) for row, given in found if given.person}
        told = list(persons.values())
        for start in range(0, len(told), MOST_ROWS):
            some = told[start : start + MOST_ROWS]
            act = cmd.RecordPersons(persons=tuple(person for _, person in some))
            yield self._item(tuple(number for number, _ in some), act)
        for row, given in found:
            if given.act:
                yield self._item((row.number,), given.act)

    def _item(self, rows: tuple[int, ...], act: Any) -> Planned:
        return Planned(rows=rows, request=self.importer.request(DIRECTORY, act))


def _end(text: str) -> date:
    return date.fromisoformat(text) if text else END
