"""From a definition to a machine: references checked, guards compiled, the chart explored into a flat table of moves.

`transitions` says what a move leaves and enters; it is asked once for every pair of source and target and never runs
a case. Documents are checked whole: DefinitionErrors tells everything that is wrong with one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec
import orjson
from transitions.extensions.nesting import HierarchicalMachine, NestedState

from engine.core.chart import Chart, Problems, check_structure, where_of
from engine.core.chart_checks import check_automatic, check_reach
from engine.core.definition import ActionSpec, Procedure, TargetSpec
from engine.core.definition_checks import check_references
from engine.core.expression_fitting import nearest
from engine.core.ladder_checks import climbing
from engine.core.machine import Branch, Machine, Move
from engine.core.uses import References
from engine.errors import Broken, DefinitionErrors

#: What a branch without a state means: the case stays where it is.
STAY = Move(target="", left="", entered=(), leaves=())
#: Where a case is before it begins; no path may contain it.
_NOWHERE = "@"
_Key = tuple[str, str, str]


def version_of(procedure: Procedure) -> str:
    """Hex SHA-256 of the canonical bytes of a resolved procedure."""
    return sha256(orjson.dumps(msgspec.to_builtins(procedure), option=orjson.OPT_SORT_KEYS)).hexdigest()


def compile_procedure(procedure: Procedure) -> Machine:
    """The machine of a resolved procedure; DefinitionErrors with all that is wrong.

    An error's `place` is None; its data's `path` are the dotted keys of the document
    (`states.opened.actions.confirm.to.0.when`), from which the loader finds file and line.
    """
    problems = Problems()
    chart = Chart(procedure.states)
    check_structure(procedure, chart, problems)
    references = References(procedure, problems)
    check_references(procedure, chart, references)
    if problems.found:
        raise DefinitionErrors(problems.found)
    machine = _explored(procedure, chart, references, problems)
    if not problems.found:
        check_reach(machine, chart, problems)
        check_automatic(machine, chart, problems)
    if problems.found:
        raise DefinitionErrors(problems.found)
    return machine


class _Explorer:
    """Asks `transitions` what a move from one state to another leaves and enters."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._left: list[str] = []
        self._entered: list[str] = []
        self._moves: dict[tuple[str, str], Move] = {}
        states = [{"name": _NOWHERE}, *(self._described(path) for path in chart.tops)]
        self._machine = _Chart(model=None, states=states, initial=None, auto_transitions=False, send_event=True)

    def _described(self, path: str) -> dict[str, Any]:
        """A state as `transitions` wants it, telling us when it is left and entered."""
        described: dict[str, Any] = {
            "name": path.rpartition(".")[2],
            "on_exit": [partial(self._note, self._left, path)],
            "on_enter": [partial(self._note, self._entered, path)],
        }
        if children := self._chart.children[path]:
            first = [child.rpartition(".")[2] for child in self._chart.first(path)]
            described["children"] = [self._described(child) for child in children]
            described["initial"] = first if self._chart.states[path].kind == "parallel" else first[0]
        return described

    @staticmethod
    def _note(into: list[str], path: str, _event: object) -> None:
        into.append(path)

    def move(self, source: str, target: str) -> Move:
        """The move from an active leaf or a complete container ("" = the case begins) to a state."""
        key = (source or _NOWHERE, target)
        if key not in self._moves:
            self._moves[key] = self._explored(*key)
        return self._moves[key]

    def _explored(self, source: str, target: str) -> Move:
        self._left.clear()
        self._entered.clear()
        # One trigger for each pair: a trigger known in two regions would run in both.
        trigger = f"{source}>{target}"
        self._machine.add_transition(trigger, source, target)
        # Machines do not resolve where composite states begin for models they do not own, so leaves are given.
        leaves = [_NOWHERE] if source == _NOWHERE else list(self._chart.configuration(source))
        model = _Model(leaves if len(leaves) > 1 else leaves[0])
        if not self._machine.trigger_event(model, trigger):
            raise Broken("move_not_explored", source=source, target=target)
        order = self._chart.order.__getitem__
        entered = tuple(sorted(self._entered, key=order))
        leaves = [path for path in entered if not self._chart.children[path]]
        left = min(self._left, key=order) if self._left else ""
        return Move(target=target, left=left, entered=entered, leaves=tuple(leaves))


class _Dotted(NestedState):
    separator = "."


class _Chart(HierarchicalMachine):
    state_cls = _Dotted


class _Model:
    """What `transitions` moves."""

    def __init__(self, state: str | list[str]) -> None:
        self.state = state


class _Moves:
    """Resolves the targets of a definition and explores them."""

    def __init__(self, chart: Chart, references: References, problems: Problems) -> None:
        self._chart = chart
        self._references = references
        self._problems = problems
        self._explorer = _Explorer(chart)

    def branches(
        self, source: str, targets: tuple[TargetSpec, ...], where: str, *, inner: bool = True, chosen: bool = False
    ) -> tuple[Branch, ...]:
        """The branches of one transition in order; `inner`: the target may lie inside the source.

        `chosen`: a person says which of them is taken, so that none needs a condition.
        """
        found = []
        for index, target in enumerate(targets):
            move = self.move(source, target.state, f"{where}.{index}.state", inner=inner)
            guard = self._references.guard(target.when, f"{where}.{index}.when") if target.when else None
            if move is not None:
                found.append(Branch(guard=guard, move=move))
            if not target.when and index < len(targets) - 1 and not chosen:
                expected = "a condition on every branch but the last"
                self._problems.add("branch_never_taken", f"{where}.{index + 1}", expected, target.state)
            if inner is False and target.when and index == len(targets) - 1:
                self._problems.add("no_otherwise", where, "a last branch without condition", target.when)
        return tuple(found)

    def move(self, source: str, name: str, where: str, *, inner: bool = True) -> Move | None:
        """One move, None with a problem noted if there is no such."""
        if not name:
            return STAY
        if name not in self._chart.states:
            self._problems.add("unknown_target", where, "a state", name, nearest=nearest(name, self._chart.states))
        elif region := self._chart.region_entered_alone(source, name):
            self._problems.add("target_inside_region", where, "a state outside, or all regions", name, region=region)
        elif not inner and name != source and self._chart.within(name, source):
            self._problems.add("target_inside_itself", where, "a state outside of the one that is complete", name)
        else:
            return self._explorer.move(source, name)
        return None


def _explored(procedure: Procedure, chart: Chart, references: References, problems: Problems) -> Machine:
    """The machine; problems with targets and guards are noted."""
    moves = _Moves(chart, references, problems)
    table: dict[_Key, tuple[Branch, ...]] = {}
    refusals: dict[_Key, Move] = {}
    for key, action, where in _acts(procedure, chart):
        if action.to and (branches := moves.branches(key[0], action.to, f"{where}.to", chosen=action.back)):
            table[key] = branches
        refused_to = action.votes.refused_to if action.votes else ""
        if refused_to and (move := moves.move(key[0], refused_to, f"{where}.votes.refused")):
            refusals[key] = move
    completions = {
        path: moves.branches(path, state.then, f"{where_of(path)}.then.to", inner=False)
        for path, state in chart.states.items()
        if state.then
    }
    tasks = {(path, task.id): task for path, state in chart.states.items() for task in state.tasks}
    expiries = {}
    for (path, task_id), task in tasks.items():
        if task.expiry_to:
            move = moves.move(path, task.expiry_to, f"{where_of(path)}.at_expiry.to")
            if move is not None:
                expiries[path, task_id] = move
    climbs = {}
    for climb, target, at in climbing(procedure, tasks):
        if move := moves.move(climb[0], target, at):
            climbs[climb] = move
    reactions: dict[_Key, tuple[Branch, ...]] = {
        (path, one.link, one.when): moves.branches(path, one.to, f"{where_of(path)}.on.{one.link}.{one.when}.to")
        for path, state in chart.states.items()
        for one in state.on
        if one.to
    }
    return Machine(
        procedure=procedure,
        version=version_of(procedure),
        states=chart.states,
        fields={spec.id: spec for spec in procedure.fields},
        parties={spec.id: spec for spec in procedure.parties},
        ladders={spec.id: spec for spec in procedure.ladders},
        starts={spec.id: spec for spec in procedure.starts},
        tasks=tasks,
        actions={key: action for key, action, _ in _acts(procedure, chart) if key[0]},
        moves=table,
        refusals=refusals,
        completions=completions,
        expiries=expiries,
        climbs=climbs,
        ancestors=chart.ancestors,
        links={spec.id: spec for spec in procedure.links},
        reactions=reactions,
        guards=references.compiled,
    )


def _acts(procedure: Procedure, chart: Chart) -> Iterator[tuple[_Key, ActionSpec, str]]:
    """All actions with the key of their moves and their place in the document."""
    for action in procedure.starts:
        yield ("", "", action.id), action, f"starts.{action.id}"
    for path, state in chart.states.items():
        where = where_of(path)
        for task in state.tasks:
            holder = f"{where}.tasks.{task.id}" if task.id else where
            for action in task.actions:
                yield (path, task.id, action.id), action, f"{holder}.actions.{action.id}"
        if state.reopen:
            yield (path, "", state.reopen.id), state.reopen, f"{where}.reopen"
