"""Messages from their templates: {placeholders} filled with texts from a flat list of names, nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from engine.core.case import Case
from engine.core.definition import TextSpec
from engine.core.machine import Machine
from engine.runtime.service import Service
from engine.store.views import ClaimedMessage

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")


class References(msgspec.Struct, frozen=True):
    """What a message refers to besides its case."""

    task: int = 0
    rung: str = ""


class Texts:
    """Renders queued messages at the moment they are sent; nothing personal is ever stored with them."""

    def render(self, service: Service, claim: ClaimedMessage) -> tuple[str, str]:
        """Subject and body of a message; a text that the procedure does not have shows its number and title."""
        with service.store.session() as session:
            row = session.load([claim.stream]).get(claim.stream)
            if row is None:
                return claim.text, claim.text
            case = service.case_of(session, row)
            machine = service.catalog.machine(session, case.version)
        references = msgspec.json.decode(claim.references, type=References)
        names = placeholders(machine, case, references, service)
        text = text_of(machine, claim.text)
        return fill(text.subject, names), fill(text.body, names)


def text_of(machine: Machine, name: str) -> TextSpec:
    """The text of that id, or a bare one that names case and title."""
    found = next((text for text in machine.procedure.texts if text.id == name), None)
    return found or TextSpec(id=name, subject="{number} {title}", body="{number} {title}")


def placeholders(machine: Machine, case: Case, references: References, service: Service) -> Mapping[str, str]:
    """What texts may name: number, title, state, due, and the fields that are neither personal nor confidential."""
    calendar = service.catalog.calendar(machine)
    task = case.task(references.task)
    due = task.deadline.derivation.due_on.isoformat() if task and task.deadline else ""
    states = [machine.states[leaf].title for leaf in case.leaves() if leaf in machine.states]
    ladder = machine.ladders.get(task.ladder) if task else None
    rung = next((one.title for one in ladder.rungs if one.id == references.rung), "") if ladder else ""
    names = {
        "number": case.number,
        "title": case.title,
        "procedure": machine.procedure.title,
        "state": ", ".join(states),
        "due": due,
        "rung": rung,
        "today": calendar.local_day(service.clock.now()).isoformat(),
    }
    for name, spec in machine.fields.items():
        value = case.fields.get(name)
        if isinstance(value, str | int) and not spec.personal and not spec.confidential:
            names.setdefault(name, spec.choices.get(str(value), str(value)))
    return names


def fill(text: str, names: Mapping[str, str]) -> str:
    """The text with its {placeholders} replaced; an unknown one stays as it is written."""
    return _PLACE.sub(lambda found: names.get(found[1], found[0]), text)
