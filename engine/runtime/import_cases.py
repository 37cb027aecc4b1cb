"""Rows of a ledger become cases that are taken over as claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from engine.core import command as cmd
from engine.core.decide import decide
from engine.core.facts import Facts, needs
from engine.core.machine import Machine
from engine.errors import BadInput, NotFound
from engine.runtime.import_planner import Importer, ImportPlan, Planned, Planner, SheetRow, Unfit, plain, told_by
from engine.runtime.import_target import CaseInto, Source, source_of
from engine.runtime.service import Service
from engine.store.session import Session


class CasesPlanner(Planner):
    """Rows as cases that are taken over as claimed."""

    def __init__(self, importer: Importer, service: Service, session: Session, into: CaseInto) -> None:
        super().__init__(importer, service, session)
        self.into = into
        self.machine: Machine = current_machine(service, session, into.procedure)
        self.calendar = service.catalog.calendar(self.machine)
        self.columns = {field: source_of(told) for field, told in into.fields.items()}

    def plan(self, rows: Sequence[SheetRow]) -> ImportPlan:
        streams = {row.number: case_stream(self.importer.mapping, row.key) for row in rows}
        taken = self.session.load(list(streams.values()))
        fresh = [row for row in rows if streams[row.number] not in taken]
        places = self._places(fresh)
        made = list(self.sift(fresh, lambda row: self._claim(row, streams[row.number], places)))
        return ImportPlan(
            items=tuple(
                Planned(rows=(row.number,), request=self.importer.request(streams[row.number], act))
                for row, act in made
            ),
            rows=len(made),
            refused=tuple(self.refused),
            known=tuple(row.number for row in rows if streams[row.number] in taken),
        )

    def _places(self, rows: Sequence[SheetRow]) -> dict[str, str]:
        """The one place of each unit that the rows refer to."""
        units = {row.references[name] for row in rows for name in self.into.places.values() if name in row.references}
        found = self.session.directory.matching("place", "unit", sorted(units), self.today) if units else {}
        return {unit: places[0].id for unit, places in found.items() if len(places) == 1}

    def _claim(self, row: SheetRow, stream: cmd.Stream, places: Mapping[str, str]) -> cmd.ClaimCase:
        into, values = self.into, row.values
        state = _value(row, into.state)
        spec = self.machine.states.get(str(state))
        if spec is None:
            raise Unfit((into.state.by, "state_unknown", {"got": str(state)}))
        ended = next((values[column] for column in into.closed if values.get(column) is not None), None)
        act = cmd.ClaimCase(
            version=self.machine.version,
            state=spec.path,
            data=case_data(into, row, places),
            claimed_number=str(values.get(into.number) or "") if into.number else "",
            claimed_opened_at=self.calendar.instant(_day(row, into.opened)),
            claimed_closed_at=self.calendar.instant(ended) if ended and spec.kind == "final" else None,
            source=f"{self.importer.source}#{row.number}",
        )
        self._rehearse(act, stream)
        return act

    def _rehearse(self, act: cmd.ClaimCase, stream: cmd.Stream) -> None:
        command = self.command(act, stream)
        wanted = needs(self.machine, None, command, self.calendar)
        find = self.service.directories.entities
        facts = Facts(
            directory=self.directory,
            calendar=self.calendar,
            calendars=self.service.catalog.calendars,
            units=find(self.session, self.version, "unit", wanted.units, self.today),
            places=find(self.session, self.version, "place", wanted.places, self.today),
        )
        try:
            decide(self.machine, None, command, facts)
        except BadInput as wrong:
            problems = wrong.data.get("problems") or [{"field": wrong.field, "code": wrong.code, **told_by(wrong)}]
            raise Unfit(*(self._problem(problem) for problem in problems)) from wrong

    def _problem(self, problem: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
        data = {key: value for key, value in problem.items() if key not in ("field", "code")}
        return self.columns.get(problem["field"], str(problem["field"])), str(problem["code"]), data


def current_machine(service: Service, session: Session, procedure: str) -> Machine:
    """The version of a procedure that new cases get; NotFound if none was published."""
    versions = session.definitions.list(procedure)
    if not versions:
        raise NotFound("procedure_not_published", procedure=procedure)
    return service.catalog.machine(session, versions[0].version)


def case_stream(mapping: str, key: str) -> cmd.Stream:
    """The stream of the case that a row of that key claims."""
    return cmd.Stream(kind="case", id=sha256(f"{mapping}\n{key}".encode()).hexdigest()[:24])


def case_data(into: CaseInto, row: SheetRow, places: Mapping[str, str]) -> dict[str, Any]:
    """The fields that a row fills, as a form would."""
    data: dict[str, Any] = {}
    for field, told in into.fields.items():
        value = _value(row, told)
        if value is not None:
            data[field] = plain(value)
    for field, reference in into.places.items():
        if (place := places.get(row.references.get(reference, ""))) is not None:
            data[field] = place
    return data


def _value(row: SheetRow, told: Source) -> Any:
    """What a column or reference says, translated."""
    if isinstance(told, str):
        return row.references.get(told, row.values.get(told))
    value = row.values.get(told.by)
    if value is None:
        return None
    if told.are:
        if value not in told.are:
            raise Unfit((told.by, "word_without_meaning", {"got": str(value)}))
        return told.are[str(value)]
    return Decimal(value) / told.over if told.over != 1 else value


def _day(row: SheetRow, column: str) -> date:
    value = row.values.get(column)
    if not isinstance(value, date):
        raise Unfit((column, "value_missing", {}))
    return value
