"""Personal values leave the events before anything is recorded: what stays is a reference and a salted commitment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.core import event as ev
from engine.core.machine import Machine

#: Seals one value of one subject and returns the reference that stands for it.
Seal = Callable[[str, Any], dict[str, str]]

#: Columns of the directory's persons that are personal.
PERSONAL_COLUMNS = ("name", "phone", "mail")


def is_reference(value: object) -> bool:
    """Whether a value stands for something in the vault; the answers of a checklist, by item, do not."""
    return isinstance(value, dict) and isinstance(value.get("vault"), str)


def personal_fields(machine: Machine) -> frozenset[str]:
    """Fields of a procedure whose values go to the vault."""
    return frozenset(name for name, spec in machine.fields.items() if spec.personal or spec.confidential)


def concern(events: Sequence[ev.AnyEvent], fields: frozenset[str]) -> bool:
    """Whether events say anything about any of these fields."""
    for event in events:
        if type(event) is ev.PartySigned:
            if event.name:
                return True
        elif type(event) is ev.SignatureRefused:
            return True
        elif type(event) is ev.FieldsSet:
            if not fields.isdisjoint(event.values):
                return True
        elif type(event) is ev.TaskOpened and event.asked and not fields.isdisjoint(event.asked.values):
            return True
    return False


def seal_case(events: Sequence[ev.AnyEvent], fields: frozenset[str], subject: str, seal: Seal) -> list[ev.AnyEvent]:
    """The events of a case with personal values sealed; values that are references already stay."""

    def sealed(values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: seal(subject, value)
            if name in fields and value not in (None, "") and not is_reference(value)
            else value
            for name, value in values.items()
        }

    def typed(name: Any) -> Any:
        return seal(subject, name) if name and not is_reference(name) else name

    found: list[ev.AnyEvent] = []
    asked: ev.Asked | None = None
    answers: dict[str, Any] = {}
    for event in events:
        if type(event) is ev.PartySigned:
            event = replace(event, name=typed(event.name))
        elif type(event) is ev.SignatureRefused:
            event = replace(event, witness=typed(event.witness))
        elif type(event) is ev.FieldsSet and not fields.isdisjoint(event.values):
            event = replace(event, values=sealed(event.values))
        elif type(event) is ev.TaskOpened and event.asked and not fields.isdisjoint(event.asked.values):
            # Several who are asked about one act read one sealed value, not as many as they are.
            if event.asked != asked:
                asked, answers = event.asked, sealed(event.asked.values)
            event = replace(event, asked=replace(event.asked, values=answers))
        found.append(event)
    return found


def seal_persons(events: Sequence[ev.AnyEvent], seal: Seal) -> list[ev.AnyEvent]:
    """Events of the directory with persons' names and contacts sealed under the person's own key."""

    def sealed(row: dict[str, Any]) -> dict[str, Any]:
        return {
            key: seal(row["id"], value) if key in PERSONAL_COLUMNS and value and not is_reference(value) else value
            for key, value in row.items()
        }

    return [
        replace(event, rows=tuple(sealed(row) for row in event.rows))
        if type(event) is ev.RowsRecorded and event.table == "person"
        else event
        for event in events
    ]


def request_body(acted: object) -> bytes:
    """The bytes of a request that tell it from another one of the same id."""
    return msgspec.msgpack.encode(acted)
