"""What guards may read: fields, properties of the units and places they name, and a few names of the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from engine.core import parties
from engine.core.case import Case
from engine.core.facts import Facts
from engine.core.form_tables import checked, counted
from engine.core.machine import Machine
from engine.core.scope_names import LINKING, MOMENT, SIGNING

_MOMENTS: Mapping[str, Callable[[Case], Any]] = {
    "late": lambda case: False,
    "on_site": lambda case: False,
    "case.id": lambda case: case.id,
    "case.number": lambda case: case.number,
    "case.reopened": lambda case: case.reopened,
    "case.extensions": lambda case: max((task.extensions for task in case.tasks), default=0),
}


class GuardScope(dict[str, Any]):
    """Dotted name -> value, looked up when first read."""

    def __init__(self, machine: Machine, case: Case, facts: Facts, day: date, extra: Mapping[str, Any]) -> None:
        super().__init__(extra)
        self._machine = machine
        self._case = case
        self._facts = facts
        self._day = day

    def __missing__(self, name: str) -> Any:
        value = self[name] = self._find(name)
        return value

    def _find(self, name: str) -> Any:
        case = self._case
        if name == "today":
            return self._day
        if name in MOMENT:
            return _MOMENTS[name](case)
        if (word := name.partition(".")[0]) in SIGNING:
            return case.signing.get(name.removeprefix(f"{word}.")) == word
        if word in LINKING:
            linked = [one for one in case.linked if one.how == name.removeprefix(f"{word}.")]
            return sum(1 for one in linked if word == "linked" or not one.closed)
        field, _, rest = name.partition(".")
        spec = self._machine.fields.get(field)
        if spec is None:
            raise KeyError(name)
        if rest and spec.kind == "table":
            return counted(case.fields.get(field), rest)
        if rest and spec.kind == "checklist":
            return checked(spec, case.fields.get(field)).get(rest)
        if rest:
            return parties.value_at(self._machine, case, self._facts, name)
        value = case.fields.get(field)
        return date.fromisoformat(value) if spec.kind == "date" and isinstance(value, str) and value else value
