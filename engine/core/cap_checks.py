"""Whether caps fit what a place runs: their watches, which count cases per unit, and the fields they ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.core.definition import ActionSpec, Procedure
from engine.core.definition_watches import Watch
from engine.core.provenance import Provenance, place_of
from engine.errors import DefinitionError


def cap_problems(
    procedures: Mapping[str, Procedure],
    watches: Mapping[str, Watch],
    named: Collection[str],
    provenance: Mapping[str, Provenance],
) -> Iterator[DefinitionError]:
    """Everything that is wrong with caps; `named` are all watches there are, numbers still open or not."""
    for name, procedure in procedures.items():
        places = provenance.get(name, {})
        for action in procedure.starts:
            yield from _start(procedure, action, watches, named, places)
        for state in procedure.states:
            for task in state.tasks:
                for action in task.actions:
                    if action.cap is not None:
                        at = f"states.{state.path}.actions.{action.id}.cap"
                        yield _problem("unfitting_key", places, at, "cap of a start only", action.id)


def _start(
    procedure: Procedure,
    action: ActionSpec,
    watches: Mapping[str, Watch],
    named: Collection[str],
    places: Provenance,
) -> Iterator[DefinitionError]:
    cap, at = action.cap, f"starts.{action.id}.cap"
    if cap is None:
        return
    watch = watches.get(cap.watch)
    if cap.watch not in named:
        yield _problem("unknown_watch", places, f"{at}.watch", "one of " + ", ".join(named), cap.watch)
    elif watch is not None and (
        watch.per != "unit" or any(one.source != "cases" or not one.by for one in watch.counts)
    ):
        yield _problem(
            "cap_not_counted", places, f"{at}.watch", "a watch that counts cases by a date, per unit", watch.id
        )
    asked = {item.field: item.required for item in action.form}
    fields = {spec.id: spec for spec in procedure.fields}
    for name in cap.form:
        if name not in asked or asked[name] or fields[name].required:
            yield _problem("cap_field", places, f"{at}.form", "a field of the form that is not required", name)
    if cap.mark and (cap.mark not in fields or fields[cap.mark].kind != "flag"):
        yield _problem("cap_field", places, f"{at}.mark", "a field that is a flag", cap.mark)


def _problem(code: str, places: Provenance, at: str, expected: str, got: str) -> DefinitionError:
    return DefinitionError(code, place=place_of(places, at), expected=expected, got=got)
