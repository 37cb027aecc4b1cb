"""Random charts: what the compiler explored equals what a few lines reckon by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.compiler import compile_procedure
from engine.core.definition import (
    ActionSpec,
    Procedure,
    StateSpec,
    TargetSpec,
)
from engine.core.machine import Machine, Move
from engine.errors import DefinitionErrors
from tests.charts import END, charted, leading, replace, task
from tests.samples import with_state


@st.composite
def charts(draw: st.DrawFn) -> dict[str, StateSpec]:
    """Random sound trees of states, without tasks: names by path, at most three levels."""
    states: dict[str, StateSpec] = {}

    def grow(path: str, depth: int) -> None:
        kind = draw(st.sampled_from(["simple", "simple", "nested", "parallel"])) if depth < 3 else "simple"
        names = tuple("abc"[: draw(st.integers(1, 2 if kind == "nested" else 3))]) if kind != "simple" else ()
        states[path] = StateSpec(path=path, title="", kind=kind)  # type: ignore[arg-type]
        if kind == "nested":
            states[path] = replace(states[path], initial=draw(st.sampled_from(names)), children=names)
        if kind == "parallel":
            states[path] = replace(states[path], children=names, then=(TargetSpec(state="home"),))
        for name in names:
            if kind == "parallel":
                region = f"{path}.{name}"
                states[region] = StateSpec(path=region, title="", kind="nested", initial="i", children=("i", "z"))
                grow(f"{region}.i", depth + 2)
                states[f"{region}.z"] = StateSpec(path=f"{region}.z", title="", kind="final")
            else:
                grow(f"{path}.{name}", depth + 1)

    for top in "pq"[: draw(st.integers(1, 2))]:
        grow(top, 0)
    return {"home": StateSpec(path="home", title=""), **states, "end": END}


def above(path: str) -> list[str]:
    """Containers from the outermost inwards."""
    parts = path.split(".")
    return [".".join(parts[:size]) for size in range(1, len(parts))]


def default(states: dict[str, StateSpec], path: str) -> Iterator[str]:
    yield path
    state = states[path]
    for child in state.children if state.kind == "parallel" else filter(None, [state.initial]):
        yield from default(states, f"{path}.{child}")


def reckoned(states: dict[str, StateSpec], source: str, target: str) -> Move | None:
    """The move by the rule of the least common container; None where it would enter half a parallel state."""
    common = [path for path in above(source) if path in above(target)] if source else []
    shared = common[-1] if common else ""
    entering = [path for path in above(target) if path not in common]
    left = ".".join(source.split(".")[: len(common) + 1]) if source else ""
    first = (entering or [target])[0]
    if any(states[path].kind == "parallel" for path in entering):
        return None
    if shared and states[shared].kind == "parallel" and left != first:
        return None
    entered = (*entering, *default(states, target))
    return Move(
        target=target, left=left, entered=entered, leaves=tuple(path for path in entered if not states[path].children)
    )


def complete(states: dict[str, StateSpec]) -> tuple[Procedure, dict[tuple[str, str], Move]]:
    """The chart with an action from every leaf to every state it may go to, and what we reckon each does."""
    expected = {
        (source, target): move
        for source in ["", *(path for path, state in states.items() if state.kind == "simple")]
        for target in states
        if (move := reckoned(states, source, target)) is not None
    }

    def ways(source: str) -> tuple[ActionSpec, ...]:
        return tuple(leading(target, target) for start, target in expected if start == source)

    told = [
        replace(state, tasks=task(*ways(path))) if state.kind == "simple" else state for path, state in states.items()
    ]
    starts = tuple(replace(way, by=("office",)) for way in ways(""))
    return replace(charted(*told), starts=starts), expected


def compiled_moves(machine: Machine) -> dict[tuple[str, str], Move]:
    return {(path, action): branches[0].move for (path, _, action), branches in machine.moves.items()}


@settings(max_examples=60)
@given(charts())
def test_every_move_is_what_the_rule_of_the_least_common_container_says(states: dict[str, StateSpec]) -> None:
    procedure, expected = complete(states)

    assert compiled_moves(compile_procedure(procedure)) == expected


@given(charts(), st.data())
def test_no_move_enters_half_a_parallel_state(states: dict[str, StateSpec], data: st.DataObject) -> None:
    procedure, expected = complete(states)
    leaves = [path for path, state in states.items() if state.kind == "simple"]
    wrong = [(source, target) for source in leaves for target in states if (source, target) not in expected]
    if not wrong:
        return
    source, target = data.draw(st.sampled_from(wrong))
    tasks = next(state.tasks for state in procedure.states if state.path == source)
    more = replace(tasks[0], actions=(*tasks[0].actions, leading("wrong", target)))

    with pytest.raises(DefinitionErrors) as refused:
        compile_procedure(with_state(procedure, source, tasks=(more,)))

    assert [(one.code, one.data["path"]) for one in refused.value.problems] == [
        ("target_inside_region", f"states.{source}.actions.wrong.to.0.state")
    ]
