"""Procedures of nothing but states, for tests of the compiler."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.core.definition import ActionSpec, FieldSpec, PartySpec, Procedure, StateSpec, TargetSpec, TaskSpec

replace = msgspec.structs.replace


def task(*actions: ActionSpec, **more: Any) -> tuple[TaskSpec, ...]:
    return (TaskSpec(holder="office", undated="at leisure", actions=actions, **more),)


def leading(action: str, *states: str) -> ActionSpec:
    return ActionSpec(id=action, title=action, to=tuple(TargetSpec(state=state) for state in states))


def charted(*states: StateSpec, start: str = "home") -> Procedure:
    """A procedure of nothing but states."""
    return Procedure(
        id="chart",
        title="chart",
        plan="somewhere",
        number="{seq}",
        calendar="cn",
        fields=(FieldSpec(id="size", title="size", kind="number"),),
        parties=(PartySpec(id="office", title="office", kind="role", role="office"),),
        starts=(ActionSpec(id="begin", title="begin", by=("office",), to=(TargetSpec(state=start),)),),
        states=states,
    )


END = StateSpec(path="end", title="end", kind="final", final="over")
HOME = StateSpec(path="home", title="home", tasks=task(leading("finish", "end")))
#: a stop of work inside of a nested state, with a region that has a nested state of its own
STOPPED = (
    StateSpec(path="home", title="home", tasks=task(leading("stop", "work"), leading("finish", "end"))),
    StateSpec(path="work", title="work", kind="nested", initial="under_way", children=("under_way", "stopped")),
    StateSpec(path="work.under_way", title="under way", tasks=task(leading("stop", "work.stopped"))),
    StateSpec(
        path="work.stopped",
        title="stopped",
        kind="parallel",
        children=("repair", "guard"),
        then=(TargetSpec(state="home"),),
    ),
    StateSpec(path="work.stopped.repair", title="", kind="nested", initial="on", children=("on", "over")),
    StateSpec(
        path="work.stopped.repair.on",
        title="",
        kind="nested",
        initial="first",
        children=("first", "second", "ready"),
        then=(TargetSpec(state="work.stopped.repair.over"),),
    ),
    StateSpec(
        path="work.stopped.repair.on.first",
        title="",
        tasks=task(leading("next", "work.stopped.repair.on.second"), leading("skip", "work.stopped.repair.over")),
    ),
    StateSpec(
        path="work.stopped.repair.on.second",
        title="",
        tasks=task(
            leading("back", "work.stopped.repair.on"),
            leading("ready", "work.stopped.repair.on.ready"),
            leading("resume", "work.under_way"),
            leading("give_up", "end"),
        ),
    ),
    StateSpec(path="work.stopped.repair.on.ready", title="", kind="final"),
    StateSpec(path="work.stopped.repair.over", title="", kind="final"),
    StateSpec(path="work.stopped.guard", title="", kind="nested", initial="posted", children=("posted", "relieved")),
    StateSpec(
        path="work.stopped.guard.posted",
        title="",
        tasks=task(
            leading("relieve", "work.stopped.guard.relieved"),
            leading("repost", "work.stopped.guard.posted"),
            leading("anew", "work.stopped"),
        ),
    ),
    StateSpec(path="work.stopped.guard.relieved", title="", kind="final"),
    END,
)
