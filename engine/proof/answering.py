"""Plain answers to whatever a form asks: what is required and nothing else, once for each choice that may matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import islice, product
from typing import Any

from engine.core.command import EvidenceRef
from engine.core.definition import FieldSpec, FormItem
from engine.core.machine import Machine
from engine.proof.standing import PREMISES, UNIT

#: Makes a stored file of a kind for a field.
File = Callable[[str, str], EvidenceRef]
Answers = tuple[dict[str, Any], tuple[EvidenceRef, ...]]

#: How many days ahead a date is that a form asks for.
AHEAD = timedelta(30)
_MOST_WAYS = 12
#: Another case of a procedure is called so.
OTHER = "other."


def answers(
    machine: Machine,
    form: Iterable[FormItem],
    file: File,
    today: date,
    persons: Iterable[str],
    given: Mapping[str, Any] = {},
) -> Iterator[Answers]:
    """Answers that the form takes, one for each way to choose; `given` stand for the fields they name.

    First only what is required is answered, then everything.
    """
    asked, people = list(form), list(persons)
    needed = [item for item in asked if item.required or machine.fields[item.field].required or item.field in given]
    for items in (needed, asked) if len(needed) < len(asked) else (needed,):
        for ways in islice(_ways(machine, items, given), _MOST_WAYS):
            yield _filled(machine, items, {**given, **ways}, file, today, people)


def _ways(machine: Machine, items: list[FormItem], given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    specs = [machine.fields[item.field] for item in items]
    open_to = {spec.id: list(spec.choices) for spec in specs if spec.kind == "choice" and spec.id not in given}
    return (dict(zip(open_to, way, strict=True)) for way in product(*open_to.values()))


def _filled(
    machine: Machine, items: list[FormItem], given: Mapping[str, Any], file: File, today: date, persons: list[str]
) -> Answers:
    data: dict[str, Any] = {}
    files: list[EvidenceRef] = []
    for item in items:
        spec = machine.fields[item.field]
        if spec.id in given:
            value = given[spec.id]
            data[spec.id] = [value] if spec.many and not isinstance(value, list) else value
            continue
        times = max(1, int(spec.minimum or 1)) if spec.many else 1
        answered = [_answer(spec, file, today, persons[n:], files) for n in range(times)]
        if answered[0] is not None:
            data[spec.id] = answered if spec.many else answered[0]
    return data, tuple(files)


def _answer(spec: FieldSpec, file: File, today: date, persons: list[str], files: list[EvidenceRef]) -> Any:
    match spec.kind:
        case "date":
            return (today + AHEAD).isoformat()
        case "person":
            return persons[0]
        case "file" | "photo" | "signature":
            files.append(file(spec.kind, spec.id))
            return files[-1].sha256
        case "table":
            row = {one.id: _answer(one, file, today, persons, files) for one in spec.columns if one.required}
            return [{name: value for name, value in row.items() if value is not None}]
        case "checklist":
            return _all_fine(spec)
        case _:
            return _plain(spec)


def _plain(spec: FieldSpec) -> Any:
    match spec.kind:
        case "text":
            return spec.title * max(1, -(-int(spec.minimum or 1) // max(1, len(spec.title))))
        case "number":
            return spec.minimum if spec.minimum is not None else 1
        case "choice":
            return next(iter(spec.choices))
        case "flag":
            return False
        case "unit":
            return UNIT
        case "place":
            return PREMISES
        case "case":
            return OTHER + spec.procedure
        case _:
            return None


def _all_fine(spec: FieldSpec) -> dict[str, Any]:
    checklist = spec.checklist
    if checklist is None:
        return {}
    fine = next(one.id for one in checklist.answers if not one.finding and not one.note)
    return {one.id: {"answer": fine} for one in checklist.items}
