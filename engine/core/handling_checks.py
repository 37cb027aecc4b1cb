"""Whether what may be done with tasks besides their actions fits the rest of a definition, and what is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from engine.core.chart import Chart, where_of
from engine.core.definition import (
    ActionSpec,
    HandlingSpec,
    LinkCases,
    MoveDeadline,
    PartySpec,
    Procedure,
    ResumeClock,
    StartEach,
    StartSpec,
    StopClock,
    TaskSpec,
)
from engine.core.definition_people import UNTIL_READ
from engine.core.provenance import Provenance, place_of
from engine.core.uses import References
from engine.errors import DefinitionError

_FOR_GOOD = (LinkCases, StartSpec, StartEach, MoveDeadline, StopClock, ResumeClock)


class Superior(Protocol):
    """A role, as far as it says who supervises its holders."""

    @property
    def superior(self) -> str:
        """The role that does; "" = none."""


def check_handling(procedure: Procedure, chart: Chart, references: References) -> None:
    """Note what is wrong with passing tasks on, urging and taking back; what several tasks share is told once."""
    told: set[HandlingSpec] = set()
    for state in procedure.states:
        for task in state.tasks:
            at = _at(state.path, task)
            if task.handling not in told:
                told.add(task.handling)
                _check_parties(task.handling, f"{at}.handling", references)
            actions = f"{at}.actions" if task.id else f"{where_of(state.path)}.actions"
            for action in task.actions:
                if action.recall:
                    why = _why_no_recall(action, state.path, procedure, chart)
                    _check_recall(action, f"{actions}.{action.id}.recall", why, references)
    for where, action in _acts_without_task(procedure):
        if action.recall:
            _check_recall(action, f"{where}.recall", "an action of a task", references)


def _at(path: str, task: TaskSpec) -> str:
    return f"{where_of(path)}.tasks.{task.id}" if task.id else f"{where_of(path)}.task"


def _acts_without_task(procedure: Procedure) -> Iterator[tuple[str, ActionSpec]]:
    for start in procedure.starts:
        yield f"starts.{start.id}", start
    for state in procedure.states:
        if state.reopen:
            yield f"{where_of(state.path)}.reopen", state.reopen


def _check_parties(handling: HandlingSpec, where: str, references: References) -> None:
    for name in ("transfer", "delegate", "copy"):
        for reference in getattr(handling, name):
            _check_member(reference, f"{where}.{name}", references)
    if (urge := handling.urge) is None:
        return
    if not urge.by:
        references.problems.add("missing_key", f"{where}.urge.by", "who may urge")
    for reference in urge.by:
        _check_member(reference, f"{where}.urge.by", references)
    references.span(urge.every, f"{where}.urge.every")
    if urge.text:
        references.text(urge.text, f"{where}.urge.text")


def _check_member(reference: str, where: str, references: References) -> None:
    """A party whose members sign in: guests are given nothing."""
    references.party(reference, where, "unit", "role", "person", "actor", "queue", "roster")


def _check_recall(action: ActionSpec, where: str, why: str, references: References) -> None:
    if action.recall != UNTIL_READ:
        references.span(action.recall, where)
    if why:
        references.problems.add("recall_impossible", where, why, action.id)


def _why_no_recall(action: ActionSpec, state: str, procedure: Procedure, chart: Chart) -> str:
    """What an action would have to be so that it can be taken back; "" = it can."""
    targets = [target.state for target in action.to if target.state]
    if not targets:
        return "an action that leads on"
    if all(_ends(chart, target) for target in targets):
        return "an action that does not end the case"
    if action.approve or action.votes or action.ask:
        return "an action without approve, votes and ask: others have decided on it"
    if action.signs:
        return "an action that one person signs: others have signed it"
    if any(isinstance(effect, _FOR_GOOD) for effect in action.do):
        return "effects that can be undone: no start, each, link, deadline"
    if procedure.sealed and action.id in procedure.sealed.until:
        return "an action that does not open a hidden case"
    if any(chart.states[above].kind == "parallel" for above in chart.ancestors[state]):
        return "a state outside of parallel parts: the others have gone on"
    return ""


def _ends(chart: Chart, path: str) -> bool:
    state = chart.states.get(path)
    return state is not None and state.kind == "final" and not chart.ancestors[path]


# superiors ---------------------------------------------------------------------------------------------------------


def check_superiors(
    procedure: Procedure, provenance: Provenance, roles: Mapping[str, Superior]
) -> list[DefinitionError]:
    """That superiors may act says nothing where no task that says so has holders with a superior."""
    parties = {party.id: party for party in procedure.parties}
    tasks = [(state.path, task) for state in procedure.states for task in state.tasks if task.handling.superior]
    if not tasks or any(_has_superior(task.holder, parties, roles) for _, task in tasks):
        return []
    path, task = tasks[0]
    where = f"{_at(path, task)}.handling.superior"
    expected = "a holder in a role with a superior"
    return [
        DefinitionError("superior_of_nobody", place=place_of(provenance, where), expected=expected, got=task.holder)
    ]


def _has_superior(reference: str, parties: Mapping[str, PartySpec], roles: Mapping[str, Superior]) -> bool:
    name, _, role = reference.partition(".")
    held: Collection[str] = [role] if role else [parties[name].role] if name in parties else []
    return any(one in roles and roles[one].superior for one in held)
