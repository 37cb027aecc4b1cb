"""Whether what a form names exists: a case whose party is nobody would wait for nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.core.command import SYSTEM
from engine.core.definition import FieldSpec
from engine.core.directory import Scope
from engine.core.facts import KnownCase
from engine.core.form_tables import cells
from engine.core.parties import named_persons
from engine.core.turn import Turn
from engine.errors import BadInput


def check_known(turn: Turn, values: Mapping[str, Any]) -> None:
    """BadInput for units and places that nobody recorded, and for parties who hold no role on that day.

    What the case names already may be named again: a unit that closed keeps its cases.
    """
    problems = [{"field": field, "code": code, "got": got} for field, code, got in _unknown(turn, values)]
    if problems:
        raise BadInput("form_refused", problems=problems)


def _unknown(turn: Turn, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    parties = {party.field for party in turn.machine.parties.values() if party.kind == "person"}
    for field, value in values.items():
        if turn.case.fields.get(field) == value:
            continue
        spec = turn.machine.fields[field]
        if spec.kind == "person":
            yield from _unfit_persons(turn, spec, value, acts=field in parties)
            continue
        if spec.kind == "case":
            yield from _unknown_cases(turn, spec, value)
            continue
        for at, column, one in cells(spec, value) if spec.kind == "table" else ((field, spec, value),):
            if column.kind == "unit" and isinstance(one, str) and one not in turn.facts.units:
                yield at, "unit_unknown", one
            elif column.kind == "place" and isinstance(one, str) and one not in turn.facts.places:
                yield at, "place_unknown", one


def _unknown_cases(turn: Turn, spec: FieldSpec, value: Any) -> Iterator[tuple[str, str, str]]:
    """Cases that are not there, not of that procedure, or not for who acts to see: one cannot tell which."""
    person = turn.command.acted_by
    scope = turn.facts.directory.scope(person, turn.day)
    for name in value if isinstance(value, list | tuple) else [value]:
        known = turn.facts.cases.get(str(name))
        if (
            known is None
            or known.procedure != spec.procedure
            or not (person == SYSTEM or _is_seen(known, person, scope))
        ):
            yield spec.id, "case_unknown", str(name)


def _is_seen(known: KnownCase, person: str, scope: Scope) -> bool:
    # A link would tell of what is hidden, also to who sees but this end.
    return not known.sealed and scope.covers(region=known.region, unit=known.unit, holders=known.holders)


def _unfit_persons(turn: Turn, spec: FieldSpec, value: Any, *, acts: bool) -> Iterator[tuple[str, str, str]]:
    """Persons who hold no role although they are to act, or not the certificate that the field asks for."""
    for person in named_persons(value):
        if acts and not turn.facts.directory.held_by(person, turn.day):
            yield spec.id, "person_unknown", person
        if spec.certificate and not turn.facts.directory.certified(person, spec.certificate, turn.day):
            yield spec.id, "not_certified", person
