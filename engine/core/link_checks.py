"""Whether links, waits and what follows from them fit one procedure, and the procedures of a place each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from engine.core.chart import Chart, Problems, where_of
from engine.core.definition import (
    ActionSpec,
    MoveDeadline,
    OpenTask,
    Procedure,
    ReactionSpec,
    StartEach,
    StartSpec,
    StateSpec,
    TargetSpec,
)
from engine.core.definition_links import RETURN, RETURN_LATER
from engine.core.effect_checks import ITEM, check_effects
from engine.core.expression_types import ValueType
from engine.core.expressions import compile_expression
from engine.core.forms import FILE_KINDS
from engine.core.machine import Machine
from engine.core.scope_names import field_type, scope_names
from engine.core.uses import References
from engine.errors import DefinitionError

Starting = StartSpec | StartEach


def check_links(procedure: Procedure, chart: Chart, references: References) -> None:
    """Note what is wrong with the links of one procedure, others not known."""
    problems = references.problems
    for link in procedure.links:
        if link.id in (RETURN, RETURN_LATER):
            problems.add("reserved_name", f"links.{link.id}", "a name of its own", link.id)
    for reaction in procedure.on:
        _check_reaction(reaction, f"on.{reaction.link}.{reaction.when}", references)
    for path, state in chart.states.items():
        where = where_of(path)
        _check_wait(state, where, references)
        for reaction in state.on:
            at = f"{where}.on.{reaction.link}.{reaction.when}"
            _check_reaction(reaction, at, references)
            _check_opened(reaction.do, reaction.to, state, chart, f"{at}.do", problems)
        if state.on and state.kind != "simple":
            problems.add("reaction_needs_leaf", f"{where}.on", "a state without states or regions inside", state.kind)
    for action, state_of, where in actions_of(procedure):
        _check_opened(action.do, action.to, state_of, chart, f"{where}.do", problems)


def _check_wait(state: StateSpec, where: str, references: References) -> None:
    wait = state.wait
    if wait is None:
        return
    references.known(wait.link, references.links, "unknown_link", f"{where}.wait")
    if state.kind != "simple":
        references.problems.add("wait_needs_leaf", f"{where}.wait", "a state without states or regions", state.kind)
    if wait.how_many == "none" and not wait.ends:
        references.problems.add("missing_key", f"{where}.wait.end", "the kinds of closing that none may have")


def _check_reaction(reaction: ReactionSpec, where: str, references: References) -> None:
    references.known(reaction.link, references.links, "unknown_link", where)
    check_effects(reaction.do, None, f"{where}.do", references)
    for index, effect in enumerate(reaction.do):
        if isinstance(effect, MoveDeadline):
            references.problems.add("no_deadline_to_move", f"{where}.do.{index}", "an action", effect.until)


def _check_opened(
    effects: tuple[object, ...],
    targets: tuple[TargetSpec, ...],
    state: StateSpec | None,
    chart: Chart,
    where: str,
    problems: Problems,
) -> None:
    """A task that is opened must be one of a state in which the case may be after the act."""
    for index, effect in enumerate(effects):
        if not isinstance(effect, OpenTask):
            continue
        after = {path for one in targets if one.state in chart.states for path in chart.entered(one.state)}
        if state is not None:
            after.add(state.path)
        known = {task.id for path in after for task in chart.states[path].tasks if task.id}
        if effect.task not in known:
            expected = ", ".join(sorted(known)) or "a task of a state that the act leads to"
            problems.add("unknown_task", f"{where}.{index}.open", expected, effect.task)


def actions_of(procedure: Procedure) -> Iterator[tuple[ActionSpec, StateSpec | None, str]]:
    """All actions with their state and their place in the document."""
    for action in procedure.starts:
        yield action, None, f"starts.{action.id}"
    for state in procedure.states:
        where = where_of(state.path)
        for task in state.tasks:
            holder = f"{where}.tasks.{task.id}" if task.id else where
            for action in task.actions:
                yield action, state, f"{holder}.actions.{action.id}"
        if state.reopen:
            yield state.reopen, state, f"{where}.reopen"


def starting_of(procedure: Procedure) -> Iterator[tuple[Starting, str]]:
    """Everything that starts a case of another procedure, with its place in the document."""
    for action, _, where in actions_of(procedure):
        yield from _starting(action.do, f"{where}.do")
    for ladder in procedure.ladders:
        for rung in ladder.rungs:
            if rung.start:
                yield rung.start, f"ladders.{ladder.id}.rungs.{rung.id}.start"
            yield from _starting(rung.do, f"ladders.{ladder.id}.rungs.{rung.id}.do")
    for where, reactions in (("", procedure.on), *((f"{where_of(s.path)}.", s.on) for s in procedure.states)):
        for reaction in reactions:
            yield from _starting(reaction.do, f"{where}on.{reaction.link}.{reaction.when}.do")


def _starting(effects: tuple[object, ...], where: str) -> Iterator[tuple[Starting, str]]:
    for index, effect in enumerate(effects):
        if isinstance(effect, StartSpec):
            yield effect, f"{where}.{index}.start"
        elif isinstance(effect, StartEach):
            yield effect, f"{where}.{index}.each"


# the procedures of a place together ----------------------------------------------------------------------------------


def check_together(machines: Mapping[str, Machine]) -> dict[str, list[DefinitionError]]:
    """What procedures say of each other that is not so, by the procedure that says it."""
    found: dict[str, list[DefinitionError]] = {}
    for name, machine in machines.items():
        problems = Problems()
        _check_targets(machine.procedure, machines, problems)
        for effect, where in starting_of(machine.procedure):
            _check_child(machine.procedure, effect, where, machines, problems)
        for state in machine.procedure.states:
            _check_end(machine.procedure, state, machines, problems)
        _check_circles(name, machines, problems)
        if problems.found:
            found[name] = problems.found
    return found


def _check_targets(procedure: Procedure, machines: Mapping[str, Machine], problems: Problems) -> None:
    known = ", ".join(sorted(machines))
    for link in procedure.links:
        for index, target in enumerate(link.to):
            if target not in machines:
                problems.add("unknown_procedure", f"links.{link.id}.to.{index}", known, target)
    for field in procedure.fields:
        if field.procedure and field.procedure not in machines:
            problems.add("unknown_procedure", f"fields.{field.id}.case", known, field.procedure)


def _check_child(
    procedure: Procedure, effect: Starting, where: str, machines: Mapping[str, Machine], problems: Problems
) -> None:
    """The new case's form is filled: what it requires is given, and what is given fits."""
    target = machines.get(effect.procedure)
    if target is None:
        return
    action = target.starts.get(effect.action)
    if action is None:
        problems.add("unknown_action", f"{where}.action", ", ".join(target.starts), effect.action)
        return
    if target.procedure.sealed is not None:
        # What begins it would tell of it.
        problems.add("sealed_told", where, "a procedure whose cases are not hidden", effect.procedure)
    asked = {item.field: item.required for item in action.form}
    for name, text in effect.values.items():
        if name not in asked:
            problems.add("unknown_field", f"{where}.with.{name}", ", ".join(asked), name)
            continue
        spec = target.fields[name]
        if spec.personal or spec.confidential:
            problems.add("sealed_field_shown", f"{where}.with.{name}", "a field that is not sealed", name)
        names = {**scope_names(procedure), **_items(procedure, effect)}
        wrong = _misfit(text, names, field_type(spec))
        if wrong and spec.many and spec.kind not in FILE_KINDS:
            # one value stands for a list of one
            wrong = _misfit(text, names, field_type(replace(spec, many=False)))
        if wrong:
            problems.add(wrong.code, f"{where}.with.{name}", wrong.expected, wrong.got)
    missing = [name for name, required in asked.items() if required and name not in effect.values]
    if missing:
        problems.add("child_field_missing", where, ", ".join(missing), sorted(effect.values))
    if action.evidence or action.sign != "none":
        problems.add("child_needs_evidence", f"{where}.action", "a start without evidence or signature", action.id)


def _misfit(text: str, names: Mapping[str, ValueType], wanted: ValueType) -> DefinitionError | None:
    try:
        compile_expression(text, names, expects=wanted)
    except DefinitionError as wrong:
        return wrong
    return None


def _items(procedure: Procedure, effect: Starting) -> dict[str, ValueType]:
    if isinstance(effect, StartSpec):
        return {}
    columns = next((field.columns for field in procedure.fields if field.id == effect.of), ())
    return {f"{ITEM}.{column.id}": field_type(column) for column in columns}


def _check_end(procedure: Procedure, state: StateSpec, machines: Mapping[str, Machine], problems: Problems) -> None:
    """A wait can end: the linked cases can close so, and where they may also close otherwise somebody can go on."""
    wait = state.wait
    link = next((link for link in procedure.links if wait and link.id == wait.link), None)
    if wait is None or link is None:
        return
    where = f"{where_of(state.path)}.wait"
    endings = {one.final for name in link.to if name in machines for one in machines[name].states.values() if one.final}
    for index, kind in enumerate(wait.ends):
        if kind not in endings:
            problems.add("unknown_ending", f"{where}.end.{index}", ", ".join(sorted(endings)), kind)
    certain = wait.how_many == "all" and (not wait.ends or endings <= set(wait.ends))
    led_on = any(target.state for task in state.tasks for action in task.actions for target in action.to)
    if not certain and not led_on:
        problems.add("wait_may_never_end", where, "an action by which somebody can go on", state.path)


def _check_circles(name: str, machines: Mapping[str, Machine], problems: Problems) -> None:
    """Starts that by themselves lead to the same start again would never stop."""
    for action in machines[name].procedure.starts:
        seen: set[tuple[str, str]] = set()
        waiting = [(name, action.id)]
        while waiting:
            for following in _started_by(*waiting.pop(), machines):
                if following == (name, action.id):
                    problems.add("starts_in_a_circle", f"starts.{action.id}.do", "no start that leads back", name)
                    return
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)


def _started_by(procedure: str, action: str, machines: Mapping[str, Machine]) -> Iterator[tuple[str, str]]:
    machine = machines.get(procedure)
    spec = machine.starts.get(action) if machine else None
    for effect in spec.do if spec else ():
        if isinstance(effect, Starting):
            yield effect.procedure, effect.action
