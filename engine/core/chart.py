"""The tree of states of a procedure: who contains whom, what is entered together, where it comes to rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.core.definition import Procedure, StateSpec
from engine.errors import DefinitionError


class Problems:
    """What is wrong with a definition, gathered; `where` are the dotted keys of the document, for the loader."""

    def __init__(self) -> None:
        self.found: list[DefinitionError] = []

    def add(self, code: str, where: str, expected: str = "", got: object = None, **data: Any) -> None:
        """Note one more."""
        self.found.append(DefinitionError(code, expected=expected, got=got, path=where, **data))


class Chart:
    """States by path; containers before what they contain."""

    def __init__(self, states: Iterable[StateSpec]) -> None:
        self.states: dict[str, StateSpec] = {}
        for state in states:
            self.states.setdefault(state.path, state)
        self.children = {
            path: tuple(child for name in state.children if (child := f"{path}.{name}") in self.states)
            for path, state in self.states.items()
        }
        self.tops = tuple(path for path in self.states if "." not in path)
        #: depth first, in the order of the definition
        self.order = {path: index for index, path in enumerate(self._walk(self.tops))}
        self.ancestors = {path: tuple(self._above(path)) for path in self.states}

    def _walk(self, paths: Iterable[str]) -> Iterator[str]:
        for path in paths:
            yield path
            yield from self._walk(self.children[path])

    def _above(self, path: str) -> Iterator[str]:
        while "." in path:
            path = path.rpartition(".")[0]
            yield path

    def within(self, path: str, container: str) -> bool:
        """Whether a state is the container or inside of it."""
        return path == container or path.startswith(f"{container}.")

    def entered(self, path: str) -> tuple[str, ...]:
        """The state and everything below it that is entered with it, containers first."""
        return (path, *(below for child in self.first(path) for below in self.entered(child)))

    def first(self, path: str) -> tuple[str, ...]:
        """The children entered with a container: all regions, or the initial child."""
        state = self.states[path]
        if state.kind == "parallel":
            return self.children[path]
        return (f"{path}.{state.initial}",) if state.kind == "nested" else ()

    def configuration(self, path: str) -> tuple[str, ...]:
        """Active leaves with that state among the active ones, all other regions where they begin."""
        above = set(self.ancestors[path]) | {path}
        top = path.partition(".")[0]
        return tuple(self._leaves(top, above))

    def _leaves(self, path: str, above: set[str]) -> Iterator[str]:
        state = self.states[path]
        if state.kind == "nested":
            on_the_way = [child for child in self.children[path] if child in above]
            yield from self._leaves((on_the_way or list(self.first(path)))[0], above)
        elif state.kind == "parallel":
            for child in self.children[path]:
                yield from self._leaves(child, above)
        else:
            yield path

    def region_entered_alone(self, source: str, target: str) -> str:
        """The region that a move from source would enter without its sisters; "" if it would not."""
        for container in self.ancestors[target]:
            if self.states[container].kind == "parallel":
                rest = target[len(container) + 1 :]
                region = f"{container}.{rest.partition('.')[0]}"
                if not self.within(source, region):
                    return region
        return ""


def where_of(path: str) -> str:
    """The dotted keys under which the loader knows a state."""
    return f"states.{path}"


def check_structure(procedure: Procedure, chart: Chart, problems: Problems) -> None:
    """Whether the states form a sound tree; moves are only explored where they do."""
    seen: set[str] = set()
    for state in procedure.states:
        where = where_of(state.path)
        if state.path in seen:
            problems.add("duplicate_id", where, "one state of that path", state.path)
        seen.add(state.path)
        _check_place(state, chart, where, problems)
        _check_kind(state, chart, where, problems)
    if not chart.tops:
        problems.add("missing_key", "states", "at least one state")


def _check_place(state: StateSpec, chart: Chart, where: str, problems: Problems) -> None:
    parent, _, name = state.path.rpartition(".")
    if not all(state.path.split(".")):
        problems.add("bad_id", where, "ids joined by dots", state.path)
    elif parent and name not in getattr(chart.states.get(parent), "children", ()):
        problems.add("unknown_state", where, "a state among the children of its container", state.path)
    for child in state.children:
        if f"{state.path}.{child}" not in chart.states:
            problems.add("unknown_state", where, "a state for each child", child)
    if len(set(state.children)) != len(state.children):
        problems.add("duplicate_id", where, "each child once", list(state.children))


def _check_kind(state: StateSpec, chart: Chart, where: str, problems: Problems) -> None:
    inside = [chart.states[path] for path in chart.children.get(state.path, ())]
    parent = chart.states.get(state.path.rpartition(".")[0])
    is_region = parent is not None and parent.kind == "parallel"
    if is_region and state.kind != "nested":
        problems.add("region_without_states", where, "initial and states", state.kind)
    if is_region and state.then:
        problems.add("region_with_then", where, "then on the state that has the regions", state.path)
    match state.kind:
        case "nested":
            _check_nested(state, inside, is_region, where, problems)
        case "parallel":
            if not inside or state.initial:
                problems.add("bad_regions", where, "regions and no initial", state.initial)
            if not state.then:
                problems.add("no_exit", where, "then: where it goes when every region is final")
        case "final":
            _check_final(state, parent, where, problems)
        case "simple":
            _check_simple(state, where, problems)
    if state.kind != "final" and (state.final or state.reopen):
        problems.add("not_final", where, "final or reopen on final states only", state.kind)
    if state.kind in ("nested", "parallel") and state.tasks:
        problems.add("container_with_task", where, "tasks in the states inside", state.path)


def _check_nested(state: StateSpec, inside: list[StateSpec], is_region: bool, where: str, problems: Problems) -> None:
    if state.initial not in state.children:
        problems.add("initial_missing", f"{where}.initial", "one of its states", state.initial)
    ends = any(child.kind == "final" for child in inside)
    if is_region and not ends:
        problems.add("never_complete", where, "a final state in every region", state.path)
    if not is_region and ends != bool(state.then):
        code = "no_exit" if ends else "never_complete"
        problems.add(code, where, "then and a final state inside, or neither", state.path)


def _check_final(state: StateSpec, parent: StateSpec | None, where: str, problems: Problems) -> None:
    if state.tasks or state.then or state.children:
        problems.add("final_with_more", where, "a final state without task, then or states", state.path)
    if parent is None and not state.final:
        problems.add("kind_of_closing_missing", f"{where}.final", "the kind of closing")
    if parent is not None and state.reopen:
        problems.add("not_final", f"{where}.reopen", "reopen on states that close the case", state.path)


def _check_simple(state: StateSpec, where: str, problems: Problems) -> None:
    if state.children or state.initial:
        problems.add("bad_kind", where, "a nested or parallel state", state.kind)
    if state.tasks and state.then and not state.wait:
        problems.add("then_with_task", f"{where}.then", "a task, or then; both only with wait", state.path)
    exits = any(task.expiry_to or any(t.state for a in task.actions for t in a.to) for task in state.tasks)
    exits = exits or any(target.state for reaction in state.on for target in reaction.to)
    if not state.then and not exits:
        problems.add("no_exit", where, "an action that leads on, or final", state.path)
