"""Whether a scenario names only what its place has: procedures, actions, states, rungs, roles, fields, regions."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core import definition as neutral
from engine.core.language.named import occurrences
from engine.core.language.names import Refers
from engine.core.language.scenario import ScenarioDocument
from engine.core.library import Document, unknown
from engine.core.provenance import at
from engine.core.resolve import ResolvedPlace
from engine.errors import DefinitionError


def check_scenario(scenario: Document, place: ResolvedPlace) -> Iterator[DefinitionError]:
    """Everything a scenario names that its place does not have."""
    known = _known(place)
    for text, visit, mark in occurrences(scenario.node, ScenarioDocument):
        if isinstance(mark, Refers) and mark.kind in known and text and text not in known[mark.kind]:
            path = ".".join(visit.path)
            where = visit.node.place(path) if visit.key is None else visit.node.key_place(visit.key, path)
            yield at(unknown(f"unknown_{mark.kind}", text, known[mark.kind]), where)
    model = scenario.model
    assert isinstance(model, ScenarioDocument)
    for section, entries in (("units", model.units), ("people", model.people)):
        for name, one in entries.items():
            node = scenario.node.map()[section].map()[name]
            for key, titles in (("region", place.regions), ("industry", place.industries)):
                title = getattr(one, key)
                if title is not None and title not in titles.values():
                    where = node.map()[key].place(f"{section}.{name}.{key}")
                    yield at(unknown(f"unknown_{key}", title, titles.values()), where)


def _known(place: ResolvedPlace) -> dict[str, set[str]]:
    """What may be named, by kind of reference."""
    known: dict[str, set[str]] = {
        "procedure": set(place.procedures),
        "role": set(place.roles),
        "watch": set(place.watches),
        "count": {one.id for watch in place.watches.values() for one in watch.counts},
        **{kind: set() for kind in ("action", "state", "rung", "field", "task", "column", "item")},
    }
    for procedure in place.procedures.values():
        actions = [*procedure.starts, *_actions(procedure)]
        rungs = {rung.id for ladder in procedure.ladders for rung in ladder.rungs}
        known["action"] |= {action.id for action in actions}
        known["state"] |= {state.path for state in procedure.states}
        known["rung"] |= rungs
        known["field"] |= {field.id for field in procedure.fields}
        known["column"] |= {column.id for field in procedure.fields for column in field.columns}
        lists = [field.checklist for field in procedure.fields if field.checklist]
        known["item"] |= {item.id for checklist in lists for item in checklist.items}
        known["task"] |= {task.id for state in procedure.states for task in state.tasks}
        known["task"] |= {party.id for party in procedure.parties}
    known["task"] |= known["action"] | known["rung"]
    return known


def _actions(procedure: neutral.Procedure) -> Iterator[neutral.ActionSpec]:
    for state in procedure.states:
        for task in state.tasks:
            yield from task.actions
        if state.reopen:
            yield state.reopen
