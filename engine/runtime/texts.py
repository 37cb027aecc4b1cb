"""Messages from their templates: {placeholders} filled with texts from a flat list of names, nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import msgspec

from engine.core.case import FOLD_VERSION, Case
from engine.core.command import SYSTEM
from engine.core.definition import TextSpec
from engine.core.directory import Scope
from engine.core.machine import Machine
from engine.core.ports import Clock
from engine.runtime.catalog import Catalog
from engine.runtime.projection import read_snapshot
from engine.runtime.replay import replay
from engine.store.store import Store
from engine.store.views import ClaimedMessage

#: A message names only what its text may name, to whomever it was addressed when it was queued.
_EVERYTHING = Scope(person=SYSTEM, everything=True)
_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")


class References(msgspec.Struct, frozen=True):
    """What a message refers to besides its case."""

    task: int = 0
    rung: str = ""


class Texts:
    """Renders queued messages at the moment they are sent; nothing personal is ever stored with them."""

    def __init__(self, *, store: Store, catalog: Catalog, clock: Clock) -> None:
        self._store = store
        self._catalog = catalog
        self._clock = clock

    def render(self, claim: ClaimedMessage) -> tuple[str, str]:
        """Subject and body of a message; a text that the procedure does not have shows its number and title."""
        with self._store.read() as reader:
            snapshot = reader.snapshot(_EVERYTHING, claim.stream.id) if claim.stream.kind == "case" else None
            if snapshot is None:
                return claim.text, claim.text
            data, fold_version = snapshot
            case = read_snapshot(data) if fold_version == FOLD_VERSION else replay(reader.record, claim.stream)
            machine = self._catalog.machine(reader, case.version)
        today = self._catalog.calendar(machine).local_day(self._clock.now())
        names = placeholders(machine, case, msgspec.json.decode(claim.references, type=References), today)
        text = text_of(machine, claim.text)
        return fill(text.subject, names), fill(text.body, names)


def text_of(machine: Machine, name: str) -> TextSpec:
    """The text of that id, or a bare one that names case and title."""
    found = next((text for text in machine.procedure.texts if text.id == name), None)
    return found or TextSpec(id=name, subject="{number} {title}", body="{number} {title}")


def placeholders(machine: Machine, case: Case, references: References, today: date) -> Mapping[str, str]:
    """What texts may name: number, title, state, due, and the fields that are neither personal nor confidential."""
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
        "today": today.isoformat(),
    }
    for name, spec in machine.fields.items():
        value = case.fields.get(name)
        if isinstance(value, str | int) and not spec.personal and not spec.confidential:
            names.setdefault(name, spec.choices.get(str(value), str(value)))
    return names


def fill(text: str, names: Mapping[str, str]) -> str:
    """The text with its {placeholders} replaced; an unknown one stays as it is written."""
    return _PLACE.sub(lambda found: names.get(found[1], found[0]), text)
