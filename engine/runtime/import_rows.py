"""Rows of powers and of duty rosters: what is recorded already is left out, the rest goes in by many at once."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.administration import DIRECTORY, MOST_ROWS
from engine.core.directory_told import power_told, shift_told
from engine.runtime.import_people import DirectoryPlanner, days_of, text_of
from engine.runtime.import_planner import Importer, ImportPlan, Planned, SheetRow, Unfit
from engine.runtime.import_target import PowerInto, ShiftInto
from engine.runtime.service import Service
from engine.store.session import Session

#: Between the documents in a cell.
_BETWEEN = re.compile(r"[\u3001\uff0c,;\uff1b\n]")


class _RowsPlanner(DirectoryPlanner):
    """Rows that are each one row of one table of the directory."""

    def __init__(self, importer: Importer, service: Service, session: Session) -> None:
        super().__init__(importer, service, session)
        self._told: dict[str, int] = {}

    def plan(self, rows: Sequence[SheetRow]) -> ImportPlan:
        """Make and rehearse the acts of the rows."""
        found = list(self.sift(rows, self._row))
        fresh = [(row, told) for row, told in found if told is not None]
        return ImportPlan(
            items=tuple(self._items(fresh)),
            rows=len(fresh),
            refused=tuple(self.refused),
            known=tuple(row.number for row, told in found if told is None),
        )

    def _row(self, row: SheetRow) -> dict[str, Any] | None:
        """What is to be recorded of a row; None if it is recorded."""
        told, columns = self._read(row)
        (event,) = self.rehearse(self._act((told,)), columns)
        assert isinstance(event, ev.RowsRecorded)
        (recorded,) = event.rows
        first = self._told.setdefault(recorded["id"], row.number)
        if first != row.number:
            raise Unfit((next(iter(columns.values())), "row_repeated", {"first_row": first}))
        return None if self._known(recorded) else told

    def _items(self, found: Sequence[tuple[SheetRow, dict[str, Any]]]) -> Iterator[Planned]:
        for start in range(0, len(found), MOST_ROWS):
            some = found[start : start + MOST_ROWS]
            act = self._act(tuple(told for _, told in some))
            yield Planned(rows=tuple(row.number for row, _ in some), request=self.importer.request(DIRECTORY, act))

    @abstractmethod
    def _read(self, row: SheetRow) -> tuple[dict[str, Any], dict[str, str]]:
        """What a row tells, and its fields by column; Unfit."""

    @abstractmethod
    def _act(self, rows: tuple[dict[str, Any], ...]) -> cmd.AnyAct:
        """The act that records these."""

    @abstractmethod
    def _known(self, recorded: dict[str, Any]) -> bool:
        """Whether it is recorded just so."""


class PowersPlanner(_RowsPlanner):
    """Rows as what organs may do."""

    def __init__(self, importer: Importer, service: Service, session: Session, into: PowerInto) -> None:
        super().__init__(importer, service, session)
        self.into = into

    def _read(self, row: SheetRow) -> tuple[dict[str, Any], dict[str, str]]:
        into = self.into
        columns = {"matter": into.matter, "body": into.body, "documents": into.documents, "region": into.region}
        columns |= {"basis": into.basis, "valid_from": into.first, "valid_to": into.last}
        body, region = row.references.get(into.body, ""), self.listed(row, into.region, "regions")
        self.check_reach(into.body, self.units.get(body, ""), body)
        if region:
            self.check_reach(into.region, region)
        documents = [one.strip() for one in _BETWEEN.split(text_of(row, into.documents)) if one.strip()]
        told = {"body": body, "matter": text_of(row, into.matter), "documents": documents, "region": region}
        return {**told, "basis": text_of(row, into.basis), **days_of(row, into.first, into.last)}, columns

    def _act(self, rows: tuple[dict[str, Any], ...]) -> cmd.AnyAct:
        return cmd.RecordPowers(powers=rows)

    def _known(self, recorded: dict[str, Any]) -> bool:
        return self.directory.power(recorded["id"]) == power_told(recorded)


class ShiftsPlanner(_RowsPlanner):
    """Rows as who is on duty when."""

    def __init__(self, importer: Importer, service: Service, session: Session, into: ShiftInto) -> None:
        super().__init__(importer, service, session)
        self.into = into

    def _read(self, row: SheetRow) -> tuple[dict[str, Any], dict[str, str]]:
        into = self.into
        columns = {"roster": into.roster, "person": into.name, "region": into.region}
        columns |= {"begins": into.begins, "ends": into.ends}
        region = self.listed(row, into.region, "regions")
        # a shift of no region is one of every region
        for each in (region,) if region else self.directory.regions:
            self.check_reach(into.region or into.name, each)
        told = {"roster": text_of(row, into.roster), "region": region, "person": self._person(row, region)}
        return {**told, "begins": self._instant(row, into.begins), "ends": self._instant(row, into.ends)}, columns

    def _person(self, row: SheetRow, region: str) -> str:
        into, name = self.into, str(row.values[self.into.name])
        if text_of(row, into.id):
            person, known = self.by_id(row, into.id, into.name)
            if known is None:
                raise Unfit((into.id, "person_unknown", {"got": person}))
            return person
        namesakes = self.people.named(name)
        # who works exactly there is meant before those who work above or below
        here = self.people.at(namesakes, (region, "")) or self.people.near(namesakes, region) or namesakes
        if len(here) != 1:
            code = "person_ambiguous" if here else "person_unknown"
            raise Unfit((into.name, code, {"got": name, "count": len(here)}))
        return here[0]

    def _instant(self, row: SheetRow, column: str) -> str:
        at = row.values[column]
        assert isinstance(at, datetime)
        return at.replace(tzinfo=self.calendar.zone).isoformat()

    def _act(self, rows: tuple[dict[str, Any], ...]) -> cmd.AnyAct:
        return cmd.RecordShifts(shifts=rows)

    def _known(self, recorded: dict[str, Any]) -> bool:
        return self.directory.shift(recorded["id"]) == shift_told(recorded)
