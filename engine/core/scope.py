"""What guards may read: fields, properties of the units and places they name, and a few names of the moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.core import parties
from engine.core.case import Case
from engine.core.facts import Facts
from engine.core.form_tables import checked, counted
from engine.core.machine import Machine
from engine.core.scope_names import SIGNING


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
        match name:
            case "today":
                return self._day
            case "late" | "on_site":
                return False
            case "case.number":
                return case.number
            case "case.reopened":
                return case.reopened
            case "case.extensions":
                return max((task.extensions for task in case.tasks), default=0)
        if (word := name.partition(".")[0]) in SIGNING:
            return case.signing.get(name.removeprefix(f"{word}.")) == word
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
