"""Whether what a form names exists: a case whose party is nobody would wait for nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
    machine, facts = turn.machine, turn.facts
    parties = {party.field for party in machine.parties.values() if party.kind == "person"}
    for field, value in values.items():
        if turn.case.fields.get(field) == value:
            continue
        match machine.fields[field].kind:
            case "unit" if isinstance(value, str) and value not in facts.units:
                yield field, "unit_unknown", value
            case "place" if isinstance(value, str) and value not in facts.places:
                yield field, "place_unknown", value
            case "person" if field in parties and isinstance(value, str):
                if not facts.directory.held_by(value, turn.day):
                    yield field, "person_unknown", value
